#!/bin/sh
# Each fuzz target over its corpus and RUNS mutations of it (default 3000).
# SEED=n repeats them; a finding is kept as crash-<seed>-<n> in the build folder.
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
SEED=${SEED:-$(date +%s)}
RUNS=${RUNS:-3000}
echo "SEED=$SEED"
cd "${builddir:-.}" || exit 1
# libFuzzer keeps what it finds new in the first folder
found=$(mktemp -d) || exit 99
trap "rm -rf $found" EXIT
failures=0
fuzz() {
	target=$1; shift
	mkdir "$found/$target"
	printf '%s: ' "$target"
	"tests/fuzz/$target" "-seed=$SEED" "-runs=$RUNS" "$found/$target" "$@" ||
	    failures=$((failures + 1))
}
fuzz yaml "$root/tests/yaml/invalid" "$root/runbooks"
fuzz book "$root/tests/book" "$root/runbooks/hello.yaml"
for target in expr shell normal mask journal; do
	fuzz "$target" "$here/corpus/$target"
done
[ $failures = 0 ]
