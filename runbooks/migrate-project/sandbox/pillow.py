#!/usr/bin/python3
"""The background process of an environment: a pillow.

    pillow.py ENV_DIR

It moves changes from Kafka into the search index and says at which moment it
last did. Its open session is what keeps a database from being dropped.
"""
import subprocess
import sys
import time

from models import INDICES
from world import DOCS_DB, SQL_DB, Env

HEARTBEAT = """insert into pillowtop_kafkacheckpoint values ('pillow', now())
               on conflict (name) do update set seen = now();\n"""

INDEX_CHANGES = """
with i(index, doc_type) as (values %s),
     gone as (delete from kafka.changes c using i where c.doc_type = i.doc_type
              returning i.index, c.id, c.domain, c.doc_type)
insert into es.docs (index, id, domain, doc_type) select * from gone on conflict do nothing;
""" % ", ".join("('%s', '%s')" % (name, t) for name, types in INDICES.items() for t in types)


def session(env, db):
    return subprocess.Popen(env.psql_argv(db), env=env.psql_env(), text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)


def main():
    env = Env(sys.argv[1])
    rows, docs = session(env, SQL_DB), session(env, DOCS_DB)
    while rows.poll() is None and docs.poll() is None:
        for psql, text in ((rows, HEARTBEAT), (docs, INDEX_CHANGES)):
            psql.stdin.write(text)
            psql.stdin.flush()
        time.sleep(0.25)
    sys.exit("a session with PostgreSQL has ended")


if __name__ == "__main__":
    main()
