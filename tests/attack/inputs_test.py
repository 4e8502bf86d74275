#!/usr/bin/env python3
"""Requests that are meant ill, one after the other: each is answered at once by a clear refusal, or
as the plain request that it is, and costs no memory; whoever refuses says so in one form.
"""

import gzip
import json
import re
import time
import unittest

from attacked import ATTACKER, KEY, Attacked
from harness import wait_until

HOST = b"Host: 127.0.0.1\r\n"
SIGN = f"Authorization: Bearer {KEY}\r\n".encode()
# What a machine that does something else at the same time may take; alone it is milliseconds.
SECONDS = 10
GROWN_MIB = 96


def post(*lines, body=b"", path=b"/v1/ingest"):
    head = b"".join(line + b"\r\n" for line in lines)
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + SIGN + head + b"\r\n" + body


def get(path, *lines, host=HOST):
    head = b"".join(line + b"\r\n" for line in lines)
    return b"GET " + path + b" HTTP/1.1\r\n" + host + head + b"Connection: close\r\n\r\n"


CHUNKED = b"Transfer-Encoding: chunked"
# What is sent, and the statuses that are right.
FRAMES = {
    "length of 7 GB": (post(b"Content-Length: 7516192768", body=b"ab"), "413"),
    "length beyond 64 bits": (post(b"Content-Length: 99999999999999999999999"), "400"),
    "length in hex": (post(b"Content-Length: 0x4", body=b"abcd"), "400"),
    "length with a sign": (post(b"Content-Length: -0"), "400"),
    "length with a separator": (post(b"Content-Length: 1_0", body=b"0123456789"), "400"),
    "length of other digits": (post("Content-Length: ٤".encode(), body=b"abcd"), "400"),
    "chunk beyond 64 bits": (post(CHUNKED, body=b"ffffffffffffffff0\r\nabc"), "400"),
    "chunk of 2^63 bytes": (post(CHUNKED, body=b"7fffffffffffffff\r\nabc"), "413"),
    "chunk of -1 bytes": (post(CHUNKED, body=b"-1\r\nabc"), "400"),
    "chunk extension with LF": (post(CHUNKED, body=b"3;a\nb\r\nabc\r\n0\r\n\r\n"), "400"),
    "chunk extension of 1 MB": (post(CHUNKED, body=b"3;" + b"a" * 10**6 + b"\r\nabc"), "431"),
    "trailers of 1 MB": (post(CHUNKED, body=b"0\r\n" + b"X: y\r\n" * 160_000), "431"),
    "coding with a parameter": (post(CHUNKED + b";q=1", body=b"0\r\n\r\n"), "501"),
    "two codings": (post(CHUNKED + b", identity", body=b"0\r\n\r\n"), "501"),
    "coding twice": (post(CHUNKED, CHUNKED, body=b"0\r\n\r\n"), "400 501"),
    "coding behind VT": (post(b"Transfer-Encoding:\x0bchunked", body=b"0\r\n\r\n"), "400"),
    "key in a trailer": (
        b"POST /v1/subscriptions HTTP/1.1\r\n"
        + HOST
        + CHUNKED
        + b"\r\n\r\n2\r\n{}\r\n0\r\n"
        + SIGN,
        "401",
    ),
    "compressed body": (post(b"Content-Encoding: zstd", b"Content-Length: 4"), "415"),
    "other expectation": (post(b"Expect: 100-continue, x", b"Content-Length: 4"), "417"),
    "no host, a list": (get(b"/healthz", host=b"Host: a, b\r\n"), "400"),
    "host with a user": (get(b"/healthz", host=b"Host: a@b\r\n"), "400"),
    "port that is none": (get(b"/healthz", host=b"Host: a:8x\r\n"), "400"),
    "target with a fragment": (get(b"/healthz#a"), "400"),
    "target with a user": (get(b"http://a@b/healthz"), "400"),
    "NUL in a path": (get(b"/a%00"), "400"),
    "CR LF in a path": (get(b"/%0d%0aSet-Cookie:%20a=b"), "404"),
    "dots encoded twice": (get(b"/%252e%252e/%252e%252e/etc/passwd"), "404"),
    "path of 30,000 parts": (get(b"/" + b"a/" * 30_000), "404"),
    "14,000 parameters": (get(b"/v1/search?" + b"q=a&" * 14_000, SIGN[:-2]), "400"),
    "NUL in a header": (get(b"/healthz", b"X: a\0b"), "400"),
    "header of 70 kB": (get(b"/healthz", b"X: " + b"a" * 70_000), "431"),
    "If-None-Match of 1 MB": (get(b"/", b'If-None-Match: "' + b"a" * 10**6 + b'"'), "431"),
    "14,000 entity tags": (get(b"/", b"If-None-Match: " + b'"a",' * 14_000 + b'"b"'), "200"),
    "2,000 If-Match": (get(b"/", *[b'If-Match: "a"'] * 2_000), "200 412"),
    "4,500 codings": (get(b"/", b"Accept-Encoding: " + b"gzip;q=0.001," * 4_500), "200"),
    "2,000 ranges": (get(b"/", b"Range: bytes=" + b"0-0," * 2_000 + b"1-1"), "200"),
    "4,000 cookies": (get(b"/v1/session", *[b"Cookie: a=b"] * 4_000), "401"),
    "key as a cookie": (get(b"/v1/search?q=a", b"Cookie: vigie_session=" + KEY.encode()), "401"),
    "two keys": (get(b"/v1/search?q=a", SIGN[:-2] + b", Bearer x"), "401"),
    "WebSocket of a foreign page": (
        get(b"/v1/stream", SIGN[:-2], b"Upgrade: websocket", b"Origin: https://evil.example"),
        "403",
    ),
    "preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400"),
    "TLS": (bytes.fromhex("1603010200010001fc0303") + b"x" * 500, "400"),
    "SOCKS": (b"\x05\x01\x00", "400"),
    "CONNECT": (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", "400"),
    "one line without end": (b"A" * 70_000, "431"),
}
BODIES = {
    "900,000 brackets": (b"[" * 900_000, 400),
    "150,000 objects in each other": (b'{"a":' * 150_000, 400),
    "a name twice": (b'{"name":"a","query":"x","name":"b"}', 400),
    "a name twice, written otherwise": (b'{"name":"a","query":"x","n\\u0061me":"b"}', 400),
    "80,000 members": (b"{" + b",".join(b'"a%d":1' % i for i in range(80_000)) + b"}", 400),
    "a number of 900,000 digits": (b'{"name":' + b"9" * 900_000 + b"}", 400),
    "a name of 900,000 letters": (b'{"name":"' + b"a" * 900_000 + b'","query":"x"}', 422),
    "a query of 800 kB": (json.dumps({"name": "a", "query": "the " * 200_000}).encode(), 400),
    "half a surrogate pair": (b'{"name":"\\ud800","query":"x"}', 400),
    "no UTF-8": (b'{"name":"\xff","query":"x"}', 400),
    "two values": (b'{"name":"a","query":"x"}{}', 400),
    "a prototype": (b'{"__proto__":{},"name":"a","query":"x"}', 400),
    "2 MB": (b'{"name":"' + b"a" * (2 << 20) + b'"}', 413),
}


