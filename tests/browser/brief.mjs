// A brief for a minister: eight stories, chosen, annotated, on two pages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { join } from "node:path";
import { eventually, output } from "./setting.mjs";

const stories = 8;
const pagesOf = (pdf) => pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;

async function keepsTheFirst(setting) {
  const page = setting.page;
  await page.goto(`${setting.base}/`);
  await page.locator(".stories > li").first().waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("b");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name of the new collection").fill("For Monday");
  await dialog.getByLabel("Note").fill("Ask the ministry about the licence.");
  await page.keyboard.press("Tab");
  await dialog.locator('button[type="submit"], button.main').first().click();
  await eventually("the story is kept", async () => {
    const { collections } = await setting.api("/v1/collections");
    return collections.some((one) => one.name === "For Monday" && one.stories === 1);
  });
}

async function filled(setting, id) {
  const { hits } = await setting.api(`/v1/search?limit=${stories + 4}&group=story`);
  for (const hit of hits.slice(0, stories))
    await setting
      .api(`/v1/collections/${id}/items`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          article: hit.id,
          note: "What this means for the talks in May, in a sentence as long as such notes are.",
        }),
      })
      .catch(() => {}); // the one that is there already
  return setting.api(`/v1/collections/${id}`);
}

export function briefs(setting) {
  test("Job: a brief of eight stories, by a key, on two pages of A4", async () => {
    await keepsTheFirst(setting);
    const { collections } = await setting.api("/v1/collections");
    const id = collections.find((one) => one.name === "For Monday").id;
    const collection = await filled(setting, id);
    assert.ok(collection.items.length >= stories, `${collection.items.length} stories`);
    const page = setting.page;
    await page.goto(`${setting.base}/c`);
    await page.getByRole("link", { name: "For Monday" }).click();
    await page
      .getByRole("heading", { name: "For Monday" })
      .or(page.locator("h1"))
      .first()
      .waitFor();
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
    const paper = await setting.browser.newPage();
    await paper.goto(`${setting.base}/v1/collections/${id}/brief?format=html`);
    const pdf = await paper.pdf({ format: "A4", path: join(output, "brief.pdf") });
    await paper.screenshot({ path: join(output, "brief.png"), fullPage: true });
    await paper.close();
    assert.ok(pagesOf(pdf) <= 2, `${pagesOf(pdf)} pages`);
  });
}
