"""Several indexers on a real broker: any of them answers for all shards; what is missing is said;
shards, stories and alerts are taken over.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import sys
import tempfile
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(TOP / "ops" / "kafka"), str(TOP / "tests" / "end_to_end")]
import harness  # noqa: E402
import kafka  # noqa: E402
import kafka_services  # noqa: E402

PARTITIONS = 4
SUBJECTS = [
    "chips",
    "export controls",
    "semiconductor sanctions",
    "compute clusters",
    "model releases",
    "research laboratories",
]
PLACES = ["Paris", "Seoul", "Taipei", "Washington", "Brussels", "Tokyo", "Delhi"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


QUERIES = [
    "chips",
    "report chips seoul",
    '"export controls"',
    "sanct* OR compute",
    "title:report -paris",
    "delegates NEAR/5 series",
    "research laboratories tokyo",
    "",
]


def body_of(number):
    """An article of its own for each number: no two share a sentence."""
    sentences = [
        f"On day {number} the {SUBJECTS[(number + i) % len(SUBJECTS)]} of "
        f"{PLACES[(number * 3 + i) % len(PLACES)]} were discussed, as report {number * 41 + i} of "
        f"series {number * 7 + i * 13} notes, by delegates {number * 17 + i}, "
        f"{number * 29 + i * 3} and {number * 31 + i * 5}."
        for i in range(14)
    ]
    if number % 3:
        sentences.append(f"Chips were mentioned {number} times in appendix {number * 3}.")
    return [" ".join(sentences[i : i + 5]) for i in range(0, len(sentences), 5)]


def page(number, url=None, copy_of=None):
    source = number if copy_of is None else copy_of
    paragraphs = "".join(f"<p>{text}</p>" for text in body_of(source))
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    html = (
        f"<html lang=en><head><title>Report {source} on chips</title>"
        f"<meta property=article:published_time content={stamp}></head>"
        f"<body><article><h1>Report {source} on chips</h1>{paragraphs}</article></body></html>"
    )
    return {
        "id": str(number),
        "url": url or f"https://news{number % 9}.example.org/reports/{number}",
        "html": html,
    }


class Program(kafka_services.Service):
    """One service process on the broker, at the same port whenever it is started."""

    def __init__(self, name, directory, brokers, *settings, program=None, port=None):
        self.port = port or free_port()
        mine = [
            "webhook.allow_networks=[127.0.0.0/8]",
            "indexer.shard_session=8s",
            "indexer.role_session=6s",
            *settings,
        ]
        super().__init__(
            name,
            directory,
            brokers,
            mine,
            program=program or "vigie-indexer",
            partitions=PARTITIONS,
            listen=f"127.0.0.1:{self.port}",
        )

    def lose_disk(self):
        self.kill()
        shutil.rmtree(self.data)

    def search(self, q, sort="relevance"):
        """Everything of the response that does not depend on who gives it."""
        return self.shape(self.get("/v1/search", q=q, sort=sort, limit=200))

    @staticmethod
    def shape(response):
        hits = [
            (hit["id"], hit["score"], hit["story"], hit["copies"], hit["snippet"])
            for hit in response["hits"]
        ]
        return {"total": response["total"], "hits": hits}

    def shards(self):
        return self.get("/v1/search", limit=0)["shards"]

    def is_whole(self):
        response = self.get("/v1/search", limit=0)
        return not response["partial"] and response["shards"] == {
            "total": PARTITIONS,
            "missing": [],
            "restoring": [],
        }


class Indexers(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="vigie-indexers-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.kafka = kafka.Kafka()
        self.addCleanup(self.kafka.stop)
        made = kafka_services.log_command(
            self.kafka.brokers, self.directory, "setup", partitions=PARTITIONS
        )
        self.assertEqual(made.returncode, 0, made.stderr)
        self.ingested = {}  # url → number of the text

    def run_program(self, *arguments, **options):
        program = Program(
            arguments[0], self.directory, self.kafka.brokers, *arguments[1:], **options
        )
        self.addCleanup(lambda: program.process.kill())
        self.addCleanup(
            lambda: (
                program.process.poll() is None
                or program.process.returncode in (0, -signal.SIGKILL)
                or print(program.tail(), file=sys.stderr)
            )
        )
        return program

    def ingest(self, indexer, numbers, copies=()):
        pages = [page(number) for number in numbers] + [
            page(number, f"https://copies{number % 5}.example.com/{number}", copy_of)
            for number, copy_of in copies
        ]
        self.ingested.update(
            {
                entry["url"]: number
                for entry, number in zip(pages, list(numbers) + [copy_of for _, copy_of in copies])
            }
        )
        lines = "".join(json.dumps(entry) + "\n" for entry in pages).encode()
        status, _, body = indexer.call(
            "POST",
            "/v1/ingest",
            lines,
            query={"alerts": "1"},
            headers={"content-type": "application/x-ndjson"},
        )
        self.assertEqual(status, 202, body)

    def agrees(self, indexer, query, sort, wanted):
        """Whether the response is for all shards; one that says so must be the wanted one. A shard
        that changes hands may be away for a moment, and is said to be.
        """
        response = indexer.get("/v1/search", q=query, sort=sort, limit=200)
        if not response["partial"]:
            self.assertEqual(indexer.shape(response), wanted, f"{query!r} at {indexer.name}")
        return not response["partial"]

    def test_scatter_gather_take_over_and_alerts(self):
        self.ports = [free_port(), free_port()]
        self.peers = "indexer.peers=" + json.dumps([f"http://127.0.0.1:{p}" for p in self.ports])
        self.checkpoints = f"indexer.checkpoint_dir={self.directory}/checkpoints"
        self.run_program("extractor", program="vigie-extractor")
        one = self.run_program("one", self.peers, port=self.ports[0])
        two = self.run_program("two", self.peers, port=self.ports[1])
        replica = self.run_program("replica", "log.group=replica", "alerts.deliver=false")
        for indexer in (one, two, replica):
            harness.wait_until(indexer.is_whole, 60, f"{indexer.name} answers for all shards")

        hook = harness.WebhookListener()
        self.addCleanup(hook.stop)
        subscription = two.subscribe("Chips", "chips", hook.url)  # at any indexer
        harness.wait_until(
            lambda: any(
                s["id"] == subscription["id"] for s in one.get("/v1/subscriptions")["subscriptions"]
            ),
            5,
            "the other one knows the subscription",
        )
        self.ingest(one, range(60), copies=[(1000 + n, n) for n in range(0, 60, 6)])
        for indexer in (one, two, replica):
            harness.wait_until(
                lambda: indexer.search("")["total"]["value"] == len(self.ingested),
                120,
                f"{indexer.name} finds everything",
                pause=0.5,
            )
        self.each_answers_as_the_whole(replica, [one, two])
        self.each_tells_of_every_alert(hook, subscription, [one, two])
        self.a_dead_indexer_is_taken_over(replica, one, two, hook)
        two = self.the_topics_alone_are_enough(replica, one, hook)
        self.checkpoints_restore_a_new_machine(replica, two, hook)

    def each_answers_as_the_whole(self, replica, indexers):
        """Any indexer answers for all shards, as the one that has all of them does, to the last bit
        of the score.
        """
        self.stories_agree(replica, indexers)
        for query in QUERIES:
            for sort in ("relevance", "newest"):
                wanted = replica.search(query, sort)
                for indexer in indexers:
                    harness.wait_until(
                        lambda: self.agrees(indexer, query, sort, wanted),
                        60,
                        f"{indexer.name} answers for all shards",
                        pause=0.5,
                    )
        some = replica.search("chips")["hits"][0][0]
        for indexer in indexers:
            self.assertEqual(
                indexer.get("/v1/facets", q="chips", field="language")["values"],
                replica.get("/v1/facets", q="chips", field="language")["values"],
            )
            self.assertEqual(
                indexer.get("/v1/timeline", q="chips")["bins"],
                replica.get("/v1/timeline", q="chips")["bins"],
            )
            self.assertEqual(
                indexer.get(f"/v1/articles/{some}"), replica.get(f"/v1/articles/{some}")
            )

    def each_tells_of_every_alert(self, hook, subscription, indexers):
        """Each story alerts once, whichever shard its copies are in; every indexer tells of it."""
        self.every_story_alerted_once(hook, 60)
        matches = [
            indexer.get(f"/v1/subscriptions/{subscription['id']}/matches", limit=200)["matches"]
            for indexer in indexers
        ]
        self.assertEqual(matches[0], matches[1])
        self.assertEqual(len(matches[0]), len(set(self.ingested.values())))

    def a_dead_indexer_is_taken_over(self, replica, one, two, hook):
        """One dies with its disk: what is missing is said at once, then taken over; alerts go on
        within 30 s.
        """
        killed = time.monotonic()
        two.lose_disk()
        self.ingest(one, range(100, 120), copies=[(1100, 3), (1101, 101)])
        missing = one.get("/v1/search", q="chips")
        self.assertTrue(missing["partial"] and missing["shards"]["missing"], missing["shards"])
        self.every_story_alerted_once(hook, 60)
        alerted = time.monotonic() - killed
        self.assertLess(alerted, 30, "the alerter and the clusterer are taken over within 30 s")
        harness.wait_until(one.is_whole, 60, "the shards of the dead one are taken over")
        whole = time.monotonic() - killed
        print(
            f"take-over of a dead indexer: alerts after {alerted:.1f} s, whole again after "
            f"{whole:.1f} s (sessions of 6 s and 8 s)",
            file=sys.stderr,
        )
        harness.wait_until(
            lambda: (
                one.search("")["total"]["value"]
                == replica.search("")["total"]["value"]
                == len(self.ingested)
            ),
            60,
            "everything is found",
        )
        self.stories_agree(replica, [one])
        self.assertEqual(one.search("chips seoul"), replica.search("chips seoul"))

    def the_topics_alone_are_enough(self, replica, one, hook):
        """The dead one comes back empty, and then the other dies with its disk: nothing but the
        topics is left. Out: the one that came back.
        """
        two = self.run_program("two", self.peers, self.checkpoints, port=self.ports[1])
        harness.wait_until(
            lambda: (
                two.is_whole()
                and one.is_whole()
                and two.get("/v1/pipeline")["index"]["shards"] == PARTITIONS
            ),
            60,
            "two indexers again",
        )
        one.lose_disk()
        self.ingest(two, range(200, 210), copies=[(1200, 7), (1201, 105)])
        self.every_story_alerted_once(hook, 60)
        harness.wait_until(
            lambda: two.is_whole() and two.search("")["total"]["value"] == len(self.ingested),
            60,
            "all shards are here",
        )
        self.stories_agree(replica, [two])
        for query in QUERIES:
            self.assertEqual(two.search(query), replica.search(query), query)
        return two

    def checkpoints_restore_a_new_machine(self, replica, two, hook):
        made = pathlib.Path(self.directory, "checkpoints")
        harness.wait_until(
            lambda: len(list(made.glob("0*/[0-9]*"))) >= PARTITIONS,
            30,
            "checkpoints of all shards",
        )
        two.stop()
        three = self.run_program("three", self.checkpoints)
        harness.wait_until(
            lambda: three.is_whole() and three.search("")["total"]["value"] == len(self.ingested),
            60,
            "all shards are at the new machine",
        )
        self.assertIn("restored from a checkpoint", three.log_file.read_text())
        self.assertEqual(three.search("chips seoul"), replica.search("chips seoul"))
        self.every_story_alerted_once(hook, 10)
        for program in (three, replica):
            self.assertEqual(program.stop(), 0, program.tail())

    def stories_agree(self, wanted, indexers):
        """Shards show stories when they learn of them: all of them within a moment."""
        harness.wait_until(
            lambda: all(story for _, _, story, _, _ in wanted.search("")["hits"]),
            30,
            "every article has its story",
        )
        for indexer in indexers:
            harness.wait_until(
                lambda: indexer.search("") == wanted.search(""),
                30,
                f"the stories of {indexer.name} are those of {wanted.name}",
            )

    def every_story_alerted_once(self, hook, seconds):
        stories = set(self.ingested.values())

        def told():
            out = {}
            for delivery in hook.taken():
                url = json.loads(delivery["body"])["data"]["article"]["url"]
                out.setdefault(self.ingested[url], set()).add(delivery["headers"]["webhook-id"])
            return out

        harness.wait_until(lambda: set(told()) == stories, seconds, "every story is told")
        self.assertEqual(
            {number: ids for number, ids in told().items() if len(ids) != 1},
            {},
            "a story under two ids",
        )


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    unittest.main(verbosity=2)
