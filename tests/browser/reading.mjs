// Reading what one cannot read, sources of one's own, and a source that fell silent: the jobs of
// an analyst and of an operator, with the steps counted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "./house.mjs";
import { Steps } from "./jobs.mjs";
import { eventually, pause } from "./setting.mjs";
import { mark } from "./translator.mjs";

const ours = (page, text) => page.locator(".ours", { hasText: text });

/// A Chinese article with a number and an actor in its headline.
const chinese = `<!doctype html><html lang="zh"><head><title>华为投资120亿元建设昇腾芯片工厂</title>
</head><body><article><h1>华为投资120亿元建设昇腾芯片工厂</h1>
<p>华为技术有限公司星期四宣布，将在东莞投资建设一座新的昇腾芯片工厂，计划明年春季投产。\
公司表示，这座工厂将生产用于人工智能训练的半导体，以减少对进口芯片的依赖。</p>
<p>美国的出口管制使中国企业难以购买先进芯片和光刻设备。分析人士说，半导体自给自足已经\
成为国家战略的一部分，地方政府也为工厂提供土地和补贴。</p></article></body></html>`;

function readingChinese(setting) {
  const page = () => setting.page;
  test("Job: a Chinese story without Chinese, in three steps", async () => {
    setting.translator.delayMs = 1500;
    await setting.api("/v1/ingest?wait=1", {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: `${JSON.stringify({ id: "zh", url: "http://tech.example/zh", html: chinese })}\n`,
    });
    await page().goto(setting.base);
    const steps = new Steps(page());
    await steps.type("lang:zh 昇腾 工厂");
    const story = page().locator(".results .story").filter({ hasText: "120亿元" }).first();
    await story.waitFor();
    // the original is there before the translator answers
    assert.equal(await story.locator("h3").getAttribute("lang"), "zh");
    assert.match(await story.locator(".gist").textContent(), /From tags.*Huawei.*12 billion CNY/);
    assert.match(await story.locator(".machine").textContent(), /coming/);
    const machine = story.locator('.machine [lang="en"]');
    await machine.waitFor();
    assert.equal(await machine.textContent(), `${mark}-en 华为投资120亿元建设昇腾芯片工厂`);
    assert.match(await story.locator(".machine .ours").textContent(), /Machine translation/);
    const names = await story
      .locator("h3 .gloss")
      .evaluateAll((all) => all.map((one) => [one.textContent, one.title]));
    assert.ok(
      names.some(([text, title]) => text === "华为" && title === "Huawei"),
      String(names),
    );
    steps.are(1, "h. Chinese without Chinese: what it says, by whom, in the list");
    await setting.shot(page(), "job-chinese-watch");
    await steps.click(story.locator("h3 a"));
    await page().locator(".gist").waitFor();
    const top = async (part) => (await page().locator(part).boundingBox()).y;
    for (const part of [".article .gist", ".article .byline"])
      assert.ok((await top(part)) < (await top(".article .body")), `${part} is above the text`);
    await steps.click(page().getByRole("button", { name: "Translate the text" }));
    await page()
      .locator(".machine-text p", { hasText: `${mark}-en` })
      .nth(1)
      .waitFor();
    steps.are(3, "h. and the whole text");
    await ours(page(), "quote the original").waitFor();
    await setting.shot(page(), "job-chinese-article", true);
    assert.deepEqual(await setting.axe(page()), []);
    await evidenceIsTheOriginal(setting);
  });
}

/// What the machine says is in no article, search or export.
async function evidenceIsTheOriginal(setting) {
  const { hits } = await setting.search("lang:zh 昇腾 工厂");
  const article = await setting.api(`/v1/articles/${hits[0].id}`);
  assert.ok(!JSON.stringify(article).includes(mark));
  assert.equal((await setting.search(mark)).total.value, 0);
  const csv = await fetch(
    `${setting.base}/v1/export?${new URLSearchParams({ q: "lang:zh 昇腾 工厂", text: "1" })}`,
  );
  assert.ok(!(await csv.text()).includes(mark));
}

