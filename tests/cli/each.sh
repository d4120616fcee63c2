#!/bin/sh
# A step for each item: items known only at run time, whatever their keys are;
# several at a time; a driver that is killed in the middle; one item that
# fails; and all of it taken back, the latest end first.
. "$(dirname "$0")/lib.sh"
mkdir "$T/b" && BOOK=$T/b
cat >"$BOOK/runbook.yaml" <<'YAML'
version: 1
name: each
title: Each
params: {dir: {type: string, required: true}}
steps:
  - id: list
    title: List
    stdin: {file: names}
    run: [cat]
    effect: reads
    capture: {names: json(self.out)}
  - id: dump
    title: Dump
    for_each: {in: steps.list.names, parallel: 3, title: 'Dump ${{ item }}'}
    cwd: ${{ params.dir }}
    env: {ITEM: '${{ item }}'}
    run: |
      printf '%s\0' "$ITEM" >>begun
      [ ! -e slow ] || sleep 1
      printf %s "$ITEM"
    capture: {what: self.out}
    undo:
      cwd: ${{ params.dir }}
      env: {ITEM: '${{ item }}'}
      run: [sh, -c, 'printf "%s\0" "$ITEM" >>undone']
  - {id: none, title: None, for_each: {in: '[]'}, run: 'false', undo: {none: nothing}}
  - id: call
    title: Call
    for_each: {in: steps.dump.items, key: item.key}
    include: inside.yaml
    with: {name: '${{ item.what }}', dir: '${{ params.dir }}'}
    undo: {none: it only looks}
  - id: compare
    title: Everything came through
    require:
      - map(steps.dump.items, i -> i.key) == steps.list.names
      - map(steps.dump.items, i -> i.what) == steps.list.names
      - map(steps.call.items, i -> i.both) == map(steps.list.names, n -> [n + '/x', n + '/y'])
      - steps.dump.items['two words'].state == 'done'
      - len(steps.none.items) == 0
YAML
cat >"$BOOK/inside.yaml" <<'YAML'
inputs: {name: {type: string, multiline: true}, dir: {type: string}}
steps:
  - id: part
    title: Part
    for_each: {in: "['x', 'y']"}
    cwd: ${{ inputs.dir }}
    env: {NAME: '${{ inputs.name }}'}
    run: printf '%s/%s' "$NAME" "${{ item }}"
    effect: reads
    capture: {out_of_it: self.out}
outputs: {both: 'map(steps.part.items, i -> i.out_of_it)'}
YAML
python3 - "$BOOK/names" <<'PY'
import json, sys
json.dump(["plain", "two words", "it's", '"', "a]b", "x].y[z", "a.b", "line\nbreak", "back\\slash", "\u00fc",
    "-rf", "$(id)", "", "a!undo", "\u202e"], open(sys.argv[1], "w"))
PY

# killed again and again: every item is begun once, none is forgotten
mkdir "$T/one" && touch "$T/one/slow"
expect 0 "$CAIRN" lint "$BOOK"
"$CAIRN" run "$BOOK" --set "dir=$T/one" </dev/null >"$T/out" 2>&1 &
view=$!
within 20 test -s "$T/one/begun" || fail "no item begins"
for i in 1 2 3; do
	sleep 0.7
	kill -KILL "$("$CAIRN" status "$(run_id)" --json |
	    python3 -c 'import json, sys; print(json.load(sys.stdin)["driver"])')"
	[ $i != 1 ] || wait $view
	[ $i = 3 ] || "$CAIRN" resume "$(run_id)" </dev/null >/dev/null 2>&1 &
	[ $i = 3 ] || within 10 sh -c "\"$CAIRN\" status '$(run_id)' --json |
	    grep -q '\"driver_gone\": *false'" || fail "no driver takes it up"
done
rm "$T/one/slow"
expect 0 "$CAIRN" resume "$(run_id)"
expect 0 "$CAIRN" journal check "$(run_id)"
cat >"$T/look.py" <<'PY'
import json, sys
names, begun = json.load(open(sys.argv[1])), open(sys.argv[2]).read().split('\0')[:-1]
if sorted(begun) != sorted(names):
    sys.exit('not each once: %r' % begun)
PY
python3 "$T/look.py" "$BOOK/names" "$T/one/begun" || fail "the items"
[ "$(state 'dump["two words"]')" = done ] || fail "no item in status"
[ "$(state 'call["x].y[z"].part[y]')" = done ] || fail "no item within"
expect 0 "$CAIRN" log "$(run_id)" 'dump["two words"]'
said "two words"

# parallel: never more than three, and more than one
python3 - "$CAIRN_STATE/runs/$(run_id)/journal" <<'PY' || fail "parallel"
import json, sys
now, most = set(), 0
for line in open(sys.argv[1]):
    r = json.loads(line)
    step = r.get("step", "")
    if not step.startswith("dump["): continue
    if r["type"] == "step.start": now.add(step)
    if r["type"] == "step.end": now.discard(step)
    most = max(most, len(now))
sys.exit(most != 3)
PY

