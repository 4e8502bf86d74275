#!/usr/bin/env python3
"""What vigie takes of a machine: memory, disk and processor for each 1,000 sources, million
articles and 10,000 subscriptions, measured on a real `vigie up` with fewer of each and drawn out by
a straight line. Sites are on loopback, pages are the newsroom's.

    tests/bench/sizes_bench.py [--sources 500] [--articles 60000] [--subscriptions 2000]
"""

import argparse
import asyncio
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests" / "end_to_end"), str(TOP / "tests" / "newsroom")]
import harness  # noqa: E402
import pages as newsroom_pages  # noqa: E402
from press import Press  # noqa: E402

ITEMS = 5  # of a feed
IN_ONE_CALL = 200
CALLS_AT_ONCE = 2
MIB = 1 << 20
TICKS = os.sysconf("SC_CLK_TCK")
WORDS = (
    "export controls,chips,DeepSeek,sanctions,Nvidia,TSMC,rare earths,Huawei,AI Act,data centre,"
    "semiconductor,Pentagon,Brussels,open weights,copyright,election,drone,tariff,ASML,compute"
).split(",")


class Sites:
    """Sites of one feed each, on addresses of their own; feeds answer 304 once they were read."""

    def __init__(self, count, press):
        self.port = None
        self.count = count
        self.press = press
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()
        self.ready.wait()

    @staticmethod
    def address(number):
        return f"127.20.{number // 250}.{number % 250 + 1}"

    def base(self, number):
        return f"http://{self.address(number)}:{self.port}"

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._listen())
        self.ready.set()
        self.loop.run_forever()

    async def _listen(self):
        for number in range(self.count):

            async def answer(reader, writer, number=number):
                await self._answer(reader, writer, number)

            server = await asyncio.start_server(
                answer, self.address(number), self.port or 0, backlog=16
            )
            self.port = server.sockets[0].getsockname()[1]

    async def _answer(self, reader, writer, number):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = head.split(" ", 2)[1]
                status, kind, body = self._response(number, path, "if-none-match" in head.lower())
                data = body.encode()
                writer.write(
                    f'HTTP/1.1 {status}\r\ncontent-type: {kind}\r\netag: "1"\r\n'
                    f"content-length: {len(data)}\r\n\r\n".encode()
                    + data
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _response(self, number, path, known):
        if path == "/feed":
            if known:
                return "304 Not Modified", "application/rss+xml", ""
            items = "".join(
                f"<item><title>{self.press.article(number * ITEMS + i).title}</title>"
                f"<link>{self.base(number)}/{i}.html</link></item>"
                for i in range(ITEMS)
            )
            return "200 OK", "application/rss+xml", f"<rss><channel>{items}</channel></rss>"
        if path.endswith(".html"):
            article = self.press.article(number * ITEMS + int(path[1:-5]))
            return "200 OK", "text/html; charset=utf-8", page_of(self.press, article)
        return "404 Not Found", "text/plain", ""


def page_of(press, article):
    return newsroom_pages.article_page(
        article,
        f"http://{article.site.address}",
        press.phrases[article.site.language],
        [],
        article.published_ms,
    )


class Watched:
    """A vigie with its workers: memory, processor time, disk."""

    def __init__(self, vigie):
        self.vigie = vigie

    def processes(self):
        mine = [self.vigie.process.pid]
        for parent in mine:
            children = pathlib.Path(f"/proc/{parent}/task/{parent}/children")
            mine += [int(pid) for pid in children.read_text().split()]
        return mine

    def resident_bytes(self):
        total = 0
        for pid in self.processes():
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1]) * 1024
        return total

    def cpu_seconds(self):
        total = 0
        for pid in self.processes():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / TICKS
        return total

    def disk_bytes(self, folder=""):
        done = subprocess.run(
            ["du", "-s", "--block-size=1", str(self.vigie.data / folder)],
            capture_output=True,
            text=True,
            check=True,
        )
        return int(done.stdout.split()[0])

    def settled(self):
        """Once it does little: what was begun is done."""
        while True:
            before = self.cpu_seconds()
            time.sleep(3)
            if self.cpu_seconds() - before < 0.3:
                return

    def cpu_a_second(self, seconds):
        before = self.cpu_seconds()
        time.sleep(seconds)
        return (self.cpu_seconds() - before) / seconds

    def articles(self):
        return self.vigie.get("/v1/pipeline")["index"]["documents"]


def ingest(vigie, press, first, count):
    """Newsroom pages of numbers from `first` on, searchable on return."""

    def send(begin):
        lines = []
        for number in range(begin, min(begin + IN_ONE_CALL, first + count)):
            article = press.article(number)
            url = f"http://{article.site.address}/sizes/{number}.html"
            lines.append(json.dumps({"id": url, "url": url, "html": page_of(press, article)}))
        status, _, body = vigie.call(
            "POST", "/v1/ingest", "\n".join(lines).encode(), query={"wait": "1"}, timeout=600
        )
        if status != 200:
            raise SystemExit(f"POST /v1/ingest: {status} {body[:300]!r}")

    with concurrent.futures.ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        list(pool.map(send, range(first, first + count, IN_ONE_CALL)))


