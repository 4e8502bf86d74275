"""Uses vigie-client as its README says, against a running vigie. Run by python_test.py.

use_client.py VIGIE"""

import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import socket
import sys
import threading
import time
import unittest
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "field"))
from runner.vigie import KEY, Vigie  # noqa: E402
from vigie_client import AuthenticatedClient, StreamError, WebhookError  # noqa: E402
from vigie_client import stream, verify_webhook  # noqa: E402
from vigie_client.api.search import search  # noqa: E402
from vigie_client.api.subscriptions import create_subscription  # noqa: E402
from vigie_client.models import ChannelDraft, Draft  # noqa: E402

PAGE = """<html lang="en"><head><title>{title}</title></head><body><article><h1>{title}</h1>
<p>The United States widened export controls on advanced AI chips, and {title} is what people in
Washington told reporters who had asked for their reasons on that day.</p></article></body>
</html>"""
LIMIT_S = 60
PROGRAM = None


class Gate(threading.Thread):
    """Passes connections on, and cuts each after so many bytes of the response (the last of the
    list for all that follow; None: never)."""

    def __init__(self, target, cuts):
        super().__init__(daemon=True)
        self.target, self.cuts, self.passed = target, list(cuts), 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self.server.getsockname()[1]}"

    def run(self):
        while True:
            near, _ = self.server.accept()
            self.passed += 1
            cut = self.cuts.pop(0) if len(self.cuts) > 1 else self.cuts[0]
            threading.Thread(target=self.carry, args=(near, cut), daemon=True).start()

    def carry(self, near, cut):
        host, port = self.target.removeprefix("http://").split(":")
        far = socket.create_connection((host, int(port)))
        threading.Thread(target=self.pump, args=(near, far, None), daemon=True).start()
        self.pump(far, near, cut)

    def pump(self, source, target, left):
        try:
            while data := source.recv(64):
                target.sendall(data if left is None else data[:left])
                left = None if left is None else left - len(data)
                if left is not None and left <= 0:
                    break
        except OSError:
            pass
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Receiver(http.server.BaseHTTPRequestHandler):
    got = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        Receiver.got.append((body, dict(self.headers)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def until(what, limit_s=LIMIT_S):
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if what():
            return
        time.sleep(0.1)
    raise AssertionError(f"not within {limit_s} s")


class UseClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.vigie = Vigie(pathlib.Path(PROGRAM), settings={"api.keys_file": "@keys"})
        cls.vigie.__enter__()
        cls.client = AuthenticatedClient(base_url=cls.vigie.base, token=KEY, timeout=LIMIT_S)

    @classmethod
    def tearDownClass(cls):
        cls.vigie.__exit__()

    def ingest(self, *titles, alerts=0):
        pages = []
        for title in titles:
            address = "https://client.example/" + urllib.parse.quote(title)
            pages.append({"url": address, "html": PAGE.format(title=title)})
        lines = "".join(json.dumps(page) + "\n" for page in pages)
        response = self.vigie.call("POST", f"/v1/ingest?wait=1&alerts={alerts}", lines)
        self.assertEqual(response["status"], 200, response["body"])

    def test_calls_have_types(self):
        self.ingest("Searched chips")
        page = search.sync(client=self.client, q="searched")
        self.assertEqual([hit.title for hit in page.hits], ["Searched chips"])
        stranger = AuthenticatedClient(base_url=self.vigie.base, token="wrong" * 8)
        self.assertEqual(search.sync(client=stranger, q="x").code, "key_needed")

    def test_the_stream_goes_on_where_a_connection_broke(self):
        titles = [f"Streamed {number}" for number in range(6)]
        gate = Gate(self.vigie.base, [0, 900, 2500, 4000, None])
        gate.start()
        client = AuthenticatedClient(base_url=gate.base, token=KEY)
        pauses, events = [], []

        def sleep(seconds):
            pauses.append(seconds)
            time.sleep(min(seconds, 0.05))

        def read():
            for event in stream(client, "streamed", last_event_id=start, sleep=sleep):
                events.append(event)
                if len(events) == len(titles):
                    return

        # where the log is now: an event of before, taken from a stream without the gate
        begun = []

        def begin():
            for event in stream(self.client, "beginning"):
                begun.append(event.id)
                return

        taken = threading.Thread(target=begin, daemon=True)
        taken.start()
        number = 0
        while taken.is_alive() and number < 50:
            self.ingest(f"Beginning {number}")
            taken.join(0.5)
            number += 1
        start = begun[0]
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        for title in titles:
            self.ingest(title)
        reader.join(LIMIT_S)
        # of several shards, thus in no order
        self.assertCountEqual([event.data["title"] for event in events], titles)
        self.assertEqual({event.kind for event in events}, {"article"})
        self.assertGreaterEqual(gate.passed, 4, "the gate cut the stream")
        self.assertGreaterEqual(len(pauses), 3)

    def test_the_pause_grows_while_nobody_answers_and_a_refusal_ends_it(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
        pauses = []

        class Enough(Exception):
            pass

        def sleep(seconds):
            pauses.append(seconds)
            if len(pauses) == 8:
                raise Enough

        client = AuthenticatedClient(base_url=nobody, token=KEY)
        self.assertRaises(Enough, lambda: next(stream(client, "x", sleep=sleep)))
        self.assertTrue(all(0.8 * 2 <= pause <= 1.2 * 60 for pause in pauses), pauses)
        self.assertGreater(pauses[3], pauses[0] * 3)
        with self.assertRaises(StreamError) as refused:
            next(stream(self.client, "topic:nosuch"))
        self.assertEqual(refused.exception.status, 400)

    def test_a_webhook_is_believed_by_its_signature_alone(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/hook"
        draft = Draft(
            name="Hooked", query="hooked", channels=[ChannelDraft(type_="webhook", url=url)]
        )
        made = create_subscription.sync(client=self.client, body=draft)
        time.sleep(1)  # every shard applies it within that time
        self.ingest("Hooked chips", alerts=1)
        until(lambda: Receiver.got)
        server.shutdown()
        body, headers = Receiver.got[0]
        secret, other = made.channels[0].secret, "whsec_" + base64.b64encode(b"x" * 32).decode()
        event = verify_webhook(body, headers, secret)
        self.assertEqual(event["data"]["article"]["title"], "Hooked chips")
        self.assertEqual(verify_webhook(body, headers, [other, secret]), event)

        # two secrets sign side by side while one is replaced
        signed = {name.lower(): value for name, value in headers.items()}
        parts = f"{signed['webhook-id']}.{signed['webhook-timestamp']}.".encode() + body
        digest = hmac.new(b"x" * 32, parts, hashlib.sha256).digest()
        both = f"v1,{base64.b64encode(digest).decode()} {signed['webhook-signature']}"
        for known in (secret, other):
            self.assertEqual(
                verify_webhook(body, {**signed, "webhook-signature": both}, known), event
            )

        late = str(int(signed["webhook-timestamp"]) - 3600)
        for wrong in (
            (body + b" ", signed, secret),
            (body, signed, other),
            (body, signed, []),
            (body, signed, "whsec_"),
            (body, {**signed, "webhook-timestamp": late}, secret),
            (body, {**signed, "webhook-timestamp": "soon"}, secret),
            (body, {**signed, "webhook-signature": "v1"}, secret),
            (body, {}, secret),
            (b"\xff", signed, secret),
        ):
            with self.subTest(wrong):
                self.assertRaises(WebhookError, verify_webhook, *wrong)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
