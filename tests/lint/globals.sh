#!/bin/sh
# No mutable globals: what is writable in the objects is listed here, or wrong.
set -eu
lib=${builddir:-.}/libcairn.a
command -v nm >/dev/null || { echo "nm is not installed"; exit 77; }
# buf_empty is never written: it is the NUL that every empty buffer shares
bad=$(nm -A "$lib" 2>/dev/null | awk '$(NF-1) ~ /^[BbDdC]$/ &&
    $NF !~ /^(buf_empty|__|\.|_ZL|asan|ubsan)/ &&
    $NF !~ /^(real|clock)(\.[0-9]+)?$/ {print}' | grep -v '\.data\.rel\.ro' || true)
ro=$(for o in $(printf '%s\n' "$bad" | awk '{print $NF}'); do
	objdump -t "$lib" 2>/dev/null | awk -v s="$o" '$NF == s {print $0}' |
	    grep -q '\.data\.rel\.ro' || echo "$o"
done)
if [ -n "$ro" ]; then
	echo "writable symbols: $ro"
	printf '%s\n' "$bad"
	exit 1
fi
