#!/usr/bin/env python3
"""A bed of hundreds of news sites, most of them decent, the others as the web is: feeds that roll
over, validators that lie, responses that break, rate limits, redirects, traps, bombs. One process
on loopback, an address for each site; the same seed gives the same sites, articles and faults.

    python3 testbed.py --sites 300 --seed 1 --sources-file sources.yaml --report report.json
"""

import argparse
import asyncio
import contextlib
import dataclasses
import email.utils
import gzip
import hashlib
import json
import pathlib
import random
import signal
import sys
import time
import zlib

EPOCH = 1_790_000_000  # of the virtual clock
BOMB_BYTES = 1 << 28  # what a bomb unpacks to


class RealClock:
    """Seconds since the bed began, by the machine."""

    def __init__(self):
        self.began = time.monotonic()

    def now(self):
        return time.monotonic() - self.began


class VirtualClock:
    """Seconds that pass when they are told to: for tests that drive the bed themselves."""

    def __init__(self):
        self.seconds = 0.0

    def now(self):
        return self.seconds

    def advance(self, seconds):
        self.seconds += seconds


@dataclasses.dataclass
class Request:
    method: str
    target: str
    headers: dict
    at: float

    @property
    def path(self):
        return self.target.split("?", 1)[0]


@dataclasses.dataclass
class Answer:
    """Bytes in parts, each after a pause; `broken` closes without a word."""

    parts: list  # (seconds, bytes)

    @staticmethod
    def of(status, body=b"", headers=(), length=True):
        if isinstance(body, str):
            body = body.encode()
        head = f"HTTP/1.1 {status} X\r\n"
        for name, value in headers:
            head += f"{name}: {value}\r\n"
        if length:
            head += f"Content-Length: {len(body)}\r\n"
        head += "Connection: close\r\n\r\n"
        return Answer([(0, head.encode() + body)])


HTML = [("Content-Type", "text/html; charset=utf-8")]
RSS = [("Content-Type", "application/rss+xml; charset=utf-8")]
XML = [("Content-Type", "application/xml")]
SUBJECTS = ("chips", "compute", "models", "sanctions", "standards", "data centres", "licences")
VERBS = ("weighs", "delays", "widens", "reviews", "drops", "backs", "questions")
WHO = ("The ministry", "A committee", "The regulator", "Parliament", "The agency", "A court")


class Site:
    """A decent site: a feed of its latest articles, and their pages."""

    kind = "decent"
    listing = "feeds"
    listing_path = "/feed.xml"
    shown = 20
    articles_lost = False  # some of what it names cannot be had

    def __init__(self, number, bed):
        self.number = number
        self.bed = bed
        self.random = random.Random(f"{bed.seed}/{number}")
        self.host = bed.address_of(number)
        self.origin = f"http://{self.host}:{bed.port}"
        self.gap = self.random.uniform(4, 12)
        self.total = self.random.randint(3, 6)
        self.asked = {}
        self.trap_requests = 0

    def published(self, now):
        return min(self.total, 1 + int(now / self.gap))

    def title(self, index):
        chance = random.Random(f"{self.bed.seed}/{self.number}/{index}")
        return (
            f"{chance.choice(WHO)} {chance.choice(VERBS)} rules on {chance.choice(SUBJECTS)},"
            f" site {self.number} item {index}"
        )

    def path_of(self, index):
        return f"/2026/11/story-{self.number}-{index}.html"

    def expected(self, now):
        """URLs that a careful crawler has in the end."""
        return [self.origin + self.path_of(i) for i in range(self.published(now))]

    def page(self, index):
        chance = random.Random(f"{self.bed.seed}/{self.number}/{index}/text")
        paragraphs = "".join(
            f"<p>{chance.choice(WHO)} {chance.choice(VERBS)} what was said on"
            f" {chance.choice(SUBJECTS)} in part {part} of report {self.number}-{index}, and"
            f" {chance.choice(WHO).lower()} {chance.choice(VERBS)} the rest of it in"
            f" {chance.randint(2, 40)} weeks.</p>"
            for part in range(5)
        )
        title = self.title(index)
        return (
            f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>"
            f"{paragraphs}</article></body></html>"
        )

    def indices(self, now):
        last = self.published(now)
        return range(max(0, last - self.shown), last)[::-1]

    def item_urls(self, now):
        return [(self.title(i), self.origin + self.path_of(i)) for i in self.indices(now)]

    def feed(self, now):
        items = "".join(
            f"<item><title>{title}</title><link>{url}</link><guid>{url}</guid></item>"
            for title, url in self.item_urls(now)
        )
        return (
            '<?xml version="1.0"?><rss version="2.0"><channel><title>Site</title>'
            f"<link>{self.origin}/</link>{items}</channel></rss>"
        )

    def index_of(self, path):
        prefix = f"/2026/11/story-{self.number}-"
        if path.startswith(prefix) and path.endswith(".html"):
            number = path[len(prefix) : -5]
            if number.isdigit() and int(number) < self.total:
                return int(number)
        return None

    def robots(self, request):
        return Answer.of(404)

    def answer(self, request):
        if request.path == "/robots.txt":
            return self.robots(request)
        if request.path == self.listing_path:
            return self.answer_listing(request)
        index = self.index_of(request.path)
        return self.answer_article(request, index) if index is not None else self.other(request)

    def answer_listing(self, request):
        return Answer.of(200, self.feed(request.at), RSS)

    def answer_article(self, request, index):
        return Answer.of(200, self.page(index), HTML)

    def other(self, request):
        return Answer.of(404)


