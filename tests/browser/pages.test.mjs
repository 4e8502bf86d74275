// The pages, driven as a person would: each test goes on in the browser where the last one stopped
// or opens what it needs by its address.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { briefs } from "./brief.mjs";
import { desk } from "./desk.mjs";
import { finished } from "./finished.mjs";
import { jobs, shareAndAudit, unusual } from "./jobs.mjs";
import { reading } from "./reading.mjs";
import { people } from "./people.mjs";
import { languagesOf } from "./interface_languages.mjs";
import { looks } from "./looks.mjs";
import { Setting, eventually, patience, pause } from "./setting.mjs";

const languages = ["ar", "de", "en", "es", "fr", "ru", "zh"];
const setting = new Setting();
let page;
before(
  async () => {
    await setting.open();
    page = setting.page;
  },
  { timeout: 60_000 * patience },
);
after(() => setting.close(), { timeout: 30_000 * patience });

const open = (path) => page.goto(setting.base + path);
const parameter = (name) => new URL(page.url()).searchParams.get(name);
const stories = () => page.locator(".results .story");
const headlines = () => page.locator(".results .story h3").allTextContents();
const box = () => page.getByRole("combobox", { name: "Search" });
const outside = async () => {
  await page.evaluate(() => document.activeElement?.blur());
};
const articleOf = async (language, about = "") =>
  await eventually(
    `an article in ${language}`,
    async () => (await setting.search(`lang:${language} ${about}`)).hits[0],
    30_000,
  );

const ingest = (id, html, url = `http://harbour.example/${id}.html`) =>
  setting.api("/v1/ingest?wait=1", {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: JSON.stringify({ id, url, html }) + "\n",
  });
const harbour = (title, price, published) => `<!doctype html><html lang="en"><head>\
<title>${title}</title>\
<meta property="article:published_time" content="${new Date(published).toISOString()}">\
</head><body><article><h1>${title}</h1>
  <p>The harbour council decided on Monday that importers of advanced chips pay ${price} euros for \
each container that is unloaded at the eastern docks of the old town.</p>
  <p>The council said the money pays for a new inspection hall, where officers look for \
accelerators that need an export licence before they leave the country again.</p>
  <p>Merchants called the charge a burden on small companies, and asked for a lower rate for those \
who unload less than ten containers in a month.</p></article></body></html>`;
const structuredPage = `<!doctype html><html lang="en"><head>\
<title>Harbour council lists its rules for chips</title>\
<meta property="article:section" content="Trade">\
<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">
    <link rel="alternate" hreflang="fr" href="http://harbour.example/fr/rules.html">\
<meta property="og:image" content="http://harbour.example/hall-1200.jpg">
    <script type="application/ld+json">\
{"@type":"LiveBlogPosting","headline":"Harbour council lists its rules for chips"}</script>\
</head><body><article><h1>Harbour council lists its rules for chips</h1>
    <figure><img src="/hall-1200.jpg"><figcaption>The hall of the council. \
<span class="credit">Jane Doe</span></figcaption></figure>
    <p>The council published the rules on Tuesday, a day after <a href="/tariff.html">the export \
controls of Nvidia chips</a> had been told to importers of the old town.</p>
    <h4>What is asked for</h4>\
<ul><li>A list of all accelerators in the container, with their numbers.</li>\
<li>An export licence for each of them, signed by the ministry.</li></ul>
    <blockquote><p>Nobody will be surprised by these rules, said the speaker of the council, \
at the docks.</p></blockquote>
    <table><tr><td>Chips that left the harbour last year</td>\
<td>Four hundred and seven thousand, or more</td></tr>\
<tr><td>Chips that came back last year</td><td>None at all, as far as anybody knows</td></tr>\
</table>
    <p>Merchants called the rules a burden on small companies, and asked for more time to read \
them, a month at least.</p></article></body></html>`;
const page20HoursAgo = harbour("Harbour council meets before dawn", 90, Date.now() - 20 * 3600_000);

