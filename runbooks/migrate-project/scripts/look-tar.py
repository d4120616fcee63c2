# python3 - TAR.GZ: how many files an archive of blobs holds, as one line of JSON. Reads it to its last byte, extracts nothing.
import json, sys, tarfile
seen = {"complete": False, "members": 0, "error": None}
try:
    with tarfile.open(sys.argv[1], "r:gz") as tar:
        for member in tar:
            tar.extractfile(member).read()
            seen["members"] += 1
        while tar.fileobj.read(1 << 20):                 # the gzip trailer with its checksum
            pass
    seen["complete"] = True
except (tarfile.TarError, EOFError, OSError) as e:
    seen["error"] = str(e)
print(json.dumps(seen))
