#!/bin/sh
# Gates, permissions, retry done skip, conditions, undo, and the exit status of
# each way in which a run can end.
. "$(dirname "$0")/lib.sh"

# a gate with ticks, fields, a choice and words; each wrong answer is refused
book gate <<'YAML'
version: 1
name: gate
title: Gate
steps:
  - id: g
    title: G
    gate:
      ask: Go?
      checklist: [first, second]
      fields: {n: {type: int, required: true}, color: {type: enum, of: [red, blue]}}
      choices: {yes_go: continue, later: wait, halt: stop}
      confirm: destroy it
  - {id: use, title: Use, undo: {none: a test}, run: 'echo "${{ steps.g.n }} ${{ steps.g.choice }}" >used'}
YAML
expect 3 "$CAIRN" run "$BOOK"
id=$(run_id gate)
q=$(question g)
expect 2 "$CAIRN" answer "$id" g --tick 3
expect 2 "$CAIRN" answer "$id" g --tick 0
expect 2 "$CAIRN" answer "$id" g --set nothing=1
expect 2 "$CAIRN" answer "$id" g --set n=many
expect 2 "$CAIRN" answer "$id" g --set color=green
expect 2 "$CAIRN" answer "$id" g --choice maybe
expect 2 "$CAIRN" answer "$id" g --confirm 'destroy it'
said --question
expect 2 "$CAIRN" answer "$id" g --confirm 'Destroy it' --question "$q"
expect 2 "$CAIRN" answer "$id" g --confirm 'destroy it ' --question "$q"
expect 2 "$CAIRN" answer "$id" g --confirm 'destroy it' --question 0000000000000000
expect 2 "$CAIRN" answer "$id" nothing --tick 1
expect 0 "$CAIRN" answer "$id" g --tick 1
expect 0 "$CAIRN" answer "$id" g --set n=5 --by alice
expect 0 "$CAIRN" answer "$id" g --choice later
[ "$(state g)" = waiting ] || fail "g went on too early"
expect 0 "$CAIRN" answer "$id" g --tick 2
[ "$(state g)" = waiting ] || fail "g went on without its words"
expect 0 "$CAIRN" answer "$id" g --choice yes_go --confirm 'destroy it' --question "$q"
ended() { "$CAIRN" list | grep "$id" | grep -q "$1"; }
within 120 ended done || fail "gate is not done"
is "$CAIRN_STATE/runs/$id/work/used" "5 yes_go"

# a step fails, is retried; unknown; skip; done with a capture
book fails <<'YAML'
version: 1
name: fails
title: Fails
params: {ok: {type: string, required: true}}
defaults: {undo: {none: a test}}
steps:
  - {id: a, title: A, run: 'echo a >>fx; test -e "${{ params.ok }}"'}
  - {id: b, title: B, run: 'echo b >>fx; exit 7', capture: {v: {match: 'v=(\d+)', type: int}}}
  - {id: c, title: C, run: 'echo c >>fx; exit 7'}
  - {id: d, title: D, when: "1 == 2", run: 'echo d >>fx'}
  - {id: e, title: E, run: 'echo "e ${{ steps.b.v }}" >>fx'}
YAML
sed -i '/^defaults/d; s/run: .echo/undo: {none: a test}, &/' "$BOOK"
expect 1 "$CAIRN" run "$BOOK" --set ok="$T/ok"
said "retry"
id=$(run_id fails)
fx=$CAIRN_STATE/runs/$id/work/fx
expect 1 "$CAIRN" resume "$id"
is "$fx" a
expect 2 "$CAIRN" retry "$id" a
expect 2 "$CAIRN" retry "$id" e --reason x
touch "$T/ok"
expect 0 "$CAIRN" retry "$id" a --reason 'it is there now'
within 120 ended failed || fail "not failed at b"
expect 2 "$CAIRN" done "$id" b --reason 'by hand'
said "--set v="
expect 2 "$CAIRN" done "$id" b --set v=x --reason 'by hand'
expect 0 "$CAIRN" done "$id" b --set v=12 --reason 'by hand'
"$CAIRN" resume "$id" >/dev/null 2>&1 </dev/null
within 120 ended failed
expect 0 "$CAIRN" skip "$id" c --reason 'not needed'
"$CAIRN" resume "$id" >/dev/null 2>&1 </dev/null
within 120 ended done || fail "fails is not done"
[ "$(state d)" = skipped ] || fail "d is $(state d)"
is "$fx" "a
a
b
c
e 12"
expect 0 "$CAIRN" log "$id"
said "1 == 2"