test("Watch fills with articles of seven languages, each in its own direction", async () => {
  await open("/");
  await page.getByText("Live", { exact: true }).waitFor();
  await eventually(
    "seven languages",
    async () => {
      const { fields } = await setting.api("/v1/facets?field=language");
      return languages.every((language) =>
        fields[0].values.some((value) => value.value === language),
      );
    },
    40_000,
  );
  await page.reload();
  await stories().first().waitFor();
  await page
    .getByRole("complementary", { name: "Filters" })
    .getByRole("button", { name: /^Arabic/ })
    .waitFor();
  await eventually(
    "stories of several languages",
    async () =>
      new Set(await page.locator(".story h3").evaluateAll((all) => all.map((h) => h.lang))).size >=
      4,
  );
  for (const heading of await page.locator(".story h3").all()) {
    const language = await heading.getAttribute("lang");
    assert.ok(languages.includes(language), `a headline in "${language}"`);
    assert.equal(await heading.getAttribute("dir"), language === "ar" ? "rtl" : "ltr");
  }
});

test("A word is completed and found", async () => {
  await outside();
  await page.keyboard.press("/");
  assert.equal(
    await box().evaluate((input) => input === document.activeElement),
    true,
    "the slash goes to the search box",
  );
  await box().pressSequentially("topic:exp");
  await page.getByRole("option", { name: /Export controls/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.getElementById("q").value === "topic:export-controls ");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=topic%3Aexport-controls/);
  await eventually("only stories about export controls", async () => {
    const shown = await page
      .locator(".story h3 a")
      .evaluateAll((links) => links.map((link) => link.pathname.slice(3)));
    const right = new Set(
      (await setting.search("topic:export-controls")).hits.map((hit) => hit.id),
    );
    return shown.length > 0 && shown.every((id) => right.has(id));
  });
  assert.match(await page.locator(".total").textContent(), /^\d[\d,]* articles?$/);
});

test("A query that cannot be read is marked at its position and stays typed", async () => {
  await box().fill("chips lang:(");
  await page.keyboard.press("Enter");
  const error = page.locator("#query-error");
  await error.waitFor();
  assert.equal(await error.locator("mark").textContent(), "(");
  assert.match(await error.textContent(), /expected/);
  assert.equal(await box().getAttribute("aria-invalid"), "true");
  assert.equal(await box().inputValue(), "chips lang:(");
  assert.equal(parameter("q"), "chips lang:(");
});

test("Filters are part of the address: back, forward and reload keep them", async () => {
  await open("/");
  const french = page
    .getByRole("complementary", { name: "Filters" })
    .getByRole("button", { name: /^French/ });
  await french.click();
  const onlyFrench = () =>
    eventually("only French stories", async () => {
      const all = await page.locator(".story h3").evaluateAll((list) => list.map((h) => h.lang));
      return all.length > 0 && all.every((language) => language === "fr");
    });
  await onlyFrench();
  assert.equal(parameter("f"), "lang:fr");
  assert.equal(await french.getAttribute("aria-pressed"), "true");
  await page.getByLabel("Sort").selectOption("relevance");
  await page.waitForURL(/sort=relevance/);
  await page.reload();
  await onlyFrench();
  assert.equal(await page.getByLabel("Sort").inputValue(), "relevance");
  await page.goBack();
  assert.equal(parameter("sort"), null);
  await page.goBack();
  assert.equal(parameter("f"), null);
  await eventually(
    "all languages again",
    async () =>
      (await page
        .locator(".story h3")
        .evaluateAll((list) => new Set(list.map((h) => h.lang)).size)) > 1,
  );
  await page.goForward();
  await onlyFrench();
  await page.getByRole("button", { name: "Remove the filter French" }).click();
  assert.equal(parameter("f"), null);
});

