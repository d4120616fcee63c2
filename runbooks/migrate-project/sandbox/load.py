"""load_domain_data and run_blob_import: the two files become a project again."""
import glob
import gzip
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile

import seed
from dump import DUMPERS, RAW
from models import MODELS
from world import DOCS_DB, SQL_DB, Trouble

STAGE = """create temp table _line (n serial, line jsonb);
copy _line (line) from stdin %s;
%%s\\.
""" % RAW


def load_domain_data(env, args):
    folder = extract(args)
    print("Loading data from %s." % args.zip, flush=True)
    with open(os.path.join(folder, "meta.json")) as f:
        meta = json.load(f)
    loaded = {}
    for slug in DUMPERS:
        if args.loader and slug not in args.loader:
            continue
        for path in sorted(glob.glob(os.path.join(folder, slug + "*.gz"))):
            print("Loading %s using '%s' data loader." % (path, slug), flush=True)
            loaded[slug] = load_stream(env, args, slug, path)
            if not loaded[slug]:
                print("No data found for %s" % slug)
    print_stats(loaded, meta)


def extract(args):
    """Unpacks below the current directory, and never cleans up."""
    if not os.path.exists(args.zip):
        raise Trouble("CommandError: Dump file not found: %s" % args.zip)
    folder = "_tmp_load__" + args.zip
    if os.path.exists(folder) and not args.use_extracted:
        raise Trouble("CommandError: Extracted dump already exists at %s. "
                      "Delete it or use --use-extracted" % folder)
    if not os.path.exists(folder):
        with zipfile.ZipFile(args.zip) as z:
            z.extractall(folder)
    return folder


def load_stream(env, args, slug, path):
    print("Started at %s" % time.strftime("%H:%M:%S"), flush=True)
    with gzip.open(path, "rt") as f:
        lines = [line for line in f if line.strip()]
    bar(0, len(lines))
    env.pause(0.25)
    counts = LOADERS[slug](env, args, lines)
    bar(len(lines), len(lines))
    print("\nFinished at %s" % time.strftime("%H:%M:%S"), flush=True)
    return counts


