#!/bin/sh
# The main job, killed at random moments and backed out: see migrate.py.
exec python3 "${srcdir:-.}/tests/main/migrate.py"
