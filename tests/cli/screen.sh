#!/bin/sh
# At a terminal: the block that is drawn again, questions, Ctrl-C, a terminal
# that closes; and that nothing of a step's output steers it.
. "$(dirname "$0")/lib.sh"
cat >"$T/term.py" <<'PY'
import fcntl, os, pty, select, signal, struct, sys, termios, time
T, cairn, what = sys.argv[1:4]
LIMIT = 30
class Term:
    def __init__(self, *args, rows=24, cols=80, **env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            e = dict(os.environ, TERM='xterm')
            e.pop('NO_COLOR', None)
            e.update(env)
            time.sleep(0.1)
            os.execve(cairn, [cairn, *args], e)
        self.size(rows, cols)
        self.modes = termios.tcgetattr(self.fd)
        self.data, self.at = b'', 0
    def size(self, rows, cols):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack('HHHH', rows, cols, 0, 0))
    def pump(self):
        if select.select([self.fd], [], [], 0.1)[0]:
            try:
                got = os.read(self.fd, 65536)
            except OSError:
                got = b''
            self.data += got
            return got != b''
        return True
    def until(self, text):
        end = time.time() + LIMIT
        while text.encode() not in self.data[self.at:]:
            if not self.pump() or time.time() > end:
                sys.exit(f'FAIL: it did not say {text!r}:\n{self.data[self.at:].decode(errors="replace")}')
        self.at = self.data.index(text.encode(), self.at) + len(text)
    def type(self, text):
        os.write(self.fd, text.encode())
    def end(self, want):
        end = time.time() + LIMIT
        while self.pump() and time.time() < end:
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        if status != want:
            sys.exit(f'FAIL: status {status}, not {want}\n{self.data.decode(errors="replace")}')
        return self.data
def must(so, why):
    if not so:
        sys.exit('FAIL: ' + why)
PY
drive() { { cat "$T/term.py"; cat; } >"$T/now.py"
    python3 "$T/now.py" "$T" "$CAIRN" "$BOOK" || fail "$1"; }

book gate <<'YAML'
version: 1
name: gate
title: Gate
params: {who: {type: string, default: world}}
steps:
  - id: may
    title: May I
    gate:
      ask: 'Shall ${{ params.who }} be greeted?'
      checklist: [The room is empty]
      fields: {count: {type: int, required: true}}
      choices: {go: continue, no: stop}
      confirm: '${{ params.who }}'
  - id: greet
    title: Greet
    run: 'echo "${{ steps.may.count }}" > greeting'
YAML
drive "a gate is answered at the screen" <<'PY'
t = Term('run', what)
t.until('no (stop)? ')
t.type('maybe\n'); t.until('none of the choices')
t.type('go\n'); t.until('it is so] ')
t.type('n\n'); t.until('Ctrl-D leaves'); t.until('it is so] ')
t.type('y\n'); t.until('count (int): ')
t.type('many\n'); t.until('to allow it: ')
t.type('World\n'); t.until('that is not it'); t.until('to allow it: ')
t.type('world\n'); t.until('not taken'); t.until('count (int): ')
t.type('4\n'); t.until('to allow it: ')
t.type('world\n')
t.end(0)
PY
is "$CAIRN_STATE/runs/$(run_id)/work/greeting" 4

drive "an answer from elsewhere withdraws the question" <<'PY'
import subprocess
t = Term('run', what)
t.until('no (stop)? ')
t.type('g')
id = max(os.listdir(T + '/state/runs'), key=lambda d: os.stat(f'{T}/state/runs/{d}').st_mtime)
q = subprocess.run([cairn, 'status', id, '--json'], capture_output=True, text=True).stdout
import json
q = [s['question']['question'] for s in json.loads(q)['steps'] if s['address'] == 'may'][0]
subprocess.run([cairn, 'answer', id, 'may', '--tick', '1', '--set', 'count=3', '--choice', 'go',
    '--confirm', 'world', '--question', q], check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
t.until('not asked any more')
t.end(0)
PY

drive "Ctrl-D leaves a question open" <<'PY'

t = Term('run', '--new', what, TERM='dumb')
t.until('no (stop)? ')
t.type('\x04'); t.until('left open')
must(b'\x1b' not in t.end(3), 'an escape sequence on a dumb terminal')
PY

drive "who comes later sees the whole question" <<'PY'
for how in 'resume', 'attach':
    t = Term(how)
    t.until('Shall world be greeted?'); t.until('no (stop)? ')
    must(t.data.count(b'Shall world be greeted?') == 1, 'asked twice')
    t.type('\x04'); t.until('left open')
    t.end(3)
PY

book fails <<'YAML'
version: 1
name: fails
title: Fails
steps:
  - id: try
    title: Try
    run: test -e ../allowed
YAML
drive "a failed step is asked about" <<'PY'
t = Term('run', what)
t.until('try is failed: retry, done, skip, undo, leave? ')
t.type('perhaps\n'); t.until('none of the words')
t.type('retry\n'); t.until('why'); t.type('once more\n')
t.until('try is failed: retry')
t.type('skip\n'); t.until('why'); t.type('not needed\n')
t.end(0)
t = Term('run', '--new', what)
t.until('try is failed: retry')
t.type('leave\n')
t.end(1)
PY
[ "$(state try)" = failed ] || fail "leave changed something"

book long <<'YAML'
version: 1
name: long
title: Long
steps:
  - id: slow
    title: Slow
    run: 'printf "first\n\033]0;evil\007\033[2Jlast\302\233line \360\237\230\200 end\n"; while ! test -e ../go; do sleep 0.1; done'
    effect: reads
YAML
go() { for d in "$CAIRN_STATE"/runs/long*; do : >"$d/go"; done; }
drive "the block is drawn again and cut" <<'PY'
def finish(t):
    for d in os.listdir(T + '/state/runs'):
        if d.startswith('long'):
            open(f'{T}/state/runs/{d}/go', 'w')
    return t.end(0)
t = Term('run', '--new', what)
t.until('slow  \\x1b]0;evil\\x07\\x1b[2Jlast')
t.size(24, 30)
t.until('\x1b[J'); t.until('running')
t.size(3, 10)
t.until('\x1b[J')
must(termios.tcgetattr(t.fd) == t.modes, 'the terminal has other modes')
data = finish(t)
must(b'\x1b]' not in data and b'\x1b[2J' not in data and b'\xc2\x9b' not in data, 'output steers the terminal')
must(data.rstrip().endswith(b'done') or b'\x1b[J' in data, 'the block was not taken away')
t = Term('run', '--new', what, NO_COLOR='1')
t.until('running')
must(b'm' not in [x[-1:] for x in __import__('re').findall(rb'\x1b\[[0-9;]*[A-Za-z]', finish(t))], 'colour in spite of NO_COLOR')
PY
drive "Ctrl-C: what shall be done with what runs; a closed terminal" <<'PY'
t = Term('run', '--new', what)
t.until('slow  '); t.type('\x03'); t.until('wait, stop, leave? ')
t.type('stop\n')
t.end(4)
t = Term('run', '--new', what)
t.until('slow  ')
os.close(t.fd)
os.waitpid(t.pid, 0)
PY
expect 0 "$CAIRN" status last
said running
go
finish
