"""The programs that the tests of the API's description need, in the build tree.

They come from npm and PyPI, pinned in package-lock.json and requirements.txt, and are installed
once. Without reach of a registry there is nothing to test with: `Unreachable` says so."""

import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
INSTALL_S = 240


class Unreachable(Exception):
    """The programs are not here and could not be fetched."""


def run(command, limit_s, **more):
    """(exit status, what it said)"""
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=limit_s,
        **more,
    )
    return done.returncode, done.stdout


def installed(folder, wanted, commands):
    """Runs the commands unless they ran before for the same `wanted`."""
    mark = folder / "installed"
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for command in commands:
        try:
            status, said = run(command, INSTALL_S, cwd=folder)
        except subprocess.TimeoutExpired:
            status, said = 1, f"no end after {INSTALL_S} s"
        if status != 0:
            raise Unreachable(f"{' '.join(map(str, command[:3]))}: {said.strip()[-600:]}")
    mark.write_text(wanted, encoding="utf-8")


def linter(folder):
    """The program `redocly`."""
    lock = (HERE / "package-lock.json").read_text(encoding="utf-8")
    folder = folder / "node"
    copy = ["cp", HERE / "package.json", HERE / "package-lock.json", "."]
    npm = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    installed(folder, lock, [copy, npm])
    return folder / "node_modules/.bin/redocly"


def python(folder):
    """A Python with openapi-python-client, httpx and jsonschema."""
    requirements = HERE / "requirements.txt"
    folder = folder / "python"
    pip = [folder / "bin/pip", "install", "--quiet", "--no-deps", "--no-compile"]
    commands = [["python3", "-m", "venv", folder], [*pip, "-r", requirements]]
    installed(folder, requirements.read_text(encoding="utf-8"), commands)
    return folder / "bin/python"


def without_network(environment=os.environ):
    """redocly asks nobody whether there is a newer one, and tells nobody that it ran."""
    return {**environment, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
