"""The Containerfile, compose file and Kubernetes manifests are whole, agree with each other, and
give the programs settings that they know.
"""

import ipaddress
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import manifests
from manifests import PORTS, TOP

VIGIE = pathlib.Path(os.environ.get("VIGIE_BUILD", TOP / "build")) / "bin" / "vigie"
SERVICES = ("crawler", "extractor", "indexer")
# One address each of networks that are not the internet.
PRIVATE = (
    *("10.1.2.3", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1"),
    *("0.0.0.0", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
    *("::1", "fd00::1", "fe80::1", "ff02::1", "::ffff:10.0.0.1", "2001:db8::1", "2002:a00:1::"),
)


def settings_in(arguments):
    return [arguments[i + 1] for i, argument in enumerate(arguments) if argument == "--set"]


def known(test, sets, file=None):
    """`vigie config` knows every setting that is given, and can read every value."""
    command = (
        [str(VIGIE), "config"]
        + (["--config", str(file)] if file else [])
        + [part for one in sets for part in ("--set", re.sub(r"\$[({][^)}]*[)}]", "x", one))]
    )
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    test.assertEqual(done.returncode, 0, f"{command}: {done.stderr}")


class Containerfile(unittest.TestCase):
    def setUp(self):
        self.stages = manifests.stages()

    def test_the_base_is_an_argument_and_debian_13_by_default(self):
        text = (TOP / "ops/containers/Containerfile").read_text()
        self.assertRegex(
            text, r"ARG BASE=docker\.io/library/debian:trixie-slim@sha256:[0-9a-f]{64}\n"
        )
        self.assertEqual(self.stages["tools"][0], ("FROM", "${BASE} AS tools"))

    def test_the_last_stages_hold_what_was_gathered_and_nothing_else(self):
        for name in (*SERVICES, "vigie"):
            with self.subTest(name):
                stage = self.stages[name]
                self.assertEqual(stage[0], ("FROM", f"scratch AS {name}"))
                self.assertEqual(
                    [rest for word, rest in stage if word in ("COPY", "ADD", "RUN")],
                    [f"--from=build /images/{name}/ /"],
                )
                words = dict(stage)
                self.assertEqual(words["USER"], "65532:65532")
                self.assertEqual(words["VOLUME"], "/var/lib/vigie")
                self.assertEqual(int(words["EXPOSE"]), PORTS.get(name, 8080))
                check = json.loads(words["HEALTHCHECK"].partition(" CMD ")[2])
                entry = json.loads(words["ENTRYPOINT"])
                self.assertEqual((check[0], check[-1]), (entry[0], "--health"))
                self.assertEqual(
                    entry[0], "/usr/bin/" + (name if name == "vigie" else f"vigie-{name}")
                )

    def test_every_folder_that_is_built_is_copied_and_goes_to_the_builder(self):
        ignore = (TOP / "ops/containers/Containerfile.dockerignore").read_text().splitlines()
        copied = " ".join(rest for word, rest in self.stages["build"] if word == "COPY")
        for folder in re.findall(
            r"^add_subdirectory\((\w+)\)", (TOP / "CMakeLists.txt").read_text(), re.MULTILINE
        ):
            wanted = "tests/CMakeLists.txt" if folder == "tests" else folder
            self.assertIn(f"{wanted} {wanted}", copied)
            self.assertIn(f"!{wanted}", ignore)

    def test_updates_are_asked_for_at_each_build(self):
        """A layer that was built before the day that is named is not taken again."""
        build = (TOP / "ops/containers/build").read_text()
        self.assertIn('--build-arg "UPDATES=$(date -u +%F)"', build)
        for file in ("Containerfile", "kafka/Containerfile"):
            with self.subTest(file):
                text = (TOP / "ops/containers" / file).read_text().replace("\\\n", " ")
                (update,) = re.findall(r"^RUN (.*apt-get update.*)$", text, re.MULTILINE)
                self.assertLess(text.index("ARG UPDATES="), text.index(update))
                self.assertIn("${UPDATES}", update)
                self.assertIn("apt-get upgrade -y", update)
        self.assertIn(
            "/src/ops/install --update", " ".join(rest for _, rest in self.stages["tools"])
        )


class Images(unittest.TestCase):
    """Of others: by tag for people and by digest for machines (ops/containers/pin.py)."""

    NAMED = re.compile(r"\bdocker\.io/[a-z0-9._/-]+:\S+")

    def test_every_image_of_others_is_named_by_its_digest(self):
        found = {}
        for folder in ("ops", "tests"):
            for path in sorted((TOP / folder).rglob("*")):
                if not path.is_file() or path.suffix in (".md", ".py") or ".cache" in path.parts:
                    continue
                for image in self.NAMED.findall(path.read_text(encoding="utf-8", errors="replace")):
                    found.setdefault(image.partition("@")[0], set()).add(image)
        self.assertGreaterEqual(len(found), 4, found)
        for tag, images in found.items():
            (image,) = images  # one digest for a tag, wherever it is named
            self.assertRegex(image, r"^[^@]+@sha256:[0-9a-f]{64}$", tag)
        for service in manifests.compose()["services"].values():
            if not service["image"].startswith("${VIGIE_IMAGES:-localhost/vigie}"):
                self.assertIn(service["image"].partition("@")[0], found)


class Compose(unittest.TestCase):
    def setUp(self):
        self.file = manifests.compose()
        self.services = self.file["services"]

    def test_services_are_confined(self):
        for name, service in self.services.items():
            if "tools" not in service.get("profiles", []):
                self.assertIn("pids_limit", service, name)
        for name in (*SERVICES, "setup", "keys", "webhook-key"):
            with self.subTest(name):
                service = self.services[name]
                self.assertTrue(service["read_only"])
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertIn("no-new-privileges:true", service["security_opt"])
        for name in SERVICES:
            self.assertIn("mem_limit", self.services[name])
            self.assertEqual(
                self.services[name]["depends_on"]["setup"]["condition"],
                "service_completed_successfully",
            )
            self.assertTrue(
                self.services[name]["image"].startswith("${VIGIE_IMAGES:-localhost/vigie}-" + name)
            )

    def test_who_needs_no_way_out_has_none(self):
        self.assertIn("internal", self.file["networks"]["inside"])
        for name, service in self.services.items():
            networks = set(service.get("networks", ["default"]))
            if service.get("network_mode") == "none":
                continue
            with self.subTest(name):
                if name.startswith("kafka") or name in ("setup", "extractor"):
                    self.assertEqual(networks, {"inside"})
                elif name in ("crawler", "indexer", "prometheus"):
                    self.assertEqual(networks, {"inside", "default"})

    def test_no_password_is_known_to_everybody(self):
        grafana = self.services["grafana"]
        self.assertNotIn("GF_SECURITY_ADMIN_PASSWORD", grafana["environment"])
        file = grafana["environment"]["GF_SECURITY_ADMIN_PASSWORD__FILE"]
        volume, mounted = next(
            volume.split(":")[:2] for volume in grafana["volumes"] if "password" in volume
        )
        made = self.services["grafana-password"]["command"][1]
        self.assertEqual(file, made.replace("/var/lib/vigie", mounted))
        self.assertEqual(
            grafana["depends_on"]["grafana-password"]["condition"], "service_completed_successfully"
        )
        users = {
            name
            for name, service in self.services.items()
            if any(one.startswith(f"{volume}:") for one in service.get("volumes", []))
        }
        self.assertEqual(users, {"grafana", "grafana-password", "show-grafana-password"})

    def test_what_we_build_can_be_built_from_the_file(self):
        stages = manifests.stages()
        for name, service in self.services.items():
            if "VIGIE_IMAGES" not in service["image"]:
                continue
            with self.subTest(name):
                build = service["build"]
                self.assertEqual(
                    (TOP / "ops/compose" / build["context"]).resolve(), TOP, "the whole tree"
                )
                self.assertTrue((TOP / build["dockerfile"]).exists())
                self.assertIn(build["target"], stages)
                image = service["image"].replace("${VIGIE_IMAGES:-localhost/vigie}", "vigie")
                wanted = "vigie" if build["target"] == "vigie" else f"vigie-{build['target']}"
                self.assertEqual(image.partition(":")[0], wanted)

    def test_down_leaves_no_volume_without_a_name(self):
        """Every path that an image declares as a volume is one with a name, or memory."""
        declared = {
            "vigie": ["/var/lib/vigie"],
            "kafka": ["/etc/kafka/secrets", "/var/lib/kafka/data", "/mnt/shared/config"],
            "prometheus": ["/prometheus"],
            "alertmanager": ["/alertmanager"],
        }
        for name, service in self.services.items():
            kind = next((one for one in declared if f"/{one}" in service["image"]), None)
            if "VIGIE_IMAGES" in service["image"]:
                kind = "vigie"
            mounted = {volume.split(":")[1] for volume in service.get("volumes", [])}
            mounted |= {entry.split(":")[0] for entry in service.get("tmpfs", [])}
            for path in declared.get(kind, []):
                self.assertIn(path, mounted, name)

    def test_alertmanager_is_there_and_its_silences_stay(self):
        alertmanager = self.services["alertmanager"]
        self.assertIn("../prometheus/alertmanager:/etc/alertmanager:ro", alertmanager["volumes"])
        self.assertIn("alertmanager:/alertmanager", alertmanager["volumes"])
        self.assertIn("--web.enable-lifecycle", self.services["prometheus"]["command"])

    def test_each_profile_names_the_brokers_that_it_has(self):
        named = self.services["crawler"]["environment"]["VIGIE_LOG_BROKERS"]
        host, port = re.fullmatch(r"\$\{VIGIE_LOG_BROKERS:-([a-z-]+):(\d+)\}", named).groups()
        self.assertEqual(port, "9092")
        for name, service in self.services.items():
            if name.startswith("kafka"):
                aliases = service["networks"]["inside"].get("aliases", [])
                self.assertIn(host, [name, *aliases], f"{name} does not answer to {host}")

    def test_the_indexer_waits_for_both_its_keys(self):
        indexer = self.services["indexer"]
        for name, setting in (("keys", "api.keys_file"), ("webhook-key", "webhook.key_file")):
            self.assertEqual(
                indexer["depends_on"][name]["condition"], "service_completed_successfully"
            )
            made = self.services[name]["command"][1].replace("/var/lib/vigie", "/run/keys")
            self.assertIn(f"{setting}={made}", settings_in(indexer["command"]))

    def test_nothing_is_published_beyond_this_machine(self):
        for name, service in self.services.items():
            for port in service.get("ports", []):
                self.assertTrue(port.startswith("127.0.0.1:"), f"{name} publishes {port}")

    def test_one_broker_or_three(self):
        by_profile = {}
        for name, service in self.services.items():
            if name.startswith("kafka"):
                by_profile.setdefault(service["profiles"][0], []).append(service)
                self.assertIn("healthcheck", service)
        self.assertEqual(
            {profile: len(brokers) for profile, brokers in by_profile.items()},
            {"one": 1, "three": 3},
        )
        self.assertEqual(
            {broker["environment"]["KAFKA_NODE_ID"] for broker in by_profile["three"]}, {1, 2, 3}
        )
        for brokers in by_profile.values():
            voters = brokers[0]["environment"]["KAFKA_CONTROLLER_QUORUM_VOTERS"].split(",")
            self.assertEqual(len(voters), len(brokers))
            self.assertLessEqual(
                brokers[0]["environment"]["KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR"], len(brokers)
            )
        self.assertIn("COMPOSE_PROFILES=one", (TOP / "ops/compose/.env").read_text())
        version = re.search(
            r"<artifactId>kafka_2.13</artifactId>\s*<version>([\d.]+)",
            (TOP / "ops/kafka/pom.xml").read_text(),
        )[1]
        self.assertTrue(
            self.services["kafka"]["image"].partition("@")[0].endswith(f":{version}"),
            "the broker of the tests and that of compose are one version",
        )

    def test_volumes_are_declared_and_files_that_are_mounted_exist(self):
        for name, service in self.services.items():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                if source.startswith("."):
                    self.assertTrue(
                        (TOP / "ops/compose" / source).exists(), f"{name} mounts {source}"
                    )
                else:
                    self.assertIn(source, self.file["volumes"], name)
        self.assertEqual(
            self.services["indexer"]["depends_on"]["keys"]["condition"],
            "service_completed_successfully",
        )
        self.assertIn("keys:/run/keys:ro", self.services["indexer"]["volumes"])

    def test_prometheus_scrapes_every_service_under_the_job_that_the_alerts_know(self):
        config = manifests.load_yaml(TOP / "ops/prometheus/prometheus.yml")[0]
        (job,) = config["scrape_configs"]
        self.assertEqual(job["job_name"], "vigie")
        self.assertEqual(
            {entry["names"][0]: entry["port"] for entry in job["dns_sd_configs"]}, PORTS
        )
        self.assertLessEqual(
            int(config["global"]["scrape_interval"].rstrip("s")),
            10,
            "a gap in the log is shown for twenty seconds",
        )

    def test_grafana_is_provisioned_with_our_dashboards(self):
        grafana = self.services["grafana"]
        mounts = dict(volume.split(":")[:2][::-1] for volume in grafana["volumes"])
        provider = manifests.load_yaml(TOP / "ops/grafana/provisioning/dashboards/vigie.yaml")[0][
            "providers"
        ][0]
        self.assertEqual(mounts[provider["options"]["path"]], "../grafana/dashboards")
        self.assertEqual(mounts["/etc/grafana/provisioning"], "../grafana/provisioning")
        source = manifests.load_yaml(TOP / "ops/grafana/provisioning/datasources/vigie.yaml")[0][
            "datasources"
        ][0]
        self.assertEqual(
            grafana["environment"][source["url"].removeprefix("$")], "http://prometheus:9090"
        )
        home = pathlib.Path(grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
        self.assertTrue((TOP / "ops/grafana/dashboards" / home.name).exists())

    @unittest.skipUnless(VIGIE.exists(), "skipped: vigie is not built")
    def test_settings_are_known(self):
        for name in (*SERVICES, "setup"):
            known(
                self,
                [
                    re.sub(r"^(.*?)=\$\{\w+:-(.*)\}$", r"\1=\2", one)
                    for one in settings_in(self.services[name].get("command", []))
                ],
            )


class Kubernetes(unittest.TestCase):
    REQUIRED = {
        "Namespace": "v1",
        "ConfigMap": "v1",
        "Service": "v1",
        "StatefulSet": "apps/v1",
        "Deployment": "apps/v1",
        "PodDisruptionBudget": "policy/v1",
        "NetworkPolicy": "networking.k8s.io/v1",
    }

    def setUp(self):
        self.kustomization, self.objects = manifests.kubernetes()

    def of(self, kind, name):
        (found,) = [
            one for one in self.objects if one["kind"] == kind and one["metadata"]["name"] == name
        ]
        return found

    def workloads(self):
        return [
            self.of("StatefulSet", "crawler"),
            self.of("Deployment", "extractor"),
            self.of("StatefulSet", "indexer"),
        ]

    def test_objects_are_of_kinds_that_there_are_and_named_once(self):
        names = set()
        for one in self.objects:
            self.assertEqual(one["apiVersion"], self.REQUIRED[one["kind"]], one["metadata"]["name"])
            self.assertRegex(one["metadata"]["name"], r"^[a-z]([a-z0-9-]*[a-z0-9])?$")
            key = (one["kind"], one["metadata"]["name"])
            self.assertNotIn(key, names)
            names.add(key)
        files = {path.name for path in (TOP / "ops/kubernetes").glob("*.yaml")} - {
            "kustomization.yaml"
        }
        self.assertEqual(files, set(self.kustomization["resources"]), "a file that is not applied")

    def test_selectors_find_what_they_are_for(self):
        for workload in self.workloads():
            labels = workload["spec"]["template"]["metadata"]["labels"]
            name = workload["metadata"]["name"]
            self.assertEqual(workload["spec"]["selector"]["matchLabels"], labels)
            self.assertEqual(
                self.of("PodDisruptionBudget", name)["spec"]["selector"]["matchLabels"], labels
            )
            self.assertEqual(self.of("PodDisruptionBudget", name)["spec"]["maxUnavailable"], 1)
            self.assertLess(
                1, workload["spec"]["replicas"], "a budget over one pod stops every drain"
            )
        for service in [one for one in self.objects if one["kind"] == "Service"]:
            found = [
                w
                for w in self.workloads()
                if service["spec"]["selector"].items()
                <= w["spec"]["template"]["metadata"]["labels"].items()
            ]
            self.assertEqual(len(found), 1, service["metadata"]["name"])
            ports = {
                port["name"]
                for port in found[0]["spec"]["template"]["spec"]["containers"][0]["ports"]
            }
            for port in service["spec"]["ports"]:
                self.assertIn(port["targetPort"], ports)
        for workload in self.workloads():
            if workload["kind"] == "StatefulSet":
                self.assertEqual(
                    self.of("Service", workload["spec"]["serviceName"])["spec"].get("clusterIP"),
                    "None",
                    "a StatefulSet needs a headless service",
                )

    def test_every_service_reaches_no_more_than_it_needs(self):
        policies = [one["spec"] for one in self.objects if one["kind"] == "NetworkPolicy"]
        for name, web in (
            ("extractor", False),
            ("crawler", True),
            ("indexer", True),
        ):
            with self.subTest(name):
                (egress,) = [
                    policy["egress"]
                    for policy in policies
                    if "Egress" in policy["policyTypes"]
                    and name in policy["podSelector"]["matchExpressions"][0]["values"]
                ]
                blocks = [
                    to["ipBlock"] for rule in egress for to in rule.get("to", []) if "ipBlock" in to
                ]
                ports = {
                    port["port"] for rule in egress if "to" not in rule for port in rule["ports"]
                }
                self.assertEqual(ports, {53, 9092}, "name servers and brokers, wherever they are")
                self.assertEqual(bool(blocks), web)
                for block in blocks:
                    whole = ipaddress.ip_network(block["cidr"])
                    kept = [ipaddress.ip_network(one) for one in block["except"]]
                    self.assertTrue(all(one.subnet_of(whole) for one in kept))
                    for address in PRIVATE:
                        address = ipaddress.ip_address(address)
                        if address in whole:
                            self.assertTrue(any(address in one for one in kept), address)

    def test_containers_have_probes_limits_and_no_rights(self):
        for workload in self.workloads():
            with self.subTest(workload["metadata"]["name"]):
                pod = workload["spec"]["template"]["spec"]
                self.assertTrue(pod["securityContext"]["runAsNonRoot"])
                self.assertEqual(pod["securityContext"]["runAsUser"], 65532)
                self.assertEqual(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault")
                self.assertFalse(pod["automountServiceAccountToken"])
                (container,) = pod["containers"]
                security = container["securityContext"]
                self.assertEqual(
                    (
                        security["readOnlyRootFilesystem"],
                        security["allowPrivilegeEscalation"],
                        security["capabilities"]["drop"],
                    ),
                    (True, False, ["ALL"]),
                )
                self.assertIn("memory", container["resources"]["limits"])
                self.assertLessEqual({"cpu", "memory"}, set(container["resources"]["requests"]))
                self.assertIn(
                    container["image"], {image["name"] for image in self.kustomization["images"]}
                )
                mounted = {mount["name"] for mount in container["volumeMounts"]}
                there = {volume["name"] for volume in pod.get("volumes", [])} | {
                    claim["metadata"]["name"]
                    for claim in workload["spec"].get("volumeClaimTemplates", [])
                }
                self.assertEqual(mounted, there)
                self.assertIn(
                    "/var/lib/vigie", {mount["mountPath"] for mount in container["volumeMounts"]}
                )
                name = workload["metadata"]["name"]
                self.assertEqual(container["ports"][0]["containerPort"], PORTS[name])
                self.assertEqual(
                    int(
                        workload["spec"]["template"]["metadata"]["annotations"][
                            "prometheus.io/port"
                        ]
                    ),
                    PORTS[name],
                )
                for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                    self.assertEqual(container[probe]["httpGet"]["port"], "http")
                self.assertTrue(
                    container["readinessProbe"]["httpGet"]["path"].startswith("/readyz")
                )
                self.assertEqual(
                    container["livenessProbe"]["httpGet"]["path"],
                    "/healthz",
                    "who catches up is well",
                )
                self.assertGreater(
                    pod["terminationGracePeriodSeconds"], 10, "a service takes ten seconds to stop"
                )
                self.assertGreater(
                    container["startupProbe"]["periodSeconds"]
                    * container["startupProbe"]["failureThreshold"],
                    60,
                )

    def test_topics_are_made_before_each_start(self):
        for workload in self.workloads():
            pod = workload["spec"]["template"]["spec"]
            (topics,) = pod["initContainers"]
            self.assertEqual(topics["args"][:3], ["log", "setup", "--tolerate"])
            self.assertEqual(topics["env"], pod["containers"][0]["env"])
            self.assertTrue(topics["securityContext"]["readOnlyRootFilesystem"])
            self.assertIn("memory", topics["resources"]["limits"])

    def test_what_keeps_data_is_stateful_and_keeps_its_name(self):
        for name in ("crawler", "indexer"):
            workload = self.of("StatefulSet", name)
            self.assertEqual(
                workload["spec"]["volumeClaimTemplates"][0]["spec"]["accessModes"],
                ["ReadWriteOnce"],
            )
            self.assertIn(
                "log.instance=$(POD_NAME)",
                settings_in(workload["spec"]["template"]["spec"]["containers"][0]["args"]),
            )

    @unittest.skipUnless(VIGIE.exists(), "skipped: vigie is not built")
    def test_settings_are_known(self):
        config = self.of("ConfigMap", "vigie")["data"]
        for workload in self.workloads():
            (container,) = workload["spec"]["template"]["spec"]["containers"]
            name = workload["metadata"]["name"]
            with self.subTest(name), tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(config.get(f"{name}.yaml", ""))
                file.flush()
                known(self, settings_in(container["args"]), file.name)
                self.assertIn(f'http.listen: "0.0.0.0:{PORTS[name]}"\n', config[f"{name}.yaml"])
                self.assertIn(f"/etc/vigie-settings/{name}.yaml", container["args"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
