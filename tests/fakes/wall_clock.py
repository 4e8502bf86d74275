"""The wall clock of whole processes, as a test wants it."""

import pathlib
import time


class WallClock:
    """libfaketime (Debian package faketime) before a process: its wall clock is this file's, its
    steady clocks are the machine's. What has the environment() goes by it from its start on, and
    follows each set().
    """

    def __init__(self, file):
        self.file = pathlib.Path(file)
        self.set("+0")

    @staticmethod
    def library():
        found = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        return str(found[0]) if found else ""

    def set(self, offset):
        """`offset`: seconds from the machine's clock, with a sign."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(offset + "\n")
        fresh.rename(self.file)

    def show(self, unix_seconds):
        """The clock shows this instant now, and goes on from it."""
        self.set(f"{unix_seconds - time.time():+.3f}")

    def environment(self):
        return {
            "LD_PRELOAD": self.library(),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
