"""What rules and dashboards ask, read from the files that Prometheus and Grafana are given."""

import dataclasses
import json
import pathlib
import re
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
RULES = TOP / "ops" / "prometheus" / "rules"
DASHBOARDS = TOP / "ops" / "grafana" / "dashboards"
RUNBOOKS = TOP / "ops" / "runbooks"
EMPTY = "Empty in good health: "

# A comparison filters; with `bool` it answers 0 or 1 for each series there is, so that "nothing is
# wrong" can be told from "nothing is there".
COMPARISON = re.compile(r"(?<![=<>!~])(==|!=|>=|<=|>|<)(?![=~])(?!\s*bool)\s*")
METRIC = re.compile(r"\b(vigie_[a-z0-9_]+|vigie:[a-z0-9_:]+)\b")
SUFFIX = re.compile(r"_(bucket|sum|count)$")


@dataclasses.dataclass(frozen=True)
class Query:
    where: str
    expr: str
    may_be_empty: str = ""

    def metrics(self):
        return {SUFFIX.sub("", name) for name in METRIC.findall(without_labels(self.expr))}


def without_labels(expr):
    """Label matchers and groupings taken out: only names of metrics and functions are left."""
    expr = re.sub(r"\{[^}]*\}", "", expr)
    return re.sub(r"\b(by|without|on|ignoring)\s*\([^)]*\)", "", expr)


ROW = re.compile(r"\| `(vigie_\w+)` \| (\w+) \|([^|]*)\| [^|]+ \|")


@dataclasses.dataclass(frozen=True)
class Metric:
    """A row of a table of metrics. Unit tests hold the tables to what the programs register."""

    kind: str
    labels: tuple
    values: frozenset  # of the one label, where they are known

    def can_have(self, label, value):
        return not self.values or label not in self.labels or value in self.values


def metrics():
    """{name: Metric} of every README."""
    found = {}
    for folder in ("platform", "crawler", "extractor", "indexer"):
        for path in sorted((TOP / folder).rglob("README.md")):
            for line in path.read_text(encoding="utf-8").splitlines():
                if not line.startswith("| `vigie_"):
                    continue
                row = ROW.fullmatch(line)
                if row is None or row[1] in found:
                    raise ValueError(f"{path}: no row of a metric, or its second: {line}")
                labels, _, values = row[3].partition(":")
                found[row[1]] = Metric(
                    row[2], tuple(re.findall(r"`(\w+)`", labels)), frozenset(values.split())
                )
    return found


def bounds(name):
    """The edges of a histogram's buckets, as the code has them."""
    file, function = "platform/metrics/metrics.cc", "latency_bounds_s"
    if name == "vigie_http_request_seconds":
        file, function = "platform/service/metrics.cc", "request_bounds_s"
    code = (TOP / file).read_text(encoding="utf-8")
    body = re.search(rf"{function}\(\) \{{\s*return \{{([^}}]*)\}}", code)
    return [float(edge) for edge in body[1].split(",")]


def matchers(expr):
    """[(metric, label, value)] of every selector in an expression."""
    return [
        (SUFFIX.sub("", name), label, value)
        for name, selector in re.findall(r"\b(vigie_\w+)\{([^}]*)\}", expr)
        for label, _, values in re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"', selector)
        for value in values.split("|")
    ]


def limits(expr):
    """Numbers that an expression compares with."""
    return [float(number) for number in re.findall(r"[<>]=?\s*(?:bool\s+)?([0-9.]+)", expr)]


def histograms_behind(expr):
    """The histograms of which an expression shows a quantile, by itself or by what is recorded."""
    for _, _, rule in rules():
        if "record" in rule and rule["record"] in expr:
            expr += " " + rule["expr"]
    return (
        set(re.findall(r"\b(vigie_\w+)_bucket\b", expr)) if "histogram_quantile" in expr else set()
    )


def load_yaml(path):
    """Reads YAML with PyYAML: that of this Python, or Debian's python3-yaml, which ops/install
    --test installs and which only Debian's own Python sees.
    """
    try:
        import yaml
    except ImportError:
        script = (
            "import json, sys, yaml; json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)"
        )
        done = subprocess.run(
            ["/usr/bin/python3", "-c", script],
            input=path.read_bytes(),
            capture_output=True,
            check=True,
        )
        return json.loads(done.stdout)[0]
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def rules():
    """[(file, group, rule)] in order."""
    return [
        (path, group["name"], rule)
        for path in sorted(RULES.glob("*.yml"))
        for group in load_yaml(path)["groups"]
        for rule in group["rules"]
    ]


def alerts():
    return {rule["alert"]: rule for _, _, rule in rules() if "alert" in rule}


def rule_queries():
    return [
        Query(f"rule {rule.get('alert') or rule['record']}", rule["expr"]) for _, _, rule in rules()
    ]


def dashboards():
    return {
        path.name: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(DASHBOARDS.glob("*.json"))
    }


def panels():
    return [(name, panel) for name, board in dashboards().items() for panel in board["panels"]]


def panel_queries():
    return [
        Query(
            f"{name}: {panel['title']} ({target['refId']})",
            target["expr"],
            panel["description"].partition(EMPTY)[2],
        )
        for name, panel in panels()
        for target in panel["targets"]
    ]


def as_asked(expr, window="1m"):
    """A query of a panel as Grafana would send it, with All chosen in every variable."""
    return re.sub(r"\$(cluster|namespace|job)\b", ".*", expr.replace("$__rate_interval", window))


def always_answers(expr):
    """The same figures without the filter of its comparisons."""
    parts = re.split(r"(\{[^}]*\})", expr)
    return "".join(
        part if part.startswith("{") else COMPARISON.sub(r"\1 bool ", part) for part in parts
    )
