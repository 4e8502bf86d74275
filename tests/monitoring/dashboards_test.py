"""Debian's Prometheus scrapes running services while the newsroom publishes: every query of every
panel and of every rule must give data.

Of `vigie up`; with --kafka, of three services on a real broker, which ops/kafka starts. Of `vigie
up`, Grafana's own components then draw every dashboard, before and after the program was killed.
Pictures: build/tests/drawn.
"""

import contextlib
import json
import math
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests" / "end_to_end"), str(TOP / "ops" / "kafka")]
import harness  # noqa: E402
import kafka_services  # noqa: E402
import monitoring  # noqa: E402

PROMETHEUS = shutil.which("prometheus")
WITHIN_SECONDS = 180  # on a quiet machine a third of it
KAFKA = "--kafka" in sys.argv
DRAWING = TOP / "tests" / "monitoring" / "drawing"
BUILD = pathlib.Path(os.environ.get("VIGIE_BUILD", TOP / "build"))
RED, GREEN = "#F2495C", "#73BF69"  # of Grafana's dark theme
RED_WITHIN_SECONDS = 30


class Prometheus:
    """Debian's Prometheus with the rules as they are shipped, only evaluated every second."""

    def __init__(self, directory, targets):
        self.directory = pathlib.Path(directory) / "prometheus"
        (self.directory / "rules").mkdir(parents=True)
        for path in monitoring.RULES.glob("*.yml"):
            (self.directory / "rules" / path.name).write_text(
                path.read_text(encoding="utf-8").replace("interval: 15s", "interval: 1s"),
                encoding="utf-8",
            )
        config = {
            "global": {
                "scrape_interval": "1s",
                "scrape_timeout": "1s",
                "evaluation_interval": "1s",
            },
            "rule_files": [str(self.directory / "rules" / "*.yml")],
            "scrape_configs": [{"job_name": "vigie", "static_configs": [{"targets": targets}]}],
        }
        (self.directory / "prometheus.yml").write_text(json.dumps(config))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = open(self.directory / "log", "wb")
        self.process = subprocess.Popen(
            [
                PROMETHEUS,
                f"--config.file={self.directory}/prometheus.yml",
                f"--storage.tsdb.path={self.directory}/data",
                f"--web.listen-address=127.0.0.1:{self.port}",
            ],
            stdout=self.log,
            stderr=self.log,
        )
        harness.wait_until(self._ready, 60, "Prometheus is ready")

    def _ready(self):
        if self.process.poll() is not None:
            raise AssertionError(
                "Prometheus ended: " + (self.directory / "log").read_text(errors="replace")[-3000:]
            )
        with contextlib.suppress(OSError):
            return (
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=2).status
                == 200
            )
        return False

    def ask(self, expr):
        """[(labels, value)] now, without what is not a number."""
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.port}/api/v1/query?" + urllib.parse.urlencode({"query": expr}),
            timeout=20,
        ) as response:
            data = json.load(response)["data"]
        samples = (
            [({}, data["result"])]
            if data["resultType"] == "scalar"
            else [(sample["metric"], sample["value"]) for sample in data["result"]]
        )
        return [
            (labels, float(value)) for labels, (_, value) in samples if not math.isnan(float(value))
        ]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


