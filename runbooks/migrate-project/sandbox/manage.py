#!/usr/bin/python3
"""manage.py ENV_DIR COMMAND …: the commands of one environment.

Output, exit statuses and traps are those of the commands whose names they
carry, also where that is unkind: status 0 is no evidence.
"""
import argparse
import importlib
import os
import sys

from world import DOCS_DB, Env, Trouble


def flag(env, args):
    item = "domain:" + args.domain
    if args.action == "set":
        env.sql("insert into couch.toggles values (:'s', :'i') on conflict do nothing", DOCS_DB, s=args.slug, i=item)
    elif args.action == "clear":
        env.sql("delete from couch.toggles where slug = :'s' and item = :'i'", DOCS_DB, s=args.slug, i=item)
    there = env.sql("select 1 from couch.toggles where slug = :'s' and item = :'i'", DOCS_DB, s=args.slug, i=item)
    print("flag=%s" % ("on" if there else "off"))


def remove_form(env, args):
    """Takes one form out again, with its blob and its search document."""
    keys = env.sql("""with f as (delete from form_processor_xforminstance where domain = :'d' and form_id = :'f')
                      delete from blobs_blobmeta where domain = :'d' and parent_id = :'f' returning key""",
                   d=args.domain, f=args.form_id).splitlines()
    env.sql("""delete from kafka.changes where id = :'f' and domain = :'d';
               delete from es.docs where id = :'f' and domain = :'d'""", DOCS_DB, d=args.domain, f=args.form_id)
    for key in keys:
        os.unlink(os.path.join(env.blobdb, key))
    print("Removed %d blobs of form %s" % (len(keys), args.form_id))


def find_form(env, args):
    """Where a form is: database, blob store, search."""
    sql = env.sql("select count(*) from form_processor_xforminstance where domain = :'d' and form_id = :'f'",
                  d=args.domain, f=args.form_id)
    es = env.sql("select count(*) from es.docs where domain = :'d' and id = :'f'",
                 DOCS_DB, d=args.domain, f=args.form_id)
    print("sql=%s es=%s" % (sql.strip(), es.strip()))


def option(*names, **how):
    return names, how


DOMAIN = option("domain")
LABELS = [option("-i", "--include", action="append", default=[]),
          option("-e", "--exclude", action="append", default=[])]
WIPE = [option("--commit", action="store_true"), option("--no-input", action="store_true")]

# name: (function, or module.function, its arguments)
COMMANDS = {
    "print_domain_stats": ("stats.print_domain_stats", [DOMAIN, option("--csv", action="store_true")]),
    "dump_domain_data": ("dump.dump_domain_data",
                         [DOMAIN, option("--dumper", action="append", default=[])] + LABELS),
    "run_blob_export": ("dump.run_blob_export", [DOMAIN, option("--all", action="store_true")]),
    "load_domain_data": ("load.load_domain_data", [
        option("zip"), option("--use-extracted", action="store_true"), option("--force", action="store_true"),
        option("--loader", action="append", choices=["domain", "sql", "couch", "toggles"], default=[])]),
    "run_blob_import": ("load.run_blob_import", [option("archive")]),
    "ptop_preindex": ("stats.ptop_preindex", [option("--reset", action="store_true")]),
    "flag": (flag, [option("action", choices=["get", "set", "clear"]), option("slug"), DOMAIN]),
    "apps": ("stats.applications", [DOMAIN, option("--set-url")]),
    "activity": ("stats.activity", [DOMAIN]),
    "shell_facts": ("stats.shell_facts", []),
    "find_form": (find_form, [DOMAIN, option("form_id")]),
    "remove_form": (remove_form, [DOMAIN, option("form_id")]),
    "flush_caches": ("wipe.flush_caches", []),
    "migrate": ("wipe.migrate", []),
}
COMMANDS.update({name: ("wipe." + name, WIPE) for name in
                 ["wipe_blobdb", "wipe_es", "delete_couch_dbs", "wipe_pg", "wipe_kafka"]})


def parse(argv):
    parser = argparse.ArgumentParser(prog="manage.py")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, options) in COMMANDS.items():
        command = commands.add_parser(name, allow_abbrev=False)
        for names, how in options:
            command.add_argument(*names, **how)
    return parser.parse_args(argv)


def function_of(command):
    """Modules are read when they are needed: most commands are short."""
    function = COMMANDS[command][0]
    if not isinstance(function, str):
        return function
    module, _, name = function.partition(".")
    return getattr(importlib.import_module(module), name)


def main():
    env, args = Env(sys.argv[1]), parse(sys.argv[2:])
    try:
        function_of(args.command)(env, args)
    except Trouble as trouble:
        sys.exit(str(trouble))


if __name__ == "__main__":
    main()
