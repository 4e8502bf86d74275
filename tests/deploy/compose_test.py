"""ops/compose on a real Docker Engine: the lines of its README typed in order; a broker killed and
brought back under the services; `down` leaves nothing that has no name, `down -v` nothing at all.

With VIGIE_DEPLOY=1, as `ops/test --deploy` sets it, as root, with dockerd and docker compose
(VIGIE_COMPOSE names it). Images come from no registry: stand_ins.py. VIGIE_PROFILE is one or three
brokers.
"""

import http.client
import json
import os
import pathlib
import re
import shlex
import shutil
import sys
import tempfile
import time
import unittest

import engine
import stand_ins
from stand_ins import TOP

sys.path.insert(0, str(TOP / "tests" / "containers"))
import manifests  # noqa: E402

BUILD = pathlib.Path(os.environ.get("VIGIE_BUILD", TOP / "build"))
FILE = TOP / "ops/compose/compose.yaml"
PROFILE = os.environ.get("VIGIE_PROFILE", "one")
IMAGES, TAG = "vigie-tested", "here"
SERVICES = ("crawler", "extractor", "indexer")
UP_S = 600
NOT_READY_WITHIN_S = 15
READY_WITHIN_S = 90
AWAY_S = 30
DEATHS = int(os.environ.get("VIGIE_COMPOSE_DEATHS", "2"))
PAGE = (
    "<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>"
    "<p>The export controls on chips that the ministry announced on Monday reach Nvidia and TSMC, "
    "and the number of this report is {number}.</p><p>Officials in Brussels said that the rules "
    "for advanced semiconductors would be looked at again before the end of the year.</p>"
    "</article></body></html>"
)


def setUpModule():
    if os.environ.get("VIGIE_DEPLOY") != "1":
        raise unittest.SkipTest("skipped: only with VIGIE_DEPLOY=1 (ops/test --deploy)")
    if os.geteuid() != 0:
        raise unittest.SkipTest("skipped: needs root")
    for program in ("dockerd", "docker", "debootstrap", "ip"):
        if not shutil.which(program):
            raise unittest.SkipTest(f"skipped: there is no {program}")
    if not os.environ.get("VIGIE_COMPOSE"):
        raise unittest.SkipTest("skipped: VIGIE_COMPOSE names no docker compose")
    engine.enter_own_network()


def readme_lines():
    """The commands of the README, in their order."""
    block = re.search(r"```sh\n(.*?)```", (TOP / "ops/compose/README.md").read_text(), re.DOTALL)[1]
    return [words for line in block.splitlines() if (words := shlex.split(line, comments=True))]


