#!/bin/sh
# Another user of the machine cannot read, answer, steer or feed a run.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip "needs root, to be another user"
command -v setpriv >/dev/null || skip "needs setpriv"
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
chmod 755 "$T"
book q <<'YAML'
version: 1
name: q
title: Question
steps:
  - {id: q, title: Q, gate: {ask: Go?, checklist: [a]}}
YAML
expect 3 "$CAIRN" run "$BOOK"
id=$(run_id q)
dir=$CAIRN_STATE/runs/$id
# as another user: the names cannot even be seen
for f in "$dir/journal" "$dir/inbox" "$dir/lock" "$dir/work"; do
	nobody cat "$f" >/dev/null 2>&1 && fail "nobody reads $f"
	nobody ls "$f" >/dev/null 2>&1 && fail "nobody lists $f"
done
nobody sh -c 'echo {} >"$1/inbox/00000000000000000000000000000000"' x "$dir" 2>/dev/null &&
    fail "nobody writes into the inbox"
cp "$CAIRN" "$T/cairn"; chmod 755 "$T/cairn"
for c in "status $id" "list" "answer $id q --tick 1" "stop $id" "resume $id"; do
	# shellcheck disable=SC2086
	nobody env CAIRN_STATE="$CAIRN_STATE" "$T/cairn" $c >"$T/out" 2>"$T/err" </dev/null
	s=$?
	case $c in list) ;; *) [ $s = 2 ] || fail "nobody: cairn $c ended with $s" ;; esac
	not_said "$id is"
	not_said "Go?"
done
# files that got in all the same: refused, on record, and removed
answer='{"verb":"answer","step":"q","ticks":[1]}'
plant() { printf '%s' "$answer" >"$dir/inbox/$1"; }
plant 11111111111111111111111111111111; chown 65534 "$dir/inbox/11111111111111111111111111111111"
plant 22222222222222222222222222222222; chmod 666 "$dir/inbox/22222222222222222222222222222222"
printf '%s' "$answer" >"$T/elsewhere"
ln -s "$T/elsewhere" "$dir/inbox/33333333333333333333333333333333"
mkfifo "$dir/inbox/44444444444444444444444444444444"
plant evil-name
(umask 077; head -c 70000 /dev/zero | tr '\0' ' ' >"$dir/inbox/55555555555555555555555555555555"
 echo '{"verb":' >"$dir/inbox/66666666666666666666666666666666"
 echo '{"verb":"$(touch '"$T"'/owned)"}' >"$dir/inbox/77777777777777777777777777777777")
expect 3 "$CAIRN" resume "$id"
[ "$(state q)" = waiting ] || fail "a planted answer was taken"
[ "$("$CAIRN" journal show "$id" | grep -c '"type":"refused"')" = 8 ] ||
    fail "$("$CAIRN" journal show "$id" | grep -c '"type":"refused"') of 8 are refused"
[ -z "$(ls -A "$dir/inbox")" ] || fail "left in the inbox: $(ls -A "$dir/inbox")"
[ -e "$T/owned" ] && fail "a command was executed"
is "$T/elsewhere" "$answer"
# a run directory that others may write is refused
chmod 777 "$dir/inbox"
expect 2 "$CAIRN" status "$id"
chmod 700 "$dir/inbox"
chown 65534 "$dir"
expect 2 "$CAIRN" resume "$id"
chown 0 "$dir"
expect 0 "$CAIRN" answer "$id" q --tick 1
# a word that names a run is no path
for w in ../x .. . / "$dir" "runs/$id" '*' '' '$(id)'; do
	expect 2 "$CAIRN" status "$w"
done
finish
