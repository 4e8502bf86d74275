"""Cases of the query language and of stories.

The documents of all cases go into one index; a query is judged on those of its own case."""

import json
import time

from . import checks
from .vigie import Vigie

STORIES_S = 30


def documents(case):
    """{url: (id, html)}"""
    out = {}
    for line in (case["dir"] / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        out[entry["url"]] = (entry["id"], (case["dir"] / entry["html"]).read_text(encoding="utf-8"))
    return out


def judge_query(vigie, check, names):
    hits, refusal = vigie.hits(check["query"])
    query = json.dumps(check["query"], ensure_ascii=False)
    if check.get("refused"):
        return None if hits is None else f"query {query} is refused, got an answer"
    if hits is None:
        return f"query {query} finds {checks.show(sorted(check['finds']))}, got {refusal}"
    found = sorted({names[h["url"]] for h in hits if h["url"] in names})
    return (
        None
        if found == sorted(check["finds"])
        else f"query {query} finds {checks.show(sorted(check['finds']))}, got {checks.show(found)}"
    )


def judge_stories(check, stories):
    pair = check.get("apart") or check["same_story"]
    values = [stories.get(p) for p in pair]
    if any(v is None for v in values):
        return f"{' and '.join(pair)} have stories, got {checks.show(values)}"
    if (len(set(values)) == 1) == ("same_story" in check):
        return None
    return f"{' and '.join(pair)} are " + (
        "one story, got two" if "same_story" in check else "two stories, got one"
    )


def run(program, cases, keep=False):
    outcome = {}
    with Vigie(program, keep=keep) as vigie:
        pages = {case["name"]: documents(case) for case in cases}
        vigie.ingest(
            [
                (f"{case['name']}/{name}", url, html)
                for case in cases
                for url, (name, html) in pages[case["name"]].items()
            ]
        )
        stories = {}
        wanted = {
            u
            for case in cases
            for u in pages[case["name"]]
            if any("apart" in c or "same_story" in c for c in case["checks"])
        }
        end = time.monotonic() + (STORIES_S if wanted else 0)
        while time.monotonic() < end and not all(stories.get(u) for u in wanted):
            stories = {h["url"]: h.get("story") for h in vigie.hits()[0]}
            time.sleep(0.3)
        for case in cases:
            names = {url: name for url, (name, _) in pages[case["name"]].items()}

            def one(check):
                if "any" in check:
                    faults = [one(c) for c in check["any"]]
                    return None if any(f is None for f in faults) else faults[0]
                if "query" in check:
                    return judge_query(vigie, check, names)
                return judge_stories(check, {names[u]: s for u, s in stories.items() if u in names})

            outcome[case["name"]] = [f for f in map(one, case["checks"]) if f]
    return outcome
