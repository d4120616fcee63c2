#!/bin/sh
# The manual pages in the tree are what the tables say now, help is the same
# by every way to it, and the pages are well formed.
. "$(dirname "$0")/lib.sh"
for page in cairn.1 cairn-runbook.5; do
	sh "$srcdir/doc/man/make.sh" "$CAIRN" "$srcdir/doc/man/$page.in" \
	    >"$T/$page" || fail "make.sh $page: status $?"
	cmp -s "$T/$page" "$srcdir/doc/man/$page" && continue
	fail "doc/man/$page is not what the tables say now." \
	    "Run: make regenerate   (in the build folder), and commit doc/man/"
	diff -u "$srcdir/doc/man/$page" "$T/$page" | head -n 40
done

# each command: in the list, in the page, with the same words and options
"$CAIRN" help >"$T/list" || fail "cairn help: status $?"
"$CAIRN" --help | cmp -s - "$T/list" || fail "cairn help is not cairn --help"
names=$(sed -n 's/^  \([a-z]*\) .*/\1/p' "$T/list")
[ "$(echo "$names" | wc -w)" -ge 15 ] || fail "few commands: $names"
sed 's/\\-/-/g; s/\\fB//g; s/\\fR//g' "$T/cairn.1" >"$T/words"
for name in $names; do
	expect 0 "$CAIRN" help "$name"
	cp "$T/out" "$T/help"
	expect 0 "$CAIRN" "$name" --help
	cmp -s "$T/out" "$T/help" || fail "help $name is not $name --help"
	grep -q "^\.SS \"cairn $name[ \"]" "$T/words" ||
	    fail "cairn(1) lacks $name"
	for option in $(sed -n 's/^  \(--*[a-z-]*\) .*/\1/p' "$T/help"); do
		grep -q -- "^$option" "$T/words" || fail "cairn(1) lacks $option"
	done
done
expect 2 "$CAIRN" help hlep
said "did you mean 'help'?"
expect 2 "$CAIRN" help run stop
expect 2 "$CAIRN" manual nothing
said commands
for kind in $("$CAIRN" kinds | sed 's/ .*//'); do
	expect 0 "$CAIRN" kinds "$kind"
	grep -q "^\.SS \"$kind\"" "$T/cairn-runbook.5" ||
	    fail "cairn-runbook(5) lacks $kind"
done

# nothing that is not built is described
! grep -qi 'not built yet' "$T/cairn-runbook.5" || fail "says: not built yet"

checked=
for page in cairn.1 cairn-runbook.5; do
	if command -v groff >/dev/null; then
		checked="$checked groff"
		LC_ALL=C.UTF-8 groff -man -Kutf8 -Tutf8 -ww -z "$T/$page" \
		    >"$T/said" 2>&1
		[ ! -s "$T/said" ] || { fail "groff $page"; cat "$T/said"; }
	fi
	if command -v man >/dev/null; then
		checked="$checked man"
		LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$T/$page" \
		    2>"$T/said" >"$T/text" || fail "man $page: status $?"
		[ ! -s "$T/said" ] || { fail "man $page"; cat "$T/said"; }
		[ "$(wc -l <"$T/text")" -gt 100 ] || fail "man shows little"
	fi
	if command -v mandoc >/dev/null; then
		checked="$checked mandoc"
		mandoc -T lint -W warning "$T/$page" >"$T/said" 2>&1
		[ ! -s "$T/said" ] || { fail "mandoc $page"; cat "$T/said"; }
	fi
done
[ "$failures" = 0 ] && [ -z "$checked" ] &&
    skip "neither groff, man nor mandoc is installed: the form is unchecked"
finish
