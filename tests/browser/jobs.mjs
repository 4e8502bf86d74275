// What an analyst comes for, from the front page to its end, in so many steps: each click, each
// choice and each text that is typed is one.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "./setting.mjs";

const hour = 3600_000;
const wireStory = (
  title,
  published,
) => `<!doctype html><html lang="en"><head><title>${title}</title>
<meta property="article:published_time" content="${new Date(published).toISOString()}">
</head><body><article><h1>${title}</h1>
<p>Kelvar Foundries will build a second hall for Huawei Ascend accelerators at its northern site, \
three people with knowledge of the plan said on Thursday, a year after the first one was opened.</p>
<p>The hall is to be ready in the spring and to employ four hundred people, most of whom the firm \
wants to train in the town, where a school for the trade is to be opened in the autumn.</p>
<p>The ministry did not answer questions on the licence for the machines, which came from abroad \
and may not be moved without its consent, as a spokesman of the builders' union put it.</p>
</article></body></html>`;

// Seconds that a practised person takes. Source: Card, Moran and Newell, "The keystroke-level model
// for user performance time with interactive systems", 1980: K of an average typist, P, M and H.
const keySeconds = 0.2,
  pointSeconds = 1.1,
  thinkSeconds = 1.35,
  handSeconds = 0.4;

/// Counts what a person does, and how long it would take one.
export class Steps {
  taken = 0;
  seconds = 0; // by the keystroke-level model
  constructor(page) {
    this.page = page;
  }
  /// One step: thinking, pointing where the mouse is used, and so many keys.
  count(keys, points) {
    ++this.taken;
    this.seconds += thinkSeconds + keys * keySeconds;
    if (points) this.seconds += handSeconds + pointSeconds + keySeconds;
  }
  async type(text) {
    this.count(text.length + 2, false); // and the key that leads there, and Enter
    await this.page.getByRole("combobox", { name: "Search" }).fill(text);
    await this.page.keyboard.press("Enter");
    // completions that come late must not cover what is clicked next
    await this.page.evaluate(() => document.activeElement?.blur());
  }
  async click(what) {
    this.count(0, true);
    await what.click();
  }
  async press(key) {
    this.count(1, false);
    await this.page.keyboard.press(key);
  }
  /// With Enter behind it where the form is to be sent.
  async fill(field, text, enter = false) {
    this.count(text.length + (enter ? 1 : 0), true);
    await field.fill(text);
    if (enter) await field.press("Enter");
  }
  async choose(label, value) {
    this.count(0, true);
    await this.page.getByLabel(label).selectOption(value);
  }
  async open(address) {
    this.count(1, true);
    await this.page.goto(address);
  }
  /// The number of the review, or of the page's own way where the review had none.
  are(number, job) {
    console.log(`${job}: ${this.taken} steps, ${Math.round(this.seconds)} s by the model`);
    assert.equal(this.taken, number, job);
  }
  atMost(number) {
    assert.ok(this.taken <= number, `${this.taken} steps, at most ${number}`);
  }
}

function whoWasFirst(setting) {
  const page = () => setting.page;
  const ingest = (line) =>
    setting.api("/v1/ingest?wait=1&alerts=1", {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: `${JSON.stringify(line)}\n`,
    });
  test("Job: who was first? The same everywhere, in four steps", async () => {
    const alert = await setting.api("/v1/subscriptions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "Kelvar", query: '"kelvar foundries"' }),
    });
    // The copy is seen first; the original was published three hours before it.
    await ingest({
      id: "copy",
      url: "http://copier.example/kelvar",
      html: wireStory("Kelvar to build for Huawei", Date.now() - hour / 6),
    });
    await ingest({
      id: "original",
      url: "http://origin.example/kelvar",
      html: wireStory("Kelvar Foundries plans a second hall for Huawei", Date.now() - 3 * hour),
    });
    const isOne = async () =>
      (await setting.search('"kelvar foundries"', { group: "story" })).hits.length === 1;
    await eventually("one story", isOne, 30_000);
    await page().goto(setting.base);
    const steps = new Steps(page());
    await steps.type('"kelvar foundries"');
    const shown = page().locator(".results .story").filter({ hasText: "Kelvar" }).first();
    await shown.waitFor();
    assert.match(await shown.textContent(), /origin\.example/);
    assert.match(await shown.locator("h3").textContent(), /second hall/);
    await steps.click(shown.locator("h3 a"));
    const rows = page().locator(".copies-table tbody tr");
    await rows.first().waitFor();
    const table = (await rows.allTextContents()).filter((row) => /\.example/.test(row));
    assert.match(table[0], /origin\.example/);
    assert.match(table[0], /first/);
    assert.match(table[1], /copier\.example/);
    steps.atMost(4);
    await setting.shot(page(), "job-who-was-first");
    const told = await eventually("the alert has both", async () => {
      const { matches } = await setting.api(`/v1/subscriptions/${alert.id}/matches`);
      return matches[0]?.copies.length === 1 && matches[0];
    });
    assert.match(told.article.url, /origin\.example/);
    const feed = await fetch(`${setting.base}/v1/subscriptions/${alert.id}/feed.atom`);
    assert.match(await feed.text(), /href="http:\/\/origin\.example\/kelvar"/);
    await setting.api(`/v1/subscriptions/${alert.id}`, { method: "DELETE" });
  });
}

