#!/usr/bin/python3
"""Ratios of cairn to its peers, each pair measured in turn in one run.

A ratio is the median of the ratios of pairs (A B A B ...), so that a machine
whose speed drifts does not decide. Peers that are not installed are left out
and named."""
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

CAIRN = os.environ["CAIRN"]
BUILD = os.environ["builddir"]
RUNS = int(os.environ.get("RUNS", "5"))
STEPS = int(os.environ.get("STEPS", "1000"))


def quiet(argv, **kw):
    p = subprocess.run(argv, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **kw)
    if p.returncode != 0:
        sys.exit(f"{argv}: status {p.returncode}\n{p.stderr.decode()}")


def timed(fn):
    began = time.monotonic()
    fn()
    return time.monotonic() - began


def pairs(a, b, runs=RUNS):
    """Median times of a and b, and the median of the ratios a/b."""
    a(), b()
    ta, tb = [], []
    for _ in range(runs):
        ta.append(timed(a))
        tb.append(timed(b))
    ratios = [x / y for x, y in zip(ta, tb)]
    return statistics.median(ta), statistics.median(tb), \
        statistics.median(ratios), min(ratios), max(ratios)


def row(what, goal, result):
    print(f"| {what} | {goal} | {result} |", flush=True)


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


def steps_book(path, n, body="run: ['true']"):
    with open(path, "w") as f:
        f.write("version: 1\nname: bench\nsteps:\n")
        for i in range(n):
            f.write(f"  - {{id: s{i:05}, title: Step {i}, {body}, "
                    "repeatable: true}\n")