def subscribe(vigie, count):
    for number in range(count):
        one, other = WORDS[number % len(WORDS)], WORDS[number * 7 % len(WORDS)]
        query = f'"{one}" AND ({other} OR word{number}) -sport{number % 90}'
        status, _, body = vigie.call(
            "POST", "/v1/subscriptions", {"name": f"size {number}", "query": query, "channels": []}
        )
        if status != 201:
            raise SystemExit(f"POST /v1/subscriptions: {status} {body[:300]!r}")


def source_list(directory, sites):
    lines = ["sources:"]
    for number in range(sites.count):
        lines += [
            f"  - name: Site {number}",
            f"    homepage: {sites.base(number)}",
            f"    feeds: [{sites.base(number)}/feed]",
            "    language: en",
        ]
    path = pathlib.Path(directory) / "sources.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def row(what, memory, disk, processor):
    print(f"| {what} | {memory} | {disk} | {processor} |", flush=True)


def gib(number):
    return f"{number / (1 << 30):.2f} GiB"


def measure_articles(watched, press, count):
    """A row; seconds that they took."""
    # The first articles make what is there once: caches, write-ahead logs, threads.
    ingest(watched.vigie, press, 1_000_000, count // 5)
    watched.settled()

    def now():
        return [watched.resident_bytes(), watched.disk_bytes(), watched.disk_bytes("shards")]

    before, began, cpu = now(), time.monotonic(), watched.cpu_seconds()
    ingest(watched.vigie, press, 2_000_000, count)
    took = time.monotonic() - began
    watched.settled()
    many = 1_000_000 / count
    memory, disk, index = ((after - then) * many for after, then in zip(now(), before, strict=True))
    row(
        "a million articles, with their pages",
        gib(memory),
        f"{gib(disk)}, of it the index {gib(index)}",
        f"{(watched.cpu_seconds() - cpu) * many / 3600:.1f} h of a core",
    )
    return took


def measure_subscriptions(watched, press, articles, count):
    def cost(first):
        cpu = watched.cpu_seconds()
        ingest(watched.vigie, press, first, articles)
        watched.settled()
        return watched.cpu_seconds() - cpu

    without = cost(3_000_000)
    memory = watched.resident_bytes()
    subscribe(watched.vigie, count)
    watched.settled()
    memory = watched.resident_bytes() - memory
    scale = 10_000 / count
    row(
        "10,000 subscriptions",
        f"{memory * scale / MIB:.0f} MiB",
        "–",
        f"{(cost(4_000_000) - without) * scale / articles * 1e6:.0f} µs an article more, "
        "alerts made",
    )


def measure_sources(watched, sites, idle, seconds):
    """`idle`: memory and disk of one that has nothing to do."""
    pages = sites.count * ITEMS
    harness.wait_until(lambda: watched.articles() >= pages * 0.95, 900, "all pages are read", 2)
    watched.settled()
    scale = 1_000 / sites.count
    row(
        "1,000 sources, each asked once a minute",
        f"{(watched.resident_bytes() - idle[0]) * scale / MIB:.0f} MiB",
        f"{(watched.disk_bytes() - idle[1]) * scale / MIB:.0f} MiB with {ITEMS} pages each",
        f"{watched.cpu_a_second(seconds) * scale:.2f} of a core",
    )


def measure(arguments, directory):
    press = Press(1)
    sites = Sites(arguments.sources, press)
    settings = ["fetch.feed_floor_s=60", "api.subscriptions_per_key=200000"]
    print("| | Memory | Disk | Processor |\n|---|---|---|---|")
    vigie = harness.Vigie(directory / "idle", [], settings)
    watched = Watched(vigie)
    watched.settled()
    idle = [watched.resident_bytes(), watched.disk_bytes()]
    row(
        "vigie that has nothing to do",
        f"{idle[0] / MIB:.0f} MiB",
        f"{idle[1] / MIB:.0f} MiB",
        f"{watched.cpu_a_second(arguments.watch):.3f} of a core",
    )
    took = measure_articles(watched, press, arguments.articles)
    measure_subscriptions(watched, press, arguments.articles // 5, arguments.subscriptions)
    vigie.stop()
    crawling = harness.Vigie(directory / "crawl", [source_list(directory, sites)], settings)
    measure_sources(Watched(crawling), sites, idle, arguments.watch)
    crawling.stop()
    print(
        f"\n{arguments.articles} articles in {took:.0f} s; {arguments.subscriptions} "
        f"subscriptions; {arguments.sources} sources; each drawn out by a straight line."
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--sources", type=int, default=500)
    parser.add_argument("--articles", type=int, default=60_000)
    parser.add_argument("--subscriptions", type=int, default=2_000)
    parser.add_argument(
        "--watch", type=int, default=60, help="seconds of each look at the processor"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vigie-sizes-", ignore_cleanup_errors=True) as folder:
        directory = pathlib.Path(folder)
        (directory / "idle").mkdir()
        (directory / "crawl").mkdir()
        measure(arguments, directory)


if __name__ == "__main__":
    main()
