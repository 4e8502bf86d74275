#!/usr/bin/env python3
"""An index of Debian 13 is that of Debian 12: the words, forms and stems of every text, and what is
made of every character of Unicode, are the same bytes whatever ICU and Snowball are linked.

With VIGIE_DEPLOY=1, as `ops/test --deploy` sets it, and as root: a Debian of the other release is
made by debootstrap, `words_dump.cc` is compiled in it and here with the same sources, and both read
all texts of tests/ (with VIGIE_TEXTS=FOLDER those below it, too). VIGIE_OTHER_DEBIAN=FOLDER keeps
that Debian for the next run."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
RELEASES = {"bookworm": "trixie", "trixie": "bookworm"}
LIBRARIES = ("libicu-dev", "libstemmer-dev", "libexpected-dev", "libprotobuf-dev")
PACKAGES = ",".join(("g++", "ca-certificates", "protobuf-compiler", *LIBRARIES))
FOLDERS = ("indexer/analysis", "platform/text", "platform/result")
LEAST_TEXTS = 5_000
TEXT_FILES = {".html", ".json", ".jsonl", ".txt", ".xml"}


def strings(value):
    """Every text of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)


def texts_of(path):
    content = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return strings(json.loads(content))
    if path.suffix == ".jsonl":
        return (text for line in content.splitlines() for text in strings(json.loads(line)))
    return [re.sub(r"<[^>]*>", " ", content)]


def all_texts(folders):
    """Lines of text below the folders, each once; files that are no UTF-8 or no JSON left out."""
    lines = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix not in TEXT_FILES or not path.is_file() or "node_modules" in path.parts:
                continue
            try:
                found = list(texts_of(path))
            except ValueError:
                continue
            for text in found:
                lines.update((line.strip(), None) for line in text.splitlines() if line.strip())
    return [line for line in lines if "\0" not in line]


def compiling(out):
    """Commands that compile words_dump into `out`, from the top of the tree."""
    sources = [str(path) for folder in FOLDERS for path in sorted((TOP / folder).glob("*.cc"))]
    sources = [str(pathlib.Path(path).relative_to(TOP)) for path in sources]
    protos = sorted(str(path.relative_to(TOP)) for path in (TOP / "proto").glob("*.proto"))
    return [
        ["mkdir", "-p", f"{out}/generated"],
        ["protoc", "-I.", f"--cpp_out={out}/generated", *protos],
        # What reads records is not called, and left out with what it would need.
        ["g++", "-std=c++20", "-O1", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"]
        + ["-I.", f"-I{out}/generated", "tests/debians/words_dump.cc", *sources]
        + ["-o", f"{out}/words_dump", "-lstemmer", "-licuuc", "-licui18n", "-licudata"],
    ]


@unittest.skipUnless(os.environ.get("VIGIE_DEPLOY"), "skipped: VIGIE_DEPLOY=1 makes a Debian")
class TheSameIndexOnBothDebians(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0 or not shutil.which("debootstrap"):
            raise unittest.SkipTest("skipped: needs root and debootstrap")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="vigie-debians-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        own = subprocess.run(
            ["sh", "-c", ". /etc/os-release; echo $VERSION_CODENAME"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        other = RELEASES[own]
        cls.root = pathlib.Path(os.environ.get("VIGIE_OTHER_DEBIAN") or cls.folder / other)
        if not (cls.root / "usr/bin/g++").exists():
            make = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", other]
            subprocess.run([*make, str(cls.root)], check=True, stdout=subprocess.DEVNULL)
        names = ("indexer", "platform", "proto", "tests/debians")
        for name in names:
            shutil.copytree(TOP / name, cls.root / "vigie" / name, dirs_exist_ok=True)
        cls.inside = ["chroot", str(cls.root), "sh", "-c", 'cd /vigie && exec "$@"', "sh"]
        cls.versions = {}
        for name, before in (("here", []), ("there", cls.inside)):
            out = str(cls.folder) if name == "here" else "/vigie-out"
            for command in compiling(out):
                subprocess.run([*before, *command], check=True, cwd=TOP)
            cls.versions[name] = subprocess.run(
                [*before, "dpkg-query", "-W", "-f", "${Package} ${Version}; "]
                + ["libicu-dev", "libstemmer-dev"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout

    def both(self, *arguments, stdin=b""):
        """What both say, as lines."""
        here, there = (
            subprocess.run(
                [*command, *arguments], input=stdin, check=True, capture_output=True
            ).stdout.split(b"\n")
            for command in (
                [str(self.folder / "words_dump")],
                [*self.inside, "/vigie-out/words_dump"],
            )
        )
        return here, there

    def compare(self, what, here, there):
        differing = [(a, b) for a, b in zip(here, there) if a != b]
        digest = hashlib.sha256(b"\n".join(here)).hexdigest()[:16]
        print(
            f"{what}: {len(here) - 1:,} lines here ({self.versions['here']}), {len(there) - 1:,} "
            f"there ({self.versions['there']}), {len(differing):,} differ; SHA-256 {digest}",
            file=sys.stderr,
        )
        self.assertEqual(len(here), len(there))
        self.assertEqual(differing[:5], [], what)

    def test_every_character(self):
        here, there = self.both("--characters")
        self.assertGreater(len(here), 0x110000 - 0x800)  # surrogates are none
        self.compare("characters", here, there)

    def test_every_text(self):
        folders = [TOP / "tests"]
        if os.environ.get("VIGIE_TEXTS"):
            folders.append(pathlib.Path(os.environ["VIGIE_TEXTS"]))
        texts = all_texts(folders)
        self.assertGreater(len(texts), LEAST_TEXTS)
        stdin = "\n".join(texts).encode()
        self.compare("words and stems of texts", *self.both(stdin=stdin))
        self.compare("sentences of texts", *self.both("--sentences", stdin=stdin))


if __name__ == "__main__":
    unittest.main(verbosity=2)
