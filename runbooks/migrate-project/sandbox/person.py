"""A person at the keyboard, for the demo and the tests: runs the book, answers each question as somebody who has read it
would, kills the driver on request, and takes the run up again. Uses the command line only, as a person does."""
import json
import os
import signal
import subprocess
import time

# What is answered where: fields and choices. Ticks are all ticked, and the words that have to be typed are typed.
ANSWERS = {
    "devices_switched": {"fields": {"active": "12", "switched": "12"}, "choice": "all_switched"},
    "freeze_go": {"choice": "freeze"},
    "missing_blobs": {"fields": {"reason": "known for years"}, "choice": "without_them"},
    "qa": {"choice": "good"},
    "go_live": {"choice": "go"},
    "devices_direct": {"fields": {"active": "12", "switched": "12"}, "choice": "all_switched"},
    "success": {"choice": "success"},
    "delete_old_project": {"fields": {"ticket": "T-4711"}},
}


class Stuck(Exception):
    """The run stands somewhere where this operator does not know what to do."""


class Operator:
    def __init__(self, cairn, state, talk=None):
        self.cairn, self.talk = cairn, talk
        self.env = dict(os.environ, CAIRN_STATE=state)
        self.run_id = None
        self.answered = []

    def call(self, *args, timeout=300):
        """Runs cairn; its lines go to `talk`. Returns the exit status."""
        p = subprocess.Popen([self.cairn, *args], env=self.env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        deadline = time.monotonic() + timeout
        lines = []
        for line in p.stdout:
            lines.append(line)
            if self.talk:
                self.talk(line.rstrip("\n"))
            if time.monotonic() > deadline:
                p.kill()
                raise Stuck("%s took more than %d s" % (args, timeout))
        p.wait()
        self.said = "".join(lines)
        return p.returncode

    def status(self):
        out = subprocess.run([self.cairn, "status", self.run_id, "--json"], env=self.env,
                             stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if out.returncode != 0:
            raise Stuck("cairn status: %s" % out.stderr)
        return json.loads(out.stdout)

    def newest_run(self):
        return sorted((r for r in os.listdir(os.path.join(self.env["CAIRN_STATE"], "runs")) if not r.startswith(".")),
                      key=lambda r: os.stat(os.path.join(self.env["CAIRN_STATE"], "runs", r, "lock")).st_ctime_ns)[-1]

    # ---- questions

    def questions(self):
        return [(s["address"], s["question"]) for s in self.status()["steps"]
                if s["state"] == "waiting" and "question" in s.get("question", {})]

    def answer(self, step, question):
        known = ANSWERS.get(step, {})
        args = ["answer", self.run_id, step, "--question", question["question"], "--reason", "the demo's script"]
        for n in range(len(question["checklist"])):
            args += ["--tick", str(n + 1)]
        for field in question["fields"]:
            name = field["name"]
            if name in known.get("fields", {}):
                args += ["--set", "%s=%s" % (name, known["fields"][name])]
            elif field["required"]:
                args += ["--set", "%s=%s" % (name, "1" if field["type"] == "int" else "nothing special")]
        if question["choices"]:
            words = [c["word"] for c in question["choices"] if c["means"] == "continue"]
            args += ["--choice", known.get("choice", words[0])]
        if question["confirm"]:
            args += ["--confirm", question["confirm"]]
        if question["by"]:
            args += ["--by", question["by"]]
        if self.call(*args) != 0:
            raise Stuck("the answer to %s was refused: %s" % (step, self.said))
        self.answered.append(step)

    # ---- going on

    def begin(self, book, *args):
        status = self.call("run", book, "--new", *args)
        self.run_id = self.newest_run()
        return status

    def go_on(self, status, limit=400):
        """Answers what is asked until the run ends; returns its exit status."""
        for _ in range(limit):
            if status != 3:
                return status
            asked = self.questions()
            if not asked:
                return status
            for step, question in asked:
                self.answer(step, question)
            status = self.call("attach", self.run_id)
        raise Stuck("no end after %d answers" % limit)

    def driver(self):
        pid = self.status()["driver"]
        return pid if pid > 0 else None

    def kill_driver(self):
        pid = self.driver()
        if pid:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                return False
        return pid is not None

    def state_of(self, step):
        return next((s["state"] for s in self.status()["steps"] if s["address"] == step), None)
