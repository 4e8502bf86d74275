#!/usr/bin/env python3
"""Says which terms of a pack are met in no text, and marks them in its files.

  unseen.py PACK TEXTS... [--leave FILE]... [--bin build/bin/vigie] [--write]

TEXTS: JSON lines with `title` and `text`, or `texts` or `versions` (one document in several
languages), or *.txt with one text a line. The examples of the pack are texts too, though not for
the terms of their own topic. --leave: a text whose terms count only if another text has them; how
many of its terms no other has is printed. --write moves terms that were not met under
`terms: [{unseen: true}]`, and those that were met back to their lists. Sure terms stay where they
are, since an entry of `terms` cannot be sure; they are counted apart.
Entries of `terms` without `unseen: true` stay as they are, and are not counted.
A file of topics is laid out as those of ai-geopolitics are: one list a language, in brackets. A
file that would say anything else after it was written is left as it is, and named.
Python 3.11, standard library only. Exit status: 0, 2 wrong use, 3 failed."""

import argparse
import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEVELS = {"sure": 5, "strong": 5, "normal": 3, "weak": 1}
WIDTH = 150  # of a line of terms; the pages of this tree end at 200


def items_of(text):
    """The items of a list in brackets, as written: "[a, 'b, c']" gives "a" and "'b, c'"."""
    body = text.strip()[1:-1]
    found, begin, quote = [], 0, ""
    for i, char in enumerate(body + ","):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and body[begin:i].strip() == "":
            quote = char
        elif char == "," and (i == len(body) or body[i + 1 : i + 2] in (" ", "\n")):
            if body[begin:i].strip():
                found.append(body[begin:i].strip())
            begin = i + 1
    return found


def plain(item):
    """A scalar without its quotes."""
    if item[:1] == '"' and item[-1:] == '"':
        return json.loads(item)
    if item[:1] == "'" and item[-1:] == "'":
        return item[1:-1].replace("''", "'")
    return item


class Topic:
    """A topic of a file: its lines, and where its terms stand."""

    def __init__(self, first):
        self.name = first.split("id:")[1].strip()
        self.head, self.tail = [first], []  # lines before and behind the terms
        self.terms = collections.OrderedDict()  # (level, language) → items as written
        self.entries = []  # lines of the entries of `terms` that stay as they are
        self.is_known = True  # its layout
        self.examples = []

    def says(self):
        """What does not change when terms are marked, and every term, in any order."""
        terms = collections.Counter(
            (language, re.sub(r"\s+", " ", item), level == "sure")
            for (level, language), items in self.terms.items()
            for item in items
        )
        return self.head, self.entries, self.tail, terms


def joined(lines, i):
    """The list that begins on line i, and the line behind it."""
    text = lines[i]
    while not text.rstrip().endswith("]"):
        i += 1
        text += " " + lines[i].strip()
    return text, i + 1


def read_lists(topic, level, lines, i, indent):
    """The lists by language that stand from line i with so many spaces before them."""
    while i < len(lines) and re.match(r" {%d}[a-z]+: \[" % indent, lines[i]):
        text, i = joined(lines, i)
        language, _, rest = text.strip().partition(": ")
        topic.terms.setdefault((level, language), []).extend(items_of(rest))
    return i


def read_unseen(topic, lines, i):
    """The entries of `terms`: those that are marked back among the terms of their weight."""
    names = {str(weight): level for level, weight in LEVELS.items()}
    names["5"] = "strong"
    while i < len(lines) and lines[i].startswith("      - "):
        weight = re.fullmatch(r" {6}- weight: (\d+)", lines[i])
        marked = lines[i + 1 : i + 3] == ["        unseen: true", "        match:"]
        if marked and weight and weight[1] in names:
            i = read_lists(topic, names[weight[1]], lines, i + 3, 10)
            continue
        topic.entries.append(lines[i])
        i += 1
        while i < len(lines) and lines[i].startswith("       "):
            topic.entries.append(lines[i])
            i += 1
    return i


def read_examples(lines):
    for i, line in enumerate(lines):
        if re.match(r" {8}[a-z]+: \[", line):
            yield from map(plain, items_of(joined(lines, i)[0].split(": ", 1)[1]))


def read_file(path):
    return read_topics(path.read_text(encoding="utf-8"))


def read_topics(text):
    lines = text.split("\n")
    begin = next(i for i, line in enumerate(lines) if line.startswith("  - id:"))
    topics, i = [], begin
    while i < len(lines) and lines[i].startswith("  - id:"):
        topic, i = Topic(lines[i]), i + 1
        while i < len(lines) and lines[i] and not lines[i].startswith("  - id:"):
            key = lines[i].strip().rstrip(":")
            if key not in LEVELS and key != "terms":
                (topic.tail if topic.terms else topic.head).append(lines[i])
                i += 1
                continue
            is_level = key in LEVELS
            i = (
                read_lists(topic, key, lines, i + 1, 6)
                if is_level
                else read_unseen(topic, lines, i + 1)
            )
            topic.is_known &= not lines[i].startswith("     ")
        topic.examples = list(read_examples(topic.tail))
        topics.append(topic)
    return lines[:begin], topics


