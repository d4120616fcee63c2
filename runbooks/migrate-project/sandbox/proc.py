"""Processes that outlive who started them: begun, found again, stopped.

A process is known by its pid and its start time, so that a pid which was given
to somebody else meanwhile is never signalled.
"""
import os
import signal
import subprocess
import time


def start_time(pid):
    """Field 22 of /proc/PID/stat; None when it is gone or a zombie."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            fields = f.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def spawn(home, name, argv, env=None, cwd=None):
    """Starts argv detached, its output in log/NAME.log; returns its pid."""
    with open(os.path.join(home, "log", name + ".log"), "ab") as log:
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log,
                                 stderr=log, start_new_session=True, cwd=cwd or "/",
                                 env=clean(env))
    path = pid_file(home, name)
    with open(path + ".new", "w") as f:
        f.write("%d %s\n" % (child.pid, start_time(child.pid)))
    os.rename(path + ".new", path)
    return child.pid


def clean(env):
    """A daemon belongs to no step of a runbook: CAIRN_JOB would say so."""
    env = dict(os.environ if env is None else env)
    env.pop("CAIRN_JOB", None)
    return env


def pid_file(home, name):
    return os.path.join(home, "run", name + ".pid")


def find(home, name):
    """The pid of a process that still runs, else None."""
    try:
        with open(pid_file(home, name)) as f:
            pid, started = f.read().split()
    except (OSError, ValueError):
        return None
    return int(pid) if start_time(int(pid)) == started else None


def stop(home, name, sig=signal.SIGTERM, patience=10.0):
    """Ends it and everything in its session; True when it had been running."""
    pid = find(home, name)
    if pid is not None:
        os.kill(pid, sig)
        if not wait_gone(home, name, patience):
            os.killpg(pid, signal.SIGKILL)
            wait_gone(home, name, patience)
    try:
        os.unlink(pid_file(home, name))
    except FileNotFoundError:
        pass
    return pid is not None


def wait_gone(home, name, patience):
    return wait_for(lambda: reap(home, name) is None, patience)


def reap(home, name):
    try:
        os.waitpid(-1, os.WNOHANG)          # when it is our own child
    except ChildProcessError:
        pass
    return find(home, name)


def wait_for(holds, patience, every=0.01):
    end = time.monotonic() + patience
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True
