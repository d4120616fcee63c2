"""Makes a sandbox, restores it, ends it."""
import hashlib
import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

import check
import names
import proc
import seed
import services
from world import DOCS_DB, PG_BIN, SQL_DB, Env, Trouble

ADDRESSES = {"old": "127.0.0.2", "new": "127.0.0.3"}
MARKER = "sandbox.json"
SOCKET_PATH = 100               # what fits into a socket's address, with room

WRAPPER = """#!/bin/sh
exec %s "$@"
"""

PG_SETTINGS = """
listen_addresses = '127.0.0.1'
port = %d
unix_socket_directories = '%s'
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
shared_buffers = 16MB
max_connections = 40
autovacuum = off
"""


class Sandbox:
    """DIR, and what its marker file says about it."""

    def __init__(self, root):
        self.root = os.path.abspath(root)
        try:
            with open(self.path(MARKER)) as f:
                self.facts = json.load(f)
        except FileNotFoundError:
            raise Trouble("%s is not a sandbox: it has no %s" % (root, MARKER))

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def envs(self):
        return [Env(self.path(name)) for name in ADDRESSES
                if os.path.exists(self.path(name, "etc", "settings.json"))]

    def processes(self):
        """(home, name) of everything that may run; the databases last."""
        homes = [self.path(name) for name in ADDRESSES]
        return ([(home, name) for home in homes for name in services.PROGRAMS] +
                [(self.root, "knotd")] + [(home, "postgres") for home in homes])


def refuse_root():
    if os.geteuid() == 0:
        raise Trouble("PostgreSQL refuses to run as root. Start the sandbox as an ordinary user, for example\n"
                      "  setpriv --reuid=nobody --regid=nogroup --clear-groups sandbox up DIR")


def up(root, rows, blobs):
    refuse_root()
    root = os.path.abspath(root)
    if os.path.exists(root) and os.listdir(root):
        raise Trouble("%s is there already. `sandbox reset` restores a sandbox, `sandbox down --remove` ends it." % root)
    box = make_root(root, rows, blobs)
    try:
        fill(box)
    except BaseException:
        down(box)
        raise
    return box


def make_root(root, rows, blobs):
    for name in ["", "secrets", "dns", "run", "log", "faults", "seed"]:
        os.makedirs(os.path.join(root, name), mode=0o700, exist_ok=True)
    sockets = os.path.join(root, "run")
    if len(sockets) + len("/.s.PGSQL.12345") > SOCKET_PATH:
        sockets = tempfile.mkdtemp(prefix="cairn-")
    ports = free_ports(4)
    facts = {"sandbox": 1, "rows": rows, "blobs": blobs, "sockets": sockets,
             "ports": dict(zip(["site", "dns", "old_pg", "new_pg"], ports))}
    names.put(os.path.join(root, MARKER), json.dumps(facts, indent=4) + "\n")
    return Sandbox(root)


def free_ports(n):
    """Ports below the range from which the kernel gives them to clients."""
    found = []
    while len(found) < n:
        port = random.randrange(15000, 32000)
        if port not in found and is_free(port):
            found.append(port)
    return found


def is_free(port):
    for address in ["127.0.0.1", *ADDRESSES.values()]:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_INET, kind) as s:
                try:
                    s.bind((address, port))
                except OSError:
                    return False
    return True


