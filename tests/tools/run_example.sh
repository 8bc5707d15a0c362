#!/bin/sh
# run_example.sh SOURCE PROGRAM SCRATCH: runs an example as its reader would, in an empty directory with the examples'
# data beside it. Each "// run: arguments" line of SOURCE is one run (none: one run without arguments); where NAME.out
# stands beside SOURCE, what the runs print must be equal to it.
set -eu
source=$1 program=$2 scratch=$3
folder=$(dirname "$source")
[ "$(basename "$folder")" = docs ] && data=$folder/../data || data=$folder/data

rm -rf "$scratch"
mkdir -p "$scratch"
cd "$scratch"
[ -d "$data" ] && ln -s "$data" data

sed -n 's|^// run:||p' "$source" >.runs
[ -s .runs ] || echo >.runs
while read -r arguments; do
  # Split into words on purpose: arguments are written as on a command line.
  # shellcheck disable=SC2086
  "$program" $arguments </dev/null || { echo "failed with exit code $?: $(basename "$program") $arguments" >&2; exit 1; }
done <.runs >.printed
cat .printed

golden=${source%.cpp}.out
if [ -f "$golden" ]; then diff -u "$golden" .printed; fi
