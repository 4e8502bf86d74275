#!/usr/bin/env python3
"""A newsroom on this machine: eight news sites in seven languages that publish without end, for
demonstrations and tests without the Internet.

Each site has its own loopback address, 127.0.10.1 to 127.0.10.8, all on one port, with pages, feeds
(RSS, Atom, JSON Feed, one RSS that is slightly broken), a news sitemap, robots.txt, ETag and
Last-Modified. Some 30 articles are there at the start; then one appears every few seconds: first
the stock, with copies on other sites and silent edits, then follow-ups with new facts, for hours.

  newsroom.py --sources-file /tmp/sources.yaml --ledger /tmp/published.jsonl
  newsroom.py --port 8090 --every 1 --limit 60 --seed 7

The crawler has to be told that it may reach these addresses: fetch.allow_networks = 127.0.0.0/8.
Only Python's standard library is needed. SIGTERM and ^C end it cleanly.
"""

import argparse
import dataclasses
import email.utils
import errno
import hashlib
import http.server
import json
import os
import random
import signal
import sys
import threading
import time
import urllib.parse

import pages
from press import EDIT_AFTER_S, SITE_OF, SITES, Press

INITIAL_ARTICLES = 30
INITIAL_SPREAD_S = 6 * 3600  # the first ones look as if published during the last hours
FAST_BATCH = 5
RELATED = 4
PORT_ATTEMPTS = 50
HTML = "text/html; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
MAX_KEPT_PER_SITE = 2000  # older ones answer 410; hours of --fast stay in memory


def now_ms():
    return int(time.time() * 1000)


