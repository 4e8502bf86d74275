"""Bad input gets a clear error or a quarantine record, never a crash, and the rest goes on."""

import gzip
import http.server
import json
import re
import shutil
import threading
import unittest

from harness import TOP, EndToEnd, Vigie, run, wait_until

GOOD = """<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>
<p>The ministry said on Monday that the new export licence rules for advanced chips would apply \
from the first day of next month, and that exporters had been told.</p>
<p>Industry groups asked for more time, saying that {title} had come without warning and that the \
supply of accelerators to research laboratories would suffer for months.</p>
</article></body></html>"""


class BadPages(EndToEnd):
    """`vigie ingest` of a manifest in which most pages are hostile."""

    def write(self, name, content):
        (self.directory / name).write_bytes(
            content if isinstance(content, bytes) else content.encode()
        )
        return name

    def test_each_hostile_page_costs_one_record_and_the_rest_goes_on(self):
        pages = {
            "good-1.html": GOOD.format(title="Licence rules tightened"),
            "empty.html": "",
            "lists.html": "<ul><li>" * (512 * 1024 // 8),
            "nested.html": "<div>" * 1_000_000,
            "invalid.html": GOOD.format(title="Broken bytes")
            .encode()
            .replace(b"Monday", b"Mon\xff\xfe\x80day"),
            "bomb.html.gz": gzip.compress(b"<p>" + b"A" * (256 << 20), 9),
            "binary.html": bytes(range(256)) * 4096,
            "huge.html": GOOD.format(title="A very long page")
            + "<p>"
            + "word " * (20 << 20)
            + "</p>",
            "good-2.html": GOOD.format(title="Second good page"),
        }
        lines = []
        for number, (name, content) in enumerate(pages.items()):
            self.write(name, content)
            lines.append(
                json.dumps({"id": name, "url": f"https://example.org/{number}", "html": name})
            )
        lines.insert(3, "this is no JSON")
        lines.insert(
            5,
            json.dumps(
                {"id": "absent", "url": "https://example.org/absent", "html": "absent.html"}
            ),
        )
        self.write("pages.jsonl", "\n".join(lines) + "\n")
        code, out, err = run(
            "ingest",
            self.directory / "pages.jsonl",
            "--root",
            self.directory,
            "--set",
            f"data_dir={self.directory / 'data'}",
            timeout=300,
        )
        self.assertEqual(code, 1, err)
        summary = json.loads(out)
        self.assertEqual(summary["read"], len(lines), (summary, err))
        self.assertIn("pages.jsonl:4", err)
        self.assertIn("absent.html", err)
        code, out, err = run("search", "export licence", "--data", self.directory / "data")
        self.assertEqual(code, 0, err)
        titles = {json.loads(line)["title"] for line in out.splitlines()}
        self.assertLessEqual({"Licence rules tightened", "Second good page"}, titles)
        code, out, err = run("quarantine", "list", "--data", self.directory / "data")
        self.assertEqual(code, 0, err)
        records = [json.loads(line) for line in out.splitlines()]
        self.assertTrue(records)
        for record in records:
            self.assertTrue(record["reason"] and record["stage"] and record["detail"], record)
        accounted = summary["ingested"] + summary["duplicates"] + summary["quarantined"]
        self.assertEqual(accounted, len(lines) - 2, (summary, records))


FEED_ITEM = "<item><title>{0}</title><link>{1}/{0}</link><guid>{1}/{0}</guid></item>"


class BrokenSites(http.server.BaseHTTPRequestHandler):
    """A good feed, and beside it feeds and pages that break off, lie or never end."""

    def do_GET(self):
        responses = {
            "/good.xml": self.good_feed,
            "/cut.xml": self.cut_feed,
            "/empty.xml": lambda: self.answer(b"", "application/rss+xml"),
            "/garbage.xml": lambda: self.answer(bytes(range(256)) * 100, "application/rss+xml"),
            "/a": self.good_page,
            "/b": self.good_page,
            "/bomb": self.bomb,
            "/endless": lambda: self.answer(b"", None, 302, {"location": "/endless"}),
        }
        responses.get(self.path, lambda: self.answer(b"", None, 404))()

    def answer(self, body, kind, status=200, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if kind:
            self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def base(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def good_feed(self):
        items = "".join(FEED_ITEM.format(name, self.base()) for name in ["a", "bomb", "endless"])
        feed = f"<rss version='2.0'><channel><title>Good</title>{items}</channel></rss>"
        self.answer(feed.encode(), "application/rss+xml")

    def cut_feed(self):
        item = FEED_ITEM.format("b", self.base())
        feed = f"<rss version='2.0'><channel><title>Cut</title>{item}<item><title>half an it"
        self.answer(feed.encode(), "application/rss+xml")

    def good_page(self):
        self.answer(GOOD.format(title="Page " + self.path[1:]).encode(), "text/html")

    def bomb(self):
        body = gzip.compress(b"<p>" + b"A" * (200 << 20))
        self.answer(body, "text/html", headers={"content-encoding": "gzip"})

    def log_message(self, *arguments):
        pass


class BadSources(EndToEnd):
    """Feeds and pages that break off, lie or never end, beside a source that works."""

    def test_a_broken_source_is_counted_and_the_others_go_on(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), BrokenSites)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        base = f"http://127.0.0.1:{server.server_port}"
        sources = self.directory / "sources.yaml"
        sources.write_text(
            "sources:\n"
            + "".join(
                f"  - name: {name}\n    homepage: {base}/\n    feeds: [{base}/{name}.xml]\n"
                "    country: FR\n    language: en\n    kind: newspaper\n"
                "    affiliation: independent\n"
                for name in ["good", "cut", "empty", "garbage", "absent"]
            )
        )
        vigie = self.keep(Vigie(self.directory, [sources]))
        wait_until(
            lambda: {"Page a", "Page b"} <= {hit["title"] for hit in vigie.all_hits("")},
            40,
            "the good pages of both feeds",
        )
        self.assertIsNone(vigie.process.poll())

        def failing():
            states = {s["name"]: s for s in vigie.get("/v1/sources")["sources"]}
            broken = ["empty", "garbage", "absent"]
            return states if all(states.get(name, {}).get("errors") for name in broken) else None

        wait_until(failing, 40, "the broken sources say their errors by reason")


class BadFiles(EndToEnd):
    def test_a_pack_with_an_error_names_file_line_and_column(self):
        pack = self.directory / "pack"
        pack.mkdir()
        (pack / "pack.yaml").write_text(
            "name: broken\ntopics:\n  - id: [not, an, id]\n    terms: {en: 7\n"
        )
        code, out, err = run("topics", "lint", pack)
        self.assertEqual(code, 1)
        self.assertRegex(err, r"pack\.yaml:\d+:\d+: ")

    def test_a_source_list_with_an_error_names_file_line_and_column(self):
        file = self.directory / "sources.yaml"
        file.write_text(
            "sources:\n  - name: A\n    homepage: not a url\n    feeds: []\n    country: XX1\n"
            "    kind: circus\n"
        )
        code, out, err = run("sources", "check", file)
        self.assertEqual(code, 1)
        self.assertRegex(err, r"sources\.yaml:\d+:\d+: ")

    def test_an_unknown_setting_names_the_nearest_and_exits_3(self):
        code, out, err = run("up", "--set", "fetch.min_gap=1")
        self.assertEqual(code, 3)
        self.assertIn("fetch.min_gap_ms", err)

    def test_a_directory_in_use_names_its_holder(self):
        sources = self.directory / "none.yaml"
        sources.write_text("sources: []\n")
        vigie = self.keep(Vigie(self.directory, [sources]))
        code, out, err = run(
            "up", "--set", f"data_dir={vigie.data}", "--set", "http.listen=127.0.0.1:0"
        )
        self.assertEqual(code, 3)
        self.assertIn(vigie.address, err)

    def test_a_single_service_on_the_embedded_log_names_vigie_up(self):
        import subprocess
        from harness import BUILD

        for program in ["vigie-crawler", "vigie-extractor", "vigie-indexer"]:
            done = subprocess.run(
                [BUILD / "bin" / program, "--set", f"data_dir={self.directory / program}"],
                capture_output=True,
                timeout=20,
                cwd=TOP,
            )
            self.assertEqual(done.returncode, 3, program)
            self.assertIn(b"vigie up", done.stderr)

    def test_a_log_that_lost_what_was_read_stops_and_the_gap_is_acknowledged(self):
        """A log restored from nothing: each shard names its gap and the way out, and what it had
        read stays.
        """
        for number in range(6):
            (self.directory / f"{number}.html").write_text(
                GOOD.format(title=f"Licence rules number {number}")
            )
        manifest = self.directory / "pages.jsonl"
        manifest.write_text(
            "".join(
                json.dumps({"id": str(n), "url": f"https://example.org/{n}", "html": f"{n}.html"})
                + "\n"
                for n in range(6)
            )
        )
        sources = self.directory / "none.yaml"
        sources.write_text("sources: []\n")
        data = self.directory / "data"
        settings = ["--set", f"data_dir={data}", "--set", "log.partitions=2"]
        code, out, err = run("ingest", manifest, "--root", self.directory, *settings)
        self.assertEqual(code, 0, err)
        shutil.rmtree(data / "log")
        gaps = 0
        while True:
            code, out, err = (
                run(
                    "up",
                    *settings,
                    "--set",
                    "http.listen=127.0.0.1:0",
                    "--set",
                    f"sources.files=[{sources}]",
                    timeout=60,
                )
                if gaps < 2
                else (0, "", "")
            )
            if code == 0:
                break
            self.assertEqual(code, 3, err)
            command = re.search(r"vigie log skip (articles) (\d+) (\d+)", err)
            self.assertTrue(command, err)
            self.assertIn("log_gap", err)
            code, out, err = run("log", "skip", *command.groups(), *settings)
            self.assertEqual(code, 0, err)
            gaps += 1
        self.assertEqual(gaps, 2, "one a shard")
        vigie = self.keep(Vigie(self.directory, [sources], ["log.partitions=2"]))
        wait_until(lambda: vigie.call("GET", "/readyz")[0] == 200, 30, "ready again")
        self.assertEqual(vigie.get("/v1/search", q="licence")["total"]["value"], 6)
        recorded = vigie.get("/v1/quarantine")["records"]
        self.assertEqual([record["reason"] for record in recorded], ["log_gap", "log_gap"])

    def test_a_query_that_cannot_be_read_gives_its_position(self):
        sources = self.directory / "none.yaml"
        sources.write_text("sources: []\n")
        vigie = self.keep(Vigie(self.directory, [sources]))
        status, headers, body = vigie.call("GET", "/v1/search", query={"q": "chips AND (export"})
        self.assertEqual(status, 400)
        self.assertIn("application/problem+json", headers["content-type"])
        problem = json.loads(body)
        self.assertIn("detail", problem)
        self.assertIn("position", problem)


if __name__ == "__main__":
    unittest.main(verbosity=2)
