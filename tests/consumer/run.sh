#!/bin/sh
# run.sh WAY CMAKE SOURCE BUILD SCRATCH CXX GENERATOR: builds and runs a program outside of weir that uses it by
# find_package (from an installed copy) or by add_subdirectory (from the source tree).
set -eu
way=$1 cmake=$2 source=$3 build=$4 scratch=$5 cxx=$6 generator=$7

rm -rf "$scratch"
mkdir -p "$scratch"
case $way in
  find_package)
    "$cmake" --install "$build" --prefix "$scratch/prefix" >"$scratch/install.log"
    set -- -DCMAKE_PREFIX_PATH="$scratch/prefix"
    ;;
  add_subdirectory)
    set -- -DWEIR_SOURCE="$source"
    ;;
esac
"$cmake" -G "$generator" -S "$source/tests/consumer/$way" -B "$scratch/build" -DCMAKE_CXX_COMPILER="$cxx" "$@"
"$cmake" --build "$scratch/build"
cd "$scratch"
build/consumer
