"""What is wrong with a vigie is told once when it begins and once when it ends, with names,
whatever is killed in between: a site that fails, a site that goes quiet, a receiver that takes
nothing.
"""

import email.utils
import http.server
import json
import sys
import threading
import time
import unittest

from harness import TOP, EndToEnd, Vigie, WebhookListener, wait_until

sys.path.insert(0, str(TOP / "tests" / "fakes"))
from chat_services import ChatServices  # noqa: E402
from wall_clock import WallClock  # noqa: E402

DAY = 86400


class Site:
    """A feed with one article for each published(), or 500 for everything while `fails`."""

    def __init__(self):
        self.articles, self.fails = [], False
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                status, kind, body = outer.answer(self.path)
                data = body.encode()
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def publish(self, at):
        self.articles.append(at)

    def answer(self, path):
        if self.fails:
            return 500, "text/plain", "no"
        if path == "/robots.txt":
            return 404, "text/plain", ""
        if path == "/feed.xml":
            items = "".join(
                f"<item><title>Number {i}</title><link>{self.url}/{i}</link>"
                f"<pubDate>{email.utils.formatdate(at)}</pubDate></item>"
                for i, at in enumerate(self.articles)
            )
            return (
                200,
                "application/rss+xml",
                (f"<rss version='2.0'><channel><title>Alpha</title>{items}</channel></rss>"),
            )
        number = path.strip("/")
        text = f"Number {number} tells of the harbour and of {number} ships that came. " * 8
        return (
            200,
            "text/html",
            f"<html lang=en><title>Number {number}</title><article><h1>Number {number}</h1>"
            f"<p>{text}</p></article></html>",
        )

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@unittest.skipUnless(WallClock.library(), "there is no libfaketime (Debian package faketime)")
class SystemAlerts(EndToEnd):
    def setUp(self):
        super().setUp()
        self.site = self.keep(Site())
        self.chats = self.keep(ChatServices())
        self.clock = WallClock(self.directory / "clock")
        self.ahead = 0.0
        self.site.publish(time.time() - 60)
        sources = self.directory / "sources.yaml"
        sources.write_text(
            f"sources:\n  - name: Alpha Gazette\n    homepage: {self.site.url}/\n"
            f"    feeds: [{self.site.url}/feed.xml]\n    country: FR\n    language: en\n"
            "    kind: newspaper\n    affiliation: independent\n"
        )
        settings = ["system.failing_after=4s", "system.others_after=2s"]
        self.vigie = self.keep(
            Vigie(self.directory, [sources], settings, environment=self.clock.environment())
        )
        slack = next(c for c in self.chats.channels() if c["type"] == "slack")
        self.desk = self.subscribe("Watch desk", "system:*", [slack])
        wait_until(
            lambda: [s for s in self.vigie.get("/v1/sources")["sources"] if s["articles"] > 0],
            60,
            "the first article",
        )

    def subscribe(self, name, query, channels):
        status, _, body = self.vigie.call(
            "POST", "/v1/subscriptions", {"name": name, "query": query, "channels": channels}
        )
        self.assertEqual(status, 201, body)
        return json.loads(body)["id"]

    def settled(self):
        found = self.vigie.get(f"/v1/subscriptions/{self.desk}/deliveries")["deliveries"]
        return all(one["state"] == "delivered" for one in found)

    def kill_and_start(self):
        # One whose response was on its way when the program died is sent again, under the same id.
        wait_until(self.settled, 30, "what was sent is known to be")
        self.vigie.kill()
        self.vigie.start()

    def pass_days(self, days):
        self.ahead += days * DAY
        self.clock.set(f"{self.ahead:+.0f}")

    def told(self):
        """Headlines, in the order in which Slack took them."""
        return [
            one["body"]["blocks"][1]["elements"][0]["elements"][0]["text"]
            for one in self.chats.taken("slack")
        ]

    def is_told(self, titles):
        wait_until(lambda: self.told() == titles, 90, f"{titles}; told: {self.told()}")

    def wrong(self):
        return [one["title"] for one in self.vigie.get("/v1/conditions")["conditions"]]

    def test_a_site_that_fails_is_named_once_and_once_when_it_is_back(self):
        begun, ended = "Alpha Gazette fails", "Over: Alpha Gazette fails"
        self.site.fails = True
        self.is_told([begun])
        self.assertEqual(self.wrong(), [begun])
        self.kill_and_start()
        time.sleep(5)  # that nothing is told again can only be waited for
        self.assertEqual(self.told(), [begun])
        self.site.fails = False
        self.is_told([begun, ended])
        self.kill_and_start()
        time.sleep(5)
        self.assertEqual(self.told(), [begun, ended])
        self.assertEqual(self.wrong(), [])

    def test_a_site_that_goes_quiet_is_named_once_and_once_when_it_is_heard(self):
        begun, ended = "Alpha Gazette has gone quiet", "Over: Alpha Gazette has gone quiet"
        self.pass_days(2)
        self.is_told([begun])
        self.assertEqual(self.wrong(), [begun])
        self.kill_and_start()
        self.site.publish(time.time() + self.ahead)
        self.is_told([begun, ended])

    def test_a_receiver_that_takes_nothing_is_named(self):
        hook = self.keep(WebhookListener(status=500))
        other = self.subscribe("Harbour", "harbour", [{"type": "webhook", "url": hook.url}])
        self.site.publish(time.time())
        begun = "Not delivered: “Harbour” by webhook"
        self.is_told([begun])
        condition = self.vigie.get("/v1/conditions")["conditions"][0]
        self.assertEqual(condition["page"], f"/alerts?id={other}")
        self.assertIn("500", condition["detail"])
        hook.status = 200
        self.is_told([begun, "Over: " + begun])


if __name__ == "__main__":
    unittest.main()
