// The messages of the interface are complete: every key in every language, with the same
// placeholders and the plural forms that the language has; none that no page uses; and each call
// gives what its message asks for. No text stands in a page itself.
//   node messages_test.mjs BUNDLE_FOLDER
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const source = join(dirname(fileURLToPath(import.meta.url)), "src");
const require = createRequire(join(resolve(process.argv[2]), "package.json"));
const ts = require("typescript");

// names, which are the same in every language
const named = ["vigie", "Wikidata", "JSON Feed", "Atom", "Word", "HTML", "Markdown"];
const attributes = new Set(["aria-label", "title", "placeholder", "label", "alt"]);

const formsOf = (message) => (typeof message === "string" ? [message] : Object.values(message));
const placeholders = (text) => new Set([...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]));
const allOf = (message) => new Set(formsOf(message).flatMap((form) => [...placeholders(form)]));
const same = (a, b) => a.size === b.size && [...a].every((one) => b.has(one));
const listed = (set) => [...set].sort().join(", ") || "none";

/// What is wrong with one message of a language, beside the English one.
function faultsOf(language, key, english, message) {
  const faults = [];
  const fault = (text) => faults.push(`${language}.json: ${key}: ${text}`);
  if ((typeof english === "string") !== (typeof message === "string"))
    return [`${language}.json: ${key}: has plural forms in one language and none in another`];
  if (typeof message !== "string") {
    const asked = new Set(new Intl.PluralRules(language).resolvedOptions().pluralCategories);
    if (!same(asked, new Set(Object.keys(message))))
      fault(`its forms are ${listed(new Set(Object.keys(message)))}, not ${listed(asked)}`);
  }
  const wanted = allOf(english);
  for (const form of formsOf(message)) {
    if (!form.trim()) fault("says nothing");
    const given = placeholders(form);
    // a form may say its number as a word: "one article"
    if (typeof message !== "string" && wanted.has("n")) given.add("n");
    if (!same(given, wanted)) fault(`its placeholders are ${listed(given)}, not ${listed(wanted)}`);
  }
  return faults;
}

function compareLanguages(messages) {
  const english = messages.en;
  return Object.entries(messages).flatMap(([language, all]) => [
    ...Object.keys(english)
      .filter((key) => !(key in all))
      .map((key) => `${language}.json: ${key} is missing`),
    ...Object.keys(all)
      .filter((key) => !(key in english))
      .map((key) => `${language}.json: ${key} is not in en.json`),
    ...Object.keys(english)
      .filter((key) => key in all)
      .flatMap((key) => faultsOf(language, key, english[key], all[key])),
  ]);
}

/// The literal texts that an expression may come to.
function literals(node) {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node))
    return [...literals(node.whenTrue), ...literals(node.whenFalse)];
  return [];
}

/// The names of the values of a call; null where they are not written there.
function valuesOf(call) {
  const [, values] = call.arguments;
  if (!values) return new Set();
  if (!ts.isObjectLiteralExpression(values)) return null;
  return new Set(values.properties.map((one) => one.name?.text));
}

const kindOf = (file) => (file.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS);

/// What the pages use, how they call, and what they say by themselves.
function readPages(folder) {
  const found = { texts: new Set(), calls: [], own: new Map() };
  for (const file of readdirSync(folder).filter((name) => /\.tsx?$/.test(name))) {
    const text = readFileSync(join(folder, file), "utf8");
    const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kindOf(file));
    const lineOf = (node) => tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    const own = (node, words) => {
      const without = named.reduce((rest, name) => rest.replaceAll(name, ""), words);
      const isCode = /^\s*([a-z]+:|&\w+;)/.test(without); // a query, a URL, an entity
      if (isCode || !/\p{L}{2}/u.test(without)) return;
      found.own.set(file, [...(found.own.get(file) ?? []), `${lineOf(node)}: ${words.trim()}`]);
    };
    const visit = (node) => {
      if (ts.isStringLiteralLike(node)) found.texts.add(node.text);
      if (ts.isJsxText(node)) own(node, node.text);
      const isText =
        ts.isJsxAttribute(node) && attributes.has(node.name.getText()) && node.initializer;
      if (isText && ts.isStringLiteral(node.initializer)) own(node, node.initializer.text);
      const name = ts.isCallExpression(node) && node.expression.getText();
      if (name === "t" || name === "withParts")
        for (const key of literals(node.arguments[0]))
          found.calls.push({ key, values: valuesOf(node), where: `${file}:${lineOf(node)}` });
      ts.forEachChild(node, visit);
    };
    visit(tree);
  }
  return found;
}

function compareCalls(english, { texts, calls }) {
  const unused = Object.keys(english)
    .filter((key) => !texts.has(key))
    .map((key) => `en.json: ${key} is used by no page`);
  // a message with plural forms needs the number, also where no form writes it
  const asked = (message) =>
    typeof message === "string" ? allOf(message) : new Set([...allOf(message), "n"]);
  const wrong = calls
    .filter(({ key, values }) => key in english && values && !same(values, asked(english[key])))
    .map(
      ({ key, values, where }) =>
        `${where}: ${key} asks for ${listed(asked(english[key]))}, given are ${listed(values)}`,
    );
  return [...unused, ...wrong];
}

const folder = join(source, "messages");
const read = () =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [
      basename(name, ".json"),
      JSON.parse(readFileSync(join(folder, name), "utf8")),
    ]),
  );
const pages = readPages(source);
const check = (messages) => [...compareLanguages(messages), ...compareCalls(messages.en, pages)];

/// Each change must be seen; else the test would pass whatever the files hold.
const changes = {
  "a key is missing in one language": (m) => delete m.ar.loading,
  "a key is missing in English": (m) => delete m.en.loading,
  "a placeholder has another name": (m) => (m.fr["story.newest"] = "dernier {moment}"),
  "a plural form is missing": (m) => delete m.ar.articles.few,
  "a message says nothing": (m) => (m.zh.retry = " "),
  "a key that nobody uses": (m) => Object.values(m).forEach((all) => (all["no.page"] = "x")),
  "a call lacks a value": (m) =>
    Object.values(m).forEach((all) => (all["watch.title"] = "x {more}")),
};
const faults = check(read());
const chooser = readFileSync(join(source, "i18n.ts"), "utf8");
const offered = /interfaceLanguages = \{([^}]*)\}/.exec(chooser)[1];
const codes = new Set([...offered.matchAll(/(\w+):/g)].map((m) => m[1]));
if (!same(codes, new Set(Object.keys(read()))))
  faults.push(`i18n.ts offers ${listed(codes)}, files are ${listed(new Set(Object.keys(read())))}`);
for (const [what, change] of Object.entries(changes)) {
  const messages = read();
  change(messages);
  if (check(messages).length <= check(read()).length) faults.push(`not seen: ${what}`);
}
for (const [file, texts] of pages.own) {
  for (const text of texts) faults.push(`${file}:${text} stands in the page itself`);
}
for (const fault of faults) console.log(`FAILED: ${fault}`);
console.log(`${Object.keys(read().en).length} messages in ${codes.size} languages`);
process.exit(faults.length === 0 ? 0 : 1);
