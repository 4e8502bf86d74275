#!/usr/bin/env python3
"""Runs Apache Kafka (KRaft) on loopback for tests and for trying vigie out: one or three brokers,
free ports, a temporary directory.

    ops/kafka/kafka.py fetch
        puts the jars into the cache (once; needs Maven and the network)
    ops/kafka/kafka.py run [--brokers 3] [--user NAME:PASSWORD] [--tls] [--acl]
        runs until Ctrl-C; prints one JSON line {"brokers": "127.0.0.1:…", …}

As a module: `with Kafka() as kafka: kafka.brokers`.
"""

import argparse
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
READY_SECONDS = 15
BUSY_FACTOR = 12  # a machine that compiles beside the tests is given this much longer
STOP_SECONDS = 20
HEAP = "512m"
CLUSTER = "vigievigievigievigieAA"
KEYSTORE_PASSWORD = "loopback only"


def cache():
    """Where the jars are: one folder for each version of pom.xml."""
    base = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    return (
        base / "vigie" / "kafka" / hashlib.sha256((HERE / "pom.xml").read_bytes()).hexdigest()[:16]
    )


def fetch():
    """The folder of the jars, fetched from Maven Central where it is not there yet."""
    target = cache()
    if target.exists():
        return target
    for program in ("mvn", "java"):
        if shutil.which(program) is None:
            raise SystemExit(
                f"ops/kafka: there is no {program}; install maven and openjdk-17-jre-headless"
            )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as making:
        jars = pathlib.Path(making) / "jars"
        done = subprocess.run(
            [
                "mvn",
                "-q",
                "-B",
                "-f",
                str(HERE / "pom.xml"),
                "dependency:copy-dependencies",
                f"-DoutputDirectory={jars}",
            ],
            capture_output=True,
            text=True,
        )
        if done.returncode != 0 or not list(jars.glob("kafka_2.13-*.jar")):
            raise SystemExit(
                "ops/kafka: mvn could not fetch Kafka:\n" + (done.stdout + done.stderr)[-2000:]
            )
        with contextlib.suppress(OSError):  # another process was faster
            jars.rename(target)
    return target


def free_ports(count):
    """Ports that nobody listens on, below the range from which the system gives ports to outgoing
    connections.
    """
    found, port = [], 20000 + os.getpid() * 7 % 10000
    while len(found) < count:
        port = port + 1 if port < 32000 else 20000
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found.append(port)
    return found


class Broker:
    def __init__(self, kafka, number, port, controller_port, far_port):
        self.kafka, self.number = kafka, number
        self.port, self.controller_port, self.far_port = port, controller_port, far_port
        self.directory = kafka.directory / f"broker-{number}"
        self.properties = kafka.directory / f"broker-{number}.properties"
        self.log_file = kafka.directory / f"broker-{number}.log"
        self.process = None

    def java(self, main_class, *arguments, heap="128m"):
        return [
            "java",
            f"-Xmx{heap}",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            f"{self.kafka.jars}/*",
            main_class,
            *arguments,
        ]

    def configure(self, voters):
        lines = self.addresses(voters) | self.sizes() | self.rights()
        self.properties.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
        command = ["--cluster-id", CLUSTER, "--config", str(self.properties)]
        done = subprocess.run(
            self.java("kafka.tools.StorageTool", "format", *command), capture_output=True, text=True
        )
        if done.returncode != 0:
            raise RuntimeError(
                "ops/kafka: the storage could not be formatted:\n" + done.stdout + done.stderr
            )

    def addresses(self, voters):
        kafka = self.kafka
        protocol = ("SASL_" if kafka.users else "") + ("SSL" if kafka.certificate else "PLAINTEXT")
        clients = f"CLIENTS://127.0.0.1:{self.port}"
        far = f",FAR://{kafka.far}:{self.far_port}" if kafka.far else ""
        return {
            "node.id": self.number,
            "process.roles": "broker,controller",
            "controller.quorum.voters": voters,
            "listeners": f"{clients},CONTROLLER://127.0.0.1:{self.controller_port}{far}",
            "advertised.listeners": f"{clients}{far}",
            "listener.security.protocol.map": (
                f"CLIENTS:{protocol},CONTROLLER:PLAINTEXT,FAR:PLAINTEXT"
            ),
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "CLIENTS",
            "log.dirs": self.directory,
        }

    def sizes(self):
        """Small and quick: tests neither wait nor share the machine with anybody else's records."""
        copies = min(3, len(self.kafka.ports))
        return {
            "num.partitions": 1,
            "auto.create.topics.enable": "false",
            "offsets.topic.num.partitions": 4,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 1,
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            "log.cleaner.dedupe.buffer.size": 4194304,
            "log.retention.check.interval.ms": 1000,
            "log.cleaner.backoff.ms": 500,
            "log.segment.delete.delay.ms": 100,
            "num.network.threads": 2,
            "num.io.threads": 2,
            "background.threads": 2,
            "controlled.shutdown.enable": "true",
        }

    def rights(self):
        """Who may connect, and what they may do."""
        kafka = self.kafka
        lines = {}
        if kafka.users:
            module = "org.apache.kafka.common.security.plain.PlainLoginModule required"
            users = " ".join(f'user_{name}="{password}"' for name, password in kafka.users.items())
            name, password = next(iter(kafka.users.items()))
            lines |= {
                "sasl.enabled.mechanisms": "PLAIN",
                "sasl.mechanism.inter.broker.protocol": "PLAIN",
                "listener.name.clients.plain.sasl.jaas.config": (
                    f'{module} username="{name}" password="{password}" {users};'
                ),
            }
        if kafka.certificate:
            lines |= {
                "ssl.keystore.type": "PKCS12",
                "ssl.keystore.location": kafka.keystore,
                "ssl.keystore.password": KEYSTORE_PASSWORD,
                "ssl.truststore.type": "PEM",
                "ssl.truststore.location": kafka.certificate,
            }
        if kafka.acl:
            # Controllers among themselves are ANONYMOUS; brokers are the first user.
            authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
            lines["authorizer.class.name"] = authorizer
            lines["super.users"] = f"User:ANONYMOUS;User:{next(iter(kafka.users))}"
        return lines

    def start(self):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                self.java("kafka.Kafka", str(self.properties), heap=HEAP),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def answers(self):
        if self.process.poll() is not None:
            raise RuntimeError(
                f"ops/kafka: broker {self.number} ended:\n"
                + self.log_file.read_text(errors="replace")[-3000:]
            )
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 0.5).close()
            return True
        return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


