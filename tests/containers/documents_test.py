"""Every command that a README or a runbook tells a person to type is one that there is: the program
knows the command and each of its options, the compose file has the service, the script is there.

A command is a line of a ```sh block, or a piece of text between backquotes that begins with one of
PROGRAMS. It is asked for with --help, so that nothing happens.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import unittest

import manifests
from manifests import TOP

BUILD = pathlib.Path(os.environ.get("VIGIE_BUILD", TOP / "build"))
DOCUMENTS = [
    TOP / "README.md",
    *sorted((TOP / "ops").glob("*/README.md")),
    *sorted((TOP / "ops/runbooks").glob("*.md")),
    *sorted((TOP / "ops").glob("helm/*/README.md")),
]
PROGRAM = re.compile(r"^(build/bin/)?vigie(-crawler|-extractor|-indexer)?$")
SCRIPT = re.compile(r"^ops/[\w./-]+$")
# Of docker compose: what is followed by a service.
WITH_SERVICE = {"run", "exec", "logs", "restart", "kill", "start", "stop"}
WITH_VALUE = {"--tail", "--since", "--until", "-n", "-f", "--user", "-u", "-e", "--env"}


def commands_in(text):
    """[words]: commands of a document, with assignments, comments and redirections left out."""
    lines = [
        line
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        for line in re.sub(r"\\\n", " ", block).splitlines()
    ]
    outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    lines += re.findall(r"`([^`\n]+)`", outside)
    found = []
    for line in lines:
        for part in re.split(r"&&|\|\|?|;", line):
            try:
                words = shlex.split(part.replace("…", ""), comments=True)
            except ValueError:
                continue  # a piece of a command of several lines
            while words and re.match(r"^[A-Z_]+=", words[0]):
                words = words[1:]
            if words:
                found.append(words)
    return found


def is_argument(word):
    """What a person puts in: FILE, PATH/x, 'a query', 3 …"""
    return not re.match(r"^[a-z][a-z-]*$", word)


class Help:
    """What `PROGRAM … --help` answers, asked once each."""

    def __init__(self):
        self.known = {}

    def of(self, command):
        key = tuple(map(str, command))
        if key not in self.known:
            done = subprocess.run([*key, "--help"], capture_output=True, text=True, timeout=60)
            self.known[key] = (done.returncode, done.stdout + done.stderr)
        return self.known[key]


class Documents(unittest.TestCase):
    helps = Help()

    def commands(self, wanted):
        for path in DOCUMENTS:
            for words in commands_in(path.read_text(encoding="utf-8")):
                if wanted(words):
                    yield f"{path.relative_to(TOP)}: {' '.join(words)}", words

    def options_of(self, words):
        return [word.partition("=")[0] for word in words if re.match(r"^--?[a-z]", word)]

    @unittest.skipUnless((BUILD / "bin/vigie").exists(), "skipped: vigie is not built")
    def test_commands_of_vigie_and_their_options(self):
        seen = 0
        for said, words in self.commands(lambda words: PROGRAM.match(words[0])):
            seen += 1
            program = BUILD / "bin" / words[0].rpartition("/")[2]
            with self.subTest(said):
                self.vigie_knows(program, words[1:])
        self.assertGreater(seen, 40, "the commands are found")

    def vigie_knows(self, program, words):
        command, rest = [program], list(words)
        while rest and not is_argument(rest[0]) and len(command) < 3:
            code, _ = self.helps.of([*command, rest[0]])
            if code != 0:
                break
            command.append(rest.pop(0))
        if program.name == "vigie" and words and not words[0].startswith("-"):
            self.assertGreater(len(command), 1, f"vigie has no command '{words[0]}'")
        _, told = self.helps.of(command)
        for option in self.options_of(rest):
            self.assertRegex(told, rf"(?<![\w-]){re.escape(option)}(?![\w-])", option)

    def test_scripts_are_there_and_know_their_options(self):
        seen = 0
        for said, words in self.commands(lambda words: SCRIPT.match(words[0])):
            path = TOP / words[0]
            if path.is_dir() or path.suffix in (".md", ".yaml", ".yml", ".json", ".xml", ".h"):
                continue
            seen += 1
            with self.subTest(said):
                self.assertTrue(path.is_file(), "there is no such file")
                if len(words) == 1:
                    continue
                self.assertTrue(os.access(path, os.X_OK), "it cannot be run")
                text = path.read_text(encoding="utf-8")
                for option in self.options_of(words[1:]):
                    self.assertIn(option, text)
        self.assertGreater(seen, 10, "the scripts are found")

    def test_commands_of_compose(self):
        services = set(manifests.compose()["services"])
        profiles = {
            profile
            for service in manifests.compose()["services"].values()
            for profile in service.get("profiles", [])
        }
        seen = 0
        for said, words in self.commands(lambda words: words[:2] == ["docker", "compose"]):
            seen += 1
            with self.subTest(said):
                self.compose_knows(services, profiles, words[2:])
        self.assertGreater(seen, 5, "the commands are found")

    def compose_knows(self, services, profiles, words):
        rest = list(words)
        while rest and rest[0].startswith("-"):
            option = rest.pop(0)
            value = rest.pop(0) if option in ("-f", "--file", "--profile") else None
            if option in ("-f", "--file"):
                self.assertTrue((TOP / value).is_file(), value)
            if option == "--profile":
                self.assertIn(value, profiles)
        self.assertTrue(rest, "no command")
        command, rest = rest[0], rest[1:]
        for at, word in enumerate(rest):
            if word.startswith("--scale"):
                scaled = word.partition("=")[2] or rest[at + 1]
                self.assertIn(scaled.partition("=")[0], services)
        binary = compose_command()
        if binary:
            code, told = self.helps.of([*binary, command])
            self.assertEqual(code, 0, told)
        if command in WITH_SERVICE:
            self.service_is_there(services, rest)

    def service_is_there(self, services, rest):
        while rest and rest[0].startswith("-"):
            option = rest.pop(0)
            if option in WITH_VALUE and rest:
                rest.pop(0)
        if not rest or rest[0].isupper():
            return
        self.assertIn(rest[0], services, "the compose file has no such service")
        if rest[0] == "vigie" and (BUILD / "bin/vigie").exists():
            self.vigie_knows(BUILD / "bin/vigie", rest[1:])


def compose_command():
    """docker compose, where it is installed; VIGIE_COMPOSE names another."""
    named = os.environ.get("VIGIE_COMPOSE")
    if named:
        return [named]
    if shutil.which("docker"):
        done = subprocess.run(["docker", "compose", "version"], capture_output=True)
        if done.returncode == 0:
            return ["docker", "compose"]
    return None


class ComposeFile(unittest.TestCase):
    def test_compose_itself_reads_the_file_in_each_profile(self):
        command = compose_command()
        if not command:
            self.skipTest("skipped: no docker compose here; VIGIE_COMPOSE names one")
        file = str(TOP / "ops/compose/compose.yaml")
        for profile, brokers in (("one", {"kafka"}), ("three", {"kafka-1", "kafka-2", "kafka-3"})):
            done = subprocess.run(
                [*command, "-f", file, "config", "--services"],
                env={**os.environ, "COMPOSE_PROFILES": profile},
                capture_output=True,
                text=True,
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            services = set(done.stdout.split())
            self.assertEqual({one for one in services if one.startswith("kafka")}, brokers)
            self.assertLessEqual(
                {"crawler", "extractor", "indexer", "prometheus", "alertmanager", "grafana"},
                services,
            )
            self.assertEqual(done.stderr, "", "a warning")


if __name__ == "__main__":
    unittest.main()