class Bench:
    def __init__(self, where):
        self.dir = where
        # the bare loop names its program whole; a long PATH would be searched
        # by everybody else at each step
        os.environ["PATH"] = "/usr/bin:/bin"
        self.env = dict(os.environ, CAIRN_STATE=f"{where}/state")
        self.n = 0

    def cairn(self, *args):
        quiet([CAIRN, *args], env=self.env)

    # ---- row 1
    def run_steps(self, book):
        shutil.rmtree(f"{self.dir}/state", ignore_errors=True)
        self.cairn("run", book)

    def bare(self):
        quiet([f"{BUILD}/tests/bench/bare_loop", str(STEPS),
               f"{self.dir}/bare.log"])

    def local_steps(self):
        book = f"{self.dir}/steps.yaml"
        steps_book(book, STEPS)
        c, b, r, low, high = pairs(lambda: self.run_steps(book), self.bare)
        row(f"{STEPS} local steps, each durable, against the bare loop",
            "≤ 1.3 ×", f"{r:.2f} × ({low:.2f}–{high:.2f}); cairn "
            f"{c / STEPS * 1e3:.2f} ms a step, bare loop "
            f"{b / STEPS * 1e3:.2f} ms")
        for name, fn, n in self.peers():
            if fn is None:
                row(f"the same, {name}", "", "not installed")
                continue
            fn()
            t = statistics.median(timed(fn) for _ in range(3)) / n
            row(f"the same, {name}", "", f"{t * STEPS / b:.1f} × the bare "
                f"loop ({t * 1e3:.2f} ms a step)")

    def peers(self):
        d = self.dir
        mk = ["all: " + " ".join(f"s{i}" for i in range(STEPS))]
        mk += [f"s{i}: {f's{i - 1}' if i else ''}\n\t@true;"
               for i in range(STEPS)]
        write(f"{d}/Makefile", "\n".join(mk) + "\n")
        yield ("GNU make (not durable)",
               lambda: quiet(["make", "-s", "-C", d, "all"]), STEPS)
        nj = ["rule t", "  command = true"]
        nj += [f"build s{i}: t {f's{i - 1}' if i else ''}"
               for i in range(STEPS)]
        write(f"{d}/build.ninja", "\n".join(nj) + "\n")
        ninja = shutil.which("ninja")
        yield ("ninja (not durable)", ninja and (lambda: (
            os.path.exists(f"{d}/.ninja_log") and
            os.remove(f"{d}/.ninja_log"),
            quiet([ninja, "-C", d, "-j1"]))), STEPS)
        play = shutil.which("ansible-playbook")
        few = 20
        write(f"{d}/play.yaml", "- hosts: localhost\n  connection: local\n"
              "  gather_facts: no\n  tasks:\n" +
              "    - command: 'true'\n" * few)
        yield (f"ansible command ({few} tasks)", play and (lambda: quiet(
            [play, "-i", "localhost,", f"{d}/play.yaml"])), few)

    # ---- row 2
    def lint(self):
        book = f"{self.dir}/large.yaml"
        steps_book(book, 10000, "run: [cp, --, '/a/${{ run.id }}', /b], "
                   "verify: self.rc == 0")
        size = os.path.getsize(book) / 1e6
        c, b, r, low, high = pairs(
            lambda: self.cairn("lint", book),
            lambda: quiet([f"{BUILD}/tests/bench/bare_yaml", book]))
        row(f"lint of a 10,000-step book ({size:.1f} MB), against libyaml's "
            "bare event loop", "≤ 3 ×", f"{r:.2f} × ({low:.2f}–{high:.2f}); "
            f"{c * 1e3:.0f} ms, libyaml {b * 1e3:.0f} ms")

    # ---- row 3
    def status(self):
        book = f"{self.dir}/thousand.yaml"
        steps_book(book, 1000)
        shutil.rmtree(f"{self.dir}/state", ignore_errors=True)
        subprocess.run([CAIRN, "run", book, "--until", "s00000"],
                       env=self.env, stderr=subprocess.DEVNULL)
        run = os.listdir(f"{self.dir}/state/runs")[0]
        quiet([f"{BUILD}/tests/bench/make_journal", f"{self.dir}/state", run,
               "100000"])
        times, peak = [], 0
        for _ in range(RUNS):
            times.append(timed(lambda: self.cairn("status", run, "--json")))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        probe = subprocess.run(
            [sys.executable, "-c",
             "import resource,subprocess,sys;"
             "subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL);"
             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
             CAIRN, "status", run, "--json"],
            env=self.env, capture_output=True, text=True)
        peak = int(probe.stdout) / 1024
        row("status over 100,000 records", "≤ 0.3 s, ≤ 64 MiB",
            f"{statistics.median(times):.2f} s, {peak:.0f} MiB")

    # ---- row 4
    def first_effect(self):
        effect = f"{self.dir}/effect"
        book = f"{self.dir}/one.yaml"
        write(book, "version: 1\nname: one\nsteps:\n  - {id: a, title: A, "
              f"run: [touch, '{effect}']}}\n")
        times = []
        for _ in range(RUNS * 3):
            shutil.rmtree(f"{self.dir}/state", ignore_errors=True)
            if os.path.exists(effect):
                os.remove(effect)
            began = time.monotonic()
            p = subprocess.Popen([CAIRN, "run", book], env=self.env,
                                 stderr=subprocess.DEVNULL,
                                 stdin=subprocess.DEVNULL)
            while not os.path.exists(effect):
                pass
            times.append(time.monotonic() - began)
            p.wait()
        row("start to first effect of a one-step book", "≤ 15 ms",
            f"{statistics.median(times) * 1e3:.1f} ms")

    # ---- last row
    def memory(self):
        """Peak of the driver: it is the only long-lived child of `run`."""
        book = f"{self.dir}/steps.yaml"
        steps_book(book, STEPS)
        shutil.rmtree(f"{self.dir}/state", ignore_errors=True)
        probe = subprocess.run(
            [sys.executable, "-c",
             "import resource,subprocess,sys;"
             "subprocess.run(sys.argv[1:],stderr=subprocess.DEVNULL);"
             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
             CAIRN, "run", "--foreground", book],
            env=self.env, capture_output=True, text=True)
        row(f"memory of the driver, {STEPS} steps", "≤ 20 MiB",
            f"{int(probe.stdout) / 1024:.1f} MiB")


def machine():
    with open("/proc/cpuinfo") as f:
        models = [line.split(":")[1].strip() for line in f
                  if line.startswith("model name")]
    return (f"{len(models)} × {models[0]}, {platform.release()}, "
            f"{platform.machine()}, {time.strftime('%Y-%m-%d')}")


def main():
    print(f"machine: {machine()}; medians of {RUNS} pairs\n")
    print("| what | goal | measured |\n|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="cairn-bench.") as where:
        b = Bench(where)
        for part in sys.argv[1:] or ["local_steps", "lint", "status",
                                     "first_effect", "memory"]:
            getattr(b, part)()


main()
