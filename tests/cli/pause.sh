#!/bin/sh
# Paused: nothing more starts, what runs goes on to its end, resume goes on
# from there; and a driver killed after the pause does not forget it.
. "$(dirname "$0")/lib.sh"
book two <<'YAML'
version: 1
name: two
title: Two
params: {dir: {type: string, required: true}}
steps:
  - id: one
    title: One
    undo: {none: a test}
    cwd: ${{ params.dir }}
    run: |
      echo begun >>fx
      while [ ! -e go ]; do sleep 0.05; done
      echo ended >>fx
  - {id: two, title: Two, undo: {none: a test}, cwd: '${{ params.dir }}', run: echo two >>fx}
YAML
paused() { "$CAIRN" list | grep "$id" | grep -q paused; }
one() {
	d=$T/$1; mkdir "$d"
	"$CAIRN" run "$BOOK" --new --set dir="$d" >"$T/run.$1" 2>&1 </dev/null &
	runner=$!
	within 60 grep -q begun "$d/fx" || fail "$1: never began"
	id=$("$CAIRN" list --json | python3 -c 'import json,sys
print([r["run"] for r in json.load(sys.stdin) if r["driver"]][0])')
	expect 0 "$CAIRN" pause "$id" --reason "$1"
	[ "$(cat "$d/fx")" = begun ] || fail "$1: pausing did something"
}
# the step that ran goes on to its end
one plain
touch "$d/go"
wait $runner; s=$?
[ $s = 3 ] || { fail "a paused run ended with $s"; cat "$T/run.plain"; }
is "$d/fx" 'begun
ended'
paused || fail "it is not listed as paused"
[ "$(state two)" = pending ] || fail "two is not pending"
expect 0 "$CAIRN" resume "$id"
is "$d/fx" 'begun
ended
two'

# killed after the pause was on record: it is not run on by anything but resume
one killed
driver=$("$CAIRN" list --json | python3 -c 'import json,sys
print([r["driver"] for r in json.load(sys.stdin) if r["driver"]][0])')
kill -9 "$driver"
touch "$d/go"
wait $runner
within 60 grep -q ended "$d/fx" || fail "the job died with its driver"
"$CAIRN" attach "$id" >"$T/out" 2>&1 </dev/null
! grep -q two "$d/fx" || fail "two began without resume"
expect 0 "$CAIRN" resume "$id"
is "$d/fx" 'begun
ended
two'
expect 0 "$CAIRN" journal check "$id"
finish
