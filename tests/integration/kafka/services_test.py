"""Crawler, extractor and indexer as three processes on a real broker: every article once, whichever
service is killed; commands beside them; garbage in every topic.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(TOP / "ops" / "kafka"), str(TOP / "tests" / "end_to_end")]
import harness  # noqa: E402
import kafka  # noqa: E402
import kafka_services  # noqa: E402

TOPICS = (
    "frontier pages articles fingerprints stories subscriptions matches deliveries status control "
    "quarantine"
).split()


class Services(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="vigie-services-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.kafka = kafka.Kafka()
        self.addCleanup(self.kafka.stop)

    def log_command(self, *arguments):
        return kafka_services.log_command(self.kafka.brokers, self.directory, *arguments)

    def test_every_article_once_over_a_kill_of_each_service(self):
        missing = self.log_command("check")
        self.assertEqual(missing.returncode, 1, missing.stderr)
        self.assertIn("vigie.pages.v1: does not exist", missing.stderr)
        made = self.log_command("setup")
        self.assertEqual((made.returncode, made.stderr), (0, ""))
        self.assertEqual(len(made.stdout.splitlines()), 19)
        self.assertEqual(self.log_command("check").returncode, 0)
        asked = (self.kafka.brokers, self.directory, "setup")
        differs = kafka_services.log_command(*asked, partitions=5)
        self.assertEqual(differs.returncode, 1, "what is there differs from what was asked for")
        tolerated = kafka_services.log_command(*asked, "--tolerate", partitions=5)
        self.assertEqual((tolerated.returncode, tolerated.stderr), (0, differs.stderr))

        newsroom = harness.Newsroom(self.directory, every=1, limit=120)
        self.addCleanup(newsroom.stop)
        services = {}
        for name in ("indexer", "extractor", "crawler"):
            services[name] = kafka_services.Service(
                name,
                self.directory,
                self.kafka.brokers,
                kafka_services.CRAWLING,
                sources=[newsroom.sources],
            )
            self.addCleanup(services[name].process.kill)
        indexer = services["indexer"]

        def found():
            return [hit["url"] for hit in indexer.all_hits("after:2000-01-01")]

        harness.wait_until(lambda: len(found()) >= 3, 90, "the first articles are searchable")
        for name in ("extractor", "crawler", "indexer"):
            before = len(found())
            services[name].kill_and_restart()
            self.addCleanup(services[name].process.kill)
            harness.wait_until(
                lambda: indexer.call("GET", "/readyz")[0] == 200 and len(found()) > before,
                90,
                f"articles go on after {name} was killed",
                pause=0.5,
            )
        urls = found()
        self.assertEqual(len(urls), len(set(urls)), "an article twice")

        self.others_can_read(urls)
        self.commands_work_beside_the_services(indexer, urls)
        self.garbage_is_named_and_nothing_is_lost(indexer, found, newsroom)
        for name in ("crawler", "extractor", "indexer"):
            self.assertEqual(services[name].stop_cleanly(), 0, services[name].tail())

    def vigie(self, *arguments, server=None):
        """A command with the log on this broker: (exit code, stdout, stderr)."""
        options = [
            "--set",
            "log.engine=kafka",
            "--set",
            f"log.brokers={self.kafka.brokers}",
            "--set",
            "log.partitions=4",
        ] + (["--server", server] if server else [])
        done = subprocess.run(
            [str(harness.VIGIE), *map(str, arguments), *options],
            capture_output=True,
            text=True,
            cwd=TOP,
            timeout=120,
        )
        return done.returncode, done.stdout, done.stderr

    def kcat(self, *arguments, stdin=None):
        done = subprocess.run(
            ["kcat", "-b", self.kafka.brokers, *arguments],
            capture_output=True,
            input=stdin,
            timeout=60,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def others_can_read(self, urls):
        seen = self.kcat("-C", "-t", "vigie.articles.v1", "-e", "-q", "-f", "%k\n").decode().split()
        self.assertGreaterEqual(len(set(seen)), len(urls))
        self.assertTrue(all(len(key) == 26 for key in seen), "keys are article ids")

    def commands_work_beside_the_services(self, indexer, urls):
        code, out, err = self.vigie("log", "cat", "articles")
        self.assertEqual((code, err), (0, ""))
        records = [json.loads(line) for line in out.splitlines()]
        self.assertGreaterEqual({record["value"]["url"] for record in records}, set(urls))
        self.assertEqual(self.vigie("search", "chips")[0], 3, "the index is the indexers'")
        code, out, err = self.vigie(
            "search", "after:2000-01-01", "--limit", "1000", server=f"http://{indexer.address}"
        )
        self.assertEqual((code, err), (0, ""))
        self.assertGreaterEqual({json.loads(line)["url"] for line in out.splitlines()}, set(urls))
        page = pathlib.Path(self.directory) / "page.html"
        page.write_text(
            "<html lang=en><head><title>Licences for chips</title></head><body><article>"
            "<h1>Licences for chips</h1>"
            + "<p>The ministry said on Tuesday that licences for advanced chips will be judged one "
            "by one, and that nobody should expect a response soon.</p>"
            * 3
            + "</article></body></html>"
        )
        empty = pathlib.Path(self.directory) / "empty.html"
        empty.write_text("")
        manifest = pathlib.Path(self.directory) / "manifest.jsonl"
        manifest.write_text(
            json.dumps({"id": 1, "url": "https://ministry.example/licences", "html": "page.html"})
            + "\n"
            + json.dumps({"id": 2, "url": "https://ministry.example/empty", "html": "empty.html"})
            + "\n"
        )
        code, out, err = self.vigie("ingest", manifest, server=f"http://{indexer.address}")
        self.assertEqual(code, 1, err)
        self.assertEqual(
            json.loads(out), {"read": 2, "ingested": 1, "duplicates": 0, "quarantined": 1}
        )
        code, out, err = self.vigie("quarantine", "list")
        self.assertEqual((code, err), (0, ""))
        failed = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(
            [(each["stage"], each["url"]) for each in failed],
            [("extract", "https://ministry.example/empty")],
        )
        code, out, err = self.vigie("quarantine", "show", failed[0]["id"])
        self.assertEqual(code, 0, err)
        self.assertTrue(json.loads(out)["reason"])
        self.assertEqual(self.vigie("quarantine", "replay", failed[0]["id"])[0], 0)
        harness.wait_until(
            lambda: len(self.vigie("quarantine", "list")[1].splitlines()) == 1,
            60,
            "the page that is still empty is back in quarantine",
            pause=1,
        )

    def garbage_is_named_and_nothing_is_lost(self, indexer, found, newsroom):
        """Bytes that are no record, and a record of a schema to come, in every topic: each service
        names them and goes on.
        """
        garbage = b"u:garbage\t\xff\xfe no record of ours \xff\nfuture\t\xfa\x7f\x03new\n"
        for topic in TOPICS:
            self.kcat("-P", "-t", f"vigie.{topic}.v1", "-K", "\t", stdin=garbage)
        before = len(found())
        harness.wait_until(
            lambda: len(found()) > before or len(found()) >= len(newsroom.ledger()),
            90,
            "articles go on",
            pause=0.5,
        )
        wanted = {
            ("extract", "pages"),
            ("index", "articles"),
            ("cluster", "fingerprints"),
            ("alert", "matches"),
        }

        def set_aside():
            return {
                (each["stage"], each["topic"])
                for each in map(json.loads, self.vigie("quarantine", "list")[1].splitlines())
            }

        harness.wait_until(
            lambda: set_aside() >= wanted, 60, f"{wanted} are in quarantine", pause=1
        )
        indexer.get("/v1/pipeline")  # reads status
        for topic in ("stories", "subscriptions", "status", "control"):
            harness.wait_until(
                lambda: re.search(
                    rf"cannot be read.*topic={topic}", indexer.log_file.read_text(errors="replace")
                ),
                60,
                f"garbage in {topic} is named",
            )
        harness.wait_until(
            lambda: indexer.call("GET", "/readyz")[0] == 200, 60, "and the indexer is ready"
        )


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    unittest.main(verbosity=2)
