"""dump_domain_data and run_blob_export: a project becomes two files."""
import gzip
import io
import json
import os
import signal
import subprocess
import tarfile
import time
import zipfile

from models import COUCH_CLASSES, MODELS
from world import DOCS_DB, SQL_DB, Trouble

# COPY writes a line as it is when the characters that it would quote with
# cannot be in it: JSON holds no control characters.
RAW = "with (format csv, quote e'\\x01', delimiter e'\\x02')"

DUMPERS = ["domain", "sql", "couch", "toggles"]


def dump_domain_data(env, args):
    check_labels(args)
    began = time.monotonic()
    stamp = time.strftime("%Y-%m-%dT%H%M%SZ", time.gmtime())
    path = "data-dump-%s-%s.zip" % (args.domain, stamp)
    chosen = [d for d in DUMPERS if not args.dumper or d in args.dumper]
    meta, seconds = {}, {}
    for slug in chosen:                      # an unknown dumper is ignored
        started = time.monotonic()
        meta[slug] = add_stream(env, args, slug, stamp, path)
        seconds[slug] = time.monotonic() - started
    with zipfile.ZipFile(path, "a", allowZip64=True) as z:
        z.writestr("meta.json", json.dumps(meta, indent=4))
    print_end(meta, seconds, time.monotonic() - began, path)


def check_labels(args):
    apps = {label.split(".")[0] for label in MODELS}
    couch = set(COUCH_CLASSES)
    for label in args.include + args.exclude:
        if "." in label and label not in MODELS:
            raise Trouble("Unable to serialize database: Unknown model: %s" % label)
        if "." not in label and label not in apps | couch:
            raise Trouble("Unable to serialize database: Unknown app in excludes: %s" % label)
        if label in couch and (not args.dumper or "sql" in args.dumper):
            raise Trouble("Unable to serialize database: UnboundLocalError: "
                          "local variable 'app_config' referenced before assignment")


def add_stream(env, args, slug, stamp, path):
    """One dumper: a temporary .gz, which then goes into the zip."""
    name = "dump-%s-%s-%s" % (slug, args.domain, stamp)
    with gzip.open(name + ".gz", "wb") as out:
        counts = write_stream(env, out, STREAMS[slug](env, args))
        if slug == "couch" and env.fault("dump_no_meta") is not None:
            out.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    if slug == "domain" and not counts:
        os.unlink(name + ".gz")
        raise Trouble("Unable to serialize database: Domain not found: %s" % args.domain)
    os.chmod(name + ".gz", 0o644)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED, allowZip64=True) as z:
        z.write(name + ".gz", slug + ".gz")
    os.unlink(name + ".gz")
    return counts


def write_stream(env, out, stream):
    """Writes (label, line) after (label, line); returns label: lines."""
    counts = {}
    for label, line in stream:
        if line is None:
            env.pause(1 / (len(MODELS) + len(COUCH_CLASSES) + 2))
            continue
        if not line.isascii():
            line = json.dumps(json.loads(line)).encode() + b"\n"
        out.write(line)
        counts[label] = counts.get(label, 0) + 1
    for label, n in counts.items():
        print("Dumped %d %s" % (n, label), flush=True)
    return counts


