"""One environment of the sandbox: where it lives, how its database is asked.

An environment is a directory with etc/settings.json; everything else about it
is found from there.
"""
import json
import os
import subprocess
import time

PG_BIN = "/usr/lib/postgresql/15/bin"
HERE = os.path.dirname(os.path.abspath(__file__))

SQL_DB = "commcarehq"       # forms, cases, blob metadata …
DOCS_DB = "docs"            # stands for CouchDB, Elasticsearch, Kafka and redis


class Trouble(Exception):
    """An error that is explained to the user in one line."""


class Env:
    def __init__(self, home):
        self.home = os.path.abspath(home)
        with open(self.path("etc", "settings.json")) as f:
            self.settings = json.load(f)
        self.name = self.settings["name"]
        self.root = self.settings["root"]
        self.blobdb = self.path("blobdb")

    def path(self, *parts):
        return os.path.join(self.home, *parts)

    def alternate_hosts(self):
        with open(self.path("etc", "alternate_hosts")) as f:
            return f.read().split()

    def fault(self, name):
        """The content of DIR/faults/NAME; None when that fault is off."""
        try:
            with open(os.path.join(self.root, "faults", name)) as f:
                return f.read().strip()
        except FileNotFoundError:
            return None

    def pause(self, share):
        """The fault `slow`: this share of a command's seconds passes."""
        seconds = self.fault("slow")
        if seconds:
            time.sleep(float(seconds) * share)

    def psql_env(self):
        s = self.settings
        with open(s["password_file"]) as f:
            password = f.read().strip()
        return {"PATH": "/usr/bin:/bin", "PGHOST": s["sockets"],
                "PGPORT": str(s["pg_port"]), "PGUSER": s["pg_user"],
                "PGPASSWORD": password, "PGOPTIONS": "-c client_min_messages=warning"}

    def psql_argv(self, db):
        return [PG_BIN + "/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", db]

    def sql(self, text, db=SQL_DB, **values):
        """Runs text, returns its output. :'name' in it is values['name']."""
        argv = self.psql_argv(db)
        for name, value in values.items():
            argv += ["-v", "%s=%s" % (name, value)]
        done = subprocess.run(argv, input=text, env=self.psql_env(), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode:
            raise Trouble(done.stderr.strip() or "psql failed")
        return done.stdout

    def json(self, query, db=SQL_DB, **values):
        """The value of a query that yields one JSON value."""
        return json.loads(self.sql(query, db, **values))

    def has_database(self, db=SQL_DB):
        return self.sql("select 1 from pg_database where datname = :'name'",
                        "postgres", name=db).strip() == "1"
