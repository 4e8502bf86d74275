"""Digests of whole processes: one at 08:00 Europe/Paris on the days on which clocks change,
whatever is killed, by a mail server and a Slack on loopback. The wall clock is libfaketime's.
"""

import datetime
import email
import email.policy
import json
import random
import sys
import time
import unittest
import zoneinfo

from harness import TOP, EndToEnd, Vigie, wait_until

sys.path.insert(0, str(TOP / "tests" / "fakes"))
from chat_services import ChatServices  # noqa: E402
from smtp_server import SmtpServer  # noqa: E402
from wall_clock import WallClock  # noqa: E402

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
# Clocks go forward at 02:00 and back at 03:00 (Directive 2000/84/EC: the last Sundays).
CHANGES = (datetime.date(2027, 3, 28), datetime.date(2027, 10, 31))
WORDS = "harbour glacier orchard lantern violin saddle meadow copper anchor pepper".split()


def paris(day, hour, minute=0, second=0):
    """Unix seconds at which the clocks of Paris show it."""
    shown = datetime.datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=PARIS)
    return shown.timestamp()


@unittest.skipUnless(WallClock.library(), "there is no libfaketime (Debian package faketime)")
class Digests(EndToEnd):
    def start(self):
        self.smtp = self.keep(SmtpServer())
        self.chats = self.keep(ChatServices())
        self.clock = WallClock(self.directory / "clock")
        self.chance = random.Random(21)

    def vigie_at(self, instant):
        self.clock.show(instant)
        settings = [
            f"email.smtp_url={self.smtp.url}",
            "email.require_tls=false",
            "email.from=vigie <alerts@example.org>",
        ]
        self.vigie = self.keep(
            Vigie(self.directory, [], settings, environment=self.clock.environment())
        )

    def kill_and_start(self):
        self.vigie.kill()
        self.vigie.start()

    def subscribe(self):
        slack = next(c for c in self.chats.channels() if c["type"] == "slack")
        status, _, body = self.vigie.call(
            "POST",
            "/v1/subscriptions",
            {
                "name": "Zorblatt",
                "query": "zorblatt",
                "rhythm": "daily@08:00 Europe/Paris",
                "channels": [{"type": "email", "address": "ana@example.org"}, slack],
            },
        )
        self.assertEqual(status, 201, body)
        return json.loads(body)["id"]

    def ingest(self, number):
        words = " ".join(self.chance.choice(WORDS) for _ in range(80))
        page = {
            "url": f"https://news-{number}.example/{self.chance.random()}",
            "html": f"<html lang=en><title>Zorblatt number {number}</title><article>"
            f"<h1>Zorblatt number {number}</h1><p>The zorblatt came. {words}.</p></article></html>",
        }
        status, _, body = self.vigie.call(
            "POST",
            "/v1/ingest",
            (json.dumps(page) + "\n").encode(),
            query={"alerts": "1", "wait": "1"},
            headers={"content-type": "application/x-ndjson"},
        )
        self.assertEqual(status, 200, body)

    def alerts(self, subscription, count):
        wait_until(
            lambda: (
                len(self.vigie.get(f"/v1/subscriptions/{subscription}/matches")["matches"]) == count
            ),
            30,
            f"{count} alerts",
        )

    def told(self):
        return len(self.smtp.taken()), len(self.chats.taken("slack"))

    def is_not_told(self, seconds=2.0):
        time.sleep(seconds)  # that nothing comes can only be waited for
        self.assertEqual(self.told(), (0, 0))

    def settled(self, subscription, count):
        def ended():
            found = self.vigie.get(f"/v1/subscriptions/{subscription}/deliveries")["deliveries"]
            return sum(one["state"] == "delivered" for one in found) == count

        wait_until(ended, 40, f"{count} deliveries ended; told: {self.told()}")

    def mails_name(self, mail, numbers):
        parsed = email.message_from_bytes(mail["data"], policy=email.policy.default)
        text = parsed.get_body(("plain",)).get_content()
        for number in numbers:
            self.assertIn(f"Zorblatt number {number}", text)
        self.assertIn("Europe/Paris", text)
        return parsed["message-id"]

    def day_of_a_change(self, day):
        self.start()
        eve = day - datetime.timedelta(days=1)
        self.vigie_at(paris(eve, 20))
        subscription = self.subscribe()
        for number in (1, 2):
            self.ingest(number)
        self.alerts(subscription, 2)
        self.kill_and_start()
        self.clock.show(paris(day, 4))  # behind the change
        self.ingest(3)
        self.alerts(subscription, 3)
        # 08:00 by the clock that was in force before the change
        before = paris(eve, 8) + 24 * 3600
        if before < paris(day, 8):
            self.clock.show(before + 5)
            self.is_not_told()
        self.clock.show(paris(day, 7, 59, 57))
        self.vigie.kill()
        self.vigie.start()
        wait_until(lambda: self.told() == (1, 1), 40, f"the digest: {self.told()}")
        self.settled(subscription, 2)
        self.kill_and_start()
        for hour in (9, 12, 23):
            self.clock.show(paris(day, hour, 0, 5))
            time.sleep(1)
        self.kill_and_start()
        self.clock.show(paris(day + datetime.timedelta(days=1), 8, 0, 5))
        time.sleep(2)
        self.assertEqual(self.told(), (1, 1), "exactly one, whatever was killed")
        self.mails_name(self.smtp.taken()[0], (1, 2, 3))
        said = json.dumps(self.chats.taken("slack")[0]["body"])
        for number in (1, 2, 3):
            self.assertIn(f"Zorblatt number {number}", said)

    def test_one_on_the_day_on_which_clocks_go_forward(self):
        self.day_of_a_change(CHANGES[0])

    def test_one_on_the_day_on_which_clocks_go_back(self):
        self.day_of_a_change(CHANGES[1])

    def test_kills_while_it_is_told_repeat_it_under_its_own_id_alone(self):
        """A response that a kill took away is asked for again: mails by the same Message-ID."""
        self.start()
        day = CHANGES[0]
        self.vigie_at(paris(day - datetime.timedelta(days=1), 20))
        subscription = self.subscribe()
        self.ingest(1)
        self.alerts(subscription, 1)
        self.clock.show(paris(day, 7, 59, 58))
        for _ in range(4):
            time.sleep(self.chance.uniform(0.05, 0.8))
            self.kill_and_start()
        self.settled(subscription, 2)
        ids = {self.mails_name(mail, (1,)) for mail in self.smtp.taken()}
        self.assertEqual(len(ids), 1, "one digest, and repeats of it")


if __name__ == "__main__":
    unittest.main()
