"""How long functions are: of C++ and TypeScript by their braces, of Python by its syntax tree.

functions_of(suffix, text) gives (name, first line, last line) of every function that no other
function encloses, and, in TypeScript and Python, of those inside them too: a callback of a hundred
lines is a function of a hundred lines. A function of C++ counts from the first line of its
signature, lambdas inside it count as its own lines. Braces in comments, strings and preprocessor
lines are no braces.
"""

import ast
import bisect
import re

# ---------------------------------------------------------------- what both brace languages need


class Lines:
    """Line numbers of offsets."""

    def __init__(self, text):
        self.starts = [0] + [match.end() for match in re.finditer("\n", text)]

    def of(self, offset):
        return bisect.bisect_right(self.starts, offset)


def blanked(text):
    """The text as spaces, but with its ends of lines."""
    return re.sub(r"[^\n]", " ", text)


CLOSING = {"(": ")", "{": "}", "[": "]"}


def matching(code, opening):
    """Where the bracket at `opening` closes; the end of the code where it never does."""
    stack = []
    for offset in range(opening, len(code)):
        letter = code[offset]
        if letter in CLOSING:
            stack.append(CLOSING[letter])
        elif stack and letter == stack[-1]:
            stack.pop()
            if not stack:
                return offset
    return len(code)


# ---------------------------------------------------------------- C++

CPP_TOKEN = re.compile(
    r'(?P<raw>\b(?:u8|[uUL])?R"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)")'
    r"|(?P<comment>//(?:[^\n\\]|\\.)*|/\*.*?\*/)"
    r"|(?P<directive>^[ \t]*\#(?:\\\n|/\*.*?\*/|[^\n\\]|\\.)*)"
    r'|(?P<string>"(?:[^"\\\n]|\\.)*")'
    r"|(?P<number>\.?\d(?:[eEpP][+-]|'\w|[\w.])*)"
    r"|(?P<letter>'(?:[^'\\\n]|\\.)+')"
    r"|\w+",
    re.DOTALL | re.MULTILINE,
)
TEMPLATE_HEAD = re.compile(r"\btemplate\s*<")
ACCESS = re.compile(r"\b(?:public|private|protected)\s*:(?!:)")
OPERATOR_SIGN = re.compile(r"\boperator\s*(?:\(\s*\)|\[\s*\]|[^\w\s(]+)")
SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum)\b|^\s*extern\s+$")


NO_CODE = ("raw", "comment", "directive", "string", "letter")


def cpp_code(text):
    """The code alone: comments, strings and preprocessor lines are blanked."""

    def replaced(match):
        return blanked(match.group()) if match.lastgroup in NO_CODE else match.group()

    return CPP_TOKEN.sub(replaced, text)


def without_groups(code):
    """A declaration without what stands in brackets: `@` for parentheses, `#` for braces."""
    code = OPERATOR_SIGN.sub("operator_sign", code)
    previous = None
    while previous != code:
        previous = code
        code = re.sub(r"\([^()]*\)", "@", code)
        code = re.sub(r"\[[^\[\]]*\]", "", code)
        code = re.sub(r"\{[^{}]*\}", "#", code)
    head = TEMPLATE_HEAD.search(code)
    while head:
        depth = 0
        for offset in range(head.end() - 1, len(code)):
            depth += {"<": 1, ">": -1}.get(code[offset], 0)
            if depth == 0:
                break
        code = code[: head.start()] + code[offset + 1 :]
        head = TEMPLATE_HEAD.search(code)
    return code


def kind_of_brace(declaration):
    """What a brace opens where declarations stand.

    A 'scope' of more declarations, a 'function', a 'lambda' that a variable is given, or 'data'.
    """
    declared, equals, value = without_groups(declaration).partition("=")
    if equals:
        called = re.search(r"@\s*(?:mutable|noexcept|->[^@]*)?\s*$", value)
        return "lambda" if called and "[" in declaration else "data"
    if "@" not in declared:
        return "scope" if SCOPE.search(declared) else "data"
    head, colon, members = declared.replace("::", "..").partition(":")
    if colon and "@" in head and re.search(r"[\w>]\s*$", members):
        return "data"  # `member_{…}` in the list of a constructor
    return "function"


def cpp_name(declaration):
    head = declaration.strip()
    test = re.match(r"(TEST(?:_[FP])?|BENCHMARK\w*|MATCHER\w*)\s*\(([^)]*)\)", head)
    if test:
        return f"{test[1]}({' '.join(test[2].split())})"
    call = re.search(r"(~?[\w:]+(?:<[^<>()]*>::[\w~]+)?|operator\s*[^\w\s]+)\s*\(", head)
    return call[1] if call else " ".join(head.split())[:60]


def cpp_functions(text):
    code = cpp_code(text)
    lines = Lines(code)
    found = []
    start = 0  # of the declaration that is being read
    offset = 0
    while offset < len(code):
        letter = code[offset]
        if letter in "([":
            offset = matching(code, offset)
        elif letter in ";}":
            start = offset + 1
        elif letter == ":" and ACCESS.match(code, max(start, code.rfind("p", start, offset))):
            start = offset + 1
        elif letter == "{":
            declaration = code[start:offset]
            kind = kind_of_brace(declaration)
            if kind == "scope":
                start = offset + 1
            else:
                end = matching(code, offset)
                if kind in ("function", "lambda"):
                    first = start + len(declaration) - len(declaration.lstrip())
                    found.append((cpp_name(declaration), lines.of(first), lines.of(end)))
                if kind == "function":
                    start = end + 1
                offset = end
        offset += 1
    return found


# ---------------------------------------------------------------- TypeScript and JavaScript

