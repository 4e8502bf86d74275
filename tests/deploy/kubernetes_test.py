"""ops/kubernetes and ops/helm against a real API server: the lines of both READMEs typed in order,
applied again, with another image and another setting; every pod admitted under *restricted*.

With VIGIE_DEPLOY=1, with etcd and VIGIE_KUBE_APISERVER, which names the program (api_server.sh
builds it). There are no nodes: no pod runs.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

from api_server import ApiServer

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("VIGIE_BUILD", TOP / "build"))
HELM = os.environ.get("VIGIE_HELM") or shutil.which("helm")
SETS = ("statefulset", "deployment")
KINDS = (
    *SETS,
    "service",
    "configmap",
    "poddisruptionbudget",
    "networkpolicy",
    "serviceaccount",
    "horizontalpodautoscaler",
)


def setUpModule():
    if os.environ.get("VIGIE_DEPLOY") != "1":
        raise unittest.SkipTest("skipped: only with VIGIE_DEPLOY=1 (ops/test --deploy)")
    if not os.environ.get("VIGIE_KUBE_APISERVER"):
        raise unittest.SkipTest("skipped: VIGIE_KUBE_APISERVER names no API server")
    for program in ("etcd", "kubectl", "openssl"):
        if not shutil.which(program):
            raise unittest.SkipTest(f"skipped: there is no {program}")


def lines_of(document):
    """The commands of its first block for a shell, each a list of words."""
    block = re.search(r"```sh\n(.*?)```", document.read_text(), re.DOTALL)[1]
    return [
        shlex.split(part, comments=True)
        for line in block.splitlines()
        for part in line.split("&&")
        if part.strip()
    ]


class Cluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = ApiServer()
        cls.addClassCleanup(cls.server.stop)

    def setUp(self):
        """A folder in which the lines are typed, with a copy of what they name."""
        folder = tempfile.TemporaryDirectory(prefix="vigie-kubernetes-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for part in ("kubernetes", "helm", "prometheus", "grafana"):
            shutil.copytree(TOP / "ops" / part, self.folder / "ops" / part, symlinks=True)

    def type(self, words):
        if words[0] == "vigie":
            words = [BUILD / "bin/vigie", *words[1:]]
        if words[0] == "helm":
            words = [HELM, *words[1:]]
        return self.server.run(words, cwd=self.folder).stdout

    def get(self, namespace, kind):
        """name → object"""
        text = self.server.run(["kubectl", "-n", namespace, "get", kind, "-o", "json"]).stdout
        return {one["metadata"]["name"]: one for one in json.loads(text)["items"]}

    def generations(self, namespace):
        return {
            (kind, name): one["metadata"]["generation"]
            for kind in SETS
            for name, one in self.get(namespace, kind).items()
        }

    def versions(self, namespace):
        """Every object as it is kept: another number where a write changed anything. What kubectl
        says ("configured") tells of its patch alone, which for budgets and claims is never empty.
        """
        return {
            (kind, name): one["metadata"]["resourceVersion"]
            for kind in KINDS
            for name, one in self.get(namespace, kind).items()
        }

    def pods_are_admitted(self, namespace):
        """What the controllers would ask for: the API server refuses what is not *restricted*."""
        for kind in SETS:
            for name, one in self.get(namespace, kind).items():
                template = one["spec"]["template"]
                spec = template["spec"] | {"volumes": template["spec"].get("volumes", [])}
                claims = one["spec"].get("volumeClaimTemplates", [])
                for claim in claims:
                    title = claim["metadata"]["name"]
                    source = {"claimName": f"{title}-{name}-0"}
                    spec["volumes"].append({"name": title, "persistentVolumeClaim": source})
                self.admitted(namespace, name, template["metadata"].get("labels"), spec)

    def admitted(self, namespace, name, labels, spec, wanted=True):
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"{name}-0", "labels": labels},
            "spec": spec,
        }
        command = ["kubectl", "-n", namespace, "create", "--dry-run=server", "-f", "-"]
        done = self.server.run(command, check=False, input=json.dumps(pod))
        self.assertEqual(done.returncode == 0, wanted, done.stderr)

    def a_plain_pod_is_refused(self, namespace):
        spec = {"containers": [{"name": "plain", "image": "localhost/vigie"}]}
        self.admitted(namespace, "plain", {}, spec, wanted=False)

    def test_the_plain_manifests(self):
        for words in lines_of(TOP / "ops/kubernetes/README.md"):
            self.type(words)
        self.pods_are_admitted("vigie")
        self.a_plain_pod_is_refused("vigie")
        first = self.generations("vigie")
        self.assertEqual(len(first), 3)
        apply = ["kubectl", "apply", "-k", "ops/kubernetes"]
        kept = self.versions("vigie")
        self.type(apply)
        self.assertEqual(self.versions("vigie"), kept, "a second apply changes nothing")
        self.assertEqual(self.generations("vigie"), first)
        kustomization = self.folder / "ops/kubernetes/kustomization.yaml"
        text = kustomization.read_text()
        kustomization.write_text(text.replace("newTag: latest", "newTag: v2"))
        self.type(apply)
        second = self.generations("vigie")
        self.every_image_is("vigie", "v2")
        settings = self.folder / "ops/kubernetes/settings/crawler.yaml"
        settings.write_text(settings.read_text() + "log.level: debug\n")
        self.type(apply)
        third = self.generations("vigie")
        for one in first:
            self.assertLess(first[one], second[one], "another image rolls the pods")
            self.assertLess(second[one], third[one], "another setting rolls the pods")

    def every_image_is(self, namespace, tag):
        for kind in SETS:
            for one in self.get(namespace, kind).values():
                spec = one["spec"]["template"]["spec"]
                for container in spec["initContainers"] + spec["containers"]:
                    self.assertTrue(container["image"].endswith(f":{tag}"), container["image"])

    def test_the_chart(self):
        if not HELM:
            self.skipTest("skipped: there is no helm; VIGIE_HELM names one")
        lines = lines_of(TOP / "ops/helm/vigie/README.md")
        for words in lines:
            if words[-2] != "test":  # a pod that would have to run
                self.type(words)
        (upgrade,) = [words for words in lines if "upgrade" in words]
        self.pods_are_admitted("news")
        self.a_plain_pod_is_refused("news")
        first = self.generations("news")
        self.assertEqual(len(first), 3)
        self.type(upgrade)
        self.assertEqual(self.generations("news"), first, "a second upgrade changes nothing")
        self.type([*upgrade, "--set", "images.tag=v2"])
        self.every_image_is("news", "v2")
        second = self.generations("news")
        setting = "settings.indexer.indexer\\.query_deadline=3s"
        self.type([*upgrade, "--set", "images.tag=v2", "--set", setting])
        third = self.generations("news")
        for one in first:
            self.assertLess(first[one], second[one], "another image rolls the pods")
            rolled = second[one] < third[one]
            self.assertEqual(rolled, one[1] == "indexer", "a setting rolls whom it concerns")
        self.type([HELM, "-n", "news", "rollback", "vigie", "1"])
        self.every_image_is("news", self.tag_of_the_chart())
        self.type([HELM, "-n", "news", "uninstall", "vigie"])
        self.assertEqual(self.generations("news"), {})
        self.assertIn("vigie-api-keys", self.get("news", "secret"), "keys stay")

    def tag_of_the_chart(self):
        values = subprocess.run(
            [HELM, "show", "chart", str(TOP / "ops/helm/vigie")], capture_output=True, text=True
        ).stdout
        return re.search(r"^appVersion: \"?([^\s\"]+)", values, re.MULTILINE)[1]


if __name__ == "__main__":
    unittest.main(verbosity=2)
