#!/usr/bin/env python3
"""The pairs of tests/gold/events: every two versions of one happening (the same event), and of each
theme, whose two happenings have the same actors and topic, six pairs of versions of another
language (another event). A pair that shares more than three content words in Latin letters is left
out. Without arguments: writes pairs.jsonl again. With --check: fails where it differs."""

import hashlib
import itertools
import json
import pathlib
import re
import sys
import unicodedata

HERE = pathlib.Path(__file__).parent
MOST_SHARED = 3
# Words that say nothing of their own, in the languages of the set that use Latin letters.
STOP = set(
    """a about after all also among an and any are as at be because before by for from had has have
    in into is it its more most no not of off on once or over own that the their them they
    this to under until up was were which who will with would au aux avec ce ces dans de des
    du elle en entre est et eu il ils la le les leur mais ne ou par pas plus pour que qui sa
    sans se ses soit son sont sous sur un une aus auf bei bis das dem den der des die durch
    ein eine einer eines er es für hat im in ist mit nach nicht nun oder sich sie sind so
    und unter vom von vor war weil wieder wird zu zum zur al como con del desde después el
    entre fue ha había hasta la las lo los más para pero por que se sin sobre su sus tras un
    una y ya""".split()
)


def words(text):
    folded = unicodedata.normalize("NFKD", f"{text['title']} {text['text']}".lower())
    folded = "".join(c for c in folded if not unicodedata.combining(c))
    return {w for w in re.findall(r"[a-z]{3,}", folded) if w not in STOP}


def half(theme):
    """open: the code may be improved by looking at it; held: it is scored alone."""
    return "held" if int(hashlib.sha256(theme.encode()).hexdigest()[0], 16) % 2 else "open"


def all_pairs():
    themes = {}
    for line in (HERE / "happenings.jsonl").read_text().splitlines():
        happening = json.loads(line)
        texts = [
            {"id": f"{happening['id']}-{lang}", "lang": lang, "title": title, "text": text}
            for lang, title, text in happening["texts"]
        ]
        themes.setdefault(happening["theme"], []).append(texts)
    for theme, happenings in themes.items():
        same = [p for texts in happenings for p in itertools.combinations(texts, 2)]
        other = [p for p in itertools.product(*happenings) if p[0]["lang"] != p[1]["lang"]][:6]
        for pairs, event in ((same, True), (other, False)):
            for a, b in pairs:
                if len(words(a) & words(b)) <= MOST_SHARED:
                    yield {"a": a["id"], "b": b["id"], "same": event, "half": half(theme)}


def main():
    text = "".join(json.dumps(pair) + "\n" for pair in all_pairs())
    path = HERE / "pairs.jsonl"
    if "--check" in sys.argv:
        return 0 if path.read_text() == text else 1
    path.write_text(text)
    pairs = [json.loads(line) for line in text.splitlines()]
    for name in ("open", "held"):
        here = [pair for pair in pairs if pair["half"] == name]
        print(name, len(here), "pairs,", sum(pair["same"] for pair in here), "of one event")
    return 0


if __name__ == "__main__":
    sys.exit(main())