SCRIPT_KEYWORDS = {
    "if",
    "for",
    "while",
    "switch",
    "catch",
    "with",
    "return",
    "await",
    "typeof",
    "of",
    "in",
    "do",
    "else",
    "new",
}
BEFORE_REGEX = re.compile(r"(?:^|[(,=:\[!&|?{};+\-*%~^]|=>|\b(?:return|typeof|case|in|of))\s*$")


def script_code(text):
    """The code with comments, strings, regular expressions and the text of templates blanked."""
    out = []
    offset = 0
    templates = []  # depth of braces at which a `${` of a template began
    depth = 0

    def template_text(begin):
        """From the backquote or closing brace at `begin` to the next `${` or backquote: (end,
        whether a `${` ended it).
        """
        at = begin + 1
        while at < len(text):
            if text[at] == "\\":
                at += 1
            elif text[at] == "`":
                return at + 1, False
            elif text.startswith("${", at):
                return at + 2, True
            at += 1
        return at, False

    while offset < len(text):
        letter = text[offset]
        end = offset + 1
        keep = False
        if text.startswith("//", offset) and not text[:offset].endswith(":"):
            end = text.find("\n", offset)
            end = len(text) if end < 0 else end
        elif text.startswith("/*", offset):
            end = text.find("*/", offset) + 2
            end = len(text) if end < 2 else end
        elif letter in "\"'" and not (
            offset and (text[offset - 1].isalnum() or text[offset - 1] == "\\")
        ):
            match = re.compile(r"(['\"])(?:[^\\\n]|\\.)*?\1", re.DOTALL).match(text, offset)
            end = match.end() if match else offset + 1
        elif letter == "`" or (letter == "}" and templates and templates[-1] == depth):
            if letter == "}":
                templates.pop()
            end, opened = template_text(offset)
            if opened:
                templates.append(depth)
        elif (
            letter == "/"
            and text[offset + 1 : offset + 2] != ">"
            and BEFORE_REGEX.search("".join(out[-80:]))
        ):
            match = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*").match(
                text, offset
            )
            end = match.end() if match else offset + 1
        else:
            keep = True
            depth += {"{": 1, "}": -1}.get(letter, 0)
        piece = text[offset:end]
        out.extend(piece if keep else blanked(piece))
        offset = end
    return "".join(out)


def skip_space(code, offset):
    while offset < len(code) and code[offset].isspace():
        offset += 1
    return offset


def body_after(code, offset):
    """Where the body of a function opens whose parameters end before `offset`; None where there is
    none.
    """
    offset = skip_space(code, offset)
    if code.startswith("{", offset):
        return offset
    if not code.startswith(":", offset):
        return None
    before = ":"
    angles = 0
    offset += 1
    while offset < len(code):
        letter = code[offset]
        if letter == "{" and before not in ":|&<,":
            return offset
        if letter in CLOSING:
            offset = matching(code, offset)
        elif letter in ";)}?" or code.startswith("=>", offset) or (letter == "," and not angles):
            return None
        angles += {"<": 1, ">": -1}.get(letter, 0)
        if not letter.isspace():
            before = letter
        offset += 1
    return None


def end_of_expression(code, offset):
    """Where an expression ends: the first comma, semicolon or closing bracket that is not inside
    it.
    """
    while offset < len(code):
        if code[offset] in CLOSING:
            offset = matching(code, offset)
        elif code[offset] in ",;)]}":
            return offset - 1
        offset += 1
    return offset - 1


def arrow_begin(code, arrow):
    """Where the parameters of the arrow function begin whose `=>` is at `arrow`."""
    before = code[:arrow].rstrip()
    if before.endswith(")"):
        depth = 0
        for offset in range(len(before) - 1, -1, -1):
            depth += {")": 1, "(": -1}.get(before[offset], 0)
            if depth == 0:
                return offset
    named = re.search(r"[\w$]+$", before)
    return named.start() if named else arrow


def name_before(code, offset):
    """What stands before a function that is a value: the name it is given, or the call that it is
    handed to.
    """
    before = code[max(0, offset - 200) : offset]
    match = re.search(
        r"([\w$]+)\s*(?::[^=;{}]*)?=\s*(?:async\s*)?$"
        r"|([\w$]+)\s*:\s*(?:async\s*)?$"
        r"|([\w$.]+)\([^()]*$",
        before,
    )
    return next((group for group in match.groups() if group), "=>") if match else "=>"


def script_functions(text):
    code = script_code(text)
    lines = Lines(code)
    found = []
    for match in re.finditer(r"([\w$]+)?\s*(?:<[^<>(){};]*>)?\(", code):
        name = match[1] or ""
        if not name or name in SCRIPT_KEYWORDS:
            continue
        body = body_after(code, matching(code, match.end() - 1) + 1)
        if body is not None:
            if name == "function":
                name = name_before(code, match.start())
            found.append((name, lines.of(match.start(1)), lines.of(matching(code, body))))
    for match in re.finditer("=>", code):
        begin = arrow_begin(code, match.start())
        body = skip_space(code, match.end())
        end = matching(code, body) if code.startswith("{", body) else end_of_expression(code, body)
        end = body + len(code[body : end + 1].rstrip()) - 1
        # In a type, `=>` names what a function returns.
        found.append((name_before(code, begin), lines.of(begin), lines.of(max(body, end))))
    return sorted(found, key=lambda function: function[1:])


# ---------------------------------------------------------------- Python


def python_functions(text):
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (node.name, node.lineno, node.end_lineno)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, functions)
    ]


MEASURERS = {
    ".cc": cpp_functions,
    ".h": cpp_functions,
    ".ts": script_functions,
    ".tsx": script_functions,
    ".mjs": script_functions,
    ".py": python_functions,
}


def functions_of(suffix, text):
    return MEASURERS[suffix](text) if suffix in MEASURERS else []
