#!/usr/bin/env python3
"""Reads the tree and fails on what it must not hold: forbidden include edges, third-party headers outside their folder, long files,
vague folder names, folders without a README, and functions that are known to crash.

    structure_test.py            checks the repository this file lies in
    structure_test.py --root DIR checks another tree
    structure_test.py --self     builds a small bad tree for each rule and sees it refused
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE_SUFFIXES = {".cc", ".h", ".ts", ".tsx", ".py", ".mjs", ".css"}
CODE_SUFFIXES = {".cc", ".h", ".ts", ".tsx", ".py", ".mjs"}
CPP_SUFFIXES = {".cc", ".h"}
VAGUE_NAMES = {"common", "util", "utils", "misc", "helpers", "shared"}
MAX_LINES = 800  # a file with more has more than one reason to change
MAX_BEAST_FILES = 3  # each costs more than a minute under sanitizers
SKIPPED_FOLDERS = re.compile(r"^(build.*|\..*|node_modules|dist|__pycache__|vigie-data.*)$")

# Which parts of the tree a part may include. None: all.
ALLOWED_PARTS = {
    "proto": {"proto"},
    "platform": {"proto", "platform"},
    "crawler": {"proto", "platform", "crawler"},
    "extractor": {"proto", "platform", "extractor"},
    "indexer": {"proto", "platform", "indexer"},
    "vigie": None,
    "tests": None,
    "cmake": set(),
    "ops": set(),
}
PARTS = set(ALLOWED_PARTS)

# Third-party headers and the folders that may see them. A folder ends where it ends: sub-folders are named themselves.
# The first pattern that fits the included path decides.
OWNERS = [
    ("libcurl", r"curl/.*", {"platform/net"}),
    ("gumbo", r"(gumbo|tag_enum)\.h", {"extractor/dom"}),
    ("libxml2", r"libxml/.*", {"crawler/feeds"}),
    ("RocksDB", r"rocksdb/.*", {"platform/storage"}),
    ("librdkafka", r"librdkafka/.*", {"platform/log"}),
    ("prometheus-cpp", r"prometheus/.*", {"platform/metrics"}),
    ("protobuf's JSON", r"google/protobuf/util/.*", {"indexer/api"}),
    ("Protocol Buffers", r"google/protobuf/.*", {"proto"}),
    ("Boost.JSON", r"boost/json([./].*)?", {"platform/json"}),
    ("Boost.Beast and Asio", r"boost/(beast|asio)([./].*)?", {"platform/http"}),
    ("another part of Boost", r"boost/.*", set()),
    ("yaml-cpp", r"yaml-cpp/.*", {"platform/yaml"}),
    ("ICU", r"unicode/.*", {"platform/text", "platform/url", "extractor/charset"}),
    ("uchardet", r"uchardet(/.*)?\.h", {"extractor/charset"}),
    ("libstemmer", r"(.*/)?libstemmer\.h", {"platform/text"}),
    ("CLD2", r"cld2/.*", {"extractor/language"}),
    ("libpsl", r"libpsl\.h", {"platform/url"}),
    ("Vectorscan", r"(hs/)?hs(_[a-z]+)?\.h", set()),
    ("RE2", r"re2/.*", {"platform/topic_packs"}),
    ("OpenSSL", r"openssl/.*", {"proto", "indexer/delivery"}),
    ("xxhash", r"xxhash\.h", {"platform/fingerprint"}),
    ("zlib", r"zlib\.h", {"extractor/commands", "platform/warc", "platform/http", "vigie"}),
    ("zstd", r"zstd.*\.h", {"platform/storage"}),
    ("brotli", r"brotli/.*", {"platform/http"}),
    ("spdlog and fmt", r"(spdlog|fmt)/.*", {"platform/logging"}),
    ("CLI11", r"CLI/.*", {"vigie", "platform/service"}),
    ("tl::expected", r"tl/.*", {"platform/result"}),
    ("date", r"date/.*", {"crawler/feeds", "extractor/metadata", "indexer/api", "indexer/query", "platform/warc"}),
    ("CRoaring", r"roaring/.*", {"indexer/shard", "indexer/segments"}),
    ("GoogleTest", r"(gtest|gmock)/.*", {"tests"}),
    ("Google Benchmark", r"benchmark/.*", {"tests"}),
    ("iconv of the C library", r"iconv\.h", {"crawler/feeds"}),
]
# Test programs that compare with a library itself, or read what it wrote, may see that library. A prefix of the path, and the libraries.
TEST_EXCEPTIONS = [
    ("tests/bench/", None),  # ratios against the bare library; None: all
    ("tests/conformance/dom_test.cc", {"gumbo"}),
    ("tests/conformance/charset_test.cc", {"ICU"}),
    ("tests/unit/platform/http/", {"zlib"}),
    ("tests/unit/platform/net/", {"zlib"}),
]

FORBIDDEN_WORDS = [
    (re.compile(r"\bstd::w?regex\b|#\s*include\s*<regex>"), "std::regex crashes on long input; use RE2 or a hand-written scanner"),
    (re.compile(r"\bgumbo_destroy_output\b"), "gumbo_destroy_output recurses and crashes on deep trees; the arena frees its memory whole"),
]
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)


def files_of(root):
    """Paths of all files, relative to root: what git tracks or would track, or, without git, all but what is made."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"], capture_output=True, check=False) if (root / ".git").exists() else None
    if listed is not None and listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    paths = [pathlib.PurePosixPath(name) for name in sorted(set(names))]
    return [path for path in paths if not any(SKIPPED_FOLDERS.match(part) for part in path.parts[:-1]) and (root / path).is_file()]


