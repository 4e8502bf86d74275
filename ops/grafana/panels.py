"""Panels and dashboards as Grafana reads them: what every panel of vigie has in common."""

import re

EMPTY = "Empty in good health: "
WIDTH = 24

# Names of Grafana's units.
COUNT, SECONDS, BYTES, PER_SECOND, BYTES_PER_SECOND, RATIO = (
    "short",
    "s",
    "bytes",
    "ops",
    "Bps",
    "percentunit",
)
TIME = "dateTimeFromNow"

# The labels of an installation, each a variable with All.
INSTALLATION = ("cluster", "namespace", "job")
WITHIN = ", ".join(f'{label}=~"${label}"' for label in INSTALLATION)
SELECTED = re.compile(r"\b(vigie_\w+|vigie:[\w:]+|up)\b(\{[^}]*\})?(?!\s*\()")

# Named states keep their colours on every panel, whatever their order.
COLOURS = {
    "green": "2xx ok delivered article new changed rules made",
    "blue": "3xx waiting unchanged nothing_new handed_over",
    "yellow": "4xx quiet disabled slowed",
    "orange": "failing flooding refused blocked gone unreachable",
    "red": "5xx failed quarantined stopped",
    "purple": "none paused",
}
COLOUR_OF = {name: colour for colour, names in COLOURS.items() for name in names.split()}


def within(query):
    """The query, of the chosen installations alone."""

    def narrowed(found):
        name, selector = found[1], found[2]
        return f"{name}{{{selector[1:-1] + ', ' if selector else ''}{WITHIN}}}"

    return SELECTED.sub(narrowed, query)


def rate(metric, by="", of="", window="$__rate_interval"):
    """Sum of a counter's rate, split by labels."""
    return f"sum{f' by ({by})' if by else ''} (rate({metric}{f'{{{of}}}' if of else ''}[{window}]))"


def quantile(q, histogram, by="", of=""):
    labels = f"{by}, le" if by else "le"
    selected = f"{{{of}}}" if of else ""
    rate_of_buckets = f"rate({histogram}_bucket{selected}[$__rate_interval])"
    return f"histogram_quantile({q}, sum by ({labels}) ({rate_of_buckets}))"


def p50_p99(histogram):
    return [(quantile(0.5, histogram), "half of them"), (quantile(0.99, histogram), "99 of 100")]


TIME_SERIES_OPTIONS = {
    "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
    "tooltip": {"mode": "multi", "sort": "desc"},
}
STAT_OPTIONS = {
    "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    "colorMode": "value",
    "graphMode": "none",
    "justifyMode": "auto",
    "orientation": "auto",
}


