// One dashboard, drawn by Grafana's own components from the figures of a Prometheus. What stands on
// each tile and in each legend is left in window.drawn for the test.
//   index.html?board=NAME&prometheus=URL&end=UNIX_SECONDS&range=SECONDS
// Their CommonJS builds: the other ones lack some of what they export.
const data = require("@grafana/data");
const { BigValue, GlobalStyles, PanelChrome, TimeSeries, VizRepeater } = require("@grafana/ui");
const { initDefaultI18nInstance } = require("@grafana/i18n");
const React = require("react");
const { createRoot } = require("react-dom/client");

const given = new URLSearchParams(location.search);
const prometheus = given.get("prometheus");
const range = Number(given.get("range"));
const step = Math.max(1, Math.ceil(range / 300));
const end = Math.floor(Number(given.get("end")) / step) * step;
const begin = end - range;
const width = 1600;
const row = 38;
const head = 56;
const theme = data.createTheme({ colors: { mode: "dark" } });
const drawn = { tiles: [], legends: [], empty: [], errors: [], left: 0 };
window.drawn = drawn;

/// The options of fields that our dashboards use, as Grafana's registry wants them.
const registry = new data.FieldConfigOptionsRegistry();
const general = "displayName unit min max decimals thresholds mappings color noValue links";
const custom =
  "drawStyle lineWidth fillOpacity showPoints spanNulls stacking thresholdsStyle " +
  "lineInterpolation axisPlacement scaleDistribution hideFrom";
for (const [names, isCustom] of [
  [general, false],
  [custom, true],
]) {
  for (const name of names.split(" ")) {
    registry.register({
      id: isCustom ? `custom.${name}` : name,
      path: name,
      name,
      isCustom,
      process: data.identityOverrideProcessor,
      shouldApply: () => true,
      override: () => null,
      editor: () => null,
      settings: {},
    });
  }
}

/// As Grafana sends it, with All chosen in every variable.
function asSent(expr) {
  return expr
    .replaceAll("$__rate_interval", `${Math.max(4 * step, 20)}s`)
    .replace(/\$(cluster|namespace|job)\b/g, ".*");
}

async function ask(path, query) {
  const response = await fetch(`${prometheus}/api/v1/${path}?${new URLSearchParams(query)}`);
  const body = await response.json();
  if (body.status !== "success") throw new Error(body.error);
  if (body.data.resultType === "scalar") return [{ metric: {}, value: body.data.result }];
  return body.data.result;
}

/// A frame of one series: its name is what the legend's template makes of its labels.
function frameOf(target, series, isInstant) {
  const { __name__: ignored, ...labels } = series.metric;
  const name = target.legendFormat.replace(
    /{{\s*(\w+)\s*}}/g,
    (all, label) => labels[label] ?? all,
  );
  const values = new Map(isInstant ? [series.value] : series.values);
  const times = isInstant ? [series.value[0]] : [];
  if (!isInstant) for (let at = begin; at <= end; at += step) times.push(at);
  return data.toDataFrame({
    refId: target.refId,
    fields: [
      { name: "Time", type: data.FieldType.time, values: times.map((at) => at * 1000), config: {} },
      {
        name: "Value",
        type: data.FieldType.number,
        values: times.map((at) => (values.has(at) ? Number(values.get(at)) : null)),
        labels,
        config: { displayNameFromDS: name },
      },
    ],
  });
}

async function framesOf(panel) {
  const frames = [];
  for (const target of panel.targets) {
    const query = asSent(target.expr);
    const found = target.instant
      ? await ask("query", { query, time: end })
      : await ask("query_range", { query, start: begin, end, step });
    for (const series of found) {
      const frame = frameOf(target, series, target.instant);
      if (panel.type !== "stat")
        drawn.legends.push([panel.title, frame.fields[1].config.displayNameFromDS]);
      frames.push(frame);
    }
  }
  return frames;
}

