#!/usr/bin/env python3
"""Runs what once went wrong against a vigie and says what is wrong again.

  run.py [NAME...] [--bin build/bin/vigie]

README.md says what a case is. Exit status: 0 all hold, 1 some do not, 2 wrong use."""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / "field"))
from runner import checks  # noqa: E402

LIMIT_S = 60
KEYS = {"happened", "holds", "make", "steps"}
STEP_KEYS = {"run", "stdin", "checks"}


def read_case(path):
    """A case, with the faults of its form."""
    case = json.loads(path.read_text(encoding="utf-8"))
    faults = [f"{key}: no such key" for key in case if key not in KEYS]
    for key in ("happened", "holds"):
        text = case.get(key, "")
        if not text.endswith(".") or "\n" in text:
            faults.append(f"{key}: one line that ends in a full stop")
    if not case.get("steps"):
        faults.append("steps: at least one")
    for step in case.get("steps", []):
        faults += [f"{key}: no such key of a step" for key in step if key not in STEP_KEYS]
        if not step.get("checks"):
            faults.append("checks: a step that asks for nothing cannot fail")
    return case, faults


def make_files(case, scratch):
    """Inputs that are long and dull: head, count times item, tail. {i} in an item is its number."""
    for name, spec in case.get("make", {}).items():
        with open(scratch / name, "w", encoding="utf-8") as out:
            out.write(spec.get("head", ""))
            for i in range(spec["count"]):
                out.write(spec["item"].replace("{i}", str(i)))
            out.write(spec.get("tail", ""))


def run_step(program, step, folder, scratch):
    """What came: {"exit", "seconds", "stdout", "stderr", "lines": [JSON of standard output]}."""
    arguments = [a.replace("{scratch}", str(scratch)) for a in step["run"]]
    given = (folder / step["stdin"]).read_bytes() if "stdin" in step else b""
    begin = time.monotonic()
    try:
        done = subprocess.run(
            [program, *arguments], cwd=folder, input=given, capture_output=True, timeout=LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return None
    lines = []
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            lines.append(line)
    return {
        "exit": done.returncode,
        "seconds": round(time.monotonic() - begin, 2),
        "stdout": done.stdout.decode("utf-8", "replace"),
        "stderr": done.stderr.decode("utf-8", "replace"),
        "lines": lines,
    }


def faults_of(program, folder):
    case, faults = read_case(folder / "regression.json")
    if faults:
        return case, faults
    with tempfile.TemporaryDirectory(prefix="vigie-regression-") as scratch:
        make_files(case, pathlib.Path(scratch))
        for step in case["steps"]:
            came = run_step(program, step, folder, scratch)
            if came is None:
                return case, [f"{' '.join(step['run'])}: no end after {LIMIT_S} s"]
            found = [fault for fault in (checks.judge(c, came) for c in step["checks"]) if fault]
            faults += [f"{' '.join(step['run'])}: {fault}" for fault in found]
    return case, faults


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--bin", default=str(HERE.parents[1] / "build/bin/vigie"))
    arguments = parser.parse_args()
    program = pathlib.Path(arguments.bin).resolve()
    folders = sorted(path.parent for path in HERE.glob("*/regression.json"))
    chosen = [f for f in folders if not arguments.names or f.name in arguments.names]
    unknown = set(arguments.names) - {f.name for f in folders}
    if not program.is_file() or not chosen or unknown:
        print(f"nothing to run: program {program}, unknown {sorted(unknown)}", file=sys.stderr)
        return 2
    wrong = 0
    for folder in chosen:
        case, faults = faults_of(str(program), folder)
        if faults:
            wrong += 1
            print(f"{folder.name}: {case.get('happened', '')}")
            for fault in faults:
                print(f"  {fault}")
    print(f"{len(chosen) - wrong} hold, {wrong} do not")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
