// The owner of the precompiled header that the programs here share.
