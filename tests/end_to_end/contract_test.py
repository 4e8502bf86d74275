"""Sentences of ops/spec that no other test here holds, tried from outside."""

import gzip
import json
import os
import subprocess
import time
import unittest

from harness import VIGIE, EndToEnd, EventStream, Newsroom, Vigie, run, wait_until

PAGE = (
    "<!doctype html><html lang='en'><head><title>Licences for chips</title></head><body><article>"
    "<h1>Licences for chips</h1>"
    "<p>Export controls on advanced chips were widened on Monday, and every maker now needs a "
    "licence before it ships, officials in Washington said.</p>"
    "<p>Producers in three countries said that they would study the text before they decide "
    "whether to stop their deliveries.</p></article></body></html>"
)


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


class Contract(EndToEnd):
    def write(self, name, content):
        path = self.directory / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    def test_a_dash_is_standard_input(self):
        code, out, err = run(
            "url", "-", "http://b.example/", stdin=b"http://a.example/\r\n\nhttp://%/\n"
        )
        self.assertEqual(code, 1, err)
        first, second, third = lines_of(out)
        self.assertEqual((first["host"], third["host"]), ("a.example", "b.example"))
        self.assertEqual(set(second), {"url", "error"})
        robots = self.write("robots.txt", "User-agent: *\nDisallow: /x\n")
        code, out, err = run(
            "robots",
            "--agent",
            "vigie",
            "--robots",
            robots,
            "-",
            stdin=b"http://a.example/x\nhttp://a.example/y\n",
        )
        self.assertEqual(
            (code, [line["allowed"] for line in lines_of(out)]), (0, [False, True]), err
        )
        self.assertEqual(run("robots", "--agent", "vigie", "--robots", "-", "-", stdin=b"")[0], 2)

    def test_every_command_takes_settings_and_says_what_is_wrong_in_them(self):
        robots = self.write("robots.txt", "")
        page = self.write("page.html", PAGE)
        feed = self.write(
            "feed.xml",
            "<rss version='2.0'><channel><title>T</title><item><link>https://a.example/1</link>"
            "</item></channel></rss>",
        )
        commands = {
            "url": ["http://a.example/"],
            "robots": ["--agent", "a", "--robots", robots, "http://a.example/"],
            "feed": [feed],
            "extract": [page],
            "config": [],
            "sources": ["check", "ops/sources/ai-geopolitics.yaml"],
            "topics": ["list", "ops/topics/ai-geopolitics"],
        }
        for name, arguments in commands.items():
            for position in ("before", "after"):

                def typed(setting):
                    return (
                        (["--set", setting, name] if position == "before" else [name])
                        + arguments
                        + (["--set", setting] if position == "after" else [])
                    )

                self.assertEqual(run(*typed("log.partitions=3"))[0], 0, (name, position))
                code, out, err = run(*typed("log.partitons=3"))
                self.assertEqual(code, 3, (name, position))
                self.assertIn("log.partitions", err)
        self.assertEqual(run("search", "chips", "--limit", "-1")[0], 2)
        self.assertIn(
            "log.partitions: 4 ",
            run(
                "--set",
                "log.partitions=3",
                "config",
                "--set",
                "log.partitions=4",
                "--format",
                "text",
            )[1],
        )

    def test_lines_are_json_unless_text_is_asked_for(self):
        settings = {
            line["key"]: line
            for line in map(json.loads, run("config", "--set", "log.partitions=4")[1].splitlines())
        }
        self.assertEqual(
            (settings["log.partitions"]["value"], settings["log.partitions"]["origin"]),
            (4, "--set"),
        )
        robots = self.write("robots.txt", "User-agent: *\nDisallow: /private\n")
        manifest = self.write(
            "m.jsonl",
            json.dumps(
                {
                    "id": "one",
                    "title": "Export controls on AI chips",
                    "text": "The United States tightens export controls on Nvidia chips for China.",
                }
            ),
        )
        feed = self.write(
            "feed.xml",
            "<rss version='2.0'><channel><title>T</title><item><title>Chips</title>"
            "<link>https://a.example/1</link></item></channel></rss>",
        )
        commands = [
            ("url", "http://a.example/?utm_source=x"),
            ("robots", "--agent", "a", "--robots", robots, "http://a.example/private"),
            ("tag", "--manifest", manifest),
            ("feed", feed),
            ("topics", "list", "ops/topics/ai-geopolitics"),
            ("sources", "check", "ops/sources/ai-geopolitics.yaml"),
            ("log", "cat", "pages", "--data", self.directory / "data"),
            ("log", "check", "--data", self.directory / "data"),
        ]
        self.assertEqual(run("log", "setup", "--data", self.directory / "data")[0], 0)
        for command in commands:
            code, out, err = run(*command)
            self.assertEqual(code, 0, (command, err))
            for line in out.splitlines():
                self.assertIsInstance(json.loads(line), dict, command)
            code, out, err = run(*command, "--format", "text")
            self.assertEqual(code, 0, (command, err))
            self.assertNotIn("{", out, command)
        self.assertIn("allowed: no", run(*commands[1], "--format", "text")[1])
        self.assertIn("export-controls · about", run(*commands[2], "--format", "text")[1])

    def test_extract_keeps_the_id_of_the_manifest_and_obeys_max_page_bytes(self):
        self.write("page.html", PAGE)
        self.write(
            "long.html",
            PAGE.replace(
                "</article>",
                "<p>A sentence that makes this page longer than the limit set for it.</p>" * 2000
                + "<p>Zebra at the very end of it.</p></article>",
            ),
        )
        ids = [7, "seven", 7.5, None, ""]
        manifest = self.write(
            "m.jsonl",
            "\n".join(
                json.dumps({"id": i, "url": "https://a.example/1", "html": "page.html"})
                for i in ids
            )
            + "\n"
            + json.dumps({"id": "long", "url": "https://a.example/2", "html": "long.html"}),
        )
        code, out, err = run(
            "extract",
            "--manifest",
            manifest,
            "--set",
            "extract.max_page_bytes=20000",
            "--jobs",
            "4",
        )
        self.assertEqual(code, 0, err)
        lines = lines_of(out)
        self.assertEqual([line["id"] for line in lines[:3]], [7, "seven", 7.5])
        self.assertEqual(lines[3]["id"], lines[4]["id"])
        self.assertRegex(lines[3]["id"], "^[a-z2-7]{26}$")
        self.assertNotIn("Zebra", lines[5]["text"])

    def test_a_bad_manifest_line_of_ingest_is_one_short_line_and_the_rest_goes_on(self):
        self.write("page.html", PAGE)
        manifest = self.write(
            "m.jsonl",
            b'{"id":"a","url":"https://a.example/1","html":"'
            + b"x" * 3_000_000
            + b'"}\n\xff\xfe\n'
            + json.dumps({"id": "b", "url": "https://a.example/1", "html": "page.html"}).encode(),
        )
        code, out, err = run("ingest", manifest, "--data", self.directory / "data")
        self.assertEqual(code, 1)
        self.assertEqual(
            {key: lines_of(out)[0][key] for key in ("read", "ingested")}, {"read": 3, "ingested": 1}
        )
        self.assertEqual(len(err.splitlines()), 2, err[:2000])
        self.assertTrue(all(len(line) < 3_000 for line in err.splitlines()))

    def test_http_answers_as_the_field_does(self):
        vigie = self.keep(Vigie(self.directory, [self.write("none.yaml", "sources: []\n")]))
        for method, path in [
            ("GET", "/v1/ingest"),
            ("PUT", "/v1/ingest"),
            ("PUT", "/v1/session"),
            ("POST", "/v1/search"),
            ("DELETE", "/metrics"),
        ]:
            status, headers, body = vigie.call(method, path)
            self.assertEqual((status, json.loads(body)["status"]), (405, 405), (method, path))
            self.assertTrue(headers["allow"])
            self.assertEqual(headers["content-type"], "application/problem+json")
        self.assertEqual(vigie.call("GET", "/v1/nothing")[0], 404)
        self.assertEqual(vigie.get("/v1/facets", q="", field="lang")["field"], "language")
        response = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE.encode()
        warc = (
            (
                b"WARC/1.1\r\nWARC-Type: response\r\n"
                b"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
                b"WARC-Date: 2026-11-20T10:00:00Z\r\n"
                b"WARC-Target-URI: https://w.example/1\r\nContent-Type: application/http; "
                b"msgtype=response\r\nContent-Length: %d\r\n\r\n" % len(response)
            )
            + response
            + b"\r\n\r\n"
        )
        for body in (warc, gzip.compress(warc)):
            status, headers, body = vigie.call(
                "POST", "/v1/ingest", body, headers={"content-type": "application/octet-stream"}
            )
            self.assertEqual(
                (status, json.loads(body)["read"], json.loads(body)["problems"]), (202, 1, [])
            )
        self.assertEqual(vigie.stop(), 0)

    def test_a_stream_resumes_with_all_that_came_after(self):
        newsroom = self.keep(Newsroom(self.directory, every=0.2, limit=30, edit_after=2))
        vigie = self.keep(Vigie(self.directory, [newsroom.sources], ["alerts.max_age=100000h"]))
        vigie.call(
            "POST", "/v1/subscriptions", {"name": "n", "query": "lang:en OR lang:fr OR lang:de"}
        )
        stream = self.keep(EventStream(vigie))
        wait_until(
            lambda: len({json.loads(event["data"])["id"] for event in stream.of("article")}) >= 30,
            60,
            "all articles on the stream",
        )
        time.sleep(3)  # alerts and edits
        live = list(stream.events)
        for last in (0, len(live) // 2):
            again = self.keep(EventStream(vigie, last_event_id=live[last]["id"]))
            wanted = sorted(event["data"] for event in live[last + 1 :])
            wait_until(
                lambda: len(again.events) >= len(wanted),
                15,
                f"{len(wanted)} events again after {live[last]['id']}",
            )
            got = sorted(event["data"] for event in again.events)
            self.assertEqual(
                [json.loads(data)["id"] for data in got][: len(wanted)],
                [json.loads(data)["id"] for data in wanted],
            )
        sources = {source["id"]: source["name"] for source in vigie.get("/v1/sources")["sources"]}
        for value in vigie.get("/v1/facets", q="", field="source")["values"]:
            self.assertEqual(value["name"], sources[value["value"]])

    def test_a_command_finds_the_key_of_the_process_that_holds_its_data(self):
        keys = self.write("keys", "# for tests\nkey-of-the-contract-test\n")
        os.chmod(keys, 0o600)
        vigie = self.keep(
            Vigie(
                self.directory,
                [self.write("none.yaml", "sources: []\n")],
                [f"api.keys_file={keys}"],
            )
        )
        without = {key: value for key, value in os.environ.items() if key != "VIGIE_API_KEY"}
        code, out, err = run("search", "chips", "--data", vigie.data, env=without)
        self.assertEqual(code, 3)
        self.assertIn("VIGIE_API_KEY", err)
        self.assertEqual(
            run(
                "search",
                "chips",
                "--data",
                vigie.data,
                "--set",
                f"api.keys_file={keys}",
                env=without,
            )[0],
            0,
        )
        self.assertEqual(
            run(
                "search",
                "chips",
                "--server",
                vigie.address,
                env={**without, "VIGIE_API_KEY": "key-of-the-contract-test"},
            )[0],
            0,
        )
        second = subprocess.run(
            [str(VIGIE), "up", "--set", f"data_dir={vigie.data}"], capture_output=True, timeout=30
        )
        self.assertEqual(second.returncode, 3)
        self.assertIn(b"in use", second.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