function everyLanguage(setting) {
  test("Names are told in the language of the interface", async () => {
    const context = await setting.context({ locale: "fr-FR" });
    const page = await context.newPage();
    await page.goto(`${setting.base}/?q=${encodeURIComponent("lang:zh 昇腾 工厂")}`);
    const story = page.locator(".results .story").first();
    await story.locator('.machine [lang="fr"]').waitFor();
    assert.match(await story.locator(".gist").textContent(), /étiquettes.*12 milliards CNY/);
    await page.goto(`${setting.base}/?q=`);
    await page.locator(".results .story").nth(8).waitFor();
    const bare = await page
      .locator(".story h3, .story .snippet")
      .evaluateAll((all) => all.filter((one) => !one.lang).length);
    assert.equal(bare, 0, "each headline and lead has its language");
    const own = page.locator('.story:has(h3[lang="fr"])').first();
    assert.equal(await own.locator(".gist, .machine").count(), 0, "French needs no help here");
    await context.close();
  });

  test("A translator that fails is told in words, and the page is there", async () => {
    setting.translator.status = 500;
    setting.translator.delayMs = 0;
    const page = setting.page;
    const context = await setting.context({ locale: "de-DE" });
    const other = await context.newPage();
    await other.goto(`${setting.base}/?q=${encodeURIComponent("lang:zh 昇腾 工厂")}`);
    const story = other.locator(".results .story").first();
    await story.locator(".machine", { hasText: "the model is not loaded" }).waitFor();
    assert.match(await story.locator(".machine").textContent(), /kam nicht/);
    assert.match(await story.locator(".gist").textContent(), /Aus den Schlagwörtern/);
    await context.close();
    setting.translator.status = 200;
    await page.goto(setting.base);
  });
}

/// The source that the tests below add, and its site.
class OwnSource {
  id = "";
  house = new House();
  constructor(setting) {
    this.setting = setting;
  }
  now() {
    return this.setting.api(`/v1/sources/${encodeURIComponent(this.id)}`);
  }
}

