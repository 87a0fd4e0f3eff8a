#!/bin/sh
# With CUDA where nvcc is installed, without it elsewhere: cases on `cuda` are then skipped, and say why.
set -e
cd "$(dirname "$0")"
if command -v nvcc >/dev/null; then
    exec cargo build --release --target-dir target --features cuda
fi
echo "nvcc is not installed: building without CUDA" >&2
exec cargo build --release --target-dir target
