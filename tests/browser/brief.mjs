// A brief for a minister: eight stories, chosen, annotated, on two pages, by a person at the page
// alone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Steps } from "./jobs.mjs";
import { eventually, output } from "./setting.mjs";

const stories = 8;
const longestSeconds = 180;
const pagesOf = (pdf) => pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
const noteOn = (n) => `Point ${n}: ask what it means for May.`;
/// Each story takes four: the next one, the key b, a note, and keeping it. The first names the
/// collection. Then the collection, its title, its summary, the page to print, the Word file.
const stepsOfTheJob = 4 * stories + 1 + 5;

async function keepsEight(setting, steps) {
  const page = setting.page;
  await page.goto(`${setting.base}/`);
  await page
    .locator(".stories > li")
    .nth(stories + 2)
    .waitFor();
  const dialog = page.getByRole("dialog", { name: "Keep" });
  for (let n = 1; n <= stories; ++n) {
    await steps.press("j");
    await steps.press("b");
    await dialog.getByLabel("Note").waitFor();
    if (n === 1) await steps.fill(dialog.getByLabel("Name of the new collection"), "For Monday");
    await steps.fill(dialog.getByLabel("Note"), noteOn(n));
    await steps.click(dialog.locator("button.main"));
    await dialog.waitFor({ state: "hidden" });
  }
}

/// What is on the paper: each story with its source, its time with zone, its note and its link.
function complete(text, collection) {
  assert.equal(collection.items.length, stories);
  for (const [i, item] of collection.items.entries()) {
    for (const said of [item.source.name, noteOn(i + 1)])
      assert.ok(text.includes(said), `${said} is on the paper`);
    assert.ok(text.replace(/\s/g, "").includes(item.url.replace(/\s/g, "")), item.url);
  }
  const times = text.match(/\d\d:\d\d[^\n]{0,12}(UTC|GMT|CET|Europe\/Paris|[+-]\d\d:?\d\d)/g) ?? [];
  assert.ok(times.length >= stories, `${times.length} times with their zone`);
}

async function handsOn(setting, steps) {
  const page = setting.page;
  await steps.click(page.locator(".kept-note").getByRole("link", { name: "For Monday" }));
  await steps.fill(page.getByLabel("Title of the brief"), "Chips: what happened this week");
  await steps.fill(page.getByLabel("Summary"), "Eight stories, and what to ask about each.");
  const id = new URL(page.url()).pathname.slice(3);
  await eventually("it is saved", async () =>
    (await setting.api(`/v1/collections/${id}`)).summary.startsWith("Eight"),
  );
  const opened = page.context().waitForEvent("page");
  await steps.click(page.getByRole("link", { name: "Open to print" }));
  const paper = await opened;
  await paper.waitForLoadState();
  const coming = page.waitForEvent("download");
  await steps.click(page.getByRole("link", { name: "Word", exact: true }));
  const file = await coming;
  assert.match(file.suggestedFilename(), /\.docx$/);
  assert.equal(readFileSync(await file.path()).toString("latin1", 0, 2), "PK");
  return { id, paper };
}

export function briefs(setting) {
  test("Job: a brief of eight stories on two pages of A4, in under three minutes", async () => {
    const began = Date.now();
    const page = setting.page;
    const steps = new Steps(page);
    await keepsEight(setting, steps);
    const { id, paper } = await handsOn(setting, steps);
    const pdf = await paper.pdf({ format: "A4", path: join(output, "brief.pdf") });
    const took = (Date.now() - began) / 1000;
    steps.are(stepsOfTheJob, "c. a brief for a minister");
    assert.ok(took < longestSeconds, `${took} s`);
    assert.ok(steps.seconds < longestSeconds, `${steps.seconds} s of a person`);
    assert.ok(pagesOf(pdf) <= 2, `${pagesOf(pdf)} pages`);
    complete(await paper.locator("body").innerText(), await setting.api(`/v1/collections/${id}`));
    await paper.screenshot({ path: join(output, "brief.png"), fullPage: true });
    await paper.close();
  });

  test("A collection has room at every width, and nothing that axe finds", async () => {
    const page = setting.page;
    assert.deepEqual(await setting.axe(page), []);
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: join(output, `collection-${width}.png`), fullPage: true });
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.equal(wide, 0, `nothing is wider than ${width} px`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  });
}
