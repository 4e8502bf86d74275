"""The vocabulary of checks.

A check is a JSON object; judge() gives None where it holds, else one line: what was expected and
what came."""

import json
import re

MISSING = object()


def show(value, most=160):
    if value is MISSING:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else text[: most - 1] + "…"


def look(document, path):
    """The value at a dotted path; a number is a place in a list, from 0; # is a list's length."""
    value = document
    for part in path.split("."):
        if isinstance(value, list) and part == "#":
            value = len(value)
        elif isinstance(value, list) and part.lstrip("-").isdigit():
            value = value[int(part)] if -len(value) <= int(part) < len(value) else MISSING
        elif isinstance(value, dict):
            value = value.get(part, MISSING)
        else:
            return MISSING
        if value is MISSING:
            return MISSING
    return value


def absent(value):
    return value is MISSING or value is None or value == "" or value == [] or value == {}


def text_of(value):
    """What `has`, `lacks` and the like look at: text as it is, other values as JSON."""
    return (
        value
        if isinstance(value, str)
        else ""
        if absent(value)
        else json.dumps(value, ensure_ascii=False)
    )


def around(text, needle, most=90):
    at = text.find(needle)
    begin = max(0, at - 30)
    return ("…" if begin else "") + text[begin : begin + most]


OPERATORS = {
    "equals": lambda v, w: (not absent(v) and v == w) or (absent(v) and absent(w)),
    "not_equals": lambda v, w: v != w,
    "one_of": lambda v, w: any(v == x or (absent(v) and absent(x)) for x in w),
    "starts_with": lambda v, w: text_of(v).startswith(w),
    "ends_with": lambda v, w: text_of(v).endswith(w),
    "has": lambda v, w: w in text_of(v),
    "lacks": lambda v, w: w not in text_of(v),
    "matches": lambda v, w: re.search(w, text_of(v)) is not None,
    "has_id": lambda v, w: (
        isinstance(v, list) and any(isinstance(x, dict) and x.get("id") == w for x in v)
    ),
    "absent": lambda v, w: absent(v) == w,
    "absent_or_from": lambda v, w: absent(v) or text_of(v) >= w,
    "at_least": lambda v, w: isinstance(v, (int, float)) and v >= w,
    "at_most": lambda v, w: isinstance(v, (int, float)) and v <= w,
}


def judge_value(check, value, name):
    """Checks with an operator on one value."""
    if "paragraphs_at_least" in check:
        found = len([p for p in re.split(r"\n\n+", text_of(value)) if p.strip()])
        return (
            None
            if found >= check["paragraphs_at_least"]
            else f"{name} has at least {check['paragraphs_at_least']} paragraphs,"
            f" got {found}: {show(value)}"
        )
    if "count_of" in check:
        found = text_of(value).count(check["count_of"])
        return (
            None
            if found == check["equals"]
            else f"{name} has {show(check['count_of'])} {check['equals']} times, got {found}"
        )
    operators = [k for k in check if k in OPERATORS]
    if not operators:
        raise ValueError(f"a check without an operator: {check}")
    for operator in operators:
        if not OPERATORS[operator](value, check[operator]):
            got = (
                show(around(text_of(value), check[operator]))
                if operator == "lacks"
                else show(value)
            )
            words = operator.replace("_", " ") + " " + show(check[operator])
            if operator == "absent":
                words = "is absent" if check[operator] else "is there"
            return f"{name} {words}, got {got}"
    return None


def judge(check, document):
    """A check on one JSON document: {"field": PATH, OPERATOR: VALUE} or {"any": [CHECK, …]}."""
    if "any" in check:
        faults = [judge(c, document) for c in check["any"]]
        return None if any(f is None for f in faults) else " — or ".join(faults)
    return judge_value(check, look(document, check["field"]), check["field"])
