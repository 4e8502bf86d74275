#!/usr/bin/env python3
"""What callers may do to a running vigie, from loopback, and what others feel of it.

attack_test.py            5,000 articles, limits with room for a busy machine (about four minutes)
attack_test.py --long     1,000,000 articles (some hours of ingest), the limits themselves; prints
                          the figures
  --articles N            fewer, or more
  --data DIR              the articles of the worst queries stay there, and are taken in once; a
                          run that was broken off goes on
  --room N                limits of times are N times as long: with --long, for a busy machine
"""

import contextlib
import json
import multiprocessing
import os
import pathlib
import random
import resource
import selectors
import statistics
import sys
import threading
import time
import unittest
import urllib.parse

from attacked import ATTACKER, KEY, SUPPLIER, VICTIM, Attacked
from harness import wait_until

LONG = "--long" in sys.argv


def option(name, otherwise, kind=int):
    """The value behind an option of this program, taken out of the arguments of unittest."""
    if name not in sys.argv:
        return otherwise
    at = sys.argv.index(name)
    value = kind(sys.argv[at + 1])
    del sys.argv[at : at + 2]
    return value


ARTICLES = option("--articles", 1_000_000 if LONG else 5_000)
# A machine that does something else at the same time is slower by as much.
ROOM = option("--room", 1 if LONG else 5)
DATA = option("--data", None, pathlib.Path)
# Attackers and readers stand for other machines: what they use of this one's processor must not be
# taken for what vigie uses.
NICENESS = 19

WORDS = (
    "the of and in on for with that minister chip export rules company model data security market "
    "government research power energy licence control network satellite investment court privacy "
    "election energy training university army border tariff cloud supply factory robot language"
).split()


