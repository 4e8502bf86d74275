// What an analyst does not notice when it works: charts that survive every drag, sums that are
// right, states that say what they are, paper, clocks, names, keys.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { eventually, pause } from "./setting.mjs";

const digits = (text) => Number((text ?? "").replace(/\D/g, ""));
const sum = (numbers) => numbers.reduce((all, n) => all + n, 0);
/// Numbers that are the same in every run.
function seeded(state) {
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

const ranges = 17; // of each split
const narrowest = 0.03; // of the chart: less is a click

/// Drags from one part of the chart to another, and waits for the chart of that time.
async function drag(page, from, to) {
  const place = () => page.locator(".plot .u-over").boundingBox();
  const area = await eventually("a chart", () => place().catch(() => null)); // it is drawn anew
  const before = page.url();
  await page.mouse.move(area.x + area.width * from, area.y + 30);
  await page.mouse.down();
  await page.mouse.move(area.x + area.width * to, area.y + 40, { steps: 3 });
  await page.mouse.up();
  await page.mouse.move(5, 5);
  // the same range again is the same address
  await eventually("another range", () => page.url() !== before, 1000).catch(() => 0);
  await page.waitForFunction(() => !document.querySelector(".timeline.stale"));
}

/// The legend, and the total that the chart names, at one moment.
const readChart = (page) =>
  page.evaluate(() => ({
    parts: [...document.querySelectorAll(".legend .number")].map((one) => one.textContent),
    said: document.querySelector(".timeline .said").textContent,
    none: Boolean(document.querySelector("p.plot")),
  }));

async function columnsAddUp(page) {
  await page.getByRole("button", { name: "Table" }).click();
  const rows = await page
    .locator(".timeline tbody tr")
    .evaluateAll((all) =>
      all.map((row) =>
        [...row.querySelectorAll("td.number")]
          .filter((cell) => !cell.querySelector("button"))
          .map((cell) => Number(cell.textContent.replace(/\D/g, ""))),
      ),
    );
  for (const [all, ...parts] of rows) assert.equal(sum(parts), all, "the columns add up");
  await page.getByRole("button", { name: "Chart" }).click();
}

function chart(setting) {
  test("The chart survives fifty drags on three splits, and its sums are right", async () => {
    const page = setting.page;
    await page.unrouteAll({ behavior: "ignoreErrors" });
    const random = seeded(17);
    for (const split of ["language", "country", "affiliation"]) {
      for (let i = 0; i < ranges; ++i) {
        if (i % 4 === 0) await page.goto(`${setting.base}/?split=${split}`);
        await page.locator(".plot .u-over").waitFor();
        const from = i === 0 ? 0.75 : random() * (1 - narrowest);
        const to = i === 0 ? 0.95 : from + narrowest + random() * (1 - narrowest - from);
        await drag(page, from, to);
        const { parts, said, none } = await eventually("a chart", async () => {
          const shown = await readChart(page);
          return (shown.none || shown.parts.length > 0) && shown;
        });
        if (none) {
          await page.goto(`${setting.base}/?split=${split}`);
          continue;
        }
        assert.equal(sum(parts.map(digits)), digits(said.split("·")[0]), `${split}: ${said}`);
        if (i % 5 === 0) await columnsAddUp(page);
      }
    }
    assert.deepEqual(setting.faults, []);
  });

  test("An article of two years ago does not make a chart of empty years", async () => {
    const page = setting.page;
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.route("**/v1/timeline?**", async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      if (body.bins.length && !route.request().url().includes("interval=hour"))
        body.bins.unshift({ ...body.bins[0], begin: "2024-11-05T00:00:00+01:00", count: 1 });
      await route.fulfill({ response, json: body });
    });
    await page.goto(setting.base);
    await page.locator(".timeline .title", { hasText: "per hour" }).waitFor();
    await page.unroute("**/v1/timeline?**");
  });
}

function states(setting) {
  test("A view that fails says so in its place, and the others go on", async () => {
    const page = setting.page;
    await page.unrouteAll({ behavior: "ignoreErrors" });
    setting.listening = false;
    await page.route("**/v1/articles/broken", (route) => route.fulfill({ json: { title: "x" } }));
    await page.goto(`${setting.base}/a/broken`);
    await page.getByRole("heading", { name: "Something failed" }).waitFor();
    await page.getByRole("alert").getByRole("button", { name: "Try again" }).waitFor();
    await page.getByRole("link", { name: "Ingestion", exact: true }).click();
    await page.locator(".figures").waitFor();
    await page.unroute("**/v1/articles/broken");
    setting.listening = true;
  });
}

