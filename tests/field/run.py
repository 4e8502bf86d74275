#!/usr/bin/env python3
"""Runs the field cases against a vigie and says which fail: what was expected, what came.

  run.py [extract|search|crawl|api] [CASE...] [--bin build/bin/vigie] [--list] [--json FILE]
         [--slow] [--keep]

Python 3.11, standard library only. README.md says what a case is.
Exit status: 0 all passed, 1 some failed, 2 wrong use or nothing to run."""

import argparse
import fnmatch
import http.client
import json
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # the folder may be read-only, and is nobody's to fill
sys.path.insert(0, str(HERE))
from runner import api, crawl, extract, search  # noqa: E402

GROUPS = {"extract": extract, "search": search, "crawl": crawl, "api": api}


def find_program(given):
    """--bin, else VIGIE_BIN, else build/bin/vigie of the current folder or of one above it."""
    if given or os.environ.get("VIGIE_BIN"):
        path = pathlib.Path(given or os.environ["VIGIE_BIN"]).resolve()
        return path if path.is_file() else None
    places = [pathlib.Path.cwd(), *pathlib.Path.cwd().parents]
    return next((p / "build/bin/vigie" for p in places if (p / "build/bin/vigie").is_file()), None)


def load(root):
    """Every case: {group: [case]}; a case is expect.json with its name, group and folder."""
    cases = {}
    for group in GROUPS:
        cases[group] = []
        for path in sorted((root / group).glob("*/expect.json")):
            case = json.loads(path.read_text(encoding="utf-8"))
            case.update(group=group, name=path.parent.name, dir=path.parent)
            cases[group].append(case)
    return cases


def read_arguments(argv):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add(
        "names",
        nargs="*",
        metavar="GROUP|CASE",
        help="groups (extract search crawl api) and names of cases, * allowed; else everything",
    )
    add("--bin", help="the vigie program (default: build/bin/vigie here or above)")
    add("--list", action="store_true", help="name the cases, run nothing")
    add("--json", metavar="FILE", help="write every result as JSON (- for standard output)")
    add("--slow", action="store_true", help="also the cases that take minutes, unless named")
    add("--keep", action="store_true", help="keep the folders with data and logs, say where")
    return parser.parse_args(argv)


def choose(args, root):
    """({group: [case]}, slow cases left out, names that no case has)"""
    groups = [n for n in args.names if n in GROUPS] or list(GROUPS)
    patterns = [n.split("/")[-1] for n in args.names if n not in GROUPS]
    chosen, skipped, matched = {}, [], set()
    for group, cases in load(root).items():
        if group not in groups:
            continue
        for case in cases:
            hits = [p for p in patterns if fnmatch.fnmatchcase(case["name"], p)]
            matched.update(hits)
            if patterns and not hits:
                continue
            if case.get("slow") and not (args.slow or args.list or case["name"] in hits):
                skipped.append(case)
                continue
            chosen.setdefault(group, []).append(case)
    return chosen, skipped, [p for p in patterns if p not in matched]


def list_cases(chosen):
    for group, cases in chosen.items():
        for case in cases:
            slow = "\tslow" if case.get("slow") else ""
            print(f"{group}/{case['name']}\t{case['kind']}\t{case['source']}{slow}")


def run_group(group, cases, program, keep, words):
    """(results, what to say of the group)"""
    begun = time.monotonic()
    try:
        outcome = GROUPS[group].run(program, cases, keep=keep)
    except (OSError, RuntimeError, http.client.HTTPException) as error:
        # vigie did not start, or went away
        outcome = {case["name"]: [f"{type(error).__name__}: {error}"] for case in cases}
    results = []
    for case in cases:
        name = f"{group}/{case['name']}"
        faults = outcome.get(case["name"], ["the case was not run"])
        result = {"case": name, "kind": case["kind"], "source": case["source"]}
        results.append({**result, "passed": not faults, "faults": faults})
        if faults:
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            print(f"FAIL {name}: {faults[0]}{more}", file=words, flush=True)
    passed = sum(r["passed"] for r in results)
    return results, f"{group} {passed}/{len(cases)} in {time.monotonic() - begun:.0f} s"


def write_json(results, where):
    text = json.dumps(results, ensure_ascii=False, indent=1) + "\n"
    if where == "-":
        sys.stdout.write(text)
    else:
        pathlib.Path(where).write_text(text, encoding="utf-8")


def main(root=HERE, argv=None):
    args = read_arguments(argv)
    chosen, skipped, unknown = choose(args, root)
    wrong = None
    if unknown:
        wrong = "no such case: " + ", ".join(unknown) + "; --list names them"
    elif args.list:
        list_cases(chosen)
        return 0
    elif not chosen:
        wrong = "nothing to run"
    elif (program := find_program(args.bin)) is None:
        wrong = "no vigie program: give --bin PATH or build it first (build/bin/vigie)"
    if wrong:
        print(wrong, file=sys.stderr)
        return 2

    words = sys.stderr if args.json == "-" else sys.stdout
    results, totals = [], []
    for group, cases in chosen.items():
        some, total = run_group(group, cases, program, args.keep, words)
        results += some
        totals.append(total)
    if args.json:
        write_json(results, args.json)
    passed = sum(r["passed"] for r in results)
    more = f"; {len(skipped)} slow skipped (--slow)" if skipped else ""
    print("; ".join(totals) + more, file=words)
    print(f"{passed} passed, {len(results) - passed} failed", file=words)
    return 0 if passed == len(results) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
