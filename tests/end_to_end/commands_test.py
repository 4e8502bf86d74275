"""The command line, as ops/spec/command_line.md gives it."""

import gzip
import json
import unittest

from harness import SHARED, EndToEnd, run

PAGE = """<!doctype html><html lang="fr"><head><title>Des puces sous licence - Le Journal</title>
<link rel="canonical" href="https://journal.example/puces">\
<meta property="og:site_name" content="Le Journal">
<script type="application/ld+json">{"@type":"NewsArticle","headline":"Des puces sous \
licence","datePublished":"2026-03-04T08:15:00+01:00",
"author":[{"@type":"Person","name":"Anne Dupont"}]}</script></head><body><nav>\
<a href="/">Accueil</a></nav><article><h1>Des puces sous licence</h1>
<p>Les États-Unis ont étendu lundi les contrôles à l'exportation des semi-conducteurs avancés vers \
la Chine, ont annoncé les autorités à Washington.</p>
<p>Nvidia et plusieurs fabricants devront demander une licence avant chaque livraison, alors que \
Pékin promet de renforcer son autonomie technologique.</p>
</article><footer>Mentions légales</footer></body></html>"""


class Commands(EndToEnd):
    def write(self, name, content):
        path = self.directory / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    def lines(self, text):
        return [json.loads(line) for line in text.splitlines()]

    def test_help_teaches_and_wrong_use_exits_2(self):
        code, out, err = run("--help")
        self.assertEqual(code, 0)
        for command in [
            "up",
            "ingest",
            "extract",
            "tag",
            "search",
            "topics",
            "sources",
            "feed",
            "robots",
            "url",
            "log",
            "quarantine",
            "config",
        ]:
            self.assertIn(command, out)
            code, sub, err = run(command, "--help")
            self.assertEqual(code, 0, command)
            self.assertGreater(len(sub), 80, command)
        self.assertEqual(run("--version")[0], 0)
        self.assertEqual(run("no-such-command")[0], 2)
        self.assertEqual(run("search")[0], 2)
        self.assertEqual(run("url", "--no-such-option")[0], 2)

    def test_config_shows_every_setting_with_its_origin(self):
        file = self.write("vigie.yaml", "fetch:\n  min_gap_ms: 1234\n")
        code, out, err = run("config", "--config", file, "--set", "log.partitions=3")
        self.assertEqual(code, 0, err)
        self.assertIn("fetch.min_gap_ms", out)
        self.assertIn("1234", out)
        self.assertIn("vigie.yaml:2", out)
        self.assertIn("--set", out)

    def test_extract_gives_what_the_page_says(self):
        self.write("page.html.gz", gzip.compress(PAGE.encode()))
        manifest = self.write(
            "m.jsonl",
            "\n".join(
                [
                    json.dumps(
                        {
                            "id": "one",
                            "url": "https://journal.example/puces?utm_source=x",
                            "html": "page.html.gz",
                        }
                    ),
                    "{broken",
                    json.dumps(
                        {
                            "id": "two",
                            "url": "https://journal.example/puces",
                            "html": "page.html.gz",
                            "other": 1,
                        }
                    ),
                ]
            )
            + "\n",
        )
        code, out, err = run(
            "extract", "--manifest", manifest, "--root", self.directory, "--jobs", "2"
        )
        self.assertEqual(code, 1)
        self.assertRegex(err, r"m\.jsonl:2|line 2")
        one, two = self.lines(out)
        self.assertEqual((one["id"], two["id"]), ("one", "two"))
        self.assertEqual(one["title"], "Des puces sous licence")
        self.assertEqual(one["authors"], ["Anne Dupont"])
        self.assertEqual(one["date"], "2026-03-04T08:15:00+01:00")
        self.assertEqual(one["lang"], "fr")
        self.assertEqual(one["canonical_url"], "https://journal.example/puces")
        self.assertEqual(len(one["text"].split("\n\n")), 2)
        self.assertNotIn("Mentions", one["text"])
        for key in ["url", "modified", "site", "image", "tags", "fingerprint"]:
            self.assertIn(key, one)

    def test_tag_gives_evidence_at_bytes_of_the_field_as_given(self):
        title, text = (
            "Des puces sous licence",
            "Les contrôles à l’exportation visent Nvidia et la Chine. Les contrôles à "
            "l'exportation de semi-conducteurs sont étendus.",
        )
        manifest = self.write(
            "t.jsonl",
            json.dumps({"id": 7, "title": title, "text": text})
            + "\nnope\n"
            + json.dumps({"id": "b", "title": "足球", "text": "今天下雨。"})
            + "\n",
        )
        code, out, err = run("tag", "--manifest", manifest)
        self.assertEqual(code, 1)
        first, second = self.lines(out)
        self.assertEqual(first["id"], 7)
        self.assertIn("export-controls", [t["id"] for t in first["topics"]])
        self.assertIn("org:nvidia", [a["id"] for a in first["actors"]])
        self.assertIn("country:CN", [a["id"] for a in first["actors"]])
        for tag in first["topics"] + first["actors"]:
            self.assertIn(tag["level"], ("about", "mention"))
            self.assertTrue(tag["evidence"])
            for span in tag["evidence"]:
                field = {"title": title, "text": text}[span["field"]].encode()
                self.assertEqual(
                    field[span["offset"] : span["offset"] + span["length"]].decode(), span["text"]
                )
        self.assertEqual(second["topics"], [])

    @unittest.skipUnless(
        (SHARED / "seed").exists(), "skipped: the seed article is not beside this checkout"
    )
    def test_the_seed_article_gets_its_tags_and_none_of_its_must_nots(self):
        raw = (SHARED / "seed/000_90beccf443ff237a.txt").read_text(encoding="utf-8").split("\n")
        text = "\n".join(raw[2:]).strip()
        manifest = self.write(
            "seed.jsonl", json.dumps({"id": "seed", "title": "", "text": text}) + "\n"
        )
        code, out, err = run("tag", "--manifest", manifest)
        self.assertEqual(code, 0, err)
        result = self.lines(out)[0]
        self.assertEqual(result["lang"], "fr")
        tags = {t["id"]: t["level"] for t in result["topics"] + result["actors"]}
        for tag in ["country:CN", "us-china-tech-rivalry", "org:deepseek", "innovation-progress"]:
            self.assertIn(tag, tags)
        for tag in ["export-controls", "ai-chips"]:
            self.assertEqual(tags.get(tag), "about", tag)
        for tag in [
            "eu-ai-act",
            "military-ai",
            "tsmc-taiwan-foundry",
            "talent-visas-brain-drain",
            "disinformation-deepfakes",
            "rare-earths-critical-minerals",
            "person:wolf",
        ]:
            self.assertNotIn(tag, tags)

    def test_url_feed_and_robots(self):
        code, out, err = run(
            "url",
            "HTTP://WWW.Example.co.uk:80/a/../b/index.html?utm_source=x&id=3#top",
            "http://",
            "https://пример.рф/путь",
        )
        self.assertEqual(code, 1)
        first, second, third = self.lines(out)
        self.assertEqual(first["canonical"], "http://www.example.co.uk/b/?id=3")
        self.assertEqual(first["registrable_domain"], "example.co.uk")
        self.assertEqual(set(second), {"url", "error"})
        self.assertEqual(third["host"], "xn--e1afmkfd.xn--p1ai")

        feed = self.write(
            "feed.xml",
            "<rss version='2.0'><channel><title>T</title><link>https://x.example/</link><item>"
            "<title>A &amp; B</title><link>https://x.example/a</link>"
            "<pubDate>Wed, 04 Mar 2026 08:15:00 +0100</pubDate><guid>g1</guid></item><item>"
            "<title>cut",
        )
        code, out, err = run("feed", feed)
        self.assertEqual(code, 0, err)
        head, item = self.lines(out)[:2]
        self.assertEqual(head["feed"]["title"], "T")
        self.assertEqual(
            (item["id"], item["url"], item["title"], item["published"]),
            ("g1", "https://x.example/a", "A & B", "2026-03-04T08:15:00+01:00"),
        )

        robots = self.write(
            "robots.txt",
            "User-agent: *\nDisallow: /private/\nAllow: /private/press$\nCrawl-delay: 2\n",
        )
        code, out, err = run(
            "robots",
            "--agent",
            "vigie",
            "--robots",
            robots,
            "https://x.example/private/a",
            "https://x.example/private/press",
            "https://x.example/",
        )
        self.assertEqual(code, 0, err)
        self.assertEqual([line["allowed"] for line in self.lines(out)], [False, True, True])
        self.assertEqual(self.lines(out)[0]["line"], 2)
        self.assertEqual(self.lines(out)[0]["crawl_delay_s"], 2)

    def test_the_shipped_sources_and_topics_are_clean(self):
        self.assertEqual(run("sources", "check", "ops/sources/ai-geopolitics.yaml")[0], 0)
        for action in ["lint", "test"]:
            code, out, err = run("topics", action, "ops/topics/ai-geopolitics")
            self.assertEqual(code, 0, err[-2000:])
        code, out, err = run("topics", "list", "ops/topics/ai-geopolitics")
        self.assertEqual(code, 0, err)
        self.assertGreater(len(out.splitlines()), 100)

    def test_ingest_search_log_and_quarantine_work_with_no_process_running(self):
        self.write("page.html", PAGE)
        manifest = self.write(
            "m.jsonl",
            json.dumps({"id": "one", "url": "https://journal.example/puces", "html": "page.html"})
            + "\n",
        )
        data = self.directory / "data"
        code, out, err = run("ingest", manifest, "--set", f"data_dir={data}")
        self.assertEqual(
            (code, json.loads(out)),
            (0, {"read": 1, "ingested": 1, "duplicates": 0, "quarantined": 0}),
            err,
        )
        code, out, err = run("ingest", manifest, "--set", f"data_dir={data}")
        self.assertEqual(
            json.loads(out), {"read": 1, "ingested": 0, "duplicates": 1, "quarantined": 0}, err
        )
        code, out, err = run("search", "topic:export-controls puce", "--data", data)
        self.assertEqual(code, 0, err)
        hit = self.lines(out)[0]
        self.assertEqual(hit["title"], "Des puces sous licence")
        self.assertEqual(hit["language"], "fr")
        code, out, err = run("search", "puce", "--data", data, "--format", "text")
        self.assertIn("Des puces sous licence", out)
        code, out, err = run("log", "cat", "articles", "--set", f"data_dir={data}")
        self.assertEqual(code, 0, err)
        self.assertEqual(
            len({record["value"]["article_id"] for record in self.lines(out)}), 1
        )  # fetched twice, one article
        code, out, err = run("log", "check", "--set", f"data_dir={data}")
        self.assertEqual(code, 0, err)
        code, out, err = run("quarantine", "list", "--set", f"data_dir={data}")
        self.assertEqual((code, out), (0, ""), err)
        code, out, err = run("search", "(", "--data", data)
        self.assertEqual(code, 2)
        self.assertIn("column", err)

    def test_a_missing_data_directory_is_said(self):
        code, out, err = run("search", "x", "--data", self.directory / "nowhere")
        self.assertEqual(code, 3)
        self.assertIn("vigie up", err)
        self.assertFalse((self.directory / "nowhere").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
