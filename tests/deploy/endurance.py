#!/usr/bin/env python3
"""The three services on a real broker for an hour: pages taken in, a newsroom crawled, searches,
alerts, and an extractor that joins and leaves each minute, so that partitions change hands. Watched
are memory, descriptors and threads of each service and the time of a cheap search.

    tests/deploy/endurance.py [--minutes 60] [--pages 2] [--report FILE]

Prints a line of JSON every minute and a table at the end; 1 where a bound is broken: memory grows
by more than 1 % an hour, descriptors or threads grow, a search fails, an article is lost.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import threading
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(TOP / "ops" / "kafka"),
    str(TOP / "tests" / "end_to_end"),
    str(TOP / "tests" / "newsroom"),
]
import harness  # noqa: E402
import kafka  # noqa: E402
import kafka_services  # noqa: E402
import pages as newsroom_pages  # noqa: E402
from press import Press  # noqa: E402

NAMES = ("crawler", "extractor", "indexer")
WARM_UP = 1 / 4  # of the time: caches, pools and buffers fill
MOST_GROWTH_PERCENT = 1.0  # of memory, an hour
SEARCH_EVERY_S = 0.5
GUEST_STAYS_S = 25
MIB = 1 << 20
SESSION_MS = 8_000


def slope(samples):
    """[(seconds, value)] → growth in percent of the mean, an hour: the line of least squares."""
    times, values = zip(*samples)
    line = statistics.linear_regression(times, values)
    return 100 * line.slope * 3600 / statistics.fmean(values)


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def judge(samples, minutes):
    """Sentences about what is out of bounds; `samples` of one service: dicts with at, rss, …"""
    settled = [one for one in samples if one["at"] >= minutes * 60 * WARM_UP]
    half = len(settled) // 2
    found = []
    growth = slope([(one["at"], one["rss"]) for one in settled])
    if growth > MOST_GROWTH_PERCENT:
        found.append(f"memory grows by {growth:.2f} % an hour")
    for what in ("descriptors", "threads"):
        before = max(one[what] for one in settled[:half])
        after = max(one[what] for one in settled[half:])
        if after > before:
            found.append(f"{what} rise from {before} to {after}")
    return found


class Watched:
    """A process by /proc."""

    def __init__(self, service):
        self.folder = pathlib.Path(f"/proc/{service.process.pid}")

    def sample(self):
        status = dict(
            line.split(":", 1) for line in (self.folder / "status").read_text().splitlines()
        )
        return {
            "rss": int(status["VmRSS"].split()[0]) * 1024,
            "anonymous": int(status["RssAnon"].split()[0]) * 1024,
            "threads": int(status["Threads"]),
            "descriptors": len(os.listdir(self.folder / "fd")),
        }


class Load:
    """Threads that ask the indexer until they are stopped."""

    def __init__(self, indexer, start_guest, a_second):
        self.indexer, self.start_guest, self.a_second = indexer, start_guest, a_second
        self.press = Press(1)
        self.stopped = threading.Event()
        self.searches = []  # (at, seconds)
        self.failures = []
        self.sent = self.rebalances = 0
        self.urls = set()  # of what was taken in
        self.begun = time.monotonic()
        works = (self.search, self.ingest, self.be_a_guest)
        self.threads = [threading.Thread(target=self.keep, args=(work,)) for work in works]
        for thread in self.threads:
            thread.start()

    def keep(self, work):
        while not self.stopped.is_set():
            try:
                work()
            except Exception as error:
                self.failures.append(f"{work.__name__}: {error!r}"[:500])
                self.stopped.wait(1)

    def search(self):
        begun = time.monotonic()
        self.indexer.get("/v1/search", q="chips", limit=5)
        self.searches.append((begun - self.begun, time.monotonic() - begun))
        self.stopped.wait(SEARCH_EVERY_S)

    def ingest(self):
        article = self.press.article(10_000_000 + self.sent)
        url = f"http://{article.site.address}{article.path()}"  # as the page itself says
        phrases = self.press.phrases[article.site.language]
        html = newsroom_pages.article_page(
            article, f"http://{article.site.address}", phrases, [], article.published_ms
        )
        line = json.dumps({"id": url, "url": url, "html": html}).encode()
        status, _, body = self.indexer.call("POST", "/v1/ingest", line)
        if status != 202:
            raise AssertionError(f"POST /v1/ingest: {status} {body[:200]!r}")
        self.sent += 1
        self.urls.add(url)
        self.stopped.wait(1 / self.a_second)

    def be_a_guest(self):
        """Joins, which takes partitions from everybody, and goes, which gives them back."""
        guest = self.start_guest(self.rebalances)
        try:
            self.stopped.wait(GUEST_STAYS_S)
        finally:
            guest.stop()
        self.rebalances += 1
        self.stopped.wait(60 - GUEST_STAYS_S)

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


class Endurance:
    def __init__(self, arguments, directory, stack):
        self.arguments, self.directory = arguments, directory
        self.kafka = stack.enter_context(kafka.Kafka())
        made = kafka_services.log_command(self.kafka.brokers, directory, "setup")
        if made.returncode != 0:
            raise SystemExit(made.stderr)
        self.newsroom = harness.Newsroom(directory, every=2)
        stack.callback(self.newsroom.stop)
        self.receiver = harness.WebhookListener()
        stack.callback(self.receiver.stop)
        self.services = {name: self.start(name, name, stack) for name in NAMES}
        indexer = self.services["indexer"]
        harness.wait_until(
            lambda: indexer.call("GET", "/readyz")[0] == 200, 120, "the indexer is ready"
        )
        for number in range(20):
            query = ("chips", "export", "AI", "sanctions", "Nvidia")[number % 5]
            indexer.subscribe(f"endurance {number}", query, self.receiver.url)

    def start(self, name, folder, stack=None):
        (self.directory / folder).mkdir(exist_ok=True)
        service = kafka_services.Service(
            name,
            self.directory / folder,
            self.kafka.brokers,
            [*kafka_services.CRAWLING, f"log.kafka.session.timeout.ms={SESSION_MS}"],
            sources=[self.newsroom.sources],
        )
        if stack:
            stack.callback(service.stop)
        return service

    def guest(self, number):
        shutil.rmtree(self.directory / f"guest-{number - 1}", ignore_errors=True)
        return self.start("extractor", f"guest-{number}")

    def run(self):
        watched = {name: Watched(service) for name, service in self.services.items()}
        samples = {name: [] for name in NAMES}
        load = Load(self.services["indexer"], self.guest, self.arguments.pages)
        next_line = 60
        try:
            while (at := time.monotonic() - load.begun) < self.arguments.minutes * 60:
                for name in NAMES:
                    code = self.services[name].process.poll()
                    if code is not None:
                        raise SystemExit(f"{name} ended: {code} {self.services[name].tail()}")
                    samples[name].append({"at": at, **watched[name].sample()})
                if at >= next_line:
                    next_line += 60
                    self.tell(at, samples, load)
                time.sleep(5)
        finally:
            load.stop()
        return samples, load

    def tell(self, at, samples, load):
        last = [seconds for when, seconds in load.searches if when > at - 60]
        line = {
            "minute": round(at / 60),
            **{
                name: {
                    "rss_mib": round(samples[name][-1]["rss"] / MIB, 1),
                    "anonymous_mib": round(samples[name][-1]["anonymous"] / MIB, 1),
                    "descriptors": samples[name][-1]["descriptors"],
                    "threads": samples[name][-1]["threads"],
                }
                for name in NAMES
            },
            "search_p99_ms": round(1000 * percentile(last, 0.99), 1) if last else None,
            "pages": load.sent,
            "alerts": len(self.receiver.taken()),
            "load": os.getloadavg()[0],
        }
        with contextlib.ExitStack() as stack:
            out = sys.stdout
            if self.arguments.report:
                out = stack.enter_context(open(self.arguments.report, "a", encoding="utf-8"))
            print(json.dumps(line), file=out, flush=True)

    def nothing_is_lost(self, wanted):
        """Every page that was taken in is searchable, by its address, once."""
        indexer, urls = self.services["indexer"], []

        def all_there():
            urls[:] = [hit["url"] for hit in indexer.all_hits("after:2000-01-01")]
            return wanted <= set(urls)

        with contextlib.suppress(AssertionError):
            harness.wait_until(all_there, 120, "all is searchable", 1)
        missing = wanted - set(urls)
        found = [f"{len(missing)} of {len(wanted)} pages are not searchable"] if missing else []
        if len(urls) != len(set(urls)):
            found.append("an article is there twice")
        return found


def table(samples, load, minutes):
    settled_at = minutes * 60 * WARM_UP
    print("| | memory, MiB | growth an hour | of its own, MiB | descriptors | threads |")
    print("|---|---|---|---|---|---|")
    for name in NAMES:
        settled = [one for one in samples[name] if one["at"] >= settled_at]
        growth = slope([(one["at"], one["rss"]) for one in settled])
        ends = [settled[0], settled[-1]]
        cells = [
            " to ".join(f"{one['rss'] / MIB:.1f}" for one in ends),
            f"{growth:+.2f} %",
            " to ".join(f"{one['anonymous'] / MIB:.1f}" for one in ends),
        ] + [
            f"{min(one[what] for one in settled)} to {max(one[what] for one in settled)}"
            for what in ("descriptors", "threads")
        ]
        print(f"| {name} | " + " | ".join(cells) + " |")
    quarter = minutes * 60 / 4
    for number in range(4):
        times = [s for at, s in load.searches if number * quarter <= at < (number + 1) * quarter]
        if times:
            print(
                f"searches, quarter {number + 1}: {len(times)}, "
                f"p50 {1000 * percentile(times, 0.5):.1f} ms, "
                f"p99 {1000 * percentile(times, 0.99):.1f} ms"
            )
    print(f"{load.sent} pages taken in, {load.rebalances} guests, {len(load.failures)} failures")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--pages", type=float, default=2, help="taken in a second")
    parser.add_argument("--report", help="the lines of each minute go there")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="vigie-endurance-", ignore_cleanup_errors=True)
        )
        endurance = Endurance(arguments, pathlib.Path(folder), stack)
        samples, load = endurance.run()
        table(samples, load, arguments.minutes)
        found = [
            f"{name}: {one}" for name in NAMES for one in judge(samples[name], arguments.minutes)
        ]
        found += endurance.nothing_is_lost(load.urls) + load.failures[:10]
    for one in found:
        print(one)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
