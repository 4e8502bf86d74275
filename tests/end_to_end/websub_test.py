"""A feed that a hub pushes (W3C WebSub), with a hub and a site of our own on loopback."""

import hashlib
import hmac
import http.client
import http.server
import json
import socket
import threading
import time
import unittest
import urllib.parse

from harness import EndToEnd, Vigie, wait_until

SEARCHABLE_S = 2.0  # from the push to the hit


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Service:
    """A server on one address of loopback."""

    def __init__(self, host):
        outer = self

        class Bound(Handler):
            def do_GET(self):
                outer.get(self)

            def do_POST(self):
                outer.post(self, self.rfile.read(int(self.headers.get("content-length", "0"))))

        self.server = http.server.ThreadingHTTPServer((host, 0), Bound)
        self.server.daemon_threads = True
        self.url = f"http://{host}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def get(self, request):
        request.reply(404)

    def post(self, request, body):
        request.reply(404)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Site(Service):
    """A feed that names its hub, and articles."""

    def __init__(self, host, hub):
        super().__init__(host)
        self.hub = hub
        self.items = []
        self.asked = []

    def publish(self, word):
        self.items.insert(0, word)

    def feed(self, words):
        items = "".join(
            f"<item><title>The {w} decision on chips</title><link>{self.url}/story/{w}</link>"
            f"<guid>{self.url}/story/{w}</guid></item>"
            for w in words
        )
        return (
            '<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">'
            f"<channel><title>Site</title><link>{self.url}/</link>"
            f'<atom:link rel="self" href="{self.url}/feed.xml"/>'
            f'<atom:link rel="hub" href="{self.hub}"/>{items}</channel></rss>'
        ).encode()

    def get(self, request):
        self.asked.append(request.path)
        if request.path == "/feed.xml":
            request.reply(200, self.feed(self.items), [("content-type", "application/rss+xml")])
        elif request.path.startswith("/story/"):
            word = request.path.rsplit("/", 1)[1]
            page = (
                f"<html><head><title>The {word} decision on chips</title></head><body><article>"
                f"<h1>The {word} decision on chips</h1>"
                + "".join(
                    f"<p>The ministry told reporters on the {word} matter, part {i}, that the "
                    "export of chips is to be decided by a committee of three people.</p>"
                    for i in range(4)
                )
                + "</article></body></html>"
            )
            request.reply(200, page.encode(), [("content-type", "text/html; charset=utf-8")])
        else:
            request.reply(404)


