"""The whole mission on one machine: a feed becomes a page in the browser and an alert in somebody's
hands.
"""

import json
import shutil
import subprocess
import time
import unittest

from harness import (
    SHARED,
    EndToEnd,
    EventStream,
    Newsroom,
    Vigie,
    WebhookListener,
    signature_is_right,
    wait_until,
)

LANGUAGES = ["en", "fr", "de", "es", "zh", "ru", "ar"]


class FirstLight(EndToEnd):
    def setUp(self):
        super().setUp()
        self.newsroom = self.keep(Newsroom(self.directory, every=1, edit_after=8))
        self.vigie = self.keep(Vigie(self.directory, [self.newsroom.sources]))
        self.started = time.monotonic()

    def test_shows_the_whole_mission(self):
        listener = self.keep(WebhookListener())
        subscription = self.vigie.subscribe(
            "Export controls", "topic:export-controls", listener.url
        )
        stream = self.keep(EventStream(self.vigie))
        self.assertEqual(stream.status, 200)
        self.all_languages_come()
        self.an_alert_is_delivered(listener, subscription)
        self.the_stream_carries_alerts_and_articles(stream)
        self.the_stream_resumes(stream)
        self.the_alert_is_listed(subscription)
        hit = self.evidence_stands_at_its_bytes()
        self.copies_are_one_story()
        self.pages_have_their_policy(hit)
        self.metrics_are_well_formed()
        self.health_is_told()
        self.services_and_sources_report()
        self.an_edit_becomes_a_version()
        self.a_restart_repeats_nothing(listener)

    def all_languages_come(self):
        with self.subTest("articles of all seven languages within 60 seconds of start"):

            def languages():
                found = {
                    f["value"]
                    for f in self.vigie.get("/v1/facets", q="", field="language")["values"]
                }
                return found if found >= set(LANGUAGES) else None

            wait_until(languages, 60, "articles in all seven languages")
            self.assertLess(time.monotonic() - self.started, 60)

    def an_alert_is_delivered(self, listener, subscription):
        with self.subTest("an alert arrives at the webhook, and its signature verifies"):
            delivery = wait_until(lambda: listener.taken(), 60, "a webhook delivery")[0]
            self.assertTrue(signature_is_right(delivery, subscription["channels"][0]["secret"]))
            event = json.loads(delivery["body"])
            self.assertEqual(event["specversion"], "1.0")
            self.assertEqual(event["type"], "vigie.alert.v1")
            self.assertEqual(event["data"]["subscription"]["id"], subscription["id"])
            self.assertTrue(event["data"]["evidence"])
            self.assertIn("export-controls", [t["id"] for t in event["data"]["article"]["topics"]])

    def the_stream_carries_alerts_and_articles(self, stream):
        with self.subTest("the same alert comes on the stream, and articles do"):
            wait_until(lambda: stream.of("alert"), 30, "an alert event")
            wait_until(lambda: len(stream.of("article")) >= 5, 30, "article events")
            article = json.loads(stream.of("article")[0]["data"])
            self.assertTrue(article["title"] and article["url"])

    def the_stream_resumes(self, stream):
        with self.subTest("the stream goes on from Last-Event-ID without a gap"):
            first = stream.of("article")[0]
            again = self.keep(EventStream(self.vigie, last_event_id=first["id"]))
            seen = [json.loads(e["data"])["id"] for e in stream.of("article")[1:4]]
            self.assertEqual(again.status, 200)
            try:
                wait_until(
                    lambda: {json.loads(e["data"])["id"] for e in again.of("article")} >= set(seen),
                    20,
                    "the events after the first",
                )
            except AssertionError as error:
                self.fail(
                    f"{error}: after {first['id']} wanted {seen}, got "
                    f"{[(e['id'], json.loads(e['data'])['id']) for e in again.of('article')]}; "
                    f"ended: {again.ended}"
                )

    def the_alert_is_listed(self, subscription):
        with self.subTest("the alert stands among the matches and in the Atom feed"):
            matches = self.vigie.get(f"/v1/subscriptions/{subscription['id']}/matches")
            self.assertTrue(matches["matches"])
            status, headers, body = self.vigie.call(
                "GET", f"/v1/subscriptions/{subscription['id']}/feed.atom"
            )
            self.assertEqual(status, 200)
            self.assertIn("application/atom+xml", headers["content-type"])
            self.assertIn(b"<entry>", body)

    def evidence_stands_at_its_bytes(self):
        """Out: the article that was looked at."""
        hit = None
        with self.subTest("an article shows its text with the evidence at the right bytes"):
            hit = wait_until(
                lambda: self.vigie.all_hits("topic:export-controls -lang:en"),
                30,
                "an article on export controls in another language than English",
            )[0]
            article = self.vigie.get("/v1/articles/" + hit["id"])
            for topic in article["topics"]:
                for span in topic["evidence"]:
                    field = article[span["field"]].encode("utf-8")
                    field[span["offset"] : span["offset"] + span["length"]].decode("utf-8")
            self.assertTrue(article["text"])
        return hit

    def copies_are_one_story(self):
        with self.subTest("copies of one text are one story"):

            def copied():
                ledger = {entry["url"]: entry for entry in self.newsroom.ledger()}
                by_url = {hit["url"]: hit for hit in self.vigie.all_hits("")}
                for url, entry in ledger.items():
                    original = entry.get("copy_of")
                    if (
                        original
                        and url in by_url
                        and original in by_url
                        and by_url[url]["story"]
                        and by_url[url]["story"] == by_url[original]["story"]
                    ):
                        return True
                return False

            wait_until(copied, 45, "a copy and its original in one story", pause=1)

    def pages_have_their_policy(self, hit):
        with self.subTest("every page of the browser is served, with its policy"):
            for path in [
                "/",
                "/a/" + hit["id"],
                "/t/export-controls",
                "/w/org:nvidia",
                "/alerts",
                "/ingestion",
            ]:
                status, headers, body = self.vigie.call("GET", path)
                self.assertEqual(status, 200, path)
                self.assertIn("default-src 'self'", headers["content-security-policy"])
                self.assertIn(b"<html", body)

    def metrics_are_well_formed(self):
        with self.subTest("promtool finds nothing in the metrics"):
            status, _, metrics = self.vigie.call("GET", "/metrics")
            self.assertEqual(status, 200)
            promtool = shutil.which("promtool")
            if promtool:
                checked = subprocess.run(
                    [promtool, "check", "metrics"], input=metrics, capture_output=True
                )
                self.assertEqual(
                    checked.returncode, 0, checked.stdout.decode() + checked.stderr.decode()
                )
            for name in [b"vigie_crawler_", b"vigie_extractor_", b"vigie_indexer_"]:
                self.assertIn(name, metrics)

    def health_is_told(self):
        with self.subTest("health"):
            self.assertEqual(self.vigie.call("GET", "/healthz")[0], 200)
            wait_until(lambda: self.vigie.call("GET", "/readyz")[0] == 200, 20, "ready")

    def services_and_sources_report(self):
        with self.subTest("the pipeline and the sources report"):
            pipeline = wait_until(
                lambda: (p := self.vigie.get("/v1/pipeline")) and len(p["services"]) >= 3 and p,
                20,
                "three services report",
            )
            self.assertEqual(
                {s["service"] for s in pipeline["services"]}, {"crawler", "extractor", "indexer"}
            )
            sources = wait_until(
                lambda: (s := self.vigie.get("/v1/sources")["sources"]) and len(s) == 8 and s,
                20,
                "eight sources report",
            )
            self.assertEqual(len(sources), 8)

    def an_edit_becomes_a_version(self):
        with self.subTest("a silent edit becomes a version"):

            def edited():
                return any(
                    len(self.vigie.get("/v1/articles/" + hit["id"]).get("versions", [])) > 1
                    for hit in self.vigie.all_hits("")[-60:]
                )

            wait_until(edited, 90, "a second version of an article", pause=2)

    def a_restart_repeats_nothing(self, listener):
        with self.subTest("a restart goes on, without repeating an alert"):
            before = len(self.vigie.all_hits(""))
            delivered = {d["headers"]["webhook-id"] for d in listener.taken()}
            self.assertEqual(self.vigie.stop(), 0, self.vigie.tail())
            self.vigie.start()
            wait_until(
                lambda: len(self.vigie.all_hits("")) >= before, 20, "everything is still there"
            )
            time.sleep(3)
            ids = [d["headers"]["webhook-id"] for d in listener.taken()]
            self.assertEqual(len(ids), len(set(ids)), "an alert was delivered twice")
            self.assertLessEqual(delivered, set(ids))


