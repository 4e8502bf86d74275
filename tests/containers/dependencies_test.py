"""What is known of the libraries covers them all, and updates of them are asked for."""

import importlib.machinery
import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
LOADER = importlib.machinery.SourceFileLoader("dependencies", str(TOP / "ops" / "dependencies"))
dependencies = importlib.util.module_from_spec(
    importlib.util.spec_from_loader("dependencies", LOADER)
)
LOADER.exec_module(dependencies)

# Of tests and of the pages' build; no program is linked with them.
NOT_LINKED = {
    *(
        "Vectorscan",
        "GoogleTest, Google Benchmark, libFuzzer",
        "Preact, uPlot, esbuild, TypeScript, Marked",
    ),
    "playwright-core, axe-core, Chromium",
    "tantivy (crates.io), Lucene (Maven Central)",
    "@grafana/ui, @grafana/data, React",
    "Alertmanager (amtool)",
    "tantivy (crates.io)",
    "@slack/types, discord-api-types, @grammyjs/types, adaptivecards",
    "httpx, httpx-sse, standardwebhooks, attrs (PyPI)",
    "@modelcontextprotocol/client and inspector-cli, @asyncapi/parser (npm), "
    "confluent-kafka (PyPI)",
}
CHANGELOG = """curl (7.88.1-10+deb12u16) bookworm; urgency=medium

  * Nothing of security.

curl (7.88.1-10+deb12u15) bookworm-security; urgency=high

  * Fix CVE-2026-3783 and CVE-2026-3784 (Closes: #1)
  * CVE-2026-3783 again.

curl (7.88.1-10+deb12u13) bookworm; urgency=medium

  * CVE-2023-27534
"""


def first_cells(path, heading):
    text = (TOP / path).read_text(encoding="utf-8")
    table = text[text.index(heading) :].split("\n\n")[0]
    return [row.split("|")[1].strip() for row in table.splitlines()[2:]]


class Table(unittest.TestCase):
    def test_every_library_that_is_linked_is_known(self):
        named = set(", ".join(dependencies.LIBRARIES).split(", "))
        for cell in first_cells("ARCHITECTURE.md", "| Library | For |"):
            if cell in NOT_LINKED or cell.startswith("Apache Kafka"):
                continue
            for library in cell.split(", "):
                self.assertIn(library, named)

    def test_the_page_has_a_row_for_each(self):
        page = "ops/evidence/dependencies.md"
        self.assertEqual(first_cells(page, "| Library | Debian 12"), list(dependencies.LIBRARIES))

    def test_changelogs_are_read(self):
        self.assertEqual(
            dependencies.closed_by(CHANGELOG.splitlines()),
            ("7.88.1-10+deb12u15", ["CVE-2026-3783", "CVE-2026-3784"]),
        )
        self.assertIsNone(dependencies.closed_by(["Changes of upstream", "  CVE-2016-9840"]))
        self.assertIsNone(dependencies.closed_by([]))


class Install(unittest.TestCase):
    """ops/install with an apt that writes down what it is asked, on a machine with everything but
    what a test takes away."""

    STUBS = {
        "apt-get": """echo "apt-get $*" >> "$STUB_LOG"
            case " $* " in *" -s "*) cat "$STUB_BEHIND" ;; esac""",
        "apt-cache": """case "$1" in depends) shift; echo libssl3; for one in "$@"; do
            case "$one" in -*) ;; *) echo "$one" ;; esac; done ;; *) exit 0 ;; esac""",
        "dpkg-query": """case "$*" in *db:Status-Status*Package*|*Package*db:Status*)
            printf 'libssl3 installed\\nlibcurl4-openssl-dev installed\\ngone config-files\\n' ;;
            *) if [ "${@: -1}" = "${STUB_MISSING:-}" ]; then exit 1; fi; echo installed ;; esac""",
        "sudo": '"$@"',
        "node": "echo 20",
        "npm": "exit 0",
    }

    def run_install(self, *arguments, behind=(), missing=""):
        with tempfile.TemporaryDirectory(prefix="vigie-install-") as folder:
            folder = pathlib.Path(folder)
            for name, text in self.STUBS.items():
                (folder / name).write_text("#!/bin/bash\n" + text + "\n")
                (folder / name).chmod(0o755)
            (folder / "behind").write_text("".join(f"Inst {one} [1] (2)\n" for one in behind))
            (folder / "log").touch()
            done = subprocess.run(
                ["bash", str(TOP / "ops/install"), *arguments],
                env={
                    **os.environ,
                    "PATH": f"{folder}:{os.environ['PATH']}",
                    "STUB_LOG": str(folder / "log"),
                    "STUB_BEHIND": str(folder / "behind"),
                    "STUB_MISSING": missing,
                },
                capture_output=True,
                text=True,
                timeout=60,
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            asked = [
                re.sub(r"apt-get( -[yq]+| -o \S+)*", "apt-get", line)
                for line in (folder / "log").read_text().splitlines()
                if " -s " not in line
            ]
            return asked, done.stderr

    def test_says_that_updates_are_waiting_and_asks_for_nothing(self):
        asked, said = self.run_install(behind=["libssl3"])
        self.assertEqual(asked, [])
        self.assertIn("libssl3", said)
        self.assertIn("ops/install --update", said)
        self.assertEqual(self.run_install(), ([], ""), "nothing is said where nothing waits")

    def test_updates_what_is_used_when_it_is_asked_to(self):
        asked, said = self.run_install("--update", behind=["libssl3"])
        self.assertEqual(asked[0], "apt-get update -qq")
        self.assertEqual(len(asked), 2, asked)
        self.assertIn("--only-upgrade", asked[1])
        self.assertTrue(asked[1].endswith(" libssl3"), asked)
        self.assertIn("updating 1", said)
        self.assertEqual(len(self.run_install("--update")[0]), 1, "only the lists are renewed")

    def test_what_is_missing_is_installed_as_before(self):
        asked, _ = self.run_install(missing="libzstd-dev", behind=["libssl3"])
        self.assertEqual(asked[0], "apt-get update -qq")
        self.assertEqual(len(asked), 2, asked)
        self.assertTrue(asked[1].endswith(" libzstd-dev"), asked)


if __name__ == "__main__":
    unittest.main(verbosity=2)
