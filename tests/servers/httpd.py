#!/usr/bin/env python3
"""Web servers for the tests, good and bad ones, on free ports of 127.0.0.1.

    httpd.py DIR

Makes certificates in DIR, then starts

    http     an origin without TLS
    other    another one
    good     https, certificate of DIR/ca.pem for localhost and 127.0.0.1
    own      https, signed by nobody
    expired  https, of that CA, out of date
    name     https, of that CA, for another name

and writes DIR/ports (one "name port" a line) when all of them listen. Every
request is appended to DIR/log as one line of JSON: server, line (the request
line), headers, body. Ends when its standard input does.
"""
import http.server
import json
import os
import ssl
import subprocess
import sys
import threading
import urllib.parse

CONFIG = """
[ca]
default_ca = here
[here]
database = index
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""


NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]


def openssl(*args):
    subprocess.run(["openssl", *args], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def request(name, names):
    openssl("req", "-new", *NEW_KEY, "-nodes", "-subj",
            "/CN=" + name, "-addext", "subjectAltName=" + names,
            "-keyout", name + ".key", "-out", name + ".csr")


def certificate(name, names, begin, end):
    request(name, names)
    openssl("ca", "-batch", "-notext", "-config", "ca.conf", "-cert",
            "ca.pem", "-keyfile", "ca.key", "-startdate", begin, "-enddate",
            end, "-in", name + ".csr", "-out", name + ".pem")


def make_certificates():
    with open("ca.conf", "w") as f:
        f.write(CONFIG)
    open("index", "w").close()
    with open("serial", "w") as f:
        f.write("01\n")
    openssl("req", "-x509", *NEW_KEY, "-nodes", "-subj",
            "/CN=test CA", "-days", "3650", "-keyout", "ca.key", "-out",
            "ca.pem")
    here = "DNS:localhost,IP:127.0.0.1"
    certificate("good", here, "20200101000000Z", "20991231235959Z")
    certificate("expired", here, "20200101000000Z", "20200102000000Z")
    certificate("name", "DNS:elsewhere.example", "20200101000000Z",
                "20991231235959Z")
    openssl("req", "-x509", *NEW_KEY, "-nodes", "-subj",
            "/CN=own", "-addext", "subjectAltName=" + here, "-days", "3650",
            "-keyout", "own.key", "-out", "own.pem")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def record(self):
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size).decode("latin-1")
        line = json.dumps({
            "server": self.server.name, "line": self.requestline,
            "headers": {k.lower(): v for k, v in self.headers.items()},
            "body": body})
        with self.server.lock, open("log", "a") as f:
            f.write(line + "\n")
        return body

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def handle_any(self):
        body = self.record()
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        word = url.path.split("/")[1]
        if word == "status":
            self.answer(int(url.path.split("/")[2]), b"status\n")
        elif word == "to":
            self.answer(int(query.get("status", ["302"])[0]), b"moved\n",
                        [("Location", query["url"][0])])
        elif word == "loop":
            self.answer(302, b"", [("Location", "/loop")])
        elif word == "json":
            self.answer(200, b'{"a": [1, 2], "b": null}\n',
                        [("Content-Type", "application/json")])
        elif word == "bytes":
            self.answer(200, bytes(range(256)))
        elif word == "twice":
            self.answer(200, b"x", [("X-One", "a"), ("X-One", "b"),
                                    ("X-ESC", "\x1b[31mred")])
        elif word == "big":
            self.answer(200, b"x" * (65 * 1024 * 1024))
        elif word == "headers":
            self.answer(200, b"", [("X-%d" % i, "y" * 4000)
                                   for i in range(80)])
        elif word == "vanish":
            self.close_connection = True
        elif word == "echo":
            self.answer(200, body.encode("latin-1"))
        else:
            self.answer(200, b"fine\n")

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def start(name, lock, certificate_name=None):
    server = Server(("127.0.0.1", 0), Handler)
    server.name = name
    server.lock = lock
    if certificate_name:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate_name + ".pem",
                                certificate_name + ".key")
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main():
    os.chdir(sys.argv[1])
    make_certificates()
    open("log", "w").close()
    lock = threading.Lock()
    ports = [(name, start(name, lock, None if name in ("http", "other")
                          else name))
             for name in ("http", "other", "good", "own", "expired", "name")]
    with open("ports.new", "w") as f:
        f.writelines("%s %d\n" % p for p in ports)
    os.rename("ports.new", "ports")
    sys.stdin.read()


main()
