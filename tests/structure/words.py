"""Words of languages are data: they stand in word lists beside the code, with their source."""

import re

from includes import cpp_files
from tree import line_of

# Where text in many languages is read.
FOLDERS = ("extractor", "platform/dates", "platform/text", "crawler/feeds")
# Two letters beyond ASCII, one behind the other, within quotation marks.
LITERAL = re.compile(r'"((?:\\.|[^"\\\n])*)"')
WORD = re.compile(r"(?:(?![A-Za-z\d_])\w){2,}")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
EXCEPTIONS = {
    "extractor/language/neighbours.cc": "characters of standards, no words",
    "extractor/tagging": "particles, which are split off by rules of their own",
    "platform/dates/months_table.cc": "written by months_from_icu.py",
    "platform/text/digits.cc": "digits of Han",
    "platform/text/han_table.h": "characters of standards, no words",
    "platform/text/words.cc": "endings, of which the rules that cut them are a part",
}


def is_in(path, places):
    return any(str(path) == place or str(path).startswith(place + "/") for place in places)


def check(tree):
    """A word that is not of English is no literal of the code that reads pages and feeds."""
    found = []
    for path in cpp_files(tree):
        if not is_in(path, FOLDERS) or is_in(path, EXCEPTIONS):
            continue
        code = COMMENT.sub(lambda match: "\n" * match.group().count("\n"), tree.text(path))
        for literal in LITERAL.finditer(code):
            for word in WORD.finditer(literal.group(1)):
                found.append(
                    f"{path}:{line_of(code, literal.start())}: {word.group()} is a word of a "
                    "language; it belongs to a word list, with its source"
                )
    return found + sources(tree)


def sources(tree):
    """A word list says where its words are from."""
    return [
        f"{path}: says no source of its words"
        for path in tree.files
        if path.suffix == ".txt"
        and is_in(path, FOLDERS)
        and path.name != "CMakeLists.txt"
        and "\n# Source" not in tree.text(path)
    ]
