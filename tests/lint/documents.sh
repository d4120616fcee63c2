#!/bin/sh
# The worked example of doc/adding-a-kind.md compiles with the present headers,
# and the files that the documents name are there.
set -eu
cd "${srcdir:-.}"
T=$(mktemp -d "${TMPDIR:-/tmp}/cairn-doc.XXXXXX")
trap 'rm -rf "$T"' EXIT
status=0
sed -n '/^```c$/,/^```$/{/^```/d;p;}' doc/adding-a-kind.md >"$T/link.c"
[ "$(wc -l <"$T/link.c")" -gt 40 ] || { echo "the example is gone"; exit 1; }
if command -v "${CC:-cc}" >/dev/null; then
	# shellcheck disable=SC2086
	${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only \
	    -Isrc -I"${builddir:-.}" -include config.h "$T/link.c" || status=1
fi
for doc in doc/*.md CONTRIBUTING.md; do
	for f in $(grep -o '`\(src\|tests\|doc\|schemas\)/[a-z0-9_/.-]*\.[a-z]*`' \
	    "$doc" | tr -d '`'); do
		case $f in
		src/kind/foo.c|src/kind/link.c|tests/unit/kind_link.c) continue ;;
		esac
		[ -e "$f" ] || { echo "$doc names $f: there is none"; status=1; }
	done
done
exit $status
