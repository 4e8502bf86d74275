#!/usr/bin/env python3
"""Measures the genres that `vigie extract` reads on labelled heads of pages.

  score.py [FILE...] [--bin build/bin/vigie] [--wrong]
  score.py --corpus ../shared/corpus [--bin build/bin/vigie] [--wrong]

With --corpus: opinion on real pages, the lists corpus_*.tsv. FILE: as README.md says;
open.txt and held_out.txt by default. Printed: precision and recall of each genre, and the share of
all pages that are right, by file; by language for opinion; with --wrong each fault and what said
so.
Python 3.11, standard library only. Exit status: 0, 2 wrong use."""

import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
HELD_OUT = "corpus_held_out.tsv"
REAL_PAGES = ("corpus_pages.tsv", "corpus_open.tsv", HELD_OUT, "corpus_third.tsv")
CUT_PATH = "/2012/01/12/story"  # of an address of which the corpus keeps the host alone


def pages_of(path):
    """{"id", "genre", "url", "html"} of each page."""
    pages = []
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.startswith("== "):
            name, genre, url = line[3:].split()
            pages.append({"id": name, "genre": genre, "url": url, "html": ""})
        elif pages:
            pages[-1]["html"] += line
    return pages


def read(program, pages):
    """The extractor's answer by id."""
    with tempfile.TemporaryDirectory() as folder:
        lines = []
        for page in pages:
            name = f"{page['id']}.html"
            (pathlib.Path(folder) / name).write_text(page["html"], encoding="utf-8")
            lines.append(json.dumps({"id": page["id"], "url": page["url"], "html": name}))
        manifest = pathlib.Path(folder) / "manifest.jsonl"
        manifest.write_text("\n".join(lines) + "\n", encoding="utf-8")
        done = subprocess.run(
            [program, "extract", "--manifest", manifest, "--root", folder],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode not in (0, 1):
        sys.exit(f"{program} extract: exit {done.returncode}: {done.stderr[:2000]}")
    return {response["id"]: response for response in map(json.loads, done.stdout.splitlines())}


def ratio(part, whole):
    return f"{part / whole:.3f} ({part}/{whole})" if whole else "-"


def report(path, pages, responses, show_wrong):
    there, given, right = (collections.Counter() for _ in range(3))
    by_language = collections.defaultdict(collections.Counter)
    read_pages = [page for page in pages if page["id"] in responses]
    for page in read_pages:
        response = responses[page["id"]]
        genre = response.get("genre", "")
        there[page["genre"]] += 1
        given[genre] += 1
        right[page["genre"]] += genre == page["genre"]
        language = by_language[page["id"].split("-")[0]]
        language["there"] += page["genre"] == "opinion"
        language["found"] += page["genre"] == genre == "opinion"
        if show_wrong and genre != page["genre"]:
            why = f"{response.get('sources', {}).get('genre')}: {response.get('genre_evidence')}"
            print(f"  {page['id']}: {page['genre']}, read as {genre or 'nothing'} ({why})")
    print(f"{path.name}: {ratio(sum(right.values()), len(read_pages))} right")
    if len(read_pages) < len(pages):
        print(f"  {len(pages) - len(read_pages)} pages have too little text to give an article")
    for genre in sorted(there):
        print(
            f"  {genre}: precision {ratio(right[genre], given[genre])},"
            f" recall {ratio(right[genre], there[genre])}"
        )
    found = ", ".join(f"{k} {v['found']}/{v['there']}" for k, v in sorted(by_language.items()))
    print(f"  opinion found: {found}")


def address_of(page):
    """The page's address; dan keeps the host alone, and a front page is a list to the stage."""
    parts = urllib.parse.urlsplit(page["url"])
    is_cut = parts.path in ("", "/") and not parts.query
    return f"{parts.scheme}://{parts.netloc}{CUT_PATH}" if is_cut else page["url"]


def real_pages(corpus, path):
    """Labels by id of a list of real pages, and the line of a manifest about each."""
    labels = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, label, _ = line.split("\t")
            labels[name] = label
    known = {}
    for gold in sorted(corpus.glob("*/gold.jsonl")):
        for one in map(json.loads, gold.read_text(encoding="utf-8").strip().split("\n")):
            if one["id"] in labels:
                html = str((gold.parent / one["html"]).relative_to(corpus))
                known[one["id"]] = {"id": one["id"], "url": address_of(one), "html": html}
    return labels, [known[name] for name in labels]


def report_opinion(name, labels, given):
    opinion = {page for page, label in labels.items() if label == "opinion"}
    print(
        f"{name}: {len(labels)} pages,"
        f" opinion: precision {ratio(len(opinion & given), len(given))},"
        f" recall {ratio(len(opinion & given), len(opinion))}"
    )


def report_real_pages(program, corpus, show_wrong):
    all_labels, all_given = {}, set()
    for path in (HERE / name for name in REAL_PAGES):
        labels, lines = real_pages(corpus, path)
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as manifest:
            manifest.write("".join(json.dumps(line) + "\n" for line in lines))
            manifest.flush()
            done = subprocess.run(
                [program, "extract", "--manifest", manifest.name, "--root", corpus],
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode not in (0, 1):
            sys.exit(f"{program} extract: exit {done.returncode}: {done.stderr[:2000]}")
        said = {one["id"]: one for one in map(json.loads, done.stdout.strip().split("\n"))}
        given = {name for name in labels if said.get(name, {}).get("genre") == "opinion"}
        report_opinion(path.name, labels, given)
        opinion = {name for name, label in labels.items() if label == "opinion"}
        # of a list that is held out only figures are looked at
        for name in sorted(opinion ^ given) if show_wrong and path.name != HELD_OUT else []:
            print(f"  {name}: {labels[name]}, read as {said.get(name, {}).get('genre')}")
        all_labels |= labels
        all_given |= given
    report_opinion("all", all_labels, all_given)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    parser.add_argument("--bin", default=ROOT / "build/bin/vigie")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--corpus", type=pathlib.Path)
    options = parser.parse_args()
    if options.corpus:
        report_real_pages(options.bin, options.corpus.resolve(), options.wrong)
        return
    files = options.files or [HERE / "open.txt", HERE / "held_out.txt"]
    for path in files:
        pages = pages_of(path)
        report(path, pages, read(options.bin, pages), options.wrong)


if __name__ == "__main__":
    main()