def bar(done, total):
    """A progress bar that is drawn over and over, as the real one is."""
    width = 50 * done // max(1, total)
    sys.stdout.write("\rProcessing [%-50s] %d/%d %d%% 0:00:00 remaining "
                     % ("." * width, done, total, 100 * done // max(1, total)))
    sys.stdout.flush()


def load_domain(env, args, lines):
    assert len(lines) == 1
    name = json.loads(lines[0])["name"]
    there = env.sql("select 1 from couch.docs where doc_type = 'Domain' and domain = :'d'", DOCS_DB, d=name)
    if there and not args.force:
        raise Trouble("CommandError: Some data already exists. Use --force to load anyway: Domain: %s" % name)
    insert_docs(env, lines, name)
    print("\nLoaded Domain")
    return {"Domain": 1}


def load_sql(env, args, lines):
    """One transaction; the sequences after it, as in reality."""
    if env.fault("load_short") is not None:
        lines = lines[:-max(1, len(lines) // 100)]
    text = ["begin;\n", STAGE % "".join(lines)]
    for label in MODELS:
        text.append(insert(label))
    text.append("select pg_sleep(%s);\n" % (float(env.fault("slow") or 0) / 4))
    text.append("commit;\n")
    run_psql(env, SQL_DB, "".join(text), "Could not load")
    reset_sequences(env)
    print("\nLoading DB 'default' complete")
    return count(lines, lambda d: d["model"])


def insert(label):
    table, columns, keeps_id = MODELS[label]
    record, names = "line->'fields'", ", ".join(columns)
    if keeps_id:
        record, names = record + " || jsonb_build_object('id', line->'pk')", "id, " + names
    return """insert into {0} ({1}) select {2} from _line, jsonb_populate_record(null::{0}, {3}) f
              where line->>'model' = '{4}' order by n;\n""".format(
                  table, names, ", ".join("f." + c for c in names.split(", ")), record, label.lower())


def reset_sequences(env):
    env.sql("".join("select setval(pg_get_serial_sequence('%s', 'id'), max(id)) from %s;" % (t, t)
                    for t, _, _ in MODELS.values()))


def load_couch(env, args, lines):
    """Batch by batch, without a transaction around them."""
    for i in range(0, len(lines), 100):
        insert_docs(env, lines[i:i + 100], json.loads(lines[i])["domain"])
    print("\nLoaded %d couch docs" % len(lines))
    return count(lines, lambda d: d["doc_type"])


def insert_docs(env, lines, domain):
    run_psql(env, DOCS_DB, STAGE % "".join(lines) + """
        insert into couch.docs select line->>'_id', coalesce(line->>'domain', line->>'name'),
                                      line->>'doc_type', line from _line on conflict do nothing;\n""",
             "Problem loading data")


def load_toggles(env, args, lines):
    run_psql(env, DOCS_DB, STAGE % "".join(lines) + """
        insert into couch.toggles select line->>'slug', jsonb_array_elements_text(line->'enabled_users')
        from _line on conflict do nothing;\n""", "Problem loading data")
    print("\nLoaded %d Toggles" % len(lines))
    return {"Toggle": len(lines)} if lines else {}


LOADERS = {"domain": load_domain, "sql": load_sql, "couch": load_couch, "toggles": load_toggles}


def run_psql(env, db, text, complaint):
    done = subprocess.run(env.psql_argv(db), input=text, env=env.psql_env(), text=True,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode:
        raise Trouble("%s: %s" % (complaint, done.stderr.strip()))


def count(lines, key):
    counts = {}
    for line in lines:
        label = key(json.loads(line))
        counts[label] = counts.get(label, 0) + 1
    return counts


def print_stats(loaded, meta):
    print("-" * 40 + " Load Stats " + "-" * 40)
    for slug, counts in loaded.items():
        print(slug)
        for label, n in by_class(counts).items():
            print("  %-50s: %d / %d" % (spelled(label, meta[slug]), n, expected(label, meta[slug])))
    print("-" * 92)
    print("Loaded %d/%d objects" % (sum(sum(c.values()) for c in loaded.values()),
                                    sum(sum(meta[slug].values()) for slug in loaded)))
    print("-" * 92)


def by_class(counts):
    """Couch counts by doc type become counts by class, as in meta.json."""
    merged = {}
    for label, n in counts.items():
        label = seed.COUCH_CLASSES.get(label, label)
        merged[label] = merged.get(label, 0) + n
    return merged


def spelled(label, counts):
    return next((name for name in counts if name.lower() == label.lower()), label)


def expected(label, counts):
    return counts.get(spelled(label, counts), 0)


def run_blob_import(env, args):
    """Overwrites by key; may be run again."""
    print("Inspecting the size of %s.\nThis can take ~8 minutes for a 30G file." % args.archive, flush=True)
    listing = subprocess.run(["tar", "--list", "-f", args.archive], capture_output=True, text=True)
    if listing.returncode:
        raise Trouble("ValueError: invalid literal for int() with base 10: %r" % listing.stderr)
    total = len(listing.stdout.splitlines())
    with tarfile.open(args.archive) as tar:
        for done, member in enumerate(tar, 1):
            seed.write_blob(env, safe_key(member.name), tar.extractfile(member).read())
            env.pause(1 / total)
            if done == total or done % 100 == 0:
                print("Worker 0 [%-10s] %d/%d %d%% 0:00:00 remaining"
                      % ("." * (10 * done // total), done, total, 100 * done // total), flush=True)


def safe_key(key):
    if key.startswith("/") or ".." in key.split("/"):
        raise Trouble("a key that leads out of the blob store: %s" % key)
    return key
