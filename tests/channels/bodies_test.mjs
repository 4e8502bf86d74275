// What the adapters send (tests/unit/indexer/delivery/bodies) fits what the services' own packages
// say of their messages: types of @slack/types, discord-api-types and @grammyjs/types, and the
// reader of Adaptive Cards in adaptivecards. Matrix and ntfy publish no package of message types.
//   node bodies_test.mjs BODIES_FOLDER BUILD_FOLDER
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [bodies, build] = process.argv.slice(2).map((path) => resolve(path));
const folder = join(build, "tests/channels");
const skip = 77;

const read = (name) => JSON.parse(readFileSync(join(bodies, `${name}.json`), "utf8"));

function install() {
  const lock = readFileSync(join(here, "package-lock.json"), "utf8");
  const mark = join(folder, "installed");
  if (existsSync(mark) && readFileSync(mark, "utf8") === lock) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ["package.json", "package-lock.json"])
    cpSync(join(here, name), join(folder, name));
  const npm = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const done = spawnSync("npm", npm, { cwd: folder, timeout: 240_000, encoding: "utf8" });
  if (done.status !== 0) {
    console.log(`SKIP: the services' packages cannot be fetched: ${done.stderr}`);
    process.exit(process.env.CI ? 1 : skip);
  }
  writeFileSync(mark, lock);
}

/// The type of each body, as its package says it.
const types = {
  slack: `import type { KnownBlock } from "@slack/types";
type Body = { text: string; blocks: KnownBlock[]; unfurl_links: boolean; unfurl_media: boolean };`,
  discord: `import type { RESTPostAPIWebhookWithTokenJSONBody } from "discord-api-types/v10";
type Body = RESTPostAPIWebhookWithTokenJSONBody;`,
  telegram: `import type { ApiMethods } from "@grammyjs/types";
type Body = Parameters<ApiMethods<unknown>["sendMessage"]>[0];`,
};

/// What is no message of the service any more; the types must say so.
const spoilt = {
  slack: (body) => {
    body.blocks[1].elements[0].type = "rich_text_sections";
  },
  discord: (body) => {
    body.embeds[0].descriptions = body.embeds[0].description;
  },
  telegram: (body) => {
    body.parse_mode = "Html";
  },
};

/// What tsc says of each text, by name.
function complaints(sources) {
  const place = mkdtempSync(join(folder, "check-"));
  for (const [name, text] of Object.entries(sources))
    writeFileSync(join(place, `${name}.ts`), text);
  const compilerOptions = { strict: true, noEmit: true, skipLibCheck: true, module: "nodenext" };
  writeFileSync(join(place, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  const tsc = join(folder, "node_modules/.bin/tsc");
  const said = spawnSync(tsc, ["-p", place], { encoding: "utf8", cwd: place }).stdout;
  rmSync(place, { recursive: true });
  const about = (name) => said.split("\n").filter((line) => line.startsWith(`${name}.ts`));
  return Object.fromEntries(Object.keys(sources).map((name) => [name, about(name)]));
}

const source = (type, body) => `${type}\nexport const body: Body = ${JSON.stringify(body)};\n`;

/// What the reader of Adaptive Cards passes over or misses.
function cardProblems(card) {
  const AC = createRequire(join(folder, "package.json"))("adaptivecards/dist/adaptivecards.js");
  const context = new AC.SerializationContext();
  const parsed = new AC.AdaptiveCard();
  parsed.parse(card, context);
  const found = [];
  for (let i = 0; i < context.eventCount; ++i) found.push(context.getEventAt(i).message);
  for (const event of parsed.validateProperties().validationEvents) found.push(event.message);
  return found;
}

function failures() {
  const out = [];
  const sources = {};
  for (const [name, type] of Object.entries(types)) {
    const bad = read(name);
    spoilt[name](bad);
    sources[name] = source(type, read(name));
    sources[`spoilt_${name}`] = source(type, bad);
  }
  for (const [name, said] of Object.entries(complaints(sources))) {
    if (name.startsWith("spoilt_")) {
      if (said.length === 0) out.push(`${name}: a body that is wrong fits its type`);
    } else out.push(...said);
  }
  const message = read("teams");
  const { content, contentType } = message.attachments[0];
  if (message.type !== "message" || contentType !== "application/vnd.microsoft.card.adaptive")
    out.push("teams: not in the form that workflows take");
  out.push(...cardProblems(content).map((problem) => `teams: ${problem}`));
  const bad = structuredClone(content);
  bad.body[1].type = "Containers";
  if (cardProblems(bad).length === 0)
    out.push("teams: a card that is wrong is read without a word");
  return out;
}

install();
const found = failures();
for (const failure of found) console.error(failure);
console.log(found.length ? `${found.length} failures` : "every body fits");
process.exit(found.length ? 1 : 0);
