"""A Docker Engine of a test's own, in a network namespace that the test entered: nothing of this
machine is reached by what runs in it, and its ports are nobody else's.
"""

import contextlib
import ctypes
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

CLONE_NEWNET = 0x40000000
START_S = 60
STOP_S = 60


def enter_own_network():
    """This thread, and what it starts from here on, has a loopback and nothing else."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "no network namespace of its own")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


class Engine:
    """dockerd with folders of its own; `command` is any client that knows DOCKER_HOST."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vigie-engine-"))
        self.log_file = self.folder / "log"
        self.environment = dict(os.environ, DOCKER_HOST=f"unix://{self.folder}/socket")
        self.environment.pop("DOCKER_CONTEXT", None)
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [
                    "dockerd",
                    f"--data-root={self.folder}/data",
                    f"--exec-root={self.folder}/run",
                    f"--pidfile={self.folder}/pid",
                    f"--host=unix://{self.folder}/socket",
                    "--exec-opt=native.cgroupdriver=cgroupfs",
                ],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_S
        while self("info", check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"dockerd does not answer:\n{self.log()}")
            time.sleep(0.5)

    def log(self):
        return self.log_file.read_text(errors="replace")[-3000:]

    def __call__(self, *arguments, check=True, timeout=300, **options):
        """The docker client."""
        return self.run(["docker", *arguments], check=check, timeout=timeout, **options)

    def run(self, command, check=True, timeout=300, **options):
        """Any command that speaks to this engine."""
        done = subprocess.run(
            [*map(str, command)],
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=timeout,
            **options,
        )
        if check and done.returncode != 0:
            raise AssertionError(
                f"{' '.join(map(str, command))}: {done.returncode}\n"
                f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
            )
        return done

    def lines(self, *arguments):
        return self(*arguments).stdout.split()

    def inspect(self, name):
        return json.loads(self("inspect", name).stdout)[0]

    def stop(self):
        if self.process.poll() is None:
            for container in self("ps", "-aq", check=False).stdout.split():
                self("rm", "-f", "-v", container, check=False)
            self.process.terminate()
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
