"""The Helm chart: what it renders is valid, agrees with the plain manifests, rolls what a change
concerns, refuses what it does not know. Needs helm (VIGIE_HELM names it), kubernetes-validate and
kubectl; each test says what it skips.
"""

import copy
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import manifests
from manifests import TOP

CHART = TOP / "ops/helm/vigie"
HELM = os.environ.get("VIGIE_HELM") or shutil.which("helm")
VERSIONS = ("1.30", "1.32", "1.34")
# Kinds of operators, which kubernetes-validate has no schema of.
CUSTOM = {"PodMonitor", "PrometheusRule", "ScaledObject", "HTTPRoute"}
EVERYTHING = [
    "brokers.tls.secret=broker-tls",
    "brokers.tls.mutual=true",
    "brokers.sasl.secret=broker-user",
    "brokers.settings.socket\\.keepalive\\.enable=true",
    "images.repository=registry.example.org/news/vigie",
    "images.tag=1.2.3",
    "images.pullSecrets={registry}",
    "extractor.autoscaling.enabled=true",
    "ingress.enabled=true",
    "ingress.tlsSecret=vigie-tls",
    "ingress.className=nginx",
    "httpRoute.enabled=true",
    "httpRoute.parentRefs[0].name=gateway",
    "networkPolicy.allowPrivate={10.1.2.0/24}",
    "monitoring.podMonitor.enabled=true",
    "monitoring.prometheusRule.enabled=true",
    "monitoring.dashboards.enabled=true",
    "crawler.storage.className=fast",
]


def helm(*arguments):
    return subprocess.run([HELM, *arguments], capture_output=True, text=True, timeout=120)


def values(sets):
    return [part for one in sets for part in ("--set", one)]