def list_lines(language, items, indent):
    lines, line = [], " " * indent + language + ": ["
    for i, item in enumerate(items):
        piece = item + (", " if i + 1 < len(items) else "]")
        if len((line + piece).rstrip()) > WIDTH and not line.endswith("["):
            lines.append(line.rstrip())
            line = " " * (indent + 2)
        line += piece
    return [*lines, line.rstrip()]


def lines_of(topic, met):
    """The topic as it is written when `met` says which terms some text has."""
    lines, unseen = list(topic.head), []
    for level, weight in LEVELS.items():
        lists = [(key[1], items) for key, items in topic.terms.items() if key[0] == level]
        kept, rest = [], []
        for language, items in lists:
            have = [x for x in items if level == "sure" or (topic.name, language, x) in met]
            kept += list_lines(language, have, 6) if have else []
            without = [x for x in items if x not in have]
            rest += list_lines(language, without, 10) if without else []
        lines += [f"    {level}:", *kept] if kept else []
        if rest:
            unseen += [f"      - weight: {weight}", "        unseen: true", "        match:", *rest]
    entries = topic.entries + unseen
    return lines + (["    terms:", *entries] if entries else []) + topic.tail


def texts_of(path):
    """(title, text) of each text of a file."""
    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line.strip():
            continue
        if path.suffix == ".txt":
            yield "", line
            continue
        record = json.loads(line)
        several = record.get("texts") or record.get("versions") or [record]
        for one in several.values() if isinstance(several, dict) else several:
            text = one.get("text") or "\n\n".join(one.get("paragraphs") or [])
            yield one.get("title") or "", text


def write_pack(folder, pack, terms):
    """A pack in which each term is a topic of its own, with the classes of the one it is from."""
    (folder / "topics").mkdir()
    for path in pack.glob("*.yaml"):
        shutil.copy(path, folder)
    for start in range(0, len(terms), 100):
        lines = ["topics:"]
        for number, (_, language, item) in enumerate(terms[start : start + 100], start):
            lines += [
                f"  - id: t{number}",
                f"    name: {{en: t{number}}}",
                "    definition: a term",
                f"    terms: [{{weight: 99, match: {{{language}: [{item}]}}}}]",
                "    tests: {must: {en: [x]}, must_not: {en: [y]}}",
            ]
        (folder / "topics" / f"{start}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def found_in(program, pack, terms, texts):
    """For each name of a text, the terms that it has. texts: [(name, title and text)]."""
    with tempfile.TemporaryDirectory() as name:
        write_pack(pathlib.Path(name), pack, terms)
        manifest = "".join(
            json.dumps({"id": str(i), "text": text}) + "\n" for i, (_, text) in enumerate(texts)
        )
        done = subprocess.run(
            [program, "tag", "--manifest", "-", "--pack", name],
            input=manifest,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        print(done.stderr[:2000], file=sys.stderr)
        sys.exit(3)
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        yield (
            texts[int(answer["id"])][0],
            [terms[int(topic["id"][1:])] for topic in answer["topics"]],
        )


def report(terms, met, left, sure):
    print(f"{'':6} {'terms':>6} {'met':>6} share  sure, not met")
    languages = collections.Counter(term[1] for term in terms)
    for language, count in sorted(languages.items(), key=lambda pair: -pair[1]):
        have = sum(term[1] == language for term in met)
        apart = sum(term[1] == language and term not in met for term in sure)
        print(f"{language:6} {count:6} {have:6} {have / count:5.2f}  {apart}")
    if left:
        print(f"left-out text: {len(left)} terms, {len(left - met)} of them in no other text")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pack", type=pathlib.Path)
    parser.add_argument("texts", nargs="+", type=pathlib.Path)
    parser.add_argument("--leave", action="append", default=[], type=pathlib.Path)
    parser.add_argument("--bin", default=str(ROOT / "build/bin/vigie"), help="the vigie program")
    parser.add_argument("--write", action="store_true", help="rewrite the files of topics")
    options = parser.parse_args()
    files = {path: read_file(path) for path in sorted((options.pack / "topics").glob("*.yaml"))}
    topics = [topic for _, found in files.values() for topic in found]
    terms, sure = [], set()
    for topic in topics:
        for (level, language), items in topic.terms.items():
            terms += [(topic.name, language, item) for item in items]
            sure.update((topic.name, language, item) for item in items if level == "sure")
    texts = [("", "\n\n".join(pair)) for path in options.texts for pair in texts_of(path)]
    texts += [(f"={topic.name}", text) for topic in topics for text in topic.examples]
    texts += [("left", path.read_text(encoding="utf-8")) for path in options.leave]
    met, left = set(), set()
    for name, found in found_in(options.bin, options.pack, terms, texts):
        (left if name == "left" else met).update(t for t in found if name != f"={t[0]}")
    report(terms, met, left, sure)
    return write(files, met) if options.write else 0


def write(files, met):
    failed = 0
    for path, (head, found) in files.items():
        lines = head + [line for topic in found for line in lines_of(topic, met)]
        text = "\n".join(lines) + "\n"
        head_again, again = read_topics(text)
        same = head_again == head and [one.says() for one in again] == [one.says() for one in found]
        if not same or not all(one.is_known for one in found):
            print(f"{path}: not laid out as this program reads; left as it is", file=sys.stderr)
            failed = 3
            continue
        path.write_text(text, encoding="utf-8")
    return failed


if __name__ == "__main__":
    sys.exit(main())
