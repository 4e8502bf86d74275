"""Words of languages are data: they stand in word lists beside the code, with their source."""

import re

from includes import cpp_files
from tree import line_of

# Where text in many languages is read.
FOLDERS = ("extractor", "platform/dates", "platform/text", "crawler/feeds")
# Two letters beyond ASCII, one behind the other, within quotation marks.
LITERAL = re.compile(r'"((?:\\.|[^"\\\n])*)"')
WORD = re.compile(r"(?:(?![A-Za-z\d_])\w){2,}")
LINE = re.compile(r"(?P<name>\S.*? [a-z]{2}): *(?P<words>\S.*)")
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
    """A word list says where its words are from, and each of its lines can be read."""
    found = []
    for path in tree.files:
        if path.suffix != ".txt" or not is_in(path, FOLDERS) or path.name == "CMakeLists.txt":
            continue
        text = tree.text(path)
        if "\n# Source" not in text:
            found.append(f"{path}: says no source of its words")
        found += lines_of(path, text)
    return found


def lines_of(path, text):
    """The form is that of platform/text/word_lists.h; a word stands once in a list
    of a language."""
    found = []
    known = set()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        read = LINE.fullmatch(line)
        if not read:
            found.append(f"{path}:{number}: no line of words: NAME LANGUAGE: word, word")
            continue
        for word in filter(None, map(str.strip, read["words"].split(","))):
            if (read["name"], word) in known:
                found.append(f"{path}:{number}: {word} stands twice under {read['name']}")
            known.add((read["name"], word))
    return found