# undo: every item, the latest end first
expect 0 "$CAIRN" undo "$(run_id)"
python3 "$T/look.py" "$BOOK/names" "$T/one/undone" || fail "not each undone"
python3 - "$CAIRN_STATE/runs/$(run_id)/journal" <<'PY' || fail "order of undo"
import json, sys
ends, undone = [], []
for line in open(sys.argv[1]):
    r = json.loads(line)
    if r["type"] == "step.end" and r["step"].startswith("dump["):
        if r["state"] == "done" and not r["step"].endswith("]!undo"): ends.append(r["step"])
        if r["state"] == "undone": undone.append(r["step"])
sys.exit(undone != ends[::-1])
PY

# collect: all run, the step has failed; the failed one is tried again
book collect <<'YAML'
version: 1
name: collect
title: Collect
params: {dir: {type: string, required: true}, how: {type: enum, of: [stop, collect], default: stop}}
steps:
  - id: all
    title: All
    when: params.how == 'collect'
    for_each: {in: "['a', 'b', 'c']", on_failure: collect}
    cwd: ${{ params.dir }}
    run: [sh, -c, 'echo $1 >>ran; [ $1 != b ] || [ -e good ]', sh, '${{ item }}']
    undo: {none: a test}
  - id: first
    title: First
    when: params.how == 'stop'
    for_each: {in: "['a', 'b', 'c']"}
    cwd: ${{ params.dir }}
    run: [sh, -c, 'echo $1 >>ran; [ $1 != b ] || [ -e good ]', sh, '${{ item }}']
    undo: {none: a test}
YAML
for how in collect stop; do
	step=all; [ $how = collect ] || step=first
	mkdir "$T/$how"
	expect 1 "$CAIRN" run "$BOOK" --set "dir=$T/$how" --set how=$how
	[ $how = collect ] && ran='a b c' || ran='a b'
	[ "$(echo $(cat "$T/$how/ran"))" = "$ran" ] || fail "$how: $(cat "$T/$how/ran")"
	expect 1 "$CAIRN" resume "$(run_id)"
	[ "$(echo $(cat "$T/$how/ran"))" = "$ran" ] || fail "$how: again by itself"
	touch "$T/$how/good"
	"$CAIRN" retry "$(run_id)" "$step[b]" --reason test </dev/null >"$T/out" 2>&1 ||
	    { fail "retry of an item"; cat "$T/out"; }
	within 20 sh -c "\"$CAIRN\" list | grep '$(run_id)' | grep -q ' done'" ||
	    fail "$how: it is not done"
	[ "$(sort "$T/$how/ran" | tr -d '\n')" = abbc ] || fail "$how: not b alone"
	[ "$(state "$step")" = done ] || fail "$how: $step is $(state $step)"
done

# skip and done of an item
mkdir "$T/by"
expect 1 "$CAIRN" run "$BOOK" --new --set "dir=$T/by"
expect 0 "$CAIRN" skip "$(run_id)" 'first[b]' --reason test
within 20 sh -c "\"$CAIRN\" list | grep '$(run_id)' | grep -q ' done'" ||
    fail "it is not done"
is "$T/by/ran" "$(printf 'a\nb\nc')"

# the step itself is not decided about; what does not fit an input does nothing
mkdir "$T/it"
expect 1 "$CAIRN" run "$BOOK" --new --set "dir=$T/it"
"$CAIRN" skip "$(run_id)" first --reason test >"$T/out" 2>&1 </dev/null &&
    fail "the step itself was skipped"
said "'first' goes through items"
book fit <<'YAML'
version: 1
name: fit
title: Fit
steps:
  - {id: call, title: Call, for_each: {in: "['good', 'bad one']"}, include: fit.d/in.yaml, with: {n: '${{ item }}'}}
YAML
mkdir "$T/fit" "$T/fit/fit.d" && mv "$BOOK" "$T/fit/runbook.yaml"
cat >"$T/fit/fit.d/in.yaml" <<'YAML'
inputs: {n: {type: string, pattern: '[a-z]+'}}
steps: [{id: say, title: Say, run: [echo, '${{ inputs.n }}'], effect: reads}]
YAML
expect 1 "$CAIRN" run "$T/fit"
said "runbook.yaml:5"
not_said "means nothing here"
[ "$(state 'call[good]')" = done ] || fail "the good one"
[ "$(state 'call["bad one"]')" = failed ] || fail "the bad one"

# keys that are no keys: failed, and nothing was done
n=0
for in in "['a', 'b', 'a']" "[1]" "'text'" "[{a: 1}]" "null"; do
	n=$((n + 1))
	[ "$in" != "[{a: 1}]" ] || in="[['a']]"
	book "keys$n" <<YAML
version: 1
name: keys$n
title: Keys
steps:
  - {id: all, title: All, for_each: {in: "$in"}, run: touch ran, undo: {none: a test}}
YAML
	expect 1 "$CAIRN" run "$BOOK"
	[ ! -e "$CAIRN_STATE/runs/$(run_id)/work/ran" ] || fail "$in: it ran"
	has "$CAIRN_STATE/runs/$(run_id)/journal" '"nothing_done":true'
done
finish
