#!/bin/sh
# make bench: the table of doc/performance.md, measured here and now.
exec python3 "${srcdir:-.}/tests/bench/bench.py" "$@"
