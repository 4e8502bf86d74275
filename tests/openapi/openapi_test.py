#!/usr/bin/env python3
"""The description of the API as others read it: a linter finds nothing in it, and a client that a
generator made of it does every public call of a running vigie.

  openapi_test.py OPENAPI_JSON BUILD_FOLDER

Exit status: 0 all is well, 1 something is not, 77 the programs could not be fetched (skipped)."""

import concurrent.futures
import json
import os
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))
import tools  # noqa: E402

SKIPPED = 77
LIMIT_S = 60


def lint(redocly, document):
    """Every error and warning of the linter's recommended rules."""
    command = [redocly, "lint", "--format=json", document]
    status, said = tools.run(command, LIMIT_S, env=tools.without_network(), cwd=document.parent)
    try:
        found = json.loads(said[said.index("{") : said.rindex("}") + 1])
    except ValueError:
        return [f"redocly lint ended with {status}: {said[-600:]}"]
    return [f"redocly: {p['ruleId']}: {p['message']}" for p in found["problems"]]


def generate(python, document, folder):
    """Makes the client; whatever the generator could not make is a fault."""
    shutil.rmtree(folder, ignore_errors=True)
    generator = [python.parent / "openapi-python-client", "generate", "--fail-on-warning"]
    command = [*generator, "--path", document, "--config", HERE / "client.yml"]
    status, said = tools.run([*command, "--output-path", folder], LIMIT_S)
    if status != 0 or "WARNING" in said.upper():
        return [f"openapi-python-client ended with {status}: {said[-1000:]}"]
    operations = json.loads(document.read_text(encoding="utf-8"))["paths"]
    count = sum(len(methods) for methods in operations.values())
    made = [p for p in (folder / "vigie_api/api").glob("*/*.py") if p.name != "__init__.py"]
    return [] if len(made) == count else [f"{count} operations, and {len(made)} calls were made"]


def call_all(python, document, client, program):
    """Does every public call; see calls.py."""
    environment = {**os.environ, "PYTHONPATH": str(client), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python, HERE / "calls.py", document, program]
    status, said = tools.run(command, 2 * LIMIT_S, env=environment)
    print(said, end="")
    return [] if status == 0 else [f"calls.py ended with {status}"]


def main(document, build):
    folder = build / "tests/openapi"
    try:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            redocly, python = (pool.submit(f, folder) for f in (tools.linter, tools.python))
            redocly, python = redocly.result(), python.result()
    except tools.Unreachable as error:
        print(f"SKIP: npm's registry or PyPI is out of reach: {error}")
        return 1 if os.environ.get("CI") else SKIPPED
    faults = lint(redocly, document)
    faults += generate(python, document, folder / "client")
    if not faults:
        faults = call_all(python, document, folder / "client", build / "bin/vigie")
    for fault in faults:
        print(f"FAIL: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*(pathlib.Path(argument).resolve() for argument in sys.argv[1:])))
