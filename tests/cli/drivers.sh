#!/bin/sh
# Who may drive a run, and what happens to words that come at the wrong moment.
. "$(dirname "$0")/lib.sh"

# a second driver is refused, and changes nothing
book two <<'YAML'
version: 1
name: two
title: Two drivers
params: {go: {type: string, required: true}}
steps:
  - id: hold
    title: Hold
    run: 'while [ ! -e "${{ params.go }}" ]; do sleep 0.05; done; echo held'
YAML
"$CAIRN" run "$BOOK" --set go="$T/go" >"$T/run.out" 2>&1 </dev/null &
runner=$!
running() { [ "$(state "$1")" = running ]; }
within 120 running hold || fail "hold never ran"
id=$(run_id)
expect 6 "$CAIRN" resume "$id"
said "cairn attach $id"
expect 6 "$CAIRN" resume "$id" --foreground
expect 2 "$CAIRN" run "$BOOK" --set go="$T/go"
said unfinished
# many at once: never more than one driver
for i in 1 2 3 4 5 6; do
	"$CAIRN" resume "$id" </dev/null >"$T/r$i" 2>&1 &
	echo $! >>"$T/resumers"
done
for pid in $(cat "$T/resumers"); do
	wait "$pid"; s=$?
	[ $s = 6 ] || fail "a second resume ended with $s"
done
touch "$T/go"
wait "$runner"; s=$?
[ $s = 0 ] || { fail "the run ended with $s"; cat "$T/run.out"; }
[ "$("$CAIRN" journal show "$id" | grep -c '"type":"driver"')" = 1 ] ||
    fail "not one driver"
expect 2 "$CAIRN" resume "$id"

# the driver is killed: said so; resume attaches to what runs, once
rm -f "$T/go"
book held <<'YAML'
version: 1
name: held
title: Held
params: {go: {type: string, required: true}, fx: {type: string, required: true}}
steps:
  - id: hold
    title: Hold
    run: 'echo begun >> "${{ params.fx }}"; while [ ! -e "${{ params.go }}" ]; do sleep 0.05; done; echo v=7'
    capture: {v: {match: 'v=(\d+)', type: int}}
  - id: after
    title: After
    run: 'echo "after ${{ steps.hold.v }}" >> "${{ params.fx }}"'