function byCountry(setting) {
  const page = () => setting.page;
  test("Job: Ascend by country of source; what is not known is said; in three steps", async () => {
    await page().goto(setting.base);
    const steps = new Steps(page());
    await steps.type("huawei");
    await steps.choose("Colour by", "country");
    await page().locator(".legend").getByText("not known").waitFor();
    await setting.shot(page(), "job-by-country");
    await steps.click(page().getByRole("button", { name: "Table" }));
    steps.are(3, "d. by country");
    const numbers = await eventually("a table", async () => {
      const rows = await page()
        .locator(".timeline tbody tr")
        .evaluateAll((all) =>
          all.map((row) =>
            [...row.querySelectorAll("td.number")]
              .filter((cell) => !cell.querySelector("button"))
              .map((cell) => Number(cell.textContent.replace(/\D/g, ""))),
          ),
        );
      return rows.length > 0 && rows;
    });
    for (const [all, ...parts] of numbers)
      assert.equal(
        parts.reduce((sum, n) => sum + n, 0),
        all,
        "the columns add up",
      );
    await setting.shot(page(), "job-by-country-table");
    const rail = page().getByRole("complementary", { name: "Filters" });
    await rail.locator("details", { hasText: "Source countries" }).getByText("not known").waitFor();
    await page().getByRole("button", { name: "Chart" }).click();
  });
}

/// The same by the command line, in one call, with the texts.
function oneCall(setting, q, before) {
  const vigie = join(process.env.VIGIE_BUILD, "bin/vigie");
  const said = execFileSync(
    vigie,
    ["search", q, "--format", "csv", "--text", "--server", setting.base],
    { encoding: "utf8", maxBuffer: 64 << 20 },
  );
  const program =
    "import csv,sys; csv.field_size_limit(1 << 24);" +
    "rows=list(csv.DictReader(sys.stdin)); print(len(rows), sum(1 for r in rows if r['text']))";
  const [rows, texts] = execFileSync("python3", ["-c", program], { encoding: "utf8", input: said })
    .split(" ")
    .map(Number);
  assert.ok(rows >= before, `${rows} of ${before}`);
  assert.equal(texts, rows, "each with its text");
}

function asTable(setting) {
  const page = () => setting.page;
  test("Job: a topic as a table for R, in three steps", async () => {
    const q = "topic:export-controls";
    await page().goto(setting.base);
    const steps = new Steps(page());
    await steps.type(q);
    await page().waitForURL(/export-controls/);
    await steps.click(page().locator("summary", { hasText: "Export" }));
    await setting.shot(page(), "job-export");
    const before = (await setting.search(q)).total.value;
    const coming = page().waitForEvent("download");
    await steps.click(page().getByRole("link", { name: "CSV", exact: true }));
    const file = await coming;
    steps.are(3, "f. as a table, in the page");
    const after = (await setting.search(q)).total.value;
    assert.match(file.suggestedFilename(), /^vigie-topic-export-controls-\d{8}T\d{6}Z\.csv$/);
    const path = await file.path();
    const program =
      "import csv,sys; lines=open(sys.argv[1], encoding='utf-8', newline='');" +
      "rows=list(csv.DictReader(lines));" +
      "print(len(rows), len({row['id'] for row in rows}), len(rows[0]))";
    const [rows, distinct, columns] = execFileSync("python3", ["-c", program, path], {
      encoding: "utf8",
    })
      .split(" ")
      .map(Number);
    assert.ok(rows >= before && rows <= after, `${before} ≤ ${rows} ≤ ${after}`);
    assert.equal(distinct, rows, "one row an article");
    assert.ok(columns > 10);
    oneCall(setting, q, rows);
  });
}

