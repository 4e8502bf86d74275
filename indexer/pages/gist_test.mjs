// The line from tags, of articles in the thirteen languages of the packs, in each language of the
// interface: as the tagger of the build tags them, against tests/gold/gist.
//   node gist_test.mjs BUILD_FOLDER [--write]
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const gold = join(root, "tests/gold/gist");
const build = resolve(process.argv[2]);
const bundle = join(build, "indexer/pages/bundle");
const pack = join(root, "ops/topics/ai-geopolitics");
const interfaceLanguages = ["en", "fr", "de", "es", "zh", "ar"];

const lines = (text) =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const read = (name) => lines(readFileSync(join(gold, name), "utf8"));

function vigie(words, input) {
  const done = spawnSync(join(build, "bin/vigie"), words, {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (done.status !== 0) throw new Error(`vigie ${words.join(" ")}: ${done.stderr}`);
  return lines(done.stdout);
}

/// The pages' own functions, bundled as the pages are.
async function pages() {
  const { build: bundled } = createRequire(join(bundle, "package.json"))("esbuild");
  const folder = mkdtempSync(join(tmpdir(), "vigie-gist-"));
  const file = join(folder, "gist.mjs");
  try {
    await bundled({
      stdin: {
        contents: `export * from "./gist"; export * from "./names"; export * from "./amount";`,
        resolveDir: join(here, "src"),
        loader: "ts",
      },
      bundle: true,
      format: "esm",
      outfile: file,
      logLevel: "warning",
    });
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const spaces = (text) => text.replace(/[\u00a0\u202f]/g, " ").replace(/\u200e|\u200f/g, "");

function told(article, tags, named, { gistOf, gistParts, nameIn }) {
  const gist = gistOf({ ...article, topics: tags.topics, actors: tags.actors });
  const told = { id: article.id, gist };
  for (const language of interfaceLanguages) {
    const locale = `${language}-u-nu-latn`;
    const regions = new Intl.DisplayNames(locale, { type: "region" });
    const name = (id) => nameIn(language, id, named.get(id), (code) => regions.of(code));
    told[language] = gist && spaces(gistParts(gist, name, locale).join(" · "));
  }
  return told;
}

/// What numbers of a text are, and what is none.
function amountFaults({ amountIn }) {
  return read("amounts.jsonl").flatMap(({ language, text, value, unit, as }) => {
    const found = amountIn(text, language);
    const is = found && [found.value, found.unit, found.as];
    const should = value === null ? null : [value, unit, as];
    return JSON.stringify(is) === JSON.stringify(should)
      ? []
      : [`${language}: ${text}: ${JSON.stringify(is)}, not ${JSON.stringify(should)}`];
  });
}

const own = await pages();
const articles = read("articles.jsonl");
const manifest = articles.map(({ id, title, text }) => `${JSON.stringify({ id, title, text })}\n`);
const tagged = new Map(
  vigie(["tag", "--manifest", "-", "--pack", pack], manifest.join("")).map((one) => [one.id, one]),
);
const named = new Map(
  vigie(["topics", "list", pack]).map((one) => [
    one.id,
    { ...one, name: one.names.en ?? one.names.any ?? one.id },
  ]),
);
const is = articles.map((article) => told(article, tagged.get(article.id), named, own));
if (process.argv[3] === "--write") {
  writeFileSync(join(gold, "golden.jsonl"), is.map((one) => `${JSON.stringify(one)}\n`).join(""));
  process.exit(0);
}
const faults = amountFaults(own);
const should = new Map(read("golden.jsonl").map((one) => [one.id, one]));
for (const one of is) {
  const wanted = should.get(one.id);
  for (const key of ["gist", ...interfaceLanguages])
    if (JSON.stringify(one[key]) !== JSON.stringify(wanted?.[key]))
      faults.push(
        `${one.id} ${key}: ${JSON.stringify(one[key])}, not ${JSON.stringify(wanted?.[key])}`,
      );
}
if (should.size !== articles.length)
  faults.push(`${should.size} golden, ${articles.length} articles`);
const languages = new Set(articles.map((one) => one.language)).size;
for (const fault of faults) console.error(`gist: ${fault}`);
console.log(`gist: ${articles.length} articles in ${languages} languages, ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
