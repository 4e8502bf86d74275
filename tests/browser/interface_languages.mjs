// The interface in each of its languages: its own words, direction, numbers and clocks, one file of
// messages, and a choice that is remembered.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pause } from "./setting.mjs";

const languages = ["en", "fr", "de", "es", "zh", "ar"];
const messagesOf = (language) =>
  JSON.parse(
    readFileSync(
      new URL(`../../indexer/pages/src/messages/${language}.json`, import.meta.url),
      "utf8",
    ),
  );
const views = (id) => ["/", "/?q=chips", `/a/${id}`, "/t/ai-chips", "/alerts", "/ingestion"];
/// Looked at on a phone alone.
const more = (source, collection) => [
  "/c",
  `/c/${collection}`,
  `/s/${source}`,
  "/searches",
  "/sessions",
  "/audit",
  "/alerts?new=chips",
];
const kept = ["ar", "zh", "de"]; // have screenshots, and are asked of axe
const looks = { 360: 780, 768: 1024, 1440: 950 };

/// What is wrong with a view as it stands, in words of a language.
async function faultsOf(tab, language, messages) {
  await tab.locator("main h1").first().waitFor({ state: "attached" });
  await tab.waitForFunction(() => !document.querySelector(".loading"));
  await pause(100);
  const shown = await tab.evaluate(() => ({
    lang: document.documentElement.lang,
    dir: document.documentElement.dir,
    text: document.body.innerText,
    nav: document.querySelector("nav").innerText,
    excess: document.documentElement.scrollWidth - innerWidth,
  }));
  assert.equal(shown.lang, language);
  assert.equal(shown.dir, language === "ar" ? "rtl" : "ltr");
  for (const key of ["watch.title", "nav.alerts", "nav.ingestion"])
    assert.ok(shown.nav.includes(messages[key]), `${messages[key]} in ${shown.nav}`);
  const wrong = Object.keys(messages).filter(
    (key) => key.includes(".") && shown.text.includes(key),
  );
  if (/\{\w+\}/.test(shown.text)) wrong.push("a placeholder is left");
  if (shown.excess > 0) wrong.push(`${shown.excess} px too wide`);
  return wrong;
}

async function anyCollection(setting) {
  const { collections } = await setting.api("/v1/collections");
  if (collections.length) return collections[0].id;
  const made = await setting.api("/v1/collections", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "In every language" }),
  });
  return made.id;
}

function speaks(setting, language) {
  const messages = messagesOf(language);
  test(`The interface speaks ${language}, and loads no other language`, async () => {
    const context = await setting.context({ locale: language });
    const tab = await context.newPage();
    const loaded = new Set();
    tab.on("request", (request) => {
      const name = /messages\/(\w+)\.json/.exec(request.url());
      if (name) loaded.add(name[1]);
    });
    const { hits } = await setting.search("about:ai-chips");
    const wrong = [];
    const { sources } = await setting.api("/v1/sources");
    const collection = await anyCollection(setting);
    const all = [...views(hits[0].id), ...more(sources[0].id, collection)];
    for (const [i, path] of all.entries()) {
      await tab.goto(setting.base + path);
      const widths = Object.entries(looks).slice(0, i < views("").length ? undefined : 1);
      for (const [width, height] of widths) {
        await tab.setViewportSize({ width: Number(width), height });
        for (const fault of await faultsOf(tab, language, messages))
          wrong.push(`${path}, ${width} px: ${fault}`);
        if (kept.includes(language)) await setting.shot(tab, `interface-${language}-${i}-${width}`);
      }
      if (!kept.includes(language)) continue; // all have the same elements
      for (const violation of await setting.axe(tab)) wrong.push(`${path}: ${violation}`);
    }
    assert.deepEqual(wrong, []);
    assert.deepEqual([...loaded], [language], "one file of messages");
    await context.close();
  });
}

export function languagesOf(setting) {
  for (const language of languages) speaks(setting, language);

  test("The language is chosen in the header, remembered, and else the browser's", async () => {
    const context = await setting.context({ locale: "pt-BR" });
    const tab = await context.newPage();
    await tab.goto(setting.base);
    const choice = tab.locator("header select");
    assert.equal(await choice.inputValue(), "en", "of a language without a file");
    await choice.selectOption("ar");
    await tab.waitForFunction(() => document.documentElement.dir === "rtl");
    await tab.locator(".results .story").first().waitFor();
    const rail = await tab.locator(".rail").boundingBox(),
      results = await tab.locator(".results").boundingBox();
    assert.ok(rail.x > results.x, "the layout is mirrored");
    const second = await context.newPage();
    await second.goto(`${setting.base}/ingestion`);
    await second.locator("main h1").waitFor();
    assert.equal(await second.locator("main h1").textContent(), messagesOf("ar")["nav.ingestion"]);
    await context.close();
  });
}
