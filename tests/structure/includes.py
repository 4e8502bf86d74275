"""Which file may include which header: parts of the tree, owners of libraries, declared
dependencies, users of a folder.
"""

import pathlib
import re

from tree import line_of

CPP_SUFFIXES = {".cc", ".h"}
MAX_BEAST_FILES = 3  # each costs more than a minute under sanitizers

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

# Third-party headers and the folders that may see them. A folder ends where it ends: sub-folders
# are named themselves. The first pattern that fits the included path decides.
OWNERS = [
    ("libcurl", r"curl/.*", {"platform/net"}),
    ("gumbo", r"(gumbo|tag_enum)\.h", {"extractor/dom"}),
    ("libxml2", r"libxml/.*", {"platform/xml"}),
    ("RocksDB", r"rocksdb/.*", {"platform/storage"}),
    ("librdkafka", r"librdkafka/.*", {"platform/log"}),
    ("prometheus-cpp", r"prometheus/.*", {"platform/metrics"}),
    ("protobuf's JSON", r"google/protobuf/util/.*", {"indexer/api"}),
    ("Protocol Buffers", r"google/protobuf/.*", {"proto"}),
    ("Boost.JSON", r"boost/json([./].*)?", {"platform/json"}),
    ("Boost.Beast and Asio", r"boost/(beast|asio)([./].*)?", {"platform/http"}),
    ("another part of Boost", r"boost/.*", set()),
    ("yaml-cpp", r"yaml-cpp/.*", {"platform/yaml"}),
    ("ICU", r"unicode/.*", {"platform/text", "platform/url", "platform/charset", "platform/dates"}),
    ("uchardet", r"uchardet(/.*)?\.h", {"platform/charset"}),
    ("libstemmer", r"(.*/)?libstemmer\.h", {"platform/text"}),
    ("CLD2", r"cld2/.*", {"extractor/language"}),
    ("libpsl", r"libpsl\.h", {"platform/url"}),
    ("Vectorscan", r"(hs/)?hs(_[a-z]+)?\.h", set()),
    ("OpenSSL", r"openssl/.*", {"proto", "platform/secrets"}),
    (
        "zlib",
        r"zlib\.h",
        {"extractor/commands", "platform/warc", "platform/http", "platform/net", "platform/zip"},
    ),
    ("Brotli", r"brotli/.*", {"platform/net"}),
    ("Zstandard", r"zstd\.h", {"platform/net"}),
    ("spdlog and fmt", r"(spdlog|fmt)/.*", {"platform/logging"}),
    ("CLI11", r"CLI/.*", {"vigie", "platform/service"}),
    ("tl::expected", r"tl/.*", {"platform/result"}),
    ("date", r"date/.*", {"platform/dates"}),
    ("CRoaring", r"roaring/.*", {"indexer/shard", "indexer/segments"}),
    ("GoogleTest", r"(gtest|gmock)/.*", {"tests"}),
    ("Google Benchmark", r"benchmark/.*", {"tests"}),
]
# Test programs that compare with a library itself, or read what it wrote, may see that library: a
# prefix of the path, and the libraries.
TEST_EXCEPTIONS = [
    ("tests/bench/", None),  # ratios against the bare library; None: all
    ("tests/conformance/dom_test.cc", {"gumbo"}),
    # asks for the fields of every record
    ("tests/spec/records_test.cc", {"Protocol Buffers"}),
    ("tests/conformance/charset_test.cc", {"ICU"}),
    ("tests/unit/platform/http/", {"zlib"}),
    ("tests/unit/platform/net/", {"zlib", "Brotli", "Zstandard"}),
    ("tests/unit/platform/zip/", {"zlib"}),
]
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def cpp_files(tree):
    return [path for path in tree.files if path.suffix in CPP_SUFFIXES]


def includes_of(text):
    """(line, bracket, name) of each include line."""
    return [(line_of(text, m.start()), m.group(1), m.group(2)) for m in INCLUDE.finditer(text)]