class Inputs(Attacked):
    settings = ["api.requests_per_minute=1000000", "log.format=json"]

    def setUp(self):
        super().setUp()
        self.before = self.resident()

    def send(self, data, source=ATTACKER):
        """What came back, until the server closes or nothing comes for a second behind a response,
        and after how long its first bytes came.
        """
        begin = time.monotonic()
        got, first = b"", None
        with self.connect(source, SECONDS) as one:
            try:
                one.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it was refused before it was all there
            try:
                while more := one.recv(1 << 16):
                    first = first or time.monotonic() - begin
                    got += more
                    one.settimeout(1)
            except (TimeoutError, ConnectionResetError):
                pass
        return got, first

    def is_well(self):
        status, _, body = self.vigie.call("GET", "/healthz", timeout=SECONDS)
        self.assertEqual((status, body), (200, b"ok\n"))
        self.assertLess(self.resident() - self.before, GROWN_MIB << 20, "memory")

    def test_frames(self):
        for name, (data, statuses) in FRAMES.items():
            with self.subTest(name):
                got, first = self.send(data)
                self.assertRegex(got[:12], rb"^HTTP/1\.1 \d\d\d$")
                status = got[9:12].decode()
                self.assertIn(status, statuses.split())
                self.assertLess(first, SECONDS)
                self.assertEqual(got.count(b"HTTP/1.1 "), 1, "one response")
                head, _, body = got.partition(b"\r\n\r\n")
                if status >= "400":
                    problem = json.loads(body)
                    self.assertEqual(problem["status"], int(status))
                    self.assertTrue(problem["detail"] and problem["code"], problem)
                    self.assertIn(b"Cache-Control: no-store", head)
                    self.assertIn(b"Cross-Origin-Resource-Policy: same-origin", head)
        self.is_well()

    def test_bodies(self):
        for name, (body, wanted) in BODIES.items():
            with self.subTest(name):
                begin = time.monotonic()
                status, headers, got = self.call("POST", "/v1/subscriptions", body)
                self.assertEqual(status, wanted, got[:300])
                self.assertTrue(json.loads(got)["detail"])
                self.assertLess(time.monotonic() - begin, SECONDS)
        self.assertEqual(json.loads(self.call("GET", "/v1/subscriptions")[2])["subscriptions"], [])
        self.is_well()

    def call(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.vigie.call(
            method, path, body, headers={"authorization": f"Bearer {KEY}", **headers}
        )

    def test_bombs(self):
        page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"
        page += gzip.compress(b"<p>a</p>" * 20_000_000)
        record = (
            b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://bomb.example/\r\n"
            b"WARC-Date: 2026-11-30T00:00:00Z\r\nContent-Type: application/http\r\n"
            b"WARC-Record-ID: <urn:uuid:0c0d0e0f-0000-4000-8000-000000000000>\r\n"
            b"Content-Length: %d\r\n\r\n" % len(page)
        )
        names = b"".join(
            b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 8 if i else b"ha") for i in range(12)
        )
        for path, kind, body in (
            ("/v1/ingest?wait=1", "application/warc", record + page + b"\r\n\r\n"),
            (
                "/v1/ingest?wait=1",
                "application/warc",
                gzip.compress(b"WARC/1.0\r\n" + b"\0" * 2**27),
            ),
            ("/v1/ingest?wait=1", "application/warc", gzip.compress(b"") * 100_000),
            ("/v1/ingest?wait=1", "application/x-ndjson", b'{"url":' + b"[" * 500_000),
            (
                "/v1/sources/opml",
                "text/x-opml",
                b"<!DOCTYPE o [" + names + b']><opml><body><outline text="&a11;"/></body></opml>',
            ),
            ("/v1/sources/opml", "text/x-opml", b"<opml><body>" + b"<outline>" * 100_000),
        ):
            with self.subTest(f"{path} {body[:30]}"):
                status, _, got = self.call("POST", path, body, content_type=kind)
                self.assertIn(status, (200, 400, 422), got[:300])
                said = json.loads(got)
                self.assertEqual(said.get("ingested", 0), 0, said)
        self.is_well()

    def test_methods(self):
        """What a route does not take is refused in one form, whoever asks, and no page elsewhere is
        told that it may.
        """
        paths = json.loads(self.call("GET", "/openapi.json")[2])["paths"]
        for method in ("OPTIONS", "TRACE", "PROPFIND", "DELETE"):
            connection = self.open(timeout=SECONDS)
            for path, takes in {**paths, "/": {}, "/metrics": {}}.items():
                if method.lower() in takes:
                    continue
                connection.request(
                    method,
                    re.sub(r"\{\w+\}", "x", path),
                    headers={
                        "origin": "https://evil.example",
                        "access-control-request-method": "DELETE",
                    },
                )
                response = connection.getresponse()
                body = response.read()
                self.assertIn(response.status, (401, 403, 405), (method, path, body[:200]))
                self.assertIsNone(response.getheader("access-control-allow-origin"), path)
                self.assertEqual(response.getheader("cache-control"), "no-store", path)
            connection.close()
        self.is_well()

    def test_ten_thousand_requests_at_once(self):
        one = b"GET /v1/session HTTP/1.1\r\nHost: a\r\n\r\n"
        with self.connect("127.0.0.4", SECONDS) as greedy:
            # Nothing is read of the responses: the sender is stopped, not the others.
            greedy.settimeout(1)
            try:
                greedy.sendall(one * 10_000 + get(b"/healthz"))
            except (TimeoutError, BrokenPipeError, ConnectionResetError):
                pass
            self.is_well()
        got, _ = self.send(one * 500 + get(b"/healthz"))
        self.assertEqual(got.count(b"HTTP/1.1 "), 501, "each is answered, in its turn")
        self.assertTrue(got.endswith(b"ok\n"))

    def test_the_log_holds_nothing_but_its_own_lines(self):
        for data, _ in list(FRAMES.values())[:12]:
            self.send(data)
        self.call("POST", "/v1/peer", b"\xff" * 3_000, content_type="application/x-protobuf")
        self.call("GET", "/v1/search?q=%0d%0a%7b%22level%22:1%7d")
        wait_until(lambda: "listening" in self.vigie.tail(), 10, "it has begun")
        for line in self.vigie.log_file.read_text().splitlines():
            if line.startswith("listening on "):
                continue  # for people, on the terminal
            self.assertIn("level", json.loads(line), line)


if __name__ == "__main__":
    unittest.main(verbosity=2)
