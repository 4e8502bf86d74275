"""How long lines, files and functions may be, in what we write ourselves."""

import pathlib

import functions

MAX_COLUMNS = 100
MAX_FILE_LINES = 800  # a file with more has more than one reason to change
MAX_FUNCTION_LINES = 60
MEASURED_LANGUAGES = {".cc", ".h", ".ts", ".tsx", ".css", ".mjs", ".py"}

# Functions that are one table: (path, name) → why the table is a function.
TABLES = {
    ("platform/config/keys.cc", "keys"): "one row for each setting",
    ("platform/text/fold.cc", "special"): "one switch over characters",
}
# Functions that still have to be split. Empty in the end.
TO_SPLIT = set()


def check_lines(tree, path, text):
    if tree.is_generated(path):
        return []
    return [
        f"{path}:{number}: has {len(line)} columns; {MAX_COLUMNS} are the most"
        for number, line in enumerate(text.split("\n"), 1)
        if len(line) > MAX_COLUMNS
    ]


def check_file_length(path, text):
    lines = text.count("\n") + (0 if text.endswith("\n") or not text else 1)
    if lines <= MAX_FILE_LINES:
        return []
    return [
        f"{path}: has {lines} lines; {MAX_FILE_LINES} are the most, "
        "split it by its reasons to change"
    ]


def long_functions(tree, path, text):
    """(name, first line, lines) of each function that is too long."""
    try:
        found = functions.functions_of(tree.language(path), text)
    except SyntaxError:
        return []  # ops/format says so
    lengths = [(name, first, last - first + 1) for name, first, last in found]
    return [entry for entry in lengths if entry[2] > MAX_FUNCTION_LINES]


def check_functions(tree, path, text, used):
    """Adds the exemptions that were needed to `used`."""
    found = []
    for name, first, lines in long_functions(tree, path, text):
        if (str(path), name) in TABLES or (str(path), name) in TO_SPLIT:
            used.add((str(path), name))
            continue
        found.append(
            f"{path}:{first}: {name} has {lines} lines; {MAX_FUNCTION_LINES} are the most, "
            "name its steps"
        )
    return found


def check(tree):
    found = []
    used = set()
    for path in tree.files:
        if tree.language(path) not in MEASURED_LANGUAGES:
            continue
        text = tree.text(path)
        found += check_file_length(path, text)
        found += check_lines(tree, path, text)
        found += check_functions(tree, path, text, used)
    return found + check_exemptions(tree, used)


def check_exemptions(tree, used):
    """An exemption that nothing needs any more hides the next long function of that name."""
    here = pathlib.PurePosixPath("tests/structure/forms.py")
    is_whole = here in tree.known  # not one of the small trees of the self-test
    return [
        f"{path}: {name} is not too long; strike it from {here}"
        for path, name in sorted((set(TABLES) | TO_SPLIT) - used)
        if is_whole or pathlib.PurePosixPath(path) in tree.known
    ]