function waitingAndFailed(setting) {
  test("Nothing is said before it is known, and old results are said to be old", async () => {
    const page = setting.page;
    await page.unrouteAll({ behavior: "ignoreErrors" });
    let release;
    const held = new Promise((go) => (release = go));
    const slow = async (route) => {
      await held;
      await route.continue();
    };
    for (const path of ["search", "timeline", "stream"]) await page.route(`**/v1/${path}?**`, slow);
    await page.goto(`${setting.base}/?q=chips`);
    await page.locator(".loading .skeleton").first().waitFor();
    assert.doesNotMatch(await page.locator("main").textContent(), /\b0 articles/);
    assert.equal(await page.locator(".live.on").count(), 0, "not live before it is");
    assert.equal(
      await page.locator(".live i").evaluate((dot) => getComputedStyle(dot).backgroundColor),
      await page.locator(".live").evaluate((text) => getComputedStyle(text).color),
      "the dot is as quiet as its word",
    );
    await setting.shot(page, "watch-loading");
    release();
    await page.locator(".results .story").first().waitFor();
    for (const path of ["search", "timeline", "stream"]) await page.unroute(`**/v1/${path}?**`);
    setting.listening = false;
    await page.route("**/v1/search?**", (route) =>
      route.fulfill({ status: 503, json: { code: "busy", detail: "Too much at once." } }),
    );
    await page.getByRole("combobox", { name: "Search" }).fill("nvidia");
    await page.keyboard.press("Enter");
    await page.getByText("These are the results of the search before.").waitFor();
    await page.locator(".stories.stale .story").first().waitFor();
    assert.equal(await page.locator(".total").textContent(), "");
    await setting.shot(page, "watch-failed");
    await page.unroute("**/v1/search?**");
    await page.getByRole("alert").getByRole("button", { name: "Try again" }).click();
    await page.locator(".stories:not(.stale) .story").first().waitFor();
    setting.listening = true;
  });
}

function nowhereAndNames(setting) {
  test("An address that leads nowhere is answered in words, a program as before", async () => {
    const page = setting.page;
    await page.unrouteAll({ behavior: "ignoreErrors" });
    setting.listening = false;
    const response = await page.goto(`${setting.base}/no/such/page`);
    assert.equal(response.status(), 404);
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    setting.listening = true;
    const program = await fetch(`${setting.base}/no/such/page`);
    assert.equal(program.status, 404);
    assert.equal((await program.json()).code, "not_found");
  });

  test("No tag is shown under a name that is not its own", async () => {
    const context = await setting.context({});
    const tab = await context.newPage();
    for (const list of ["topics", "actors"])
      await tab.route(`**/v1/${list}`, async (route) => {
        await pause(400);
        await route.continue();
      });
    await tab.addInitScript(() => {
      window.seen = {};
      const look = () => {
        for (const chip of document.querySelectorAll("a.chip"))
          (window.seen[chip.getAttribute("href")] ??= new Set()).add(chip.textContent);
      };
      new MutationObserver(look).observe(document, {
        childList: true,
        subtree: true,
        characterData: true,
      });
    });
    await tab.goto(setting.base);
    await tab.locator(".chip").first().waitFor();
    await pause(700);
    const seen = await tab.evaluate(() =>
      Object.entries(window.seen).map(([href, names]) => [href, [...names]]),
    );
    assert.ok(seen.length > 5);
    for (const [href, names] of seen) assert.equal(names.length, 1, `${href}: ${names.join(", ")}`);
    await context.close();
  });
}

/// The page of the tests, and its search box.
const parts = (setting) => ({
  page: () => setting.page,
  box: () => setting.page.getByRole("combobox", { name: "Search" }),
});

