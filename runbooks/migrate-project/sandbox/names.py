"""The DNS server of the sandbox: one zone, one key that may change it."""
import base64
import os
import subprocess

import proc

ZONE = "example.test"
MOBILE = "mobile." + ZONE
TTL = 60

CONF = """server:
    rundir: "{root}/run"
    pidfile: "{root}/run/knotd-own.pid"
    listen: 127.0.0.1@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
control:
    listen: "{sockets}/knot.sock"
log:
  - target: "{root}/log/knot.log"
    any: notice
database:
    storage: "{root}/dns"
    journal-db-max-size: 4M
    kasp-db-max-size: 8M
    timer-db-max-size: 8M
key:
  - id: sandbox
    algorithm: hmac-sha256
    secret: {secret}
acl:
  - id: change
    key: sandbox
    action: update
zone:
  - domain: {zone}
    storage: "{root}/dns"
    file: zone
    acl: change
"""

RECORDS = """$ORIGIN {zone}.
$TTL {ttl}
@ SOA ns hostmaster 1 3600 600 86400 {ttl}
@ NS ns
ns A 127.0.0.1
old A {old}
new A {new}
mobile CNAME old
_use.mobile TXT "the name that devices use"
"""


def write_files(root, sockets, port, old, new):
    secret = base64.b64encode(os.urandom(32)).decode()
    put(root + "/dns/knot.conf", CONF.format(root=root, sockets=sockets, port=port, secret=secret, zone=ZONE))
    put(root + "/dns/zone", RECORDS.format(zone=ZONE, ttl=TTL, old=old, new=new))
    put(root + "/secrets/dns-key",
        'key "sandbox" {\n\talgorithm hmac-sha256;\n\tsecret "%s";\n};\n' % secret)


def put(path, text):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
        f.write(text)


def start(root, port):
    if proc.find(root, "knotd") is None:
        proc.spawn(root, "knotd", ["/usr/sbin/knotd", "-c", root + "/dns/knot.conf"])
    return proc.wait_for(lambda: address(port) is not None, 10, 0.02)


def address(port, name=MOBILE):
    """Where the name leads to, says the server; None when it does not answer."""
    done = subprocess.run(["dig", "@127.0.0.1", "-p", str(port), "+short", "+tries=1", "+time=1", name, "A"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return (done.stdout.split() or [""])[-1] if done.returncode == 0 else None


def point(root, port, to):
    """Lets the mobile name lead to `old` or `new`; a CNAME replaces the one before."""
    text = ("server 127.0.0.1 %d\nzone %s\nupdate add %s. %d CNAME %s.%s.\nsend\n"
            % (port, ZONE, MOBILE, TTL, to, ZONE))
    subprocess.run(["nsupdate", "-k", root + "/secrets/dns-key"], input=text, text=True, check=True)
