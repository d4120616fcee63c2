"""The commands that destroy an environment's data, and what makes it usable again."""
import os

from models import COUCH_SCHEMA, FILL_INDICES, SQL_SCHEMA
from stats import has_table
from world import DOCS_DB, SQL_DB, Trouble


def guarded(work, done, reminder):
    """A wipe command: it warns, says where it is, asks, and needs --commit."""
    def command(env, args):
        print("This will delete data of the whole environment, not of one project.")
        print("SERVER_ENVIRONMENT = %s" % env.settings["SERVER_ENVIRONMENT"], flush=True)
        if not args.no_input:
            ask()
        env.pause(1)
        result = None
        if env.fault("wipe_without_effect") is None:
            result = work(env, args.commit)
        if done:
            print(done % (result or 0) if "%" in done else done)
        if not args.commit:
            print(reminder)
    return command


def ask():
    print("Are you SURE you want to proceed?")
    if input("(y/N)") != "y":
        raise Trouble("Aborting")


def blobs(env, commit):
    """Finds blobs by their metadata, so it comes before PostgreSQL."""
    size = 0
    for key in env.sql("select key from blobs_blobmeta order by id").splitlines():
        path = os.path.join(env.blobdb, key)
        if os.path.exists(path):
            size += os.path.getsize(path)
            if commit:
                os.unlink(path)
    if commit:
        env.sql("delete from blobs_blobmeta")
    return size


def es(env, commit):
    if commit:
        env.sql("delete from es.docs; delete from es.indices;", DOCS_DB)


def couch(env, commit):
    print("  %-40s %s" % ("commcarehq", documents(env)))
    if commit:
        env.sql("drop schema if exists couch cascade", DOCS_DB)
    print("deleted commcarehq")             # it says so without --commit too
    if commit:
        print("deletion done")


def documents(env):
    if not has_table(env, DOCS_DB, "couch.docs"):
        return "NOT FOUND, IGNORED"
    return "%s docs" % env.sql("select count(*) from couch.docs", DOCS_DB).strip()


def pg(env, commit):
    if commit:
        env.sql("drop database if exists %s" % SQL_DB, "postgres")


def kafka(env, commit):
    if commit:
        env.sql("delete from kafka.changes", DOCS_DB)


def migrate(env, args):
    """Tables, CouchDB views and empty indices, on a fresh environment."""
    if not env.has_database():
        env.sql("create database %s" % SQL_DB, "postgres")
    if not has_table(env, SQL_DB, "pillowtop_kafkacheckpoint"):
        env.sql("begin;" + SQL_SCHEMA + "commit;")
    if not has_table(env, DOCS_DB, "couch.docs"):
        env.sql("begin;" + COUCH_SCHEMA + "commit;", DOCS_DB)
    env.sql(FILL_INDICES, DOCS_DB)
    env.pause(1)
    print("Migrations complete")


def flush_caches(env, args):
    env.sql("delete from redis.cache", DOCS_DB)


REMINDER = "You need to run it with --commit for it to have an effect."

wipe_blobdb = guarded(blobs, "Deleted %d bytes.", "You need to run with --commit to delete the blobs.")
wipe_es = guarded(es, "", REMINDER)
delete_couch_dbs = guarded(couch, "", REMINDER)
wipe_pg = guarded(pg, "", REMINDER)
wipe_kafka = guarded(kafka, "", REMINDER)
