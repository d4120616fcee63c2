#!/bin/sh
# Every YAML example of the documents is a valid book, or a part of one.
. "$(dirname "$0")/lib.sh"
python3 - "$srcdir" "$CAIRN" "$T" <<'PY'
import glob, os, re, subprocess, sys
srcdir, cairn, T = sys.argv[1:]
HEAD = "version: 1\nname: example\ntitle: An example\n"
STEP = "steps:\n  - {id: nothing, title: Nothing, verify: true}\n"
FILE = ("steps:\n  - {id: call, title: Call it, include: f.yaml}\n")
WAYS = {
    "book": lambda t: {"runbook.yaml": t},
    "root": lambda t: {"runbook.yaml": HEAD + t + STEP},
    "steps": lambda t: {"runbook.yaml": HEAD + "steps:\n" + t},
    "file": lambda t: {"runbook.yaml": HEAD + FILE, "f.yaml": t},
}
failures = []


def of_markdown(text):
    """```yaml, then nothing or one of the ways."""
    for m in re.finditer(r"^( *)```yaml\b *([^\n]*)\n(.*?)^ *```$", text,
                         re.M | re.S):
        body = re.sub("^" + m[1], "", m[3], flags=re.M)
        yield text.count("\n", 0, m.start()) + 1, m[2].strip() or "book", body


def of_roff(text):
    """A comment, yaml and one of the ways, then .EX to .EE."""
    for m in re.finditer(r'^\.\\" yaml (\w+)\n\.EX\n(.*?)^\.EE$', text,
                         re.M | re.S):
        body = m[2].replace("\\-", "-").replace("\\&", "")
        body = body.replace("\\(aq", "'").replace("\\e", "\\")
        yield text.count("\n", 0, m.start()) + 1, m[1], body


def lint(where, way, body):
    if way not in WAYS:
        return failures.append("%s: what is '%s'? It is one of: %s" %
                               (where, way, ", ".join(WAYS)))
    folder = os.path.join(T, "example")
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    for name, text in WAYS[way](body).items():
        with open(os.path.join(folder, name), "w") as f:
            f.write(text)
    got = subprocess.run([cairn, "lint", folder], capture_output=True,
                         text=True, timeout=60)
    if got.returncode != 0:
        failures.append("%s: this example is not valid:\n%s" %
                        (where, got.stderr))


def documents():
    yield from (srcdir + "/" + n for n in ("README.md", "CONTRIBUTING.md"))
    yield from sorted(glob.glob(srcdir + "/doc/**/*.md", recursive=True))
    yield from sorted(glob.glob(srcdir + "/runbooks/**/*.md", recursive=True))
    yield from sorted(glob.glob(srcdir + "/doc/man/*.in"))


count = 0
for path in documents():
    with open(path, encoding="utf-8") as f:
        text = f.read()
    found = list((of_roff if path.endswith(".in") else of_markdown)(text))
    roughly = text.count("\n.\\\" yaml ") if path.endswith(".in") else \
        len(re.findall(r"^ *```ya?ml", text, re.M | re.I))
    if len(found) != roughly:
        failures.append("%s: %d examples are marked, %d could be read" %
                        (path, roughly, len(found)))
    for line, way, body in found:
        count += 1
        lint("%s:%d" % (os.path.relpath(path, srcdir), line), way, body)
print("\n".join(failures))
print("%d examples" % count)
sys.exit(bool(failures) or count < 6)
PY
[ $? = 0 ] || fail "examples"
finish
