"""Programs of an earlier commit and today's beside each other on one broker: the services are
replaced one at a time in the order of CHANGELOG.md, each with its data, while a newsroom goes on
publishing. None ends, nothing is lost or twice, each article alerts once.

The commit stands in ops/upgrade_from; its programs are built once, in a work tree of their own
(VIGIE_OLD_PROGRAMS names a folder that has them). With VIGIE_DEPLOY=1.
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

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "ops" / "kafka"), str(TOP / "tests" / "end_to_end")]
import harness  # noqa: E402
import kafka  # noqa: E402
import kafka_services  # noqa: E402

READY_WITHIN_S = 90
GOES_ON_WITHIN_S = 60
ALL_WITHIN_S = 120
ORDER = re.compile(r"^Order: (\w+)s, then (\w+)s, then (\w+)s; one at a time", re.MULTILINE)
PROGRAMS = ("vigie", "vigie-crawler", "vigie-extractor", "vigie-indexer")


def setUpModule():
    if os.environ.get("VIGIE_DEPLOY") != "1":
        raise unittest.SkipTest("skipped: only with VIGIE_DEPLOY=1 (ops/test --deploy)")


def old_programs():
    """The folder of the programs of the commit that ops/upgrade_from names."""
    named = os.environ.get("VIGIE_OLD_PROGRAMS")
    if named:
        return pathlib.Path(named)
    commit = (TOP / "ops/upgrade_from").read_text().split()[0]
    base = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    tree = base / "vigie" / "deploy" / commit
    if not all((tree / "build/bin" / program).exists() for program in PROGRAMS):
        tree.mkdir(parents=True, exist_ok=True)
        archive = subprocess.Popen(
            ["git", "-C", str(TOP), "archive", commit], stdout=subprocess.PIPE
        )
        subprocess.run(["tar", "-x", "-C", str(tree)], stdin=archive.stdout, check=True)
        if archive.wait() != 0:
            raise RuntimeError(f"git has no commit {commit}: ops/upgrade_from")
        for command in (["cmake", "--preset", "release"], ["ninja", "-C", "build", "programs"]):
            subprocess.run(command, cwd=tree, check=True, stdout=subprocess.DEVNULL)
    return tree / "build/bin"


class Upgrade(unittest.TestCase):
    def setUp(self):
        self.old = old_programs()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="vigie-upgrade-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.kafka = kafka.Kafka()
        self.addCleanup(self.kafka.stop)
        self.newsroom = harness.Newsroom(self.directory, every=1, edit_after=100_000)
        self.addCleanup(self.newsroom.stop)
        self.receiver = harness.WebhookListener()
        self.addCleanup(self.receiver.stop)

    def start(self, name, folder):
        (self.directory / folder).mkdir()
        service = kafka_services.Service(
            name,
            self.directory / folder,
            self.kafka.brokers,
            [*kafka_services.CRAWLING, "indexer.query_deadline=30s"],
            program=str(self.old / f"vigie-{name}"),
            sources=[self.newsroom.sources],
        )
        self.addCleanup(lambda: service.process.kill())
        return service

    def log_setup(self, program):
        settings = [*kafka_services.on_broker(self.kafka.brokers), f"data_dir={self.directory}/x"]
        command = [program, "log", "setup", "--tolerate", *harness.set_options(settings)]
        subprocess.run([*map(str, command)], check=True, capture_output=True, cwd=TOP, timeout=120)

    def order(self):
        found = ORDER.search((TOP / "CHANGELOG.md").read_text())
        self.assertIsNotNone(found, "CHANGELOG.md says in which order to upgrade")
        return found.groups()

    def none_has_ended(self):
        for service in self.services:
            code = service.process.poll()
            self.assertIsNone(code, f"{service.name} ended with {code}: {service.tail()}")

    def found(self):
        hits = self.indexer.all_hits("after:2000-01-01")
        return [hit["url"] for hit in hits]

    def ready(self, service):
        harness.wait_until(
            lambda: service.call("GET", "/readyz")[0] == 200,
            READY_WITHIN_S,
            f"{service.name} is ready",
        )

    def new_articles_come(self):
        before = len(self.found())
        harness.wait_until(
            lambda: len(self.found()) > before + 1, GOES_ON_WITHIN_S, "articles go on", pause=0.5
        )
        self.none_has_ended()

    def test_services_are_replaced_one_at_a_time(self):
        self.log_setup(self.old / "vigie")
        self.services = [
            self.start(name, f"{name}-{number}")
            for name in reversed(self.order())
            for number in range(2 if name == "extractor" else 1)
        ]
        (self.indexer,) = [one for one in self.services if one.name == "indexer"]
        for service in self.services:
            self.ready(service)
        # in English alone; each article of the newsroom has "the" in its text
        self.indexer.subscribe("everything in English", "lang:en", self.receiver.url)
        harness.wait_until(lambda: len(self.found()) >= 5, 120, "the first articles", pause=0.5)
        harness.wait_until(self.receiver.taken, 60, "the first alert", pause=0.5)
        self.log_setup(harness.VIGIE)  # topics that are new
        for name in self.order():
            for service in [one for one in self.services if one.name == name]:
                self.assertEqual(service.stop_cleanly(), 0, service.tail())
                service.program = f"vigie-{name}"
                service.start()
                self.ready(service)
                self.new_articles_come()
                print(f"{name} replaced; {len(self.found())} articles", flush=True)
        published = {entry["url"] for entry in self.newsroom.ledger()}  # it goes on
        harness.wait_until(
            lambda: published <= set(self.found()), ALL_WITHIN_S, "all is there", pause=0.5
        )
        urls = self.found()
        self.assertEqual(len(urls), len(set(urls)), "an article twice")
        self.alerts_came_once()
        for service in self.services:
            self.assertEqual(service.stop_cleanly(), 0, service.tail())

    def alerts_came_once(self):
        """Each article of the alert once; a repeat has the id of the first."""

        def told():
            by_article = {}
            for one in self.receiver.taken():
                article = json.loads(one["body"])["data"]["article"]["url"]
                by_article.setdefault(article, set()).add(one["headers"]["webhook-id"])
            return by_article

        alerts = told()
        wanted = {hit["url"] for hit in self.indexer.all_hits("lang:en")}
        for article, ids in alerts.items():
            self.assertIn(article, wanted)
            self.assertEqual(len(ids), 1, f"{article} alerted twice")
        self.assertGreater(len(alerts), 3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
