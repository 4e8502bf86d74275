"""A bed of sites as the web is (tests/newsroom/testbed.py): what is decent comes in, traps get
next to nothing, and nobody is asked who must not be. Sites and seconds: VIGIE_BED_SITES (60),
VIGIE_BED_SECONDS (25); a bed of hundreds is run by hand (ops/evidence/crawler.md).
"""

import json
import os
import subprocess
import sys
import time
import unittest

from harness import TOP, EndToEnd, Vigie, wait_until

SITES = int(os.environ.get("VIGIE_BED_SITES", "60"))
SECONDS = float(os.environ.get("VIGIE_BED_SECONDS", "25"))
TRAP_SHARE = 0.01
# Of these not everything can be had within the time of a test: a failure is tried again later, and
# every tenth poll alone goes without validators.
LATER = ("broken-responses", "rate-limit", "lying-validators")


class TestBed(EndToEnd):
    def setUp(self):
        super().setUp()
        self.sources = self.directory / "sources.yaml"
        self.report_file = self.directory / "report.json"
        self.log = open(self.directory / "bed.log", "ab")
        self.bed = subprocess.Popen(
            [
                sys.executable,
                str(TOP / "tests/newsroom/testbed.py"),
                f"--sites={SITES}",
                "--seed=1",
                f"--sources-file={self.sources}",
                f"--report={self.report_file}",
            ],
            stdout=self.log,
            stderr=self.log,
        )
        wait_until(self.report_file.exists, 60, "the bed is made")
        # Addresses of the bed alone: every other is one that nobody may be led to.
        self.vigie = self.keep(
            Vigie(
                self.directory,
                [self.sources],
                ["fetch.allow_networks=[127.20.0.0/16]", "crawl.revisits_s=[600, 3600]"],
            )
        )

    def tearDown(self):
        super().tearDown()
        self.bed.terminate()
        self.bed.wait()
        self.log.close()

    def report(self):
        return json.loads(self.report_file.read_text())

    def missing(self, then):
        """URLs by kind of site that were there at the time of that report and cannot be found."""
        have = {hit["url"].split("?")[0] for hit in self.vigie.all_hits("")}
        out = {}
        for origin, urls in then["expected"].items():
            lost = [url for url in urls if url.split("?")[0] not in have]
            if lost:
                out.setdefault(then["kinds"][origin], []).extend(lost)
        return out

    def test_what_is_decent_comes_in_and_traps_get_nothing(self):
        time.sleep(SECONDS)
        then = self.report()
        wait_until(
            lambda: not {k: v for k, v in self.missing(then).items() if k not in LATER},
            SECONDS * 4,
            "all that could be had by then is searchable",
            pause=2,
        )
        report = self.report()
        missing = self.missing(then)
        told = {k: v for k, v in report.items() if k not in ("expected", "kinds")}
        told["missing"] = {kind: len(urls) for kind, urls in missing.items()}
        told["articles"] = len(self.vigie.all_hits(""))
        print(json.dumps(told))
        self.assertEqual(report["canary"], [], "an address inside was asked")
        self.assertEqual(report["asked_of_closed_sites"], 0, "robots.txt could not be had")
        self.assertEqual(report["asked_before_retry_after"], 0)
        self.assertLessEqual(report["trap_share"], TRAP_SHARE)
        self.assertLessEqual(report["most_of_a_site"], 1000)
        self.assertEqual(self.vigie.stop(), 0)


if __name__ == "__main__":
    unittest.main()