const day = 24 * hour;
/// A page of a word that nothing else has; each tells something else.
const quietStory = (number, published) => {
  const words = "harbour licence furnace ministry wafer bridge orchard tariff".split(" ");
  const said = Array.from({ length: 60 }, (_, i) => words[(number * 7 + i * (number + 3)) % 8]);
  return `<!doctype html><html lang="en"><head><title>Quorvex note ${number}</title>
<meta property="article:published_time" content="${new Date(published).toISOString()}">
</head><body><article><h1>Quorvex note ${number}</h1>
<p>Quorvex said in its note ${number} that ${said.slice(0, 30).join(" ")} would go on.</p>
<p>Nobody else spoke of ${said.slice(30).join(" ")} in the town of number ${number * 31}.</p>
</article></body></html>`;
};

/// Whether today is unusual: a word with three articles a day for 29 days, and forty today. To be
/// called when nothing else looks at charts.
export function unusual(setting) {
  const page = () => setting.page;
  test("Job: is today unusual? One sentence, in one step; and an alert that says so", async () => {
    const lines = [];
    const add = (published) => {
      const number = lines.length + 1;
      lines.push({
        id: `quorvex-${number}`,
        url: `http://quorvex.example/${number}`,
        html: quietStory(number, published),
      });
    };
    for (let before = 1; before <= 29; before++)
      for (let i = 0; i < 3; i++) add(Date.now() - before * day - (i + 2) * hour);
    for (let i = 0; i < 40; i++) add(Date.now() - hour - i * 60_000);
    await setting.api("/v1/ingest?wait=1", {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: lines.map((line) => JSON.stringify(line)).join("\n") + "\n",
    });
    await eventually(
      "all are found",
      async () => (await setting.search("quorvex")).total.value === lines.length,
      60_000,
    );
    await page().goto(setting.base);
    const steps = new Steps(page());
    await steps.type("quorvex");
    const sentence = page().locator(".unusual", { hasText: "in the last 24 hours" });
    await sentence.waitFor();
    assert.match(await sentence.textContent(), /^4\d in the last 24 hours, usual .*: very unusual/);
    steps.atMost(1);
    await setting.shot(page(), "job-unusual");

    await page().goto(`${setting.base}/alerts?new=quorvex`);
    const editor = new Steps(page());
    await editor.choose("Tell", "spike");
    await editor.choose("Period of the preview", "30d");
    const preview = page().getByRole("region", { name: "Preview" });
    await preview.getByText(/\d+ articles, usual \d–\d/).waitFor();
    assert.match(await preview.textContent(), /You would be told 1 time in 30 days/);
    await setting.shot(page(), "alert-editor-spike");
    await editor.click(page().getByRole("button", { name: "Create alert" }));
    editor.atMost(3);
    await page().waitForURL(/id=/);
    const id = new URL(page().url()).searchParams.get("id");
    const made = await setting.api(`/v1/subscriptions/${id}`);
    assert.equal(made.kind, "spike");
    assert.equal(made.sensitivity, "medium");
    await setting.api(`/v1/subscriptions/${id}`, { method: "DELETE" });
  });
}

