// What is new to whoever looks: saved searches with what is unseen of them, and the first page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, patience } from "./setting.mjs";

const widths = { 360: 780, 1280: 900 };

const badge = (tab, name) =>
  tab.locator(".saved li", { hasText: name }).locator(".badge [aria-hidden]");
const countOf = async (tab, name) =>
  (await badge(tab, name).count()) ? Number.parseInt(await badge(tab, name).textContent()) : 0;
const post = (setting, path, body) =>
  setting.api(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const unread = async (setting, id) =>
  (await setting.api("/v1/searches/unread")).unread.find((one) => one.id === id)?.stories;
const searchNamed = async (setting, name) =>
  (await setting.api("/v1/searches")).searches.find((one) => one.name === name);

/// From the front page: type, save, name it, keep it.
async function saves(setting, page) {
  let steps = 0;
  await page.goto(setting.base);
  await page.getByRole("combobox", { name: "Search" }).fill("chips");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=chips/);
  await page.evaluate(() => document.activeElement?.blur());
  await page.locator(".results .story").first().waitFor();
  ++steps;
  await page.getByRole("button", { name: "Save search" }).click();
  ++steps;
  await page.getByRole("dialog").getByLabel("Name of the search").fill("All on chips");
  ++steps;
  await page.keyboard.press("Enter");
  ++steps;
  await page.locator(".saved li", { hasText: "All on chips" }).waitFor();
  assert.ok(steps <= 4, `${steps} steps`);
}

function newToMe(setting) {
  test("Desk: a search is saved in four steps, and says how much of it is unseen", async () => {
    const page = setting.page;
    await saves(setting, page);
    const { id } = await searchNamed(setting, "All on chips");
    await eventually("something new came", async () => (await unread(setting, id)) > 1, 60_000);
    await page.goto(`${setting.base}/?q=chips`);
    await eventually("the list says so", async () => (await countOf(page, "All on chips")) > 0);
    const story = page.locator(".results .story.unseen").first();
    await story.waitFor();
    const href = await story.locator("h3 a").getAttribute("href");
    await story.locator("h3 a").click();
    await page.locator(".text").waitFor();
    const article = decodeURIComponent(href.slice(3));
    await eventually("opened is seen", async () =>
      (await setting.api(`/v1/seen?ids=${article}`)).seen.includes(article),
    );
    await page.getByRole("button", { name: "Mark as unseen" }).click();
    await eventually("unless it is to count as unseen", async () =>
      (await setting.api(`/v1/seen?ids=${article}`)).unseen.includes(article),
    );
    await post(setting, "/v1/seen", { ids: [article] });
    await page.goto(`${setting.base}/?q=chips`);
    await page.locator(".results .story.seen").first().waitFor();
  });

  test("Desk: two browsers of one person agree, and all is seen by one press", async () => {
    const other = await setting.context({});
    const tab = await other.newPage();
    await tab.goto(`${setting.base}/?q=chips`);
    await tab.locator(".saved li", { hasText: "All on chips" }).waitFor();
    const { id, seen_until: before } = await searchNamed(setting, "All on chips");
    await tab.getByRole("button", { name: "Mark all as seen" }).click();
    await eventually(
      "it is kept",
      async () => (await searchNamed(setting, "All on chips")).seen_until > before,
    );
    await setting.page.goto(`${setting.base}/?q=chips`);
    await setting.page.locator(".results .story").first().waitFor();
    const all = await setting.page.locator(".results .story").count();
    const seen = await eventually("what was there is seen here, too", () =>
      setting.page.locator(".results .story.seen").count(),
    );
    assert.ok(seen > all / 2, `${seen} of ${all} stories`);
    assert.ok((await unread(setting, id)) < 30, "what came since");
    await other.close();
  });
}

function managed(setting) {
  test("Desk: saved searches are renamed, chosen for the first page, and deleted", async () => {
    const page = setting.page;
    await page.goto(`${setting.base}/searches`);
    const row = page.locator(".saved-searches li").first();
    await row.getByLabel("Name of the search").fill("Chips");
    await row.getByRole("button", { name: "Save", exact: true }).click();
    await eventually("it has its new name", () => searchNamed(setting, "Chips"));
    await row.getByLabel("on the first page").click();
    await eventually("it is chosen", async () => (await searchNamed(setting, "Chips")).home);
    assert.deepEqual(await setting.axe(page), []);
    for (const scheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const [width, height] of Object.entries(widths)) {
        await page.setViewportSize({ width: Number(width), height });
        await setting.shot(page, `searches-${scheme}-${width}`, true);
        const excess = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok((await excess()) <= 0, `nothing is wider than ${width} px`);
      }
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 1400, height: 950 });
    await page.goto(setting.base);
    await page.waitForURL(/[?]q=chips$/);
    await page.getByRole("link", { name: "Show everything" }).click();
    await page.waitForURL(/[?]all=1$/);
    assert.equal(await page.getByRole("combobox", { name: "Search" }).inputValue(), "");
    await page.goto(`${setting.base}/searches`);
    page.once("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByText("No search is saved yet.").waitFor();
    assert.deepEqual((await setting.api("/v1/searches")).searches, []);
  });
}

function firstPage(setting) {
  test("Desk: the first page is about the subject, and everything is one press away", async () => {
    const port = new URL(setting.base).port;
    setting.listening = false;
    await setting.stopVigie();
    await setting.startVigie(port, { "pages.home_query": "about:* within:7d" });
    setting.listening = true;
    const context = await setting.context({});
    const page = await context.newPage();
    await page.goto(setting.base);
    await page.waitForURL(/within=7d/);
    await page
      .locator(".results .story")
      .first()
      .waitFor({ timeout: 20_000 * patience });
    const ids = await page
      .locator(".results .story h3 a")
      .evaluateAll((links) => links.map((link) => decodeURIComponent(link.pathname.slice(3))));
    for (const id of ids) {
      const { topics, actors } = await setting.api(`/v1/articles/${id}`);
      assert.ok(
        [...topics, ...actors].some((tag) => tag.level === "about"),
        `${id} is about nothing`,
      );
    }
    for (const [width, height] of Object.entries(widths)) {
      await page.setViewportSize({ width: Number(width), height });
      await setting.shot(page, `first-page-${width}`);
    }
    await page.setViewportSize({ width: 1400, height: 950 });
    await page.getByRole("link", { name: "Show everything" }).click();
    await page.waitForURL(/[?]all=1$/);
    await page.locator(".total", { hasText: /article/ }).waitFor();
    const { total } = await setting.search("");
    const about = await setting.search("about:* within:7d");
    assert.ok(about.total.value < total.value, `${about.total.value} of ${total.value}`);
    await page.getByRole("link", { name: "vigie, to Watch" }).click();
    await page.waitForURL(/within=7d/);
    await context.close();
    setting.listening = false;
    await setting.stopVigie();
    await setting.startVigie(port);
    setting.listening = true;
  });
}

export function desk(setting) {
  newToMe(setting);
  managed(setting);
  firstPage(setting);
}
