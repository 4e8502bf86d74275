"""Politeness as the sites see it: between the end of one response and the start of the next request
to the same host lies the gap, whatever is asked for (robots.txt, feeds, sitemaps, pages, hops of
redirects) and however often the crawler is killed in between. Times are taken by the newsroom,
outside vigie.

A request cut off by a kill has no recorded end; it counts as ended when the crawler starts again
(crawler/politeness/README.md), which is later than its true end, so nothing is exempt.
"""

import collections
import contextlib
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time
import unittest
import urllib.parse

from harness import TOP, EndToEnd, Newsroom, Vigie, wait_until

KILLS = int(os.environ.get("VIGIE_KILLS", "5"))
SEED = int(os.environ.get("VIGIE_SEED", random.SystemRandom().randrange(1 << 32)))
GAP_MS = 300
# a site notes the end of its response after the last byte has left, which the crawler may have read
# by then
CLOCK_MS = 5
PUBLISHED = 60


def make_watched_handler(newsroom, make_plain_handler, room, site, access_log):
    """The newsroom's handler, which also notes when each request began, and moves some articles."""
    times = threading.local()

    def log_with_times(entry):
        access_log({**entry, "host": site.address, "begin_ms": times.begin, "end_ms": times.end})

    def is_moved(target):
        """Whether an article was moved, 0 within its site, 1 to another one; None: not moved."""
        address = urllib.parse.urlsplit(target)
        choice = hashlib.sha256(address.path.encode()).digest()[0] % 4
        known = address.path in room.by_path[site.number]
        return None if address.query or choice > 1 or not known else choice

    class Handler(make_plain_handler(room, site, log_with_times)):
        def parse_request(self):
            times.begin = times.end = time.time() * 1000
            return super().parse_request()

        def send_response(self, *arguments):
            # The last moment before bytes go out: the client has not seen the end before.
            times.end = time.time() * 1000
            super().send_response(*arguments)

        def do_GET(self):
            choice = is_moved(self.path)
            if choice is None:
                # Errors of a client that was killed; the newsroom has noted the request.
                with contextlib.suppress(OSError):
                    super().do_GET()
                return
            other = newsroom.SITES[site.number % len(newsroom.SITES)]
            within = urllib.parse.urlsplit(self.path).path + "?moved=here"
            elsewhere = f"{room.base(other)}/about.html?moved={choice}"
            self.send_response(302)
            self.send_header("Location", within if choice == 0 else elsewhere)
            self.send_header("Content-Length", "0")
            self.end_headers()
            log_with_times({"path": self.path, "status": 302})

    return Handler


def serve_newsroom(arguments):
    """The newsroom, with the start of each request in its access log, and with some articles moved
    within their site or to another one.
    """
    sys.path.insert(0, str(TOP / "tests/newsroom"))
    import newsroom

    make_plain_handler = newsroom.make_handler
    newsroom.make_handler = lambda room, site, access_log: make_watched_handler(
        newsroom, make_plain_handler, room, site, access_log
    )
    return newsroom.main(arguments)


class WatchedNewsroom(Newsroom):
    def __init__(self, directory, seed):
        self.directory = pathlib.Path(directory) / "newsroom"
        self.directory.mkdir(parents=True)
        self.sources = self.directory / "sources.yaml"
        self.ledger_file = self.directory / "ledger.jsonl"
        self.access_file = self.directory / "access.jsonl"
        self.log = open(self.directory / "log", "ab")
        self.process = subprocess.Popen(
            [
                sys.executable,
                __file__,
                "--serve-newsroom",
                "--every",
                "0.7",
                "--limit",
                str(PUBLISHED),
                "--seed",
                str(seed),
                "--sources-file",
                str(self.sources),
                "--ledger",
                str(self.ledger_file),
                "--access-log",
                str(self.access_file),
            ],
            stdout=self.log,
            stderr=self.log,
        )
        wait_until(
            lambda: b"listening on port" in (self.directory / "log").read_bytes() or self._died(),
            15,
            "the newsroom listens",
        )

    def requests(self):
        if not self.access_file.exists():
            return []
        return [
            json.loads(line)
            for line in self.access_file.read_text(encoding="utf-8").split("\n")[:-1]
        ]


class Politeness(EndToEnd):
    def test_the_gap_between_answer_and_next_request_holds_for_every_host_over_kills(self):
        print(f"seed {SEED}, {KILLS} kills; VIGIE_SEED={SEED} repeats this run")
        chance = random.Random(SEED)
        newsroom = self.keep(WatchedNewsroom(self.directory, SEED % 1000))
        vigie = self.keep(
            Vigie(
                self.directory,
                [newsroom.sources],
                [f"fetch.min_gap_ms={GAP_MS}", f"fetch.ip_gap_ms={GAP_MS}"],
            )
        )
        kills = []
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.5, 4.0))
            vigie.kill()
            kills.append(time.time() * 1000)
            vigie.start()
        wait_until(
            lambda: sum(request["begin_ms"] > kills[-1] for request in newsroom.requests()) > 80,
            60,
            "the crawler goes on after the last kill",
        )
        self.assertEqual(vigie.stop(), 0)

        by_host = collections.defaultdict(list)
        for request in newsroom.requests():
            by_host[request["host"]].append(request)
        self.assertEqual(len(by_host), 8)
        seen = {"/robots.txt": 0, "feed": 0, "sitemap": 0, "moved=here": 0, "moved=1": 0}
        violations, smallest = [], float("inf")
        for host, requests in by_host.items():
            requests.sort(key=lambda request: request["begin_ms"])
            for before, after in zip(requests, requests[1:]):
                gap = after["begin_ms"] - before["end_ms"]
                smallest = min(smallest, gap)
                if gap < GAP_MS - CLOCK_MS:
                    across = any(before["begin_ms"] < kill < after["begin_ms"] for kill in kills)
                    violations.append(
                        f"{host} {before['path']} → {after['path']}: {gap:.1f} ms"
                        f"{' across a kill' if across else ''}"
                    )
            for request in requests:
                for part in seen:
                    seen[part] += part in request["path"]
        print(
            f"{sum(map(len, by_host.values()))} requests to {len(by_host)} hosts, {seen}; smallest "
            f"gap {smallest:.1f} ms"
        )
        self.assertEqual(violations, [], f"seed {SEED}")
        # The figures mean something only if every kind of request was among them.
        self.assertTrue(all(seen.values()), seen)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve-newsroom"]:
        sys.exit(serve_newsroom(sys.argv[2:]))
    unittest.main(verbosity=2)
