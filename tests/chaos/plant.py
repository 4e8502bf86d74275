"""A pipeline of real processes on a real broker, and what the test keeps outside of it: the
newsroom with its ledger, the receiver of webhooks, the broker's own topics.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "ops" / "kafka"), str(TOP / "tests" / "end_to_end")]
sys.path.append(str(TOP / "tests" / "fakes"))
import harness  # noqa: E402
import kafka  # noqa: E402
import kafka_services  # noqa: E402

PARTITIONS = 4
MIN_GAP_MS = 200  # to one site; the judge is the newsroom's clock
SESSION_MS = 6_000  # a member that is silent for so long loses its partitions
START_SECONDS = 90  # of a service on a machine that compiles beside the test
ROOT_KEY = "chaos-root-key-0123456789"  # an admin's, in a file as an operator has it
LANGUAGES = "lang:en OR lang:fr OR lang:de OR lang:es OR lang:zh OR lang:ru OR lang:ar"


class Service:
    """One process of the pipeline, kept running as a supervisor would: who ends by itself is
    started again, and that is noted.
    """

    def __init__(
        self,
        plant,
        program,
        number,
        settings=(),
        prefix=(),
        environment=None,
        brokers=None,
        data=None,
    ):
        self.plant, self.program, self.name = plant, program, f"{program}-{number}"
        self.settings, self.prefix, self.environment, self.brokers = (
            list(settings),
            list(prefix),
            environment or {},
            brokers,
        )
        self.directory = plant.directory / self.name
        self.directory.mkdir()
        self.data = pathlib.Path(data) if data else self.directory / "data"
        self.log_file = self.directory / "log"
        self.process = None
        self.wanted = False
        self.stopped = False  # by SIGSTOP
        self.starts = 0
        self.endings = []  # (exit code, last line) of ends that nobody asked for
        self.lock = threading.RLock()

    def start(self):
        with self.lock:
            self.wanted = True
            if self.process is not None and self.process.poll() is None:
                return
            (self.data / "http.addr").unlink(missing_ok=True)
            brokers = self.brokers or self.plant.kafka.brokers
            settings = [
                *kafka_services.on_broker(brokers, PARTITIONS),
                f"log.kafka.session.timeout.ms={SESSION_MS}",
                f"data_dir={self.data}",
                "http.listen=127.0.0.1:0",
                "sources.files=" + json.dumps([str(self.plant.newsroom.sources)]),
                "fetch.allow_networks=[127.0.0.0/8]",
                "webhook.allow_networks=[127.0.0.0/8]",
                *harness.FAST_CRAWL,
                f"fetch.min_gap_ms={MIN_GAP_MS}",
                "fetch.ip_gap_ms=20",
                f"fetch.user_agent_contact=https://chaos.example/{self.name}",
                f"api.keys_file={self.plant.keys_file}",
                *self.settings,
            ]
            command = [
                *self.prefix,
                str(harness.BUILD / "bin" / f"vigie-{self.program}"),
                *harness.set_options(settings),
            ]
            with open(self.log_file, "ab") as log:
                self.process = subprocess.Popen(
                    command, stdout=log, stderr=log, cwd=TOP, env={**os.environ, **self.environment}
                )
            self.starts += 1

    def pid(self):
        """Of the service itself: below `ip netns exec`, which execs, it is the child's own."""
        return self.process.pid

    def kill(self):
        with self.lock:
            self.wanted = False
            self.stopped = False
            if self.process is not None and self.process.poll() is None:
                self.process.kill()
                self.process.wait()
                return True
            return False

    def signal(self, number):
        with self.lock:
            if self.process is not None and self.process.poll() is None:
                self.process.send_signal(number)

    def look(self):
        """Starts it again if it ended by itself."""
        with self.lock:
            if not self.wanted or self.process is None or self.process.poll() is None:
                return
            lines = self.log_file.read_text(errors="replace").strip().splitlines()[-1:]
            self.endings.append((self.process.returncode, lines[0][:400] if lines else ""))
            self.start()

    def ask_to_stop(self):
        """Once: a service that is asked twice ends at once."""
        with self.lock:
            if self.wanted and self.process is not None and self.process.poll() is None:
                self.process.terminate()
            self.wanted = False

    def stop(self):
        self.ask_to_stop()
        if self.process is None:
            return 0
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return -9

    def address(self):
        file = self.data / "http.addr"
        try:
            return file.read_text().strip().removeprefix("http://")
        except OSError:
            return ""

    def call(self, method, path, body=None, query=None, timeout=30, headers=None):
        """With the admin's key, where `headers` do not say who asks."""
        address = self.address()
        if not address:
            raise OSError(f"{self.name} has no address yet")
        asked = harness.Vigie.__new__(harness.Vigie)
        asked.address = address
        if headers is None:
            headers = {"authorization": f"Bearer {ROOT_KEY}"}
        return harness.Vigie.call(asked, method, path, body, query, headers, timeout=timeout)

    def get(self, path, **query):
        status, _, body = self.call("GET", path, query=query)
        if status != 200:
            raise OSError(f"GET {path} of {self.name}: {status} {body[:300]!r}")
        return json.loads(body)

    def listed(self, path, key, **query):
        """All of a list that is given in pages."""
        items, cursor = [], None
        while True:
            page = self.get(path, **query, limit=100, **({"cursor": cursor} if cursor else {}))
            items += page[key]
            cursor = page.get("cursor")
            if not cursor or not page[key]:
                return items

    def figure(self, name):
        """The value of a metric without labels; None where the service does not tell."""
        try:
            text = self.call("GET", "/metrics", timeout=5)[2].decode()
        except OSError:
            return None
        found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else None

    def ready(self):
        try:
            return self.call("GET", "/readyz", timeout=5)[0] == 200
        except OSError:
            return False

    def tail(self, size=3000):
        return self.log_file.read_text(errors="replace")[-size:] if self.log_file.exists() else ""


