#!/bin/sh
# Every source and every test is named in Makefile.am.
set -eu
cd "${srcdir:-.}"
status=0
for f in src/*/*.[ch] tests/lint/*.sh tests/cli/*.sh tests/crash/*.sh \
    tests/main/*.sh tests/fuzz/*.[ch] tests/fuzz/*.sh; do
	case $f in *'*'*|*/lib.sh) continue ;; esac
	grep -qF "$f" Makefile.am || { echo "$f is not in Makefile.am"; status=1; }
done
for f in tests/unit/*.c tests/crash/*.c; do
	grep -q 'main(' "$f" || continue
	grep -qF "${f%.c}" Makefile.am ||
	    { echo "$f is not in Makefile.am"; status=1; }
done
exit $status
