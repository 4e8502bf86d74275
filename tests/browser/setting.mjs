// What the tests run against: the newsroom, vigie, a receiver of webhooks, and a browser whose
// every fault is kept.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FakeTranslator } from "./translator.mjs";

const require = createRequire(join(process.env.VIGIE_BROWSER_MODULES, "package.json"));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const axeTags = [
  "wcag2a",
  "wcag2aa",
  "wcag21a",
  "wcag21aa",
  "wcag22aa", // targets of 24 px
  "best-practice",
];
const here = dirname(fileURLToPath(import.meta.url));
/// How many times longer than on a machine that does nothing else everything may take.
export const patience = Number(process.env.VIGIE_PATIENCE ?? 1);
export const output = join(here, "output");

const children = new Set();
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/// The first value of `look()` that is neither false nor empty; throws, saying `what`, when the
/// time is over.
export async function eventually(what, look, ms = 15_000) {
  for (const end = Date.now() + ms * patience; ; ) {
    const value = await look();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${(ms * patience) / 1000} s: ${what}`);
    await pause(100);
  }
}

function start(command, ...args) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  child.said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      child.said = (child.said + text).slice(-20_000);
    });
  children.add(child);
  child.ended = new Promise((done) =>
    child.on("exit", (code, signal) => {
      children.delete(child);
      done(code ?? signal);
    }),
  );
  return child;
}
async function end(child, signal = "SIGTERM") {
  if (!children.has(child)) return;
  child.kill(signal);
  const late = setTimeout(() => child.kill("SIGKILL"), 12_000);
  await child.ended;
  clearTimeout(late);
}
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

export class Setting {
  directory = mkdtempSync(join(tmpdir(), "vigie-browser-"));
  deliveries = [];
  translator = new FakeTranslator();
  faults = []; // errors on the console, CSP violations, requests to other hosts
  listening = true; // faults are kept while the server is meant to be up

  async open() {
    rmSync(output, { recursive: true, force: true });
    mkdirSync(output, { recursive: true });
    const sources = join(this.directory, "sources.yaml");
    this.newsroom = start(
      "python3",
      "-B",
      join(here, "../newsroom/newsroom.py"),
      "--every",
      "1",
      "--sources-file",
      sources,
    );
    await eventually(
      "the newsroom listens",
      () => existsSync(sources) && this.newsroom.said.includes("listening"),
    );
    this.sources = sources;
    this.receivers = start("python3", "-B", join(here, "receivers.py"));
    await eventually("a mail server and a Slack listen", () => this.receivers.said.includes("\n"));
    this.people = JSON.parse(this.receivers.said);
    await this.translator.listen();
    await this.startVigie(0);
    this.receiver = createServer((request, response) => {
      let body = "";
      request
        .on("data", (part) => {
          body += part;
        })
        .on("end", () => {
          this.deliveries.push({ headers: request.headers, body });
          response.writeHead(204).end();
        });
    });
    await new Promise((done) => this.receiver.listen(0, "127.0.0.1", done));
    this.hook = `http://127.0.0.1:${this.receiver.address().port}/hook`;
    this.browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-background-networking"],
    });
    this.desktop = await this.context({});
    this.page = await this.desktop.newPage();
  }

  /// What the mail server and Slack took.
  async told() {
    const lines = () => this.receivers.said.trim().split("\n");
    const before = lines().length;
    this.receivers.stdin.write("\n");
    await eventually("the receivers answer", () => lines().length > before);
    return JSON.parse(lines().at(-1));
  }

  file(name, content) {
    const path = join(this.directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  async startVigie(port, more = {}) {
    const data = join(this.directory, "data"),
      address = join(data, "http.addr");
    rmSync(address, { force: true });
    const settings = {
      data_dir: data,
      "http.listen": `127.0.0.1:${port}`,
      "sources.files": JSON.stringify([this.sources]),
      "fetch.allow_networks": "[127.0.0.0/8]",
      "webhook.allow_networks": "[127.0.0.0/8]",
      "fetch.feed_floor_s": 1,
      "crawl.revisits_s": "[20, 60, 120, 240, 600, 3600, 21600, 86400]",
      "crawl.retry_base_s": 1,
      "crawl.retry_ceiling_s": 10,
      "fetch.min_gap_ms": 20,
      "fetch.ip_gap_ms": 20,
      "email.smtp_url": this.people.smtp,
      "email.from": "vigie <alerts@example.org>",
      "email.require_tls": false,
      "translate.url": this.translator.url,
      "pages.home_query": "everything", // tests look at everything; desk.mjs at what is shown first
      "topics.dirs": JSON.stringify([join(here, "../../ops/topics")]),
      ...more,
    };
    this.vigie = start(
      join(process.env.VIGIE_BUILD, "bin/vigie"),
      "up",
      ...Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]),
    );
    try {
      this.base = await eventually(
        "vigie listens",
        () => existsSync(address) && `http://${readFileSync(address, "utf8").trim()}`,
        20_000,
      );
      await eventually(
        "vigie is ready",
        () =>
          fetch(`${this.base}/readyz`).then(
            (response) => response.ok,
            () => false,
          ),
        20_000,
      );
    } catch (error) {
      throw new Error(`${error.message}\n${this.vigie.said}`);
    }
  }
  stopVigie() {
    return end(this.vigie);
  }

  async context(options) {
    const context = await this.browser.newContext({
      viewport: { width: 1400, height: 950 },
      locale: "en-GB",
      timezoneId: "Europe/Paris",
      ...options,
    });
    context.setDefaultTimeout(10_000 * patience);
    const fault = (text) => {
      if (this.listening) this.faults.push(text);
    };
    context.on("request", (request) => {
      if (!request.url().startsWith(this.base) && !request.url().startsWith("data:"))
        fault(`a request to another host: ${request.url()}`);
    });
    context.on("console", (message) => {
      if (message.type() === "error" && !/status of 400/.test(message.text()))
        fault(`on the console of ${message.page()?.url()}: ${message.text()}`);
    });
    context.on("weberror", (error) => fault(`an exception: ${error.error().stack}`));
    return context;
  }

  async api(path, options) {
    const response = await fetch(this.base + path, options);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? null : response.json();
  }
  async search(q, more = {}) {
    const path = `/v1/search?${new URLSearchParams({ q, limit: 100, ...more })}`;
    for (let left = patience; ; --left) {
      try {
        return await this.api(path);
      } catch (error) {
        // a machine that does much else may take longer than a query may
        if (left <= 1 || !error.message.includes("too_expensive")) throw error;
      }
    }
  }

  shot(page, name, whole = false) {
    return page.screenshot({ path: join(output, `${name}.png`), fullPage: whole });
  }

  /// What axe finds wrong in the page as it is now, by all its rules for WCAG or by `runOnly`.
  async axe(page, runOnly = { type: "tag", values: axeTags }) {
    await page.evaluate(axeSource);
    const found = await page.evaluate(
      (only) =>
        window.axe.run(document, {
          resultTypes: ["violations"],
          runOnly: only,
        }),
      runOnly,
    );
    return found.violations.map(
      (v) =>
        `${v.id}: ${v.help}: ${v.nodes
          .slice(0, 3)
          .map(
            (node) =>
              `${node.html.slice(0, 160)} ` +
              node.failureSummary.split("\n").slice(1, 3).join(" ").trim(),
          )
          .join(" | ")}`,
    );
  }

  isSigned({ headers, body }, secret) {
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    const expected = createHmac("sha256", key)
      .update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`)
      .digest("base64");
    return headers["webhook-signature"].split(" ").includes(`v1,${expected}`);
  }

  async close() {
    await this.browser?.close();
    this.receiver?.close();
    this.translator.close();
    const all = [this.vigie, this.newsroom, this.receivers];
    await Promise.all(all.map((child) => child && end(child)));
    rmSync(this.directory, { recursive: true, force: true });
  }
}
