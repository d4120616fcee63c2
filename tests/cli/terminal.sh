#!/bin/sh
# Whatever a step prints, a value holds or a person typed: no control character
# and no change of direction reaches the terminal.
. "$(dirname "$0")/lib.sh"
book esc <<'YAML'
version: 1
name: esc
title: Escapes
params: {v: {type: string, required: true, multiline: true}}
steps:
  - id: prints
    title: 'Title ${{ params.v }}'
    run: 'printf "a\033[2Jb\007c\033]0;title\007d\r\b\302\233e\342\200\256f\n"; printf "%s\n" "${{ params.v }}"; printf "\033[31mred\n" >&2'
    capture: {all: self.out}
  - id: may
    title: 'May ${{ params.v }}'
    gate: {ask: 'Ask ${{ params.v }}', show: {Evidence: '${{ steps.prints.all }}', Value: '${{ params.v }}'}, checklist: ['Tick ${{ params.v }}']}
  - id: fails
    title: Fails
    run: 'printf "\033[2Jgone \342\200\256 \302\233\n"; printf "%s" "${{ params.v }}"; exit 1'
YAML
python3 - "$T" "$CAIRN" "$BOOK" <<'PY'
import os, subprocess, sys, unicodedata
T, cairn, book = sys.argv[1:]
bad = 0
evil = 'x\x1b[2J\x07\x08\x7f\u009b31m\u202eabc\u2066\u200f\u061c\x0b'
def clean(what, data):
    global bad
    text = data.decode('utf-8')
    for c in text:
        if c == '\n' or c == '\t':
            continue
        if unicodedata.category(c) in ('Cc', 'Cf', 'Zl', 'Zp'):
            bad += 1
            at = text.index(c)
            print(f'FAIL: {what}: U+{ord(c):04X} in {text[max(0, at - 40):at + 20]!r}')
            return
def run(want, *args):
    global bad
    p = subprocess.run([cairn, *args], stdin=subprocess.DEVNULL, capture_output=True)
    clean(f'stdout of {args[0]}', p.stdout)
    clean(f'stderr of {args[0]}', p.stderr)
    if p.returncode != want:
        bad += 1
        print(f'FAIL: {args}: {p.returncode}, not {want}\n{p.stderr.decode()}')
    return p
run(2, 'run', book, '--set', 'v=' + evil)
# what a value may hold
words, evil = evil, 'x\u202eabc\u2066\u200f\u061c\n\u202dsecond'
run(3, 'run', book, '--set', 'v=' + evil)
id = os.listdir(T + '/state/runs')[0]
run(0, 'status', id)
j = run(0, 'status', id, '--json').stdout
if not j.isascii():
    bad += 1
    print('FAIL: status --json is not ASCII')
run(2, 'answer', id, words, '--tick', '1', '--reason', evil)
run(0, 'answer', id, 'may', '--tick', '1', '--by', evil, '--reason', evil)
run(1, 'resume', id)
for step in ('prints', 'fails'):
    run(0, 'log', id, step)
run(0, 'log', id)
run(0, 'list')
l = run(0, 'list', '--json').stdout
if not l.isascii():
    bad += 1
    print('FAIL: list --json is not ASCII')
run(0, 'skip', id, 'fails', '--reason', words)
run(2, words)
run(2, 'status', words)
run(2, 'run', book, '--set', words)
open(T + '/evil.yaml', 'w').write('version: 1\nname: evil\nsteps:\n  - {id: "a\\u202E", title: "b\\e[2J", "c\\e": 1, run: "x"}\n')
run(2, 'lint', T + '/evil.yaml')
open(T + '/raw.yaml', 'wb').write(b'version: 1\nname: raw\xe2\x80\xae\nsteps:\n  - {id: a, oops: "\xc2\x9b"}\n')
run(2, 'lint', T + '/raw.yaml')
sys.exit(bad != 0)
PY
[ $? = 0 ] || fail "the terminal was reached"
finish