class Hub(Service):
    """Takes subscriptions, asks back, pushes: written after the Recommendation, not after vigie."""

    def __init__(self, host, lease=3600):
        super().__init__(host)
        self.lease = lease
        self.subscriptions = {}  # topic -> {callback, secret}
        self.ended = []

    def post(self, request, body):
        form = dict(urllib.parse.parse_qsl(body.decode()))
        request.reply(202)
        threading.Thread(target=self.verify, args=(form,), daemon=True).start()

    def verify(self, form):
        query = {
            "hub.mode": form["hub.mode"],
            "hub.topic": form["hub.topic"],
            "hub.challenge": "c" + hashlib.sha256(form["hub.callback"].encode()).hexdigest(),
        }
        if form["hub.mode"] == "subscribe":
            query["hub.lease_seconds"] = str(self.lease)
        status, body = self.call("GET", form["hub.callback"] + "?" + urllib.parse.urlencode(query))
        if status != 200 or body.decode() != query["hub.challenge"]:
            return
        if form["hub.mode"] == "subscribe":
            self.subscriptions[form["hub.topic"]] = {
                "callback": form["hub.callback"],
                "secret": form["hub.secret"],
            }
        else:
            self.subscriptions.pop(form["hub.topic"], None)
            self.ended.append(form["hub.topic"])

    def call(self, method, url, body=None, headers=None):
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
        try:
            target = parts.path + ("?" + parts.query if parts.query else "")
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def push(self, topic, body, method="sha256", secret=None):
        to = self.subscriptions[topic]
        key = (secret or to["secret"]).encode()
        signature = hmac.new(key, body, getattr(hashlib, method)).hexdigest()
        headers = {
            "content-type": "application/rss+xml",
            "x-hub-signature": f"{method}={signature}",
            "link": f'<{self.url}/>; rel="hub", <{topic}>; rel="self"',
        }
        return self.call("POST", to["callback"], body, headers)[0]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class WebSub(EndToEnd):
    def setUp(self):
        super().setUp()
        self.hub = self.keep(Hub("127.0.12.2"))
        self.site = self.keep(Site("127.0.12.1", self.hub.url + "/"))
        self.topic = self.site.url + "/feed.xml"
        self.site.publish("first")
        self.sources = self.directory / "sources.yaml"
        self.write_sources(self.topic)
        self.port = free_port()
        self.vigie = self.keep(
            Vigie(
                self.directory,
                [self.sources],
                [
                    f"websub.callback_url=http://127.0.0.1:{self.port}/websub",
                    f"websub.listen=127.0.0.1:{self.port}",
                    # the pace of a real crawl
                    "fetch.feed_floor_s=60",
                    "fetch.min_gap_ms=2000",
                    "fetch.ip_gap_ms=500",
                    "crawl.revisits_s=[600, 3600]",
                ],
            )
        )

    def write_sources(self, feed):
        self.sources.write_text(
            f"sources:\n  - name: Site\n    homepage: {self.site.url}/\n    feeds: [{feed}]\n"
        )

    def has(self, word):
        return self.vigie.get("/v1/search", q=f'"{word} decision"', limit=1)["total"]["value"] > 0

    def pushed(self):
        return self.vigie.get("/v1/sources")["sources"][0]["pushed"]

    def searchable_after(self, word, began):
        """Seconds from when the push was begun to the first hit."""
        wait_until(lambda: self.has(word), 20, f"{word} is searchable", pause=0.02)
        return time.monotonic() - began

    def test_a_push_is_searchable_within_two_seconds(self):
        wait_until(lambda: self.hub.subscriptions, 30, "the feed is subscribed to")
        wait_until(lambda: self.has("first"), 30, "what the feed had")
        wait_until(
            lambda: self.pushed() and self.pushed()[0]["state"] == "active", 20, "it is told"
        )
        self.assertEqual(self.pushed()[0]["hub"], self.hub.url + "/")
        took = []
        for method, word in (("sha256", "second"), ("sha384", "third"), ("sha512", "fourth")):
            time.sleep(2.5)  # the gap of the host is over, as it is when a feed is pushed
            self.site.publish(word)
            polls = self.site.asked.count("/feed.xml")
            self.assertFalse(self.has(word))
            began = time.monotonic()
            self.assertEqual(self.hub.push(self.topic, self.site.feed([word]), method), 202)
            took.append(self.searchable_after(word, began))
            self.assertEqual(self.site.asked.count("/feed.xml"), polls, "no poll was needed")
        time.sleep(2.5)
        self.site.publish("fifth")  # SHA-1: the feed is asked, and then the page, a gap later
        began = time.monotonic()
        self.assertEqual(self.hub.push(self.topic, self.site.feed(["fifth"]), "sha1"), 202)
        polled = self.searchable_after("fifth", began)
        print(
            json.dumps({"searchable_s": [round(t, 2) for t in took], "polled_s": round(polled, 2)})
        )
        self.assertLess(max(took), SEARCHABLE_S)

        # A forged push, and the same once more, do nothing.
        body = self.site.feed(["forged"])
        self.assertEqual(self.hub.push(self.topic, body, secret="another"), 202)
        self.assertEqual(self.hub.push(self.topic, self.site.feed(["second"])), 202)
        asked = self.site.asked.count("/story/second")
        time.sleep(3)
        self.assertFalse(self.has("forged"))
        self.assertEqual(self.site.asked.count("/story/second"), asked)
        callback = self.hub.subscriptions[self.topic]["callback"]
        self.assertEqual(self.hub.call("POST", callback + "x", body)[0], 404)
        self.assertEqual(self.hub.call("GET", callback)[0], 404)
        self.assertEqual(self.hub.call("POST", callback, b"x" * (5 << 20))[0], 413)
        self.assertEqual(self.hub.call("GET", f"http://127.0.0.1:{self.port}/v1/search")[0], 404)

        # The source goes: so does the subscription.
        self.write_sources(self.site.url + "/other.xml")
        wait_until(lambda: self.hub.ended == [self.topic], 30, "the hub was asked to stop")
        self.assertEqual(self.vigie.stop(), 0)


if __name__ == "__main__":
    unittest.main()