class RollOver(Site):
    """A feed of the three latest items, of which one comes every two seconds."""

    kind = "roll-over"
    shown = 3

    began = None  # when its feed was asked for first: nobody can have what went before

    def __init__(self, number, bed):
        super().__init__(number, bed)
        self.gap, self.total = 2, 12

    def published(self, now):
        return 0 if self.began is None else super().published(now - self.began)

    def answer_listing(self, request):
        if self.began is None:
            self.began = request.at
        return super().answer_listing(request)


class Liar(Site):
    """One ETag for ever; "not modified" to whoever shows it."""

    kind = "lying-validators"

    def answer_listing(self, request):
        if "if-none-match" in request.headers:
            return Answer.of(304, b"", [("ETag", '"same"')], length=False)
        return Answer.of(200, self.feed(request.at), [*RSS, ("ETag", '"same"')])


class Breaker(Site):
    """B2: of three responses to an article two are broken, each time in another way."""

    kind = "broken-responses"

    def answer_article(self, request, index):
        times = self.asked.setdefault(request.path, 0)
        self.asked[request.path] += 1
        whole = self.page(index).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
        ways = [
            Answer.of(500),
            Answer([(0, head + b"Content-Length: 99999\r\n\r\n" + whole[:80])]),  # early FIN
            Answer([(0, head + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx")]),
            Answer([(0, b"\x00\x01\x02 what is this\r\n")]),
            Answer.of(200, b"", HTML),
            Answer([(0, b"HTTP/1.1 103 Early\r\n\r\n" * 50)]),
            Answer.of(404),
            Answer.of(403),
        ]
        if times < 2:
            return ways[(self.number + index + times) % len(ways)]
        return super().answer_article(request, index)


class OldHttp(Site):
    """B2: HTTP/0.9, headers without colons, several gzip members, unknown codings."""

    kind = "odd-but-readable"

    def answer_article(self, request, index):
        whole = self.page(index).encode()
        ways = [
            Answer(
                [(0, b"HTTP/1.1 200 OK\r\nX-Frame=1;\r\nContent-Type: text/html\r\n\r\n" + whole)]
            ),
            Answer.of(200, whole, [*HTML, ("Content-Encoding", "UTF-8")]),
            Answer.of(
                200,
                gzip.compress(whole[:300]) + gzip.compress(whole[300:]),
                [*HTML, ("Content-Encoding", "gzip")],
            ),
            Answer.of(200, whole, [*HTML, ("Content-Encoding", "gzip")]),
        ]
        return ways[index % len(ways)]


class Limiter(Site):
    """429 with Retry-After for whoever asks twice within a second."""

    kind = "rate-limit"
    last = -10.0
    refused = 0
    too_soon = 0  # asked before Retry-After was over

    def answer(self, request):
        since, self.last = request.at - self.last, request.at
        if self.refused and request.at < self.refused:
            self.too_soon += 1
        if since < 1 and request.path != "/robots.txt":
            self.refused = request.at + 1
            return Answer.of(429, b"", [("Retry-After", "1")])
        return super().answer(request)


class Redirector(Site):
    """B4: articles behind redirects; beside them redirects that lead nowhere good."""

    kind = "redirects"
    BAD = (
        "loop",
        "hops",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "gopher://127.0.0.1/x",
        "data:text/html,x",
        "http://10.1.2.3/x",
        "http://169.254.169.254/latest/",
        "http://[::1]/x",
        "javascript:alert(1)",
    )

    def item_urls(self, now):
        good = super().item_urls(now)
        bad = [
            (f"Bad redirect number {i} of site {self.number}", f"{self.origin}/bad/{i}/0")
            for i in range(len(self.BAD))
        ]
        return good + bad

    def answer_article(self, request, index):
        if "step=" not in request.target:
            location = [("Location", f"{request.path}?step=1"), ("Set-Cookie", "seen=yes")]
            return Answer.of(302, b"", location)
        if "step=1" in request.target:
            return Answer.of(301, b"", [("Location", f"{request.path}?step=2")])
        if "seen=yes" not in request.headers.get("cookie", ""):
            return Answer.of(403)
        return super().answer_article(request, index)

    def expected(self, now):
        return [url + "?step=2" for url in super().expected(now)]

    def other(self, request):
        parts = request.path.split("/")
        if len(parts) == 4 and parts[1] == "bad" and parts[2].isdigit() and parts[3].isdigit():
            way = self.BAD[int(parts[2]) % len(self.BAD)]
            if way == "loop":
                return Answer.of(302, b"", [("Location", request.path)])
            if way == "hops":
                return Answer.of(302, b"", [("Location", f"/bad/{parts[2]}/{int(parts[3]) + 1}")])
            return Answer.of(302, b"", [("Location", way)])
        return Answer.of(404)


class Elsewhere(Site):
    """B5: the feed names this machine and others inside, in every spelling."""

    kind = "private-addresses"
    HOSTS = (
        "127.1",
        "0x7f000001",
        "0177.0.0.1",
        "2130706433",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:169.254.169.254]",
        "[::7f00:1]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[fe80::1]",
        "localhost",
        "10.0.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "0.0.0.0",
    )

    def item_urls(self, now):
        bad = [
            (f"Inside number {i}", f"http://{host}:{self.bed.canary_port}/secret-{i}")
            for i, host in enumerate(self.HOSTS)
        ]
        return super().item_urls(now) + bad


class Slow(Site):
    """B3: a byte every ten seconds, a stall behind the headers, silence."""

    kind = "slow"
    articles_lost = True

    def answer_article(self, request, index):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n"
        ways = [
            [(0, head)] + [(10, b"x")] * 30,
            [(0, head), (300, b"x")],
            [(300, b"")],
        ]
        return Answer(ways[index % len(ways)])

    def expected(self, now):
        return []


class Bomber(Site):
    """B1: bodies that unpack to a quarter of a gigabyte; codings a hundred deep."""

    kind = "bombs"
    articles_lost = True

    def answer_article(self, request, index):
        deep = ", ".join(["gzip"] * 100)
        ways = [
            Answer.of(200, self.bed.bomb("gzip"), [*HTML, ("Content-Encoding", "gzip")]),
            Answer.of(200, self.bed.bomb("deflate"), [*HTML, ("Content-Encoding", "deflate")]),
            Answer.of(200, self.bed.bomb("twice"), [*HTML, ("Content-Encoding", "gzip, gzip")]),
            Answer.of(200, self.bed.bomb("gzip"), [*HTML, ("Content-Encoding", deep)]),
        ]
        return ways[index % len(ways)]

    def expected(self, now):
        return []


class Sitemaps(Site):
    """B9: an index that names itself, a cycle, an endless depth, too many URLs, odd dates."""

    kind = "sitemaps"
    listing = "sitemaps"
    listing_path = "/news-index.xml"

    def answer_listing(self, request):
        names = ["news-index.xml", "news-a.xml", "news-deep-0.xml", "news-big.xml", "news-own.xml"]
        entries = "".join(f"<sitemap><loc>{self.origin}/{n}</loc></sitemap>" for n in names)
        return Answer.of(200, self.index_of_maps(entries), XML)

    @staticmethod
    def index_of_maps(entries):
        name = "http://www.sitemaps.org/schemas/sitemap/0.9"
        return f'<sitemapindex xmlns="{name}">{entries}</sitemapindex>'

    def urls(self, entries):
        return (
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
            ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">' + entries + "</urlset>"
        )

    def other(self, request):
        path = request.path
        following = {"/news-a.xml": "news-b.xml", "/news-b.xml": "news-c.xml"}
        if path in following or path == "/news-c.xml":
            target = following.get(path, "news-a.xml")
            body = self.index_of_maps(f"<sitemap><loc>{self.origin}/{target}</loc></sitemap>")
            return Answer.of(200, body, XML)
        if path.startswith("/news-deep-"):
            depth = int(path[len("/news-deep-") : -4] or 0) + 1
            self.trap_requests += depth > 6
            body = self.index_of_maps(
                f"<sitemap><loc>{self.origin}/news-deep-{depth}.xml</loc></sitemap>"
            )
            return Answer.of(200, body, XML)
        if path == "/news-big.xml":
            return Answer.of(200, self.bed.big_sitemap(self.origin), XML)
        if path == "/news-own.xml":
            entries = "".join(
                f"<url><loc>{url}</loc><lastmod>9999-12-31</lastmod><news:news><news:title>{title}"
                "</news:title><news:publication_date>2026-11-30T10:00:00Z"
                "</news:publication_date></news:news></url>"
                for title, url in self.item_urls(request.at)
            )
            return Answer.of(200, self.urls(entries), XML)
        return Answer.of(404)


class OddRobots(Site):
    """B10: robots.txt of ten megabytes, of one line, with NULs, as HTML, behind a loop."""

    kind = "robots"

    def robots(self, request):
        line = b"User-agent: *\nDisallow: /private/\n"
        ways = [
            Answer.of(200, line + b"Disallow: /x\n" * 800_000),
            Answer.of(200, line + b"Disallow: /" + b"y" * 10_000_000),
            Answer.of(200, b"\xef\xbb\xbf" + line),
            Answer.of(200, line.replace(b"\n", b"\r") + b"\x00\x00Disallow: /z"),
            Answer.of(200, "<html><body>No robots here</body></html>", HTML),
            Answer.of(401),
            Answer.of(403),
            Answer.of(302, b"", [("Location", "/robots.txt")]),
            Answer.of(200, gzip.compress(line), [("Content-Encoding", "gzip")]),
        ]
        return ways[self.number % len(ways)]


class ClosedSite(Site):
    """B10: robots.txt that fails with 5xx: nothing may be asked for."""

    kind = "robots-unreachable"
    articles_lost = True
    asked_all_the_same = 0

    def robots(self, request):
        return Answer.of(503)

    def answer(self, request):
        self.asked_all_the_same += request.path != "/robots.txt"
        return super().answer(request)

    def expected(self, now):
        return []


class Section(Site):
    """A section page in the place of a feed."""

    kind = "section"
    listing = "sections"
    listing_path = "/politics/"

    def links(self, request):
        return "".join(
            f'<li><a href="{url}">{title}, as reported in full</a></li>'
            for title, url in self.item_urls(request.at)
        )

    def answer_listing(self, request):
        body = f"<html><head><title>Politics</title></head><body><ul>{self.links(request)}"
        return Answer.of(200, body + "</ul></body></html>", HTML)


class Calendar(Section):
    """B11: a calendar without end, on every page."""

    kind = "trap-calendar"

    def answer_listing(self, request):
        months = "".join(
            f'<a href="/calendar/{2026 + i // 12}/{i % 12 + 1:02}/">{i}</a>' for i in range(24)
        )
        body = f"<html><body><nav>{months}</nav><ul>{self.links(request)}</ul></body></html>"
        return Answer.of(200, body, HTML)

    def other(self, request):
        if not request.path.startswith("/calendar/"):
            return Answer.of(404)
        self.trap_requests += 1
        return self.answer_listing(request)


class Sessions(Section):
    """B11: another session id in each link of each response."""

    kind = "trap-sessions"
    count = 0

    def item_urls(self, now):
        self.count += 1
        ids = (f"{self.count:08x}{i:02x}A1B2C3D4E5F60718293A4B" for i in range(99))
        return [
            (
                title,
                f"{url};jsessionid={session}" if self.number % 2 else f"{url}?PHPSESSID={session}",
            )
            for (title, url), session in zip(super().item_urls(now), ids, strict=False)
        ]

    def answer(self, request):
        path = request.target.split(";", 1)[0].split("?", 1)[0]
        if self.index_of(path) is not None:
            seen = self.asked.setdefault(path, 0)
            self.asked[path] += 1
            # A revisit is fair; what comes beyond is the trap's.
            self.trap_requests += seen >= 3
            return self.answer_article(request, self.index_of(path))
        return super().answer(request)


class Paths(Section):
    """B11: each page leads one folder deeper; URLs of 60 KiB, with users, with line breaks."""

    kind = "trap-paths"

    def answer_listing(self, request):
        odd = [
            "/politics/" * 40 + "a-long-headline-that-looks-like-news-2026-11-30.html",
            "/x" * 30_000,
            f"http://user:secret@{self.host}:{self.bed.port}/2026/11/a-story-with-a-user.html",
            "/2026/11/a-story&#10;with-a-line-break.html",
            "/2026/11/a-story&#9;with-a-tab.html",
            "http://xn--a.example%00.invalid/",
        ]
        links = "".join(
            f'<li><a href="{o}">Officials say the trap is deep today</a></li>' for o in odd
        )
        body = f"<html><body><ul>{self.links(request)}{links}</ul></body></html>"
        return Answer.of(200, body, HTML)

    def other(self, request):
        self.trap_requests += 1
        return self.answer_listing(request)


# What share of the sites is of which kind; the rest is decent.
KINDS = {
    RollOver: 0.04,
    Liar: 0.05,
    Breaker: 0.05,
    OldHttp: 0.05,
    Limiter: 0.04,
    Redirector: 0.05,
    Elsewhere: 0.02,
    Slow: 0.03,
    Bomber: 0.02,
    Sitemaps: 0.03,
    OddRobots: 0.06,
    ClosedSite: 0.02,
    Section: 0.06,
    Calendar: 0.03,
    Sessions: 0.03,
    Paths: 0.03,
}


class Bed:
    """All sites, on one port of an address each."""

    def __init__(self, sites, seed, clock=None, port=0):
        self.seed = seed
        self.clock = clock or RealClock()
        self.port = port
        self.canary_port = 0
        self.canary = []  # paths asked for on addresses that are nobody's business
        self.requests = 0
        self.by_site = {}
        self.count = sites
        self.sites = {}
        self.bombs = {}
        self.big = None
        self.servers = []

    @staticmethod
    def address_of(number):
        return f"127.20.{1 + number // 200}.{1 + number % 200}"

    def kinds(self):
        """One of each kind at least, then by their shares."""
        kinds = []
        for kind, share in KINDS.items():
            kinds += [kind] * max(1, round(share * self.count))
        kinds = kinds[: self.count] + [Site] * max(0, self.count - len(kinds))
        random.Random(self.seed).shuffle(kinds)
        return kinds

    def bomb(self, way):
        """Made once, a quarter of a gigabyte of zeros at a time and never in memory whole."""
        if way not in self.bombs:
            if way == "twice":
                self.bombs[way] = gzip.compress(self.bomb("gzip"))
            else:
                packer = zlib.compressobj(9, zlib.DEFLATED, 31 if way == "gzip" else 15)
                zeros = bytes(1 << 20)
                packed = [packer.compress(zeros) for _ in range(BOMB_BYTES >> 20)]
                self.bombs[way] = b"".join(packed) + packer.flush()
        return self.bombs[way]

    def big_sitemap(self, origin):
        """50,001 URLs, one more than the protocol allows; all of them old."""
        if self.big is None:
            self.big = "".join(
                f"<url><loc>ORIGIN/old/{i}</loc><lastmod>2019-01-01</lastmod></url>"
                for i in range(50_001)
            )
        name = "http://www.sitemaps.org/schemas/sitemap/0.9"
        return f'<urlset xmlns="{name}">{self.big.replace("ORIGIN", origin)}</urlset>'

    async def start(self):
        first = await asyncio.start_server(self.on_connection, self.address_of(0), self.port)
        self.port = first.sockets[0].getsockname()[1]
        self.servers.append(first)
        for number, kind in enumerate(self.kinds()):
            host = self.address_of(number)
            self.sites[host] = kind(number, self)
            if number:
                self.servers.append(
                    await asyncio.start_server(self.on_connection, host, self.port, backlog=64)
                )
        canary = await asyncio.start_server(self.on_canary, "127.0.0.1", 0)
        self.canary_port = canary.sockets[0].getsockname()[1]
        self.servers.append(canary)

    async def on_canary(self, reader, writer):
        with contextlib.suppress(Exception):
            self.canary.append((await reader.readline()).decode("latin-1").strip())
        writer.close()

    async def on_connection(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            host = writer.get_extra_info("sockname")[0]
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
            await self.send(self.sites[host], head.decode("latin-1"), writer)
        with contextlib.suppress(Exception):
            writer.close()

    async def send(self, site, head, writer):
        lines = head.split("\r\n")
        method, target, _ = (lines[0] + "  ").split(" ", 2)
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if colon:
                headers[name.strip().lower()] = value.strip()
        self.requests += 1
        self.by_site[site.number] = self.by_site.get(site.number, 0) + 1
        request = Request(method, target, headers, self.clock.now())
        for pause, part in site.answer(request).parts:
            if pause:
                await asyncio.sleep(pause)
            writer.write(part)
            await writer.drain()

    def sources(self):
        return "sources:\n" + "".join(
            f"  - name: Bed {s.number} {s.kind}\n    homepage: {s.origin}/\n"
            f"    {s.listing}: [{s.origin}{s.listing_path}]\n"
            for s in self.sites.values()
        )

    def report(self):
        """What was asked for, and what a careful crawler has by now."""
        now = self.clock.now()
        traps = sum(site.trap_requests for site in self.sites.values())
        return {
            "seed": self.seed,
            "sites": len(self.sites),
            "seconds": round(now, 1),
            "requests": self.requests,
            "trap_requests": traps,
            "trap_share": traps / self.requests if self.requests else 0,
            "canary": self.canary,
            "most_of_a_site": max(self.by_site.values(), default=0),
            "asked_of_closed_sites": sum(
                s.asked_all_the_same for s in self.sites.values() if isinstance(s, ClosedSite)
            ),
            "asked_before_retry_after": sum(
                s.too_soon for s in self.sites.values() if isinstance(s, Limiter)
            ),
            "expected": {s.origin: s.expected(now) for s in self.sites.values()},
            "kinds": {s.origin: s.kind for s in self.sites.values()},
        }

    def digest(self):
        """The same for the same seed: kinds, titles and times of all articles."""
        told = "".join(
            f"{s.kind} {s.gap:.6f} {s.total} {[s.title(i) for i in range(s.total)]}"
            for s in self.sites.values()
        )
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def write(path, text):
    """Whole or not at all: others read it."""
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


async def serve(arguments):
    bed = Bed(arguments.sites, arguments.seed, port=arguments.port)
    await bed.start()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    write(arguments.sources_file, bed.sources())
    print(
        f"{email.utils.formatdate()}: {len(bed.sites)} sites on port {bed.port}, {bed.digest()}",
        flush=True,
    )
    while not stop.is_set():
        write(arguments.report, json.dumps(bed.report()))
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), 1)
    write(arguments.report, json.dumps(bed.report()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--sites", type=int, default=300, help="how many (at most 10,000)")
    parser.add_argument("--seed", type=int, default=1, help="the same gives the same bed")
    parser.add_argument("--port", type=int, default=0, help="of all sites; 0: any")
    parser.add_argument("--sources-file", type=pathlib.Path, required=True, help="written at start")
    parser.add_argument("--report", type=pathlib.Path, required=True, help="written every second")
    arguments = parser.parse_args()
    if not 1 <= arguments.sites <= 10_000:
        parser.error("--sites is 1 to 10,000")
    asyncio.run(serve(arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main())
