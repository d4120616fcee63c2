#!/bin/sh
# Nothing is destroyed by accident: identity is proven, words are typed, and a
# permission that no longer fits asks again.
. "$(dirname "$0")/lib.sh"
mkdir "$T/env"
echo prod >"$T/env/name"; echo 1 >"$T/env/id"; echo one >"$T/env/target"
book d <<YAML
version: 1
name: d
title: Destroys
environments:
  prod:
    title: The old one
    identity:
      - {title: name, run: [cat, $T/env/name], holds: trim(self.out) == 'prod', capture: {name: trim(self.out)}}
      - {title: id, run: [grep, -c, '', $T/env/id], holds: trim(self.out) == '1'}
    may_destroy: [wipe, last]
hosts: {box: {local: true, environment: prod}}
steps:
  - {id: target, title: Target, run: [cat, $T/env/target], effect: reads, host: box, capture: {t: trim(self.out)}}
  - {id: go, title: Go?, gate: {ask: Really?, confirm: wipe it}}
  - {id: pause, title: Pause, gate: {ask: Paused, checklist: [a]}}
  - {id: wipe, title: Wipe, host: box, effect: destroys, targets: [prod], allowed_by: go, undo: {none: gone}, run: ['rm', '-f', '--', '$T/env/victim']}
  - {id: last, title: Last, host: box, effect: destroys, targets: [prod], undo: {none: gone}, run: ['rm', '-f', '--', '$T/env/second']}
YAML
touch "$T/env/victim" "$T/env/second"
waits() { [ "$(state "$1")" = waiting ]; }
state_is() { [ "$(state "$1")" = "$2" ]; }
ended() { "$CAIRN" list | grep "$id" | grep -q "$1"; }
state() {
	"$CAIRN" status "$id" --json | python3 -c '
import json, sys
for s in json.load(sys.stdin)["steps"]:
    if s["address"] == sys.argv[1]:
        print(s["state"])' "$1"
}
question() {
	"$CAIRN" status "$id" --json | python3 -c '
import json, sys
for s in json.load(sys.stdin)["steps"]:
    if s["address"] == sys.argv[1]:
        print(s["question"]["question"])' "$1"
}
expect 3 "$CAIRN" run "$BOOK"
id=$(run_id d)
# a gate's done and skip permit nothing: tried in a run of its own below
expect 0 "$CAIRN" answer "$id" go --confirm 'wipe it' --question "$(question go)"
within 120 waits pause || fail "pause never asked"
# the environment is another one now: the permission does not help
echo stage >"$T/env/name"
expect 0 "$CAIRN" answer "$id" pause --tick 1
within 120 ended failed || { fail "a wrong environment did not stop it"; "$CAIRN" log "$id"; }
[ -e "$T/env/victim" ] || fail "destroyed in the wrong environment"
echo prod >"$T/env/name"
expect 3 "$CAIRN" resume "$id"
[ -e "$T/env/victim" ] && fail "permitted, proven, and not done"
[ -e "$T/env/second" ] || fail "destroyed without being asked"
state_is last waiting || fail "last did not ask: $(state last)"
expect 2 "$CAIRN" answer "$id" last --confirm box --question "$(question last)"
expect 2 "$CAIRN" answer "$id" last --confirm prod
expect 0 "$CAIRN" answer "$id" last --confirm prod --question "$(question last)"
within 120 ended done || { fail "not done"; "$CAIRN" log "$id"; }
[ -e "$T/env/second" ] && fail "last did nothing"

# a gate that was skipped or done by hand permits nothing
for verb in skip done; do
	touch "$T/env/victim"
	expect 3 "$CAIRN" run "$BOOK" --new
	id=$("$CAIRN" list --json | python3 -c 'import json,sys
print([r["run"] for r in json.load(sys.stdin) if r["state"] == "waiting"][0])')
	expect 0 "$CAIRN" $verb "$id" go --reason 'no time'
	within 120 waits pause || "$CAIRN" resume "$id" >/dev/null 2>&1 </dev/null
	expect 0 "$CAIRN" answer "$id" pause --tick 1
	within 120 waits wipe || fail "$verb: wipe did not ask: $(state wipe)"
	[ -e "$T/env/victim" ] || fail "$verb gave a permission"
	expect 0 "$CAIRN" stop "$id"
	expect 0 "$CAIRN" skip "$id" wipe --reason x
	"$CAIRN" resume "$id" >/dev/null 2>&1 </dev/null
	"$CAIRN" skip "$id" last --reason x >/dev/null 2>&1 </dev/null
	"$CAIRN" resume "$id" >/dev/null 2>&1 </dev/null
done

# what a permission was given for: grown old, or another victim than was shown
reads_victim="{id: which, title: Which, run: [cat, $T/env/which], effect: reads, host: box, capture: {v: trim(self.out)}}"
for how in fresh old changed; do
	sed -e "s/^name: d/name: d-$how/" "$BOOK" >"$T/d-$how.yaml"
	case $how in
	old) sed -i 's/confirm: wipe it/confirm: wipe it, valid: 1s/' "$T/d-$how.yaml" ;;
	changed) sed -i -e "/id: pause/a\\  - $reads_victim" \
	    -e "s#'$T/env/victim'#'\${{ path_join(\"$T/env\", steps.which.v) }}'#" \
	    "$T/d-$how.yaml" ;;
	esac
	echo victim >"$T/env/which"
	touch "$T/env/victim" "$T/env/second"
	expect 3 "$CAIRN" run "$T/d-$how.yaml"
	id=$(run_id "d-$how")
	expect 0 "$CAIRN" answer "$id" go --confirm 'wipe it' --question "$(question go)"
	within 120 waits pause || fail "$how: pause never asked"
	[ $how != old ] || sleep 2
	expect 0 "$CAIRN" answer "$id" pause --tick 1
	if [ $how = fresh ]; then
		within 120 waits last || fail "the permission did not hold"
		[ ! -e "$T/env/victim" ] || fail "permitted, and not done"
		continue
	fi
	within 120 waits wipe || fail "$how: wipe did not ask: $(state wipe)"
	[ -e "$T/env/victim" ] || fail "$how: destroyed all the same"
	expect 0 "$CAIRN" answer "$id" wipe --confirm prod --question "$(question wipe)"
	within 120 waits last || fail "$how: allowed at the step, and not done"
	[ ! -e "$T/env/victim" ] || fail "$how: allowed at the step, and still there"
done
finish
