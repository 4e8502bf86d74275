#!/usr/bin/env python3
"""ops/spec/asyncapi.yaml: the official parser finds nothing in it, and it says what is.

  asyncapi_test.py OPENAPI_JSON BUILD_FOLDER

Exit status: 0 all is well, 1 something is not, 77 the parser could not be fetched (skipped)."""

import json
import os
import pathlib
import re
import shutil
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
DOCUMENT = TOP / "ops/spec/asyncapi.yaml"
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / "openapi"))
import tools  # noqa: E402

SKIPPED = 77
LIMIT_S = 120
DAY_MS = 24 * 3600 * 1000


def by_parser(folder):
    """What the official parser says of the document."""
    script = shutil.copy(HERE / "validate.mjs", folder / "validate.mjs")  # beside its packages
    status, said = tools.run(["node", script, DOCUMENT], LIMIT_S)
    if status != 0:
        return [f"the parser ended with {status}: {said[-600:]}"]
    found = json.loads(said)
    faults = [f"{one['path']}: {one['message']}" for one in found["diagnostics"]]
    if found["addresses"] != ["vigie.alerts.cloudevents.v1"]:
        faults.append(f"channels: {found['addresses']}")
    return faults


def by_the_tree(document, openapi):
    """Where the document says other than the API's description and the sources."""
    faults = []
    for name, schema in document["components"]["schemas"].items():
        if openapi["components"]["schemas"].get(name) != schema:
            faults.append(f"the schema {name} is not that of /openapi.json")
    topics = (TOP / "proto/log_topics.h").read_text(encoding="utf-8")
    row = re.search(r'"alerts\.cloudevents", false, false, (\d+) \* kDayMs', topics)
    bindings = document["channels"]["alerts"]["bindings"]["kafka"]["topicConfiguration"]
    if row is None or int(row.group(1)) * DAY_MS != bindings["retention.ms"]:
        faults.append("retention.ms is not that of proto/log_topics.h")
    headers = document["components"]["messages"]["Alert"]["headers"]["properties"]
    written = (TOP / "proto/log_topics.cc").read_text(encoding="utf-8")
    if f'"{headers["content-type"]["const"]}"' not in written:
        faults.append("content-type is not that of proto/log_topics.cc")
    return faults


def main(openapi, build):
    document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    faults = by_the_tree(document, json.loads(openapi.read_text(encoding="utf-8")))
    folder = build / "tests/asyncapi"
    lock = (HERE / "package-lock.json").read_text(encoding="utf-8")
    copy = ["cp", HERE / "package.json", HERE / "package-lock.json", "."]
    npm = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    skipped = False
    try:
        tools.installed(folder, lock, [copy, npm])
        faults += by_parser(folder)
    except tools.Unreachable as error:
        print(f"SKIP: npm's registry is out of reach: {error}")
        skipped = not os.environ.get("CI")
        faults += [] if skipped else ["the parser could not be fetched"]
    for fault in faults:
        print(f"FAIL: {fault}")
    if faults:
        return 1
    return SKIPPED if skipped else 0


if __name__ == "__main__":
    sys.exit(main(*(pathlib.Path(argument).resolve() for argument in sys.argv[1:])))
