"""The images as they are: built with buildah, looked into, compared with the programs of this
machine, and run with podman and runc beside a real broker.

Run by `ops/test --containers`, as root on Debian, and by nothing else. VIGIE_CONTAINERS names the
directory where images and the compiler's cache are kept between runs.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests" / "end_to_end"), str(TOP / "ops" / "kafka")]
import harness  # noqa: E402
import kafka  # noqa: E402
from manifests import PORTS  # noqa: E402

STORAGE = pathlib.Path(
    os.environ.get("VIGIE_CONTAINERS")
    or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    / "vigie"
    / "containers"
)
IMAGES = {
    "crawler": "localhost/vigie-crawler",
    "extractor": "localhost/vigie-extractor",
    "indexer": "localhost/vigie-indexer",
    "vigie": "localhost/vigie",
}
MOST_BYTES = 150_000_000
MADE_BY_PODMAN = {
    "/etc/hosts",
    "/etc/hostname",
    "/etc/resolv.conf",
}  # for the container, not in the image
SHELLS = {
    "sh",
    "bash",
    "dash",
    "ash",
    "busybox",
    "zsh",
    "perl",
    "python3",
    "apt",
    "apt-get",
    "dpkg",
    "rpm",
    "apk",
}
USER = 65532


def setUpModule():
    if os.geteuid() != 0:
        raise unittest.SkipTest("skipped: containers are built and run as root")
    for program in ("buildah", "podman", "runc", "debootstrap"):
        if shutil.which(program) is None:
            raise unittest.SkipTest(f"skipped: no {program}; ops/install --containers installs it")
    began = time.monotonic()
    subprocess.run(
        [
            str(TOP / "ops/containers/build"),
            "--debootstrap",
            "--storage",
            str(STORAGE),
            *IMAGES,
            "kafka",
        ],
        check=True,
        timeout=7200,
    )
    print(f"images built in {time.monotonic() - began:.0f} s", file=sys.stderr)


class Podman:
    """podman with runc on a machine without systemd: no cgroup manager, no default limits, storage
    of its own.
    """

    def __init__(self):
        self.settings = STORAGE / "containers.conf"
        self.settings.write_text(
            '[containers]\ndefault_ulimits = []\n[engine]\ncgroup_manager = "cgroupfs"\n'
            'events_logger = "file"\n'
        )
        driver = subprocess.run(
            [str(TOP / "ops/containers/storage-driver"), str(STORAGE)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        self.command = [
            "podman",
            "--runtime",
            "runc",
            "--root",
            str(STORAGE / "root"),
            "--runroot",
            str(STORAGE / "run"),
            "--storage-driver",
            driver,
            "--tmpdir",
            str(STORAGE / "podman"),
        ]
        self.environment = dict(os.environ, CONTAINERS_CONF=str(self.settings))

    def __call__(self, *arguments, check=True, timeout=300, **options):
        done = subprocess.run(
            [*self.command, *map(str, arguments)],
            capture_output=True,
            env=self.environment,
            timeout=timeout,
            **options,
        )
        if check and done.returncode != 0:
            raise AssertionError(
                f"podman {' '.join(map(str, arguments))}: {done.returncode}\n"
                f"{done.stderr.decode(errors='replace')[-3000:]}"
            )
        return done

    def inspect(self, image):
        return json.loads(self("image", "inspect", image).stdout)[0]

    def files(self, image):
        """name → tar member and its content, of the whole image as a container would see it."""
        container = self("create", image).stdout.decode().strip()
        try:
            archive = STORAGE / "export.tar"
            self("export", "-o", archive, container)
            with tarfile.open(archive) as tar:
                return {
                    "/" + member.name.rstrip("/"): (
                        member,
                        tar.extractfile(member).read()
                        if member.isfile() and member.size < 8_000_000
                        else b"",
                    )
                    for member in tar
                    if "/" + member.name not in MADE_BY_PODMAN
                }
        finally:
            self("rm", container)
            with contextlib.suppress(OSError):
                archive.unlink()


class TheImages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.podman = Podman()
        cls.files = {name: cls.podman.files(image) for name, image in IMAGES.items()}

    def test_each_is_small(self):
        for name, image in IMAGES.items():
            size = self.podman.inspect(image)["Size"]
            print(f"{image}: {size / 1e6:.0f} MB", file=sys.stderr)
            self.assertLessEqual(size, MOST_BYTES, name)

    def test_there_is_no_shell_and_no_package_manager_and_one_program(self):
        for name, files in self.files.items():
            programs = {
                path
                for path, (member, _) in files.items()
                if member.isfile() and member.mode & 0o111 and ".so" not in path
            }
            self.assertEqual(
                programs, {"/usr/bin/vigie" if name == "vigie" else f"/usr/bin/vigie-{name}"}
            )
            self.assertEqual({pathlib.PurePath(path).name for path in files} & SHELLS, set())
            self.assertEqual(
                [
                    path
                    for path, (member, _) in files.items()
                    if member.isfile() and member.mode & 0o6000
                ],
                [],
                "setuid",
            )

    def test_it_runs_as_nobody_who_can_write_but_to_its_volume(self):
        for name, image in IMAGES.items():
            inspected = self.podman.inspect(image)
            config = inspected["Config"]
            health = (inspected.get("HealthCheck") or inspected["Healthcheck"])[
                "Test"
            ]  # podman's name for it changed between versions
            self.assertEqual(config["User"], f"{USER}:{USER}")
            self.assertEqual(list(config["Volumes"]), ["/var/lib/vigie"])
            self.assertEqual(config["Entrypoint"][0], health[1])
            self.assertEqual(health[-1], "--health")
            owned = {
                path
                for path, (member, _) in self.files[name].items()
                if member.uid == USER or member.mode & 0o002 and not member.issym()
            }
            self.assertLessEqual(owned, {"/var/lib/vigie", "/tmp"})

    def test_what_it_stands_on_is_there(self):
        for name, files in self.files.items():
            for path in (
                "/etc/ssl/certs/ca-certificates.crt",
                "/usr/share/zoneinfo/Europe/Paris",
                "/usr/share/vigie/ops/sources/ai-geopolitics.yaml",
                "/usr/share/vigie/ops/topics/ai-geopolitics",
                "/etc/vigie/vigie.yaml",
                "/usr/share/vigie/LICENSE",
            ):
                self.assertIn(path, files, name)
            self.assertGreater(
                files["/etc/ssl/certs/ca-certificates.crt"][1].count(b"BEGIN CERTIFICATE"), 100
            )

    def test_the_sbom_names_every_library_and_the_licences_of_each(self):
        for name, files in self.files.items():
            with self.subTest(name):
                sbom = json.loads(files["/usr/share/vigie/sbom.spdx.json"][1])
                listed = json.loads(files["/usr/share/vigie/licences.json"][1])["packages"]
                self.assertEqual(
                    (sbom["spdxVersion"], sbom["dataLicense"], sbom["SPDXID"]),
                    ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"),
                )
                ids = [package["SPDXID"] for package in sbom["packages"]]
                self.assertEqual(len(ids), len(set(ids)))
                for package in sbom["packages"]:
                    self.assertRegex(package["SPDXID"], r"^SPDXRef-[A-Za-z0-9.-]+$")
                    self.assertTrue(
                        package["name"]
                        and package["versionInfo"]
                        and package["downloadLocation"]
                        and package["licenseDeclared"]
                    )
                for relation in sbom["relationships"]:
                    self.assertLessEqual(
                        {relation["spdxElementId"], relation["relatedSpdxElement"]},
                        {*ids, "SPDXRef-DOCUMENT"},
                    )
                self.assertEqual(
                    {package["name"] for package in sbom["packages"]}
                    - {entry["package"] for entry in listed},
                    {sbom["packages"][0]["name"]},
                )
                covered = {file for entry in listed for file in entry["files"]}
                libraries = {
                    path
                    for path, (member, _) in files.items()
                    if member.isfile() and re.search(r"\.so(\.|$)", path)
                }
                self.assertEqual(
                    libraries - covered, set(), "a library that no package accounts for"
                )
                for entry in listed:
                    self.assertTrue(entry["licences"] and all(entry["licences"]), entry["package"])
                    if entry["text"]:
                        self.assertIn(entry["text"], files)
                names = {entry["package"] for entry in listed}
                self.assertTrue(
                    any(
                        package.startswith("librocksdb") or package.startswith("librdkafka")
                        for package in names
                    )
                )
                if name in ("indexer", "vigie"):
                    self.assertLessEqual({"preact", "uplot"}, names)


class TheSameOnBothDebians(unittest.TestCase):
    """What an image of Debian 13 extracts and tags is byte for byte what the program of this
    machine does.
    """

    def setUp(self):
        self.podman = Podman()
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="vigie-golden-"))
        self.work.chmod(0o755)  # the image's user reads it
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)

    def both(self, *arguments, folder, stdin=b""):
        """(this machine's output, the image's) of a vigie command that reads below `folder`."""
        here = subprocess.run(
            [str(harness.VIGIE), *map(str, arguments)],
            input=stdin,
            capture_output=True,
            timeout=600,
            cwd=TOP,
        )
        there = self.podman(
            "run",
            "--rm",
            "-i",
            "--network=none",
            "--read-only",
            "-v",
            f"{folder}:{folder}:ro",
            IMAGES["vigie"],
            *arguments,
            input=stdin,
            timeout=900,
            check=False,
        )
        self.assertIn(there.returncode, (0, 1), there.stderr.decode(errors="replace"))
        self.assertEqual(here.returncode, there.returncode)
        return here.stdout.splitlines(), there.stdout.splitlines()

    def compare(self, what, here, there, least):
        self.assertGreaterEqual(len(here), least)
        differing = [i for i, (a, b) in enumerate(zip(here, there)) if a != b]
        self.assertEqual(
            (len(here), differing),
            (len(there), []),
            what
            + ": "
            + (
                str(here[differing[0]])[:1500] + "\n---\n" + str(there[differing[0]])[:1500]
                if differing
                else ""
            ),
        )
        print(f"{what}: {len(here)} lines, the same on both", file=sys.stderr)

    def newsroom_pages(self):
        """Every article of the newsroom as a manifest with its page."""
        newsroom = harness.Newsroom(self.work, every=1, limit=60, fast=True)
        try:
            harness.wait_until(
                lambda: len(newsroom.ledger()) >= 55, 60, "the newsroom has published"
            )
            lines = []
            for number, entry in enumerate(newsroom.ledger()):
                address, _, path = entry["url"].removeprefix("http://").partition("/")
                connection = http.client.HTTPConnection(address, timeout=10)
                connection.request("GET", "/" + path)
                response = connection.getresponse()
                body = response.read()
                connection.close()
                if response.status == 200:
                    (self.work / f"{number}.html").write_bytes(body)
                    lines.append(
                        json.dumps(
                            {"id": str(number), "url": entry["url"], "html": f"{number}.html"}
                        )
                    )
            (self.work / "pages.jsonl").write_text("\n".join(lines) + "\n")
        finally:
            newsroom.stop()

    def test_extraction_and_tagging_of_the_newsroom(self):
        self.newsroom_pages()
        here, there = self.both(
            "extract",
            "--manifest",
            self.work / "pages.jsonl",
            "--root",
            self.work,
            folder=self.work,
        )
        self.compare("newsroom, extracted", here, there, 50)
        articles = self.work / "articles.jsonl"
        articles.write_text(
            "".join(
                json.dumps(
                    {"id": one["id"], "title": one["title"], "text": one["text"]},
                    ensure_ascii=False,
                )
                + "\n"
                for one in map(json.loads, here)
            )
        )
        here, there = self.both("tag", "--manifest", articles, folder=self.work)
        self.compare("newsroom, tagged", here, there, 50)

    @unittest.skipUnless(
        (harness.SHARED / "corpus").is_dir(), "skipped: the corpus is not beside this checkout"
    )
    def test_extraction_of_real_pages(self):
        for gold in sorted((harness.SHARED / "corpus").glob("*/gold.jsonl")):
            first = json.loads(gold.read_text(encoding="utf-8").split("\n", 1)[0])
            if "html" not in first:
                continue
            here, there = self.both(
                "extract", "--manifest", gold, "--root", gold.parent, folder=gold.parent.resolve()
            )
            self.compare(f"{gold.parent.name}, extracted", here, there, 10)


class Running(unittest.TestCase):
    def setUp(self):
        self.podman = Podman()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="vigie-containers-"))
        self.names = []
        self.addCleanup(self.clean)

    def clean(self):
        for name in self.names:
            self.podman("rm", "-f", "-t", "5", "-v", name, check=False)
        shutil.rmtree(self.directory, ignore_errors=True)

    def run_container(self, name, image, *arguments, volumes=(), environment=()):
        name = f"vigie-test-{os.getpid()}-{name}"
        self.names.append(name)
        options = [part for volume in volumes for part in ("-v", volume)] + [
            part for one in environment for part in ("-e", one)
        ]
        self.podman(
            "run",
            "-d",
            "--name",
            name,
            "--network=host",
            "--read-only",
            "--cap-drop=all",
            "--security-opt=no-new-privileges",
            *options,
            image,
            *arguments,
        )
        return name

    def output(self, name):
        done = self.podman("logs", "--tail", "40", name, check=False)
        return (done.stdout + done.stderr).decode(errors="replace")

    def volume(self, name):
        folder = self.directory / name
        folder.mkdir()
        os.chown(folder, USER, USER)
        return folder

    def start_kafka(self):
        port, controller = kafka.free_ports(2)
        lines = {
            "node.id": 1,
            "process.roles": "broker,controller",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"CLIENTS://127.0.0.1:{port}",
            "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "CLIENTS",
            "log.dirs": "/var/lib/kafka/data",
            "auto.create.topics.enable": "false",
            "offsets.topic.num.partitions": 4,
            "offsets.topic.replication.factor": 1,
            "group.initial.rebalance.delay.ms": 0,
            "log.cleaner.dedupe.buffer.size": 4194304,
        }
        properties = self.directory / "server.properties"
        properties.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
        properties.chmod(0o644)
        self.directory.chmod(0o755)
        name = self.run_container(
            "kafka",
            "localhost/vigie-test-kafka",
            volumes=[
                f"{self.volume('kafka')}:/var/lib/kafka",
                f"{properties}:/etc/kafka/server.properties:ro",
            ],
            environment=["LOG_DIR=/var/lib/kafka"],
        )
        brokers = f"127.0.0.1:{port}"

        def ready():
            with contextlib.suppress(OSError):
                import socket

                socket.create_connection(("127.0.0.1", port), 1).close()
                return True
            self.assertEqual(self.state(name)["Status"], "running", self.output(name))
            return False

        harness.wait_until(ready, 120, "Kafka answers in its container", pause=0.5)
        return brokers

    def state(self, name):
        return json.loads(self.podman("inspect", name).stdout)[0]["State"]

    def ask(self, port, method, path, body=None, key=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            headers = {"content-type": "application/json"} | (
                {"authorization": f"Bearer {key}"} if key else {}
            )
            connection.request(
                method, path, json.dumps(body) if body is not None else None, headers
            )
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def test_three_services_and_kafka_as_containers_send_an_alert(self):
        began = time.monotonic()
        newsroom = harness.Newsroom(self.directory, every=1)
        self.addCleanup(newsroom.stop)
        listener = harness.WebhookListener()
        self.addCleanup(listener.stop)
        brokers = self.start_kafka()
        print(f"Kafka answers {time.monotonic() - began:.0f} s after the start", file=sys.stderr)
        self.make_topics_twice(brokers)
        keys, key = self.make_api_key()
        ports = dict(zip(PORTS, kafka.free_ports(3)))
        containers = self.run_services(brokers, ports, newsroom.directory, keys)

        subscription = self.subscribe(ports["indexer"], key, listener.url)
        deliveries = harness.wait_until(
            listener.taken, 180, "an alert arrives at the webhook", pause=0.5
        )
        print(
            f"the first alert arrived {time.monotonic() - began:.0f} s after the start",
            file=sys.stderr,
        )
        self.is_the_alert(deliveries[0], subscription, newsroom)
        status, page = self.ask(ports["indexer"], "GET", "/", key=key)
        self.assertEqual(status, 200)
        self.assertIn(b"<html", page)
        for name, port in ports.items():
            status, figures = self.ask(port, "GET", "/metrics")
            self.assertEqual(status, 200)
            self.assertIn(f'vigie_build_info{{program="vigie-{name}"'.encode(), figures)

        for name in ("crawler", "extractor", "indexer"):
            self.podman("stop", "-t", "15", containers[name])
            state = self.state(containers[name])
            self.assertEqual(
                (state["Status"], state["ExitCode"]), ("exited", 0), self.output(containers[name])
            )

    def make_topics_twice(self, brokers):
        data = self.volume("command")
        setup = ["log", "setup", "--config", "/etc/vigie/vigie.yaml"]
        settings = ["--set", "log.engine=kafka", "--set", "log.partitions=4"]
        for turn in ("made", "there"):
            done = self.podman(
                "run",
                "--rm",
                "--network=host",
                "--read-only",
                "-e",
                f"VIGIE_LOG_BROKERS={brokers}",
                "-v",
                f"{data}:/var/lib/vigie",
                IMAGES["vigie"],
                *setup,
                *settings,
            )
            self.assertEqual(len(done.stdout.splitlines()), 19, f"topics {turn}: {done.stderr}")

    def make_api_key(self):
        """Out: the folder of the keys file, and the key in it."""
        keys = self.volume("keys")
        done = self.podman(
            "run",
            "--rm",
            "--network=none",
            "--read-only",
            "-v",
            f"{keys}:/var/lib/vigie",
            IMAGES["vigie"],
            "keys",
            "/var/lib/vigie/api-keys",
        )
        self.assertTrue(json.loads(done.stdout)["made"])
        return keys, (keys / "api-keys").read_text().strip()

    def run_services(self, brokers, ports, newsroom, keys):
        """Out: name → container, each healthy by its own check."""
        settings = [
            "log.partitions=4",
            "fetch.allow_networks=[127.0.0.0/8]",
            "webhook.allow_networks=[127.0.0.0/8]",
            *harness.FAST_CRAWL,
            "fetch.min_gap_ms=20",
            "fetch.ip_gap_ms=20",
            "sources.files=/run/newsroom/sources.yaml",
        ]
        containers = {}
        for name in ("indexer", "extractor", "crawler"):
            own = (
                settings
                + [f"http.listen=0.0.0.0:{ports[name]}"]
                + (["api.keys_file=/run/keys/api-keys"] if name == "indexer" else [])
            )
            containers[name] = self.run_container(
                name,
                IMAGES[name],
                *[part for one in own for part in ("--set", one)],
                environment=[f"VIGIE_LOG_BROKERS={brokers}"],
                volumes=[
                    f"{self.volume(name)}:/var/lib/vigie",
                    f"{newsroom}:/run/newsroom:ro",
                    f"{keys}:/run/keys:ro",
                ],
            )

        def healthy(name):
            self.assertEqual(
                self.state(containers[name])["Status"], "running", self.output(containers[name])
            )
            return self.podman("healthcheck", "run", containers[name], check=False).returncode == 0

        for name in containers:
            harness.wait_until(
                lambda: healthy(name), 120, f"{name} is healthy by its own check", pause=1
            )
        return containers

    def subscribe(self, port, key, url):
        self.assertEqual(
            self.ask(port, "GET", "/v1/search?q=")[0], 401, "nobody reads without a key"
        )
        wanted = {
            "name": "Export controls",
            "query": "topic:export-controls",
            "channels": [{"type": "webhook", "url": url}],
        }
        status, body = self.ask(port, "POST", "/v1/subscriptions", wanted, key)
        self.assertEqual(status, 201, body)
        return json.loads(body)

    def is_the_alert(self, delivery, subscription, newsroom):
        self.assertTrue(harness.signature_is_right(delivery, subscription["channels"][0]["secret"]))
        event = json.loads(delivery["body"])
        self.assertEqual(
            (event["type"], event["data"]["subscription"]["id"]),
            ("vigie.alert.v1", subscription["id"]),
        )
        self.assertIn(
            event["data"]["article"]["url"], {entry["url"] for entry in newsroom.ledger()}
        )


if __name__ == "__main__":
    unittest.main(verbosity=2)