def without_comments_and_strings(code):
    return COMMENT.sub(lambda match: "\n" * match.group().count("\n"), code)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def owner_allows(folder, owners):
    tested = folder.removeprefix("tests/unit/")  # the tests of a folder may look at what that folder may look at
    return any(owner in (folder, tested) or (owner == "tests" and folder.startswith("tests/")) for owner in owners)


def check_include(path, bracket, name):
    """What is wrong with one include line of a C++ file, or None."""
    part = path.parts[0]
    target = pathlib.PurePosixPath(name).parts[0]
    if bracket == '"' and target in PARTS:
        allowed = ALLOWED_PARTS.get(part, set())
        if allowed is not None and target not in allowed:
            return f"{part}/ may not depend on {target}/; it may on {', '.join(sorted(allowed)) or 'nothing'}"
        return None
    if bracket == '"' and (".." in name or "/" not in name):
        return "write includes of ours from the root of the tree"
    for library, pattern, owners in OWNERS:
        if not re.fullmatch(pattern, name):
            continue
        if owner_allows(str(path.parent), owners):
            return None
        for prefix, libraries in TEST_EXCEPTIONS:
            if str(path).startswith(prefix) and (libraries is None or library in libraries):
                return None
        where = "visible to " + ", ".join(sorted(owners)) if owners else "not among the dependencies of ARCHITECTURE.md"
        return f"{library} is {where}; use the interface there"
    return None


def check(root):
    """All violations, as 'place: what to do'."""
    found = []
    files = files_of(root)
    beast = []
    code_folders = {}
    for path in files:
        for name in path.parts[:-1]:
            if name in VAGUE_NAMES:
                found.append(f"{path}: a folder called '{name}' says nothing; name it after what it does")
        if path.suffix not in SOURCE_SUFFIXES:
            continue
        text = (root / path).read_text(encoding="utf-8", errors="replace")
        lines = text.count("\n") + (0 if text.endswith("\n") or not text else 1)
        if lines > MAX_LINES:
            found.append(f"{path}: has {lines} lines; {MAX_LINES} are the most, split it by its reasons to change")
        if path.suffix in CODE_SUFFIXES and len(path.parts) > 1:
            code_folders.setdefault(path.parent, path)
        if path.suffix not in CPP_SUFFIXES:
            continue
        has_beast = False
        for match in INCLUDE.finditer(text):
            has_beast = has_beast or match.group(2).startswith("boost/beast")
            wrong = check_include(path, match.group(1), match.group(2))
            if wrong:
                found.append(f"{path}:{line_of(text, match.start())}: includes {match.group(2)}: {wrong}")
        if has_beast:
            beast.append(path)
        code = without_comments_and_strings(text)
        bare = str(path).startswith("tests/bench/")  # compares with the bare library, on pages that are known to be harmless
        for pattern, reason in [] if bare else FORBIDDEN_WORDS:
            for match in pattern.finditer(code):
                found.append(f"{path}:{line_of(code, match.start())}: {reason}")
    if len(beast) > MAX_BEAST_FILES:
        found.append(f"{', '.join(map(str, beast))}: Boost.Beast is included by {len(beast)} files; {MAX_BEAST_FILES} are the most")
    known = set(files)
    for folder in sorted(code_folders):
        parent = folder.parent
        if folder / "README.md" not in known and (parent == pathlib.PurePosixPath(".") or parent / "README.md" not in known):
            # Tests mirror the tree: tests/README.md and that of the mirrored folder speak for them.
            if not (folder.parts[:2] == ("tests", "unit") and pathlib.PurePosixPath("tests/README.md") in known):
                found.append(f"{folder}: holds code and no README.md; ten lines: purpose, in, out, what must always hold, limits")
    return found


# ---------------------------------------------------------------- self-test

