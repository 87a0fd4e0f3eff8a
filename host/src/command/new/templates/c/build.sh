#!/bin/sh
# Makes the library; `benchhost run --plugin .` calls it first.
set -e
cd "$(dirname "$0")"
# The flags are part of what is measured. Every function begins a cache line, so that an edit elsewhere does not move the
# loops. `-march=native` may be faster, but the file then runs on this kind of CPU alone, and is no match for plugins
# that are built without it.
CFLAGS=${CFLAGS:--O3 -falign-functions=64}
mkdir -p build
# shellcheck disable=SC2086
exec ${CC:-cc} -std=gnu11 -Wall -Wextra -fPIC -fvisibility=hidden $CFLAGS -I"${BENCHHOST_INCLUDE:-.}" \
    -shared -o build/lib{{ module }}.so plugin.c -lm
