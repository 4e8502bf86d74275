#!/usr/bin/env python3
"""Reads the tree and fails on what it must not hold; README.md beside it lists the rules.

structure_test.py            checks the repository this file lies in
structure_test.py --root DIR checks another tree
structure_test.py --self     builds a small bad tree for each rule and sees it refused
"""

import argparse
import pathlib
import re
import sys

import bad_trees
import classes
import documents
import forms
import includes
import words
from tree import Tree, line_of

ASCII = "platform/text/ascii.h"
ASCII_AGAIN = re.compile(
    r"\b(is_digit|is_letter|is_alpha|is_alphanumeric|is_hex_digit|hex_value|to_lower)"
    r"\((?:const )?(?:unsigned )?(?:char|int) \w+\) \{"
)
CODE_SUFFIXES = {".cc", ".h", ".ts", ".tsx", ".py", ".mjs"}
VAGUE_NAMES = bad_trees.VAGUE_NAMES
FORBIDDEN_WORDS = [
    (
        re.compile(r"\bstd::w?regex\b|#\s*include\s*<regex>"),
        "std::regex crashes on long input; write a scanner by hand",
    ),
    (
        re.compile(r"\bgumbo_destroy_output\b"),
        "gumbo_destroy_output recurses and crashes on deep trees; the arena frees its memory whole",
    ),
]
# Topics with one writer, and who may name them beside it, with the reason.
OWNED_TOPICS = {
    "kSubscriptions": {
        "indexer/subscriptions": "joins what a person and what a receiver said",
        "indexer/api/log_api.cc": "shows the records of every topic, and writes none",
        "proto": "declares the topics",
    },
    "kKeys": {
        "indexer/keys": "holds a key revoked once its end was written",
        "indexer/api/log_api.cc": "shows the records of every topic, and writes none",
        "proto": "declares the topics",
    },
    "kDigests": {
        "indexer/alerting": "closes a slot once, with its deliveries",
        "indexer/api/log_api.cc": "shows the records of every topic, and writes none",
        "proto": "declares the topics",
    },
    "kCollections": {
        "indexer/collections": "says which of two changes of one revision is in force",
        "indexer/api/log_api.cc": "shows the records of every topic, and writes none",
        "proto": "declares the topics",
    },
    "kSearches": {
        "indexer/saved": "makes tombstones of marks that a later one replaced",
        "indexer/api/log_api.cc": "shows the records of every topic, and writes none",
        "proto": "declares the topics",
    },
    "kSourceEdits": {
        "indexer/sources": "answers a change once it is in the log, and reads it before the next",
        "crawler/sources": "merges it with the files; makes the records of answers",
        "indexer/api/log_api.cc": "shows the records of every topic, and writes none",
        "proto": "declares the topics",
    },
    "kSessions": {
        "indexer/sessions": "holds a session ended once its end was written",
        "indexer/api/log_api.cc": "shows the records of every topic, and writes none",
        "proto": "declares the topics",
    },
}
# Time is asked of a Clock; who waits on the machine itself may take the machine's, for the reason.
MACHINE_CLOCKS = re.compile(
    r"\b(?:steady|system|high_resolution|utc|tai|file)_clock\b|\b(?:clock_gettime|gettimeofday)\b"
)
MACHINE_TIME = "platform/clock/machine_time.h"
MACHINE_TIME_USERS = {
    "platform/log": "waits for brokers, and for the writer's thread on a condition variable",
    "platform/net": "libcurl's own thread, which sleeps in poll",
    "platform/http": "waits for clients, and for threads that work",
    "extractor/dom": "a budget of time for one page, inside a parser that knows no seam",
    "extractor/isolation": "waits for a child process",
}
MACHINE_CLOCK_USERS = {
    "platform/clock": "is the seam",
    "extractor/isolation/supervisor.cc": "the processor time of a child",
    "extractor/isolation/sandbox.cc": "names of system calls",
    "platform/process/thread.cc": "the processor time of a thread",
}
# Namespaces mirror folders; platform is left out. What everybody above speaks stands one higher.
NAMESPACES = {
    "platform/clock": "vigie",
    "platform/json": "vigie",
    "platform/result": "vigie",
    "platform/yaml": "vigie",
    "indexer/shard": "vigie::indexer",
    "vigie": "vigie::cli",
}
NAMESPACE = re.compile(r"^namespace ([\w:]+) \{", re.MULTILINE)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)


def without_comments_and_strings(code):
    return COMMENT.sub(lambda match: "\n" * match.group().count("\n"), code)


def check_names(tree):
    return [
        f"{path}: a folder called '{name}' says nothing; name it after what it does"
        for path in tree.files
        for name in path.parts[:-1]
        if name in VAGUE_NAMES
    ]


