"""The Debian package: hardened units, whole contents, a changelog; with VIGIE_DEPLOY=1 the package
itself, made, checked by lintian and installed in a Debian of its own.
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("VIGIE_BUILD", TOP / "build"))
PACKAGE = TOP / "ops/package"
NAMES = ("up", "crawler", "extractor", "indexer")
MOST_EXPOSED = 2.0
DEPLOY = os.environ.get("VIGIE_DEPLOY") == "1"


def output(*command, **options):
    return subprocess.run(
        [*map(str, command)], capture_output=True, text=True, check=True, **options
    ).stdout


def unit(name):
    return output(sys.executable, PACKAGE / "make_unit.py", name)


class Units(unittest.TestCase):
    def test_exposure_is_low(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("skipped: there is no systemd-analyze")
        for name in NAMES:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder) / f"vigie-{name}.service"
                file.write_text(unit(name))
                told = output("systemd-analyze", "security", "--offline=true", "--no-pager", file)
                level = float(re.search(r"exposure level for \S+: ([\d.]+)", told)[1])
                self.assertLessEqual(level, MOST_EXPOSED, told)

    def test_each_starts_a_program_with_settings_that_the_package_has(self):
        for name in NAMES:
            with self.subTest(name):
                program, *_, file = re.search(r"^ExecStart=(.*)$", unit(name), re.MULTILINE)[
                    1
                ].split()
                wanted = "/usr/bin/vigie" if name == "up" else f"/usr/bin/vigie-{name}"
                self.assertEqual(program, wanted)
                settings = PACKAGE / "settings" / pathlib.Path(file).name
                state = re.search(r"^StateDirectory=(.*)$", unit(name), re.MULTILINE)[1]
                self.assertIn(f"data_dir: /var/lib/{state}\n", settings.read_text())
                self.assertIn(
                    "http.listen: 127.0.0.1:", settings.read_text(), "no way in from outside"
                )
        self.assertEqual(
            {f"{'vigie' if name == 'up' else name}.yaml" for name in NAMES},
            {path.name for path in (PACKAGE / "settings").iterdir()},
        )

    def test_an_unknown_unit_is_refused(self):
        done = subprocess.run(
            [sys.executable, PACKAGE / "make_unit.py", "nothing"], capture_output=True
        )
        self.assertEqual(done.returncode, 2)

    def test_settings_are_known(self):
        program = BUILD / "bin/vigie"
        if not program.exists():
            self.skipTest("skipped: vigie is not built")
        for file in (PACKAGE / "settings").iterdir():
            output(program, "config", "--config", file)


class Changelog(unittest.TestCase):
    def test_the_package_says_what_changelog_md_says_of_this_version(self):
        version = re.search(
            r"^project\(vigie VERSION (\S+)", (TOP / "CMakeLists.txt").read_text(), re.MULTILINE
        )[1]
        told = output(sys.executable, PACKAGE / "changelog.py", version, "0")
        self.assertTrue(told.startswith(f"vigie ({version}) stable; urgency=medium\n"))
        self.assertIn("Thu, 01 Jan 1970 00:00:00 +0000", told)
        self.assertGreater(told.count("\n  * "), 3)
        self.assertLessEqual(max(map(len, told.splitlines()[:-1])), 80)
        done = subprocess.run(
            [sys.executable, PACKAGE / "changelog.py", "99.0", "0"], capture_output=True
        )
        self.assertEqual(done.returncode, 3, "a version without an entry")


@unittest.skipUnless(DEPLOY, "skipped: only with VIGIE_DEPLOY=1 (ops/test --deploy)")
class Whole(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.deb = pathlib.Path(cls.make("first"))

    @classmethod
    def make(cls, name):
        folder = pathlib.Path(cls.folder.name) / name
        return output(PACKAGE / "deb", "--build", BUILD, "--out", folder).strip()

    def test_the_same_tree_makes_the_same_bytes(self):
        second = pathlib.Path(self.make("second"))
        digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (self.deb, second)}
        self.assertEqual(len(digests), 1)

    def test_lintian_finds_no_error(self):
        if not shutil.which("lintian"):
            self.skipTest("skipped: there is no lintian")
        done = subprocess.run(
            ["lintian", "--allow-root", "--fail-on", "error", str(self.deb)],
            capture_output=True,
            text=True,
        )
        print(done.stdout, flush=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_it_is_installed_in_a_debian_of_its_own(self):
        if os.geteuid() != 0 or not shutil.which("debootstrap"):
            self.skipTest("skipped: needs root and debootstrap")
        root = pathlib.Path(self.folder.name) / "debian"
        release = output("sh", "-c", ". /etc/os-release; echo $VERSION_CODENAME").strip()
        subprocess.run(
            ["debootstrap", "--variant=minbase", release, str(root)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        shutil.copy(self.deb, root / "vigie.deb")
        inside = ["chroot", str(root), "env", "DEBIAN_FRONTEND=noninteractive"]
        subprocess.run([*inside, "apt-get", "install", "-y", "-qq", "/vigie.deb"], check=True)
        self.assertIn("vigie", (root / "etc/passwd").read_text(), "the account")
        said = output(*inside, "vigie", "--version")
        self.assertRegex(said, r"^vigie \d+\.\d+")
        output(*inside, "vigie", "config", "--config", "/etc/vigie/vigie.yaml")
        output(*inside, "vigie", "topics", "list", "/usr/share/vigie/ops/topics/ai-geopolitics")
        subprocess.run([*inside, "apt-get", "purge", "-y", "-qq", "vigie"], check=True)
        self.assertFalse((root / "usr/bin/vigie").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
