#!/usr/bin/env python3
"""Measures `vigie tag` on labelled items.

  score.py [FILE...] [--bin build/bin/vigie] [--pack DIR] [--by-topic] [--wrong] [--json]

FILE: JSON lines as README.md says; topics_open.jsonl by default. A file whose lines have `texts`
(by language, {"title", "text"}: one document in several languages) or `versions` (a list of them
with "lang"), or that share a `group`, is measured by how well its versions agree.
Printed: precision, recall and F1 of `about`; recall at any level; F1 of `mention`; off-topic items
with a wrong `about`; by language, and by half (the first and second half of the ids' hashes);
countries R@3, P@1.
Python 3.11, standard library only. Exit status: 0, 2 wrong use."""

import argparse
import collections
import hashlib
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def read_lines(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def aliases_of(program, pack):
    """Old id → id of today, as `vigie topics list` tells."""
    listed = subprocess.run(
        [program, "topics", "list", str(pack)], capture_output=True, text=True, check=False
    )
    found = {}
    for line in listed.stdout.splitlines():
        entry = json.loads(line)
        for alias in entry.get("aliases", []):
            found[alias] = entry["id"]
    return found


def tag(program, pack, texts):
    """The tagger's answer for each {"id", "title", "text"}, by id."""
    manifest = "".join(
        json.dumps({"id": t["id"], "title": t["title"], "text": t["text"]}) + "\n" for t in texts
    )
    done = subprocess.run(
        [program, "tag", "--manifest", "-", "--pack", str(pack)],
        input=manifest,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{program} tag: exit {done.returncode}: {done.stderr[:2000]}")
    return {response["id"]: response for response in map(json.loads, done.stdout.splitlines())}


def ratio(part, whole):
    return part / whole if whole else 0.0


def f1(precision, recall):
    return ratio(2 * precision * recall, precision + recall)


class Counts:
    """What was wanted, given and right, added up over items."""

    def __init__(self):
        self.numbers = collections.Counter()

    def add(self, item, response, names):
        about = {names.get(t, t) for t in item["about"]}
        mention = {names.get(t, t) for t in item["mention"]} - about
        found = {t["id"]: t["level"] for t in response["topics"]}
        given = {t for t, level in found.items() if level == "about"}
        given_mention = set(found) - given
        n = self.numbers
        n["items"] += 1
        n["about_wanted"] += len(about)
        n["about_given"] += len(given)
        n["about_right"] += len(about & given)
        n["about_found"] += len(about & set(found))
        n["any_wanted"] += len(about | mention)
        n["any_given"] += len(found)
        n["any_right"] += len((about | mention) & set(found))
        n["mention_wanted"] += len(mention)
        n["mention_given"] += len(given_mention)
        n["mention_right"] += len(mention & given_mention)
        if item.get("off_topic", not about):
            n["off"] += 1
            n["off_wrong"] += bool(given - about)
        self.add_countries(item, response)

    def add_countries(self, item, response):
        wanted = item.get("countries", [])
        if not wanted:
            return
        given = [a["id"][8:] for a in response["actors"] if a["id"].startswith("country:")]
        self.numbers["with_countries"] += 1
        self.numbers["recall_at_3"] += ratio(len(set(wanted) & set(given[:3])), min(len(wanted), 3))
        self.numbers["first_right"] += bool(given and given[0] in wanted)

    def figures(self):
        n = self.numbers
        out = {"items": n["items"]}
        for level in ("about", "any", "mention"):
            precision = ratio(n[level + "_right"], n[level + "_given"])
            recall = ratio(n[level + "_right"], n[level + "_wanted"])
            out[level] = {
                "precision": round(precision, 3),
                "recall": round(recall, 3),
                "f1": round(f1(precision, recall), 3),
            }
        out["about_found_at_any_level"] = round(ratio(n["about_found"], n["about_wanted"]), 3)
        out["off_topic"] = n["off"]
        out["off_topic_wrong"] = n["off_wrong"]
        out["countries_recall_at_3"] = round(ratio(n["recall_at_3"], n["with_countries"]), 3)
        out["countries_precision_at_1"] = round(ratio(n["first_right"], n["with_countries"]), 3)
        return out


def row(name, f):
    a, y, m = f["about"], f["any"], f["mention"]
    off = f"{f['off_topic_wrong']}/{f['off_topic']}"
    return "".join(
        [
            f"{name:14} {f['items']:5}  {a['precision']:.3f} {a['recall']:.3f} {a['f1']:.3f}   ",
            f"{f['about_found_at_any_level']:.3f}  {y['precision']:.3f} {y['recall']:.3f}   ",
            f"{m['f1']:.3f}   {off:>7}   ",
            f"{f['countries_recall_at_3']:.3f} {f['countries_precision_at_1']:.3f}",
        ]
    )


def half_of(item):
    return "half 1" if int(hashlib.sha256(item["id"].encode()).hexdigest()[0], 16) < 8 else "half 2"


def score_items(name, items, responses, names, options):
    groups = collections.defaultdict(Counts)
    for item in items:
        for key in ("all", item["lang"], half_of(item)):
            groups[key].add(item, responses[item["id"]], names)
    order = ["all", *sorted(k for k in groups if len(k) == 2), "half 1", "half 2"]
    figures = {key: groups[key].figures() for key in order if key in groups}
    if options.json:
        print(json.dumps({"file": name, "figures": figures}))
        return
    head = "items  about P/R/F1        found  any P/R       mention off wrong  countries R@3 P@1"
    print(f"{name}\n{'':14} {head}")
    for key, value in figures.items():
        print(row(key, value))
    if options.by_topic:
        print_topics(items, responses, names)
    if options.wrong:
        print_wrong(items, responses, names)


def print_topics(items, responses, names):
    topics = collections.defaultdict(collections.Counter)
    for item in items:
        about = {names.get(t, t) for t in item["about"]}
        found = {t["id"]: t["level"] for t in responses[item["id"]]["topics"]}
        for topic in about:
            topics[topic].update(wanted=1, right=found.get(topic) == "about", found=topic in found)
        for topic, level in found.items():
            topics[topic].update(wrong=level == "about" and topic not in about)
    print(f"\n{'topic':34} wanted about found wrong")
    for topic, n in sorted(topics.items(), key=lambda pair: -pair[1]["wanted"]):
        print(f"{topic:34} {n['wanted']:6} {n['right']:5} {n['found']:5} {n['wrong']:5}")


def print_wrong(items, responses, names):
    print()
    for item in items:
        about = {names.get(t, t) for t in item["about"]}
        allowed = about | {names.get(t, t) for t in item["mention"]}
        found = {t["id"]: t for t in responses[item["id"]]["topics"]}
        given = {t for t in found if found[t]["level"] == "about"}
        faults = [
            f"-{t} ({found[t]['level'] if t in found else 'nothing'})"
            for t in sorted(about - given)
        ]
        for topic in sorted(given - about):
            words = ", ".join(dict.fromkeys(e["text"] for e in found[topic]["evidence"]))
            faults.append(f"{'~' if topic in allowed else '+'}{topic} [{words[:80]}]")
        if faults:
            print(f"{item['id']}: {item['title'][:90]}\n    " + "; ".join(faults))


def versions_of(lines):
    """[(name, [{"id", "lang", "title", "text"}])] of documents in several languages, or nothing."""
    groups = collections.defaultdict(list)
    for number, line in enumerate(lines):
        name = str(line.get("group") or line.get("id") or number)
        versions = line.get("versions") or line.get("texts")
        if isinstance(versions, dict):
            versions = [{"lang": lang, **version} for lang, version in versions.items()]
        if versions is None and "group" in line:
            versions = [line]
        for version in versions or []:
            groups[name].append({**version, "id": f"{name}/{version['lang']}"})
    return sorted(groups.items())


def about_of(response):
    return frozenset(t["id"] for t in response["topics"] if t["level"] == "about")


def first_country(response):
    return next((a["id"] for a in response["actors"] if a["id"].startswith("country:")), "")


def score_versions(name, groups, responses, options):
    agreeing, pairs, agreeing_pairs, first_same = 0, 0, 0, 0
    for group, versions in groups:
        about = [about_of(responses[version["id"]]) for version in versions]
        first = [first_country(responses[version["id"]]) for version in versions]
        same = len(set(about)) == 1 and about[0] and len(set(first)) == 1
        agreeing += bool(same)
        first_same += len(set(first)) == 1
        for i in range(1, len(versions)):
            pairs += 1
            agreeing_pairs += bool(about[0]) and about[i] == about[0] and first[i] == first[0]
        if options.wrong and not same:
            found = zip(versions, about, first)
            words = [f"{v['lang']} {','.join(sorted(a)) or 'nothing'} {c[8:]}" for v, a, c in found]
            print(f"{group}: " + "; ".join(words))
    figures = {
        "documents": len(groups),
        "agree": agreeing,
        "same_first_country": first_same,
        "pairs_with_first_version": pairs,
        "pairs_agree": agreeing_pairs,
    }
    if options.json:
        print(json.dumps({"file": name, "figures": figures}))
    else:
        print("\n  ".join([name, *(f"{key} {value}" for key, value in figures.items())]))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--bin", default=str(ROOT / "build/bin/vigie"), help="the vigie program")
    parser.add_argument("--pack", default=ROOT / "ops/topics", help="topic pack or folder of packs")
    parser.add_argument(
        "--by-topic",
        action="store_true",
        help="how often each topic was wanted, right, found, wrong",
    )
    parser.add_argument(
        "--wrong",
        action="store_true",
        help="each item with a fault: - missing, + wrong, ~ a mention given as about",
    )
    parser.add_argument("--json", action="store_true", help="figures as JSON, one object a file")
    options = parser.parse_args()
    if not pathlib.Path(options.bin).is_file():
        print(f"{options.bin} is not there; build it, or say --bin", file=sys.stderr)
        return 2
    files = options.files or [
        path for path in (HERE / "topics_open.jsonl", HERE / "crosslingual.jsonl") if path.exists()
    ]
    names = aliases_of(options.bin, options.pack)
    for path in files:
        lines = read_lines(path)
        groups = versions_of(lines)
        texts = [version for _, versions in groups for version in versions] or lines
        responses = tag(options.bin, options.pack, texts)
        if groups:
            score_versions(path.name, groups, responses, options)
        else:
            score_items(path.name, lines, responses, names, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
