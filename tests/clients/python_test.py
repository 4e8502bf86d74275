#!/usr/bin/env python3
"""Builds the wheel of vigie-client, installs it into a fresh Python and uses it.

  python_test.py OPENAPI_JSON BUILD_FOLDER

Exit status: 0 all is well, 1 something is not, 77 PyPI is out of reach (skipped)."""

import os
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
CLIENT = HERE.parents[1] / "ops/clients/python"
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / "openapi"))
import tools  # noqa: E402

SKIPPED = 77
LIMIT_S = 120
VERSION = "0.1.0"


def python_for(folder, *lists):
    """A Python with what the lists name."""
    pip = [folder / "bin/pip", "install", "--quiet", "--no-deps", "--no-compile"]
    named = [part for one in lists for part in ("-r", one)]
    wanted = "".join(one.read_text(encoding="utf-8") for one in lists)
    tools.installed(folder, wanted, [["python3", "-m", "venv", folder], [*pip, *named]])
    return folder / "bin/python"


def main(document, build):
    folder = build / "tests/clients"
    used = CLIENT / "requirements.txt"
    try:
        builder = python_for(folder / "builder", HERE.parent / "openapi/requirements.txt", used)
        user = python_for(folder / "user", used)
    except tools.Unreachable as error:
        print(f"SKIP: PyPI is out of reach: {error}")
        return 1 if os.environ.get("CI") else SKIPPED
    wheels = folder / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    status, said = tools.run([builder, CLIENT / "build.py", document, wheels, VERSION], LIMIT_S)
    if status != 0:
        print(f"FAIL: build.py ended with {status}: {said[-1500:]}")
        return 1
    wheel = said.strip().splitlines()[-1]
    again = ["--force-reinstall", "--no-deps", "--quiet", "--no-index"]
    pip = [user, "-m", "pip", "--disable-pip-version-check"]
    status, said = tools.run([*pip, "install", *again, wheel], LIMIT_S)
    if status == 0:
        status, said = tools.run([*pip, "check"], LIMIT_S)  # what it needs is what was installed
    if status == 0:
        status, said = tools.run([user, HERE / "use_client.py", build / "bin/vigie"], LIMIT_S)
    print(said, end="")
    return 1 if status else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*(pathlib.Path(argument).resolve() for argument in sys.argv[1:])))