def stand_in_file(folder):
    """Beside compose.yaml: other images, and nothing to build, for there is no registry."""
    services = manifests.load_yaml(FILE)[0]["services"]
    lines = ["services:"]
    for name, service in services.items():
        lines.append(f"  {name}:")
        if "build" in service:
            lines.append("    build: !reset null")
        else:
            stand_in = re.sub(r"-\d$", "", name)
            if stand_in not in stand_ins.OTHERS:
                raise RuntimeError(f"there is no stand-in for {name}")
            lines.append(f"    image: vigie-stand-in/{stand_in}")
    path = pathlib.Path(folder) / "stand-ins.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="vigie-compose-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.other_file = stand_in_file(cls.folder.name)
        cls.engine = engine.Engine()
        cls.addClassCleanup(cls.engine.stop)
        cls.engine.environment |= {
            "COMPOSE_PROFILES": PROFILE,
            "VIGIE_IMAGES": IMAGES,
            "VIGIE_TAG": TAG,
            "VIGIE_CONTACT": "https://example.org/bot",
        }
        stand_ins.make_others(cls.engine)
        stand_ins.make_vigie(cls.engine, BUILD, IMAGES, TAG)

    def tearDown(self):
        self.compose("down", "-v", "--remove-orphans", check=False)

    def compose(self, *arguments, timeout=UP_S, **options):
        files = ["-f", str(FILE), "-f", str(self.other_file)]
        command = [os.environ["VIGIE_COMPOSE"], *files, *arguments]
        return self.engine.run(command, timeout=timeout, cwd=TOP, **options)

    def type(self, words):
        """A line of the README; what it printed."""
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self.engine.environment[name] = value
            return ""
        expected = ["docker", "compose", "-f", "ops/compose/compose.yaml"]
        self.assertEqual(words[:4], expected, words)
        try:
            return self.compose(*words[4:]).stdout
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.told()}") from None

    def told(self):
        """What the services said last, for who looks for the reason."""
        state = self.compose("ps", "-a", check=False).stdout
        return state + self.compose("logs", "--tail", "15", "--no-color", check=False).stdout

    def ask(self, method, path, key=None, body=None, port=8080):
        headers = {"authorization": f"Bearer {key}"} if key else {}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def healthy(self, service):
        """As the image's own health check sees it, which asks /readyz."""
        return (
            self.compose(
                "exec",
                "-T",
                service,
                f"/usr/bin/vigie-{service}",
                "--config",
                "/etc/vigie/vigie.yaml",
                "--health",
                check=False,
                timeout=60,
            ).returncode
            == 0
        )

    def all_are(self, wanted, within):
        """service → seconds until its health was so."""
        begun, found = time.monotonic(), {}
        while len(found) < len(SERVICES):
            for service in SERVICES:
                if service not in found and self.healthy(service) == wanted:
                    found[service] = round(time.monotonic() - begun, 1)
            if time.monotonic() - begun > within and len(found) < len(SERVICES):
                self.fail(f"healthy={wanted} not within {within} s: {found}\n{self.told()}")
            time.sleep(0.2)
        return found

    def searchable(self, key, wanted, within):
        deadline = time.monotonic() + within
        while True:
            status, text = self.ask("GET", "/v1/search?q=semiconductors&limit=1", key)
            total = json.loads(text)["total"]["value"] if status == 200 else 0
            if total >= wanted:
                return total
            self.assertLess(time.monotonic(), deadline, f"{status} {text[:500]}\n{self.told()}")
            time.sleep(0.5)

    def ingest(self, key, first, count):
        lines = [
            json.dumps(
                {
                    "id": str(number),
                    "url": f"http://news.example/{number}.html",
                    "html": PAGE.format(title=f"Chips report {number}", number=number * 7919),
                }
            )
            for number in range(first, first + count)
        ]
        status, text = self.ask("POST", "/v1/ingest", key, "\n".join(lines).encode())
        self.assertEqual(status, 202, text)

    def containers(self, service):
        return self.compose("ps", "-q", service).stdout.split()

    def restarts(self):
        return {
            service: self.engine.inspect(container)["RestartCount"]
            for service in SERVICES
            for container in self.containers(service)
        }

    def test_the_lines_of_the_readme_in_their_order(self):
        printed = {}
        begun = time.monotonic()
        for words in readme_lines():
            if "down" in words:
                break
            printed[words[-1] if words[0] == "docker" else words[1]] = self.type(words)
            if "--wait" in words:
                print(f"up --wait: {time.monotonic() - begun:.0f} s", flush=True)
        key = json.loads(printed["show-key"])["key"]
        password = json.loads(printed["show-grafana-password"])["key"]
        for secret in (key, password):
            self.assertRegex(secret, r"^[0-9a-f]{64}$")
        self.assertNotEqual(password, key)
        self.assertIn("vigie.pages.v1", printed["check"])
        self.assertEqual(self.ask("GET", "/v1/search?q=chips")[0], 401)
        self.ingest(key, 0, 10)
        self.searchable(key, 10, 60)
        self.prometheus_finds_all()
        self.a_broker_dies(key)
        self.down_leaves_nothing(key)

    def prometheus_finds_all(self):
        deadline = time.monotonic() + 90
        while True:
            _, text = self.ask("GET", "/api/v1/query?query=up", port=9090)
            up = {
                one["metric"].get("service"): one["value"][1]
                for one in json.loads(text)["data"]["result"]
            }
            if up == {service: "1" for service in SERVICES}:
                return
            self.assertLess(time.monotonic(), deadline, up)
            time.sleep(1)

    def a_broker_dies(self, key):
        broker = "kafka" if PROFILE == "one" else "kafka-1"
        (container,) = self.containers(broker)
        for death in range(DEATHS):
            self.engine("kill", "-s", "KILL", container)
            record = {"death": death + 1}
            if PROFILE == "one":
                record["not_ready_s"] = self.all_are(False, NOT_READY_WITHIN_S)
            time.sleep(AWAY_S)
            self.engine("start", container)
            back = time.monotonic()
            record["ready_s"] = self.all_are(True, READY_WITHIN_S)
            self.ingest(key, 100 * (death + 1), 10)
            self.searchable(key, 10 * (death + 2), 60)
            record["searchable_s"] = round(time.monotonic() - back, 1)
            record["restarts"] = self.restarts()
            print(json.dumps(record), flush=True)
            self.assertEqual(set(record["restarts"].values()), {0}, self.told())

    def down_leaves_nothing(self, key):
        down = readme_lines()[-1]
        self.assertEqual(down[-1], "down")
        before = self.searchable(key, 1, 60)
        self.type(down)
        self.assertEqual(self.engine.lines("ps", "-aq"), [])
        self.assertEqual(
            set(self.engine.lines("network", "ls", "--format", "{{.Name}}")),
            {"bridge", "host", "none"},
        )
        nameless = [
            name
            for name in self.engine.lines("volume", "ls", "-q")
            if not name.startswith("vigie_")
        ]
        self.assertEqual(nameless, [], "volumes without a name stay behind")
        (up,) = [words for words in readme_lines() if "--wait" in words]
        self.type(up)  # what was kept is there again
        self.assertEqual(self.searchable(key, before, 60), before)
        self.compose("down", "-v")
        self.assertEqual(self.engine.lines("volume", "ls", "-q"), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
