"""An alert reaches people by every kind of channel: a mail server and chat services on loopback."""

import email
import email.policy
import json
import pathlib
import sys
import unittest
import urllib.parse

from harness import TOP, EndToEnd, Vigie, WebhookListener, signature_is_right, wait_until

sys.path.insert(0, str(TOP / "tests" / "fakes"))
from chat_services import TOKEN, ChatServices  # noqa: E402
from smtp_server import SmtpServer, make_certificate  # noqa: E402

USER = ("vigie", "a long password")
ARTICLE = {
    "url": "https://news-zorblatt.example/a",
    "title": "Zorblatt <report> & “more” 芯片",
    "text": "The zorblatt committee met on Monday. It will meet again.",
}


class Channels(EndToEnd):
    def start(self, smtp, settings=()):
        password = pathlib.Path(self.directory) / "password"
        password.write_text(USER[1] + "\n")
        password.chmod(0o600)
        mail = [
            f"email.smtp_url={smtp.url}",
            "email.from=vigie <alerts@example.org>",
            f"email.username={USER[0]}",
            f"email.password_file={password}",
            f"email.ca_file={self.certificate[0]}",
            "api.public_url=https://vigie.example",
        ]
        self.vigie = self.keep(Vigie(self.directory, [], [*mail, *settings]))

    def setUp(self):
        super().setUp()
        self.certificate = make_certificate(self.directory)

    def subscribe(self, channels, status=201):
        got, _, body = self.vigie.call(
            "POST",
            "/v1/subscriptions",
            {"name": "Contrôles", "query": "zorblatt", "channels": channels},
        )
        self.assertEqual(got, status, body)
        return json.loads(body)

    def ingest(self, number=0):
        page = {
            "url": ARTICLE["url"] + str(number),
            "html": "<html lang=en><head><title>{0}</title></head><body><article><h1>{0}</h1>"
            "<p>{1}</p><p>Number {2} of them says the same in {2} other words.</p></article>"
            "</body></html>".format(
                ARTICLE["title"].replace("&", "&amp;").replace("<", "&lt;"), ARTICLE["text"], number
            ),
        }
        status, _, body = self.vigie.call(
            "POST",
            "/v1/ingest",
            (json.dumps(page) + "\n").encode(),
            query={"alerts": "1", "wait": "1"},
            headers={"content-type": "application/x-ndjson"},
        )
        self.assertEqual(status, 200, body)

    def deliveries(self, subscription):
        return self.vigie.get(f"/v1/subscriptions/{subscription['id']}/deliveries")["deliveries"]

    def delivered(self, subscription, count):
        return wait_until(
            lambda: (
                [d for d in self.deliveries(subscription) if d["state"] == "delivered"]
                if sum(d["state"] == "delivered" for d in self.deliveries(subscription)) >= count
                else None
            ),
            40,
            f"{count} deliveries: {self.deliveries(subscription)}",
        )

    def test_an_alert_reaches_every_kind_of_channel(self):
        smtp = self.keep(SmtpServer(self.certificate, USER))
        chats = self.keep(ChatServices({"slack": [(429, {"retry-after": "1"}, "")]}))
        hook = self.keep(WebhookListener())
        self.start(smtp)
        channels = [
            {"type": "webhook", "url": hook.url},
            {"type": "email", "address": "ana@example.org"},
            *chats.channels(),
        ]
        subscription = self.subscribe(channels)
        self.no_secret_is_told(subscription)
        self.ingest()
        self.delivered(subscription, len(channels))
        services = sorted(r["service"] for r in chats.taken())
        self.assertEqual(
            services, ["discord", "matrix", "ntfy", "slack", "teams", "telegram"], "once each"
        )
        self.assertTrue(signature_is_right(hook.taken()[0], subscription["channels"][0]["secret"]))
        self.the_mail_is_right(smtp.taken(), subscription)
        self.the_test_reaches_all(subscription, smtp, chats)
        self.one_click_ends_the_mails(smtp, subscription)

    def no_secret_is_told(self, subscription):
        everything = json.dumps([subscription, self.vigie.get("/v1/subscriptions")])
        self.assertNotIn("hush", everything)
        self.assertNotIn(TOKEN, everything)
        found = 0
        topics = {t["topic"]: t["partitions"] for t in self.vigie.get("/v1/log")["topics"]}
        for partition in range(topics["subscriptions"]):
            status, _, lines = self.vigie.call(
                "GET", "/v1/log/subscriptions", query={"partition": partition}
            )
            self.assertEqual(status, 200)
            found += len(lines.splitlines())
            self.assertNotIn(b"hush", lines)
        self.assertEqual(found, 1)

    def the_mail_is_right(self, mails, subscription):
        self.assertEqual(len(mails), 1)
        self.assertTrue(mails[0]["tls"])
        self.assertEqual(mails[0]["user"], USER[0])
        self.assertEqual(mails[0]["to"], ["ana@example.org"])
        mail = email.message_from_bytes(mails[0]["data"], policy=email.policy.default)
        self.assertTrue(mail["subject"].startswith("Contrôles: Zorblatt"), mail["subject"])
        delivery = self.deliveries(subscription)[0]["id"]
        self.assertTrue(mail["message-id"].startswith(f"<{delivery}."), mail["message-id"])
        self.assertEqual(mail["list-unsubscribe-post"], "List-Unsubscribe=One-Click")
        for kind in ("plain", "html"):
            text = mail.get_body((kind,)).get_content()
            self.assertIn("zorblatt committee", text)
        self.assertIn("&lt;report&gt; &amp;", mail.get_body(("html",)).get_content())
        self.assertEqual(mail.defects, [])

    def the_test_reaches_all(self, subscription, smtp, chats):
        status, _, body = self.vigie.call("POST", f"/v1/subscriptions/{subscription['id']}/test")
        self.assertEqual(status, 200)
        results = json.loads(body)["results"]
        self.assertEqual(len(results), 8)
        for result in results:
            self.assertTrue(result["delivered"], result)
        self.assertEqual(len(smtp.taken()), 2)
        self.assertEqual(len(chats.taken()), 12)

    def one_click_ends_the_mails(self, smtp, subscription):
        mail = email.message_from_bytes(smtp.taken()[0]["data"], policy=email.policy.default)
        address = urllib.parse.urlsplit(mail["list-unsubscribe"].strip("<>"))
        self.assertEqual(address.netloc, "vigie.example")
        path = f"{address.path}?{address.query}"
        status, headers, _ = self.vigie.call("GET", path)
        self.assertEqual(status, 200, "the page asks")
        self.assertIn("text/html", headers["content-type"])
        self.assertFalse(self.channel_off(subscription), "a GET changes nothing (RFC 8058 §3.1)")
        wrong = path[:-1] + ("a" if path[-1] != "a" else "b")
        self.assertEqual(self.vigie.call("POST", wrong, b"List-Unsubscribe=One-Click")[0], 404)
        form = {"content-type": "application/x-www-form-urlencoded"}
        for _ in range(2):
            status, _, _ = self.vigie.call("POST", path, b"List-Unsubscribe=One-Click", None, form)
            self.assertEqual(status, 200)
        self.assertEqual(self.channel_off(subscription), "the reader unsubscribed")

    def channel_off(self, subscription):
        channels = self.vigie.get(f"/v1/subscriptions/{subscription['id']}")["channels"]
        return next(c["disabled_reason"] for c in channels if c["type"] == "email")

    def test_what_is_refused_for_good_switches_off_and_what_is_not_is_tried_again(self):
        smtp = self.keep(SmtpServer(self.certificate, USER, {"RCPT": ["550 5.1.1 no such user"]}))
        chats = self.keep(
            ChatServices(
                {
                    "slack": [(410, {}, "channel_is_archived")],
                    "discord": [(429, {}, json.dumps({"retry_after": 0.5, "global": False}))],
                }
            )
        )
        self.start(smtp)
        slack, _, discord = chats.channels()[:3]
        subscription = self.subscribe(
            [slack, discord, {"type": "email", "address": "nobody@example.org"}]
        )
        self.ingest()
        self.delivered(subscription, 1)

        def reasons():
            found = self.vigie.get(f"/v1/subscriptions/{subscription['id']}")["channels"]
            off = {c["type"]: c["disabled_reason"] for c in found if c["disabled"]}
            return off if len(off) == 2 else None

        off = wait_until(reasons, 20, "two channels switched off")
        self.assertIn("channel_is_archived", off["slack"])
        self.assertIn("5.1.1", off["email"])

    def test_members_and_kinds_are_refused_by_name(self):
        smtp = self.keep(SmtpServer(self.certificate, USER))
        self.start(smtp)
        for channel, code, named in (
            ({"type": "pager"}, "unsupported_channel", "discord"),
            ({"type": "slack", "room": "!r:x"}, "unknown_member", "channels[0].room"),
            ({"type": "email", "address": "a@b.org", "url": "https://x.example"}, "", "url"),
            ({"type": "email", "address": "nobody"}, "bad_subscription", "mailbox"),
            ({"type": "webhook", "url": "http://10.0.0.7/x"}, "bad_channel_url", "10.0.0.7"),
            ({"type": "slack", "url": "http://hooks.example/hush"}, "bad_channel_url", "https"),
        ):
            status, _, body = self.vigie.call(
                "POST", "/v1/subscriptions", {"name": "n", "query": "q", "channels": [channel]}
            )
            self.assertIn(status, (400, 422), (channel, body))
            self.assertIn(named, body.decode())
            self.assertIn(code, body.decode())
            self.assertNotIn("hush", body.decode())


if __name__ == "__main__":
    unittest.main()