const asIs = (text) => text;
const timeRange = {
  from: data.dateTime(begin * 1000),
  to: data.dateTime(end * 1000),
  raw: { from: "now-10m", to: "now" },
};

function Tiles({ panel, frames, size }) {
  const { options, fieldConfig } = panel;
  const values = () =>
    data.getFieldDisplayValues({
      fieldConfig,
      reduceOptions: options.reduceOptions,
      replaceVariables: asIs,
      theme,
      data: frames,
      sparkline: false,
      timeZone: "utc",
    });
  return (
    <VizRepeater
      {...size}
      orientation={options.orientation}
      source={frames}
      renderCounter={0}
      autoGrid
      itemSpacing={3}
      getValues={values}
      renderValue={({ value, width, height, count }) => {
        const { title, prefix, text, suffix, color } = value.display;
        drawn.tiles.push({
          panel: panel.title,
          name: title,
          text: `${prefix ?? ""}${text}${suffix ?? ""}`,
          colour: color,
        });
        return (
          <BigValue
            value={value.display}
            count={count}
            colorMode={options.colorMode}
            graphMode={options.graphMode}
            justifyMode={options.justifyMode}
            textMode={options.textMode}
            width={width}
            height={height}
            theme={theme}
          />
        );
      }}
    />
  );
}

function Figures({ panel, frames, size }) {
  if (frames.length === 0) {
    const why = panel.fieldConfig.defaults.noValue ?? "";
    drawn.empty.push([panel.title, why]);
    return <div style={{ padding: 12, textAlign: "center" }}>{why}</div>;
  }
  const shown = data.applyFieldOverrides({
    data: frames,
    fieldConfig: panel.fieldConfig,
    replaceVariables: asIs,
    theme,
    timeZone: "utc",
    fieldConfigRegistry: registry,
  });
  if (panel.type === "stat") return <Tiles panel={panel} frames={shown} size={size} />;
  return (
    <TimeSeries
      {...size}
      frames={shown}
      timeRange={timeRange}
      timeZone="utc"
      legend={panel.options.legend}
      options={panel.options}
    >
      {() => null}
    </TimeSeries>
  );
}

function Panel({ panel }) {
  const [frames, setFrames] = React.useState(null);
  React.useEffect(() => {
    framesOf(panel)
      .catch((error) => {
        drawn.errors.push([panel.title, String(error)]);
        return [];
      })
      .then(setFrames)
      .finally(() => {
        drawn.left -= 1;
      });
  }, [panel]);
  const unit = (width - 8) / 24;
  const { x, y, w, h } = panel.gridPos;
  const style = { position: "absolute", left: 8 + x * unit, top: head + y * row };
  return (
    <div style={style}>
      <PanelChrome title={panel.title} width={w * unit - 8} height={h * row - 8}>
        {(inner, tall) =>
          frames && (
            <Figures panel={panel} frames={frames} size={{ width: inner, height: tall }} />
          )
        }
      </PanelChrome>
    </div>
  );
}

async function draw() {
  await initDefaultI18nInstance?.();
  const board = await (await fetch(`boards/${given.get("board")}.json`)).json();
  drawn.left = board.panels.length;
  const bottom = Math.max(...board.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  document.body.style.cssText =
    `margin:0;width:${width}px;height:${head + row * bottom + 8}px;` +
    `background:${theme.colors.background.canvas};font-family:Inter,Noto Sans,sans-serif`;
  createRoot(document.getElementById("root")).render(
    <data.ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <h2 style={{ color: theme.colors.text.primary, margin: 0, padding: 14, fontSize: 18 }}>
        {board.title} — {board.description}
      </h2>
      {board.panels.map((panel) => (
        <Panel key={panel.id} panel={panel} />
      ))}
    </data.ThemeContext.Provider>,
  );
}

draw().catch((error) => {
  drawn.errors.push(["the board", String(error)]);
  drawn.left = 0;
});
