#!/bin/sh
# Small files, short functions: 800 lines a file, 80 lines a function.
set -eu
src=${srcdir:-.}/src
awk '
FNR == 1 { depth = 0; start = 0 }
/^[a-z_].*\(/ || /^\(\*/ || /^[a-z].*\)$/ { if (depth == 0) name = $0 }
/^{/ { start = FNR; depth = 1 }
/^}/ {
	if (start && FNR - start + 1 > 80) {
		printf "%s:%d: a function of %d lines: %s\n", FILENAME, start,
		    FNR - start + 1, name
		bad = 1
	}
	start = 0; depth = 0
}
FNR == 801 { print FILENAME ": more than 800 lines"; bad = 1 }
END { exit bad }
' "$src"/*/*.c "$src"/*/*.h
