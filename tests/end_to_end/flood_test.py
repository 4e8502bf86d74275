"""A source that lists without end is told and slowed, and the others are not: state, log line,
metric and system alert; its site is fetched at its gap; what another site publishes meanwhile
arrives, also by an alert that the flood meets.
"""

import email.utils
import http.server
import json
import threading
import time
import unittest

from harness import EndToEnd, Vigie, WebhookListener, wait_until

GAP_MS = 100
# Feeds of a source, and entries of each: more than may wait of a site, or be new within an hour.
FEEDS, ENTRIES = 8, 4_500
PER_HOUR = 20


class Site:
    """Feeds with new entries at each poll, or what publish() was told; when it was asked."""

    def __init__(self, address, entry=None):
        self.entry, self.published, self.polls = entry, [], 0
        self.lock, self.asked = threading.Lock(), []  # (path, begin, end)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                begin = time.monotonic()
                status, kind, body = outer.answer(self.path)
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                # Before the last byte is out: the gap counts from then on.
                with outer.lock:
                    outer.asked.append((self.path, begin, time.monotonic()))
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer((address, 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://{address}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def publish(self, word):
        with self.lock:
            self.published.append(f"{self.url}/{word}")

    def listed(self):
        with self.lock:
            if self.entry is None:
                return list(self.published)
            begin = self.polls * ENTRIES
            self.polls += 1
        return [self.entry(self, begin + i) for i in range(ENTRIES)]

    def answer(self, path):
        if path == "/robots.txt":
            return 404, "text/plain", b""
        if path.startswith("/feed"):
            now = email.utils.formatdate()
            items = "".join(
                f"<item><title>{url.rsplit('/', 1)[1]}</title><link>{url}</link>"
                f"<pubDate>{now}</pubDate></item>"
                for url in self.listed()
            )
            feed = f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>"
            return 200, "application/rss+xml", feed.encode()
        word, _, number = path.strip("/").partition("-")
        text = f"The harbour saw the {word} of number {number or 0} and {word} ships. " * 8
        page = (
            f"<html lang=en><title>{word} {number}</title><article><h1>{word} {number}</h1>"
            f"<p>{text}</p></article></html>"
        )
        return 200, "text/html", page.encode()

    def gaps_ms(self):
        with self.lock:
            asked = sorted(self.asked, key=lambda one: one[1])
        return [(b[1] - a[2]) * 1000 for a, b in zip(asked, asked[1:])]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Floods(EndToEnd):
    def start(self, flood):
        self.flood = self.keep(flood)
        self.calm = self.keep(Site("127.0.20.2"))
        sources = self.directory / "sources.yaml"
        rows = [
            ("Deluge Daily", self.flood, [f"/feed{i}.xml" for i in range(FEEDS)]),
            ("Calm Courier", self.calm, ["/feed.xml"]),
        ]
        sources.write_text(
            "sources:\n"
            + "".join(
                f"  - name: {name}\n    homepage: {site.url}/\n"
                f"    feeds: [{', '.join(site.url + path for path in feeds)}]\n"
                "    country: FR\n    language: en\n    kind: newspaper\n"
                "    affiliation: independent\n"
                for name, site, feeds in rows
            )
        )
        self.vigie = self.keep(
            Vigie(
                self.directory,
                [sources],
                [
                    f"fetch.min_gap_ms={GAP_MS}",
                    f"alerts.per_hour={PER_HOUR}",
                    "system.others_after=1s",
                ],
            )
        )
        self.calm.publish("harbour")  # a feed that has something new is polled again soon
        self.hooks = {}
        for name, query in (
            ("both", "deluge OR lantern"),
            ("calm", "lantern"),
            ("system", "system:flooding"),
        ):
            self.hooks[name] = self.keep(WebhookListener())
            self.vigie.subscribe(name, query, self.hooks[name].url)

    def told(self, name):
        """Headlines that a subscription was told."""
        bodies = [json.loads(one["body"]) for one in self.hooks[name].taken()]
        return [body["data"]["article"]["title"] for body in bodies]

    def states(self):
        return {one["name"]: one["state"] for one in self.vigie.get("/v1/sources")["sources"]}

    def is_told(self, reason):
        """State, log line, metrics, system alert, and the sentence for people."""
        wait_until(lambda: self.states().get("Deluge Daily") == "flooding", 60, "the state", 0.5)
        self.assertIn(self.states()["Calm Courier"], ("ok", "quiet"))
        log = self.vigie.log_file.read_text()
        self.assertEqual(log.count("a source lists more than may be fetched"), 1)
        metrics = self.vigie.call("GET", "/metrics")[2].decode()
        # Not assertIn, which would print them all.
        self.assertTrue('vigie_crawler_sources_by_state{state="flooding"} 1\n' in metrics, "state")
        dropped = f'vigie_crawler_urls_dropped_total{{reason="{reason}"}}'
        self.assertTrue(dropped in metrics, f"{reason} is counted")
        wait_until(lambda: self.told("system"), 30, "the system alert")
        self.assertEqual(self.told("system"), ["Deluge Daily floods"])
        wrong = self.vigie.get("/v1/conditions")["conditions"]
        self.assertEqual(
            [(one["kind"], one["page"]) for one in wrong], [("flooding", "/s/deluge-daily")]
        )

    def calm_arrives(self, word, names):
        """A page of the calm site is published, and its alerts come."""
        self.calm.publish(word)
        wait_until(
            lambda: all(
                any(word.replace("-", " ") in title for title in self.told(name)) for name in names
            ),
            60,
            f"{word} is told",
            0.2,
        )

    def test_a_site_that_lists_without_end(self):
        self.start(Site("127.0.20.1", lambda site, number: f"{site.url}/deluge-{number}"))
        self.is_told("domain_full")
        self.calm_arrives("lantern-1", ["both", "calm"])
        wait_until(lambda: len(self.told("both")) >= PER_HOUR // 2, 30, "the flood's share")
        self.calm_arrives("lantern-2", ["both", "calm"])
        of_flood = [title for title in self.told("both") if "deluge" in title]
        self.assertLessEqual(len(of_flood), PER_HOUR // 2, "the half of one source")
        gaps = self.flood.gaps_ms()
        self.assertGreater(len(gaps), 10)
        self.assertGreater(min(gaps), GAP_MS * 0.9, "the site is fetched at its gap")

    def test_a_source_that_names_pages_of_ever_new_sites(self):
        # Nobody listens there.
        self.start(
            Site(
                "127.0.20.3",
                lambda site, number: (
                    f"http://127.{40 + number // 60_000}.{number % 240}."
                    f"{1 + number // 240 % 250}:9/deluge-{number}"
                ),
            )
        )
        self.is_told("source_full")
        self.calm_arrives("lantern-1", ["both", "calm"])


if __name__ == "__main__":
    unittest.main()
