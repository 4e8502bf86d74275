"""Crawler, extractor and indexer as three processes on a real broker: every article once, whichever service is killed."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(TOP / "ops" / "kafka"), str(TOP / "tests" / "end_to_end")]
import harness  # noqa: E402
import kafka  # noqa: E402


class Service(harness.Vigie):
    """One of the three services, with what harness.Vigie knows of asking over HTTP."""

    def __init__(self, name, directory, sources, brokers):
        self.name, self.brokers = name, brokers
        directory = pathlib.Path(directory) / name
        directory.mkdir()
        super().__init__(directory, sources)

    def start(self):
        address_file = self.data / "http.addr"
        address_file.unlink(missing_ok=True)
        command = [str(harness.BUILD / "bin" / f"vigie-{self.name}"), "--set", "log.engine=kafka", "--set", f"log.brokers={self.brokers}", "--set", "log.partitions=4",
                   "--set", f"data_dir={self.data}", "--set", "http.listen=127.0.0.1:0", "--set", "sources.files=" + json.dumps([str(s) for s in self.sources]),
                   "--set", "fetch.allow_networks=[127.0.0.0/8]", "--set", "fetch.feed_floor_s=1", "--set", "fetch.min_gap_ms=20", "--set", "fetch.ip_gap_ms=20"]
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=TOP)
        harness.wait_until(lambda: address_file.exists() and address_file.read_text().strip() or self._died(), 60, f"{self.name} listens")
        self.address = address_file.read_text().strip().removeprefix("http://")

    def kill_and_restart(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.start()

    def stop_cleanly(self):
        self.process.terminate()
        return self.process.wait(20)


class Services(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="vigie-services-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.kafka = kafka.Kafka()
        self.addCleanup(self.kafka.stop)

    def log_command(self, *arguments):
        return subprocess.run([str(harness.VIGIE), "log", *arguments, "--set", "log.engine=kafka", "--set", f"log.brokers={self.kafka.brokers}", "--set", "log.partitions=4",
                               "--set", f"data_dir={self.directory}/command"], capture_output=True, text=True, cwd=TOP, timeout=60)

    def test_every_article_once_over_a_kill_of_each_service(self):
        missing = self.log_command("check")
        self.assertEqual(missing.returncode, 1, missing.stderr)
        self.assertIn("vigie.pages.v1: does not exist", missing.stderr)
        made = self.log_command("setup")
        self.assertEqual((made.returncode, made.stderr), (0, ""))
        self.assertEqual(len(made.stdout.splitlines()), 11)
        self.assertEqual(self.log_command("check").returncode, 0)

        newsroom = harness.Newsroom(self.directory, every=1, limit=40)
        self.addCleanup(newsroom.stop)
        services = {}
        for name in ("indexer", "extractor", "crawler"):
            services[name] = Service(name, self.directory, [newsroom.sources], self.kafka.brokers)
            self.addCleanup(services[name].process.kill)
        indexer = services["indexer"]

        def found():
            return [hit["url"] for hit in indexer.all_hits("after:2000-01-01")]

        harness.wait_until(lambda: len(found()) >= 3, 90, "the first articles are searchable")
        for name in ("extractor", "crawler", "indexer"):
            before = len(found())
            services[name].kill_and_restart()
            self.addCleanup(services[name].process.kill)
            harness.wait_until(lambda: indexer.call("GET", "/readyz")[0] == 200 and len(found()) > before, 90, f"articles go on after {name} was killed", pause=0.5)
        urls = found()
        self.assertEqual(len(urls), len(set(urls)), "an article twice")

        if shutil.which("kcat"):
            seen = subprocess.run(["kcat", "-b", self.kafka.brokers, "-C", "-t", "vigie.articles.v1", "-e", "-q", "-f", "%k\n"], capture_output=True, text=True, timeout=60)
            self.assertGreaterEqual(len(set(seen.stdout.split())), len(urls), seen.stderr)
        for name in ("crawler", "extractor", "indexer"):
            self.assertEqual(services[name].stop_cleanly(), 0, services[name].tail())


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    unittest.main(verbosity=2)
