"""A running `primacy up`, and what a test wants to know about it."""

import json
import os
import re
import signal
import socket
import struct
import subprocess
import threading
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("PRIMACY_BIN", os.path.join(ROOT, "target", "release", "primacy"))
TEMPLATE = os.path.join(ROOT, "examples", "replication-group.yaml")
PATIENCE = 60.0
"""Seconds after which something that should happen is taken to never happen."""

AWS_ENV = dict(
    os.environ, AWS_ACCESS_KEY_ID="any", AWS_SECRET_ACCESS_KEY="any", AWS_DEFAULT_REGION="us-east-1", AWS_PAGER=""
)


def eventually(what, look, limit=PATIENCE):
    """Calls `look` until it gives something true."""
    end = time.monotonic() + limit
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(0.02)


class Group:
    """The seed's template on free ports; a context manager that leaves nothing behind."""

    def __init__(self, *options):
        command = [BINARY, "up", TEMPLATE, "--port", "0", "--api-port", "0", "--dns-port", "0", *options]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self.log = []
        threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True).start()
        ready = eventually("the line `ready`", lambda: next((line for line in self.log if " ready " in line), None))
        fields = dict(re.findall(r"(\w+)=(\S+)", ready))
        self.api = fields["api"]
        self.primary, self.reader, self.dns = (int(fields[name].rsplit(":", 1)[1]) for name in ("primary", "reader", "dns"))

    def __enter__(self):
        self.available()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=PATIENCE)

    def view(self):
        with urllib.request.urlopen(self.api + "/api/view", timeout=10) as answer:
            return json.load(answer)

    def post(self, path, **body):
        request = urllib.request.Request(
            f"{self.api}/api/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def available(self, replicas=2):
        """Waits until there is a primary and every other node follows it."""

        def look():
            view = self.view()
            serving = [n for n in view["nodes"] if n["is_primary"] and n["role"] == "PrimaryServing" and n["heard"]]
            following = [n for n in view["nodes"] if not n["is_primary"] and n["link_up"] and n["heard"]]
            found = (len(serving), len(following), len(view["nodes"]), view["status"])
            return view if found == (1, replicas, replicas + 1, "Available") else None

        return eventually("an available group", look)

    def primary_node(self):
        """The primary; waits while an election is under way."""
        look = lambda: next((node for node in self.view()["nodes"] if node["is_primary"]), None)
        return eventually("a primary", look)

    def node(self, number):
        return next(node for node in self.view()["nodes"] if node["id"] == number)

    def dig(self, name, *more):
        command = ["dig", "@127.0.0.1", "-p", str(self.dns), "+tries=2", "+time=5", name, *more]
        return subprocess.run(command, capture_output=True, text=True, timeout=30).stdout

    def aws(self, *arguments):
        command = ["aws", "elasticache", *arguments, "--endpoint-url", self.api, "--output", "json"]
        return subprocess.run(command, capture_output=True, text=True, env=AWS_ENV, timeout=60)


def host_and_port(node):
    host, port = node["addr"].rsplit(":", 1)
    return host, int(port)


def resolve(port, name):
    """The first A record for `name` of the DNS server at `port`, as a client's resolver finds it."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
    query = struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(2)
        udp.sendto(query, ("127.0.0.1", port))
        answer = udp.recv(512)
    count, at = struct.unpack(">H", answer[6:8])[0], len(query)
    for _ in range(count):
        while answer[at] not in (0,) and answer[at] < 0xC0:
            at += answer[at] + 1
        at += 2 if answer[at] >= 0xC0 else 1
        kind, _, _, length = struct.unpack(">HHIH", answer[at : at + 10])
        at += 10
        if kind == 1:
            return socket.inet_ntoa(answer[at : at + 4])
        at += length
    raise OSError(f"no address for {name}")
