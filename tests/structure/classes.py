"""How large classes of C++ may be, where a folder has said that it keeps them small.

A class with many members is a room in which everything may touch everything. What a `struct` holds
is plain data, and is not counted; its functions are.
"""

import re

import functions

SMALL_CLASSES = ("crawler/",)  # folders that have been divided, and stay so
MAX_METHODS = 25
MAX_MEMBERS = 15

HEAD = re.compile(r"\b(class|struct)\s+(?:\[\[\w+\]\]\s*)?([\w:]+)\s*(?:final\s*)?(?=[:{])")
NO_MEMBER = re.compile(
    r"^(?:using|friend|typedef|static_assert|static|template|enum)\b|^(?:class|struct)\s+\w+$"
)
TEMPLATE_ARGUMENTS = re.compile(r"<[^<>]*>")


def declarations_of(body):
    """The declarations of the body of a class, without what stands in their braces."""
    start = 0
    offset = 0
    while offset < len(body):
        letter = body[offset]
        if letter in "([":
            offset = functions.matching(body, offset)
        elif letter == ";":
            yield body[start:offset]
            start = offset + 1
        elif letter == ":" and functions.ACCESS.search(body[start : offset + 1]):
            start = offset + 1
        elif letter == "{":
            declaration = body[start:offset]
            offset = functions.matching(body, offset)
            if functions.kind_of_brace(declaration) == "function":
                yield declaration
                start = offset + 1
        offset += 1


def is_method(declaration):
    declared = functions.without_groups(declaration).partition("=")[0]
    previous = None
    while previous != declared:
        previous = declared
        declared = TEMPLATE_ARGUMENTS.sub("", declared)
    return "@" in declared


def sizes_of(text):
    """(keyword, name, offset, methods, members) of each class that has a body."""
    code = functions.cpp_code(text)
    for head in HEAD.finditer(code):
        opening = code.find("{", head.end())
        ends = code.find(";", head.end())
        if opening < 0 or 0 <= ends < opening:
            continue  # declared here and defined elsewhere
        methods = members = 0
        for declaration in declarations_of(code[opening + 1 : functions.matching(code, opening)]):
            declaration = declaration.strip()
            if HEAD.match(declaration) or not declaration:
                continue
            if is_method(declaration):
                methods += 0 if declaration.startswith("friend") else 1
            elif not NO_MEMBER.match(declaration):
                members += 1
        yield head[1], head[2], head.start(), methods, members


def check(tree):
    found = []
    for path in tree.files:
        if path.suffix not in (".h", ".cc") or not str(path).startswith(SMALL_CLASSES):
            continue
        text = tree.text(path)
        for keyword, name, offset, methods, members in sizes_of(text):
            place = f"{path}:{text.count(chr(10), 0, offset) + 1}: {keyword} {name}"
            if methods > MAX_METHODS:
                found.append(
                    f"{place} has {methods} methods; {MAX_METHODS} are the most, divide it"
                )
            if keyword == "class" and members > MAX_MEMBERS:
                found.append(
                    f"{place} has {members} members; {MAX_MEMBERS} are the most, divide it"
                )
    return found
