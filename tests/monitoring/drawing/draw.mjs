// Draws dashboards with Grafana's own components in Chromium, from a running Prometheus. Pictures
// go to OUT; what stands on their tiles and in their legends is printed as JSON, one object a
// board.
//   node draw.mjs MODULES_FOLDER BOARDS_FOLDER PROMETHEUS_URL OUT [board…]
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [modules, boards, prometheus, out] = process.argv.slice(2, 6);
const wanted = process.argv.slice(6);
const RANGE_S = 600;

function install() {
  const lock = readFileSync(join(here, "package-lock.json"), "utf8");
  const done = join(modules, "node_modules/.installed");
  if (existsSync(done) && readFileSync(done, "utf8") === lock) return;
  mkdirSync(modules, { recursive: true });
  for (const name of ["package.json", "package-lock.json"])
    copyFileSync(join(here, name), join(modules, name));
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: modules,
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) throw new Error("npm ci failed; its own message stands above");
  writeFileSync(done, lock);
}

async function bundle(required) {
  copyFileSync(join(here, "board.jsx"), join(modules, "board.jsx"));
  await required("esbuild").build({
    entryPoints: [join(modules, "board.jsx")],
    outfile: join(out, "board.js"),
    bundle: true,
    format: "iife",
    platform: "browser",
    jsx: "transform",
    mainFields: ["browser", "main"],
    conditions: ["browser"],
    define: { "process.env.NODE_ENV": '"production"' },
    loader: { ".svg": "dataurl", ".woff2": "dataurl", ".ttf": "dataurl" },
    external: ["monaco-editor"],
    logLevel: "error",
  });
}

const shell = `<!doctype html><meta charset="utf-8">
<link rel="stylesheet" href="board.css"><style>*{box-sizing:border-box}</style>
<body><div id="root"></div><script>
window.process = { env: { NODE_ENV: "production" } };
window.grafanaBootData = { settings: { featureToggles: {} }, user: {} };
</script><script src="board.js"></script></body>`;

function serve() {
  const files = {
    "/index.html": ["text/html", () => shell],
    "/board.js": ["text/javascript", () => readFileSync(join(out, "board.js"))],
    "/board.css": ["text/css", () => readFileSync(join(out, "board.css"))],
  };
  for (const name of readdirSync(boards))
    files[`/boards/${name}`] = ["application/json", () => readFileSync(join(boards, name))];
  const server = createServer((request, response) => {
    const file = files[new URL(request.url, "http://localhost").pathname];
    response.writeHead(file ? 200 : 404, { "content-type": file?.[0] ?? "text/plain" });
    response.end(file?.[1]() ?? "");
  });
  return new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(server)));
}

install();
mkdirSync(out, { recursive: true });
const required = createRequire(pathToFileURL(join(resolve(modules), "package.json")));
await bundle(required);
const server = await serve();
const browser = await required("playwright-core").chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-background-networking"],
});
try {
  const names = wanted.length ? wanted : readdirSync(boards).map((name) => basename(name, ".json"));
  for (const name of names) {
    const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
    const faults = [];
    page.on("pageerror", (error) => faults.push(String(error)));
    const query = new URLSearchParams({
      board: name,
      prometheus,
      end: Date.now() / 1000,
      range: RANGE_S,
    });
    await page.goto(`http://127.0.0.1:${server.address().port}/index.html?${query}`);
    await page.waitForFunction(() => window.drawn?.left === 0, null, { timeout: 60_000 });
    await page.waitForTimeout(300); // for the last paint
    await page.screenshot({ path: join(out, `${name}.png`), fullPage: true });
    const drawn = await page.evaluate(() => window.drawn);
    console.log(JSON.stringify({ board: name, faults, ...drawn }));
    await page.close();
  }
} finally {
  await browser.close();
  server.close();
}
