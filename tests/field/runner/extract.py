"""Cases of one command: extract, feed, tag, url, robots.

Pages, texts and addresses go in one batch each; a feed or a robots.txt is one process."""

import json
import pathlib
import shutil
import subprocess
import tempfile

from . import checks

LIMIT_S = 120


def call(program, arguments, folder):
    """(lines of JSON, message): the message is set where the program did not end well."""
    try:
        done = subprocess.run(
            [str(program), *arguments], cwd=folder, capture_output=True, timeout=LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return [], f"no end after {LIMIT_S} s"
    out = []
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        try:
            out.append(json.loads(line))
        except ValueError:
            pass
    message = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if done.returncode < 0:
        return out, f"ended by signal {-done.returncode}"
    return out, (
        message[-1][:200] if message else f"exit {done.returncode}"
    ) if done.returncode else ""


def batch(program, command, cases, make_line, scratch, root):
    """Outputs by case name; what brought the batch down is found by running the rest alone."""

    def ask(some):
        manifest = scratch / f"{command}.jsonl"
        manifest.write_text(
            "".join(json.dumps(make_line(c), ensure_ascii=False) + "\n" for c in some),
            encoding="utf-8",
        )
        more = ["--root", str(root)] if command == "extract" else []
        out, message = call(program, [command, "--manifest", manifest.name, *more], scratch)
        return {o.get("id"): o for o in out}, message

    found, message = ask(cases)
    messages = {}
    if len(cases) > 1:
        for case in [c for c in cases if c["name"] not in found]:
            one, messages[case["name"]] = ask([case])
            found.update(one)
    else:
        messages = {c["name"]: message for c in cases}
    return found, messages


def feed_file(case, scratch):
    """The file of a feed case; a large one is made here: head, count times item, tail.

    In an item {i} is a number and {day} a day."""
    spec = case["input"]
    if isinstance(spec, str):
        return case["dir"] / spec
    path = scratch / spec["name"]
    with open(path, "w", encoding="utf-8") as out:
        out.write(spec["head"])
        for i in range(spec["count"]):
            out.write(
                spec["item"]
                .replace("{i}", str(i))
                .replace("{day}", f"2024-03-{1 + i * 28 // spec['count']:02d}")
            )
        out.write(spec["tail"])
    return path


def judge_feed(case, out, message):
    if not out:
        return ["no output: " + (message or "nothing on stdout")]
    entries = [o for o in out if "feed" not in o]

    def one(check):
        if "any" in check:
            faults = [one(c) for c in check["any"]]
            return None if any(f is None for f in faults) else " — or ".join(faults)
        if "entries" in check:
            return (
                None
                if len(entries) == check["entries"]
                else f"{check['entries']} entries, got {len(entries)}"
            )
        if "entries_at_least" in check:
            return (
                None
                if len(entries) >= check["entries_at_least"]
                else f"at least {check['entries_at_least']} entries, got {len(entries)}"
            )
        if "entry_with" in check:
            wanted = check["entry_with"].items()
            return (
                None
                if any(all(e.get(k) == v for k, v in wanted) for e in entries)
                else f"an entry with {checks.show(check['entry_with'])}, got none of {len(entries)}"
            )
        if "entry" in check:
            if check["entry"] >= len(entries):
                return f"entry {check['entry']}, got {len(entries)} entries"
            return checks.judge_value(
                check,
                checks.look(entries[check["entry"]], check["field"]),
                f"entry {check['entry']} {check['field']}",
            )
        return checks.judge(check, out[0])

    return [f for f in map(one, case["checks"]) if f]


def judge_addresses(case, answers):
    """{"ask": URL, field…}, {"same": [URL, URL]}, {"differ": [URL, URL]}.

    Without `ask` the case's own url is meant."""
    faults = []
    for check in case["checks"]:
        if "same" in check or "differ" in check:
            pair = check.get("same") or check["differ"]
            canonical = [checks.look(answers[u], "canonical") for u in pair]
            readable = all(isinstance(c, str) for c in canonical)
            if not readable or (canonical[0] == canonical[1]) != ("same" in check):
                word = "one address" if "same" in check else "two addresses"
                faults.append(
                    f"{checks.show(pair[0])} and {checks.show(pair[1])} are {word},"
                    f" got {checks.show(canonical[0])} and {checks.show(canonical[1])}"
                )
        else:
            url = check.get("ask", case.get("url"))
            fault = checks.judge_value(
                check,
                checks.look(answers[url], check["field"]),
                f"{url} {check['field']}" if "ask" in check else check["field"],
            )
            if fault:
                faults.append(fault)
    return faults


def addresses_of(case):
    urls = [case["url"]] if "url" in case else []
    for check in case["checks"]:
        urls += (
            check.get("same", [])
            + check.get("differ", [])
            + ([check["ask"]] if "ask" in check else [])
        )
    return list(dict.fromkeys(urls))


def line_of(tool, case):
    """The line of a manifest."""
    if tool == "extract":
        page = f"{case['name']}/{case['input']}"
        return {"id": case["name"], "url": case["url"], "html": page}
    text = (case["dir"] / case["input"]).read_text(encoding="utf-8")
    return {"id": case["name"], **json.loads(text)}


def run_batch(tool, program, cases, scratch):
    """Cases of extract or tag."""
    root = cases[0]["dir"].parent
    found, messages = batch(program, tool, cases, lambda c: line_of(tool, c), scratch, root)
    outcome = {}
    for case in cases:
        document = found.get(case["name"])
        if document is None:
            said = messages.get(case["name"]) or "nothing on stdout"
            outcome[case["name"]] = ["no output: " + said]
        else:
            judged = (checks.judge(c, document) for c in case["checks"])
            outcome[case["name"]] = [f for f in judged if f]
    return outcome


def run_addresses(program, cases, scratch):
    urls = list(dict.fromkeys(u for case in cases for u in addresses_of(case)))
    out, _ = call(program, ["url", "--", *urls], scratch)
    answers = dict(zip(urls, out)) if len(out) == len(urls) else {u: {} for u in urls}
    return {case["name"]: judge_addresses(case, answers) for case in cases}


def run_feed(program, case, scratch):
    path = feed_file(case, scratch)
    out, message = call(program, ["feed", path.name], path.parent)
    return judge_feed(case, out, message)


def run_robots(program, case):
    faults = []
    for agent in dict.fromkeys(c.get("agent", "vigie") for c in case["checks"]):
        asked = [c for c in case["checks"] if c.get("agent", "vigie") == agent]
        urls = list(dict.fromkeys(c["ask"] for c in asked))
        arguments = ["robots", "--agent", agent, "--robots", case["input"], "--", *urls]
        out, message = call(program, arguments, case["dir"])
        if len(out) != len(urls):
            faults.append("no output: " + (message or "nothing on stdout"))
            continue
        answers = dict(zip(urls, out))
        for check in asked:
            value = checks.look(answers[check["ask"]], check["field"])
            name = f"{agent} {check['ask']} {check['field']}"
            fault = checks.judge_value(check, value, name)
            faults += [fault] if fault else []
    return faults


def run(program, cases, keep=False):
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="fieldcases-"))
    outcome = {case["name"]: [f"no such tool: {case['tool']}"] for case in cases}
    by_tool = {}
    for case in cases:
        by_tool.setdefault(case["tool"], []).append(case)
    try:
        for tool in ("extract", "tag"):
            if some := by_tool.get(tool):
                outcome.update(run_batch(tool, program, some, scratch))
        if some := by_tool.get("url"):
            outcome.update(run_addresses(program, some, scratch))
        for case in by_tool.get("feed", []):
            outcome[case["name"]] = run_feed(program, case, scratch)
        for case in by_tool.get("robots", []):
            outcome[case["name"]] = run_robots(program, case)
    finally:
        if keep:
            print(f"kept {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    return outcome
