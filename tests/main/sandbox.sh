#!/bin/sh
# The sandbox itself: a whole migration by hand, its traps and its faults.
[ "$(id -u)" != 0 ] || { echo "PostgreSQL refuses root"; exit 77; }
exec "${srcdir:-.}/runbooks/migrate-project/sandbox/selftest"
