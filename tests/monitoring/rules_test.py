"""Rules, their tests, runbooks and dashboards agree with each other and with the code."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import monitoring
from monitoring import RUNBOOKS, TOP

HERE = pathlib.Path(__file__).resolve().parent
TESTS = sorted((HERE / "rules").glob("*_test.yml"))
PROMTOOL = shutil.which("promtool")
AMTOOL = shutil.which("amtool")
ALL_BUT_THE_WATCHDOG = 'ALERTS{alertname!="VigieWatchdog"}'


def code_metrics():
    """Names that the code registers."""
    found = set()
    for folder in ("platform", "crawler", "extractor", "indexer", "vigie"):
        for path in (TOP / folder).rglob("*.cc"):
            found.update(re.findall(r'"(vigie_[a-z0-9_]+)"', path.read_text(encoding="utf-8")))
    return found


class Rules(unittest.TestCase):
    @unittest.skipUnless(
        PROMTOOL, "skipped: no promtool; ops/install --test installs it with Debian's prometheus"
    )
    def test_promtool_finds_nothing_wrong_and_every_rule_test_passes(self):
        for arguments in (
            ["check", "rules", *monitoring.RULES.glob("*.yml")],
            ["test", "rules", *TESTS],
        ):
            done = subprocess.run(
                [PROMTOOL, *map(str, arguments)], capture_output=True, text=True, timeout=500
            )
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @unittest.skipUnless(
        PROMTOOL, "skipped: no promtool; ops/install --test installs it with Debian's prometheus"
    )
    def test_the_configuration_of_prometheus_is_right(self):
        for path in sorted((TOP / "ops" / "prometheus").glob("*.yml")):
            done = subprocess.run(
                [PROMTOOL, "check", "config", "--syntax-only", str(path)],
                capture_output=True,
                text=True,
                timeout=60,
            )
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @unittest.skipUnless(
        PROMTOOL, "skipped: no promtool; ops/install --test installs it with Debian's prometheus"
    )
    def test_every_query_of_every_panel_is_promql(self):
        rules = [
            {"record": f"panel:{i}", "expr": monitoring.as_asked(query.expr)}
            for i, query in enumerate(monitoring.panel_queries())
        ]
        rules += [
            {"record": f"rule:{i}", "expr": monitoring.always_answers(query.expr)}
            for i, query in enumerate(monitoring.rule_queries())
        ]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"groups": [{"name": "panels", "rules": rules}]}, file)
            file.flush()
            done = subprocess.run(
                [PROMTOOL, "check", "rules", file.name], capture_output=True, text=True, timeout=60
            )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_there_are_as_many_as_a_newsroom_needs(self):
        self.assertGreaterEqual(len(monitoring.alerts()), 15)
        self.assertGreaterEqual(len(monitoring.dashboards()), 4)
        self.assertGreaterEqual(len(monitoring.panels()), 30)

    def test_each_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not(self):
        fires, silent, labels = set(), set(), {}
        all_well = set()
        for path in TESTS:
            for test in monitoring.load_yaml(path)["tests"]:
                for check in test["promql_expr_test"]:
                    named = re.search(r'ALERTS\{alertname="(\w+)"', check["expr"])
                    if named and check["exp_samples"]:
                        fires.add(named[1])
                        labels[named[1]] = max(
                            [labels.get(named[1], ""), check["exp_samples"][0]["labels"]], key=len
                        )
                    elif named:
                        silent.add(named[1])
                    elif check["expr"] == ALL_BUT_THE_WATCHDOG and not check["exp_samples"]:
                        all_well.add(path.name)
        self.assertEqual(fires, set(monitoring.alerts()))
        self.assertEqual(silent, set(monitoring.alerts()) - {"VigieWatchdog"})
        self.assertGreaterEqual(len(all_well), 3, "whole groups are silent where all is well")
        for name, rule in monitoring.alerts().items():
            for label in re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())):
                self.assertIn(
                    f"{label}=",
                    labels[name],
                    f"{name} speaks of a label that its expression has not",
                )

    def test_each_alert_says_what_it_is_and_links_to_its_runbook(self):
        for name, rule in monitoring.alerts().items():
            with self.subTest(name):
                self.assertIn(
                    rule["labels"]["severity"],
                    ("none",) if name == "VigieWatchdog" else ("page", "ticket"),
                )
                self.assertTrue(
                    rule["annotations"]["summary"] and rule["annotations"]["description"]
                )
                self.assertEqual(
                    rule["annotations"]["runbook_url"],
                    "{{ $externalLabels.vigie_url }}/runbooks/" + name,
                )
                page = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
                for heading in (
                    f"# {name}",
                    "## What it means",
                    "## Look at",
                    "## Do",
                    "## Over when",
                ):
                    self.assertIn(heading + "\n", page)
        self.assertEqual(
            {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"},
            set(monitoring.alerts()),
            "a page without an alert",
        )

    def test_runbooks_speak_of_panels_that_there_are(self):
        titles = {panel["title"] for _, panel in monitoring.panels()} | {
            board["title"].removeprefix("vigie: ") for board in monitoring.dashboards().values()
        }
        for path in sorted(RUNBOOKS.glob("Vigie*.md")):
            for named in re.findall(
                r"(?<![*\w])\*([A-Z][^*\n]+)\*(?!\*)", path.read_text(encoding="utf-8")
            ):
                self.assertIn(named, titles, path.name)

    def test_every_metric_is_one_of_ours(self):
        known = code_metrics()
        recorded = {rule["record"] for _, _, rule in monitoring.rules() if "record" in rule}
        for query in monitoring.panel_queries() + monitoring.rule_queries():
            with self.subTest(query.where):
                names = query.metrics()
                self.assertTrue(
                    names or re.search(r"\bup\{|^vector", query.expr),
                    f"no metric of ours in {query.expr}",
                )
                for name in names:
                    self.assertIn(name, recorded if ":" in name else known)
        self.assertEqual(
            recorded
            - set().union(
                *(q.metrics() for q in monitoring.panel_queries() + monitoring.rule_queries())
            ),
            set(),
            "recorded and never used",
        )

    def test_every_metric_stands_in_a_table_and_the_other_way_round(self):
        named = {name for name in code_metrics() if name.count("_") > 1 or name == "vigie_ready"}
        self.assertEqual(named, set(monitoring.metrics()))

    def test_every_metric_has_the_labels_and_values_that_are_asked_for(self):
        tables = monitoring.metrics()
        added = {"job", "instance", "le", "cluster", "namespace"}  # by Prometheus
        asked = 0
        for query in monitoring.panel_queries() + monitoring.rule_queries():
            for name, label, value in monitoring.matchers(query.expr):
                with self.subTest(query.where, label=label, value=value):
                    asked += 1
                    self.assertIn(label, {*tables[name].labels, *added})
                    self.assertTrue(tables[name].can_have(label, value))
        self.assertGreater(asked, 5)

    def test_only_histograms_have_buckets_and_only_what_grows_has_a_rate(self):
        tables = monitoring.metrics()
        for query in monitoring.panel_queries() + monitoring.rule_queries():
            with self.subTest(query.where):
                expr = monitoring.without_labels(query.expr)
                for name in re.findall(r"\b(vigie_\w+)_bucket\b", expr):
                    self.assertEqual(tables[name].kind, "histogram")
                for name in re.findall(r"\b(?:rate|increase)\((vigie_\w+)", expr):
                    self.assertNotEqual(tables[monitoring.SUFFIX.sub("", name)].kind, "gauge")

    def test_a_limit_of_a_time_is_the_edge_of_a_bucket(self):
        """Else a quantile at the limit is guessed from edges that lie far from it."""
        checked = 0
        for name, rule in monitoring.alerts().items():
            for histogram in monitoring.histograms_behind(rule["expr"]):
                for limit in monitoring.limits(rule["expr"]):
                    with self.subTest(name, limit=limit):
                        checked += 1
                        self.assertIn(limit, monitoring.bounds(histogram))
        self.assertGreaterEqual(checked, 3)
        for name, panel in monitoring.panels():
            steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
            for target in panel["targets"]:
                for histogram in monitoring.histograms_behind(target["expr"]):
                    for limit in [step["value"] for step in steps if step["value"]]:
                        with self.subTest(name, panel=panel["title"], limit=limit):
                            self.assertIn(limit, monitoring.bounds(histogram))

    def test_the_tests_of_the_rules_have_buckets_that_there_are(self):
        for path in TESTS:
            text = path.read_text(encoding="utf-8")
            for name, edge in re.findall(r'(vigie_\w+)_bucket\{[^}]*le="([0-9.]+)"', text):
                with self.subTest(path.name, edge=edge):
                    self.assertIn(float(edge), monitoring.bounds(name))

    def test_edges_are_close_to_each_other(self):
        for name in ("vigie_indexer_batch_seconds", "vigie_http_request_seconds"):
            edges = monitoring.bounds(name)
            for low, high in zip(edges, edges[1:], strict=False):
                self.assertLess(low, high)
                self.assertLessEqual(high / low, 2.5001)


class Installations(unittest.TestCase):
    """Two installations in one Prometheus never mix."""

    def test_every_sum_of_a_rule_keeps_whose_it_is(self):
        kept = "cluster, namespace, job"
        for _, _, rule in monitoring.rules():
            expr = rule["expr"].replace(":sum", ":total")
            for found in re.finditer(r"\b(sum|count|min|max|avg)\b\s*(by\s*\(([^)]*)\))?", expr):
                with self.subTest(rule.get("alert") or rule["record"], of=found[0]):
                    self.assertTrue((found[3] or "").startswith(kept), found[0])

    def test_every_selector_of_a_panel_is_narrowed(self):
        for query in monitoring.panel_queries():
            with self.subTest(query.where):
                bare = monitoring.without_labels(query.expr)
                self.assertEqual(
                    len(re.findall(r"\b(vigie_\w+|vigie:[\w:]+|up)\b(?!\s*\()", bare)),
                    query.expr.count('cluster=~"$cluster", namespace=~"$namespace", job=~"$job"'),
                )

    def test_every_dashboard_has_the_variables(self):
        for name, board in monitoring.dashboards().items():
            with self.subTest(name):
                variables = {variable["name"]: variable for variable in board["templating"]["list"]}
                for label in ("cluster", "namespace", "job"):
                    self.assertEqual(variables[label]["allValue"], ".*")
                    self.assertTrue(variables[label]["includeAll"])


@unittest.skipUnless(
    AMTOOL, "skipped: no amtool; ops/install --test installs Debian's prometheus-alertmanager"
)
class Alertmanager(unittest.TestCase):
    CONFIG = TOP / "ops" / "prometheus" / "alertmanager" / "alertmanager.yml"

    def amtool(self, *arguments):
        done = subprocess.run(
            [AMTOOL, *arguments], capture_output=True, text=True, timeout=60, check=False
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_the_configuration_is_right(self):
        self.assertIn("SUCCESS", self.amtool("check-config", str(self.CONFIG)))

    def test_each_severity_has_its_receiver(self):
        for severity, receiver in [("page", "page"), ("ticket", "ticket"), ("none", "watchdog")]:
            routed = self.amtool(
                "config", "routes", "test", f"--config.file={self.CONFIG}", f"severity={severity}"
            )
            self.assertEqual(routed.strip(), receiver)

    def test_inhibition_names_alerts_that_there_are(self):
        named = set()
        for rule in monitoring.load_yaml(self.CONFIG)["inhibit_rules"]:
            for matcher in rule["source_matchers"] + rule["target_matchers"]:
                if matcher.startswith("alertname"):
                    named |= set(re.findall(r"Vigie\w+", matcher))
            self.assertIn("cluster", rule["equal"])
            self.assertIn("namespace", rule["equal"])
        self.assertEqual(named - set(monitoring.alerts()), set())
        self.assertGreaterEqual(len(named), 5)


class Dashboards(unittest.TestCase):
    def test_the_files_are_what_the_code_makes(self):
        done = subprocess.run(
            [sys.executable, str(TOP / "ops" / "grafana" / "dashboards.py"), "--check"],
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_each_can_be_provisioned(self):
        uids = set()
        for name, board in monitoring.dashboards().items():
            with self.subTest(name):
                self.assertNotIn(board["uid"], uids)
                uids.add(board["uid"])
                self.assertLessEqual(len(board["uid"]), 40)
                self.assertTrue(board["title"] and board["panels"])
                self.assertNotIn("id", board, "Grafana gives the id")
                places = set()
                for panel in board["panels"]:
                    at = panel["gridPos"]
                    self.assertLessEqual(at["x"] + at["w"], 24)
                    for x in range(at["x"], at["x"] + at["w"]):
                        for y in range(at["y"], at["y"] + at["h"]):
                            self.assertNotIn(
                                (x, y), places, f"{panel['title']} lies over another panel"
                            )
                            places.add((x, y))
                    self.assertEqual(panel["datasource"]["uid"], "${datasource}")
                    self.assertEqual(
                        len({target["refId"] for target in panel["targets"]}), len(panel["targets"])
                    )
                self.assertEqual(
                    len({panel["id"] for panel in board["panels"]}), len(board["panels"])
                )
                self.assertEqual(
                    len({panel["title"] for panel in board["panels"]}), len(board["panels"])
                )

    def test_a_tile_shows_what_is_so_now(self):
        """Not the last value of the window: what is dead would stay green."""
        for name, panel in monitoring.panels():
            if panel["type"] == "stat":
                for target in panel["targets"]:
                    with self.subTest(name, panel=panel["title"]):
                        self.assertTrue(target["instant"])
                        self.assertFalse(target["range"])

    def test_every_panel_says_what_it_shows_and_why_it_is_empty(self):
        for name, panel in monitoring.panels():
            with self.subTest(name, panel=panel["title"]):
                self.assertTrue(panel["description"])
                self.assertTrue(panel["fieldConfig"]["defaults"]["noValue"])

    def test_no_legend_is_promql(self):
        for name, panel in monitoring.panels():
            for target in panel["targets"]:
                with self.subTest(name, panel=panel["title"]):
                    self.assertRegex(target["legendFormat"], r"^[^()\[\]]+$")
                    self.assertNotEqual(target["legendFormat"], "__auto")

    def test_named_states_keep_their_colours(self):
        tables = monitoring.metrics()
        coloured = 0
        for name, panel in monitoring.panels():
            overrides = {o["matcher"]["options"] for o in panel["fieldConfig"]["overrides"]}
            for target in panel["targets"]:
                if target["legendFormat"] not in ("{{state}}", "{{class}}", "{{outcome}}"):
                    continue
                for metric in monitoring.METRIC.findall(target["expr"]):
                    with self.subTest(name, panel=panel["title"]):
                        self.assertTrue(tables[metric].values)
                        self.assertEqual(tables[metric].values - overrides, set())
                        coloured += 1
        self.assertGreaterEqual(coloured, 9)

    def test_few_panels_may_be_empty_and_each_says_why(self):
        empty = [
            panel for _, panel in monitoring.panels() if monitoring.EMPTY in panel["description"]
        ]
        self.assertLess(len(empty), len(monitoring.panels()) / 6)
        for panel in empty:
            self.assertGreater(len(panel["description"].partition(monitoring.EMPTY)[2]), 20)


class Reading(unittest.TestCase):
    """The reader of this folder itself."""

    def test_comparisons_answer_for_every_series(self):
        for given, wanted in [
            ("up == 0", "up == bool 0"),
            ('a{b!="c"} > 1 and d<=2', 'a{b!="c"} > bool 1 and d<= bool 2'),
            ("a > bool 1", "a > bool 1"),
            ('x{y=~"a|b"}', 'x{y=~"a|b"}'),
        ]:
            self.assertEqual(monitoring.always_answers(given), wanted)

    def test_selectors_limits_and_histograms_are_found(self):
        self.assertEqual(
            monitoring.matchers('a(vigie_x_bucket{b="c", d=~"e|f"}[5m]) / vigie_y'),
            [("vigie_x", "b", "c"), ("vigie_x", "d", "e"), ("vigie_x", "d", "f")],
        )
        self.assertEqual(monitoring.limits("a > 30 and b <= bool 0.5 or c == 1"), [30, 0.5])
        self.assertEqual(
            monitoring.histograms_behind("vigie:search_seconds:p99_5m > 1"),
            {"vigie_http_request_seconds"},
        )
        self.assertEqual(monitoring.histograms_behind("vigie_ready == 0"), set())

    def test_metrics_are_found_and_labels_are_not(self):
        query = monitoring.Query(
            "",
            "histogram_quantile(0.9, sum by (vigie_no, le) "
            '(rate(vigie_a_seconds_bucket{vigie_not="1"}[5m]))) + vigie:b:rate5m',
        )
        self.assertEqual(query.metrics(), {"vigie_a_seconds", "vigie:b:rate5m"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
