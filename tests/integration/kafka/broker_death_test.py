"""The broker is killed (kill -9) under crawler, extractor and indexer and comes back: no service
ends, each says within 15 s that it is not ready and why, each is ready again, everything is read
within 30 s, no article is lost or twice. Each death outlasts the sessions of all members: those
that wait for the broker meanwhile are fenced by their own return (ADR 0025). VIGIE_BROKER_DEATHS
(default 3) is how often; VIGIE_BROKER_AWAY_S (default 10) how long it is away each time.
"""

import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(TOP / "ops" / "kafka"), str(TOP / "tests" / "end_to_end")]
import harness  # noqa: E402
import kafka  # noqa: E402
import kafka_services  # noqa: E402

DEATHS = int(os.environ.get("VIGIE_BROKER_DEATHS", "3"))
AWAY_S = float(os.environ.get("VIGIE_BROKER_AWAY_S", "10"))
NOT_READY_WITHIN_S = 15
READY_WITHIN_S = 60  # a group's session, and reading to the end
READ_WITHIN_S = 30
SESSION_MS = 8_000  # of every group
NAMES = ("crawler", "extractor", "indexer")


class BrokerDeath(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="vigie-broker-death-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.kafka = kafka.Kafka()
        self.addCleanup(self.kafka.stop)
        made = kafka_services.log_command(self.kafka.brokers, self.directory, "setup")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.newsroom = harness.Newsroom(self.directory, every=1)
        self.addCleanup(self.newsroom.stop)
        self.services = {}
        for name in NAMES:
            self.services[name] = kafka_services.Service(
                name,
                self.directory,
                self.kafka.brokers,
                [
                    *kafka_services.CRAWLING,
                    "log.format=json",
                    f"log.kafka.session.timeout.ms={SESSION_MS}",
                    "indexer.query_deadline=30s",  # a busy machine is no matter of this test
                ],
                sources=[self.newsroom.sources],
            )
            self.addCleanup(self.services[name].process.kill)

    def status(self, name, path="/readyz"):
        self.alive(name)
        try:
            return self.services[name].call("GET", path)[0]
        except OSError:
            time.sleep(1)  # it says why it ends before it does
            self.alive(name)
            raise

    def alive(self, name):
        code = self.services[name].process.poll()
        self.assertIsNone(code, f"{name} ended with {code}: {self.services[name].tail()}")

    def figures(self, name):
        """metric with its labels → value"""
        text = self.services[name].call("GET", "/metrics")[2].decode()
        return {
            key: float(value)
            for key, value in re.findall(r"^([a-z]\S*) (\S+)$", text, re.MULTILINE)
        }

    def all_answer(self, wanted, within, path="/readyz"):
        """name → seconds until it answered so."""
        begun, found = time.monotonic(), {}

        def look():
            for name in NAMES:
                if name not in found and self.status(name, path) == wanted:
                    found[name] = round(time.monotonic() - begun, 1)
            return len(found) == len(NAMES)

        harness.wait_until(
            look, within, f"all answer {wanted} at {path}; so far {found}", pause=0.2
        )
        return found

    def everything_is_read(self, within):
        """Each lag is seen at nothing; the newsroom goes on publishing."""
        begun, left = time.monotonic(), None

        def look():
            nonlocal left
            seen = {
                (name, metric): value
                for name in NAMES
                for metric, value in self.figures(name).items()
                if metric.startswith("vigie_log_lag_records{")
            }
            left = set(seen) if left is None else left
            left -= {key for key, value in seen.items() if value == 0}
            return seen and not left

        try:
            harness.wait_until(look, within, "the log is read to its end", pause=0.2)
        except AssertionError as error:
            tails = "\n".join(f"{name}: {self.services[name].tail(1500)}" for name in NAMES)
            raise AssertionError(f"{error}; not yet: {sorted(left)}\n{tails}") from None
        return round(time.monotonic() - begun, 1)

    def what_comes_now_is_found(self, within):
        """Seconds until an article that is published from now on has gone through all three."""
        begun, before = time.monotonic(), len(self.newsroom.ledger())

        def look():
            fresh = {entry["url"] for entry in self.newsroom.ledger()[before:]}
            return fresh & set(self.found())

        harness.wait_until(look, within, "an article that was published after it", pause=0.2)
        return round(time.monotonic() - begun, 1)

    def found(self):
        return [hit["url"] for hit in self.services["indexer"].all_hits("after:2000-01-01")]

    def test_no_service_ends_and_each_says_so(self):
        harness.wait_until(lambda: len(self.found()) >= 3, 120, "the first articles are searchable")
        self.all_answer(200, READY_WITHIN_S)
        (broker,) = self.kafka.nodes
        record = []
        for _ in range(DEATHS):
            before = len(self.found())
            broker.kill()
            died = time.monotonic()
            unready = self.all_answer(503, NOT_READY_WITHIN_S)
            self.all_answer(200, 5, "/healthz")
            for name in NAMES:
                # where a partition was still being given out when it died, that is said first
                harness.wait_until(
                    lambda name=name: b"broker" in self.services[name].call("GET", "/readyz")[2],
                    NOT_READY_WITHIN_S,
                    f"{name} says that there is no broker",
                )
            time.sleep(max(0, AWAY_S - (time.monotonic() - died)))
            broker.start()
            self.kafka.wait_ready(broker)
            ready = self.all_answer(200, READY_WITHIN_S)
            read = self.everything_is_read(READ_WITHIN_S)
            found = self.what_comes_now_is_found(READ_WITHIN_S)
            self.assertGreater(len(self.found()), before)
            record.append(
                {"not_ready_s": unready, "ready_s": ready, "read_s": read, "found_s": found}
            )
            print(json.dumps(record[-1]), flush=True)
        urls = self.found()
        self.assertEqual(len(urls), len(set(urls)), "an article twice")
        for name in NAMES:
            with self.subTest(name):
                figures = self.figures(name)
                self.assertGreater(figures.get('vigie_kafka_errors_total{code="_TRANSPORT"}', 0), 0)
                self.assertNotIn('vigie_kafka_errors_total{code="_BAD_MSG"}', figures)
        self.logs_are_all_json()
        for name in NAMES:
            self.assertEqual(self.services[name].stop_cleanly(), 0, self.services[name].tail())

    def logs_are_all_json(self):
        for name in NAMES:
            lines = self.services[name].log_file.read_text().splitlines()
            events = [json.loads(line) for line in lines]
            self.assertIn("listening", [event["event"] for event in events])

    def test_a_service_that_is_stopped_while_the_broker_is_away_ends_in_time_and_well(self):
        self.all_answer(200, 120)
        self.kafka.nodes[0].kill()
        self.all_answer(503, NOT_READY_WITHIN_S)
        for name in NAMES:
            begun = time.monotonic()
            self.assertEqual(self.services[name].stop_cleanly(), 0, self.services[name].tail())
            self.assertLess(time.monotonic() - begun, 12)


if __name__ == "__main__":
    unittest.main()