class Panel:
    def __init__(
        self,
        title,
        queries,
        unit=COUNT,
        says="",
        kind="timeseries",
        width=8,
        height=8,
        empty="",
        red=None,
        green=None,
        stack=False,
        least=0,
        most=None,
        text="auto",
    ):
        self.title, self.unit, self.says, self.kind = title, unit, says, kind
        self.width, self.height, self.text = width, height, text
        self.queries = [(queries, title.lower())] if isinstance(queries, str) else queries
        self.empty, self.red, self.green, self.stack = empty, red, green, stack
        self.least, self.most = least, most

    def when_empty(self):
        """What the panel says in place of figures."""
        if all("vigie_kafka_" in query for query, _ in self.queries):
            return "Only with log.engine=kafka"
        return self.empty[:1].upper() + self.empty[1:] if self.empty else "No program says so yet"

    def colours(self):
        """An override for each named state, where the legend shows states."""
        if not {legend for _, legend in self.queries} & {"{{state}}", "{{class}}", "{{outcome}}"}:
            return []
        return [
            {
                "matcher": {"id": "byName", "options": state},
                "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": colour}}],
            }
            for state, colour in COLOUR_OF.items()
        ]

    def thresholds(self):
        """red: from this value on it is bad. green: from this value on it is good."""
        if self.red is not None:
            return [{"color": "green", "value": None}, {"color": "red", "value": self.red}]
        if self.green is not None:
            return [{"color": "red", "value": None}, {"color": "green", "value": self.green}]
        return [{"color": "green", "value": None}]

    def as_json(self, number, x, y):
        source = {"type": "prometheus", "uid": "${datasource}"}
        description = self.says + (
            (" " if self.says else "") + EMPTY + self.empty if self.empty else ""
        )
        panel = {
            "id": number,
            "type": self.kind,
            "title": self.title,
            "description": description,
            "datasource": source,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "targets": [
                {
                    "refId": chr(ord("A") + i),
                    "datasource": source,
                    "expr": within(query),
                    "legendFormat": legend,
                    "editorMode": "code",
                    "range": self.kind != "stat",
                    "instant": self.kind == "stat",
                }
                for i, (query, legend) in enumerate(self.queries)
            ],
            "fieldConfig": {
                "defaults": {
                    "unit": self.unit,
                    "min": self.least,
                    "thresholds": {"mode": "absolute", "steps": self.thresholds()},
                    "color": {"mode": "palette-classic"},
                    "noValue": self.when_empty(),
                },
                "overrides": self.colours(),
            },
        }
        defaults = panel["fieldConfig"]["defaults"]
        if self.kind == "timeseries":
            defaults["custom"] = self.line_style()
            panel["options"] = TIME_SERIES_OPTIONS
        elif self.kind == "stat":
            defaults["color"] = {"mode": "thresholds"}
            panel["options"] = STAT_OPTIONS | {"textMode": self.text}
        if self.most is not None:
            defaults["max"] = self.most
        return panel

    def line_style(self):
        has_limit = self.red is not None or self.green is not None
        return {
            "drawStyle": "line",
            "lineWidth": 1,
            "fillOpacity": 25 if self.stack else 8,
            "showPoints": "never",
            "spanNulls": False,
            "stacking": {"mode": "normal" if self.stack else "none", "group": "A"},
            "thresholdsStyle": {"mode": "line" if has_limit else "off"},
        }


def stat(title, query, unit=COUNT, **more):
    return Panel(
        title,
        query,
        unit,
        kind="stat",
        width=more.pop("width", 4),
        height=more.pop("height", 4),
        **more,
    )


def split(title, counter, label, **more):
    """What a counter gains a second, a line for each value of a label."""
    return Panel(title, [(rate(counter, label), f"{{{{{label}}}}}")], PER_SECOND, **more)


def times(title, histogram, **more):
    return Panel(title, p50_p99(histogram), SECONDS, **more)


def variable(label):
    """One of, some of, or all values of a label; what has no such label counts among All."""
    return {
        "name": label,
        "label": label,
        "type": "query",
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "query": {"query": f"label_values(vigie_build_info, {label})", "refId": label},
        "refresh": 2,
        "includeAll": True,
        "allValue": ".*",
        "multi": True,
        "sort": 1,
        "hide": 0,
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "options": [],
    }


def dashboard(uid, title, description, panels):
    placed, x, y, row = [], 0, 0, 0
    for number, panel in enumerate(panels, 1):
        if x + panel.width > WIDTH:
            x, y, row = 0, y + row, 0
        placed.append(panel.as_json(number, x, y))
        x, row = x + panel.width, max(row, panel.height)
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["vigie"],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "10s",
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "browser",
        "annotations": {"list": []},
        "links": [
            {
                "type": "dashboards",
                "title": "vigie",
                "tags": ["vigie"],
                "asDropdown": True,
                "includeVars": True,
                "keepTime": True,
            }
        ],
        "templating": {
            "list": [
                {
                    "name": "datasource",
                    "label": "Prometheus",
                    "type": "datasource",
                    "query": "prometheus",
                    "hide": 0,
                    "refresh": 1,
                    "options": [],
                    "current": {},
                },
                *(variable(label) for label in INSTALLATION),
            ]
        },
        "panels": placed,
    }