README = "README.md"
GOOD = {
    "platform/README.md": "platform\n",
    "platform/text/text.h": '#include <string>\n#include <unicode/uchar.h>\n#include "proto/log_topics.h"\n// std::regex is not used\n',
    "proto/README.md": "proto\n",
    "proto/log_topics.h": "#pragma once\n",
    "crawler/README.md": "crawler\n",
    "crawler/a.cc": '#include "platform/text/text.h"\nconst char* text = "gumbo_destroy_output";\n',
    "vigie/README.md": "vigie\n",
    "vigie/main.cc": '#include "crawler/a.h"\n#include <CLI/CLI.hpp>\n',
    "tests/README.md": "tests\n",
    "tests/unit/crawler/a_test.cc": '#include <gtest/gtest.h>\n#include "crawler/a.h"\n#include "extractor/b.h"\n',
    "tests/bench/scan_bench.cc": "#include <hs/hs.h>\n#include <benchmark/benchmark.h>\n",
}
# Name of the rule: files that break it alone, and what the complaint must say.
BAD = {
    "proto depends on nothing": ({"proto/a.h": '#include "platform/text/text.h"\n'}, "proto/ may not depend on platform/"),
    "platform does not see a service": ({"platform/text/b.h": '#include "crawler/a.h"\n'}, "platform/ may not depend on crawler/"),
    "crawler does not see extractor": ({"crawler/b.cc": '#include "extractor/extract.h"\n'}, "crawler/ may not depend on extractor/"),
    "extractor does not see indexer": ({"extractor/README.md": "", "extractor/b.cc": '\n  # include "indexer/shard/shard.h"\n'}, "extractor/b.cc:2: "),
    "indexer does not see crawler": ({"indexer/README.md": "", "indexer/b.cc": '#include "crawler/a.h"\n'}, "indexer/ may not depend on crawler/"),
    "no service sees the command line": ({"crawler/b.cc": '#include "vigie/station.h"\n'}, "crawler/ may not depend on vigie/"),
    "nothing but tests sees tests": ({"crawler/b.cc": '#include "tests/unit/x.h"\n'}, "crawler/ may not depend on tests/"),
    "a library has one owner": ({"crawler/b.cc": "#include <unicode/uchar.h>\n"}, "ICU is visible to"),
    "quotes do not hide a library": ({"crawler/b.cc": '#include "curl/curl.h"\n'}, "libcurl is visible to platform/net"),
    "a sub-folder is not its parent": ({"platform/text/deep/README.md": "", "platform/text/deep/b.cc": "#include <unicode/uchar.h>\n"}, "ICU is visible to"),
    "tests see no library but their own": ({"tests/unit/crawler/b_test.cc": "#include <gumbo.h>\n"}, "gumbo is visible to extractor/dom"),
    "code does not see GoogleTest": ({"crawler/b.cc": "#include <gtest/gtest.h>\n"}, "GoogleTest is visible to tests"),
    "Boost beyond the table": ({"crawler/b.cc": "#include <boost/algorithm/string.hpp>\n"}, "another part of Boost"),
    "Beast in few files": ({"platform/http/README.md": "", **{f"platform/http/{i}.cc": "#include <boost/beast/http.hpp>\n" for i in range(4)}}, "Boost.Beast is included by 4 files"),
    "includes begin at the root": ({"crawler/b.cc": '#include "a.h"\n'}, "from the root of the tree"),
    "long file": ({"crawler/long.py": "pass\n" * 801}, "has 801 lines"),
    "long file without an end of line": ({"crawler/long.css": "a{}\n" * 800 + "b{}"}, "has 801 lines"),
    **{f"folder called {name}": ({f"crawler/{name}/a.txt": ""}, f"a folder called '{name}'") for name in sorted(VAGUE_NAMES)},
    "folder without a README": ({"extractor/b.cc": ""}, "extractor: holds code and no README.md"),
    "sub-folder without a README above": ({"crawler/deep/deeper/b.py": ""}, "crawler/deep/deeper: holds code and no README.md"),
    "std::regex": ({"crawler/b.cc": "void f() {\n  std::regex r;\n}\n"}, "crawler/b.cc:2: std::regex"),
    "the header of std::regex": ({"crawler/b.cc": "#include <regex>\n"}, "crawler/b.cc:1: std::regex"),
    "gumbo_destroy_output": ({"crawler/b.cc": "gumbo_destroy_output(&o, p);\n"}, "gumbo_destroy_output recurses"),
}


def violations_of(tree):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in tree.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        return check(root)


def self_test():
    failed = 0
    if found := violations_of(GOOD):
        failed += 1
        print("a good tree is refused:\n  " + "\n  ".join(found))
    made = {**GOOD, "build-x/a.cc": "std::regex r;\n", "indexer/pages/node_modules/util/a.ts": "\n" * 900}
    if found := violations_of(made):
        failed += 1
        print("what is made is not left out:\n  " + "\n  ".join(found))
    for rule, (files, complaint) in BAD.items():
        found = violations_of({**GOOD, **files})
        if len(found) != 1 or complaint not in found[0]:
            failed += 1
            print(f"{rule}: expected one complaint with '{complaint}', got {found}")
    print(f"{len(BAD) + 2} trees, {failed} wrong")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--self", action="store_true", dest="self_test")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    found = check(arguments.root)
    for line in found:
        print(line)
    print(f"{len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
