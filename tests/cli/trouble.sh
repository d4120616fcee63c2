#!/bin/sh
# A step that fails: what is said, in which order; and another attempt, which
# outlives a driver that is killed in the rest before it.
. "$(dirname "$0")/lib.sh"
book trouble <<'YAML'
version: 1
name: trouble
title: Trouble
params: {dir: {type: string, required: true}}
templates:
  base:
    trouble:
      - {match: '^disk full', say: Of the template., offer: retry}
      - {say: The last word.}
steps:
  - id: load
    title: Load it
    template: base
    cwd: ${{ params.dir }}
    undo: {none: a test}
    run: |
      cat text >&2
      exit 7
    trouble:
      - {match: 'x disk full', say: Never.}
      - {event: unknown, say: Never either.}
      - {match: '^lost in ${{ params.dir }}$', say: 'Look into ${{ params.dir }}.', offer: [retry, undo --to load]}
YAML
order() {
	at=0
	for text; do
		n=$(grep -nF -m1 -- "$text" "$T/out" | cut -d: -f1)
		[ "${n:-0}" -gt "$at" ] || fail "'$text' is not where it belongs"
		at=${n:-0}
	done
}
echo "lost in $T" >"$T/text"
expect 1 "$CAIRN" run "$BOOK" --new --set dir="$T"
cat "$T/out" "$T/err" >"$T/both"; mv "$T/both" "$T/out"
id=$(run_id)
order "Load it  (trouble.yaml:11" "it ended with status 7" "| lost in $T" \
    "Look into $T." "cairn retry $id load --reason '…'" \
    "cairn undo $id --to load" "cairn done $id load"
not_said Never
expect 0 "$CAIRN" status "$id"
order "Load it  (trouble.yaml:11" "it ended with status 7" "Look into $T." \
    "cairn retry $id load --reason '…'"
echo 'disk full' >"$T/text"
expect 1 "$CAIRN" run "$BOOK" --new --set dir="$T"
said "Of the template."
not_said "The last word."
echo 'no disk full' >"$T/text"
expect 1 "$CAIRN" run "$BOOK" --new --set dir="$T"
said "The last word."
not_said "Never"

book again <<'YAML'
version: 1
name: again
title: Again
params: {dir: {type: string, required: true}}
steps:
  - id: load
    title: Load it
    cwd: ${{ params.dir }}
    undo: {none: a test}
    repeatable: true
    retry: {times: 2, delay: 2s}
    run: |
      echo try >>fx
      [ -e good ]
YAML
# so many attempts and no more
mkdir "$T/a"
expect 1 "$CAIRN" run "$BOOK" --new --set dir="$T/a"
is "$T/a/fx" "try
try
try"
said "tried again by itself (1 of 2)"
said "tried again by itself (2 of 2)"
# killed in the rest: resume goes on counting, and begins no attempt twice
mkdir "$T/b"
"$CAIRN" run "$BOOK" --new --set dir="$T/b" >"$T/b.out" 2>&1 </dev/null &
runner=$!
within 60 grep -q 'tried again by itself (1' "$T/b.out" || fail "it never failed"
id=$(run_id)
kill -KILL "$("$CAIRN" status "$id" --json | python3 -c 'import json,sys
print(json.load(sys.stdin)["driver"])')"
wait $runner
expect 1 "$CAIRN" resume "$id"
is "$T/b/fx" "try
try
try"
[ "$("$CAIRN" journal show "$id" | grep -c '"retry_at"')" = 2 ] ||
    fail "not two attempts were announced"
# good at last
mkdir "$T/c"
"$CAIRN" run "$BOOK" --new --set dir="$T/c" >"$T/c.out" 2>&1 </dev/null &
runner=$!
within 60 grep -q try "$T/c/fx" || fail "it never began"
: >"$T/c/good"
wait $runner || fail "a later attempt was good, and the run is not"

# an item is tried again, not all of them
book items <<'YAML'
version: 1
name: items
title: Items
params: {dir: {type: string, required: true}}
steps:
  - id: load
    title: Load it
    for_each: {in: "['a', 'b']"}
    cwd: ${{ params.dir }}
    undo: {none: a test}
    repeatable: true
    retry: {times: 1, delay: 1s}
    run: |
      x="${{ item }}"
      echo "$x" >>fx
      [ "$x" = a ]
YAML
mkdir "$T/d"
expect 1 "$CAIRN" run "$BOOK" --new --set dir="$T/d"
is "$T/d/fx" "a
b
b"
finish
