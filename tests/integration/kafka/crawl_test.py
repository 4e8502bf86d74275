"""Three crawlers share one web over a real broker: every article once, the politeness gap by the
sites' own clocks never violated, over the kill of one, its restart, and a third that joins.
"""

import collections
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(TOP / "ops" / "kafka"), str(TOP / "tests" / "end_to_end")]
import harness  # noqa: E402
import kafka  # noqa: E402
import kafka_services  # noqa: E402

PARTITIONS = 8
GAP_MS = 300
CLOCK_MS = 5  # a site notes the end of its response after the last byte has left
SESSION_MS = 6000  # so that a dead crawler is missed soon; the default is 20 s
# expiry (10 s) and total clock (30 s) of a request that was out, with room for a slow machine
TAKE_OVER_WAIT = 60
SEED = int(os.environ.get("VIGIE_SEED", random.SystemRandom().randrange(1 << 16)))


class WatchedNewsroom:
    def __init__(self, directory, seed):
        self.directory = pathlib.Path(directory) / "newsroom"
        self.directory.mkdir(parents=True)
        self.sources, self.ledger_file, self.access_file = (
            self.directory / name for name in ("sources.yaml", "ledger.jsonl", "access.jsonl")
        )
        self.log = open(self.directory / "log", "ab")
        # No silent edits: one article is one page.
        self.process = subprocess.Popen(
            [
                sys.executable,
                str(TOP / "tests/newsroom/newsroom.py"),
                "--every",
                "0.8",
                "--seed",
                str(seed),
                "--edit-after",
                "3600",
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
        harness.wait_until(
            lambda: b"listening on port" in (self.directory / "log").read_bytes(),
            30,
            "the newsroom listens",
        )

    def lines(self, file):
        return (
            [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n")[:-1]]
            if file.exists()
            else []
        )

    def requests(self):
        return self.lines(self.access_file)

    def published(self):
        return self.lines(self.ledger_file)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


class Crawler:
    def __init__(self, name, directory, sources, brokers, settings=()):
        self.name, self.sources, self.brokers, self.settings = (
            name,
            sources,
            brokers,
            list(settings),
        )
        self.data = pathlib.Path(directory) / name
        self.log_file = pathlib.Path(directory) / f"{name}.log"
        self.start()

    def start(self):
        settings = [
            *kafka_services.on_broker(self.brokers, PARTITIONS),
            f"log.kafka.session.timeout.ms={SESSION_MS}",
            "log.kafka.heartbeat.interval.ms=1000",
            f"data_dir={self.data}",
            "http.listen=127.0.0.1:0",
            f"sources.files=[{self.sources}]",
            "fetch.allow_networks=[127.0.0.0/8]",
            *harness.FAST_CRAWL,
            f"fetch.min_gap_ms={GAP_MS}",
            f"fetch.ip_gap_ms={GAP_MS}",
            *self.settings,
        ]
        command = [
            str(harness.BUILD / "bin" / "vigie-crawler"),
            *harness.set_options(settings),
        ]
        with open(self.log_file, "ab") as log:
            self.began = log.tell()
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=TOP)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(20)

    def text(self):
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def metric(self, name):
        """Sum over the labels of a metric; 0 while the crawler does not answer."""
        try:
            address = (self.data / "http.addr").read_text().strip().removeprefix("http://")
            import urllib.request

            with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as response:
                text = response.read().decode()
        except (OSError, ValueError):
            return 0.0
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in text.splitlines()
            if re.match(rf"{name}(\{{|\s)", line)
        )

    def partitions(self):
        return int(self.metric("vigie_crawler_partitions")) if self.process.poll() is None else 0


def protobuf_fields(data):
    """Number and value of each top-level field of a message (proto/page.proto): whole numbers, and
    bytes.
    """
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
        elif tag & 7 == 2:
            length = varint()
            yield tag >> 3, data[at : at + length]
            at += length
        else:
            raise ValueError(f"wire type {tag & 7}")


@unittest.skipUnless(shutil.which("kcat"), "there is no kcat; install it")
class Crawl(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="vigie-crawl-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.kafka = kafka.Kafka()
        self.addCleanup(self.kafka.stop)
        self.brokers = self.kafka.brokers

    def log_command(self, *arguments):
        return kafka_services.log_command(
            self.brokers, self.directory, *arguments, partitions=PARTITIONS
        )

    def pages(self):
        """The records of the topic, read by a client nobody here wrote."""
        read = subprocess.run(
            [
                "kcat",
                "-b",
                self.brokers,
                "-C",
                "-t",
                "vigie.pages.v1",
                "-e",
                "-q",
                "-o",
                "beginning",
                "-f",
                "%K %S\n%k%s",
            ],
            capture_output=True,
            timeout=120,
        )
        self.assertEqual(read.returncode, 0, read.stderr[-500:])
        out, rest = [], read.stdout
        while rest:
            head, _, rest = rest.partition(b"\n")
            key_bytes, value_bytes = map(int, head.split())
            fields = dict(protobuf_fields(rest[key_bytes : key_bytes + value_bytes]))
            out.append(
                {
                    "key": rest[:key_bytes],
                    "url": fields[2].decode(),
                    "final_url": fields[3].decode(),
                    "body": fields.get(11, b""),
                    "body_bytes": fields.get(12, 0),
                    "truncation": fields.get(13, 0),
                    "digest": fields.get(14, b""),
                }
            )
            rest = rest[key_bytes + value_bytes :]
        return out

    def crawler(self, name, newsroom, **options):
        made = Crawler(name, self.directory, newsroom.sources, self.brokers, **options)
        self.addCleanup(lambda: made.process.poll() is None and made.kill())
        return made

    def owned_by(self, crawlers, counts, seconds, what):
        """Waits until the partitions are spread so; how long that took."""
        began = time.monotonic()
        try:
            harness.wait_until(
                lambda: sorted(one.partitions() for one in crawlers) == counts,
                seconds,
                what,
                pause=0.05,
            )
        except AssertionError as error:
            raise AssertionError(
                f"{error}; they own {[one.partitions() for one in crawlers]}\n"
                + "\n".join(one.text()[-1500:] for one in crawlers)
            ) from None
        return time.monotonic() - began

    def all_hosts_go_on(self, newsroom, seconds, what):
        since = time.time() * 1000
        harness.wait_until(
            lambda: (
                len(
                    {
                        r["host"]
                        for r in newsroom.requests()
                        if r["begin_ms"] > since and "about" not in r["path"]
                    }
                )
                == 8
            ),
            seconds,
            what,
            pause=0.5,
        )

    def test_every_article_once_and_the_gap_holds_over_kill_take_over_restart_and_join(self):
        print(f"seed {SEED}; VIGIE_SEED={SEED} repeats this newsroom")
        made = self.log_command("setup")
        self.assertEqual(made.returncode, 0, made.stderr)
        newsroom = WatchedNewsroom(self.directory, SEED)
        self.addCleanup(newsroom.stop)

        first = self.crawler("first", newsroom)
        second = self.crawler("second", newsroom)
        self.owned_by([first, second], [4, 4], 60, "two crawlers own half of the partitions each")
        self.all_hosts_go_on(newsroom, 60, "all sites are crawled")
        time.sleep(5)

        first.kill()
        killed_at = time.time() * 1000
        took = self.owned_by([second], [PARTITIONS], 60, "the other takes over")
        print(
            f"time to take over a dead crawler's partitions: {took:.2f} s, of which "
            f"{SESSION_MS / 1000:.0f} s its session"
        )
        self.all_hosts_go_on(newsroom, TAKE_OVER_WAIT, "all sites are crawled by the other")

        first.start()
        self.owned_by([first, second], [4, 4], 60, "the dead one is back")
        self.all_hosts_go_on(newsroom, TAKE_OVER_WAIT, "all sites are crawled by both")

        third = self.crawler("third", newsroom)
        joined = self.owned_by([first, second, third], [2, 3, 3], 60, "a third joins")
        print(f"time until a third crawler has its share: {joined:.2f} s")
        self.all_hosts_go_on(newsroom, TAKE_OVER_WAIT, "all sites are crawled by the three")

        # A restart within its session moves nothing.
        before = third.partitions()
        third.kill()
        third.start()
        self.owned_by([third], [before], 60, "the third is back with its own")
        wanted = {entry["url"] for entry in newsroom.published()}
        harness.wait_until(
            lambda: not wanted - {page["url"] for page in self.pages()},
            TAKE_OVER_WAIT,
            "every article published so far is a page of the log",
            pause=2,
        )
        for one in (first, second, third):
            self.assertEqual(one.stop(), 0, one.text()[-2000:])
        self.every_page_is_one_record(wanted)
        self.the_gap_held(newsroom, killed_at)

    def every_page_is_one_record(self, wanted):
        contents = collections.defaultdict(set)
        records = collections.Counter()
        for page in self.pages():
            contents[page["final_url"]].add((page["key"], page["digest"]))
            records[page["final_url"]] += 1
        twice = {url: found for url, found in contents.items() if len(found) != 1}
        self.assertEqual(twice, {}, "a page fetched twice around a hand-over is the same record")
        repeats = sum(count - 1 for count in records.values())
        print(
            f"{len(wanted)} articles published, {len(contents)} in the log, {repeats} records "
            "repeated around hand-overs"
        )
        self.assertLessEqual(repeats, 16, "only what was out at a kill is fetched again")

    def the_gap_held(self, newsroom, killed_at):
        violations, smallest, by_host = [], float("inf"), collections.defaultdict(list)
        for request in newsroom.requests():
            by_host[request["host"]].append(request)
        for host, requests in by_host.items():
            requests.sort(key=lambda request: request["begin_ms"])
            for before_it, after in zip(requests, requests[1:]):
                gap = after["begin_ms"] - before_it["end_ms"]
                smallest = min(smallest, gap)
                if gap < GAP_MS - CLOCK_MS:
                    violations.append(
                        f"{host} {before_it['path']} → {after['path']}: {gap:.1f} ms, "
                        f"{(after['begin_ms'] - killed_at) / 1000:.1f} s after the kill"
                    )
        print(
            f"{sum(map(len, by_host.values()))} requests to {len(by_host)} hosts; smallest gap "
            f"{smallest:.1f} ms"
        )
        self.assertEqual(violations, [], f"seed {SEED}")

    def test_a_page_too_large_for_the_broker_is_cut_and_says_so(self):
        made = self.log_command("setup")
        self.assertEqual(made.returncode, 0, made.stderr)
        limit = 100_000
        changed = subprocess.run(
            self.kafka.nodes[0].java(
                "kafka.admin.ConfigCommand",
                "--bootstrap-server",
                self.brokers,
                "--alter",
                "--entity-type",
                "topics",
                "--entity-name",
                "vigie.pages.v1",
                "--add-config",
                f"max.message.bytes={limit}",
            ),
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.assertEqual(changed.returncode, 0, changed.stdout + changed.stderr)
        # a broker knows of the change a moment after it was made
        for _ in range(20):
            checked = self.log_command("check")
            if checked.returncode != 0:
                break
            time.sleep(0.5)
        self.assertEqual(checked.returncode, 1)
        self.assertIn("max.message.bytes", checked.stdout + checked.stderr)
        site = LargeSite()
        self.addCleanup(site.stop)
        sources = pathlib.Path(self.directory) / "sources.yaml"
        sources.write_text(
            f"sources:\n  - name: Large\n    homepage: {site.url}/\n"
            f"    feeds: [{site.url}/feed.xml]\n    country: FR\n    language: fr\n"
            "    kind: newspaper\n"
        )
        room = type("Room", (), {"sources": sources})
        crawler = self.crawler("large", room)
        pages = harness.wait_until(
            lambda: (found := self.pages()) and len(found) >= 2 and found,
            60,
            "both pages are in the log",
            pause=1,
        )
        by_url = {page["url"]: page for page in pages}
        large, small = by_url[f"{site.url}/large"], by_url[f"{site.url}/small"]
        self.assertEqual(
            (large["truncation"], small["truncation"]), (1, 0), "TRUNCATION_LENGTH, and none"
        )
        self.assertEqual(large["body_bytes"], len(site.large), "what there was before the cut")
        self.assertTrue(site.large.startswith(large["body"]))
        self.assertGreater(len(large["body"]), limit - 10_000, "as much as the broker takes")
        self.assertEqual(crawler.metric("vigie_crawler_pages_cut_total"), 1)
        self.assertEqual(crawler.stop(), 0, crawler.text()[-2000:])


class LargeSite:
    """One feed with a large page, whose bytes no compression makes smaller, and a small one."""

    def __init__(self):
        import base64
        import http.server

        self.large = (
            b"<html><body><p>"
            + base64.b64encode(random.Random(1).randbytes(300_000))
            + b"</p></body></html>"
        )
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = urllib.parse.urlsplit(self.path).path
                items = "".join(
                    f"<item><title>{name}</title><link>{outer.url}/{name}</link></item>"
                    for name in ("large", "small")
                )
                feed = f"<rss version='2.0'><channel><title>L</title>{items}</channel></rss>"
                bodies = {
                    "/feed.xml": (feed.encode(), "application/rss+xml"),
                    "/large": (outer.large, "text/html"),
                    "/small": (b"<html><body>small</body></html>", "text/html"),
                }
                body, kind = bodies.get(path, (b"", "text/plain"))
                self.send_response(200 if path in bodies else 404)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.30.1", 0), Handler)
        self.url = f"http://127.0.30.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    unittest.main(verbosity=2)