# verify within; cannot tell is unknown, of a step that reads failed; late reads
book verify <<'YAML'
version: 1
name: verify
title: Verify
steps:
  - id: slow
    title: Slow
    undo: {none: a test}
    run: '(sleep 0.5; echo x >there) >/dev/null 2>&1 &'
    verify: {run: [cat, there], ok_exit: [0, 1], holds: self.rc == 0}
    within: 20s
    every: 100ms
  - id: blind
    title: Blind
    undo: {none: a test}
    run: echo blind >>fx
    verify: {run: [sh, -c, exit 9], holds: self.rc == 0}
YAML
sed -i 's/every: 100ms/every: 1s/' "$BOOK"
expect 5 "$CAIRN" run "$BOOK"
[ "$(state slow)" = done ] || fail "slow is $(state slow)"
[ "$(state blind)" = unknown ] || fail "blind is $(state blind)"
id=$(run_id verify)
expect 5 "$CAIRN" resume "$id"
is "$CAIRN_STATE/runs/$id/work/fx" blind
book reads <<'YAML'
version: 1
name: reads
title: Reads
steps:
  - {id: late, title: Late, run: 'sleep 1000', effect: reads, timeout: 1s}
YAML
expect 1 "$CAIRN" run "$BOOK"
said timeout
[ "$(state late)" = failed ] || fail "late is $(state late)"
# what only reads is tried again by resume
expect 1 "$CAIRN" resume "$(run_id reads)"

# --until, pause, then on
book until <<'YAML'
version: 1
name: until
title: Until
steps:
  - {id: a, title: A, undo: {title: Take a back, run: 'echo undo-a >>fx'}, run: 'echo a >>fx'}
  - {id: b, title: B, undo: {none: it only adds}, run: 'echo b >>fx'}
  - {id: c, title: C, undo: {title: Take c back, run: 'echo undo-c >>fx'}, run: 'echo c >>fx; exit 1'}
YAML
expect 2 "$CAIRN" run "$BOOK" --until nothing
expect 3 "$CAIRN" run "$BOOK" --new --until a
id=$(run_id until)
fx=$CAIRN_STATE/runs/$id/work/fx
is "$fx" a
expect 1 "$CAIRN" resume "$id"
expect 0 "$CAIRN" undo "$id" --plan
said "Take a back"
is "$fx" "a
b
c"
expect 0 "$CAIRN" undo "$id"
is "$fx" "a
b
c
undo-c
undo-a"
expect 2 "$CAIRN" resume "$id"

# a torn end of the journal is reported and cut; a changed byte stops cairn
book torn <<'YAML'
version: 1
name: torn
title: Torn
steps:
  - {id: q, title: Q, gate: {ask: Go?, checklist: [a]}}
YAML
expect 3 "$CAIRN" run "$BOOK"
id=$(run_id torn)
j=$CAIRN_STATE/runs/$id/journal
printf '{"n":99,"prev":"' >>"$j"
expect 3 "$CAIRN" resume "$id"
said "cut off"
[ -s "$CAIRN_STATE/runs/$id/journal.torn" ] || fail "no journal.torn"
expect 0 "$CAIRN" journal check "$id"
cp "$j" "$T/journal"
sed -i '2s/"attempt":1/"attempt":2/; 1s/torn/tarn/' "$j"
expect 2 "$CAIRN" resume "$id"
expect 2 "$CAIRN" status "$id"
expect 2 "$CAIRN" journal check "$id"
cat "$T/journal" >"$j"
expect 0 "$CAIRN" answer "$id" q --tick 1
finish