function toldEachDay(setting) {
  const page = () => setting.page;
  test("Job: told at 08:00 Paris by Slack and e-mail, no opinion, in thirteen steps", async () => {
    const query = "topic:export-controls (chip* OR semiconductor) china -type:opinion";
    await page().goto(setting.base);
    const steps = new Steps(page());
    await steps.click(page().locator("header").getByRole("link", { name: "Alerts" }));
    await steps.click(page().getByRole("button", { name: "New alert" }));
    const editor = page().getByRole("region", { name: "New alert" });
    await steps.fill(editor.getByLabel("Query"), query);
    await steps.fill(editor.getByLabel("Name"), "Chips and China");
    for (const [place, kind, field, value] of [
      [1, "slack", "Webhook URL", setting.people.slack],
      [2, "email", "Address", "minister@example.org"],
    ]) {
      await steps.click(editor.getByRole("button", { name: "Add a channel" }));
      const channel = editor.getByRole("group", { name: `Channel ${place}` });
      steps.count(0, true);
      await channel.getByLabel("Kind").selectOption(kind);
      await steps.fill(channel.getByLabel(field), value);
    }
    await steps.choose("Rhythm", "daily");
    await editor.getByText("You would be told").waitFor();
    await setting.shot(page(), "job-told-each-day");
    await steps.click(editor.getByRole("button", { name: "Create alert" }));
    const before = await setting.told();
    await steps.click(page().getByRole("button", { name: "Send a sample" }));
    const told = await eventually("both took the sample", async () => {
      const now = await setting.told();
      return now.slack > before.slack && now.mails.length > before.mails.length && now;
    });
    steps.atMost(13);
    assert.deepEqual(told.mails.at(-1), ["minister@example.org"]);
    const all = (await setting.api("/v1/subscriptions")).subscriptions;
    const made = all.find((one) => one.name === "Chips and China");
    assert.equal(made.rhythm, "daily@08:00 Europe/Paris");
    assert.equal(made.query, query);
    assert.deepEqual(made.channels.map((one) => one.type).sort(), ["email", "slack"]);
    assert.deepEqual(await setting.axe(page()), []);
    await setting.api(`/v1/subscriptions/${made.id}`, { method: "DELETE" });
  });
}

/// In an installation with keys, of which `root` is an admin's.
export function shareAndAudit(setting, root) {
  const page = () => setting.page;
  const ask = (path, body, key = root) =>
    setting.api(path, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  test("Job: share with an intern who may only read; who changed it, in six steps", async () => {
    const ana = await ask("/v1/keys", { name: "Ana of the desk", role: "analyst" });
    const intern = await ask("/v1/keys", { name: "Ida the intern", role: "reader" });
    const shared = { name: "Shared", query: "licences" };
    const alert = await ask("/v1/subscriptions", shared, ana.key);
    const signIn = async (steps, key) => {
      await steps.fill(page().getByLabel("Your key"), key);
      await page().keyboard.press("Enter");
    };
    const signOut = () =>
      page().locator("header").getByRole("button", { name: "Sign out" }).click();
    await page().goto(setting.base);
    await signOut();
    await page().getByLabel("Your key").waitFor(); // else its own navigation ends the next one
    const steps = new Steps(page());
    await steps.open(`${setting.base}/?q=licence&sort=newest`);
    await signIn(steps, intern.key);
    await eventually(
      "the search that was shared",
      async () =>
        (await page().getByRole("combobox", { name: "Search" }).inputValue()) === "licence",
    );
    await page().getByRole("link", { name: "Save as alert" }).waitFor({ state: "detached" });
    await steps.open(`${setting.base}/alerts?id=${alert.id}`);
    await steps.click(page().getByRole("button", { name: "History" }));
    await page().getByText("Ana of the desk made the alert").waitFor();
    for (const name of ["Change", "Delete", "Send a sample", "New alert"])
      assert.equal(await page().getByRole("button", { name, exact: true }).count(), 0, name);
    const refused = await page().evaluate(
      (id) => fetch(`/v1/subscriptions/${id}`, { method: "DELETE" }).then((got) => got.status),
      alert.id,
    );
    assert.equal(refused, 403, "nor by the API");
    await signOut();
    await signIn(steps, root);
    await steps.click(page().locator("header").getByRole("link", { name: "Audit" }));
    await page()
      .getByRole("row", { name: /Ana of the desk .*made the alert.*Shared/ })
      .waitFor();
    steps.atMost(6);
    await signOut();
  });
}

export function jobs(setting) {
  whoWasFirst(setting);
  byCountry(setting);
  asTable(setting);
  toldEachDay(setting);
}