class Kafka:
    """`count` brokers, each broker and controller in one.

    users  name → password: clients are asked for SASL PLAIN
    tls    clients are asked for TLS; `certificate` is then the authority that they must trust
    acl    only the first user has rights
    far    a second address of this machine on which they listen too (`far_brokers`), for clients
           in another network namespace
    """

    def __init__(self, count=1, users=None, tls=False, acl=False, far=None):
        if acl and not users:
            raise ValueError("rights are given to users: name them")
        self.jars = fetch()
        self.users, self.acl, self.far = users or {}, acl, far
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="vigie-kafka-"))
        self.keystore = self.directory / "broker.p12"
        self.certificate = self.make_certificate() if tls else None
        ports = free_ports(3 * count)
        self.ports, controllers, far_ports = (
            ports[:count],
            ports[count : 2 * count],
            ports[2 * count :],
        )
        self.far_brokers = ",".join(f"{far}:{port}" for port in far_ports)
        self.brokers = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        self.nodes = [
            Broker(self, i + 1, self.ports[i], controllers[i], far_ports[i]) for i in range(count)
        ]
        voters = ",".join(f"{node.number}@127.0.0.1:{node.controller_port}" for node in self.nodes)
        try:
            for node in self.nodes:
                node.configure(voters)
            self.started = time.monotonic()
            for node in self.nodes:
                node.start()
            for node in self.nodes:
                self.wait_ready(node)
            self.ready_seconds = time.monotonic() - self.started
        except BaseException:
            self.stop()
            raise

    def make_certificate(self):
        """A key that signs itself, for 127.0.0.1."""
        keytool = [
            "keytool",
            "-noprompt",
            "-alias",
            "broker",
            "-keystore",
            str(self.keystore),
            "-storetype",
            "PKCS12",
            "-storepass",
            KEYSTORE_PASSWORD,
        ]
        subprocess.run(
            [
                *keytool,
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "SAN=IP:127.0.0.1",
                "-validity",
                "30",
            ],
            check=True,
            capture_output=True,
        )
        file = self.directory / "broker.pem"
        subprocess.run(
            [*keytool, "-exportcert", "-rfc", "-file", str(file)], check=True, capture_output=True
        )
        return file

    def wait_ready(self, node):
        deadline = time.monotonic() + READY_SECONDS * BUSY_FACTOR
        while not node.answers():
            if time.monotonic() > deadline:
                raise RuntimeError(
                    f"ops/kafka: broker {node.number} does not answer:\n"
                    + node.log_file.read_text(errors="replace")[-3000:]
                )
            time.sleep(0.1)

    def stop(self):
        for node in self.nodes:
            if node.process is not None and node.process.poll() is None:
                node.process.terminate()
        for node in self.nodes:
            node.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fetch", help="put the jars into the cache")
    run = commands.add_parser("run", help="run until SIGINT or SIGTERM")
    run.add_argument("--brokers", type=int, choices=(1, 3), default=1)
    run.add_argument(
        "--user",
        action="append",
        default=[],
        metavar="NAME:PASSWORD",
        help="ask clients for SASL PLAIN; the first is the brokers' own",
    )
    run.add_argument(
        "--tls",
        action="store_true",
        help="ask clients for TLS; the line names the certificate to trust "
        "(log.kafka.ssl.ca.location)",
    )
    run.add_argument("--acl", action="store_true", help="only the first user has rights")
    arguments = parser.parse_args()
    if arguments.command == "run" and arguments.acl and not arguments.user:
        parser.error("--acl needs --user")
    if arguments.command == "fetch":
        print(fetch())
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Kafka(
        arguments.brokers,
        dict(user.split(":", 1) for user in arguments.user),
        arguments.tls,
        arguments.acl,
    ) as kafka:
        line = {
            "brokers": kafka.brokers,
            "ready_s": round(kafka.ready_seconds, 1),
            "dir": str(kafka.directory),
            "pids": [n.process.pid for n in kafka.nodes],
        }
        if kafka.certificate:
            line["certificate"] = str(kafka.certificate)
        print(json.dumps(line), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            while all(node.process.poll() is None for node in kafka.nodes):
                time.sleep(0.5)
            print("ops/kafka: a broker ended", file=sys.stderr)


if __name__ == "__main__":
    main()
