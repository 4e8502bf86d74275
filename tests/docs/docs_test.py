#!/usr/bin/env python3
"""The documentation of the API: what the page promises, and that its examples run.

docs_test.py BUILD_FOLDER"""

import html
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "field"))
from runner.vigie import KEY, Vigie  # noqa: E402

MOST_BYTES = 200 * 1024
LIMIT_S = 60
PAGE = """<html lang="fr"><head><title>Puces</title></head><body><article><h1>Puces</h1>
<p>Les États-Unis ont étendu les contrôles à l'exportation des puces d'IA, et Nvidia a dit qu'elle
étudierait le texte, ont déclaré des responsables à Washington.</p></article></body></html>"""
# What curl says of an example that does not end by itself: its time is over.
ENDS_WITH = {"stream": 28}
# Examples that cannot be done here, and why.
NOT_HERE = {
    "testSubscription": "sends to a receiver that does not exist, for 15 s",
    "replayMatch": "sends to a receiver that does not exist, for 15 s",
    "unsubscribe": "the token stands in a mail",
    "replaceCollection": "names the revision of a collection of the reader's",
    "addToCollection": "names an article of the reader's",
}
LATE = (
    "shareCollection",  # ends the link that there is
    "importSources",  # has what addSource adds
)
LAST = ("DELETE",)  # methods that take away what others need


def examples(page):
    """operationId → the command."""
    found = re.findall(
        r'<pre tabindex="0" class="curl" data-operation="(\w+)"><code>(.*?)</code></pre>',
        page,
        re.S,
    )
    return {name: html.unescape(command) for name, command in found}


def check_page(page, document):
    """Faults of the page itself."""
    faults = []
    ids = set(re.findall(r' id="([^"]+)"', page))
    operations = {
        one["operationId"] for methods in document["paths"].values() for one in methods.values()
    }
    faults += [f"{name} has no heading" for name in sorted(operations - ids)]
    faults += [
        f"#{name} leads nowhere" for name in sorted(set(re.findall(r'href="#([^"]+)"', page)) - ids)
    ]
    if re.search(r"<script|<style| style=|src=|href=\"(https?:)?//", page):
        faults.append("something that the policy of the pages refuses")
    if len(page.encode()) > MOST_BYTES:
        faults.append(f"{len(page.encode())} bytes")
    return faults


def ids_of(vigie):
    """Variables of the shell, as a reader would fill them."""
    found = vigie.call("GET", "/v1/search?q=puces")["json"]
    article = found["hits"][0]["id"]
    whole = vigie.call("GET", f"/v1/articles/{article}")["json"]
    draft = json.dumps({"name": "Puces", "query": "puces"})
    made = vigie.call("POST", "/v1/subscriptions", draft)["json"]
    time.sleep(1)  # every shard applies it within that time
    line = json.dumps(
        {"url": "https://docs.example/2", "html": PAGE.replace("Washington", "Paris")}
    )
    vigie.call("POST", "/v1/ingest?wait=1&alerts=1", line)
    quarantined = vigie.call("GET", "/v1/quarantine")["json"]["records"]
    session = vigie.call("POST", "/v1/session", json.dumps({"key": KEY}))
    assert session["status"] == 204, session
    sessions = vigie.call("GET", "/v1/sessions")["json"]["sessions"]
    collection = vigie.call("POST", "/v1/collections", json.dumps({"name": "For Monday"}))["json"]
    shared = vigie.call("POST", f"/v1/collections/{collection['id']}/share")["json"]
    kept = json.dumps({"name": "Mine", "query": "puces"})
    search = vigie.call("POST", "/v1/searches", kept)["json"]
    source = {"name": "Morning", "homepage": "https://morning.invalid/"}
    source["feeds"] = ["https://morning.invalid/feed.xml"]
    key = vigie.call("POST", "/v1/keys", json.dumps({"name": "Bo", "role": "reader"}))["json"]
    feed = vigie.call("POST", "/v1/feeds", json.dumps({"query": "puces"}))["json"]
    return {
        "VIGIE": vigie.base,
        "KEY": KEY,
        "ARTICLE": article,
        "VERSION": whole["version"],
        "SUBSCRIPTION": made["id"],
        "QUARANTINE": quarantined[0]["id"],
        "SESSION": sessions[0]["id"],
        "COLLECTION": collection["id"],
        "SEARCH": search["id"],
        "TOKEN": shared["path"].rsplit("/", 1)[-1],
        "SOURCE": vigie.call("POST", "/v1/sources", json.dumps(source))["json"]["id"],
        "KEY_ID": key["id"],
        "FEED": feed["id"],
    }


def run_examples(commands, variables):
    faults, ran = [], 0
    # what is in something is taken away before it
    order = sorted(
        commands,
        key=lambda name: (
            any(f"-X {one}" in commands[name] for one in LAST),
            name in LATE,
            -commands[name].count("/"),
        ),
    )
    with tempfile.TemporaryDirectory() as folder:
        for name in order:
            command = commands[name]
            unknown = set(re.findall(r"\$([A-Z_]+)", command)) - set(variables)
            if name in NOT_HERE or unknown:
                print(f"not run: {name}: {NOT_HERE.get(name) or 'no ' + ', '.join(unknown)}")
                continue
            done = subprocess.run(
                ["bash", "-c", command],
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                cwd=folder,
                env={**os.environ, **variables},
            )
            ran += 1
            if done.returncode != ENDS_WITH.get(name, 0):
                faults.append(f"{name}: {done.returncode}: {(done.stdout + done.stderr)[:300]}")
    return faults, ran


def main(build):
    with Vigie(build / "bin/vigie", settings={"api.keys_file": "@keys"}) as vigie:
        response = vigie.call("GET", "/docs")
        assert response["status"] == 200, response["status"]
        page = response["body"]
        faults = check_page(page, vigie.call("GET", "/openapi.json")["json"])
        lines = [
            json.dumps({"url": "https://docs.example/1", "html": PAGE}),
            json.dumps({"url": "https://docs.example/empty", "html": ""}),
        ]
        vigie.call("POST", "/v1/ingest?wait=1", "\n".join(lines) + "\n")
        commands = examples(page)
        more, ran = run_examples(commands, ids_of(vigie))
    faults += more
    if ran < 30:
        faults.append(f"only {ran} of {len(commands)} examples ran")
    for fault in faults:
        print(f"FAIL: {fault}")
    print(f"{len(page.encode())} bytes, {ran} examples ran, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
