#define CATCH_CONFIG_RUNNER  // Catch2 2.13 puts its implementation here; 3.x links a library
#include "catch.hpp"

int main(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }
