#!/bin/sh
# Driver, supervisors, commands are killed at random moments; each run is
# resumed to its end. Nothing happens twice that nobody asked for, nothing is
# lost. SEED=n repeats the choices; KILLS=n is how many (default 200).
here=$(dirname "$0")
. "$here/../cli/lib.sh"
SEED=${SEED:-$(date +%s)}
echo "SEED=$SEED"
mkdir "$T/book"
cat >"$T/book/runbook.yaml" <<'YAML'
version: 1
name: kills
title: Killed again and again
params: {fx: {type: string, required: true}}
steps:
  - {id: facts, title: Facts, run: 'sleep 0.02; echo n=42', effect: reads, capture: {n: {match: 'n=(\d+)', type: int}}}
  - id: one
    title: One
    run: 'echo one.begin >> "${{ params.fx }}"; sleep 0.04; echo one >> "${{ params.fx }}"; echo token=abc'
    capture: {token: {match: 'token=(\w+)'}}
  - {id: rep, title: Rep, repeatable: true, run: 'sleep 0.02; echo rep >> "${{ params.fx }}"'}
  - id: proof
    title: Proof
    run: 'echo proof.begin >> "${{ params.fx }}"; sleep 0.03; echo proof >> "${{ params.fx }}"'
    done_when: {run: 'grep -qx proof "${{ params.fx }}"', ok_exit: [0, 1], holds: self.rc == 0}
  - id: two
    title: Two
    run: 'echo two.begin >> "${{ params.fx }}"; sleep 0.04; echo two >> "${{ params.fx }}"'
  - id: use
    title: Use
    run: 'echo use.begin >> "${{ params.fx }}"; sleep 0.02; echo "use ${{ steps.one.token }} ${{ steps.facts.n }}" >> "${{ params.fx }}"'
YAML
export SEED T
python3 - <<'PY'
import json, os, random, signal, subprocess, sys, threading, time

CAIRN, T = os.environ['CAIRN'], os.environ['T']
KILLS = int(os.environ.get('KILLS', '200'))
ONCE = {'one': 'one', 'proof': 'proof', 'two': 'two', 'use': 'use abc 42'}
failures = []

def stat(pid):
    try:
        text = open(f'/proc/{pid}/stat').read()
    except OSError:
        return None
    rest = text[text.rindex(')') + 2:].split()
    return text[text.index('(') + 1:text.rindex(')')], int(rest[1]), rest[0]

def children(pid):
    out = []
    for p in os.listdir('/proc'):
        s = p.isdigit() and stat(p)
        if s and s[1] == pid and s[2] != 'Z':
            out.append(int(p))
    return out

class Worker:
    def __init__(self, number, kills):
        self.number, self.kills = number, kills
        self.random = random.Random(f"{os.environ['SEED']}.{number}")
        self.state = f'{T}/state{number}'
        self.fx = f'{T}/fx{number}'
        self.env = dict(os.environ, CAIRN_STATE=self.state)
        self.supervisors = set()

    def cairn(self, *args):
        return subprocess.run([CAIRN, *args], env=self.env, timeout=120,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)

    def status(self):
        r = self.cairn('status', 'last', '--json')
        if r.returncode != 0:
            raise Exception('status: ' + r.stderr)
        return json.loads(r.stdout)

    def driver(self):
        r = self.cairn('list', '--json')
        if r.returncode != 0:
            raise Exception('list: ' + r.stderr)
        live = [x for x in json.loads(r.stdout) if x['driver']]
        return live[0]['driver'] if live else 0

    def supervisors_now(self):
        found = set()
        for p in os.listdir('/proc'):
            s = p.isdigit() and stat(p)
            if not s or s[0] != 'cairn-slot' or s[2] == 'Z':
                continue
            try:
                # they hold files of our own state directory
                for fd in os.listdir(f'/proc/{p}/fd'):
                    if os.readlink(f'/proc/{p}/fd/{fd}').startswith(self.state + '/'):
                        found.add(int(p))
                        break
            except OSError:
                pass
        return found

    def kill(self, pids):
        for pid in pids:
            if pid > 1:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def attack(self):
        what = self.random.choice(['driver', 'driver', 'supervisors', 'both', 'all'])
        driver = self.driver()
        sups = self.supervisors_now() if what != 'driver' else set()
        jobs = {c for s in sups for c in children(s)} if what == 'all' else set()
        victims = (sups | jobs) | ({driver} if driver and what != 'supervisors' else set())
        if victims:
            self.kill(victims)
            self.kills -= 1
        return what

    def lines(self):
        try:
            return open(self.fx).read().splitlines()
        except OSError:
            return []

    def check(self, what):
        lines = self.lines()
        for step, line in ONCE.items():
            if lines.count(line) > 1:
                raise Exception(f'{line} twice, after {what}: {lines}')
            if lines.count(step + '.begin') > 1 + self.retries.get(step, 0):
                raise Exception(f'{step} began by itself again, after {what}: {lines}')

    def resolve(self, status):
        for s in status['steps']:
            if s['state'] not in ('unknown', 'failed'):
                continue
            step = s['address']
            if step not in ONCE:
                raise Exception(f'{step} is {s["state"]}')
            if ONCE[step] in self.lines():
                args = ['--set', 'token=abc'] if step == 'one' else []
                r = self.cairn('done', status['run'], step, *args, '--reason', 'seen')
            else:
                self.retries[step] = self.retries.get(step, 0) + 1
                r = self.cairn('retry', status['run'], step, '--reason', 'not there')
            if r.returncode != 0:
                raise Exception(f'{r.args}: {r.stderr}')

    def one_run(self):
        self.retries = {}
        if os.path.exists(self.fx):
            os.unlink(self.fx)
        verb = ['run', T + '/book', '--set', 'fx=' + self.fx]
        what = 'nothing'
        for _ in range(400):
            p = subprocess.Popen([CAIRN, *verb], env=self.env, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            time.sleep(self.random.random() * 0.15)
            if self.kills > 0:
                what = self.attack()
            _, err = p.communicate(timeout=120)
            self.check(what)
            status = self.status()
            if status['state'] == 'done':
                break
            if status['state'] in ('unknown', 'failed'):
                self.resolve(status)
            verb = ['resume', status['run']]
        else:
            raise Exception(f'no end: {err}')
        lines = self.lines()
        for step, line in ONCE.items():
            if lines.count(line) != 1:
                raise Exception(f'{line}: {lines.count(line)} times at the end: {lines}')
        if 'rep' not in lines:
            raise Exception('rep was lost')
        r = self.cairn('journal', 'check', status['run'])
        if r.returncode != 0:
            raise Exception('journal check: ' + r.stderr)

    def run(self):
        runs = 0
        try:
            while self.kills > 0:
                self.one_run()
                runs += 1
        except Exception as e:
            failures.append(f'worker {self.number}: {e}')
        print(f'worker {self.number}: {runs} runs', flush=True)

threads = [threading.Thread(target=Worker(i, KILLS // 2).run) for i in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
for f in failures:
    print('FAIL:', f)
sys.exit(1 if failures else 0)
PY
[ $? = 0 ] || fail "kills"
finish
