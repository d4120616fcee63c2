#!/bin/sh
# Stopped means stopped: no member is left, whatever a command does to stay.
. "$(dirname "$0")/lib.sh"
book stop <<'YAML'
version: 1
name: stop
title: Stop
params: {dir: {type: string, required: true}, how: {type: string, required: true}}
steps:
  - id: hold
    title: Hold
    cwd: ${{ params.dir }}
    undo: {none: a test}
    run: |
      case "${{ params.how }}" in
      term) trap '' TERM HUP INT ;;
      background) sleep 1000 & sleep 1000 & ;;
      setsid) setsid sh -c 'trap "" TERM; while :; do sleep 0.2; done' & ;;
      twice) (setsid sh -c '(trap "" TERM HUP; while :; do sleep 0.2; done) & sleep 1000' &) ;;
      esac
      echo begun >>fx
      i=0; while [ $i -lt 4000 ]; do sleep 0.05; i=$((i+1)); done
      echo ended >>fx
  - {id: after, title: After, undo: {none: a test}, cwd: '${{ params.dir }}', run: echo after >>fx}
YAML
members() {
	for d in /proc/[0-9]*; do
		[ "$(readlink "$d/cwd" 2>/dev/null)" = "$1" ] &&
		    ! grep -q '^State:.*Z' "$d/status" 2>/dev/null && echo "${d#/proc/}"
	done
}
one() {
	how=$1
	d=$T/$how; mkdir "$d"
	"$CAIRN" run "$BOOK" --new --set how=$how --set dir="$d" >"$T/run.$how" 2>&1 </dev/null &
	runner=$!
	within 120 grep -q begun "$d/fx" || fail "$how never began"
	id=$("$CAIRN" list --json | python3 -c 'import json,os,sys
for r in json.load(sys.stdin):
    f = open(os.environ["CAIRN_STATE"] + "/runs/" + r["run"] + "/journal").readline()
    if r["driver"] and "/'$how'\"" in f:
        print(r["run"])')
	[ -n "$(members "$d")" ] || fail "$how: nothing to stop"
	"$CAIRN" stop "$id" >"$T/stop.$how" 2>&1 </dev/null; s=$?
	left=$(members "$d")
	[ $s = 0 ] || { fail "$how: stop ended with $s"; cat "$T/stop.$how"; }
	[ -z "$left" ] || fail "$how: left running: $left"
	wait $runner; s=$?
	[ $s = 4 ] || { fail "$how: the run ended with $s, not 4"; cat "$T/run.$how"; }
	is "$d/fx" begun
	"$CAIRN" log "$id" >"$T/log.$how"
	[ "$("$CAIRN" journal show "$id" | grep -n -m1 '"type":"step.stop"' | cut -d: -f1)" -lt \
	    "$("$CAIRN" journal show "$id" | grep -n -m1 '"type":"step.end"' | cut -d: -f1)" ] ||
	    fail "$how: no step.stop before the end"
	# it changes something: nobody runs it again by itself
	"$CAIRN" resume "$id" >"$T/resume.$how" 2>&1 </dev/null; s=$?
	[ $s = 4 ] || fail "$how: resume of a stopped step: $s"
	is "$d/fx" begun
}
for how in plain term background setsid twice; do
	(trap - EXIT; failures=0; one $how; exit $failures) &
	echo $! >>"$T/ones"
done
for pid in $(cat "$T/ones"); do
	wait "$pid" || failures=$((failures + 1))
done
finish
