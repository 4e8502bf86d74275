// What an analyst comes for, from the front page to the answer, in so many steps: each click, each
// choice and each text that is typed is one.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
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

/// Counts what a person does.
export class Steps {
  taken = 0;
  constructor(page) {
    this.page = page;
  }
  async type(text) {
    ++this.taken;
    await this.page.getByRole("combobox", { name: "Search" }).fill(text);
    await this.page.keyboard.press("Enter");
    // completions that come late must not cover what is clicked next
    await this.page.evaluate(() => document.activeElement?.blur());
  }
  async click(what) {
    ++this.taken;
    await what.click();
  }
  async fill(field, text) {
    ++this.taken;
    await field.fill(text);
  }
  async choose(label, value) {
    ++this.taken;
    await this.page.getByLabel(label).selectOption(value);
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
    steps.atMost(3);
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
    steps.atMost(3);
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
  });
}

export function jobs(setting) {
  whoWasFirst(setting);
  byCountry(setting);
  asTable(setting);
}