def check_words(tree):
    """Functions that are known to crash."""
    found = []
    for path in includes.cpp_files(tree):
        if str(path).startswith("tests/bench/"):
            continue  # compares with the bare library, on pages that are known to be harmless
        code = without_comments_and_strings(tree.text(path))
        for pattern, reason in FORBIDDEN_WORDS:
            for match in pattern.finditer(code):
                found.append(f"{path}:{line_of(code, match.start())}: {reason}")
    return found


def check_topics(tree):
    """A topic that a folder owns is read and written through it."""
    found = []
    for path in includes.cpp_files(tree):
        if path.parts[0] == "tests":
            continue
        code = without_comments_and_strings(tree.text(path))
        for topic, owners in OWNED_TOPICS.items():
            if is_of(path, owners):
                continue
            for match in re.finditer(rf"\bTopic::{topic}\b", code):
                found.append(
                    f"{path}:{line_of(code, match.start())}: Topic::{topic} is "
                    f"{next(iter(owners))}'s; ask it"
                )
    return found


def is_of(path, places):
    return any(str(path) == place or str(path).startswith(place + "/") for place in places)


def check_clocks(tree):
    """Only platform/clock asks the machine for the time."""
    found = []
    for path in includes.cpp_files(tree):
        if path.parts[0] == "tests":
            continue
        code = tree.text(path)
        for line, _, name in includes.includes_of(code):
            if name == MACHINE_TIME and not is_of(path, [*MACHINE_TIME_USERS, "platform/clock"]):
                found.append(
                    f"{path}:{line}: only who waits on the machine takes its time; ask a Clock"
                )
        if is_of(path, MACHINE_CLOCK_USERS):
            continue
        for match in MACHINE_CLOCKS.finditer(without_comments_and_strings(code)):
            found.append(
                f"{path}:{line_of(code, match.start())}: {match.group()} is past the seam; "
                "take a Clock& as a parameter of the constructor"
            )
    return found


def check_ascii(tree):
    """Letters and digits of ASCII are said once."""
    found = []
    for path in includes.cpp_files(tree):
        if path.parts[0] == "tests" or str(path) == ASCII:
            continue
        code = tree.text(path)
        found += [
            f"{path}:{line_of(code, match.start())}: {match.group(1)} is in {ASCII}"
            for match in ASCII_AGAIN.finditer(code)
        ]
    return found


def namespace_of(folder):
    parts = folder.split("/")
    return NAMESPACES.get(folder) or "::".join(
        ["vigie", *(parts[1:] if parts[0] == "platform" else parts)]
    )


def check_namespaces(tree):
    """A file says something in the namespace of its folder, or in one below it. Others may stand
    beside it: what it declares of theirs.
    """
    found = []
    for path in includes.cpp_files(tree):
        if path.parts[0] == "tests":
            continue
        named = NAMESPACE.findall(tree.text(path))
        expected = namespace_of(str(path.parent))
        if named and not any(f"{name}::".startswith(f"{expected}::") for name in named):
            found.append(f"{path}: {named[-1]} is not of this folder; {expected} is")
    return found


def check_readmes(tree):
    """A folder with code has a README, or its parent has; tests mirror the tree, and
    tests/README.md speaks for them.
    """
    found = []
    code = {path.parent for path in tree.files if path.suffix in CODE_SUFFIXES}
    top = pathlib.PurePosixPath(".")
    for folder in sorted(code - {top}):
        parent = folder.parent
        if folder / "README.md" in tree.known:
            continue
        if parent != top and parent / "README.md" in tree.known:
            continue
        mirror = folder.parts[:2] == ("tests", "unit")
        if mirror and pathlib.PurePosixPath("tests/README.md") in tree.known:
            continue
        found.append(
            f"{folder}: holds code and no README.md; "
            "ten lines: purpose, in, out, what must always hold, limits"
        )
    return found


RULES = [
    check_names,
    documents.check_tree,
    forms.check,
    classes.check,
    includes.check_edges,
    includes.check_declared,
    includes.check_users,
    check_words,
    check_topics,
    check_clocks,
    check_namespaces,
    check_ascii,
    words.check,
    check_readmes,
]


def check(root):
    """All violations, as 'place: what to do'."""
    tree = Tree(root)
    return [violation for rule in RULES for violation in rule(tree)]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    here = pathlib.Path(__file__).resolve()
    parser.add_argument("--root", type=pathlib.Path, default=here.parents[2])
    parser.add_argument("--self", action="store_true", dest="self_test")
    arguments = parser.parse_args()
    if arguments.self_test:
        return bad_trees.self_test(check)
    found = check(arguments.root)
    for line in found:
        print(line)
    print(f"{len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
