#!/usr/bin/python3
"""services ENV_DIR start|stop|restart|status: the programs of one environment.

status ends with 3 when something is stopped, as supervisorctl does.
"""
import os
import socket
import sys

import proc
from world import HERE, Env

PROGRAMS = {"web": "web.py", "pillow": "pillow.py"}


def start(env):
    for name, script in PROGRAMS.items():
        if proc.find(env.home, name) is None:
            proc.spawn(env.home, name, python(env, script, env.home))
            print("%s: started" % name)
    address = (env.settings["address"], env.settings["site_port"])
    if not proc.wait_for(lambda: answers(address), 10):
        sys.exit("web: does not answer, see %s" % env.path("log", "web.log"))


def stop(env):
    for name in PROGRAMS:
        if proc.stop(env.home, name):
            print("%s: stopped" % name)


def restart(env):
    stop(env)
    start(env)


def status(env):
    stopped = 0
    for name in PROGRAMS:
        pid = proc.find(env.home, name)
        stopped += pid is None
        print("%s %s" % (name, "STOPPED" if pid is None else "RUNNING pid %d" % pid))
    sys.exit(3 if stopped else 0)


def python(env, script, *args):
    """How the sandbox calls Python: nothing is written beside its sources."""
    cache = "pycache_prefix=" + os.path.join(env.root, "pycache")
    return ["/usr/bin/python3", "-ESsX", cache, os.path.join(HERE, script), *args]


def answers(address):
    try:
        socket.create_connection(address, 1).close()
        return True
    except OSError:
        return False


ACTIONS = {"start": start, "stop": stop, "restart": restart, "status": status}

if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[2] not in ACTIONS:
        sys.exit("usage: services start|stop|restart|status")
    ACTIONS[sys.argv[2]](Env(sys.argv[1]))
