#!/bin/sh
# A closed run has ended for good: nothing is taken, nothing starts, and what
# it leaves is listed. What runs is not left alone by closing.
. "$(dirname "$0")/lib.sh"
book shut <<'YAML'
version: 1
name: shut
title: Shut
params: {fx: {type: string, required: true}}
steps:
  - {id: one, title: One, undo: {none: a test}, run: 'echo one >>"${{ params.fx }}"'}
  - {id: g, title: G, gate: {ask: Go on?, checklist: [a]}}
  - id: two
    title: Two
    undo: {none: a test}
    run: |
      echo two >>"${{ params.fx }}"
      i=0; while [ $i -lt 4000 ]; do sleep 0.05; i=$((i+1)); done
YAML
expect 3 "$CAIRN" run "$BOOK" --set fx="$T/fx"
id=$(run_id shut)
expect 2 "$CAIRN" run "$BOOK" --set fx="$T/fx"
said "$id"
expect 0 "$CAIRN" close "$id" --reason 'the customer called it off'
said 'left waiting'
said g
"$CAIRN" list | grep "$id" | grep -q closed || fail "it is not listed as closed"
"$CAIRN" journal show "$id" | grep '"what":"close"' |
    grep -q 'the customer called it off' || fail "the reason is not on record"
# nothing is taken any more, and the journal stays whole
for verb in 'answer %s g --tick 1' 'skip %s g --reason x' 'pause %s' \
    'stop %s' 'undo %s' 'close %s' 'resume %s'; do
	# shellcheck disable=SC2059,SC2046
	expect 2 "$CAIRN" $(printf "$verb" "$id")
	said closed
done
expect 0 "$CAIRN" journal check "$id"
expect 0 "$CAIRN" status "$id"
is "$T/fx" one
# a driver that was started all the same does not write
before=$(cat "$CAIRN_STATE/runs/$id/journal" | sha256sum)
echo '{"verb":"resume"}' >"$CAIRN_STATE/runs/$id/inbox/00000000000000000000000000000001"
expect 2 "$CAIRN" resume "$id"
[ "$(cat "$CAIRN_STATE/runs/$id/journal" | sha256sum)" = "$before" ] ||
    fail "the journal of a closed run has grown"

# another run of the book may begin; while a step of it runs it is not closed
"$CAIRN" run "$BOOK" --set fx="$T/fx2" >/dev/null 2>&1 </dev/null
id=$(run_id shut)
expect 0 "$CAIRN" answer "$id" g --tick 1
within 60 grep -q two "$T/fx2" || fail "two never began"
expect 2 "$CAIRN" close "$id"
said "cairn stop"
[ "$(state two)" = running ] || fail "two was touched"
expect 0 "$CAIRN" stop "$id"
expect 0 "$CAIRN" close "$id"
said 'left stopped'
expect 2 "$CAIRN" retry "$id" two --reason x

# a run that is done has ended already
book fine <<'YAML'
version: 1
name: fine
title: Fine
steps: [{id: a, title: A, undo: {none: a test}, run: 'true'}]
YAML
expect 0 "$CAIRN" run "$BOOK"
expect 2 "$CAIRN" close "$(run_id fine)"
said done
finish