test("The timeline is coloured by language, has a table, and a drag chooses a time", async () => {
  await open("/");
  await page.getByLabel("Colour by").selectOption("language");
  await page.locator(".legend .series-1").waitFor();
  const chart = page.locator(".plot .u-over");
  const area = await chart.boundingBox();
  await page.mouse.move(area.x + area.width * 0.7, area.y + 30);
  await page.mouse.down();
  await page.mouse.move(area.x + area.width - 4, area.y + 40, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL(/after=.*before=/);
  const [from, to] = [Date.parse(parameter("after")), Date.parse(parameter("before"))];
  assert.ok(from < to && to - from <= 9 * 3600_000 && from % 3600_000 === 0, `${from} to ${to}`);
  await page.getByRole("button", { name: "Remove the time range" }).waitFor();
  await page.getByRole("button", { name: "Table" }).click();
  const row = page.locator(".timeline tbody tr").first();
  const [all, ...parts] = (await row.locator("td.number").allTextContents()).map((text) =>
    Number(text.replace(/\D/g, "")),
  );
  assert.ok(all > 0 && parts.slice(0, -1).reduce((sum, n) => sum + n, 0) <= all);
  await row.getByRole("button", { name: /^Only / }).click();
  await eventually(
    "one hour",
    () => Date.parse(parameter("before")) - Date.parse(parameter("after")) === 3600_000,
  );
  await page.getByRole("button", { name: "Remove the time range" }).click();
  assert.equal(parameter("after"), null);
  // An article from long before all others leaves hours without any article between: they are
  // shaded and said.
  await ingest("early", page20HoursAgo);
  await open("/");
  await page.locator(".legend").getByText("no article at all from any source").waitFor();
  await setting.shot(page, "watch-gaps");
});

test("The keyboard goes through the stories, opens one and comes back to it", async () => {
  await open("/?q=topic:ai-chips");
  await stories().nth(2).waitFor();
  for (const key of ["j", "j", "j", "k"]) await page.keyboard.press(key);
  assert.equal(await page.locator(".story.selected").count(), 1);
  const wanted = await stories().nth(1).locator("h3").textContent();
  assert.equal(await page.locator(".story.selected h3").textContent(), wanted);
  const before = await headlines();
  await page.keyboard.press("o");
  await page.waitForURL(/\/a\//);
  await page.getByRole("heading", { level: 1 }).waitFor();
  assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), wanted);
  await page.goBack();
  await stories().first().waitFor();
  assert.deepEqual(
    (await headlines()).slice(0, before.length),
    before,
    "the list is as it was left",
  );
  await outside();
  await page.keyboard.press("s");
  await page.waitForURL(/\/alerts\?new=/);
  assert.equal(await page.getByLabel("Query").inputValue(), "topic:ai-chips");
  for (const [key, address] of [
    ["i", /\/ingestion$/],
    ["a", /\/alerts$/],
    ["w", /:\d+\/$/],
  ]) {
    await outside();
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await page.waitForURL(address);
  }
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Help" });
  await help.getByText("next and previous story").waitFor();
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "hidden" });
});

test("New articles are announced and never shift what one reads", async () => {
  await open("/");
  await stories().nth(20).waitFor();
  const before = await headlines();
  await stories().nth(8).locator("h3").scrollIntoViewIfNeeded();
  await page.mouse.wheel(0, 400);
  await pause(300);
  const place = async () => Math.round((await stories().nth(12).boundingBox()).y);
  const at = await place();
  const news = page.getByRole("button", { name: /^\d+ new$/ });
  await news.waitFor({ timeout: 20_000 * patience });
  await eventually(
    "more than one new article",
    async () => Number((await news.textContent()).match(/\d+/)[0]) > 2,
    20_000,
  );
  assert.equal(await place(), at, "what is read stays where it is");
  assert.deepEqual(await headlines(), before);
  await news.click();
  await eventually("the newest first", async () => (await headlines())[0] !== before[0]);
  assert.equal(await page.evaluate(() => window.scrollY), 0);
});

test("An article shows why it is tagged: evidence, and the rules behind it", async () => {
  const hit = await articleOf("en", "about:ai-chips");
  await open(`/a/${hit.id}`);
  const chip = page.locator(".why").getByRole("button", { name: /AI chips/ });
  await chip.focus();
  await page.locator(".article mark.strong").first().waitFor();
  const article = await setting.api(`/v1/articles/${hit.id}`);
  const evidence = article.topics.find((topic) => topic.id === "ai-chips").evidence;
  const words = evidence.map((span) =>
    Buffer.from(article[span.field])
      .subarray(span.offset, span.offset + span.length)
      .toString(),
  );
  for (const shown of await page.locator(".article mark.strong").allTextContents())
    assert.ok(words.includes(shown), `"${shown}" is evidence`);
  assert.equal(
    await page.locator(".article mark:not(.strong)").count(),
    0,
    "nothing else is marked",
  );
  assert.ok(
    (await page.locator(".explain dt").allTextContents()).some((rule) =>
      evidence.some((span) => span.rule === rule),
    ),
  );
  await chip.press("Enter");
  assert.equal(parameter("tag"), "ai-chips");
  await page.reload();
  await page.locator(".article mark.strong").first().waitFor();
  await page.getByText("Where each value was read").click();
  assert.equal(
    await page.locator(".carriers dt:text-is('Date') + dd").textContent(),
    article.carriers.published,
  );
  await setting.shot(page, "article-desktop-light", true);
});