function help(setting) {
  const { page, box } = parts(setting);
  test("The box explains itself by ten examples that run", async () => {
    await page().goto(setting.base);
    const help = page().getByRole("dialog", { name: "Help" });
    const open = () => page().locator(".search").getByRole("button", { name: "Help" }).click();
    await open();
    const queries = await help.locator("dt a").allTextContents();
    assert.equal(queries.length, 10);
    await setting.shot(page(), "help");
    assert.deepEqual(await setting.axe(page()), []);
    for (const [i, query] of queries.entries()) {
      if (i > 0) await open();
      await help.locator("dt a").nth(i).click();
      await help.waitFor({ state: "hidden" });
      assert.equal(await box().inputValue(), query);
      await page().waitForFunction(() => !document.querySelector(".loading, .stories.stale"));
      assert.equal(await page().locator("#query-error").count(), 0, query);
      assert.ok((await setting.api(`/v1/search?q=${encodeURIComponent(query)}`)).total, query);
    }
  });
}

function completions(setting) {
  const { page, box } = parts(setting);
  test("Completions go when the query does, and when one leaves the box", async () => {
    await page().goto(setting.base);
    await page().route("**/v1/suggest?**", async (route) => {
      await pause(300);
      await route.continue();
    });
    await box().pressSequentially("topic:exp");
    await page().keyboard.press("Enter");
    await page().waitForURL(/q=topic/);
    await pause(800);
    assert.equal(await page().locator("#suggestions").count(), 0, "what comes late is not shown");
    await page().unroute("**/v1/suggest?**");
    await box().fill("topic:a");
    await page().locator("#suggestions").waitFor();
    const [list, toolbar] = await Promise.all(
      ["#suggestions", ".watch .bar"].map((what) => page().locator(what).first().boundingBox()),
    );
    assert.ok(list.y + list.height <= toolbar.y, "the toolbar stays free");
    await page().getByLabel("Sort").focus();
    assert.equal(await page().locator("#suggestions").count(), 0);
  });
}

function facets(setting) {
  const { page } = parts(setting);
  test("A facet can be left out, by its button and with Alt", async () => {
    await page().goto(setting.base);
    const rail = page().getByRole("complementary", { name: "Filters" });
    await rail.getByRole("button", { name: "Leave out French" }).click();
    assert.equal(new URL(page().url()).searchParams.get("f"), "-lang:fr");
    const languages = () =>
      page()
        .locator(".stories:not(.stale) .story h3")
        .evaluateAll((all) => all.map((heading) => heading.lang));
    await eventually("no French", async () => {
      const shown = await languages();
      return shown.length > 0 && !shown.includes("fr");
    });
    await page().getByRole("button", { name: "Remove the filter not French" }).waitFor();
    await rail.getByRole("button", { name: /^Arabic/ }).click({ modifiers: ["Alt"] });
    await page().waitForURL(/-lang%3Aar/);
    await eventually("no Arabic either", async () => {
      const shown = await languages();
      return shown.length > 0 && !shown.includes("ar") && !shown.includes("fr");
    });
    await rail.getByRole("button", { name: /^Arabic/ }).click();
    await page().waitForURL((url) => url.searchParams.get("f") === "-lang:fr\nlang:ar");
  });
}

function times(setting) {
  const { page, box } = parts(setting);
  test("A time up to now stays so in the address, and an alert leaves it out", async () => {
    await page().goto(`${setting.base}/?q=chips`);
    await page().locator("label", { hasText: /^Time/ }).locator("select").selectOption("24h");
    await page().waitForURL(/within=24h/);
    await page().getByRole("button", { name: "Remove the time range" }).waitFor();
    await box().fill("chips within:7d");
    await page().keyboard.press("Enter");
    await page().waitForURL(/within%3A7d/);
    await page().getByRole("link", { name: "Save as alert" }).click();
    assert.equal(await page().getByLabel("Query").inputValue(), "chips");
    await page().getByText("The time of the search is left out").waitFor();
  });
}

