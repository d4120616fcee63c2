#!/bin/sh
# Secrets from a file, the environment and a command; a step prints them in
# many forms. They are nowhere in the run's directory afterwards.
. "$(dirname "$0")/lib.sh"
FROM_FILE=s3cr3t-File-Vq9zPw71 FROM_ENV=s3cr3t-Env-Lm28xRt6 FROM_CMD=s3cr3t-Cmd-Hy45uBn3
umask 077
# a secret may not lie in the folder of the book
mkdir "$T/books"
book() { BOOK=$T/books/$1.yaml; cat >"$BOOK"; }
printf '%s\n' "$FROM_FILE" >"$T/file"
printf '%s\n' "$FROM_CMD" >"$T/cmd"
export MY_SECRET=$FROM_ENV

book leak <<YAML
version: 1
name: leak
title: Leak
params: {go: {type: string, required: true}, begun: {type: string, required: true}}
secrets:
  f: {file: $T/file}
  e: {env: MY_SECRET}
  c: {command: [cat, $T/cmd]}
steps:
  - id: prints
    title: Prints
    env: {F: '\${{ secrets.f }}', E: '\${{ secrets.e }}', C: '\${{ secrets.c }}'}
    run: |
      touch "\${{ params.begun }}"
      while [ ! -e "\${{ params.go }}" ]; do sleep 0.05; done
      for s in "\$F" "\$E" "\$C"; do
        echo "raw \$s in a line"
        printf '%s' "\$s" | base64
        printf '%s' "\$s" | od -An -tx1 | tr -d ' \\n'; echo
        printf '%s' "\$s" | cut -c1-9 | tr -d '\\n'; sleep 0.1; printf '%s' "\$s" | cut -c10-
        echo "err \$s" >&2
      done
      echo v=ok
    capture: {v: {match: 'v=(\w+)'}}
  - id: much
    title: Much
    stdin: \${{ secrets.f }}
    run: |
      s=\$(cat); i=0
      while [ \$i -lt 400 ]; do echo "line \$i \$s"; i=\$((i+1)); done
  - id: fails
    title: Fails
    env: {F: '\${{ secrets.f }}'}
    run: 'echo "dying with \$F"; exit 3'
YAML

# nowhere FILES-OR-DIRECTORY …
nowhere() {
	for s in "$FROM_FILE" "$FROM_ENV" "$FROM_CMD"; do
		for form in "$s" "$(printf %s "$s" | base64)" \
		    "$(printf %s "$s" | od -An -tx1 | tr -d ' \n')"; do
			grep -rqaF -- "$form" "$@" && {
				fail "a secret as '$form' is in:"
				grep -rlaF -- "$form" "$@"; }
		done
	done
}

"$CAIRN" run "$BOOK" --set go="$T/go" --set begun="$T/begun" >"$T/run.out" 2>&1 </dev/null &
runner=$!
within 120 test -e "$T/begun" || { fail "it never began"; cat "$T/run.out"; }
for p in /proc/[0-9]*/cmdline; do
	cat "$p" 2>/dev/null | tr '\0' ' '
done >"$T/cmdlines"
has "$T/cmdlines" "$BOOK"
nowhere "$T/cmdlines"
touch "$T/go"
wait $runner; s=$?
[ $s = 1 ] || { fail "status $s"; cat "$T/run.out"; }
id=$(run_id)
nowhere "$CAIRN_STATE/runs/$id" "$T/run.out"
has "$T/run.out" "last lines of its output"
for c in "log $id" "log $id prints" "log $id much" "status $id" "status $id --json" "journal show $id"; do
	# shellcheck disable=SC2086
	"$CAIRN" $c >"$T/shown" 2>&1 </dev/null || fail "$c: $?"
	nowhere "$T/shown"
done
"$CAIRN" log "$id" much >"$T/shown" 2>&1
[ "$(grep -c '^line [0-9]' "$T/shown")" -ge 400 ] || fail "the masked log is not whole"

# the driver dies, the job prints its secret, resume comes without it (S7)
rm -f "$T/go" "$T/begun"
book late <<YAML
version: 1
name: late
title: Late
params: {go: {type: string, required: true}, begun: {type: string, required: true}}
secrets: {f: {file: $T/file}}
steps:
  - id: prints
    title: Prints
    env: {F: '\${{ secrets.f }}'}
    run: |
      echo x >>"\${{ params.begun }}"
      while [ ! -e "\${{ params.go }}" ]; do sleep 0.05; done
      echo "v=\$F end"
      echo w=ok
    capture: {w: {match: 'w=(\w+)'}}
YAML
"$CAIRN" run "$BOOK" --set go="$T/go" --set begun="$T/begun" >"$T/run.out" 2>&1 </dev/null &
runner=$!
within 120 test -e "$T/begun" || fail "late never began"
id=$(run_id)
driver=$("$CAIRN" list --json | python3 -c 'import json,sys
print([r["driver"] for r in json.load(sys.stdin) if r["driver"]][0])')
kill -KILL "$driver"
wait $runner
touch "$T/go"
ended() { grep -q '^rc=' "$CAIRN_STATE/runs/$id/job/"*/rc; }
within 120 ended || fail "the job did not end"
mv "$T/file" "$T/file.away"
expect 3 "$CAIRN" resume "$id"
said "$T/file"
nowhere "$T/out" "$T/err" "$CAIRN_STATE/runs/$id/journal" "$CAIRN_STATE/runs/$id/log"
[ "$(state prints)" = running ] || fail "collected without the secret: $(state prints)"
mv "$T/file.away" "$T/file"
expect 0 "$CAIRN" resume "$id"
nowhere "$T/out" "$T/err" "$CAIRN_STATE/runs/$id"
is "$T/begun" x
finish