def fill(box):
    tester = secrets.token_hex(12)
    names.put(box.path("secrets", "tester"), "tester:%s\n" % tester)
    names.write_files(box.root, box.facts["sockets"], box.facts["ports"]["dns"], *ADDRESSES.values())
    for name in ADDRESSES:
        write_environment(box, name)
    if not names.start(box.root, box.facts["ports"]["dns"]):
        raise Trouble("the DNS server does not answer, see %s" % box.path("log", "knot.log"))
    rows, blobs = box.facts["rows"], box.facts["blobs"]
    together(make_database, box.envs())
    old, new = box.envs()
    together(lambda project: seed.add_project(*project), [
        (old, "demo", rows, blobs, 2), (new, "leftover", max(10, rows // 10), max(5, blobs // 4))])
    seed.add_project(old, "other", max(10, rows // 10), max(5, blobs // 4))
    add_tester(old, tester)
    together(keep, box.envs())
    together(start_services, box.envs())
    names.put(box.path("seed", "others.json"), json.dumps(check.others(old, "demo")))
    names.put(box.path("params.yaml"), params(box))


def together(work, items):
    with ThreadPoolExecutor() as pool:
        return list(pool.map(work, items))


def write_environment(box, name):
    home = box.path(name)
    for sub in ["etc", "run", "log", "blobdb", "dumps" if name == "old" else "incoming"]:
        os.makedirs(os.path.join(home, sub), mode=0o700, exist_ok=True)
    names.put(box.path("secrets", name + "-pg"), secrets.token_hex(20) + "\n")
    settings = {"name": name, "root": box.root, "SERVER_ENVIRONMENT": "sandbox-" + name,
                "address": ADDRESSES[name], "site_port": box.facts["ports"]["site"],
                "site_host": "%s.%s" % (name, names.ZONE), "commit": hashlib.sha1(b"release").hexdigest(),
                "pg_port": box.facts["ports"][name + "_pg"], "pg_user": "commcarehq",
                "sockets": box.facts["sockets"], "password_file": box.path("secrets", name + "-pg")}
    names.put(os.path.join(home, "etc", "settings.json"), json.dumps(settings, indent=4) + "\n")
    names.put(os.path.join(home, "etc", "alternate_hosts"), "")
    env = Env(home)
    for script, wrapper in (("manage.py", "manage.py"), ("services.py", "services")):
        write_wrapper(os.path.join(home, wrapper), services.python(env, script, home))


def write_wrapper(path, argv):
    quoted = " ".join("'%s'" % arg.replace("'", "'\\''") for arg in argv)
    with open(path, "w") as f:
        f.write(WRAPPER % quoted)
    os.chmod(path, 0o755)


def make_database(env):
    subprocess.run([PG_BIN + "/initdb", "-D", env.path("pg"), "-N", "-A", "scram-sha-256", "-U", "commcarehq",
                    "--pwfile", env.settings["password_file"], "--no-locale", "-E", "UTF8"],
                   check=True, stdout=subprocess.DEVNULL)
    with open(env.path("pg", "postgresql.conf"), "a") as f:
        f.write(PG_SETTINGS % (env.settings["pg_port"], env.settings["sockets"]))
    start_database(env)
    seed.make_databases(env)


def start_database(env):
    if proc.find(env.home, "postgres") is None:
        proc.spawn(env.home, "postgres", [PG_BIN + "/postgres", "-D", env.path("pg")])
    if not proc.wait_for(lambda: database_ready(env), 20):
        raise Trouble("PostgreSQL does not start, see %s" % env.path("log", "postgres.log"))


def database_ready(env):
    """The last line of postmaster.pid says so."""
    try:
        with open(env.path("pg", "postmaster.pid")) as f:
            lines = f.read().splitlines()
    except FileNotFoundError:
        return False
    return (len(lines) >= 8 and lines[7].strip() == "ready"
            and int(lines[0]) == proc.find(env.home, "postgres"))


def add_tester(env, password):
    env.sql("insert into auth_user (domain, username, password) values ('demo', 'tester', :'p')",
            p=hashlib.sha256(password.encode()).hexdigest())


def keep(env):
    """Remembers this state for `reset`: template databases, copied blobs."""
    for db in (SQL_DB, DOCS_DB):
        env.sql("create database seed_%s template %s strategy file_copy" % (db, db), "postgres")
    shutil.copytree(env.blobdb, seed_blobs(env))


def seed_blobs(env):
    return os.path.join(env.root, "seed", env.name + "-blobdb")


def restore(env):
    run_services(env, "stop")
    start_database(env)
    for db in (SQL_DB, DOCS_DB):
        env.sql("drop database if exists %s with (force)" % db, "postgres")
        env.sql("create database %s template seed_%s strategy file_copy" % (db, db), "postgres")
    shutil.rmtree(env.blobdb)
    shutil.copytree(seed_blobs(env), env.blobdb)
    names.put(env.path("etc", "alternate_hosts"), "")
    empty(env.path("dumps"))
    empty(env.path("incoming"))


def empty(folder):
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        path = os.path.join(folder, name)
        shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)


def reset(box):
    refuse_root()
    empty(box.path("faults"))
    if not names.start(box.root, box.facts["ports"]["dns"]):
        raise Trouble("the DNS server does not answer, see %s" % box.path("log", "knot.log"))
    names.point(box.root, box.facts["ports"]["dns"], "old")
    together(restore, box.envs())
    together(start_services, box.envs())


def start_services(env):
    run_services(env, "start")


def run_services(env, action):
    done = subprocess.run([env.path("services"), action], stdout=subprocess.DEVNULL)
    if done.returncode:
        raise Trouble("the services of %s do not %s, see %s" % (env.name, action, env.path("log")))


def down(box, remove=False):
    together(lambda p: proc.stop(*p, signal.SIGTERM), [p for p in box.processes() if p[1] != "postgres"])
    together(lambda p: proc.stop(*p, signal.SIGINT), [p for p in box.processes() if p[1] == "postgres"])
    if remove:
        if not box.facts["sockets"].startswith(box.root):
            shutil.rmtree(box.facts["sockets"], ignore_errors=True)
        shutil.rmtree(box.root)


def params(box):
    """What `cairn run BOOK --params` wants to know, as a flat map."""
    old, new = box.envs()
    port = box.facts["ports"]["site"]
    rows = {
        "domain": "demo",
        "mobile_name": names.MOBILE, "dns_server": "127.0.0.1", "dns_port": box.facts["ports"]["dns"],
        "dns_zone": names.ZONE, "dns_key_file": box.path("secrets", "dns-key"), "dns_ttl": names.TTL,
        "mobile_old_target": "old." + names.ZONE, "mobile_new_target": "new." + names.ZONE,
        "site_port": port, "old_address": ADDRESSES["old"], "new_address": ADDRESSES["new"],
        "old_home": old.home, "new_home": new.home,
        "old_environment": old.settings["SERVER_ENVIRONMENT"], "new_environment": new.settings["SERVER_ENVIRONMENT"],
        "old_cluster": cluster(old), "new_cluster": cluster(new),
        "old_pg_port": old.settings["pg_port"], "new_pg_port": new.settings["pg_port"],
        "old_pg_password": old.settings["password_file"], "new_pg_password": new.settings["password_file"],
        "psql": PG_BIN + "/psql",
        "old_dump_root": old.path("dumps"), "new_in": new.path("incoming"),
        "tester": box.path("secrets", "tester"),
        "soak": "0s",
    }
    return "".join("%s: %s\n" % (name, json.dumps(value)) for name, value in rows.items())


def cluster(env):
    return env.sql("select system_identifier from pg_control_system()", "postgres").strip()
