#!/bin/sh
# Lines of src/ that ran, by file, least covered first; run in a build folder
# that was configured with --enable-coverage, after its tests.
find src -name '*.gcda' | while read -r data; do
	gcov -n -o "$(dirname "$data")" "$data" 2>/dev/null
done | awk '
	/^File / { file = $2; gsub(/\047/, "", file); sub(/^.*\/src\//, "src/", file) }
	/^Lines executed/ && file ~ /^src\/.*\.c$/ {
		split($2, p, ":"); sub(/%/, "", p[2])
		printf "%6.1f %% of %4d  %s\n", p[2], $4, file | "sort -n"
		all += $4; ran += $4 * p[2] / 100
		file = ""
	}
	END { close("sort -n")
	      if (all == 0) exit 1
	      printf "%6.1f %% of %4d  everything\n", 100 * ran / all, all }
'
