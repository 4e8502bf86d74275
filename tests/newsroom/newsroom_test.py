#!/usr/bin/env python3
"""The newsroom keeps what it promises to the tests that stand on it."""

import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import xml.etree.ElementTree

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))
from press import EDIT_AFTER_S, SITES, Press  # noqa: E402


def get(url, headers=None, method="GET"):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    try:
        connection.request(method, parts.path, headers=headers or {})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode("utf-8")
    finally:
        connection.close()


class Running:
    """A newsroom in a process of its own."""

    def __init__(self, folder, *arguments):
        self.folder = pathlib.Path(folder)
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-B",
                str(FOLDER / "newsroom.py"),
                "--ledger",
                str(self.folder / "ledger.jsonl"),
                "--sources-file",
                str(self.folder / "sources.yaml"),
                *arguments,
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self.process.stderr.readline()
        match = re.fullmatch(r"newsroom listening on port (\d+)\n", line)
        if not match:
            self.end()
            raise AssertionError(f"no port line: {line!r}")
        self.port = int(match[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=10)
        self.process.stderr.close()
        return code

    def base(self, number):
        return f"http://127.0.10.{number}:{self.port}"

    def ledger(self):
        return [
            json.loads(line)
            for line in (self.folder / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
        ]


def links_of(base, site):
    status, _, text = get(base + site.feed)
    assert status == 200
    if site.feed.endswith(".json"):
        return [item["url"] for item in json.loads(text)["items"]]
    if site.feed.endswith(".atom"):
        return [
            entry.get("href")
            for entry in xml.etree.ElementTree.fromstring(text).iterfind(".//{*}entry/{*}link")
        ]
    return re.findall(r"<item>.*?<link>(.*?)</link>", text, re.DOTALL)


class StockTest(unittest.TestCase):
    def test_there_is_enough_in_each_language(self):
        press = Press(1)
        self.assertGreaterEqual(sum(len(articles) for articles in press.stock.values()), 80)
        for language, articles in press.stock.items():
            self.assertGreaterEqual(len(articles), 10, language)
            other = sum(article["about"] == "other" for article in articles)
            self.assertGreaterEqual(other, 2, language)
            for article in articles:
                self.assertIn(
                    article["section"], press.phrases[language]["sections"], article["key"]
                )
                words = (
                    len(" ".join(article["text"]).split())
                    if language != "zh"
                    else len("".join(article["text"])) / 2
                )
                self.assertGreaterEqual(words, 90, article["key"])

    def test_articles_are_a_function_of_the_seed(self):
        first, same, other = Press(7), Press(7), Press(8)
        self.assertEqual(
            [first.article(n) for n in range(150)], [same.article(n) for n in range(150)]
        )
        self.assertNotEqual(
            [first.article(n).title for n in range(30)], [other.article(n).title for n in range(30)]
        )

    def test_follow_ups_go_on_and_are_all_distinct(self):
        press = Press(1)
        begin = len(press.plan)
        articles = [press.article(n) for n in range(begin, begin + 400)]
        self.assertEqual(len({(article.site.number, article.path()) for article in articles}), 400)
        self.assertEqual(len({article.paragraphs for article in articles}), 400)
        self.assertFalse(
            [article for article in articles if "{" in article.title + "".join(article.paragraphs)]
        )

    def test_copies_come_after_their_originals_on_another_site(self):
        press = Press(1)
        copies = [press.article(n) for n in range(len(press.plan)) if press.article(n).copy_of >= 0]
        self.assertGreaterEqual(len(copies), 6)
        for copy in copies:
            original = press.article(copy.copy_of)
            self.assertLess(original.number, copy.number)
            self.assertIsNot(original.site, copy.site)
            self.assertNotEqual(original.title, copy.title)
            self.assertIn(original.paragraphs[1], copy.paragraphs)

    def test_some_articles_are_edited_silently(self):
        press = Press(1)
        edited = [press.article(n) for n in range(40) if press.article(n).edited]
        self.assertGreaterEqual(len(edited), 3)
        for article in edited:
            published = article.published_ms
            self.assertEqual(article.paragraphs_at(published), article.paragraphs)
            self.assertNotEqual(
                article.paragraphs_at(published + EDIT_AFTER_S * 1000), article.paragraphs
            )


class ServingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.newsroom = Running(
            cls.folder.name,
            "--limit",
            "100",
            "--every",
            "0.05",
            "--fast",
            "--access-log",
            cls.folder.name + "/access.jsonl",
        )
        deadline = time.monotonic() + 30
        while len(cls.newsroom.ledger()) < 100 and time.monotonic() < deadline:
            time.sleep(0.05)

    @classmethod
    def tearDownClass(cls):
        code = cls.newsroom.end()
        cls.folder.cleanup()
        assert code == 0, code

    def test_feeds_name_only_articles_of_the_ledger_and_each_answers(self):
        ledger = {entry["url"]: entry for entry in self.newsroom.ledger()}
        self.assertEqual(len(ledger), 100)
        for site in SITES:
            links = links_of(self.newsroom.base(site.number), site)
            self.assertTrue(links, site.name)
            for link in links:
                self.assertIn(link, ledger)
            status, headers, text = get(links[0])
            self.assertEqual(status, 200)
            self.assertIn("charset=utf-8", headers["Content-Type"])
            self.assertIn(f'lang="{site.language}"', text)
            self.assertEqual('dir="rtl"' in text, site.language == "ar")
            linked_data = json.loads(
                re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)[1]
            )
            self.assertEqual(linked_data["headline"], ledger[links[0]]["title"])
            self.assertIn('id="cookie-banner"', text)
            self.assertIn('id="comments"', text)

    def test_every_article_of_the_ledger_is_served_and_dated_in_the_past(self):
        now = time.time() * 1000
        for entry in self.newsroom.ledger():
            self.assertEqual(get(entry["url"])[0], 200, entry["url"])
            self.assertLessEqual(entry["published_unix_ms"], now)
            self.assertGreater(entry["published_unix_ms"], now - 24 * 3600 * 1000)
        self.assertGreaterEqual(
            len([entry for entry in self.newsroom.ledger() if entry["copy_of"]]), 6
        )

    def test_sitemaps_are_well_formed_and_the_broken_feed_is_not(self):
        for site in SITES:
            base = self.newsroom.base(site.number)
            tree = xml.etree.ElementTree.fromstring(get(base + "/news-sitemap.xml")[2])
            self.assertTrue(tree.findall("{*}url/{*}loc"), site.name)
            if site.feed == "/feed.rss":
                xml.etree.ElementTree.fromstring(get(base + site.feed)[2])
        with self.assertRaises(xml.etree.ElementTree.ParseError):
            xml.etree.ElementTree.fromstring(get(self.newsroom.base(5) + "/feed.broken.rss")[2])

    def test_unchanged_pages_answer_304(self):
        for path in ("/feed.rss", "/"):
            url = self.newsroom.base(1) + path
            _, headers, _ = get(url)
            status, _, body = get(url, {"If-None-Match": headers["ETag"]})
            self.assertEqual((status, body), (304, ""))
            self.assertEqual(get(url, {"If-Modified-Since": headers["Last-Modified"]})[0], 304)
            self.assertEqual(
                get(
                    url, {"If-None-Match": '"other"', "If-Modified-Since": headers["Last-Modified"]}
                )[0],
                200,
            )
            self.assertEqual(get(url, {"If-Modified-Since": "nonsense"})[0], 200)

    def test_robots_fronts_sections_and_absent_pages(self):
        for site in SITES:
            base = self.newsroom.base(site.number)
            self.assertIn("Sitemap: " + base, get(base + "/robots.txt")[2])
            self.assertIn("<h2>", get(base + "/")[2])
            self.assertEqual(get(base + "/technology/")[0], 200)
            self.assertEqual(get(base + "/absent.html")[0], 404)
        status, headers, body = get(self.newsroom.base(1) + "/", method="HEAD")
        self.assertEqual((status, body), (200, ""))
        self.assertGreater(int(headers["Content-Length"]), 1000)

    def test_the_source_list_names_each_site_with_feed_or_sitemap(self):
        text = (pathlib.Path(self.folder.name) / "sources.yaml").read_text(encoding="utf-8")
        self.assertTrue(text.startswith("sources:\n"))
        self.assertEqual(text.count("- name: "), len(SITES))
        for url in re.findall(r'"(http://[^"]+)"', text):
            self.assertEqual(get(url)[0], 200, url)
        for site in SITES:
            self.assertIn(f'"{site.name}"', text)

    def test_requests_are_logged(self):
        get(self.newsroom.base(3) + "/about.html", {"User-Agent": "someone"})
        log = pathlib.Path(self.folder.name) / "access.jsonl"

        def logged():  # the line is written after the response; the last one may be on its way
            lines = log.read_text(encoding="utf-8").split("\n")[:-1]
            return [
                line
                for line in map(json.loads, lines)
                if line["path"] == "/about.html" and line["user_agent"] == "someone"
            ]

        deadline = time.monotonic() + 5
        while not logged() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertTrue(logged())


class RestartTest(unittest.TestCase):
    def test_a_restart_goes_on_with_the_same_articles(self):
        with tempfile.TemporaryDirectory() as folder:
            state = os.path.join(folder, "state.jsonl")
            with Running(
                folder, "--state", state, "--seed", "5", "--limit", "33", "--every", "0.01"
            ) as first:
                deadline = time.monotonic() + 20
                while len(first.ledger()) < 33 and time.monotonic() < deadline:
                    time.sleep(0.02)
                port, before = first.port, first.ledger()
                pages = [get(entry["url"])[2] for entry in before[:5]]
                first.end(signal.SIGKILL)
            with open(state, "a", encoding="utf-8") as file:
                file.write('{"number": 33, "publ')  # what a kill may leave
            with Running(folder, "--state", state, "--limit", "36", "--every", "0.01") as second:
                deadline = time.monotonic() + 20
                while len(second.ledger()) < 36 and time.monotonic() < deadline:
                    time.sleep(0.02)
                after = second.ledger()
                self.assertEqual(second.port, port)
                self.assertEqual(after[:33], before)
                self.assertEqual(len({entry["url"] for entry in after}), 36)
                self.assertEqual([get(entry["url"])[2] for entry in before[:5]], pages)

    def test_an_article_that_a_kill_kept_from_the_ledger_gets_there(self):
        with tempfile.TemporaryDirectory() as folder:
            state = os.path.join(folder, "state.jsonl")
            with Running(folder, "--state", state, "--limit", "30") as first:
                before = first.ledger()
            ledger = pathlib.Path(folder) / "ledger.jsonl"
            lines = ledger.read_text(encoding="utf-8").splitlines(keepends=True)
            ledger.write_text("".join(lines[:-1]), encoding="utf-8")
            with Running(folder, "--state", state, "--limit", "30") as second:
                self.assertEqual(second.ledger(), before)


class CommandTest(unittest.TestCase):
    def run_newsroom(self, *arguments):
        return subprocess.run(
            [sys.executable, "-B", str(FOLDER / "newsroom.py"), *arguments],
            capture_output=True,
            text=True,
            timeout=20,
        )

    def test_help_teaches(self):
        response = self.run_newsroom("--help")
        self.assertEqual(response.returncode, 0)
        for word in (
            "--sources-file",
            "--ledger",
            "--every",
            "--fast",
            "--limit",
            "--seed",
            "--state",
            "127.0.10.1",
        ):
            self.assertIn(word, response.stdout)

    def test_wrong_options_are_refused(self):
        for arguments in (["--every", "0"], ["--limit", "-1"], ["--nonsense"]):
            self.assertEqual(self.run_newsroom(*arguments).returncode, 2, arguments)

    def test_a_port_in_use_is_told(self):
        with tempfile.TemporaryDirectory() as folder, Running(folder, "--limit", "1") as running:
            response = self.run_newsroom("--port", str(running.port))
            self.assertEqual(response.returncode, 1)
            self.assertIn("--port", response.stderr)


if __name__ == "__main__":
    unittest.main()