# ---------------------------------------------------------------- parts and libraries


def owner_allows(folder, owners):
    tested = folder.removeprefix("tests/unit/")  # tests of a folder may see what the folder may see
    in_tests = folder.startswith("tests/")
    return any(o in (folder, tested) or (o == "tests" and in_tests) for o in owners)


def wrong_part(path, target):
    part = path.parts[0]
    allowed = ALLOWED_PARTS.get(part, set())
    if allowed is None or target in allowed:
        return None
    may = ", ".join(sorted(allowed)) or "nothing"
    return f"{part}/ may not depend on {target}/; it may on {may}"


def wrong_library(path, name):
    for library, pattern, owners in OWNERS:
        if not re.fullmatch(pattern, name):
            continue
        if owner_allows(str(path.parent), owners):
            return None
        for prefix, libraries in TEST_EXCEPTIONS:
            if str(path).startswith(prefix) and (libraries is None or library in libraries):
                return None
        where = "not among the dependencies of ARCHITECTURE.md"
        if owners:
            where = "visible to " + ", ".join(sorted(owners))
        return f"{library} is {where}; use the interface there"
    return None


def wrong_include(path, bracket, name):
    """What is wrong with one include line of a C++ file, or None."""
    target = pathlib.PurePosixPath(name).parts[0]
    if bracket == '"' and target in PARTS:
        return wrong_part(path, target)
    if bracket == '"' and (".." in name or "/" not in name):
        return "write includes of ours from the root of the tree"
    return wrong_library(path, name)


def check_edges(tree):
    """Edges between parts, and libraries outside the folder that owns them."""
    found = []
    beast = []
    for path in cpp_files(tree):
        includes = includes_of(tree.text(path))
        for line, bracket, name in includes:
            wrong = wrong_include(path, bracket, name)
            if wrong:
                found.append(f"{path}:{line}: includes {name}: {wrong}")
        if any(name.startswith("boost/beast") for _, _, name in includes):
            beast.append(str(path))
    if len(beast) > MAX_BEAST_FILES:
        found.append(
            f"{', '.join(beast)}: Boost.Beast is included by {len(beast)} files; "
            f"{MAX_BEAST_FILES} are the most"
        )
    return found


# ---------------------------------------------------------------- declared dependencies

DECLARED = re.compile(r"\bvigie_(folder|program)\(([^)]*)\)")
KEYWORDS = {"DEPS", "LIBS", "TEST_DEPS", "UNITY"}


class Declaration:
    """What one CMakeLists.txt says that its folder depends on."""

    def __init__(self):
        self.is_folder = False
        self.deps, self.test_deps, self.program = [], [], []

    @staticmethod
    def of(text):
        declared = Declaration()
        code = re.sub(r"#[^\n]*", "", text)
        for kind, arguments in DECLARED.findall(code):
            words = arguments.split()
            if kind == "program":
                declared.program += words[1:]
                continue
            declared.is_folder = True
            lists = {"DEPS": declared.deps, "TEST_DEPS": declared.test_deps}
            current = None
            for word in words:
                if word in KEYWORDS:
                    current = lists.get(word)
                elif current is not None:
                    current.append(word)
        return declared


def dependency_of(name):
    """What an include of ours depends on: its folder, or `records` for what protoc makes."""
    path = pathlib.PurePosixPath(name)
    if path.parts[0] == "proto" and name.endswith(".pb.h"):
        return "records"
    return str(path.parent)


def needs_of(tree, paths):
    """dependency → 'file:line' of the first include that needs it; headers of tests/ hand on what
    they include.
    """
    needs = {}
    todo = list(paths)
    seen = set()
    while todo:
        path = todo.pop(0)
        if path in seen:
            continue
        seen.add(path)
        for line, bracket, name in includes_of(tree.text(path)):
            header = pathlib.PurePosixPath(name)
            if bracket != '"' or header.parts[0] not in PARTS:
                continue
            if header.parts[0] == "tests":
                todo += [header] if header in tree.known else []
            else:
                needs.setdefault(dependency_of(name), f"{path}:{line}")
    return needs