YAML
"$CAIRN" run "$BOOK" --set go="$T/go" --set fx="$T/fx" >"$T/run.out" 2>&1 </dev/null &
runner=$!
within 120 grep -q begun "$T/fx" || fail "held never ran"
id=$(run_id)
driver=$("$CAIRN" list --json | python3 -c 'import json,sys
print([r["driver"] for r in json.load(sys.stdin) if r["driver"]][0])')
kill -KILL "$driver"
wait "$runner"; s=$?
[ $s = 5 ] || fail "a lost driver: status $s"
has "$T/run.out" "cairn resume"
"$CAIRN" resume "$id" >"$T/run.out" 2>&1 </dev/null &
runner=$!
attached() { "$CAIRN" log "$id" | grep -q 'attached'; }
within 120 attached || fail "resume did not attach"
touch "$T/go"
wait "$runner"; s=$?
[ $s = 0 ] || { fail "resume ended with $s"; cat "$T/run.out"; }
is "$T/fx" "begun
after 7"

# an answer against a driver that is ending: never lost, never taken twice
book ask <<'YAML'
version: 1
name: ask
title: Ask
params: {fx: {type: string, required: true}}
steps:
  - {id: q1, title: Q1, gate: {ask: One?, checklist: [a]}}
  - {id: s1, title: S1, run: 'echo s1 >> "${{ params.fx }}"'}
  - {id: q2, title: Q2, gate: {ask: Two?, checklist: [a]}}
  - {id: s2, title: S2, run: 'echo s2 >> "${{ params.fx }}"'}
  - {id: q3, title: Q3, gate: {ask: Three?, checklist: [a]}}
  - {id: s3, title: S3, run: 'echo s3 >> "${{ params.fx }}"'}
YAML
waits() { [ "$(state "$1")" = waiting ]; }
for round in 1 2 3 4 5; do
	rm -f "$T/fx"
	expect 3 "$CAIRN" run "$BOOK" --set fx="$T/fx"
	id=$(run_id)
	for q in q1 q2 q3; do
		# the driver that the last answer started may be about to end
		within 120 waits $q || fail "$q never asked ($round)"
		"$CAIRN" answer "$id" $q --tick 1 </dev/null >"$T/out" 2>"$T/err" || {
			fail "answer $q: $?"; cat "$T/err"; }
	done
	finished() { "$CAIRN" list | grep "$id" | grep -q done; }
	within 120 finished || {
		fail "an answer was lost ($round)"
		"$CAIRN" status "$id"; }
	is "$T/fx" "s1
s2
s3"
	[ "$("$CAIRN" journal show "$id" | grep -c '"what":"answer"')" = 3 ] ||
	    fail "not three answers"
	[ -z "$(ls -A "$CAIRN_STATE/runs/$id/inbox")" ] ||
	    fail "the inbox is not empty"
done
# an answer to what was answered already is refused, with status 2
expect 2 "$CAIRN" answer "$id" q1 --tick 1

# a reused pid: the slot's meta names a stranger; nobody signals it
book reuse <<'YAML'
version: 1
name: reuse
title: Reuse
params: {go: {type: string, required: true}, fx: {type: string, required: true}}
steps:
  - id: hold
    title: Hold
    run: 'echo begun >> "${{ params.fx }}"; while [ ! -e "${{ params.go }}" ]; do sleep 0.05; done; echo ended >> "${{ params.fx }}"'
YAML
rm -f "$T/go" "$T/fx"
"$CAIRN" run "$BOOK" --set go="$T/go" --set fx="$T/fx" >"$T/run.out" 2>&1 </dev/null &
runner=$!
within 120 grep -q begun "$T/fx" || fail "reuse never ran"
id=$(run_id)
meta=$(echo "$CAIRN_STATE/runs/$id/job/"*/meta)
sup=$(sed -n 's/.* sup=\([0-9]*\) .*/\1/p' "$meta")
pid=$(sed -n 's/.* pid=\([0-9]*\) .*/\1/p' "$meta")
driver=$("$CAIRN" list --json | python3 -c 'import json,sys
print([r["driver"] for r in json.load(sys.stdin) if r["driver"]][0])')
[ "$sup" -gt 1 ] && [ "$pid" -gt 1 ] && [ "$driver" -gt 1 ] &&
    kill -KILL "$driver" "$sup" "$pid"
wait "$runner"
sleep 300 & stranger=$!
echo $stranger >>"$T/pids"
python3 - "$meta" "$stranger" <<'PY'
import re, sys
path, pid = sys.argv[1:]
old = open(path).read()
new = re.sub(r' pid=\d+ ', f' pid={pid} ', re.sub(r' sup=\d+ ', f' sup={pid} ', old))
new = new.rstrip('\n ')
open(path, 'w').write(new.ljust(len(old) - 1)[:len(old) - 1] + '\n' if old.endswith('\n') and not old.rstrip('\n').endswith(' ') else (new + '\n').ljust(len(old)))
PY
expect 5 "$CAIRN" resume "$id"
kill -0 $stranger 2>/dev/null || fail "a stranger was signalled"
[ "$(state hold)" = unknown ] || fail "hold is $(state hold)"
is "$T/fx" "begun"
expect 5 "$CAIRN" resume "$id"
is "$T/fx" "begun"
touch "$T/go"
expect 0 "$CAIRN" retry "$id" hold --reason 'looked'
expect_done() { "$CAIRN" list | grep "$id" | grep -q done; }
within 60 expect_done || "$CAIRN" resume "$id" </dev/null >"$T/out" 2>&1
is "$T/fx" "begun
begun
ended"
kill $stranger 2>/dev/null

# what is in meta is data: no signal to 1, -1, 0, to anything; nothing is run
for bad in 'pid=1 ' 'pid=-1 ' 'pid=$(touch$IFS'"$T"'/owned) ' 'pid=2147483648 '; do
	rm -f "$T/go" "$T/fx"
	"$CAIRN" run "$BOOK" --new --set go="$T/go" --set fx="$T/fx" >"$T/run.out" 2>&1 </dev/null &
	runner=$!
	within 120 grep -q begun "$T/fx" || fail "reuse never ran"
	id=$(run_id)
	id=$("$CAIRN" list --json | python3 -c 'import json,sys
print([r["run"] for r in json.load(sys.stdin) if r["driver"]][0])')
	meta=$(echo "$CAIRN_STATE/runs/$id/job/"*/meta)
	sup=$(sed -n 's/.* sup=\([0-9]*\) .*/\1/p' "$meta")
	pid=$(sed -n 's/.* pid=\([0-9]*\) .*/\1/p' "$meta")
	driver=$("$CAIRN" list --json | python3 -c 'import json,sys
print([r["driver"] for r in json.load(sys.stdin) if r["driver"]][0])')
	[ "$sup" -gt 1 ] && [ "$pid" -gt 1 ] && [ "$driver" -gt 1 ] &&
	    kill -KILL "$driver" "$sup" "$pid"
	wait "$runner"
	python3 - "$meta" "$bad" <<'PY'
import re, sys
path, bad = sys.argv[1:]
old = open(path).read()
new = re.sub(r' pid=\d+ ', lambda m: ' ' + bad, old).replace('\n', ' ').rstrip()
open(path, 'w').write((new + '\n').ljust(len(old))[:len(old)])
PY
	"$CAIRN" resume "$id" </dev/null >"$T/out" 2>&1; s=$?
	case $bad in
	*) [ $s = 5 ] || { fail "meta with $bad: status $s"; cat "$T/out"; }
	   is "$T/fx" "begun" ;;
	esac
	[ ! -e "$T/owned" ] || fail "meta was executed"
	touch "$T/go"
	"$CAIRN" skip "$id" hold --reason x </dev/null >/dev/null 2>&1
	within 120 sh -c '"$1" list --json | python3 -c "import json,sys
sys.exit(any(r[\"driver\"] for r in json.load(sys.stdin)))"' x "$CAIRN"
done
finish
