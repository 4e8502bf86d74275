"""Faults, each a function of a plant and a chance: it strikes, waits as long as the fault lasts,
and heals what it broke.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

from plant import SESSION_MS, harness

ZOMBIE_SECONDS = SESSION_MS / 1000 * 1.5


def kills(plant, chance, count, note=lambda text: None):
    """`count` processes die by kill -9 at random moments, mostly one, sometimes several at once,
    and come back a moment later.
    """
    dead = 0
    while dead < count:
        time.sleep(chance.uniform(0.1, 1.6))
        services = [service for service in plant.services if service.process is not None]
        luck = chance.random()
        struck = chance.sample(
            services, 1 if luck < 0.8 else min(2, len(services)) if luck < 0.95 else len(services)
        )[: count - dead]
        struck = [service for service in struck if service.kill()]
        dead += len(struck)
        note(f"kill -9 {' '.join(service.name for service in struck)}")
        time.sleep(chance.uniform(0.0, 0.8))
        for service in struck:
            service.start()
    return dead


def zombie(plant, chance, service=None):
    """SIGSTOP until the session is over and the partitions have gone elsewhere, then SIGCONT. Out:
    (name, from, to) by the wall clock in milliseconds.
    """
    service = service or chance.choice(plant.services)
    begin = time.time() * 1000
    service.signal(signal.SIGSTOP)
    time.sleep(ZOMBIE_SECONDS + chance.uniform(0, 4))
    until = time.time() * 1000
    service.signal(signal.SIGCONT)
    return service.name, begin, until


def lacking_a_copy(plant):
    """Partitions of the log that lack a copy, by the service that tells of most; None where none
    tells.
    """
    told = [one.figure("vigie_kafka_under_replicated_partitions") for one in plant.services]
    return max((number for number in told if number is not None), default=None)


def broker_restart(plant, chance):
    """kill -9 of one broker; with several, its partitions get other leaders, and the figures say
    that copies are missing. It comes back after some seconds.
    """
    node = chance.choice(plant.kafka.nodes)
    node.kill()
    time.sleep(chance.uniform(2, 6))
    harness.wait_until(lambda: lacking_a_copy(plant), 60, "copies are told to be missing")
    node.start()
    plant.kafka.wait_ready(node)
    # until it follows again: another may be next
    harness.wait_until(lambda: lacking_a_copy(plant) == 0, 90, "all copies are in sync again")


def rebalance_storm(plant, chance, rounds=6):
    """Extra extractors join and leave, cleanly and not."""
    number = 100 + plant.of("extractor")[-1].starts
    for _ in range(rounds):
        number += 1
        extra = plant.add("extractor", number)
        harness.wait_until(
            lambda: extra.address() or extra.endings, 60, "an extra extractor starts"
        )
        time.sleep(chance.uniform(0.2, 1.5))
        if chance.random() < 0.5:
            extra.kill()
        else:
            extra.stop()
        plant.services.remove(extra)


class FarAway:
    """A network namespace with one cable to this machine, for services that reach the brokers over
    it. Needs root; `why_not` says what is missing.
    """

    def __init__(self):
        self.number = os.getpid() % 16000
        self.name = f"vigie{self.number}"
        self.cable = f"vg{self.number}"
        base = f"10.{200 + self.number % 50}.{self.number // 50 % 250}"
        self.here, self.there = f"{base}.1", f"{base}.2"
        self.up = False

    @staticmethod
    def why_not():
        if shutil.which("ip") is None:
            return "there is no ip (package iproute2)"
        if os.geteuid() != 0:
            return "only root may make network namespaces"
        tried = subprocess.run(["unshare", "-n", "true"], capture_output=True)
        return (
            ""
            if tried.returncode == 0
            else "network namespaces are not permitted here: "
            + tried.stderr.decode(errors="replace").strip()
        )

    def run(self, *command):
        subprocess.run(["ip", *command], check=True, capture_output=True)

    def __enter__(self):
        self.run("netns", "add", self.name)
        try:
            self.run(
                "link",
                "add",
                self.cable,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                self.name,
            )
            self.run("addr", "add", f"{self.here}/30", "dev", self.cable)
            self.run("link", "set", self.cable, "up")
            for command in (
                ["addr", "add", f"{self.there}/30", "dev", "eth0"],
                ["link", "set", "eth0", "up"],
                ["link", "set", "lo", "up"],
            ):
                self.run("-n", self.name, *command)
        except BaseException:
            self.__exit__()
            raise
        self.up = True
        return self

    def __exit__(self, *_):
        with contextlib.suppress(subprocess.CalledProcessError):
            self.run("netns", "del", self.name)

    def prefix(self):
        return ["ip", "netns", "exec", self.name]

    def cut(self, seconds):
        self.run("link", "set", self.cable, "down")
        time.sleep(seconds)
        self.run("link", "set", self.cable, "up")


class SmallDisk:
    """A tmpfs that can be filled up. Needs root."""

    def __init__(self, megabytes=256):
        self.megabytes = megabytes

    @staticmethod
    def why_not(directory):
        if os.geteuid() != 0:
            return "only root may mount a small disk"
        tried = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(directory)], capture_output=True
        )
        if tried.returncode != 0:
            return (
                "mounting is not permitted here: " + tried.stderr.decode(errors="replace").strip()
            )
        subprocess.run(["umount", str(directory)], check=True)
        return ""

    def mount(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={self.megabytes}m", "tmpfs", str(directory)],
            check=True,
        )

    def unmount(self):
        subprocess.run(["umount", "-l", str(self.directory)], capture_output=True)

    def fill(self):
        with (
            contextlib.suppress(OSError),
            open(self.directory / "ballast", "ab", buffering=0) as file,
        ):
            while True:
                file.write(b"\0" * 65536)

    def free(self):
        (self.directory / "ballast").unlink(missing_ok=True)