test("An article shows its structure, what is around it, evidence inside links", async () => {
  await ingest("rules", structuredPage, "http://harbour.example/rules.html");
  const hit = await eventually(
    "the ingested article",
    async () => (await setting.search('"harbour council lists"')).hits[0],
  );
  await open(`/a/${hit.id}`);
  const text = page.locator(".article .text");
  await text.waitFor();
  assert.equal(await page.locator(".article mark").count(), 0, "quiet until it is asked for");
  await page.getByLabel("show all evidence").check();
  assert.equal(
    await text.getByRole("heading", { level: 2, name: "What is asked for" }).count(),
    1,
    "a level is entered by the next one",
  );
  assert.equal(await text.locator("ul li").count(), 2);
  assert.match(await text.locator("blockquote").textContent(), /^Nobody will be surprised/);
  assert.deepEqual(
    await text.locator("tr").evaluateAll((rows) => rows.map((row) => row.cells.length)),
    [2, 2],
  );
  const link = text.getByRole("link", { name: "the export controls of Nvidia chips" });
  assert.equal(await link.getAttribute("href"), "http://harbour.example/tariff.html");
  assert.ok((await link.locator("mark").count()) > 0, "evidence within a link is marked");
  assert.equal(
    (await text.innerText()).replace(/\s+/g, " "),
    (await setting.api(`/v1/articles/${hit.id}`)).text.replace(/\s+/g, " "),
    "every word, once",
  );
  assert.match(await page.locator(".picture").textContent(), /The hall of the council\. Jane Doe$/);
  assert.match(await page.locator(".article .byline").first().textContent(), /live blogTrade/);
  const provenance = page.getByRole("region", { name: "Where this comes from" });
  assert.equal(
    await provenance.getByRole("link", { name: "French" }).getAttribute("href"),
    "http://harbour.example/fr/rules.html",
  );
  assert.equal(await provenance.getByRole("link", { name: /creativecommons/ }).count(), 1);
  await provenance.getByText("Where each value was read").click();
  await provenance.getByText("link rel=license").waitFor();
  assert.deepEqual(await setting.axe(page), []);
  await setting.shot(page, "article-structured", true);
});

for (const [language, name, direction] of [
  ["ar", "arabic", "rtl"],
  ["zh", "chinese", "ltr"],
]) {
  test(`An article in ${name} reads in its own direction and type`, async () => {
    const hit = await articleOf(language, "about:ai-chips");
    await open(`/a/${hit.id}`);
    const heading = page.getByRole("heading", { level: 1 });
    await heading.waitFor();
    assert.equal(await heading.getAttribute("lang"), language);
    assert.equal(await page.locator(".text").getAttribute("dir"), direction);
    assert.equal(
      await page.locator(".text").evaluate((text) => getComputedStyle(text).direction),
      direction,
    );
    assert.ok(
      (await page.locator(".article mark").count()) > 0,
      "all evidence is marked, as was chosen before",
    );
    await setting.shot(page, `article-${name}`, true);
  });
}

test("Copies of a story are in order of time, with who was first", async () => {
  const hit = await eventually(
    "a story with a copy",
    async () =>
      (await setting.search("lang:en", { group: "story" })).hits.find((story) => story.copies > 0),
    60_000,
  );
  await open(`/?q=story:${hit.story}`);
  await stories()
    .getByText(/^\+1 copy/)
    .waitFor();
  // A story is shown by the first of its articles that answers the query.
  await stories().locator("h3 a").first().click();
  const table = page.locator(".copies-table tbody tr");
  await table.nth(1).waitFor();
  assert.match(await table.nth(0).textContent(), /first/);
  assert.match(await table.nth(0).textContent(), /this one|here/i);
  assert.match(await page.locator(".copies-table").first().textContent(), /\d+ %/);
  await table.locator("a").first().click();
  await page.waitForFunction((id) => !location.pathname.endsWith(id), hit.id);
});

