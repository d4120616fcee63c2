#!/bin/sh
# Values go through every place where a step may have them, and arrive byte by
# byte; they are never executed, split or taken for an option.
. "$(dirname "$0")/lib.sh"
book v <<'YAML'
version: 1
name: v
title: Values
params: {v: {type: string, required: true, multiline: true}, dir: {type: string, required: true}}
steps:
  - id: text
    title: 'Text ${{ params.v }}'
    cwd: ${{ params.dir }}
    run: |
      printf %s "${{ params.v }}" >text
      printf %s "a${{ params.v }}b" >glued
      x="${{ params.v }}"; printf %s "$x" >variable
      cat >here <<EOT
      ${{ params.v }}
      EOT
  - id: input
    title: Input
    cwd: ${{ params.dir }}
    stdin: ${{ params.v }}
    run: [tee, input]
    capture: {back: self.out}
  - id: env
    title: Env
    cwd: ${{ params.dir }}
    env: {V: '${{ params.v }}'}
    run: 'printf %s "$V" >env'
  - id: argv
    title: Argv
    when: not startswith(params.v, '-')
    cwd: ${{ params.dir }}
    run: [sh, -c, 'printf %s "$1" >argv; echo $# >count', sh, '${{ params.v }}']
  - id: back
    title: Back
    cwd: ${{ params.dir }}
    env: {V: '${{ steps.input.back }}'}
    run: 'printf %s "${{ steps.input.back }}" >back; printf %s "$V" >backenv'
YAML
book dash <<'YAML'
version: 1
name: dash
title: Dash
params: {v: {type: string, required: true}, dir: {type: string, required: true}}
steps:
  - {id: plain, title: Plain, cwd: '${{ params.dir }}', run: [touch, '${{ params.v }}']}
YAML
python3 - "$T" "$CAIRN" <<'PY'
import os, subprocess, sys
T, cairn = sys.argv[1:]
owned = T + '/owned'
values = [
    "plain", "two words", "  blanks  ", "it's", '"', "'", "''", '"; touch %s; "' % owned,
    "$(touch %s)" % owned, "`touch %s`" % owned, "${HOME}", "$HOME", "$1$@$*", "a\nb", "\n", "a\n",
    "EOT", "x\nEOT\ntouch %s\n" % owned, "; touch %s" % owned, "& touch %s &" % owned, "| touch %s" % owned, "> %s" % owned,
    "*", "?", "[a-z]*", "~", "~root", "\\", "\\\\", "a\\nb", "\\0", "%s%n", "!", "!!", "#x", "{a,b}",
    "-rf", "--help", "-", "--", "-n x", "a\tb", "\u00fc\u4e2d\U0001F600", "${{ params.v }}", "$((1+1))", "x" * 5000,
    "=", "a=b", "CAIRN_1", "${CAIRN_1}", "null", "true", "0644",
]
bad = 0
def fail(*a):
    global bad
    bad += 1
    print('FAIL:', *a)
names = ['text', 'glued', 'variable', 'here', 'input', 'env', 'argv', 'back', 'backenv']
# the directory, too, is an awkward value
for i, v in enumerate(values):
    d = f"{T}/work dir '$({i});*"
    os.mkdir(d)
    p = subprocess.run([cairn, 'run', T + '/v.yaml', '--new', '--set', 'v=' + v, '--set', 'dir=' + d],
        stdin=subprocess.DEVNULL, capture_output=True)
    if p.returncode != 0:
        fail(repr(v[:40]), p.returncode, p.stderr.decode(errors='replace')[-700:])
        continue
    for name in names:
        if name == 'argv' and v.startswith('-'):
            continue
        want = {'glued': 'a' + v + 'b', 'here': v + '\n'}.get(name, v).encode()
        try:
            got = open(f'{d}/{name}', 'rb').read()
        except OSError as e:
            fail(repr(v[:40]), name, e)
            continue
        if got != want:
            fail(repr(v[:40]), 'in', name, 'became', got[:60])
    if not v.startswith('-') and open(d + '/count').read() != '1\n':
        fail(repr(v[:40]), 'was split')
    if set(os.listdir(d)) - set(names) - {'count'}:
        fail(repr(v[:40]), 'made', os.listdir(d))
    if os.path.exists(owned):
        fail(repr(v[:40]), 'was executed')
        os.unlink(owned)
# an option is refused before anything runs
d = T + '/dash'
os.mkdir(d)
for v in ('-rf', '--help', '-', '--'):
    p = subprocess.run([cairn, 'run', T + '/dash.yaml', '--new', '--set', 'v=' + v, '--set', 'dir=' + d],
        stdin=subprocess.DEVNULL, capture_output=True)
    if p.returncode != 1 or os.listdir(d) or b'start ' in p.stderr:
        fail(v, 'as an argument:', p.returncode, os.listdir(d), p.stderr.decode()[-300:])
sys.exit(bad != 0)
PY
[ $? = 0 ] || fail "values"
finish
