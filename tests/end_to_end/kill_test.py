"""kill -9 at random moments while the newsroom publishes: nothing lost, nothing doubled. The ledger
of what was published and the list of what was delivered are kept by the newsroom and the webhook
listener, outside vigie.
"""

import collections
import json
import os
import random
import time
import unittest

from harness import EndToEnd, Newsroom, Vigie, WebhookListener, signature_is_right, wait_until

KILLS = int(os.environ.get("VIGIE_KILLS", "20"))
SEED = int(os.environ.get("VIGIE_SEED", random.SystemRandom().randrange(1 << 32)))
PUBLISHED = 110


class Kill(EndToEnd):
    def test_every_article_once_and_every_alert_delivered_whatever_moment_it_is_killed(self):
        print(f"seed {SEED}, {KILLS} kills; VIGIE_SEED={SEED} repeats this run")
        newsroom = self.keep(Newsroom(self.directory, every=0.6, limit=PUBLISHED, seed=SEED % 1000))
        listener = self.keep(WebhookListener())
        vigie = self.keep(Vigie(self.directory, [newsroom.sources]))
        everything = vigie.subscribe(
            "every word",
            "lang:en OR lang:fr OR lang:de OR lang:es OR lang:zh OR lang:ru OR lang:ar",
            listener.url,
        )
        exports = vigie.subscribe("export controls", "topic:export-controls", listener.url)
        secrets = {s["id"]: s["channels"][0]["secret"] for s in (everything, exports)}
        chance = random.Random(SEED)
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.05, 3.0))
            vigie.kill()
            vigie.start()

        def published():
            ledger = newsroom.ledger()
            return ledger if len(ledger) >= PUBLISHED else None

        ledger = wait_until(published, 120, f"{PUBLISHED} articles published")
        self.every_article_is_indexed_once(vigie, {entry["url"] for entry in ledger})
        self.every_alert_is_told(vigie, listener, secrets, everything["id"])
        alerts = self.repeats_carry_the_same_id(listener, secrets)
        print(
            f"{KILLS} kills, {len(ledger)} articles, {alerts} alerts, "
            f"{len(listener.taken()) - alerts} repeats under the same id"
        )

    def every_article_is_indexed_once(self, vigie, wanted):
        def indexed():
            urls = collections.Counter(hit["url"] for hit in vigie.all_hits(""))
            return urls if set(urls) >= wanted else None

        try:
            urls = wait_until(indexed, 120, "every published article is searchable", pause=1)
        except AssertionError:
            urls = collections.Counter(hit["url"] for hit in vigie.all_hits(""))
            self.fail(
                f"seed {SEED}: lost {sorted(wanted - set(urls))[:10]} of {len(wanted)}\n"
                f"{vigie.tail()}"
            )
        doubled = [url for url, count in urls.items() if count > 1]
        self.assertEqual(doubled, [], f"seed {SEED}: doubled")
        self.assertEqual(set(urls) - wanted, set(), f"seed {SEED}: articles that nobody published")

    def every_alert_is_told(self, vigie, listener, subscriptions, everything):
        """Every article, or one that it copies, was told to who wants them all."""

        def untold():
            told = collections.defaultdict(set)
            for delivery in listener.taken():
                event = json.loads(delivery["body"])
                told[event["data"]["subscription"]["id"]].add(event["data"]["article"]["id"])
            return [
                (subscription, group["article"]["url"])
                for subscription in subscriptions
                for group in self.matches(vigie, subscription)
                if not told[subscription] & {group["article"]["id"], *group.get("copies", [])}
            ]

        wait_until(lambda: not untold(), 60, f"seed {SEED}: every alert delivered", pause=1)
        grouped = set()
        for group in self.matches(vigie, everything):
            grouped |= {group["article"]["id"], *group.get("copies", [])}
        ids = {hit["id"] for hit in vigie.all_hits("")}
        self.assertEqual(
            ids - grouped, set(), f"seed {SEED}: articles that matched and were never told"
        )

    def repeats_carry_the_same_id(self, listener, secrets):
        """And say the same. Out: how many alerts there were."""
        by_id = collections.defaultdict(set)
        by_article = collections.defaultdict(set)
        for delivery in listener.taken():
            event = json.loads(delivery["body"])
            subscription = event["data"]["subscription"]["id"]
            self.assertTrue(signature_is_right(delivery, secrets[subscription]))
            told = (subscription, event["data"]["article"]["id"])
            by_id[delivery["headers"]["webhook-id"]].add(told)
            by_article[told].add(delivery["headers"]["webhook-id"])
        two_alerts = [i for i, told in by_id.items() if len(told) > 1]
        self.assertEqual(two_alerts, [], f"seed {SEED}: one id, two alerts")
        two_ids = [a for a, ids in by_article.items() if len(ids) > 1]
        self.assertEqual(two_ids, [], f"seed {SEED}: one alert, two ids")
        return len(by_id)

    def matches(self, vigie, subscription):
        groups, cursor = [], None
        while True:
            query = {"limit": 100}
            if cursor:
                query["cursor"] = cursor
            page = vigie.get(f"/v1/subscriptions/{subscription}/matches", **query)
            groups += page["matches"]
            cursor = page.get("cursor")
            if not cursor or not page["matches"]:
                return groups


if __name__ == "__main__":
    unittest.main(verbosity=2)
