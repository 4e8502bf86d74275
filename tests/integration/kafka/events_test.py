"""Alerts as CloudEvents on a real broker: the consumer of README.md, as it stands there, prints
each alert once, over the death of the indexer; records say what they are.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(TOP / "ops/kafka"), str(TOP / "tests/end_to_end"), str(TOP / "tests/openapi")]
import harness  # noqa: E402
import kafka  # noqa: E402
import kafka_services  # noqa: E402
import tools  # noqa: E402

CLIENT = "confluent-kafka==2.6.1"  # librdkafka within; the README's import
LIMIT_S = 120
TOPIC = "vigie.alerts.cloudevents.v1"
HEADERS = """import json, sys
from confluent_kafka import Consumer
consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "headers",
                     "auto.offset.reset": "earliest"})
consumer.subscribe([sys.argv[2]])
while (message := consumer.poll(1.0)) is None or message.error():
    pass
print(json.dumps([dict((k, v.decode()) for k, v in message.headers()), message.key().decode(),
                  json.loads(message.value())["id"]]))
"""


def consumer_of_readme():
    text = (TOP / "README.md").read_text(encoding="utf-8")
    return re.search(r"```python\n(import json, sys.*?)```", text, re.S).group(1)


def python():
    """A Python with the client, fetched once."""
    folder = pathlib.Path(harness.BUILD) / "tests/kafka_client"
    pip = [folder / "bin/pip", "install", "--quiet", "--no-deps", CLIENT]
    tools.installed(folder, CLIENT, [["python3", "-m", "venv", folder], pip])
    return folder / "bin/python"


def page(number):
    text = f"The chips of factory {number} were shown to {number * 7} visitors by guide {number}. "
    html = f"<html lang=en><head><title>Chips {number}</title></head><body><article>"
    html += f"<h1>Chips {number}</h1><p>{text * 3}</p></article></body></html>"
    return json.dumps({"url": f"https://events.example/{number}", "html": html}) + "\n"


def ready(service):
    harness.wait_until(
        lambda: service.call("GET", "/readyz")[0] == 200, LIMIT_S, f"{service.name} is ready"
    )


class Events(unittest.TestCase):
    def test_the_consumer_of_the_readme_prints_each_alert_once(self):
        try:
            client = python()
        except tools.Unreachable as error:
            if os.environ.get("CI"):
                raise
            self.skipTest(f"PyPI is out of reach: {error}")
        with tempfile.TemporaryDirectory() as directory, kafka.Kafka() as broker:
            made = kafka_services.log_command(broker.brokers, directory, "setup")
            self.assertEqual(made.returncode, 0, made.stderr)
            short = [
                "indexer.shard_session=6s",
                "indexer.role_session=6s",
                "alerts.cloudevents=true",
            ]
            extractor = kafka_services.Service("extractor", directory, broker.brokers)
            indexer = kafka_services.Service("indexer", directory, broker.brokers, short)
            try:
                self.follow(client, broker.brokers, indexer)
            finally:
                for service in (indexer, extractor):
                    service.stop_cleanly()

    def follow(self, client, brokers, indexer):
        ready(indexer)
        made = indexer.call("POST", "/v1/subscriptions", {"name": "Chips", "query": "chips"})
        self.assertEqual(made[0], 201, made)
        time.sleep(2)
        command = [str(client), "-u", "-c", consumer_of_readme(), brokers]
        reader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            seen = []
            for number in (1, 2):
                way = {"wait": 1, "alerts": 1}
                taken = indexer.call(
                    "POST", "/v1/ingest", page(number).encode(), way, timeout=LIMIT_S
                )
                self.assertEqual(taken[0], 200, taken)
                seen.append(reader.stdout.readline())
                if number == 1:
                    indexer.kill_and_restart()
                    ready(indexer)
            self.assertEqual(
                [line.split()[1:] for line in seen],
                [["Chips", f"https://events.example/{number}"] for number in (1, 2)],
            )
        finally:
            reader.kill()
            reader.wait()
        one = subprocess.run(
            [str(client), "-c", HEADERS, brokers, TOPIC],
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        headers, key, event = json.loads(one.stdout)
        self.assertEqual(headers["content-type"], "application/cloudevents+json; charset=UTF-8")
        self.assertEqual(key, event)


if __name__ == "__main__":
    unittest.main()
