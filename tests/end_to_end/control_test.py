"""Pause, resume and takedown through the log; quarantine and replay."""

import json
import time
import unittest

from harness import EndToEnd, Newsroom, Vigie, wait_until


class Control(EndToEnd):
    def setUp(self):
        super().setUp()
        self.newsroom = self.keep(Newsroom(self.directory, every=1))
        self.vigie = self.keep(Vigie(self.directory, [self.newsroom.sources]))

    def command(self, action, target, reason="test"):
        status, _, body = self.vigie.call(
            "POST", "/v1/control", {"action": action, "target": target, "reason": reason}
        )
        self.assertEqual(status, 202, body)

    def total(self):
        return self.vigie.get("/v1/search", q="", limit=1)["total"]["value"]

    def test_a_takedown_hides_an_article_from_every_read_for_good(self):
        vigie = self.vigie
        hit = wait_until(
            lambda: vigie.all_hits("topic:export-controls"), 40, "an article to take down"
        )[0]
        self.command("takedown", hit["id"])
        wait_until(
            lambda: vigie.call("GET", "/v1/articles/" + hit["id"])[0] == 404,
            60,
            "the article is gone",
        )

        def seen():
            return hit["id"] in {h["id"] for h in vigie.all_hits("")}

        self.assertFalse(seen())
        self.assertEqual(vigie.stop(), 0)
        vigie.start()
        wait_until(lambda: vigie.call("GET", "/readyz")[0] == 200, 30, "ready again")
        self.assertFalse(seen())
        self.assertEqual(vigie.call("GET", "/v1/articles/" + hit["id"])[0], 404)

    def test_a_takedown_of_a_source_or_a_url_hides_what_is_there_and_what_comes(self):
        vigie = self.vigie
        wait_until(lambda: self.total() >= 20, 40, "articles come")
        hits = vigie.all_hits("")
        sources = sorted({h["source"]["id"] for h in hits})
        gone = sources[0]
        one = next(h for h in hits if h["source"]["id"] != gone)
        self.command("takedown", "source:" + gone)
        self.command("takedown", "url:" + one["url"])

        def hidden():
            now = vigie.all_hits("")
            return not [h for h in now if h["source"]["id"] == gone or h["id"] == one["id"]]

        wait_until(hidden, 60, "both are hidden")
        self.assertEqual(vigie.call("GET", "/v1/articles/" + one["id"])[0], 404)
        before = self.total()
        wait_until(lambda: self.total() >= before + 10, 60, "others come")
        self.assertTrue(hidden())
        self.assertEqual(vigie.stop(), 0)
        vigie.start()
        wait_until(lambda: vigie.call("GET", "/readyz")[0] == 200, 30, "ready again")
        self.assertTrue(hidden())
        for target in ("url:nothing", "host:a b", "source:", "url:ftp://x.example/"):
            status, _, _ = vigie.call(
                "POST", "/v1/control", {"action": "takedown", "target": target, "reason": "test"}
            )
            self.assertEqual(status, 400, target)

    def test_the_kill_switch_stops_all_crawling_and_resume_goes_on(self):
        wait_until(lambda: self.total() >= 20, 40, "articles come")
        self.command("pause", "*")

        def still():
            before = self.total()
            time.sleep(4)
            return self.total() == before

        wait_until(
            still, 60, "nothing new for four seconds, while the newsroom publishes one a second"
        )
        paused_at = self.total()
        self.assertTrue(self.vigie.get("/v1/sources")["all_paused"])
        self.command("resume", "*")
        wait_until(lambda: self.total() > paused_at + 3, 60, "articles come again")

    def test_what_cannot_be_extracted_is_shown_in_quarantine_and_can_be_replayed(self):
        lines = (
            json.dumps(
                {
                    "id": "empty",
                    "url": "https://example.org/empty",
                    "html": "<html><body></body></html>",
                }
            )
            + "\n"
        )
        status, _, body = self.vigie.call(
            "POST",
            "/v1/ingest",
            lines.encode(),
            query={"wait": 1},
            headers={"content-type": "application/jsonl"},
        )
        self.assertEqual(status, 200, body)
        self.assertEqual(json.loads(body)["quarantined"], 1)
        record = next(
            r
            for r in self.vigie.get("/v1/quarantine")["records"]
            if r["url"] and r["url"].startswith("https://example.org/empty")
        )
        self.assertEqual(record["stage"], "extract")
        self.assertTrue(record["reason"] and record["detail"])
        shown = self.vigie.get("/v1/quarantine/" + record["id"])
        self.assertGreater(shown["value_bytes"], 0)
        status, _, body = self.vigie.call("POST", f"/v1/quarantine/{record['id']}/replay")
        self.assertEqual(status, 202, body)
        wait_until(
            lambda: any(
                r["id"] != record["id"] and r["url"] == record["url"]
                for r in self.vigie.get("/v1/quarantine")["records"]
            ),
            20,
            "the replayed record failed again, as a record of its own",
        )


if __name__ == "__main__":
    unittest.main(verbosity=2)
