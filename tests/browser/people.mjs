// Who is signed in, with what role: the key that is asked for once, sessions, what a reader may.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "./setting.mjs";

const admin = "a-key-of-the-browser-tests";

function asksForAKey(setting) {
  const page = () => setting.page;
  test("With keys, the page asks for one once and keeps it", async () => {
    await setting.stopVigie();
    await setting.startVigie(new URL(setting.base).port, {
      "api.keys_file": setting.file("keys", `${admin}\n`),
    });
    await page().goto(setting.base + "/");
    assert.equal(
      await page()
        .getByLabel("Your key")
        .evaluate((field) => field === document.activeElement),
      true,
      "typing begins at once",
    );
    await page().keyboard.type("not-the-key-at-all");
    await page().keyboard.press("Enter");
    await page().getByRole("alert").getByText("This key is not known here").waitFor();
    assert.deepEqual(await setting.axe(page()), []);
    await page().getByLabel("Your key").fill(admin);
    await page().getByRole("button", { name: "Sign in" }).click();
    await page().locator(".results .story").first().waitFor();
    await page().locator(".chip").first().waitFor();
    await page().reload();
    await page().locator(".results .story").first().waitFor();
  });
}

function signsOut(setting) {
  const page = () => setting.page;
  test("Who signed in sees the name and the sessions, and can sign out", async () => {
    await page().goto(setting.base + "/");
    const header = page().locator("header");
    await header.getByRole("link", { name: "key 1" }).click();
    await page().getByText("this one").waitFor();
    assert.equal(await page().locator("tbody tr").count(), 1);
    assert.deepEqual(await setting.axe(page()), []);
    await header.getByRole("button", { name: "Sign out" }).click();
    await page().getByLabel("Your key").waitFor();
    assert.equal(await header.getByRole("button", { name: "Sign out" }).count(), 0);
  });
}

function readsOnly(setting) {
  const page = () => setting.page;
  test("A reader sees alerts with their history and changes none; an admin sees all", async () => {
    const root = { authorization: `Bearer ${admin}` };
    const ask = async (path, body, headers = root) => {
      const response = await fetch(setting.base + path, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      assert.equal(response.status, 201, await response.clone().text());
      return response.json();
    };
    const ana = await ask("/v1/keys", { name: "Ana", role: "analyst" });
    const ivo = await ask("/v1/keys", { name: "Ivo the intern", role: "reader" });
    const alert = await ask(
      "/v1/subscriptions",
      { name: "Licences", query: "licences" },
      { authorization: `Bearer ${ana.key}` },
    );
    await page().goto(setting.base + `/alerts?id=${alert.id}`);
    await page().getByLabel("Your key").fill(ivo.key);
    await page().keyboard.press("Enter");
    await page().getByText("changed by Ana").waitFor();
    assert.equal(await page().getByRole("button", { name: "Change" }).count(), 0);
    assert.equal(await page().getByRole("button", { name: "Delete" }).count(), 0);
    await page().getByRole("button", { name: "History" }).click();
    await page().getByText("Ana made the alert").waitFor();
    await page().getByRole("button", { name: "Feed", exact: true }).click();
    const feed = await page().getByRole("link", { name: "Atom" }).getAttribute("href");
    assert.equal((await fetch(feed)).status, 200, "a feed reader shows no key");
    assert.deepEqual(await setting.axe(page()), []);
    await page().locator("header").getByRole("button", { name: "Sign out" }).click();
    await page().getByLabel("Your key").fill(admin);
    await page().keyboard.press("Enter");
    await page().locator("header").getByRole("link", { name: "Audit" }).click();
    await page()
      .getByRole("row", { name: /Ana .*made the alert.*Licences/ })
      .waitFor();
    await page().getByLabel("Only by").fill("Ana");
    await page().keyboard.press("Enter");
    await page()
      .getByRole("row", { name: /Ana .*made the alert/ })
      .waitFor();
    await eventually(
      "what others did is gone",
      async () =>
        (await page()
          .getByRole("row", { name: /made the key/ })
          .count()) === 0,
    );
    assert.deepEqual(await setting.axe(page()), []);
  });
}

/// After these an admin is signed in.
export function people(setting) {
  asksForAKey(setting);
  signsOut(setting);
  readsOnly(setting);
}
