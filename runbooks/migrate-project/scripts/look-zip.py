# python3 - ZIP: what a dump holds, as one line of JSON. Reads every member to its end, extracts nothing.
import gzip, json, os, sys, zipfile
path = sys.argv[1]
seen = {"complete": False, "meta": {}, "lines": {}, "error": None}
folder = os.path.dirname(path)
seen["stray"] = sorted(n for n in os.listdir(folder) if n.startswith("dump-") and n.endswith(".gz"))
try:
    with zipfile.ZipFile(path) as z:
        for name in z.namelist():
            if name.endswith(".gz"):
                with z.open(name) as member, gzip.open(member) as lines:
                    seen["lines"][name[:-3]] = sum(1 for line in lines if line.strip())
        seen["meta"] = json.loads(z.read("meta.json"))
        seen["complete"] = z.namelist()[-1] == "meta.json"
except (zipfile.BadZipFile, KeyError, EOFError, OSError, ValueError) as e:
    seen["error"] = str(e)
print(json.dumps(seen))
