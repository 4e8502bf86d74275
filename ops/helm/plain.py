#!/usr/bin/env python3
"""The plain manifests of ops/kubernetes, made from the chart: what `helm template` gives with its
default values, for `kubectl apply -k`.

    ops/helm/plain.py           writes them
    ops/helm/plain.py --check   writes nothing; names what differs, and ends with 1

Settings and brokers become files that kustomize makes a ConfigMap of, whose name holds a hash, so
that a changed setting rolls the pods. Needs helm on the PATH; VIGIE_HELM names another one.
"""

import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
CHART = TOP / "ops/helm/vigie"
PLAIN = TOP / "ops/kubernetes"
TEMPLATES = ("crawler", "extractor", "indexer", "network")
HEAD = "# Made by ops/helm/plain.py from ops/helm/vigie/templates/{}.yaml: change it there.\n"


def rendered():
    """template → [text of an object], as helm writes them."""
    done = subprocess.run(
        [
            os.environ.get("VIGIE_HELM", "helm"),
            "template",
            "vigie",
            str(CHART),
            "--namespace",
            "vigie",
        ]
        + ["--set", "images.repository=vigie,images.tag=plain"],
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"ops/helm/plain.py: helm template failed:\n{done.stderr}")
    found = {}
    for text in done.stdout.split("\n---\n"):
        source = re.search(r"^# Source: vigie/templates/(\S+)\.yaml\n", text, re.MULTILINE)
        if source:
            found.setdefault(source[1], []).append(text[source.end() :].strip() + "\n")
    return found


def files():
    """path below ops/kubernetes → text."""
    found = rendered()
    out = {}
    for template in TEMPLATES:
        text = HEAD.format(template) + "---\n".join(found[template])
        text = text.replace(":plain\n", "\n")  # kustomize names the images
        out[f"{template}.yaml"] = re.sub(r"^ +vigie/settings: .*\n", "", text, flags=re.MULTILINE)
    (config,) = found["config"]
    for name, text in re.findall(
        r"^  (\w+)\.yaml: \|\n((?:    .*\n|\s*\n)+)", config, re.MULTILINE
    ):
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        out[f"settings/{name}.yaml"] = "".join(f"{line}\n" for line in lines)
    return out


def main(arguments):
    if arguments not in ([], ["--check"]):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        made = files()
    except (OSError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 3
    behind = [
        name
        for name, text in made.items()
        if not (PLAIN / name).exists() or (PLAIN / name).read_text(encoding="utf-8") != text
    ]
    if arguments:
        for name in behind:
            print(f"ops/kubernetes/{name}: differs from the chart; run ops/helm/plain.py")
        return 1 if behind else 0
    for name in behind:
        (PLAIN / name).parent.mkdir(exist_ok=True)
        (PLAIN / name).write_text(made[name], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
