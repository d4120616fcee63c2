"""print_domain_stats, ptop_preindex and the questions that shell scripts ask."""
import json

import seed
from models import COUCH_CLASSES, FILL_INDICES, INDICES, MODELS
from world import DOCS_DB, SQL_DB, Trouble

LEFT_OUT = {"auth.User"}                    # too slow to count, says the real one

SQL_COUNTS = " union all ".join(
    ["select state, count(*) from form_processor_xforminstance where domain = :'d' group by 1",
     """select 'CommCareCase' || case when deleted then '-Deleted' else '' end, count(*)
        from form_processor_commcarecase where domain = :'d' group by 1"""] +
    ["select '%s', count(*) from %s where domain = :'d'" % (label, table)
     for label, (table, _, _) in MODELS.items()
     if label not in LEFT_OUT | {"form_processor.XFormInstance", "form_processor.CommCareCase"}])


def print_domain_stats(env, args):
    env.pause(1)
    table = domain_stats(env, args.domain)
    if env.fault("stats_zero") is not None:
        table = {row: ["0" if cell else cell for cell in cells] for row, cells in table.items()}
    rows = sorted(table.items(), key=lambda r: r[0].lower())
    print_csv(rows) if args.csv else print_text(rows)


def domain_stats(env, domain):
    """row: [Couch, SQL, ES] as text; a cell without a value is empty."""
    couch = counts(env, DOCS_DB, "select doc_type, count(*) from couch.docs where domain = :'d' group by 1", domain)
    sql = counts(env, SQL_DB, SQL_COUNTS, domain)
    es = counts(env, DOCS_DB, "select doc_type, count(*) from es.docs where domain = :'d' group by 1", domain)
    couch = {**dict.fromkeys(COUCH_CLASSES, 0), **couch}
    sql = {row: n for row, n in sql.items() if n}
    for side in (couch, es):
        side.pop("Domain", None)
    return {row: [str(side.get(row, "")) for side in (couch, sql, es)]
            for row in set(couch) | set(sql) | set(es)}


def counts(env, db, query, domain):
    lines = env.sql(query, db, d=domain).splitlines()
    return {row: int(n) for row, n in (line.split("|") for line in lines)}


def print_csv(rows):
    print("Doc Type,Couch,SQL,ES")
    for row, cells in rows:
        print(",".join([row] + cells))


def print_text(rows):
    widths = (50, 20, 20, 20)
    line = lambda cells: " | ".join(c.ljust(w) for c, w in zip(cells, widths))
    print(line(("Doc Type", "Couch", "SQL", "ES")))
    print(" | ".join("-" * w for w in widths))
    for row, cells in rows:
        stale = cells[2] and any(c not in ("", "0", cells[2]) for c in cells[:2])
        print("\033[31m%s\033[0m" % line([row] + cells) if stale else line([row] + cells))


def ptop_preindex(env, args):
    there = set(env.sql("select name from es.indices", DOCS_DB).split())
    wanted = [name for name in INDICES if args.reset or name not in there]
    if not wanted:
        print("Nothing needs to be reindexed")
        return
    print("Reindexing:\n%s\n" % "\n".join("\t" + name for name in wanted), flush=True)
    for name in wanted:
        print("Starting pillow preindex %s" % name, flush=True)
        env.pause(1 / len(wanted))
    env.sql(FILL_INDICES, DOCS_DB)
    seed.fill_search(env, None)
    for name in wanted:
        print("Pillow preindex finished %s" % name)
    print("All pillowtop reindexing jobs completed")


FACTS = """select json_build_object(
    'domains', (%s), 'search', (select count(*) from es.docs), 'queued', (select count(*) from kafka.changes),
    'cached', (select count(*) from redis.cache),
    'indices', (select coalesce(json_agg(name order by name), '[]') from es.indices),
    'system_identifier', (select system_identifier::text from pg_control_system()))"""

DOMAINS = """select coalesce(json_agg(domain order by domain), '[]') from couch.docs where doc_type = 'Domain'"""

ROWS = """select json_build_object('forms', (select count(*) from form_processor_xforminstance),
                                   'blobs', (select count(*) from blobs_blobmeta))"""


def shell_facts(env, args):
    """One line of JSON; null for what has no database any more."""
    couch = has_table(env, DOCS_DB, "couch.docs")
    found = env.json(FACTS % (DOMAINS if couch else "null"), DOCS_DB)
    try:
        counts = env.json(ROWS)
    except Trouble:
        counts = {"forms": None, "blobs": None}
    counts.update((name, found.pop(name)) for name in ("search", "queued", "cached"))
    print(json.dumps({"SERVER_ENVIRONMENT": env.settings["SERVER_ENVIRONMENT"],
                      "commit": env.settings["commit"], "counts": counts, **found}))


def has_table(env, db, table):
    return env.sql("select to_regclass(:'t') is not null", db, t=table).strip() == "t"


def activity(env, args):
    print(env.sql("""
        select json_build_object(
            'forms', (select json_build_object('count', count(*), 'newest', max(received_on))
                      from form_processor_xforminstance where domain = :'d'),
            'cases', (select json_build_object('count', count(*), 'newest', max(server_modified_on))
                      from form_processor_commcarecase where domain = :'d'))""", d=args.domain).strip())


def applications(env, args):
    """The applications of a project; --set-url stands for the web UI."""
    if args.set_url is not None:
        env.sql("""update couch.docs set doc = jsonb_set(doc, '{custom_base_url}',
                       coalesce(to_jsonb(nullif(:'u', '')), 'null'))
                   where doc_type = 'Application' and domain = :'d'""", DOCS_DB, d=args.domain, u=args.set_url)
    print(env.sql("""select json_agg(json_build_object('id', id, 'name', doc->>'name', 'version', doc->'version',
                                                       'url', doc->>'custom_base_url') order by id)
                     from couch.docs where doc_type = 'Application' and domain = :'d'""",
                  DOCS_DB, d=args.domain).strip())
