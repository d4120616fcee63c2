#!/usr/bin/python3
"""The main job attacked: whole migrations whose driver is killed with SIGKILL at random moments, resumed to the end, and judged
by a program that shares no code with dump and load; then backed out from just before the switch.

Prints its seed; SEED=n repeats the moments (not the machine's mood). KILLS=n: how many kills at least, 20 by default."""
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
TOP = os.path.abspath(os.environ.get("srcdir", "."))
BOOK = os.path.join(TOP, "runbooks", "migrate-project")
sys.path.insert(0, os.path.join(BOOK, "sandbox"))

from person import Operator, Stuck

SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))
KILLS = int(os.environ.get("KILLS", "20"))
# what must never run twice by itself: it has no evidence and is not repeatable
ONCE = ["load.run"]
failures = []


def check(what, ok):
    print("%s %s" % ("ok  " if ok else "FAIL", what), flush=True)
    if not ok:
        failures.append(what)


def sandbox(*args):
    return subprocess.run([os.path.join(BOOK, "sandbox", "sandbox"), *args], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL if args[0] == "up" else None).returncode


class Killer(threading.Thread):
    """Kills the driver again and again, after random pauses, until it has done so often enough."""

    def __init__(self, person, rng, wanted):
        super().__init__(daemon=True)
        self.person, self.rng, self.wanted = person, rng, wanted
        self.kills, self.over = 0, False

    def run(self):
        while not self.over and self.kills < self.wanted:
            time.sleep(self.rng.uniform(0.2, 2.5))
            try:
                if self.person.run_id and not self.over:
                    self.kills += self.person.kill_driver()
            except (Stuck, OSError, ValueError):
                pass


def migrate(person, box, rng, kills, *args):
    """One migration to its end through `kills` kills; the exit status."""
    person.run_id = None
    before = set(runs(person))
    killer = Killer(person, rng, kills)
    find = threading.Thread(target=find_run, args=(person, before), daemon=True)
    find.start()
    killer.start()
    status = person.call("run", BOOK, "--new", "--params", box + "/params.yaml", *args)
    find.join()
    for _ in range(400):
        if status == 5:
            status = person.call("resume", person.run_id)
        elif status == 3 and person.questions():
            try:
                status = person.go_on(status)
            except Stuck as e:
                print("     ", e)
                status = 5
        else:
            break
    killer.over = True
    killer.join()
    print("     %d kills, status %d" % (killer.kills, status), flush=True)
    return status, killer.kills


def runs(person):
    try:
        return [r for r in os.listdir(os.path.join(person.env["CAIRN_STATE"], "runs")) if not r.startswith(".")]
    except FileNotFoundError:
        return []


def find_run(person, before):
    while person.run_id is None:
        new = set(runs(person)) - before
        if new:
            person.run_id = new.pop()
        time.sleep(0.05)


def params(box):
    with open(box + "/params.yaml") as f:
        return dict(line.split(": ", 1) for line in f.read().splitlines() if ": " in line)


def post(box, side):
    p = {k: v.strip("'\" ") for k, v in params(box).items()}
    url = "http://%s:%s/a/%s/receiver/" % (p[side + "_address"], p["site_port"], p["domain"])
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=b"", method="POST"), timeout=10) as r:
            return r.status
    except urllib.error.HTTPError as e:
        return e.code


def judged(person, box, what):
    check("%s: rows and blobs are equal" % what, sandbox("check", box) == 0)
    for step in ONCE:
        attempts = next((s.get("attempt", 0) for s in person.status()["steps"] if s["address"] == step), 0)
        notes = person.call("log", person.run_id) == 0 and person.said.count(" %s  attempt" % step) or 0
        begun = attempts - person.said.count("%s  attempt" % step) if "had not begun" in person.said else attempts
        check("%s: %s ran once (%d attempts, %d notes)" % (what, step, attempts, notes), begun <= 1)
    check("%s: the journal's chain is whole" % what, person.call("journal", "check", person.run_id) == 0)


def whole_migrations(person, box, rng):
    kills, n = 0, 0
    while kills < KILLS and n < 6:
        n += 1
        if n > 1:
            check("reset", sandbox("reset", box) == 0)
        status, k = migrate(person, box, rng, KILLS, "--set", "soak=0s")
        kills += k
        check("migration %d reaches its end" % n, status == 0)
        if status != 0:
            print(person.said)
            return
        judged(person, box, "migration %d" % n)
    check("at least %d kills in %d migrations: %d" % (KILLS, n, kills), kills >= KILLS)


def back_out(person, box, rng):
    check("reset", sandbox("reset", box) == 0)
    status, _ = migrate(person, box, rng, 3, "--until", "qa_settings")
    check("up to just before the switch", status == 3)
    check("the old side turns submissions away", post(box, "old") == 503)
    status = person.call("undo", person.run_id)
    check("undo ends well", status == 0)
    if status != 0:
        print(person.said)
    check("the old side is in service again", post(box, "old") == 401)
    check("nothing was lost there", "undone" in person.said)


def main():
    if os.geteuid() == 0:
        print("PostgreSQL refuses root: this test needs an ordinary user")
        return 77
    for program in ("knotd", "nsupdate", "dig", "psql"):
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            print("%s is not installed" % program)
            return 77
    print("SEED=%d" % SEED, flush=True)
    rng = random.Random(SEED)
    top = tempfile.mkdtemp(prefix="cairn-main.")
    box = top + "/box"
    person = Operator(os.environ["CAIRN"], top + "/state")
    try:
        check("the sandbox is up", sandbox("up", box, "--rows", "40", "--blobs", "10") == 0)
        whole_migrations(person, box, rng)
        back_out(person, box, rng)
    except Stuck as e:
        check("%s\n%s" % (e, getattr(person, "said", "")), False)
    finally:
        sandbox("down", box, "--remove")
        if not failures:
            shutil.rmtree(top, ignore_errors=True)
    return 1 if failures else 0


sys.exit(main())
