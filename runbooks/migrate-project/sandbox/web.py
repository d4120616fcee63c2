#!/usr/bin/python3
"""The web worker of an environment: takes submissions of devices.

    web.py ENV_DIR
"""
import base64
import hashlib
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree

import seed
from world import DOCS_DB, Env, Trouble

FLAG_CACHE = 1.0            # seconds until a process sees a flag that changed


class Site(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, env):
        super().__init__((env.settings["address"], env.settings["site_port"]), Handler)
        self.env = env
        self.hosts = set([env.settings["address"], env.settings["site_host"]] + env.alternate_hosts())
        self.cache = {}

    def server_bind(self):  # without the look-up of our own name
        import socketserver
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def facts(self, domain):
        """(the project exists, DATA_MIGRATION is on), at most a second old."""
        seen, facts = self.cache.get(domain, (0, None))
        if time.monotonic() - seen > FLAG_CACHE:
            text = self.env.sql(
                """select exists (select from couch.docs where doc_type = 'Domain' and domain = :'d'),
                   exists (select from couch.toggles where slug = 'data_migration' and item = 'domain:' || :'d')""",
                DOCS_DB, d=domain)
            facts = [v == "t" for v in text.strip().split("|")]
            self.cache[domain] = (time.monotonic(), facts)
        return facts


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if not self.known_host():
            return
        if self.path == "/serverup.txt":
            self.answer(200, "success")
        elif self.path.endswith("/receiver/"):
            self.answer(405)
        else:
            self.answer(404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.known_host():
            return
        parts = self.path.split("/")
        if len(parts) != 5 or parts[1] != "a" or parts[3:] != ["receiver", ""]:
            return self.answer(404)
        try:
            self.receive(parts[2], body)
        except Trouble as trouble:
            self.log_error("%s", trouble)
            self.answer(500)

    def receive(self, domain, body):
        exists, blocked = self.server.facts(domain)
        if not exists:
            return self.answer(404)
        if blocked:                                  # before it asks who you are
            return self.answer(503, "Service Temporarily Unavailable")
        if not self.user_of(domain):
            return self.answer(401, "Authorization Required")
        try:
            form = ElementTree.fromstring(body)
            form_id = next(e.text for e in form.iter() if e.tag.endswith("instanceID"))
        except (ElementTree.ParseError, StopIteration):
            return self.answer(422, "No form in it")
        store_form(self.server.env, domain, form_id, form.get("xmlns") or "", body)
        self.answer(201, "submit_success")

    def user_of(self, domain):
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        if scheme != "Basic":
            return None
        name, _, password = base64.b64decode(value).decode().partition(":")
        return self.server.env.sql(
            "select id from auth_user where domain = :'d' and username = :'u' and password = :'p'",
            d=domain, u=name, p=hashlib.sha256(password.encode()).hexdigest()).strip()

    def known_host(self):
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if host in self.server.hosts:
            return True
        self.answer(400, "Bad Request")
        return False

    def answer(self, status, text=""):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def store_form(env, domain, form_id, xmlns, body):
    """The form, its XML as a blob, and the news about it; once per form id."""
    key = "form/%s/form.xml" % form_id.replace("/", "_")
    seed.write_blob(env, key, body)
    new = env.sql(
        """with f as (insert into form_processor_xforminstance
                      (domain, form_id, state, xmlns, user_id, received_on)
                      values (:'d', :'f', 'XFormInstance', :'x', 'tester', now()) on conflict do nothing returning 1),
                b as (insert into blobs_blobmeta (domain, key, parent_id, name, content_length, created_on)
                      values (:'d', :'k', :'f', 'form.xml', :n, now()) on conflict do nothing)
           select count(*) from f""", d=domain, f=form_id, x=xmlns, k=key, n=len(body)).strip()
    if new == "1":
        env.sql("insert into kafka.changes (id, domain, doc_type) values (:'f', :'d', 'XFormInstance')",
                DOCS_DB, f=form_id, d=domain)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    Site(Env(sys.argv[1])).serve_forever(poll_interval=0.2)


if __name__ == "__main__":
    main()
