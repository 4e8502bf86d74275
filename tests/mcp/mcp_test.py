#!/usr/bin/env python3
"""The Model Context Protocol as others speak it: the official inspector (revision 2025-11-25) and
the official client (2026-07-28) list every tool and call each, over stdio and over HTTP with a
key; and each quotation stands in its article where it says.

  mcp_test.py BUILD_FOLDER

Exit status: 0 all is well, 1 something is not, 77 the programs could not be fetched (skipped)."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / "openapi"))
sys.path.insert(0, str(HERE.parent / "field"))
import tools  # noqa: E402
from runner.vigie import KEY, Vigie  # noqa: E402

SKIPPED = 77
LIMIT_S = 60
NODE = 20  # what the official client needs
TOOLS = {"search", "article", "story", "trend", "sources"}
SOURCES = """sources:
  - name: Chip Wire
    homepage: https://mcp.example/
    feeds: [http://127.0.0.1:9/feed]
    country: FR
    kind: agency
"""
TEXT = (
    "Les États-Unis ont étendu lundi les contrôles à l'exportation des puces d'IA, et Nvidia a dit "
    "qu'elle étudierait le texte, ont déclaré des responsables à Washington.</p><p>Des producteurs "
    "de trois pays ont demandé des licences avant de livrer à nouveau leurs clients."
)


def node_of(folder):
    """Folder of the programs that npm installed."""
    lock = (HERE / "package-lock.json").read_text(encoding="utf-8")
    copy = ["cp", HERE / "package.json", HERE / "package-lock.json", "."]
    npm = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    tools.installed(folder, lock, [copy, npm])
    return folder


def page(number, title):
    html = f'<html lang="fr"><head><title>{title}</title></head><body><article><h1>{title}</h1>'
    return {
        "url": f"https://mcp.example/{number}",
        "html": html + f"<p>{TEXT}</p></article></body>",
    }


class Judge:
    """Collects faults."""

    def __init__(self, vigie):
        self.vigie, self.faults = vigie, []

    def expect(self, fine, fault):
        if not fine:
            self.faults.append(fault)

    def quotations(self, value):
        """Every citation below a value, as (article id, quotations)."""
        if isinstance(value, list):
            return [one for item in value for one in self.quotations(item)]
        if not isinstance(value, dict):
            return []
        found = [(value["id"], value["quotations"])] if "url" in value else []
        return found + [one for item in value.values() for one in self.quotations(item)]

    def answer(self, who, name, result):
        self.expect(not result.get("isError"), f"{who}: {name}: {str(result)[:300]}")
        said = result.get("structuredContent")
        if said is None:
            self.faults.append(f"{who}: {name} has no structured content")
            return
        text = json.loads(result["content"][0]["text"])
        self.expect(text == said, f"{who}: {name}: the text is not the structured content")
        cited = self.quotations(said)
        self.expect(cited, f"{who}: {name} cites nothing")
        for article, quotations in cited:
            stored = self.vigie.call("GET", f"/v1/articles/{article}")["json"]
            self.expect(quotations, f"{who}: {name}: {article} is not quoted")
            for one in quotations:
                begin, end = one["offset"], one["offset"] + one["length"]
                there = stored[one["field"]].encode()[begin:end].decode()
                self.expect(there == one["text"], f"{who}: {name}: {one} is not in {article}")


def inspect(programs, target, *arguments):
    """What the official inspector's command line prints, as JSON."""
    # it looks for its own package.json from the folder in which it is run
    folder = programs / "node_modules/@modelcontextprotocol/inspector-cli/build"
    target = [str(part) for part in target]
    over_http = target[0].startswith("http")
    # the options of a program stand behind --
    parts = [target[0], *arguments, *([] if over_http else ["--", *target[1:]])]
    done = subprocess.run(
        ["node", str(folder / "index.js"), *parts],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        stdin=subprocess.DEVNULL,
        cwd=folder,
    )
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {"failed": done.returncode, "said": (done.stdout + done.stderr)[-600:]}


def by_inspector(judge, programs, target, headers, calls):
    who = "inspector " + str(target[0])
    listed = inspect(programs, target, "--method", "tools/list", *headers)
    names = {tool["name"] for tool in listed.get("tools", [])}
    judge.expect(names == TOOLS, f"{who}: tools/list: {str(listed)[:300]}")
    for name, arguments in calls.items():
        pairs = [
            part for key, value in arguments.items() for part in ("--tool-arg", f"{key}={value}")
        ]
        how = ["--method", "tools/call", "--tool-name", name, *pairs, *headers]
        judge.answer(who, name, inspect(programs, target, *how))


def by_client(judge, programs, target, calls):
    who = "client " + str(target[0])
    script = shutil.copy(HERE / "client.mjs", programs / "client.mjs")  # beside its packages
    command = ["node", str(script), json.dumps(calls), *map(str, target)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        judge.faults.append(f"{who}: {done.stderr[-600:]}")
        return
    said = json.loads(done.stdout)
    judge.expect(set(said["tools"]) == TOOLS, f"{who}: tools: {said['tools']}")
    judge.expect("-32602" in said["unknown"], f"{who}: unknown tool: {said['unknown']}")
    for name, result in said["responses"].items():
        judge.answer(who, name, result)


def refusals(judge):
    """Who may not call, and what is no call."""
    vigie = judge.vigie
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    strange = {"Authorization": "none"}
    judge.expect(vigie.call("POST", "/mcp", body, strange)["status"] == 401, "/mcp without a key")
    other = {"Origin": "https://other.example"}
    judge.expect(vigie.call("POST", "/mcp", body, other)["status"] == 403, "/mcp of another origin")
    judge.expect(vigie.call("GET", "/mcp")["status"] == 405, "GET /mcp")
    judge.expect(vigie.call("POST", "/mcp", "{")["status"] == 400, "what is no JSON")


def main(build):
    version = tools.run(["node", "--version"], LIMIT_S)[1].strip().lstrip("v")
    if int(version.split(".")[0] or 0) < NODE:
        print(f"SKIP: the official client needs Node {NODE}, this is {version}")
        return SKIPPED
    try:
        programs = node_of(build / "tests/mcp")
    except tools.Unreachable as error:
        print(f"SKIP: npm's registry is out of reach: {error}")
        return 1 if os.environ.get("CI") else SKIPPED
    program = build / "bin/vigie"
    with Vigie(program, sources=SOURCES, settings={"api.keys_file": "@keys"}) as vigie:
        lines = "".join(json.dumps(page(i, f"Puces {i}")) + "\n" for i in (1, 2))
        vigie.call("POST", "/v1/ingest?wait=1", lines)
        hits = vigie.call("GET", "/v1/search?q=puces")["json"]["hits"]
        judge = Judge(vigie)
        calls = {
            "search": {"query": "contrôles exportation", "limit": 2},
            "article": {"id": hits[0]["id"], "query": "licences", "length": 300},
            "story": {"article": hits[0]["id"]},
            "trend": {"query": "puces"},
            "sources": {"name": "chip"},
        }
        key = ["--header", f"Authorization: Bearer {KEY}"]
        os.environ["VIGIE_API_KEY"] = KEY
        local = [program, "mcp"]
        # its own process finds the server by the data directory, or by --server
        remote = [program, "mcp", "--server", vigie.base]
        data = [
            *local,
            "--data",
            vigie.folder / "data",
            "--set",
            f"api.keys_file={vigie.folder}/keys",
        ]
        by_inspector(judge, programs, [f"{vigie.base}/mcp"], key, calls)
        by_inspector(judge, programs, data, [], calls)
        by_client(judge, programs, [f"{vigie.base}/mcp", KEY], calls)
        by_client(judge, programs, remote, calls)
        refusals(judge)
    for fault in judge.faults:
        print(f"FAIL: {fault}")
    print(f"{len(TOOLS)} tools by the inspector and by the client, {len(judge.faults)} faults")
    return 1 if judge.faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