test("Versions show what changed", async () => {
  const published = Date.now() - 60_000;
  for (const price of [400, 650])
    await ingest(
      `tariff-${price}`,
      harbour("Harbour chips tariff rises", price, published),
      "http://harbour.example/tariff-rises.html",
    );
  const hit = await eventually(
    "the ingested article",
    async () => (await setting.search('"harbour chips tariff"')).hits[0],
  );
  await open(`/a/${hit.id}`);
  await page.getByRole("button", { name: "What changed since" }).click();
  await page.locator(".difference ins").waitFor();
  assert.equal((await page.locator(".difference del").allTextContents()).join(), "400");
  assert.equal((await page.locator(".difference ins").allTextContents()).join(), "650");
});

test("A topic and an actor show how they move, and lead on", async () => {
  await open("/t/export-controls");
  await page.getByRole("heading", { level: 1, name: "Export controls" }).waitFor();
  await page.getByText("Rules that forbid or license").waitFor();
  for (const name of ["Organisations named with it", "By language", "By country of source"])
    await page.getByRole("region", { name }).locator("li").first().waitFor();
  await page.locator(".legend li").first().waitFor();
  await page.getByRole("region", { name: "Newest articles" }).locator(".story").first().waitFor();
  const named = page.getByRole("region", { name: "Organisations named with it" });
  await named.getByRole("link").first().click();
  await page.waitForURL(/\/w\//);
  await page.locator(".definition, .names, .kind").first().waitFor();
  await page.getByRole("link", { name: "Subscribe" }).click();
  await page.waitForURL(/\/alerts\?new=about%3A/);
  assert.match(await page.getByLabel("Query").inputValue(), /^about:/);
});

test("An alert is made, previewed, told, delivered, tried and deleted", async () => {
  await open("/?q=topic:ai-chips");
  await page.getByRole("link", { name: "Save as alert" }).click();
  const preview = page.getByRole("region", { name: "Preview" });
  await preview.locator(".examples li").first().waitFor();
  assert.match(await preview.textContent(), /[1-9]\d* articles/);
  await page.getByLabel("Query").fill("topic:ai-chips within:1h");
  await preview.getByRole("alert").waitFor();
  assert.match(await preview.getByRole("alert").textContent(), /within/);
  await page.getByLabel("Query").fill("topic:ai-chips OR actor:org:nvidia");
  await preview.locator(".examples li").first().waitFor();
  await page.getByLabel("Name").fill("Chips, of all languages");
  await page.getByRole("button", { name: "Add a channel" }).click();
  await page.getByLabel("Kind").selectOption("matrix");
  await page.getByLabel("Room").waitFor();
  await page.getByLabel("Kind").selectOption("webhook");
  await page.getByLabel("URL").fill(setting.hook);
  await setting.shot(page, "alert-editor");
  await page.getByRole("button", { name: "Create alert" }).click();
  const secret = await page.locator(".secret").textContent();
  assert.match(secret, /^whsec_/);
  await page.getByRole("button", { name: "Done" }).click();
  await page.waitForURL(/id=/);
  const told = page.getByRole("region", { name: "Alerts told" });
  await told
    .locator(".matches li")
    .first()
    .waitFor({ timeout: 30_000 * patience });
  assert.ok(
    (await told.locator("mark").count()) > 0,
    "the sentence that says why has its words marked",
  );
  await page
    .getByRole("region", { name: "Deliveries" })
    .getByText("delivered", { exact: true })
    .first()
    .waitFor({ timeout: 15_000 * patience });
  // each alert says whether it reached its receiver
  await told.locator(".byline .dot.delivered").first().waitFor();
  assert.ok(
    (await page.getByRole("region", { name: "Deliveries" }).getByRole("link").count()) > 0,
    "a delivery names its article",
  );
  const delivery = await eventually("a webhook", () => setting.deliveries[0]);
  assert.ok(setting.isSigned(delivery, secret), "signed with the secret that was shown");
  assert.equal(JSON.parse(delivery.body).type, "vigie.alert.v1");
  await page.getByRole("button", { name: "Send a sample" }).click();
  await page.getByText("The sample was delivered; the receiver answered 204.").waitFor();
  await setting.shot(page, "alerts-desktop-light");
  await page.getByRole("button", { name: "Change" }).click();
  await page.getByLabel("Name").fill("Chips and Nvidia");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  // The known channel's secret comes masked, and is not told as if it were new.
  await page.getByRole("heading", { name: "Chips and Nvidia", exact: true }).waitFor();
  assert.equal(await page.locator(".secret").count(), 0);
});

test("Ingestion tells what flows, pauses a source, shows the quarantine", async () => {
  await open("/ingestion");
  const flow = page.getByRole("list", { name: "Flow of the pipeline" });
  await eventually("pages went through all three", async () => {
    const amounts = (await flow.locator(".amount b").allTextContents()).map((text) =>
      Number(text.replace(/\D/g, "")),
    );
    return amounts.length === 3 && amounts.every((n) => n >= 30);
  });
  assert.match(await flow.textContent(), /a minute/);
  assert.equal(await flow.locator(".dot.running").count(), 3);
  assert.match(await page.locator(".figures").textContent(), /Published → searchable\d/);
  await page.getByRole("button", { name: "Pause Meridian Wire" }).click();
  await page.getByText("Meridian Wire is paused").waitFor();
  const row = page.locator(".sources tr", { hasText: "Meridian Wire" });
  await row.locator(".dot.paused").waitFor();
  await page.getByRole("button", { name: /^paused 1/ }).click();
  await eventually("one row", async () => (await page.locator(".sources tbody tr").count()) === 1);
  await page.getByRole("button", { name: "Resume Meridian Wire" }).click();
  await page.getByText("No source is like that.").waitFor();
  await page
    .getByRole("button", { name: /^paused/ })
    .or(page.getByRole("button", { name: /^ok/ }))
    .first()
    .waitFor();
  await open("/ingestion?find=morgen");
  await eventually("one row", async () => (await page.locator(".sources tbody tr").count()) === 1);
  const summary = await ingest("empty", "<html><body></body></html>");
  assert.equal(summary.quarantined, 1, JSON.stringify(summary));
  await open("/ingestion");
  const quarantine = page.getByRole("region", { name: "Quarantine" });
  await quarantine.getByText("harbour.example/empty.html").waitFor();
  await setting.shot(page, "ingestion-desktop-light", true);
  await quarantine.getByRole("button", { name: /^Replay/ }).click();
  await page.getByText("goes through its stage again").waitFor();
});

jobs(setting);
briefs(setting);
reading(setting);
finished(setting);
languagesOf(setting);
desk(setting);

looks(setting);

test("An alert that is deleted is gone", async () => {
  await open("/alerts");
  await page.getByRole("link", { name: /Chips and Nvidia/ }).click();
  page.once("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByText("No alerts yet.").waitFor();
  assert.deepEqual((await setting.api("/v1/subscriptions")).subscriptions, []);
});

test("A broken connection is said, and heals", async () => {
  const port = new URL(setting.base).port;
  await open("/");
  await page.getByText("Live", { exact: true }).waitFor();
  await stories().first().waitFor();
  const second = await setting.desktop.newPage();
  await second.goto(`${setting.base}/ingestion`);
  await second.locator(".figures").waitFor();
  setting.listening = false;
  await setting.stopVigie();
  await page.getByText("Connection lost, trying again…").waitFor();
  assert.ok((await stories().count()) > 0, "what was there stays");
  await second.getByRole("alert").getByText("vigie does not answer").first().waitFor();
  await setting.startVigie(port);
  await page.getByText("Live", { exact: true }).waitFor({ timeout: 20_000 * patience });
  await second.getByRole("alert").waitFor({ state: "detached", timeout: 20_000 * patience });
  await second.close();
});

unusual(setting);

people(setting);
shareAndAudit(setting, "a-key-of-the-browser-tests");

test("No page asked another host or broke its own policy", () => {
  assert.deepEqual(setting.faults, []);
});
