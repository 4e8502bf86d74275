"""What deploys vigie, as data: the compose file, the Kubernetes manifests, the stages of the
Containerfile.
"""

import json
import pathlib
import re
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
PORTS = {"indexer": 8080, "crawler": 8081, "extractor": 8082}


def load_yaml(path):
    """[document]; PyYAML of this Python, or that of Debian's (python3-yaml, ops/install --test)."""
    try:
        import yaml
    except ImportError:
        script = (
            "import json, sys, yaml; json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)"
        )
        return json.loads(
            subprocess.run(
                ["/usr/bin/python3", "-c", script],
                input=path.read_bytes(),
                capture_output=True,
                check=True,
            ).stdout
        )
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def compose():
    return load_yaml(TOP / "ops" / "compose" / "compose.yaml")[0]


def kubernetes():
    """Every object that the kustomization applies."""
    folder = TOP / "ops" / "kubernetes"
    kustomization = load_yaml(folder / "kustomization.yaml")[0]
    objects = [
        document for name in kustomization["resources"] for document in load_yaml(folder / name)
    ]
    for generator in kustomization["configMapGenerator"]:
        data = dict(literal.split("=", 1) for literal in generator["literals"])
        for file in generator["files"]:
            data[pathlib.Path(file).name] = (folder / file).read_text(encoding="utf-8")
        objects.append(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": generator["name"]},
                "data": data,
            }
        )
    return kustomization, objects


def stages():
    """name → instructions of the last stages of the Containerfile: [(instruction, rest)]."""
    found, name = {}, None
    for line in (
        (TOP / "ops" / "containers" / "Containerfile")
        .read_text(encoding="utf-8")
        .replace("\\\n", " ")
        .splitlines()
    ):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            name = re.search(r" AS (\S+)", line)[1]
            found[name] = []
        if name and word and not word.startswith("#"):
            found[name].append((word, rest.strip()))
    return found
