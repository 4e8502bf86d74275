"""Services on a real broker: how each is started, and `vigie log` beside them."""

import json
import pathlib
import signal
import subprocess

import harness

# What a test that crawls the newsroom sets: its sites are on loopback and want no long gaps.
CRAWLING = [
    "fetch.allow_networks=[127.0.0.0/8]",
    "webhook.allow_networks=[127.0.0.0/8]",
    *harness.FAST_CRAWL,
    "fetch.min_gap_ms=20",
    "fetch.ip_gap_ms=20",
]


def on_broker(brokers, partitions=4):
    """The settings of a log on a broker."""
    return ["log.engine=kafka", f"log.brokers={brokers}", f"log.partitions={partitions}"]


def log_command(brokers, directory, *arguments, partitions=4):
    """`vigie log …` on a broker, with a data folder of its own below `directory`."""
    settings = [*on_broker(brokers, partitions), f"data_dir={directory}/command"]
    return subprocess.run(
        [str(harness.VIGIE), "log", *arguments, *harness.set_options(settings)],
        capture_output=True,
        text=True,
        cwd=harness.TOP,
        timeout=120,
    )


class Service(harness.Vigie):
    """A service program on a broker, with what harness.Vigie knows of asking over HTTP."""

    def __init__(self, name, directory, brokers, settings=(), *, program=None, **options):
        self.name, self.brokers = name, brokers
        self.program = program or f"vigie-{name}"
        self.partitions = options.pop("partitions", 4)
        self.listen = options.pop("listen", "127.0.0.1:0")
        sources = options.pop("sources", ())
        assert not options, f"no such options: {options}"
        directory = pathlib.Path(directory) / name
        directory.mkdir(exist_ok=True)
        super().__init__(directory, sources, settings)

    def start(self):
        settings = [
            *on_broker(self.brokers, self.partitions),
            f"data_dir={self.data}",
            f"http.listen={self.listen}",
        ]
        if self.sources:
            settings.append("sources.files=" + json.dumps([str(s) for s in self.sources]))
        self.launch([harness.BUILD / "bin" / self.program], [*settings, *self.settings])

    def kill_and_restart(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.start()

    def stop_cleanly(self):
        self.process.terminate()
        return self.process.wait(20)
