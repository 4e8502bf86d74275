"""A disk that is filled up and emptied again, twenty times, under a whole vigie that takes pages.

VIGIE_CYCLES=N for another number. Skipped (77), and said so, where no small disk may be mounted.
"""

import json
import os
import pathlib
import shutil
import tempfile
import time

import small_disk
from plant import harness

CYCLES = int(os.environ.get("VIGIE_CYCLES", "20"))


class FullDisk(small_disk.OnASmallDisk):
    MEGABYTES = 512
    # After it is full it goes on filling up, as the log and indexes of others do.
    FULL_SECONDS = 1.0
    PAUSE_SECONDS = 0.1

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="vigie-disk-"))
        self.stack.callback(shutil.rmtree, self.directory, True)
        self.mount(self.directory / "small")
        # Its log file stands beside the disk, so that it can be read afterwards.
        (self.directory / "small/data").mkdir(mode=0o700)
        (self.directory / "data").symlink_to(self.directory / "small/data")
        self.vigie = harness.Vigie(self.directory, sources=[])
        self.stack.callback(self.vigie.stop)
        self.stack.callback(self.say_why_it_ended)
        self.number = 0
        self.acknowledged = []

    def say_why_it_ended(self):
        time.sleep(1)
        code = self.vigie.process.poll()
        if code is not None:
            print(f"vigie ended with {code}: {self.vigie.tail()}", flush=True)

    def ingest(self):
        """The status for one page of a word of its own; kept where it was acknowledged."""
        self.number += 1
        word = f"page{self.number}word"
        page = {
            "url": f"https://news.example/{self.number}.html",
            "html": f"<html lang=en><title>News {self.number}</title><article><h1>News "
            f"{self.number}</h1><p>" + f"Something happened that is called {word}. " * 20,
        }
        status, headers, body = self.vigie.call(
            "POST",
            "/v1/ingest",
            json.dumps(page).encode() + b"\n",
            headers={"content-type": "application/x-ndjson"},
        )
        if status == 202:
            self.acknowledged.append(word)
        if status == 507:
            self.assertEqual(json.loads(body)["code"], "disk_full")
            self.assertIn("retry-after", headers)
        self.assertIn(status, (202, 507), body[:300])
        return status

    def is_found(self, word):
        return self.vigie.get("/v1/search", q=word)["total"]["value"] == 1

    def answers_and_refuses(self):
        self.assertTrue(self.is_found(self.acknowledged[0]), "search answers")
        self.assertEqual(self.ingest(), 507)

    def test_pauses_answers_and_goes_on_by_itself(self):
        for _ in range(20):
            self.ingest()
        harness.wait_until(lambda: self.is_found(self.acknowledged[-1]), 60, "pages are searchable")
        process = self.vigie.process
        longest = 0.0
        for cycle in range(CYCLES):
            begin = self.fill_and_free(self.ingest, 202, self.answers_and_refuses)
            newest = self.acknowledged[-1]
            left = small_disk.RESUMED_SECONDS - (time.monotonic() - begin)
            harness.wait_until(
                lambda word=newest: self.is_found(word), left, "and so does the index"
            )
            took = time.monotonic() - begin
            longest = max(longest, took)
            print(f"cycle {cycle + 1}: goes on after {took:.1f} s", flush=True)
            self.assertIsNone(process.poll(), "it never ended")
        print(f"{CYCLES} cycles, longest {longest:.1f} s; {len(self.acknowledged)} pages taken in")
        lost = [word for word in self.acknowledged if not self.is_found(word)]
        self.assertEqual(lost, [], "what was acknowledged is there, once")


if __name__ == "__main__":
    small_disk.main()