def compare(listing, what, declared, also, needs):
    """Complaints where what is declared and what is included do not agree; `also` may be included
    without being declared.
    """
    found = []
    for dependency, where in needs.items():
        if dependency not in declared and dependency not in also:
            found.append(f"{where}: includes {dependency}, which {what} of {listing} do not name")
    for dependency in dict.fromkeys(declared):
        if dependency not in needs:
            found.append(f"{listing}: {what} name {dependency}, which nothing there includes")
        elif declared.count(dependency) > 1 or (dependency in also and what == "TEST_DEPS"):
            found.append(f"{listing}: {what} name {dependency}, which is named already")
    return found


def check_declared(tree):
    """Includes agree with the DEPS and TEST_DEPS of each folder, both ways."""
    found = []
    code = {}
    for path in cpp_files(tree):
        code.setdefault(str(path.parent), []).append(path)
    for listing in [path for path in tree.files if path.name == "CMakeLists.txt"]:
        declared = Declaration.of(tree.text(listing))
        folder = str(listing.parent)
        sources = code.get(folder, [])
        if declared.program and folder not in declared.program:
            mains = [path for path in sources if path.name == "main.cc"]
            sources = [path for path in sources if path not in mains]
            what = "the folders of vigie_program"
            found += compare(listing, what, declared.program, set(), needs_of(tree, mains))
        if declared.is_folder:
            tests = code.get(f"tests/unit/{folder}", [])
            also = {folder} | set(declared.deps)
            found += compare(listing, "DEPS", declared.deps, {folder}, needs_of(tree, sources))
            found += compare(listing, "TEST_DEPS", declared.test_deps, also, needs_of(tree, tests))
    return found


# ---------------------------------------------------------------- who may use a folder

USERS = re.compile(r"May be used by ((?:`[\w/]+`(?:, | and )?)+) alone\.")
OTHER_WORDING = re.compile(
    r"\b(?:may be used by|may depend on (?:it|this)"
    r"|(?:only|nobody|nothing|everything|anything)\b[^.;:]{0,60}\bdepends? on (?:it|this))\b",
    re.IGNORECASE,
)


def allowed_users(tree):
    """folder → (README, who may use it), from the sentences of the READMEs; and complaints about
    other wordings.
    """
    users = {}
    found = []
    for path in tree.files:
        if path.name != "README.md" or path.parts[0] in ("tests", "ops") or len(path.parts) < 2:
            continue
        text = " ".join(tree.text(path).split())
        for names in USERS.findall(text):
            listed = [name.strip("/") for name in re.findall(r"`([^`]+)`", names)]
            users[str(path.parent)] = (path, listed)
            gone = [n for n in listed if not any(is_below(str(f.parent), n) for f in tree.files)]
            found += [f"{path}: lets {name} use it, and there is no such folder" for name in gone]
        other = OTHER_WORDING.search(USERS.sub("", text))
        if other:
            found.append(
                f"{path}: says '{other.group()}'; say who may use the folder as "
                "'May be used by `a`, `b` and `c/d` alone.', which is checked, or say nothing"
            )
    return users, found


def is_below(folder, top):
    return folder == top or folder.startswith(top + "/")


def check_users(tree):
    """'May be used by `a` and `b` alone.' in a README holds for every include, but for those of
    tests.
    """
    users, found = allowed_users(tree)
    for path in cpp_files(tree):
        user = str(path.parent)
        if path.parts[0] == "tests":
            continue
        for line, bracket, name in includes_of(tree.text(path)):
            target = str(pathlib.PurePosixPath(name).parent)
            for folder, (readme, listed) in users.items():
                if bracket != '"' or not is_below(target, folder) or is_below(user, folder):
                    continue
                if not any(is_below(user, allowed) for allowed in listed):
                    found.append(
                        f"{path}:{line}: includes {name}: "
                        f"{readme} lets {', '.join(listed)} alone use it"
                    )
    return found