@unittest.skipUnless(HELM, "skipped: there is no helm here; VIGIE_HELM names one")
class Chart(unittest.TestCase):
    def text(self, *sets):
        done = helm("template", "vigie", str(CHART), "--namespace", "news", *values(sets))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def objects(self, *sets):
        """(kind, name) → object"""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "all.yaml"
            file.write_text(self.text(*sets))
            found = [one for one in manifests.load_yaml(file) if one]
        keys = [(one["kind"], one["metadata"]["name"]) for one in found]
        self.assertEqual(len(keys), len(set(keys)), "an object twice")
        return dict(zip(keys, found, strict=True))

    def pods(self, objects):
        return {
            name: one["spec"]["template"]
            for (kind, name), one in objects.items()
            if kind in ("StatefulSet", "Deployment")
        }

    def test_lint(self):
        for sets in ([], EVERYTHING):
            done = helm("lint", "--strict", str(CHART), *values(sets))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_objects_are_valid_for_each_version(self):
        program = shutil.which("kubernetes-validate")
        if not program:
            self.skipTest("skipped: there is no kubernetes-validate (PyPI)")
        for sets in ([], EVERYTHING):
            with tempfile.TemporaryDirectory() as folder:
                for (kind, name), text in self.texts(*sets).items():
                    if kind not in CUSTOM:
                        (pathlib.Path(folder) / f"{kind}-{name}.yaml").write_text(text)
                for version in VERSIONS:
                    done = subprocess.run(
                        [
                            program,
                            "-k",
                            version,
                            "--strict",
                            *map(str, pathlib.Path(folder).iterdir()),
                        ],
                        capture_output=True,
                        text=True,
                    )
                    self.assertEqual(done.returncode, 0, f"{version}: {done.stdout}{done.stderr}")

    def texts(self, *sets):
        """(kind, name) → text of the object"""
        found = {}
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "one.yaml"
            for text in self.text(*sets).split("\n---\n"):
                file.write_text(text)
                for one in manifests.load_yaml(file):
                    if one:
                        found[(one["kind"], one["metadata"]["name"])] = text
        return found

    def test_the_plain_manifests_are_those_of_the_chart(self):
        done = subprocess.run(
            [sys.executable, str(TOP / "ops/helm/plain.py"), "--check"],
            env={**os.environ, "VIGIE_HELM": HELM},
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_second_upgrade_changes_nothing_and_nothing_is_immutable(self):
        first, second = self.objects(), self.objects()
        self.assertEqual(first, second)
        self.assertNotIn("Job", {kind for kind, _ in first}, "a job cannot be changed")

    def test_a_changed_setting_rolls_whom_it_concerns(self):
        before = self.pods(self.objects())
        one = self.pods(self.objects("settings.indexer.indexer\\.query_deadline=3s"))
        self.assertEqual(before["crawler"], one["crawler"])
        self.assertEqual(before["extractor"], one["extractor"])
        self.assertNotEqual(before["indexer"], one["indexer"])
        for sets in (["brokers.bootstrap=other:9092"], ["settings.all.log\\.level=debug"]):
            after = self.pods(self.objects(*sets))
            for name in before:
                self.assertNotEqual(before[name], after[name], f"{name} {sets}")

    def test_a_changed_image_is_that_of_every_container(self):
        digest = "sha256:" + "a" * 64
        for tag, mark in (("9.9.9", ":9.9.9"), (digest, f"@{digest}")):
            for name, pod in self.pods(self.objects(f"images.tag={tag}")).items():
                for container in pod["spec"]["initContainers"] + pod["spec"]["containers"]:
                    self.assertTrue(container["image"].endswith(mark), container["image"])
                self.assertEqual(
                    pod["spec"]["containers"][0]["image"], f"localhost/vigie-{name}{mark}"
                )

    def test_secrets_of_brokers_stand_in_no_object(self):
        objects = self.objects(*EVERYTHING)
        settings = objects[("ConfigMap", "vigie")]["data"]["crawler.yaml"]
        self.assertIn('log.kafka.security.protocol: "SASL_SSL"', settings)
        self.assertIn('log.kafka.ssl.ca.location: "/etc/vigie-tls/ca.crt"', settings)
        self.assertIn("log.kafka.socket.keepalive.enable: true", settings)
        self.assertNotIn("password", settings)
        for pod in self.pods(objects).values():
            for container in pod["spec"]["initContainers"] + pod["spec"]["containers"]:
                names = {one["name"]: one.get("valueFrom", {}) for one in container["env"]}
                self.assertEqual(
                    names["SASL_PASSWORD"]["secretKeyRef"],
                    {"name": "broker-user", "key": "password"},
                )
                self.assertIn("log.kafka.sasl.password=$(SASL_PASSWORD)", container["args"])
                self.assertIn("tls", {mount["name"] for mount in container["volumeMounts"]})

    def test_readers_are_not_sent_away_when_a_broker_dies_and_updates_wait(self):
        pods = self.pods(self.objects())
        for name, pod in pods.items():
            (container,) = pod["spec"]["containers"]
            probe = container["readinessProbe"]["httpGet"]["path"]
            self.assertEqual(probe, "/readyz?exclude=broker" if name == "indexer" else "/readyz")
            for other in ("livenessProbe", "startupProbe"):
                self.assertEqual(container[other]["httpGet"]["path"], "/healthz")
            pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
            self.assertGreater(pause, 0)
            self.assertGreater(pod["spec"]["terminationGracePeriodSeconds"], pause + 10)
            self.assertGreaterEqual(len(pod["spec"]["topologySpreadConstraints"]), 2)
            self.assertIn("ephemeral-storage", container["resources"]["requests"])

    def test_autoscaling_follows_the_lag_and_leaves_the_number_to_it(self):
        objects = self.objects("extractor.autoscaling.enabled=true")
        self.assertNotIn("replicas", objects[("Deployment", "extractor")]["spec"])
        scaled = objects[("ScaledObject", "extractor")]["spec"]
        (trigger,) = scaled["triggers"]
        self.assertIn(
            'vigie_log_lag_records{topic="pages", namespace="news"}', trigger["metadata"]["query"]
        )
        self.assertLessEqual(scaled["minReplicaCount"], scaled["maxReplicaCount"])

    def test_rules_and_dashboards_are_those_of_the_tree(self):
        objects = self.objects(*EVERYTHING)
        for path in (TOP / "ops/prometheus/rules").glob("*.yml"):
            rule = objects[("PrometheusRule", f"vigie-{path.stem}")]
            self.assertEqual(rule["spec"], manifests.load_yaml(path)[0])
        for path in (TOP / "ops/grafana/dashboards").glob("*.json"):
            data = objects[("ConfigMap", f"{path.stem}-dashboard")]["data"]
            self.assertEqual(data[path.name].strip(), path.read_text().strip())
        relabelings = objects[("PodMonitor", "vigie")]["spec"]["podMetricsEndpoints"][0][
            "relabelings"
        ]
        self.assertIn({"targetLabel": "job", "replacement": "vigie"}, relabelings)

    def test_what_reads_pages_has_no_way_to_the_web(self):
        objects = self.objects(*EVERYTHING)
        inside = objects[("NetworkPolicy", "inside-only")]["spec"]
        (expression,) = inside["podSelector"]["matchExpressions"]
        self.assertEqual(expression["values"], ["extractor"])
        ports = {port["port"] for rule in inside["egress"] for port in rule["ports"]}
        self.assertEqual(ports, {53, 9092})
        blocks = [
            peer["ipBlock"]
            for rule in objects[("NetworkPolicy", "the-web")]["spec"]["egress"]
            for peer in rule.get("to", [])
            if "ipBlock" in peer
        ]
        self.assertIn({"cidr": "10.1.2.0/24"}, blocks)
        self.assertIn("169.254.0.0/16", blocks[0]["except"], "the address of clouds' own secrets")

    def test_values_that_are_not_known_are_refused(self):
        for wrong in (
            "brokers.bootstrap=no-port",
            "crawler.replicas=0",
            "crawler.replica=2",
            "images.pullPolicy=Sometimes",
            "brokers.settings.sasl\\.password=secret",
            "crawler.storage.size=much",
            "monitoring.podMonitor.interval=60s",
            "no.such.value=1",
        ):
            with self.subTest(wrong):
                done = helm("template", "vigie", str(CHART), *values([wrong]))
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("schema", done.stderr.lower() + done.stdout.lower())


class Plain(unittest.TestCase):
    def kustomize(self, folder):
        program = shutil.which("kubectl")
        if not program:
            self.skipTest("skipped: there is no kubectl")
        done = subprocess.run([program, "kustomize", str(folder)], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(done.stdout)
            file.flush()
            found = manifests.load_yaml(pathlib.Path(file.name))
        return {(one["kind"], one["metadata"]["name"]): one for one in found}

    def pods(self, objects):
        return {
            name: one["spec"]["template"]
            for (kind, name), one in objects.items()
            if kind in ("StatefulSet", "Deployment")
        }

    def test_a_changed_setting_rolls_the_pods_and_nothing_is_immutable(self):
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary) / "kubernetes"
            shutil.copytree(TOP / "ops/kubernetes", folder)
            before = self.kustomize(folder)
            self.assertNotIn("Job", {kind for kind, _ in before})
            settings = folder / "settings/crawler.yaml"
            settings.write_text(settings.read_text() + "log.level: debug\n")
            after = self.kustomize(folder)
            changed = copy.deepcopy(self.pods(before)), self.pods(after)
            for name in changed[0]:
                self.assertNotEqual(changed[0][name], changed[1][name], name)
            kustomization = folder / "kustomization.yaml"
            kustomization.write_text(
                kustomization.read_text().replace("newTag: latest", "newTag: v2")
            )
            for name, pod in self.pods(self.kustomize(folder)).items():
                for container in pod["spec"]["initContainers"] + pod["spec"]["containers"]:
                    self.assertTrue(container["image"].endswith(":v2"), name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
