"""ops/spec/command_line.md has the commands and options of the programs, and no others."""

import os
import pathlib
import re
import subprocess
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("VIGIE_BUILD", TOP / "build")) / "bin"
PAGE = (TOP / "ops/spec/command_line.md").read_text(encoding="utf-8")
# What every command takes, said once on the page.
EVERYWHERE = {"--help", "--help-all", "--config", "--set"}
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def output_of(program, *arguments):
    done = subprocess.run(
        [BIN / program, *arguments], capture_output=True, check=True, text=True, timeout=30
    )
    return done.stdout


def commands():
    """Path of each command → its options, as the completion script has them."""
    words = {}
    for path, listed in re.findall(
        r'^ +"([a-z ]*)"\*?\) words="([^"]*)"', output_of("vigie", "completion", "bash"), re.M
    ):
        words[path] = set(listed.split())
    options = {
        path: {word for word in listed if word.startswith("--")} for path, listed in words.items()
    }
    # A group only holds commands; what has options of its own is a command too (`vigie keys`).
    return {
        path: found
        for path, found in options.items()
        if path and (found == words[path] or found - EVERYWHERE)
    }


def sections():
    """Heading of a command → what the page says of it."""
    parts = re.split(r"^#{2,3} (.*)$", PAGE, flags=re.M)
    return {
        heading.removeprefix("vigie "): text
        for heading, text in zip(parts[1::2], parts[2::2])
        if heading.startswith("vigie ")
    }


class Commands(unittest.TestCase):
    maxDiff = None

    def test_every_command_has_a_section_and_every_section_a_command(self):
        found = commands()
        self.assertGreater(len(found), 10)
        self.assertEqual(set(sections()), set(found))

    def test_every_option_stands_in_the_section_of_its_command(self):
        said = sections()
        for command, options in commands().items():
            with self.subTest(command):
                named = set(OPTION.findall(said.get(command, "")))
                self.assertEqual(options - EVERYWHERE - named, set(), "not on the page")
                self.assertEqual(named - options, set(), "not in the program")

    def test_what_every_command_takes_is_taken_by_all_but_completion(self):
        for command, options in commands().items():
            with self.subTest(command):
                missing = EVERYWHERE - options
                self.assertEqual(missing, set() if command != "completion" else missing)

    def test_services_take_what_the_page_says(self):
        said = re.search(r"^The services take (.*?), and `(--health)`", PAGE, re.M)
        expected = set(re.findall(r"`(--[a-z]+)`", said.group(1))) | {said.group(2)}
        for program in ("vigie-crawler", "vigie-extractor", "vigie-indexer"):
            with self.subTest(program):
                listed = re.findall(r"^ +(?:-\w,)?(--[a-z-]+)", output_of(program, "--help"), re.M)
                self.assertEqual(set(listed), expected)


if __name__ == "__main__":
    unittest.main()