def article(number, chance, more=""):
    words = chance.choices(WORDS, k=220)
    text = " ".join(words)
    return json.dumps(
        {
            "url": f"https://news{number % 40}.example/{number}.html",
            "html": f"<html lang=en><title>{' '.join(words[:8])} {number}</title><body><article>"
            f"<h1>{' '.join(words[:8])} {number}</h1><p>{text[:700]}.</p><p>{text[700:]}.</p>"
            f"{more}"
            f"</article>",
        }
    )


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Attacks(Attacked):
    """Each test is an attack."""

    # A flood of requests is met by its rate; what is tested here is what gets through.
    settings = ["api.requests_per_minute=100000000"]

    @classmethod
    def setUpClass(cls):
        cls.figures = []

    @classmethod
    def tearDownClass(cls):
        for line in cls.figures:
            print(line)

    def say(self, name, **figures):
        shown = ", ".join(f"{key} {value}" for key, value in figures.items())
        self.figures.append(f"{name}: {shown}")

    def ask(self, path, source=VICTIM, key=KEY, timeout=30, method="GET", body=None):
        """(status, seconds, body) over a connection of its own."""
        begin = time.monotonic()
        connection = self.open(source, timeout)
        try:
            headers = {"authorization": f"Bearer {key}"} if key else {}
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            data = response.read()
            return response.status, time.monotonic() - begin, data
        finally:
            connection.close()

    def search(self, query, **more):
        return self.ask("/v1/search?" + urllib.parse.urlencode({"q": query}), **more)

    def home(self):
        if DATA is None or self._testMethodName != "test_no_query_takes_the_machine":
            return self.directory
        DATA.mkdir(parents=True, exist_ok=True)
        return DATA

    def held(self):
        """Articles that are there already, some 1 in 1,000 of which hold no such word."""
        wait_until(lambda: self.ask("/readyz", key=None)[0] == 200, 600, "vigie is ready")
        status, _, body = self.search("the OR of OR and")
        self.assertEqual(status, 200, body[:300])
        return json.loads(body)["total"]["value"]

    def ingest(self, count):
        known = 0 if self.home() is self.directory else self.held()
        for begin in range(known - known % 2_500, count - count // 500, 2_500):
            chance = random.Random(begin)
            lines = "\n".join(article(begin + i, chance) for i in range(min(2_500, count - begin)))
            status, _, body = self.ask(
                "/v1/ingest?wait=1", method="POST", body=lines.encode(), timeout=600
            )
            self.assertEqual(status, 200, body[:500])

    def processor(self):
        """Seconds of the processor that vigie has used."""
        fields = pathlib.Path(f"/proc/{self.vigie.process.pid}/stat").read_text().rsplit(")", 1)[1]
        return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def processor_of_all(self):
        """The same, to the microsecond, with what its workers have used."""
        used, own = 0, str(self.vigie.process.pid)
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                parent = (process / "stat").read_text().rsplit(")", 1)[1].split()[1]
                if own not in (process.name, parent):
                    continue
                for thread in (process / "task").iterdir():
                    used += int((thread / "schedstat").read_text().split()[0])
            except OSError:
                continue  # it has ended
        return used / 1e9

    def probe_seconds(self, times):
        """The slowest of a hundred probes, so to speak."""
        took = []
        for _ in range(times):
            status, seconds, _ = self.ask("/healthz", key=None)
            self.assertEqual(status, 200)
            took.append(seconds)
        return percentile(took, 0.99)

    def probe(self, times=1):
        """Whether a probe is answered in time, whatever goes on."""
        seconds = self.probe_seconds(times)
        self.assertLess(seconds, 0.1 * ROOM, "/healthz")
        return f"{seconds * 1000:.0f}"

    # --- queries -------------------------------------------------------------------------------

    def worst_queries(self):
        chance = random.Random(11)
        pairs = [(a, b) for a in WORDS for b in WORDS if a < b]
        chance.shuffle(pairs)
        yield " ".join(["(the NEAR/50 of)"] * 30)
        yield " ".join(["(the NEAR/50 of)"] * 250)
        for count in (60, 120, 182):
            yield " OR ".join(
                f"({a} NEAR/{20 + i % 80} {b})" for i, (a, b) in enumerate(pairs[:count])
            )
        for i in range(8 if not LONG else 45):
            some = pairs[i * 12 : i * 12 + 60]
            yield " ".join(f"(({a} NEAR/90 {b}) OR ={a})" for a, b in some)

    def expensive(self, query, kind, source):
        """The query by way of one of the calls that take one."""
        if kind == "preview":
            body = json.dumps({"query": query, "within": "3650d"}).encode()
            return self.ask("/v1/subscriptions/preview", source=source, method="POST", body=body)
        more = {
            "facets": {"field": "language"},
            "timeline": {"interval": "day"},
            "export": {"format": "csv", "rows": 10},
        }.get(kind, {})
        return self.ask(
            f"/v1/{kind}?" + urllib.parse.urlencode({"q": query, **more}), source=source
        )

    def attack_for_ever(self, queries, sources):
        """A thread for each of `sources`, which asks one expensive query after the other."""
        os.nice(NICENESS)

        def attack(number, source):
            chance = random.Random(number)
            while True:
                kind = chance.choice(
                    ("search", "search", "timeline", "facets", "preview", "export")
                )
                try:
                    self.expensive(chance.choice(queries), kind, source)
                except OSError:
                    pass

        for number, source in enumerate(sources):
            threading.Thread(target=attack, args=(number, source), daemon=True).start()
        threading.Event().wait()

    def test_no_query_takes_the_machine(self):
        self.ingest(ARTICLES)
        took = []
        for number, query in enumerate(self.worst_queries()):
            for kind in ("search", ("timeline", "facets", "preview", "export")[number % 4]):
                status, seconds, body = self.expensive(query, kind, ATTACKER)
                self.assertIn(status, (200, 400, 503), body[:300])
                if status == 400:
                    self.assertEqual(json.loads(body)["code"], "too_expensive", body[:300])
                took.append(seconds)
                self.assertLess(seconds, 2.2 * (1 if LONG else 2), query[:100])
        self.say("worst query", seconds=f"{max(took):.2f}")
        count = 64
        one = [ATTACKER] * count
        many = [f"127.0.3.{number + 1}" for number in range(count)]
        for name, sources, pages in (
            ("from one address", one, False),
            ("from an address each", many, False),
            ("from an address each, while pages come in", many, True),
        ):
            said = f"{count} attackers {name}"
            slow = self.attack_and_look(sources, said, pages)
            if slow and not LONG:  # what else the machine did is in it, too
                slow = self.attack_and_look(sources, said + ", once more", pages)
            self.assertEqual(slow, [], said)

    @contextlib.contextmanager
    def supplied(self, pages):
        """Seconds of each ten pages that are taken in meanwhile, where `pages` says so."""
        stop, took = threading.Event(), []
        supplier = threading.Thread(target=self.take_in, args=(stop, took))
        if pages:
            supplier.start()
        try:
            yield took
        finally:
            stop.set()
            if pages:
                supplier.join()

    def take_in(self, stop, took):
        """Ten pages every 0.3 s from an address of their own; seconds of each time."""
        chance = random.Random()
        while not stop.wait(0.3):
            first = 10**8 + 10 * chance.randrange(10**8)
            lines = "\n".join(article(first + i, chance) for i in range(10))
            status, seconds, _ = self.ask(
                "/v1/ingest?wait=1", source=SUPPLIER, method="POST", body=lines.encode()
            )
            took.append(seconds if status == 200 else float("inf"))

    def cheap_searches(self, count):
        """Seconds of each."""
        took = []
        for _ in range(count):
            status, seconds, body = self.search("minister chip")
            self.assertEqual(status, 200, body[:300])
            took.append(seconds)
        return took

    def attack_and_look(self, sources, name, pages):
        """What others feel of attackers, and how soon all is quiet when they are gone: what took
        longer than it may. `pages`: some are taken in meanwhile.
        """
        alone = self.cheap_searches(50)
        begin = self.processor()
        time.sleep(1)
        quiet = self.processor() - begin
        # In a process of their own: what is measured must not wait for its own attackers.
        attackers = multiprocessing.get_context("fork").Process(
            target=self.attack_for_ever, args=(list(self.worst_queries()), sources)
        )
        attackers.start()
        self.addCleanup(attackers.kill)
        with self.supplied(pages) as supplied:
            time.sleep(3)
            beside, health = [], []
            for _ in range(100 if LONG else 60):
                beside += self.cheap_searches(1)
                status, seconds, _ = self.ask("/healthz", key=None)
                self.assertEqual(status, 200)
                health.append(seconds)
                if pages:  # a dozen times ten
                    time.sleep(0.1)
        attackers.kill()
        attackers.join()
        time.sleep(0.5 * ROOM)
        begin = self.processor()
        time.sleep(1)
        idle = self.processor() - begin
        # Before and after: what else this machine does changes meanwhile.
        alone += self.cheap_searches(50)
        self.say(
            name,
            cheap_alone_p50_ms=f"{percentile(alone, 0.5) * 1000:.0f}",
            cheap_alone_p99_ms=f"{percentile(alone, 0.99) * 1000:.0f}",
            cheap_beside_p50_ms=f"{percentile(beside, 0.5) * 1000:.0f}",
            cheap_beside_p99_ms=f"{percentile(beside, 0.99) * 1000:.0f}",
            health_p99_ms=f"{percentile(health, 0.99) * 1000:.0f}",
            processor_before=f"{quiet:.2f}",
            processor_after=f"{idle:.2f}",
            times_ten_pages=len(supplied),
            ten_pages_p50_ms=f"{percentile(supplied or [0], 0.5) * 1000:.0f}",
            ten_pages_slowest_ms=f"{max(supplied, default=0) * 1000:.0f}",
        )
        # On a machine that does other work a cheap search takes its time without attackers too.
        limit = 0.1 if LONG else ROOM * max(0.1, percentile(alone, 0.99))
        took = {
            "a cheap search": (percentile(beside, 0.99), limit),
            "/healthz": (percentile(health, 0.99), limit),
            "the processor after them": (idle - quiet, 0.3),
            "ten pages": (max(supplied, default=0), 2 * ROOM),
        }
        return [f"{what}: {s:.2f} s of {most:.2f}" for what, (s, most) in took.items() if s >= most]

    def test_a_query_ends_when_its_caller_is_gone(self):
        self.ingest(ARTICLES // 2)
        query = urllib.parse.urlencode({"q": list(self.worst_queries())[4]})
        for _ in range(4):
            with self.connect() as gone:
                gone.sendall(
                    f"GET /v1/search?{query} HTTP/1.1\r\nHost: a\r\n"
                    f"Authorization: Bearer {KEY}\r\n\r\n".encode()
                )
        time.sleep(0.5)
        begin = self.processor()
        time.sleep(1)
        used = self.processor() - begin
        self.say("callers that go", processor_after=f"{used:.2f}")
        self.assertLess(used, 0.3)

    # --- live pages ----------------------------------------------------------------------------

    def read_streams(self, count, queries, opened, told):
        """Opens `count` live pages, ten addresses for each 5,000, and counts what they are told."""
        os.nice(NICENESS)
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        selector = selectors.DefaultSelector()
        for number in range(count):
            query = urllib.parse.urlencode({"q": queries[number % len(queries)]})
            one = self.connect(f"127.0.4.{number // 500 + 1}", timeout=30)
            one.sendall(
                f"GET /v1/stream?{query} HTTP/1.1\r\nHost: a\r\n"
                f"Authorization: Bearer {KEY}\r\n\r\n".encode()
            )
            head = one.recv(4096)
            if not head.startswith(b"HTTP/1.1 200 "):
                raise AssertionError(head[:300])
            one.setblocking(False)
            selector.register(one, selectors.EVENT_READ)
            opened.value = number + 1
        while True:
            for key, _ in selector.select():
                data = key.fileobj.recv(1 << 20)
                if not data:
                    raise AssertionError("a stream ended")
                told.value += data.count(b"event: article\n")

    def timed_ingest(self, begin, count, queries, told=lambda: True):
        """Seconds until `count` new pages are searchable, each of which holds one of the words, and
        seconds of the processor until they were told too."""
        chance = random.Random(begin)
        lines = "\n".join(
            article(begin + i, chance, f"<p>It says {queries[i % len(queries)]}.</p>")
            for i in range(count)
        )
        started, used = time.monotonic(), self.processor_of_all()
        status, _, body = self.ask(
            "/v1/ingest?wait=1", method="POST", body=lines.encode(), timeout=600
        )
        self.assertEqual(status, 200, body[:500])
        took = time.monotonic() - started
        wait_until(told, 120, "all is told")
        return took, self.processor_of_all() - used

    def test_many_live_pages_do_not_slow_ingest(self):
        count = 5_000 if LONG else 1_500
        pages, rounds = (1_000, 3) if LONG else (300, 2)
        # Each page concerns one in fifty of the live pages.
        queries = [f"marker{number}" for number in range(50)]
        self.timed_ingest(0, pages, queries)  # workers warm up
        alone = [self.timed_ingest(10_000 * (i + 1), pages, queries) for i in range(rounds)]
        context = multiprocessing.get_context("fork")
        opened, told = context.Value("i", 0, lock=False), context.Value("q", 0, lock=False)
        readers = context.Process(target=self.read_streams, args=(count, queries, opened, told))
        readers.start()
        self.addCleanup(readers.kill)
        wait_until(lambda: opened.value == count, 300, f"{count} live pages are open")
        health = self.probe_seconds(20)
        threads = len(os.listdir(f"/proc/{self.vigie.process.pid}/task"))
        each = pages * count // len(queries)
        beside = [
            self.timed_ingest(
                10_000 * (i + 11),
                pages,
                queries,
                lambda wanted=(i + 1) * each: told.value >= wanted,
            )
            for i in range(rounds)
        ]
        wanted = rounds * each
        time.sleep(0.5)
        self.assertTrue(readers.is_alive(), "no stream was dropped")
        readers.kill()  # before vigie ends, and with it the streams
        readers.join()
        self.assertEqual(told.value, wanted, "nothing twice")
        time.sleep(1)  # what they leave is cleared away
        # Before and after: each page costs more, the more there are that may be of its event.
        alone += [self.timed_ingest(10_000 * (i + 21), pages, queries) for i in range(rounds)]
        alone_s, alone_cpu = map(statistics.median, zip(*alone))
        beside_s, beside_cpu = map(statistics.median, zip(*beside))
        ratio, of_processor = beside_s / alone_s, beside_cpu / alone_cpu
        self.say(
            "live pages",
            open=count,
            threads=threads,
            events=wanted,
            ingest_alone_s=f"{alone_s:.2f}",
            ingest_beside_s=f"{beside_s:.2f}",
            ratio=f"{ratio:.2f}",
            processor_alone_s=f"{alone_cpu:.2f}",
            processor_beside_s=f"{beside_cpu:.2f}",
            processor_ratio=f"{of_processor:.2f}",
            health_p99_ms=f"{health * 1000:.0f}",
        )
        self.assertLess(health, 0.1 * ROOM, "/healthz")
        self.assertLess(threads, 100)
        self.assertLess(ratio, 1.1 if LONG else 1.5)

    # --- bodies and connections ----------------------------------------------------------------

    def test_nobody_without_a_key_makes_it_hold_a_body(self):
        before = self.resident()
        count = 1_024 if LONG else 200
        head = (
            b"POST /v1/ingest HTTP/1.1\r\nHost: a\r\n"
            b"Content-Type: application/x-ndjson\r\nContent-Length: 256000000\r\n\r\n"
        )
        open_ones = []
        for _ in range(count):
            one = self.connect()
            one.sendall(head + b"x" * 4096)
            open_ones.append(one)
        responses = {one.recv(12) for one in open_ones[-50:]}
        grown = self.resident() - before
        health = self.probe(20)
        for one in open_ones:
            one.close()
        self.say(
            "bodies without a key",
            connections=count,
            grown_mib=f"{grown / 2**20:.1f}",
            health_p99_ms=health,
        )
        self.assertEqual(responses, {b"HTTP/1.1 401"})
        self.assertLess(grown, (8 if LONG else 16) << 20)

    def test_silent_connections_shut_nobody_out(self):
        count = 2_000 if LONG else 1_300
        silent = []
        for i in range(count):
            one = self.connect()
            if i % 3 == 1:
                one.sendall(b"POST /v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
            if i % 3 == 2:
                one.sendall(b"GET / HTTP/1.1\r\nHo")
            silent.append(one)
        took = []
        for _ in range(60):
            status, seconds, _ = self.search("chip")
            self.assertEqual(status, 200)
            took.append(seconds)
        health = self.probe(20)
        for one in silent:
            one.close()
        self.say(
            "silent connections",
            connections=count,
            p99_ms=f"{percentile(took, 0.99) * 1000:.0f}",
            health_p99_ms=health,
        )
        self.assertLess(percentile(took, 0.99), 0.2 * ROOM)

    def test_smuggled_requests_are_refused(self):
        post = b"POST /v1/ingest HTTP/1.1\r\nHost: a\r\n"
        rows = [
            post + b"Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n\r\n",
            post + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n",
            post + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
            post + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\n",
            post + b"Content-Length: +4\r\n\r\n",
            post + b"Content-Length : 4\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        ]
        for row in rows:
            with self.connect() as one:
                one.sendall(row + b"abcdGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                one.settimeout(5)
                got = b""
                try:
                    while more := one.recv(4096):
                        got += more
                except (TimeoutError, ConnectionResetError):
                    pass
                self.assertRegex(got, rb"^HTTP/1.1 (400|501) ", row)
                self.assertNotIn(b"alive", got, row)

    # --- keys ----------------------------------------------------------------------------------

    def test_keys_cannot_be_tried_at_will(self):
        codes = [
            self.ask(
                "/v1/session", source=ATTACKER, key=None, method="POST", body=b'{"key":"wrong"}'
            )[0]
            for _ in range(30)
        ]
        self.assertEqual(codes[:10], [401] * 10)
        self.assertEqual(set(codes[10:]), {429})
        self.assertEqual(self.search("x", source=ATTACKER)[0], 429)
        self.assertEqual(self.search("x")[0], 200, "others are not shut out")
        wait_until(lambda: "too many wrong keys" in self.vigie.tail(), 5, "the log says so")


if __name__ == "__main__":
    unittest.main(argv=[part for part in sys.argv if part != "--long"], verbosity=2)
