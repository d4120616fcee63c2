#!/bin/sh
# usage: make.sh CAIRN PAGE.in > PAGE
# Puts the program's tables into a page: a line "@keys@" becomes what
# `cairn manual keys` prints; @VERSION@ the version.
set -eu
cairn=$1
sed -n 's/^@\([a-z]*\)@$/\1/p' "$2" | while read -r part; do
	"$cairn" manual "$part" >/dev/null || exit 1
done
awk -v cairn="$cairn" -v version="$("$cairn" --version)" '
/^\.\\" Words between/ {
	print ".\\\" Made by doc/man/make.sh: edit the .in file, then run: " \
	    "make regenerate"
	getline; next
}
/^@[a-z]*@$/ {
	part = substr($0, 2, length($0) - 2)
	command = "\"" cairn "\" manual " part
	while ((command | getline line) > 0)
		print line
	close(command)
	next
}
{ sub(/@VERSION@/, version); print }
' "$2"
