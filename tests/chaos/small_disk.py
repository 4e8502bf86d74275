"""What the tests of a full disk share: a disk that is filled up, kept full for a while, and emptied
again, under a program that pauses, answers, and goes on by itself.
"""

import contextlib
import sys
import tempfile
import time
import unittest

import faults
from plant import harness

RESUMED_SECONDS = 60
SKIPPED = 77


class OnASmallDisk(unittest.TestCase):
    MEGABYTES = 256
    FULL_SECONDS = 5.0
    PAUSE_SECONDS = 0.3

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.disk = faults.SmallDisk(self.MEGABYTES)

    def mount(self, directory):
        self.disk.mount(directory)
        self.stack.callback(self.disk.unmount)

    def fill_and_free(self, change, taken, each):
        """Fills the disk until `change` is refused (507), calls `each` while it stays full, empties
        it, and waits until a change is `taken`. Out: when it was emptied.
        """
        self.disk.fill()
        harness.wait_until(lambda: change() == 507, 30, "nothing more is taken in")
        begin = time.monotonic()
        while time.monotonic() - begin < self.FULL_SECONDS:
            self.disk.fill()
            each()
            time.sleep(self.PAUSE_SECONDS)
        self.disk.free()
        begin = time.monotonic()
        harness.wait_until(lambda: change() == taken, RESUMED_SECONDS, "it goes on by itself")
        return begin


def main():
    """Skips (77), and says so, where no small disk may be mounted."""
    with tempfile.TemporaryDirectory() as folder:
        why = faults.SmallDisk.why_not(folder)
    if why:
        print("skipped: " + why)
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