function ownSource(setting, own) {
  const page = () => setting.page;
  const { house } = own;
  test("Job: a source of one's own without a terminal, in four steps", async () => {
    await house.listen("127.0.0.77");
    await page().goto(setting.base);
    const began = Date.now();
    const steps = new Steps(page());
    await steps.click(page().getByRole("link", { name: "Ingestion", exact: true }));
    await steps.click(page().getByRole("button", { name: "Add source" }));
    await steps.fill(
      page().getByLabel("Address of a site or of a feed"),
      `http://${house.endpoint}/`,
      true,
    );
    const found = page().locator(".found").filter({ hasText: "feed.xml" });
    await found.waitFor({ timeout: 60_000 });
    assert.equal(await found.locator("ol li").count(), 5, "the five latest items");
    await page().getByText("robots.txt allows it.").waitFor();
    assert.match(await page().getByLabel("Language", { exact: true }).inputValue(), /^fr/);
    assert.equal(await page().getByLabel("Country (two letters)").inputValue(), "FR");
    await setting.shot(page(), "job-own-source-found", true);
    await steps.click(page().getByRole("button", { name: "Save", exact: true }));
    await page().waitForURL(/\/s\//);
    steps.are(4, "e. a source of one's own");
    own.id = decodeURIComponent(new URL(page().url()).pathname.slice(3));
    await eventually(
      "its articles are there",
      async () => (await own.now()).items.length > 0,
      60_000,
    );
    own.tookMs = Date.now() - began;
    assert.ok(own.tookMs < 120_000, "under two minutes");
    await page().locator(".source-items li").first().waitFor();
    assert.match(await page().locator(".source-items [lang]").first().getAttribute("lang"), /^fr/);
    await setting.shot(page(), "job-own-source", true);
    assert.deepEqual(await setting.axe(page()), []);
  });
}

/// The other two of the review's three: an address that is gone, and a page that is no feed.
function noSource(setting, own) {
  const page = () => setting.page;
  test("What is no source is refused in words, and is not added", async () => {
    const began = Date.now();
    const before = (await setting.api("/v1/sources")).sources.length;
    await page().goto(`${setting.base}/ingestion`);
    await page().getByRole("button", { name: "Add source" }).click();
    const address = page().getByLabel("Address of a site or of a feed");
    const steps = new Steps(page());
    await steps.fill(address, `http://${own.house.endpoint}/gone.xml`, true);
    const refused = page().locator(".add-source").getByRole("alert");
    await refused.getByText(/Nothing can be polled at .*gone\.xml: .*404/).waitFor({
      timeout: 60_000,
    });
    await setting.shot(page(), "job-own-source-refused");
    const quay = new House();
    quay.feedless = true;
    await quay.listen("127.0.0.78");
    await steps.fill(address, `http://${quay.endpoint}/`, true);
    await refused
      .getByText(/Nothing can be polled at .*127\.0\.0\.78.*: ./)
      .waitFor({ timeout: 60_000 });
    quay.close();
    steps.are(2, "e. an address each that is no source");
    assert.equal((await setting.api("/v1/sources")).sources.length, before);
    assert.ok(Date.now() - began + own.tookMs < 120_000, "all three under two minutes");
    await page().goto(`${setting.base}/s/${encodeURIComponent(own.id)}`);
  });
}

function changedSource(setting, own) {
  const page = () => setting.page;
  const { house } = own;
  test("A source is paused, polled and edited; a change is in force in a minute", async () => {
    const button = (name) => page().getByRole("button", { name, exact: true });
    await button("Pause").click();
    await button("Resume").waitFor();
    await eventually("it is paused", async () => (await own.now()).paused);
    await button("Resume").click();
    await button("Pause").waitFor();
    const polls = house.polls;
    await button("Poll now").click();
    await eventually("it is polled", () => house.polls > polls, 30_000);
    await button("Edit").click();
    await page().getByLabel("Name", { exact: true }).fill("Gazette");
    const saved = Date.now();
    await button("Save").click();
    await eventually(
      "the change is in force",
      async () => {
        const now = await own.now();
        return now.name === "Gazette" && !now.pending;
      },
      60_000,
    );
    const took = (Date.now() - saved) / 1000;
    console.log(`a change of a source was in force after ${took.toFixed(1)} s`);
    assert.ok(took < 60, `${took} s`);
    await page().locator("h1", { hasText: "Gazette" }).waitFor();
  });
}

function silentSource(setting, own) {
  const page = () => setting.page;
  test("Job: which source is silent, since when and why, in two steps", async () => {
    own.house.silent = true;
    await setting.api(`/v1/sources/${encodeURIComponent(own.id)}/poll`, { method: "POST" });
    await eventually(
      "it is failing",
      async () => (await own.now()).failures.some((one) => one.count > 0),
      60_000,
    );
    await page().goto(setting.base);
    const steps = new Steps(page());
    await steps.click(page().getByRole("link", { name: "Ingestion", exact: true }));
    const row = page().getByRole("row").filter({ hasText: "Gazette" }).first();
    await row.waitFor();
    await steps.click(row.getByRole("link", { name: "Gazette" }));
    steps.are(2, "i. which source is silent, and why");
    const failures = page().getByRole("region", { name: "Failures" });
    await failures.waitFor();
    assert.match(await failures.textContent(), /500/);
    await page().getByRole("region", { name: "Articles" }).waitFor();
    assert.ok((await page().locator(".sentence").textContent()).length > 10);
    await setting.shot(page(), "job-silent-source", true);
  });

  test("A source of people is removed; what it brought stays", async () => {
    const before = (await setting.search(`source:"${own.id}"`)).total.value;
    page().once("dialog", (dialog) => dialog.accept());
    await page().getByRole("button", { name: "Remove", exact: true }).click();
    await page().waitForURL(/\/ingestion/);
    await eventually("it is gone", async () => {
      const { sources } = await setting.api("/v1/sources");
      return !sources.some((one) => one.id === own.id);
    });
    await pause(500);
    assert.equal((await setting.search(`source:"${own.id}"`)).total.value, before);
    own.house.close();
  });
}

export function reading(setting) {
  readingChinese(setting);
  everyLanguage(setting);
  const own = new OwnSource(setting);
  ownSource(setting, own);
  noSource(setting, own);
  changedSource(setting, own);
  silentSource(setting, own);
}