class Ingest(EndToEnd):
    @unittest.skipUnless(
        (SHARED / "corpus/fun/gold.jsonl").exists(),
        "skipped: the corpus is not beside this checkout",
    )
    def test_real_pages_are_searchable_and_raise_no_alert(self):
        sources = self.directory / "none.yaml"
        sources.write_text("sources: []\n")
        vigie = self.keep(Vigie(self.directory, [sources]))
        listener = self.keep(WebhookListener())
        vigie.subscribe("everything in German", "lang:de", listener.url)
        from harness import run

        code, out, err = run(
            "ingest",
            SHARED / "corpus/fun/gold.jsonl",
            "--root",
            SHARED / "corpus/fun",
            "--set",
            f"data_dir={vigie.data}",
            timeout=300,
        )
        summary = json.loads(out)
        self.assertIn(code, (0, 1), err)
        self.assertEqual(summary["read"], 94)
        self.assertEqual(
            summary["ingested"] + summary["duplicates"] + summary["quarantined"], 94, (summary, err)
        )
        self.assertGreaterEqual(summary["ingested"], 88, err)
        self.assertEqual(vigie.get("/v1/search", q="")["total"]["value"], summary["ingested"])
        self.assertTrue(vigie.get("/v1/search", q="lang:de Regierung")["hits"])
        code, out, err = run(
            "ingest",
            SHARED / "corpus/fun/gold.jsonl",
            "--root",
            SHARED / "corpus/fun",
            "--set",
            f"data_dir={vigie.data}",
            timeout=300,
        )
        self.assertEqual(json.loads(out)["ingested"], 0)
        self.assertEqual(vigie.get("/v1/search", q="")["total"]["value"], summary["ingested"])
        self.assertEqual(listener.taken(), [])
        # The same commands work with no process running.
        self.assertEqual(vigie.stop(), 0)
        code, out, err = run("search", "lang:de Regierung", "--data", vigie.data)
        self.assertEqual(code, 0, err)
        self.assertTrue(out.strip())


if __name__ == "__main__":
    unittest.main(verbosity=2)