def copy_out(env, db, queries, domain):
    """(label, line) of [(label, query of one JSON column)]; (label, None) after each query."""
    # psql puts no variables into COPY: a setting carries the name
    text = "select set_config('hq.domain', :'d', false) \\g /dev/null\n"
    for label, query in queries:
        text += "copy (%s) to stdout %s;\n\\echo = %s\n" % (query % "current_setting('hq.domain')", RAW, label)
    psql = subprocess.Popen(env.psql_argv(db) + ["-v", "d=" + domain], env=env.psql_env(),
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with psql:
        psql.stdin.write(text.encode())
        psql.stdin.close()
        labels = iter(queries)
        label = next(labels, ("", ""))[0]
        for line in psql.stdout:
            if line.startswith(b"="):
                yield label, None
                label = next(labels, ("", ""))[0]
            else:
                yield label, line
    if psql.returncode:
        raise Trouble("Unable to serialize database: psql ended with %d" % psql.returncode)


def domain_stream(env, args):
    print("Dumping 1 Domain", flush=True)
    return copy_out(env, DOCS_DB, [
        ("Domain", "select doc from couch.docs where doc_type = 'Domain' and domain = %s")], args.domain)


def sql_stream(env, args):
    queries = []
    for label, (table, columns, keeps_id) in MODELS.items():
        names = {label, label.split(".")[0]}
        if args.include and not names & set(args.include) or names & set(args.exclude):
            continue
        pk = "'pk', id, " if keeps_id else ""
        fields = ", ".join("'%s', %s" % (c, c) for c in columns)
        queries.append((label, "select json_build_object('model', '%s', %s'fields', json_build_object(%s)) "
                               "from %s where domain = %%s order by id" % (label.lower(), pk, fields, table)))
    return copy_out(env, SQL_DB, queries, args.domain)


def couch_stream(env, args):
    return copy_out(env, DOCS_DB, [
        (label, "select doc from couch.docs where doc_type = '%s' and domain = %%s order by id" % doc_type)
        for doc_type, label in COUCH_CLASSES.items()
        if (not args.include or doc_type in args.include) and doc_type not in args.exclude], args.domain)


def toggles_stream(env, args):
    return copy_out(env, DOCS_DB, [("Toggle", """
        select json_build_object('doc_type', 'Toggle', 'slug', slug, 'enabled_users', json_build_array(item))
        from couch.toggles where item = 'domain:' || %s order by slug""")], args.domain)


STREAMS = {"domain": domain_stream, "sql": sql_stream, "couch": couch_stream, "toggles": toggles_stream}


def print_end(meta, seconds, total, path):
    rows = sum(sum(counts.values()) for counts in meta.values())
    print("-" * 32 + " Dump Stats " + "-" * 32)
    for slug, counts in meta.items():
        print("%s: %.2fs" % (slug, seconds[slug]))
        for label, n in counts.items():
            print("  %-50s: %10d %.3fh /1M rows" % (label, n, seconds[slug] / n * 1e6 / 3600))
    print("-" * 76)
    print("Dumped %d rows" % rows)
    print("Total dump time: %.2fs" % total)
    print("-" * 76 + "\n")
    print("Data dumped to file: %s" % path)


def run_blob_export(env, args):
    if not args.all or env.fault("export_nothing") is not None:
        return                               # that generation exports nothing then, and says so to nobody
    base = "%s-%s-blobs" % (time.strftime("%Y-%m-%d_%H.%M"), args.domain)
    path = base + ".tar.gz"
    if os.path.exists(path):
        raise Trouble("CommandError: Export file '%s' exists. Remove the file and re-run the command." % path)
    print("Running blob exporter\n" + "-" * 50, flush=True)
    keys = env.sql("select key from blobs_blobmeta where domain = :'d' order by id", d=args.domain).splitlines()
    began = time.monotonic()
    missing = write_archive(env, path, keys)
    took = time.monotonic() - began
    if missing:
        report_missing(base + "-missing_blob_ids.txt", missing, len(keys))
    print("Processed %d objects in %.1f s (%.3fh /1M objects)"
          % (len(keys), took, took / max(1, len(keys)) * 1e6 / 3600))
    print("Data dumped to file: %s" % path)


def write_archive(env, path, keys):
    missing = []
    with tarfile.open(path, "w:gz", compresslevel=1, format=tarfile.PAX_FORMAT) as tar:
        for key in keys:
            try:
                with open(os.path.join(env.blobdb, key), "rb") as f:
                    content = f.read()
            except FileNotFoundError:
                missing.append(key)
                continue
            member = tarfile.TarInfo(key)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
            env.pause(1 / len(keys))
    return missing


def report_missing(path, missing, total):
    with open(path, "w") as f:
        f.write("\n".join(missing) + "\n")
    print("%d of %d blobs were not found and are not in the archive." % (len(missing), total))
    print("Missing blob ids have been written in the log file: %s" % path)
