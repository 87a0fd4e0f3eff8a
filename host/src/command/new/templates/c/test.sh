#!/bin/sh
# Checks the plugin and measures it for a moment: is it right, and alive?
set -e
cd "$(dirname "$0")"
"${BENCHHOST:-benchhost}" plugin check .
"${BENCHHOST:-benchhost}" run suite.toml --tier test --no-store
