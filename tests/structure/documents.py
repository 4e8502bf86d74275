"""References to documents: a comment or a page names no .md that is not in the tree, links of
Markdown pages lead to files and headings that are there."""

import posixpath
import re

# Files whose text may name documents.
SUFFIXES = {".cc", ".h", ".ts", ".tsx", ".py", ".mjs", ".css", ".md", ".proto", ".cmake", ".txt"}
SUFFIXES |= {".yaml", ".yml", ".json", ".rules", ""}
# Corpora, and the bad trees of the self-test.
TEST_DATA = (
    "tests/fuzz/corpus/",
    "tests/fuzz/dictionaries/",
    "tests/structure/documents.py",
    "tests/structure/structure_test.py",
    "tests/structure/bad_trees.py",
)

# A path or a bare name that ends in .md, but no part of a web address or of a longer word.
NAMED = re.compile(r"(?<![\w/.:@<>*-])((?:\.{0,2}/)?[\w.-]+(?:/[\w.-]+)*\.md)\b(?!/)")
LINK = re.compile(r"\]\(([^()\s]*)\)")
CLAUSE = re.compile(r"\b(?:design|contract|conventions)`?\s*§")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
WEB = re.compile(r"[a-z][a-z0-9+.-]*:")
WAY_OUT = "say where the rule stands (ops/spec, a README, ops/adr)"


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def anchors_of(text):
    """The fragments of a page: its headings as GitHub writes them in links."""
    headings = HEADING.findall(FENCED.sub("", text))
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


class Tree:
    """What a file may refer to: the files of the tree, by path and by name."""

    def __init__(self, root, files):
        self.root = root
        self.paths = {str(path) for path in files}
        self.folders = {str(parent) for path in files for parent in path.parents}
        self.names = {path.name for path in files}
        self.anchors = {}

    def has(self, path, named):
        """A name without a folder may be that of any file; others are looked for beside the file
        that names them and from the root."""
        if "/" not in named:
            return named in self.names
        bases = (str(path.parent), ".")
        return any(posixpath.normpath(posixpath.join(base, named)) in self.paths for base in bases)

    def wrong_link(self, path, target):
        """What is wrong with a link of a page, or None. The web is not looked at."""
        if WEB.match(target) or target.startswith("/"):
            return None
        named, _, anchor = target.partition("#")
        place = posixpath.normpath(posixpath.join(str(path.parent), named)) if named else str(path)
        if place not in self.paths and place not in self.folders:
            return f"there is no {place}"
        if not anchor or not place.endswith(".md"):
            return None
        if place not in self.anchors:
            text = (self.root / place).read_text(encoding="utf-8", errors="replace")
            self.anchors[place] = anchors_of(text)
        return None if anchor in self.anchors[place] else f"{place} has no heading #{anchor}"


def check_text(tree, path, text):
    """What is wrong with the references of one file, as 'place: what to do'."""
    found = []
    links = list(LINK.finditer(text)) if path.suffix == ".md" else []
    for match in links:
        if wrong := tree.wrong_link(path, match.group(1)):
            place = f"{path}:{line_of(text, match.start())}"
            found.append(f"{place}: links to {match.group(1)}: {wrong}")
    for match in NAMED.finditer(text):
        if any(link.start() <= match.start() < link.end() for link in links):
            continue
        if not tree.has(path, match.group(1)):
            place = f"{path}:{line_of(text, match.start())}"
            found.append(f"{place}: names {match.group(1)}, which is not in the tree; {WAY_OUT}")
    for match in CLAUSE.finditer(text):
        place = f"{path}:{line_of(text, match.start())}"
        found.append(f"{place}: names a clause of a page that is not in the tree; {WAY_OUT}")
    return found


def check(root, files):
    """The same of a whole tree."""
    tree = Tree(root, files)
    found = []
    for path in files:
        if path.suffix in SUFFIXES and not str(path).startswith(TEST_DATA):
            text = (root / path).read_text(encoding="utf-8", errors="replace")
            found += check_text(tree, path, text)
    return found


def check_tree(tree):
    return check(tree.root, tree.files) + check_newcomer(tree)


# A row of tests/structure/newcomer.md: number, question, file, a word that stands in it.
QUESTION = re.compile(r"^\| \d+ \| [^|]+ \| `([^`]+)` \| `([^`]+)` \|$", re.MULTILINE)
NEWCOMER = "tests/structure/newcomer.md"


def check_newcomer(tree):
    """Every answer to a newcomer's question is where the page says."""
    page = next((path for path in tree.files if str(path) == NEWCOMER), None)
    found = []
    for match in QUESTION.finditer(tree.text(page)) if page else []:
        file = next((path for path in tree.files if str(path) == match.group(1)), None)
        if file is None or match.group(2) not in tree.text(file):
            found.append(
                f"{NEWCOMER}:{line_of(tree.text(page), match.start())}: {match.group(2)} is not in "
                f"{match.group(1)}; name the file that answers now"
            )
    return found


# ---------------------------------------------------------------- trees for the self-test

GOOD = {
    "ops/spec/rules.md": "The rule\n\n## How it `changes`, and when\n",
    "crawler/links.md": "[a](../ops/spec/rules.md#how-it-changes-and-when), [b](README.md), "
    "[c](..), [d](https://example.org/gone.md), [e](#here)\n\n## Here\n",
    "crawler/names.cc": "// ops/spec/rules.md, rules.md; https://example.org/gone.md",
}
# Name of the rule: files that break it alone, and what the complaint must say.
BAD = {
    "comment that names a page that is not there": (
        {"crawler/b.cc": "\n// gone.md: it must be so\n"},
        "crawler/b.cc:2: names gone.md",
    ),
    "comment that names a page in the wrong folder": (
        {"crawler/b.py": '"""See ops/rules.md."""\n'},
        "crawler/b.py:1: names ops/rules.md",
    ),
    "record that names a page that is not there": (
        {"proto/a.proto": "// `gone.md`\n"},
        "proto/a.proto:1: names gone.md",
    ),
    "script that names a page that is not there": (
        {"ops/run": "# see gone.md\n"},
        "ops/run:1: names gone.md",
    ),
    "page that names one that is not there": (
        {"ops/spec/b.md": "As `gone.md` says.\n"},
        "ops/spec/b.md:1: names gone.md",
    ),
    "link to a file that is not there": (
        {"ops/spec/b.md": "\n\n[it](../gone.md)\n"},
        "ops/spec/b.md:3: links to ../gone.md: there is no ops/gone.md",
    ),
    "link to a heading that is not there": (
        {"ops/spec/b.md": "[it](rules.md#how-it-ends)\n"},
        "has no heading #how-it-ends",
    ),
    "answer to a newcomer that has moved": (
        {
            "tests/structure/newcomer.md": "| 1 | who | `crawler/a.cc` | `gone_word` |\n"
            "| 2 | what | `crawler/names.cc` | `rules` |\n"
        },
        "tests/structure/newcomer.md:1: gone_word is not in crawler/a.cc",
    ),
    "clause of a page that is not there": (
        {"crawler/b.cc": "// contract §4: it must be so\n"},
        "crawler/b.cc:1: names a clause",
    ),
}
