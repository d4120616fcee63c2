"""The judge: is the project on the new side what it is on the old side?

It asks the databases and reads the blob files itself; nothing of dump or load
is used here. A row of the table: what, old, new, equal (None: only shown).
"""
import hashlib
import json
import os

import names
import proc
from world import DOCS_DB, SQL_DB, Trouble

# what may differ: applications lead devices to another address afterwards
DOCS = """select 'couch ' || doc_type, count(*), md5(string_agg((doc - 'custom_base_url')::text, '' order by id))
          from couch.docs where domain = :'d' group by 1"""

TABLES = """select c.table_name from information_schema.columns c
            where c.table_schema = 'public' and c.column_name = 'domain' order by 1"""

ROWS = """select '%s', count(*), md5(string_agg(r, '' order by r))
          from (select (to_jsonb(t) - 'id')::text as r from %s t where domain = :'d') x having count(*) > 0"""

FLAGS = "select slug from couch.toggles where item = 'domain:' || :'d' order by 1"

SEARCH = "select count(*) from es.docs where domain = :'d'"

PROJECTS = "select domain from couch.docs where doc_type = 'Domain' order by 1"


def compare(box, domain):
    """(rows of the table, all that has to be equal is)."""
    old, new = box.envs()
    table = data_rows(old, new, domain)
    table.append(others_row(box, old, domain))
    table.append(["projects on new", "", " ".join(ask(new, PROJECTS, DOCS_DB)), None])
    table[-1][3] = table[-1][2] == domain
    table.append(search_row(new, domain))
    table += shown(box, old, new, domain)
    return table, all(row[3] is not False for row in table)


def data_rows(old, new, domain):
    sides = [project(env, domain) for env in (old, new)]
    table = []
    for what in sorted(set(sides[0]) | set(sides[1])):
        a, b = (side.get(what, ("-", "")) for side in sides)
        table.append([what, a[0], b[0], a == b])
    return table or [["project " + domain, "-", "-", False]]


def project(env, domain):
    """what: (count, digest of everything in it)."""
    found = {}
    for table in ask(env, TABLES, SQL_DB):
        found.update(digests(ask(env, ROWS % (table, table), SQL_DB, d=domain)))
    found.update(digests(ask(env, DOCS, DOCS_DB, d=domain)))
    found.update(blobs(env, domain))
    return found


def digests(lines):
    return {what: (n, digest) for what, n, digest in (line.split("|") for line in lines)}


def blobs(env, domain):
    """Every blob that the metadata names, byte by byte."""
    keys = ask(env, "select key from blobs_blobmeta where domain = :'d' order by key", SQL_DB, d=domain)
    whole, there = hashlib.sha256(), 0
    for key in keys:
        try:
            with open(os.path.join(env.blobdb, key), "rb") as f:
                content = hashlib.sha256(f.read()).hexdigest()
            there += 1
        except OSError:
            content = "missing"
        whole.update(("%s %s\n" % (key, content)).encode())
    return {"blob files": ("%d of %d" % (there, len(keys)), whole.hexdigest())} if keys else {}


def ask(env, query, db, **values):
    """Lines; none when the database or the table is not there."""
    try:
        return env.sql(query, db, **values).splitlines()
    except Trouble:
        return []


def others(env, domain):
    """Digests of all other projects of an environment."""
    return {name: project(env, name) for name in ask(env, PROJECTS, DOCS_DB) if name != domain}


def others_row(box, old, domain):
    with open(box.path("seed", "others.json")) as f:
        before = json.load(f)
    now = json.loads(json.dumps(others(old, domain)))
    return ["other projects on old", " ".join(before), "", now == before]


def search_row(new, domain):
    """Elasticsearch of the new side knows as much as its databases hold."""
    stored = sum(int(line) for query, db in (
        ("select count(*) from form_processor_xforminstance where domain = :'d'", SQL_DB),
        ("select count(*) from form_processor_commcarecase where domain = :'d'", SQL_DB),
        ("""select count(*) from couch.docs where domain = :'d' and doc_type in
            ('Domain', 'Application', 'Group', 'CommCareUser', 'CommCareUser-Deleted', 'WebUser')""", DOCS_DB),
    ) for line in ask(new, query, db, d=domain))
    found = sum(map(int, ask(new, SEARCH, DOCS_DB, d=domain)))
    return ["searchable on new", str(stored), str(found), stored == found]


def shown(box, old, new, domain):
    """Facts that are meant to differ in the course of a migration."""
    table = [["flags"] + [" ".join(ask(env, FLAGS, DOCS_DB, d=domain)) for env in (old, new)] + [None]]
    for name in ("web", "pillow"):
        table.append(["service " + name] + ["up" if proc.find(env.home, name) else "down" for env in (old, new)] + [None])
    leads = names.address(box.facts["ports"]["dns"])
    table.append(["mobile name leads here"] + ["yes" if env.settings["address"] == leads else "no"
                                               for env in (old, new)] + [None])
    return table


def text(table):
    rows = [["what", "old", "new", ""]] + [
        [row[0], row[1], row[2], {True: "equal", False: "DIFFERS", None: ""}[row[3]]] for row in table]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths)).rstrip() for row in rows)