def append_line(path, value):
    """Appends one JSON line and waits until it is on disk."""
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(value, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_lines(path):
    """The JSON lines of a file that a kill may have cut off."""
    if not path or not os.path.exists(path):
        return []
    lines = []
    with open(path, "rb") as file:
        for line in file.read().splitlines():
            try:
                lines.append(json.loads(line))
            except ValueError:
                pass
    return lines


def end_cut_line(path):
    """If the last line was cut off, what is appended next must not join it."""
    if path and os.path.exists(path) and os.path.getsize(path) > 0:
        with open(path, "rb+") as file:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")


class Newsroom:
    """The published articles. Thread-safe: the publisher adds, the sites read."""

    def __init__(self, options, port):
        self.options = options
        self.port = port
        self.press = Press(options.seed, options.edit_after)
        self.words = self.press.phrases
        self.lock = threading.Lock()
        self.by_site = {site.number: [] for site in SITES}  # newest first
        self.by_path = {site.number: {} for site in SITES}
        self.published = {}  # number → (url, published_ms)
        self.next_number = 0

    def base(self, site):
        return f"http://{site.address}:{self.port}"

    def restore(self, state):
        """Takes up the articles of an earlier run; the ledger gets those a kill kept from it."""
        known = {entry.get("url") for entry in read_lines(self.options.ledger)}
        for entry in state:
            if "number" in entry:
                article = dataclasses.replace(
                    self.press.article(entry["number"]), published_ms=entry["published_unix_ms"]
                )
                self._show(
                    article, write_ledger=self.base(article.site) + article.path() not in known
                )

    def publish(self, published_ms):
        article = dataclasses.replace(
            self.press.article(self.next_number), published_ms=published_ms
        )
        if self.options.state:
            append_line(
                self.options.state, {"number": article.number, "published_unix_ms": published_ms}
            )
        self._show(article, write_ledger=True)

    def _show(self, article, write_ledger):
        url = self.base(article.site) + article.path()
        if self.options.ledger and write_ledger:
            copy_of = self.published[article.copy_of][0] if article.copy_of >= 0 else None
            append_line(
                self.options.ledger,
                {
                    "url": url,
                    "site": article.site.name,
                    "lang": article.site.language,
                    "title": article.title,
                    "published_unix_ms": article.published_ms,
                    "copy_of": copy_of,
                },
            )
        with self.lock:
            self.published[article.number] = (url, article.published_ms)
            self.next_number = article.number + 1
            articles = self.by_site[article.site.number]
            articles.insert(0, article)
            self.by_path[article.site.number][article.path()] = article
            for old in articles[MAX_KEPT_PER_SITE:]:
                del self.by_path[article.site.number][old.path()]
            del articles[MAX_KEPT_PER_SITE:]

    def may_publish(self):
        return self.options.limit is None or self.next_number < self.options.limit

    def publish_first(self):
        first = min(
            INITIAL_ARTICLES,
            self.options.limit if self.options.limit is not None else INITIAL_ARTICLES,
        )
        chance = random.Random(f"{self.options.seed} first")
        ages = sorted((chance.randrange(60, INITIAL_SPREAD_S) for _ in range(first)), reverse=True)
        begin = now_ms()
        while self.next_number < first:
            self.publish(begin - ages[self.next_number] * 1000)

    def publish_on(self, stop):
        while not stop.wait(self.options.every):
            for _ in range(FAST_BATCH if self.options.fast else 1):
                if not self.may_publish():
                    return
                self.publish(now_ms())

    def page(self, site, path):
        """(status, content type, text, last-modified in ms) of a path."""
        with self.lock:
            articles = list(self.by_site[site.number])
            article = self.by_path[site.number].get(path)
        base = self.base(site)
        words = self.words[site.language]
        latest = articles[: pages.FEED_ITEMS]
        changed = latest[0].published_ms if latest else 0
        if article:
            return self.article_page(article, base, words, articles)
        made = self.fixed_pages(site, articles)
        if path in made:
            content_type, make = made[path]
            return 200, content_type, make(), changed
        section = path.strip("/")
        if section in words["sections"] and path.endswith("/"):
            shown = [other for other in articles if other.section == section][: pages.FEED_ITEMS]
            return (
                200,
                HTML,
                pages.list_page(site, base, words, words["sections"][section], shown),
                changed,
            )
        return 404, HTML, pages.plain_page(site, base, words, "404"), 0

    def article_page(self, article, base, words, articles):
        now = now_ms()
        # Older ones: the page stays as it is.
        related = [other for other in articles if other.number < article.number][:RELATED]
        edited = bool(article.edited) and article.paragraphs_at(now) is article.edited
        text = pages.article_page(article, base, words, related, now)
        changed = article.published_ms + (int(article.edit_after_s * 1000) if edited else 0)
        return 200, HTML, text, changed

    def fixed_pages(self, site, articles):
        """path → (content type, what makes the text) of what is no article and no section."""
        base, words = self.base(site), self.words[site.language]
        latest = articles[: pages.FEED_ITEMS]
        return {
            "/feed.rss": (RSS, lambda: pages.rss(site, base, latest)),
            "/feed.broken.rss": (RSS, lambda: pages.rss(site, base, latest, malformed=True)),
            "/feed.atom": (
                "application/atom+xml; charset=utf-8",
                lambda: pages.atom(site, base, latest),
            ),
            "/feed.json": ("application/feed+json", lambda: pages.json_feed(site, base, latest)),
            "/news-sitemap.xml": (
                "application/xml",
                lambda: pages.news_sitemap(site, base, articles[:100]),
            ),
            "/": (HTML, lambda: pages.list_page(site, base, words, site.name, latest)),
            "/robots.txt": (
                "text/plain; charset=utf-8",
                lambda: site.robots + f"Sitemap: {base}/news-sitemap.xml\n",
            ),
            "/about.html": (HTML, lambda: pages.plain_page(site, base, words, words["about"])),
            "/private/archive.html": (
                HTML,
                lambda: pages.plain_page(site, base, words, words["archive"]),
            ),
        }


def is_unchanged(headers, etag, modified_ms):
    """RFC 9110 §13.2.2: If-None-Match wins over If-Modified-Since."""
    tags = headers.get("If-None-Match")
    if tags is not None:
        return tags.strip() == "*" or etag in [
            tag.strip().removeprefix("W/") for tag in tags.split(",")
        ]
    since = headers.get("If-Modified-Since")
    if since is None or modified_ms == 0:
        return False
    try:
        return int(modified_ms / 1000) <= int(email.utils.parsedate_to_datetime(since).timestamp())
    except (TypeError, ValueError):
        return False


def make_handler(newsroom, site, access_log):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "newsroom"
        timeout = 60

        def parse_request(self):
            self.begin_ms = self.end_ms = time.time() * 1000
            return super().parse_request()

        def send_response(self, *arguments):
            self.end_ms = (
                time.time() * 1000
            )  # the last moment before bytes go out: no client has seen the end before it
            super().send_response(*arguments)

        def do_GET(self):
            path = urllib.parse.urlsplit(self.path).path
            status, content_type, text, modified_ms = newsroom.page(site, path)
            body = text.encode("utf-8")
            etag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
            if status == 200 and is_unchanged(self.headers, etag, modified_ms):
                status, body = 304, b""
            self.send_response(status)
            self.send_header("ETag", etag)
            if modified_ms:
                self.send_header(
                    "Last-Modified", email.utils.formatdate(modified_ms / 1000, usegmt=True)
                )
            if status != 304:
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
            try:
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)
            finally:  # a client that was killed has asked all the same
                access_log(
                    {
                        "unix_ms": now_ms(),
                        "site": site.name,
                        "host": site.address,
                        "path": self.path,
                        "status": status,
                        "user_agent": self.headers.get("User-Agent", ""),
                        "begin_ms": self.begin_ms,
                        "end_ms": self.end_ms,
                    }
                )

        do_HEAD = do_GET

        def log_message(self, *_):
            pass  # --access-log tells more, to a file

    return Handler


class SiteServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # clients go away; that is theirs


def open_sites(wanted):
    """One server for each site, all on one port. Handlers are set later, when the port is known to
    the pages.
    """
    for _ in range(PORT_ATTEMPTS):
        servers = []
        port = wanted
        try:
            for site in SITES:
                servers.append(SiteServer((site.address, port), http.server.BaseHTTPRequestHandler))
                port = servers[0].server_address[1]
            return servers, port
        except OSError as error:
            for server in servers:
                server.server_close()
            if wanted != 0 or error.errno != errno.EADDRINUSE:
                sys.exit(
                    f"newsroom: cannot listen on 127.0.10.1 to 127.0.10.8, port {port}: "
                    f"{error.strerror}; give another --port, or 0 to have one picked"
                )
    sys.exit(
        "newsroom: found no port that is free on 127.0.10.1 to 127.0.10.8; give one with --port"
    )


def quote(text):
    return json.dumps(text, ensure_ascii=False)


def source_list(newsroom):
    """The list for vigie. JSON strings are YAML strings."""
    lines = ["sources:"]
    for site in SITES:
        base = newsroom.base(site)
        feeds = [base + site.feed] if "feed" in site.in_sources else []
        sitemaps = [base + "/news-sitemap.xml"] if "sitemap" in site.in_sources else []
        sections = [base + "/"] if "section" in site.in_sources else []
        lines += [
            f"  - name: {quote(site.name)}",
            f"    homepage: {quote(base + '/')}",
            f"    feeds: {json.dumps(feeds)}",
            f"    sitemaps: {json.dumps(sitemaps)}",
            f"    sections: {json.dumps(sections)}",
            f"    country: {site.country}",
            f"    language: {site.language}",
            f"    kind: {site.kind}",
            f"    affiliation: {site.affiliation}",
        ]
    return "\n".join(lines) + "\n"


def add_files(parser):
    parser.add_argument(
        "--sources-file", metavar="PATH", help="write a source list for vigie there"
    )
    parser.add_argument(
        "--ledger",
        metavar="PATH",
        help="append a JSON line for each article, on disk before the article shows: "
        '{"url","site","lang","title","published_unix_ms","copy_of"}',
    )
    parser.add_argument(
        "--access-log", metavar="PATH", help="append a JSON line for each request answered"
    )
    parser.add_argument(
        "--state",
        metavar="FILE",
        help="remember what is published; a restart with the same file goes on, with the same URLs",
    )


def parse_options(arguments):
    parser = argparse.ArgumentParser(
        prog="newsroom.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--port",
        type=int,
        default=None,
        help="port of all eight sites; 0 picks one that is free (default: 0, or the one of "
        "--state)",
    )
    add_files(parser)
    parser.add_argument(
        "--every",
        type=float,
        default=4.0,
        metavar="SECONDS",
        help="time between two articles (default: 4)",
    )
    parser.add_argument(
        "--edit-after",
        type=float,
        default=EDIT_AFTER_S,
        metavar="SECONDS",
        help="time from publication to a silent edit (default: 90)",
    )
    parser.add_argument("--fast", action="store_true", help=f"{FAST_BATCH} articles at once")
    parser.add_argument(
        "--limit", type=int, metavar="N", help="publish N articles in all, then only serve"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=None,
        help="the same seed gives the same articles in the same order (default: 1, or the one of "
        "--state)",
    )
    options = parser.parse_args(arguments)
    if options.every <= 0:
        parser.error("--every must be more than 0")
    if options.limit is not None and options.limit < 0:
        parser.error("--limit must be 0 or more")
    return options


def main(arguments=None):
    options = parse_options(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    end_cut_line(options.state)
    end_cut_line(options.ledger)
    state = read_lines(options.state)
    remembered = state[0] if state else {}
    if options.seed is None:
        options.seed = remembered.get("seed", 1)
    servers, port = open_sites(
        options.port if options.port is not None else remembered.get("port", 0)
    )
    if options.state and not state:
        append_line(options.state, {"seed": options.seed, "port": port})

    newsroom = Newsroom(options, port)
    newsroom.restore(state)
    newsroom.publish_first()
    if options.sources_file:
        with open(options.sources_file, "w", encoding="utf-8") as file:
            file.write(source_list(newsroom))

    log_lock = threading.Lock()

    def access_log(entry):
        if options.access_log:
            with log_lock, open(options.access_log, "a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    for server in servers:
        site = SITE_OF[int(server.server_address[0].rsplit(".", 1)[1])]
        server.RequestHandlerClass = make_handler(newsroom, site, access_log)
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        ).start()
    publisher = threading.Thread(target=newsroom.publish_on, args=(stop,))
    publisher.start()
    print(f"newsroom listening on port {port}", file=sys.stderr, flush=True)
    stop.wait()
    publisher.join()
    for server in servers:
        server.shutdown()
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