@unittest.skipUnless(PROMETHEUS, "skipped: no prometheus; ops/install --test installs Debian's")
class DashboardsAndRules(harness.EndToEnd):
    def start_services(self):
        """(the process that has the API, every address that is scraped)"""
        newsroom = self.keep(harness.Newsroom(self.directory, every=1, edit_after=5))
        if not KAFKA:
            vigie = self.keep(harness.Vigie(self.directory, [newsroom.sources]))
            return vigie, [vigie.address]
        import kafka

        broker = self.keep(kafka.Kafka())
        setup = subprocess.run(
            [
                str(harness.VIGIE),
                "log",
                "setup",
                "--set",
                "log.engine=kafka",
                "--set",
                f"log.brokers={broker.brokers}",
                "--set",
                "log.partitions=4",
                "--set",
                f"data_dir={self.directory}/command",
            ],
            capture_output=True,
            text=True,
            cwd=TOP,
            timeout=120,
        )
        self.assertEqual(setup.returncode, 0, setup.stderr)
        services = [
            self.keep(
                kafka_services.Service(
                    name,
                    self.directory,
                    broker.brokers,
                    kafka_services.CRAWLING,
                    sources=[newsroom.sources],
                )
            )
            for name in ("indexer", "extractor", "crawler")
        ]
        return services[0], [service.address for service in services]

    def draw(self, prometheus, *boards):
        """What Grafana's components made of the figures: {board: what drawing/board.jsx notes}."""
        done = subprocess.run(
            [
                "node",
                str(DRAWING / "draw.mjs"),
                str(BUILD / "tests" / "drawing-modules"),
                str(monitoring.DASHBOARDS),
                f"http://127.0.0.1:{prometheus.port}",
                str(BUILD / "tests" / "drawn"),
                *boards,
            ],
            capture_output=True,
            text=True,
            timeout=300,
        )
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        return {board["board"]: board for board in map(json.loads, done.stdout.splitlines())}

    def check_drawn(self, prometheus):
        drawn = self.draw(prometheus)
        self.assertEqual(set(drawn), {path.stem for path in monitoring.DASHBOARDS.glob("*.json")})
        for name, board in drawn.items():
            with self.subTest(name):
                self.assertEqual(board["faults"] + board["errors"], [])
                self.assertEqual([why for _, why in board["empty"] if not why], [])
                for panel, legend in board["legends"]:
                    self.assertNotRegex(legend, r"[(){}\[\]]|rate|sum", panel)
                for tile in board["tiles"]:
                    self.assertTrue(tile["text"], tile)
        tiles = {tile["panel"]: tile for tile in drawn["vigie-overview"]["tiles"]}
        self.assertEqual(tiles["Services ready"]["text"], "100%")
        self.assertEqual(tiles["Services ready"]["colour"], GREEN)
        self.assertEqual(tiles["Programs silent"]["text"], "0")

    def check_drawn_after_death(self, prometheus, vigie):
        """What is dead is red at once, and nothing that it said stays."""
        vigie.kill()
        deadline = time.monotonic() + RED_WITHIN_SECONDS
        harness.wait_until(lambda: prometheus.ask("up == 0"), RED_WITHIN_SECONDS, "it is missed")
        self.assertLess(time.monotonic(), deadline)
        (board,) = self.draw(prometheus, "vigie-overview").values()
        tiles = {tile["panel"]: tile for tile in board["tiles"]}
        self.assertEqual(tiles["Services ready"]["colour"], RED)
        self.assertEqual(tiles["Programs silent"]["text"], "1")
        self.assertEqual(tiles["Programs silent"]["colour"], RED)
        self.assertNotIn("Articles that can be found", tiles)

    @staticmethod
    def queries_that_must_answer():
        """Where it stands → what is asked."""
        waiting = {
            query.where: monitoring.as_asked(query.expr)
            for query in monitoring.panel_queries()
            if not query.may_be_empty
        }
        waiting |= {
            query.where: monitoring.always_answers(query.expr)
            for query in monitoring.rule_queries()
        }
        if not KAFKA:
            for query in monitoring.panel_queries() + monitoring.rule_queries():
                if "vigie_kafka_" in query.expr:
                    waiting.pop(query.where, None)
        return waiting

    def test_every_query_of_every_panel_and_rule_gives_data(self):
        started = time.monotonic()
        vigie, targets = self.start_services()
        prometheus = self.keep(Prometheus(self.directory, targets))
        harness.wait_until(
            lambda: vigie.call("GET", "/readyz")[0] == 200, 90, "the indexer is ready"
        )
        listener = self.keep(harness.WebhookListener())
        vigie.subscribe("everything in English", "lang:en", listener.url)

        waiting = self.queries_that_must_answer()
        asked = len(waiting)
        deadline = time.monotonic() + WITHIN_SECONDS
        while waiting and time.monotonic() < deadline:
            vigie.get("/v1/search", q="chips OR export")
            for where, expr in list(waiting.items()):
                if prometheus.ask(expr):
                    del waiting[where]
            time.sleep(1)
        self.assertEqual(
            waiting,
            {},
            f"no data within {WITHIN_SECONDS} s; webhook deliveries: {len(listener.taken())}\n"
            + vigie.tail(1500),
        )
        print(
            f"{asked} queries gave data {time.monotonic() - started:.0f} s after the start",
            file=sys.stderr,
        )

        with self.subTest("what is shown is what happened"):
            ((_, searchable),) = prometheus.ask("sum(vigie_indexer_searchable_documents)")
            self.assertGreaterEqual(searchable, 20)
            ((_, delivered),) = prometheus.ask(
                'sum(vigie_deliveries_attempts_total{outcome="delivered"})'
            )
            self.assertGreaterEqual(len(listener.taken()), delivered)
            self.assertGreater(delivered, 0)
            ((_, violations),) = prometheus.ask("sum(vigie_crawler_politeness_violations_total)")
            self.assertEqual(violations, 0)
            ((_, ready),) = prometheus.ask("sum(vigie_ready)")
            self.assertEqual(ready, len(targets))

        with self.subTest("nothing fires in good health"):
            self.assertEqual(
                [
                    labels["alertname"]
                    for labels, _ in prometheus.ask('ALERTS{alertstate="firing"}')
                ],
                ["VigieWatchdog"],
            )

        if not KAFKA:
            with self.subTest("drawn by Grafana's components"):
                self.check_drawn(prometheus)
            with self.subTest("drawn after kill -9"):
                self.check_drawn_after_death(prometheus, vigie)


if __name__ == "__main__":
    sys.argv = [argument for argument in sys.argv if argument != "--kafka"]
    unittest.main(verbosity=2)
