#!/bin/sh
# The schema in the tree is the one that the program makes, and every book
# agrees with it, as an independent validator sees it.
. "$(dirname "$0")/lib.sh"
"$CAIRN" schema >"$T/now" || fail "cairn schema: status $?"
cmp -s "$T/now" "$srcdir/schemas/runbook.schema.json" || {
	fail "schemas/runbook.schema.json is not what the tables say now." \
	    "Run: make regenerate   (in the build folder), and commit schemas/"
	diff -u "$srcdir/schemas/runbook.schema.json" "$T/now" | head -n 40
}
for py in python3 /usr/bin/python3; do
	"$py" -c 'import jsonschema, ruamel.yaml' 2>/dev/null && break
	py=
done
[ -n "$py" ] || {
	[ "$failures" = 0 ] || finish
	skip "python3-jsonschema or python3-ruamel.yaml is not installed"
}
mkdir "$T/books"
"$py" "$srcdir/tests/schema/books.py" "$T/now" "$srcdir" "$CAIRN" "$T/books" ||
    fail "books and schema do not agree"
finish