class Plant:
    """Brokers, newsroom, receiver, services. `crawlers`, `extractors`, `indexers`: how many of
    each.
    """

    def __init__(
        self,
        seed,
        publish,
        every,
        brokers=1,
        crawlers=1,
        extractors=2,
        indexers=2,
        far=None,
        wrap=None,
    ):
        self.seed = seed
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="vigie-chaos-"))
        self.services = []
        self.kafka = self.newsroom = self.receiver = None
        self.keys_file = self.directory / "keys"
        self.keys_file.write_text(ROOT_KEY + "\n", encoding="ascii")
        self.keys_file.chmod(0o600)
        self.watching = threading.Event()
        try:
            self.kafka = kafka.Kafka(brokers, far=far)
            self.log_command("setup")
            access = self.directory / "access.jsonl"
            self.newsroom = harness.Newsroom(
                self.directory,
                every=every,
                limit=publish,
                seed=seed % 1000,
                edit_after=20,
                access_log=access,
            )
            self.access_file = access
            self.publish = publish
            self.receiver = harness.WebhookListener()
            self.counts = {"indexer": indexers, "extractor": extractors, "crawler": crawlers}
            self.wrap = wrap
        except BaseException:
            self.stop()
            raise
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()

    def start(self, queries):
        """Starts the indexers, then subscribes, then starts who fills the log: every article comes
        after the subscriptions. Out: the subscriptions.
        """
        self._start("indexer")
        subscriptions = [self.subscribe(name, query) for name, query in queries.items()]
        time.sleep(2)  # until every indexer has them in force
        self._start("extractor")
        self._start("crawler")
        return subscriptions

    def _start(self, program):
        for number in range(1, self.counts[program] + 1):
            self.add(program, number, **(self.wrap(program, number, self) if self.wrap else {}))
        self.wait_ready()

    def add(self, program, number, **options):
        service = Service(self, program, number, **options)
        self.services.append(service)
        service.start()
        return service

    def _watch(self):
        while not self.watching.wait(0.2):
            for service in list(self.services):
                service.look()

    def of(self, program):
        return [service for service in self.services if service.program == program]

    def log_command(self, *arguments):
        done = kafka_services.log_command(
            self.kafka.brokers, self.directory, *arguments, partitions=PARTITIONS
        )
        if done.returncode not in (0, 1):
            raise AssertionError(
                f"vigie log {' '.join(arguments)}: {done.returncode} {done.stderr}"
            )
        return done.stdout

    def wait_ready(self):
        for service in self.services:
            harness.wait_until(
                lambda: service.ready() if service.program == "indexer" else service.address(),
                START_SECONDS,
                f"{service.name} is ready: {service.tail(600)}",
                pause=0.3,
            )

    def subscribe(self, name, query, rhythm="instant"):
        indexer = self.of("indexer")[0]
        status, _, body = indexer.call(
            "POST",
            "/v1/subscriptions",
            {
                "name": name,
                "query": query,
                "rhythm": rhythm,
                "channels": [{"type": "webhook", "url": self.receiver.url}],
            },
        )
        if status != 201:
            raise AssertionError(f"POST /v1/subscriptions: {status} {body!r}")
        return json.loads(body)

    def requests(self):
        if not self.access_file.exists():
            return []
        return [
            json.loads(line)
            for line in self.access_file.read_text(encoding="utf-8").split("\n")[:-1]
        ]

    def topic_keys(self, topic):
        """Keys of a topic in order, read by kcat, which nobody here wrote: what the brokers
        acknowledged. None where there is no kcat.
        """
        if shutil.which("kcat") is None:
            return None
        done = subprocess.run(
            [
                "kcat",
                "-b",
                self.kafka.brokers,
                "-C",
                "-t",
                f"vigie.{topic}.v1",
                "-e",
                "-q",
                "-f",
                "%K %k\n",
            ],
            capture_output=True,
            timeout=120,
        )
        if done.returncode != 0:
            raise AssertionError("kcat: " + done.stderr.decode(errors="replace"))
        keys, rest = [], done.stdout
        while rest:  # a length before each: keys may hold any byte
            length, _, rest = rest.partition(b" ")
            keys.append(rest[: int(length)].decode("latin-1"))
            rest = rest[int(length) + 1 :]
        return keys

    def stop(self, keep=False):
        self.watching.set()
        codes = {}
        for service in self.services:
            service.ask_to_stop()
        for service in self.services:
            codes[service.name] = service.stop()
        for part in (self.newsroom, self.receiver, self.kafka):
            if part is not None:
                part.stop()
        if not keep:
            shutil.rmtree(self.directory, ignore_errors=True)
        return codes
