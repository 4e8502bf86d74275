// That nothing moves under the reader's eyes while a page comes, however its parts are answered.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SlowLine } from "./slow.mjs";
import { patience, pause } from "./setting.mjs";

const longestMs = 400; // until the API answers
const quietMs = 300; // without a request: the page has come
const widths = { 360: 780, 768: 1024, 1280: 900, 1920: 1080 };
// The ordinary run looks at a phone and a desk; VIGIE_LONG=1 at every width, at warm visits too,
// and holds them to 0.02.
const isLong = Boolean(process.env.VIGIE_LONG);
const looked = isLong ? Object.keys(widths) : ["360", "1280"];
const largestShift = isLong ? 0.02 : 0.05; // W3C Layout Instability
const visits = isLong ? ["cold", "warm"] : ["cold"];

/// Keeps what moved without a person's doing. Source: W3C Layout Instability.
function keepShifts() {
  const told = (node) => {
    const element = node?.nodeType === Node.ELEMENT_NODE ? node : node?.parentElement;
    if (!element) return "something that is gone";
    const text = element.textContent.trim().replace(/\s+/g, " ").slice(0, 24);
    return `${element.localName}.${element.className || "-"} "${text}"`;
  };
  const place = (rect) => `${Math.round(rect.x)},${Math.round(rect.y)}+${Math.round(rect.height)}`;
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      if (!entry.hadRecentInput)
        window.shifts.push({
          value: entry.value,
          what: entry.sources
            .slice(0, 3)
            .map(
              ({ node, previousRect, currentRect }) =>
                `${told(node)} ${place(previousRect)} → ${place(currentRect)}`,
            ),
        });
  }).observe({ type: "layout-shift", buffered: true });
}

async function settled(tab, line) {
  await tab.locator("main").first().waitFor({ state: "attached" });
  let since = 0;
  for (
    const end = Date.now() + 15_000 * patience;
    since < quietMs && Date.now() < end;
    since += 50
  ) {
    await pause(50);
    const isComing = await tab.evaluate(() => Boolean(document.querySelector(".loading")));
    if (line.waiting > 0 || isComing) since = 0;
  }
}

/// What moved by more than may be, while the pages came at one width: for somebody who was never
/// here, and again with all that the browser kept.
export async function moved(setting, pages, width, keep = async () => undefined) {
  const wrong = [];
  for (const [name, address] of Object.entries(pages)) {
    const line = new SlowLine(setting.base, longestMs);
    await line.listen();
    const context = await setting.browser.newContext({
      viewport: { width, height: widths[width] },
      locale: "en-GB",
      timezoneId: "Europe/Paris",
    });
    context.setDefaultTimeout(30_000 * patience);
    await context.addInitScript(keepShifts);
    const tab = await context.newPage();
    for (const visit of visits) {
      await context.setExtraHTTPHeaders({ "x-visit": `${name} ${width} ${visit}` });
      await tab.goto(line.base + address);
      await settled(tab, line);
      const shifts = await tab.evaluate(() => window.shifts);
      const all = shifts.reduce((sum, one) => sum + one.value, 0);
      const largest = shifts
        .sort((a, b) => b.value - a.value)
        .slice(0, 3)
        .map((one) => `\n    ${one.value.toFixed(3)} ${one.what.join("; ")}`);
      if (all > largestShift)
        wrong.push(`${name}, ${width} px, ${visit}: ${all.toFixed(3)}${largest.join("")}`);
      await keep(tab, name, width, visit, all);
    }
    await context.close();
    line.close();
  }
  return wrong;
}

/// `pagesOf`: each page's address by its name.
export function layout(setting, pagesOf) {
  test("Nothing moves while a page comes, in whatever order it is answered", async () => {
    const pages = await pagesOf();
    const began = Date.now();
    const all = await Promise.all(looked.map((width) => moved(setting, pages, Number(width))));
    const count = Object.keys(pages).length * looked.length * visits.length;
    console.log(`${count} visits in ${Math.round((Date.now() - began) / 1000)} s`);
    assert.equal(all.flat().join("\n"), "");
  });
}
