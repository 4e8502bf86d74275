"""Runs real vigie processes against the local newsroom, and keeps the ledgers that vigie itself
cannot touch.
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import http.server
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("VIGIE_BUILD", TOP / "build"))
VIGIE = BUILD / "bin" / "vigie"
LISTENS_WITHIN_S = 120  # on a machine that compiles beside the tests
SHARED = TOP.parent / "shared"

# A crawl at the pace of a test: polls every second, a page looked at again after 20 s, a failure
# tried again after a second.
FAST_CRAWL = [
    "fetch.feed_floor_s=1",
    "crawl.revisits_s=[20, 60, 120, 240, 600, 3600, 21600, 86400]",
    "crawl.retry_base_s=1",
    "crawl.retry_ceiling_s=10",
]


def wait_until(condition, seconds, what, pause=0.1):
    """The first true value of condition(); fails the test when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause)


def set_options(settings):
    """The arguments of a program for `key=value` settings."""
    return [part for setting in settings for part in ("--set", setting)]


class Newsroom:
    """tests/newsroom as a child process; its ledger says what was published."""

    def __init__(
        self, directory, every=4, limit=None, seed=1, fast=False, edit_after=90, access_log=None
    ):
        self.directory = pathlib.Path(directory) / "newsroom"
        self.directory.mkdir(parents=True, exist_ok=True)
        self.sources = self.directory / "sources.yaml"
        self.ledger_file = self.directory / "ledger.jsonl"
        command = [
            sys.executable,
            str(TOP / "tests/newsroom/newsroom.py"),
            "--every",
            str(every),
            "--seed",
            str(seed),
            "--edit-after",
            str(edit_after),
            "--sources-file",
            str(self.sources),
            "--ledger",
            str(self.ledger_file),
            "--state",
            str(self.directory / "state.json"),
        ]
        if limit is not None:
            command += ["--limit", str(limit)]
        if fast:
            command.append("--fast")
        if access_log is not None:
            command += ["--access-log", str(access_log)]
        self.log = open(self.directory / "log", "ab")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        wait_until(
            lambda: (
                self.sources.exists()
                and self.sources.stat().st_size > 0
                and b"listening on port" in (self.directory / "log").read_bytes()
                or self._died()
            ),
            15,
            "the newsroom listens",
        )

    def _died(self):
        if self.process.poll() is not None:
            raise AssertionError(
                "the newsroom ended: "
                + (self.directory / "log").read_text(errors="replace")[-2000:]
            )
        return False

    def ledger(self):
        if not self.ledger_file.exists():
            return []
        lines = self.ledger_file.read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines[:-1] if line]

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


class WebhookListener:
    """Keeps every delivery that it was sent, with headers, before it answers."""

    def __init__(self, status=200):
        self.deliveries = []
        self.lock = threading.Lock()
        self.status = status
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                with outer.lock:
                    outer.deliveries.append(
                        {
                            "headers": {k.lower(): v for k, v in self.headers.items()},
                            "body": body,
                            "at": time.time(),
                        }
                    )
                    status = outer.status
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # a client that was killed in the middle of a request

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def taken(self):
        with self.lock:
            return list(self.deliveries)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def signature_is_right(delivery, secret):
    """Standard Webhooks, as its specification says, computed here and not by vigie."""
    headers = delivery["headers"]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + delivery["body"]
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(
        hmac.compare_digest(part.partition(",")[2], wanted)
        for part in headers["webhook-signature"].split(" ")
        if part.startswith("v1,")
    )