function clocksAndPaper(setting) {
  test("Clocks are of 24 hours and say their zone", async () => {
    const context = await setting.context({ locale: "en-US", timezoneId: "Asia/Tokyo" });
    const tab = await context.newPage();
    const { hits } = await setting.search("");
    for (const path of ["/?split=language", `/a/${hits[0].id}`, "/ingestion"]) {
      await tab.goto(setting.base + path);
      await tab.locator("time").first().waitFor();
      const texts = await tab.evaluate(() => [
        document.querySelector("main").innerText,
        ...[...document.querySelectorAll("[title]")].map((one) => one.title),
      ]);
      for (const text of texts) assert.doesNotMatch(text, /\d\s?[AP]M\b/);
    }
    await tab.goto(setting.base);
    await tab.locator(".timeline .title", { hasText: "(Asia/Tokyo)" }).waitFor();
    const exact = await tab.locator("time").first().getAttribute("title");
    assert.match(exact, /GMT\+9/);
    await context.close();
  });

  test("Watch and an article print: what they are, from where, when", async () => {
    const context = await setting.context({ viewport: { width: 794, height: 1123 } });
    const tab = await context.newPage();
    await tab.goto(`${setting.base}/?q=chips`);
    await tab.locator(".results .story").first().waitFor();
    await tab.emulateMedia({ media: "print" });
    const head = await tab.locator(".printed").innerText();
    assert.match(head, /search chips · http:.*q=chips · .*\d\d:\d\d:\d\d (GMT\+1|CET)/);
    for (const gone of ["header", ".rail", ".search", ".watch .bar", ".arrivals"])
      assert.equal(await tab.locator(gone).first().isVisible(), false, gone);
    const story = await tab.locator(".story .what").first().boundingBox();
    assert.ok(story.width > 700, `${story.width} px of 794`);
    await setting.shot(tab, "print-watch", true);
    const { hits } = await setting.search("about:ai-chips lang:en");
    await tab.goto(`${setting.base}/a/${hits[0].id}`);
    await tab.locator(".text").waitFor();
    assert.match(await tab.locator(".printed").innerText(), new RegExp(hits[0].id));
    assert.equal(await tab.locator(".article .ask").first().isVisible(), false);
    await setting.shot(tab, "print-article", true);
    await context.close();
  });
}

function alerts(setting) {
  test("An alert that does not arrive is red; noise is left out in one step", async () => {
    const page = setting.page;
    await page.unrouteAll({ behavior: "ignoreErrors" });
    const broken = createServer((request, response) => {
      request.resume();
      response.writeHead(500).end();
    });
    await new Promise((done) => broken.listen(0, "127.0.0.1", done));
    const made = await setting.api("/v1/subscriptions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        name: "Never arrives",
        query: "chips OR nvidia",
        channels: [{ type: "webhook", url: `http://127.0.0.1:${broken.address().port}/` }],
      }),
    });
    await eventually(
      "an attempt that failed",
      async () => (await setting.api(`/v1/subscriptions/${made.id}`)).undelivered,
      40_000,
    );
    await page.goto(`${setting.base}/alerts`);
    const row = page.locator(".subscriptions li", { hasText: "Never arrives" });
    await row.locator(".dot.failed", { hasText: /\d+ not delivered since/ }).waitFor();
    await page.locator("header .badge").waitFor();
    await row.getByRole("link").click();
    await page.getByRole("link", { name: "Duplicate" }).click();
    assert.equal(await page.getByLabel("Name").inputValue(), "Copy of Never arrives");
    assert.equal(await page.getByLabel("Query").inputValue(), "chips OR nvidia");
    await page.goBack();
    const match = page.locator(".matches li").first();
    await match.locator("summary", { hasText: "Noise" }).click();
    await setting.shot(page, "alert-failing");
    const proposed = await match.locator(".noise code").first().textContent();
    assert.match(proposed, /^-source:/);
    await match.locator(".noise button").first().click();
    assert.equal(await page.getByLabel("Query").inputValue(), `(chips OR nvidia) ${proposed}`);
    await page.getByRole("region", { name: "Preview" }).locator("b").first().waitFor();
    await page.getByLabel("Query").pressSequentially(" topic:ai-");
    await page.locator("#suggestions").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).focus();
    assert.equal(await page.locator("#suggestions").count(), 0);
    await page.goto(`${setting.base}/alerts`); // what is shown is asked for again and again
    await setting.api(`/v1/subscriptions/${made.id}`, { method: "DELETE" });
    broken.close();
  });
}

export function finished(setting) {
  chart(setting);
  states(setting);
  waitingAndFailed(setting);
  nowhereAndNames(setting);
  help(setting);
  completions(setting);
  facets(setting);
  times(setting);
  clocksAndPaper(setting);
  alerts(setting);
}
