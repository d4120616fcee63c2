# For every test of the command line: a state directory and a place of its own,
# removed at the end; short ways to say what must be true.
set -u
: "${CAIRN:?CAIRN must name the program}"
: "${srcdir:=.}"

T=$(mktemp -d "${TMPDIR:-/tmp}/cairn-test.XXXXXX") || exit 99
CAIRN_STATE=$T/state
export CAIRN_STATE
failures=0

# itself, not a shim that looks for it each time
PYTHON=$(python3 -c 'import sys; print(sys.executable)')
python3() { "$PYTHON" "$@"; }

cleanup() {
	# nothing that a test started may outlive it
	for pid in $(cat "$T"/pids 2>/dev/null); do
		kill "$pid" 2>/dev/null
	done
	for cwd in /proc/[0-9]*/cwd; do
		pid=${cwd#/proc/}; pid=${pid%/cwd}
		case $(readlink "$cwd" 2>/dev/null; readlink "/proc/$pid"/fd/* \
		    2>/dev/null) in
		*"$T"/*) [ "$pid" = $$ ] || kill -KILL "$pid" 2>/dev/null ;;
		esac
	done
	rm -rf "$T"
}
trap cleanup EXIT
trap 'exit 99' HUP INT TERM

fail() { printf 'FAIL: %s\n' "$*"; failures=$((failures + 1)); }
skip() { printf '%s\n' "$*"; exit 77; }
finish() {
	[ "$failures" = 0 ] || { printf '%d failures\n' "$failures"; exit 1; }
	exit 0
}

# book NAME < YAML: a book of one file; its path is in $BOOK
book() { BOOK=$T/$1.yaml; cat >"$BOOK"; }

# expect STATUS COMMAND …: output goes to $T/out and $T/err
expect() {
	want=$1; shift
	"$@" >"$T/out" 2>"$T/err" </dev/null
	got=$?
	[ "$got" = "$want" ] || {
		fail "status $got, not $want: $*"
		sed 's/^/    /' "$T/out" "$T/err"
	}
}
# said TEXT: the last command printed it
said() {
	grep -qF -- "$1" "$T/out" "$T/err" || {
		fail "it did not say: $1"
		sed 's/^/    /' "$T/out" "$T/err"
	}
}
not_said() {
	! grep -qF -- "$1" "$T/out" "$T/err" || fail "it said: $1"
}
# has FILE TEXT · is FILE CONTENT
has() { grep -qF -- "$2" "$1" || fail "$1 does not hold: $2"; }
is() { [ "$(cat "$1" 2>/dev/null)" = "$2" ] ||
    fail "$1 is '$(cat "$1" 2>/dev/null)', not '$2'"; }
# run_id [NAME]: the run that began last; names do not tell within a minute
run_id() {
	for run in "$CAIRN_STATE"/runs/"${1:-}"*; do
		printf '%s %s\n' "$(head -c 300 "$run/journal" 2>/dev/null |
		    sed -n 's/.*"at":"\([^"]*\)".*/\1/p')" "${run##*/}"
	done | sort | sed -n '$s/.* //p'
}
# state STEP: as status --json tells it
state() {
	"$CAIRN" status "$(run_id)" --json | python3 -c '
import json, sys
for s in json.load(sys.stdin)["steps"]:
    if s["address"] == sys.argv[1]:
        print(s["state"])' "$1"
}
question() {
	"$CAIRN" status "$(run_id)" --json | python3 -c '
import json, sys
for s in json.load(sys.stdin)["steps"]:
    if s["address"] == sys.argv[1]:
        print(s["question"]["question"])' "$1"
}
# within SECONDS COMMAND …: until it succeeds
within() {
	limit=$(($(date +%s) + $1)); shift
	while ! "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$limit" ] || return 1
		sleep 0.1
	done
}