class Vigie:
    """`vigie up` as a child process."""

    def __init__(self, directory, sources, settings=(), environment=None):
        self.environment = {**os.environ, **(environment or {})}
        self.data = pathlib.Path(directory) / "data"
        self.log_file = pathlib.Path(directory) / "vigie.log"
        self.sources = sources
        self.settings = list(settings)
        self.process = None
        self.start()

    def start(self):
        settings = [
            f"data_dir={self.data}",
            "http.listen=127.0.0.1:0",
            "sources.files=" + json.dumps([str(s) for s in self.sources]),
            "fetch.allow_networks=[127.0.0.0/8]",
            "webhook.allow_networks=[127.0.0.0/8]",
            *FAST_CRAWL,
            "fetch.min_gap_ms=20",
            "fetch.ip_gap_ms=20",
        ]
        self.launch([VIGIE, "up"], [*settings, *self.settings])

    def launch(self, command, settings):
        """Starts a program and waits until it listens."""
        self.command = " ".join([command[0].name, *command[1:]])
        address_file = self.data / "http.addr"
        address_file.unlink(missing_ok=True)
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [*map(str, command), *set_options(settings)],
                stdout=log,
                stderr=log,
                cwd=TOP,
                env=self.environment,
            )
        try:
            wait_until(
                lambda: address_file.exists() and address_file.read_text().strip() or self._died(),
                LISTENS_WITHIN_S,
                f"{self.command} listens",
            )
        except AssertionError:
            self.kill()  # nobody else knows of it yet
            raise
        self.address = address_file.read_text().strip().removeprefix("http://")

    def _died(self):
        if self.process.poll() is not None:
            code = self.process.returncode
            raise AssertionError(f"{self.command} ended with {code}: " + self.tail())
        return False

    def tail(self, size=4000):
        return self.log_file.read_text(errors="replace")[-size:]

    def call(self, method, path, body=None, query=None, headers=None, timeout=30):
        """(status, headers, bytes)"""
        host, port = self.address.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=timeout)
        try:
            if query:
                path += "?" + urllib.parse.urlencode(query)
            data = None
            sent = dict(headers or {})
            if body is not None:
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                sent.setdefault("content-type", "application/json")
            connection.request(method, path, data, sent)
            response = connection.getresponse()
            return (
                response.status,
                {k.lower(): v for k, v in response.getheaders()},
                response.read(),
            )
        finally:
            connection.close()

    def get(self, path, **query):
        status, _, body = self.call("GET", path, query=query)
        if status != 200:
            raise AssertionError(f"GET {path} {query}: {status} {body[:500]!r}")
        return json.loads(body)

    def all_hits(self, q, sort="newest"):
        hits, cursor = [], None
        while True:
            query = {"q": q, "sort": sort, "limit": 100}
            if cursor:
                query["cursor"] = cursor
            page = self.get("/v1/search", **query)
            hits += page["hits"]
            cursor = page.get("cursor")
            if not cursor or not page["hits"]:
                return hits

    def subscribe(self, name, query, url):
        status, _, body = self.call(
            "POST",
            "/v1/subscriptions",
            {"name": name, "query": query, "channels": [{"type": "webhook", "url": url}]},
        )
        if status != 201:
            raise AssertionError(f"POST /v1/subscriptions: {status} {body!r}")
        return json.loads(body)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired as error:
                self.process.kill()
                self.process.wait()
                raise AssertionError(
                    "vigie up did not stop within 15 s of SIGTERM: " + self.tail()
                ) from error
        return self.process.returncode


class EventStream:
    """A reader of Server-Sent Events on a thread of its own."""

    def __init__(self, vigie, q="", last_event_id=None):
        host, port = vigie.address.rsplit(":", 1)
        self.connection = http.client.HTTPConnection(host, int(port), timeout=60)
        headers = {"accept": "text/event-stream"}
        if last_event_id:
            headers["last-event-id"] = last_event_id
        self.connection.request(
            "GET", "/v1/stream?" + urllib.parse.urlencode({"q": q}), headers=headers
        )
        self.response = self.connection.getresponse()
        self.status = self.response.status
        self.events = []
        self.ended = None  # why the reading ended, if it did
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        event = {}
        try:
            while True:
                line = self.response.readline()
                if not line:
                    self.ended = "the server ended the stream"
                    return
                line = line.decode("utf-8").rstrip("\r\n")
                if not line:
                    if "data" in event:
                        self.events.append(event)
                    event = {}
                elif not line.startswith(":"):
                    name, _, value = line.partition(":")
                    value = value.removeprefix(" ")
                    event[name] = (
                        event[name] + "\n" + value if name == "data" and name in event else value
                    )
        except Exception as error:
            # A server that was killed, a connection that was closed: the test says what it means.
            self.ended = repr(error)

    def of(self, kind):
        return [event for event in list(self.events) if event.get("event") == kind]

    def stop(self):
        with contextlib.suppress(Exception):
            self.connection.sock.close()
        self.connection.close()


class EndToEnd(unittest.TestCase):
    """A temporary directory that is kept when a test fails, and children that never outlive the
    test.
    """

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="vigie-e2e-"))
        self.children = []

    def keep(self, child):
        self.children.append(child)
        return child

    def tearDown(self):
        outcome = getattr(self, "_outcome", None)
        failed = bool(outcome) and any(
            error
            for _, error in getattr(outcome.result, "failures", [])
            + getattr(outcome.result, "errors", [])
            if _ is self
        )
        for child in reversed(self.children):
            with contextlib.suppress(AssertionError):
                child.stop()
        if failed:
            print(f"kept for reading: {self.directory}", file=sys.stderr)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)


def run(*arguments, stdin=None, timeout=120, **options):
    """A vigie command: (exit code, stdout, stderr)."""
    done = subprocess.run(
        [str(VIGIE), *map(str, arguments)],
        input=stdin,
        capture_output=True,
        timeout=timeout,
        cwd=TOP,
        **options,
    )
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace")
