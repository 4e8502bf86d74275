#!/usr/bin/env python3
"""Trains the chooser of extractor/content and writes its trees.

    ninja -C build benches
    build/bench/content_features_dump \\
        ../shared/corpus/{aeb,fev,fun,nae,dan,wcx,trf}/gold.jsonl > features.jsonl
    python3 tests/bench/chooser/train.py features.jsonl \\
        --corpus ../shared/corpus --out extractor/content/chooser_trees.cc

Needs Python 3 with numpy and lightgbm; nothing of them is needed at run time. The same features
give the same trees.

What is learned: of each block that may belong to the article, whether its words stand in the gold
text. Half A of the sites teaches; half B is only measured. A block counts as much as its words do
in the F1 of its page; pages of small sources count more than those of large ones (the square root
of the imbalance).
"""

import argparse
import collections
import hashlib
import json
import pathlib
import re

import lightgbm
import numpy

WORD = re.compile(r"[぀-ヿ㐀-䶿一-鿿豈-﫿฀-๿က-႟ក-៿຀-໿]|[^\W぀-ヿ㐀-䶿一-鿿豈-﫿฀-๿က-႟ក-៿຀-໿]+")
SNIPPETS = "trf"  # the source whose gold is snippets that must and must not be there
SNIPPET_WEIGHT = 0.1
TREES = 80
SETTINGS = {
    "objective": "binary",
    "num_leaves": 8,
    "learning_rate": 0.1,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.5,
    "lambda_l2": 5.0,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}


def half_of(site):
    """A teaches, B is measured: the lowest bit of the first byte of SHA-256 of the site's name."""
    return "B" if hashlib.sha256(site.encode()).digest()[0] & 1 else "A"


def spaces(text):
    return re.sub(r"\s+", " ", text).strip()


def label_by_text(blocks, gold):
    """Share of each block's three-word runs that stand in the gold text, and what the block weighs
    in the page.
    """
    words = WORD.findall(gold)
    runs = set(zip(words, words[1:], words[2:]))
    joined = " " + " ".join(words) + " "
    labels, weights = [], []
    for block in blocks:
        own = WORD.findall(block["text"])
        if len(own) < 4:
            labels.append(1.0 if own and " " + " ".join(own) + " " in joined else 0.0)
        else:
            own_runs = list(zip(own, own[1:], own[2:]))
            labels.append(sum(run in runs for run in own_runs) / len(own_runs))
        weights.append(min((len(own) + 1) / max(len(words), 30), 1.0) if own else 0.0)
    return labels, weights


def label_by_snippets(blocks, wanted, unwanted):
    labels, weights = [], []
    for block in blocks:
        text = spaces(block["text"])
        good = sum(spaces(snippet) in text for snippet in wanted)
        bad = sum(spaces(snippet) in text for snippet in unwanted)
        labels.append(1.0 if good >= bad else 0.0)
        weights.append((good + bad) * SNIPPET_WEIGHT)
    return labels, weights


def read_pages(features, corpus):
    """Feature names, and pages as (source, half, matrix, labels, weights)."""
    gold = {}
    for path in sorted(pathlib.Path(corpus).glob("*/gold.jsonl")):
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                page = json.loads(line)
                gold[page["id"]] = page
    pages = []
    with open(features, encoding="utf-8") as lines:
        names = json.loads(next(lines))["names"]
        for line in lines:
            page = json.loads(line)
            response, blocks = gold.get(page["id"]), page["blocks"]
            if response is None or not blocks:
                continue
            if response["source"] == SNIPPETS:
                labels, weights = label_by_snippets(blocks, response["with"], response["without"])
            else:
                labels, weights = label_by_text(blocks, response["text"])
            matrix = numpy.array([block["features"] for block in blocks], dtype=numpy.float32)
            pages.append(
                (
                    response["source"],
                    half_of(response["site"]),
                    matrix,
                    numpy.array(labels),
                    numpy.array(weights),
                )
            )
    return names, pages


def train(names, pages):
    taught = [page for page in pages if page[1] == "A"]
    counts = collections.Counter(source for source, *_ in taught)
    rows, labels, weights = [], [], []
    for source, _, matrix, label, weight in taught:
        known = weight > 0
        rows.append(matrix[known])
        labels.append((label[known] > 0.5).astype(int))
        weights.append(weight[known] * (100.0 / counts[source]) ** 0.5)
    weights = numpy.concatenate(weights)
    data = lightgbm.Dataset(
        numpy.concatenate(rows),
        numpy.concatenate(labels),
        weight=weights * len(weights) / weights.sum(),
        feature_name=names,
    )
    return lightgbm.train(SETTINGS, data, TREES)


def measure(model, pages):
    """Share of the weight of blocks that is decided as the gold says, by half; beside it, that of
    the rules alone is not known here: see score.py.
    """
    for half in "AB":
        right = whole = 0.0
        for _, own_half, matrix, label, weight in pages:
            if own_half == half:
                right += (weight * ((model.predict(matrix) > 0.5) == (label > 0.5))).sum()
                whole += weight.sum()
        print(f"half {half}: {right / whole:.4f} of the weight of blocks decided as the gold says")


def flatten(tree, nodes):
    """Nodes of a tree behind each other, a parent in front of its children; index of this one."""
    index = len(nodes)
    nodes.append(None)
    if "leaf_value" in tree:
        nodes[index] = (-1, float(tree["leaf_value"]), 0)
        return index
    flatten(tree["left_child"], nodes)  # the left child always comes next
    right = flatten(tree["right_child"], nodes)
    nodes[index] = (tree["split_feature"], float(tree["threshold"]), right)
    return index


def write(model, out):
    nodes, roots = [], []
    for tree in model.dump_model()["tree_info"]:
        roots.append(flatten(tree["tree_structure"], nodes))
    cells = [f"{{{feature}, {right}, {value:.9g}}}" for feature, value, right in nodes]
    lines = [
        "// Written by train.py: change that, not this.",
        '#include "extractor/content/chooser_trees.h"',
        "",
        "namespace vigie::extractor::content {",
        "",
        "// clang-format off",
        f"const std::array<TreeNode, {len(nodes)}> kTreeNodes{{{{",
    ]
    for at in range(0, len(cells), 8):
        lines.append("    " + ", ".join(cells[at : at + 8]) + ",")
    lines += ["}};", f"const std::array<std::uint16_t, {len(roots)}> kTreeRoots{{{{"]
    for at in range(0, len(roots), 20):
        lines.append("    " + ", ".join(map(str, roots[at : at + 20])) + ",")
    lines += ["}};", "// clang-format on", "", "}  // namespace vigie::extractor::content", ""]
    pathlib.Path(out).write_text("\n".join(lines))
    header = pathlib.Path(out).with_suffix(".h")
    text = header.read_text()
    text = re.sub(r"(std::array<TreeNode, )\d+", rf"\g<1>{len(nodes)}", text)
    text = re.sub(r"(std::array<std::uint16_t, )\d+", rf"\g<1>{len(roots)}", text)
    header.write_text(text)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("features")
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    names, pages = read_pages(arguments.features, arguments.corpus)
    model = train(names, pages)
    measure(model, pages)
    for gain, name in sorted(zip(model.feature_importance("gain"), names), reverse=True)[:20]:
        print(f"{name:24} {gain:.0f}")
    write(model, arguments.out)


if __name__ == "__main__":
    main()
