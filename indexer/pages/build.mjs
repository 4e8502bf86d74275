// Bundles the pages and writes them as a C++ source, plain and gzipped, with an ETag each.
// The runbooks of ops/runbooks go with them as pages of their own, so that they can be read where
// there is no internet.
// So does the documentation of the API, made of its description.
//   node build.mjs OUT_FOLDER SOURCES RUNBOOKS OPENAPI_JSON
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Marked } from "marked";
import { docsPage } from "./docs.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? "dist";
const source = process.argv[3] ?? join(here, "src");
const runbooks = process.argv[4] ?? join(here, "../../ops/runbooks");
mkdirSync(out, { recursive: true });

const result = await build({
  entryPoints: { app: join(source, "main.tsx") },
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2021",
  jsx: "automatic",
  jsxImportSource: "preact",
  nodePaths: [join(here, "node_modules")],
  write: false,
  legalComments: "none",
  logLevel: "warning",
});

const files = result.outputFiles.map((file) => [
  file.path.split("/").pop(),
  Buffer.from(file.contents),
]);
files.push(["index.html", readFileSync(join(source, "index.html"))]);
files.push(["icon.svg", readFileSync(join(source, "icon.svg"))]);
// One file a language, of which a page loads one.
for (const name of readdirSync(join(source, "messages")).sort()) {
  const messages = JSON.parse(readFileSync(join(source, "messages", name), "utf8"));
  files.push([`messages/${name}`, Buffer.from(JSON.stringify(messages))]);
}

/// A link to another runbook leads to its page; one to another file of the sources is its name.
const marked = new Marked({
  renderer: {
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens);
      if (/^https?:/.test(href)) return `<a href="${href}" rel="noreferrer">${text}</a>`;
      const page = /^([A-Za-z]+)\.md$/.exec(href);
      if (!page) return text;
      return `<a href="/runbooks${page[1] === "README" ? "" : `/${page[1]}`}">${text}</a>`;
    },
  },
});
const runbookPage = (title, body) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · vigie</title>
<link rel="icon" href="/favicon.ico">
<link rel="stylesheet" href="/assets/app.css">
<main class="page">
<p><a href="/">vigie</a> · <a href="/runbooks">Runbooks</a></p>
${body}</main>
</html>
`;
const pages = [];
const names = readdirSync(runbooks).filter((name) => name.endsWith(".md"));
for (const name of names.sort()) {
  const title = basename(name, ".md");
  let body = marked.parse(readFileSync(join(runbooks, name), "utf8"));
  if (title === "README")
    body = `<h1>Runbooks</h1>\n<ul>${names
      .map((one) => basename(one, ".md"))
      .filter((one) => one !== "README")
      .map((one) => `<li><a href="/runbooks/${one}">${one}</a></li>`)
      .join("\n")}</ul>\n`;
  pages.push([
    title === "README" ? "runbooks.html" : `runbooks/${title}.html`,
    Buffer.from(runbookPage(title === "README" ? "Runbooks" : title, body)),
  ]);
}

const documentation = docsPage(JSON.parse(readFileSync(process.argv[5], "utf8")));
if (documentation.length > 200 * 1024) {
  console.error("pages: the documentation of the API is larger than its 200 kB");
  process.exit(1);
}
pages.push(["docs.html", Buffer.from(documentation)]);
pages.push(["docs.css", readFileSync(join(source, "../docs.css"))]);

const types = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  svg: "image/svg+xml",
  json: "application/json; charset=utf-8",
};
const bytes = (buffer) => {
  const lines = [];
  for (let i = 0; i < buffer.length; i += 32) lines.push([...buffer.subarray(i, i + 32)].join(","));
  return lines.join(",\n");
};
let code = '#include "indexer/pages/assets.h"\n\nnamespace vigie::indexer::pages {\nnamespace {\n';
const rows = [];
let common = 0; // what every reader loads
let largest = 0; // of the languages, of which a reader loads one
for (const [name, content] of [...files, ...pages]) {
  const packed = gzipSync(content, { level: 9 });
  const isPage = files.some(([one]) => one === name);
  if (isPage && name.startsWith("messages/")) largest = Math.max(largest, packed.length);
  else if (isPage) common += packed.length;
  const symbol = name.replace(/\W/g, "_");
  const tag = createHash("sha256").update(content).digest("hex").slice(0, 16);
  code += `const unsigned char ${symbol}_plain[] = {\n${bytes(content)}};\n`;
  code += `const unsigned char ${symbol}_gzip[] = {\n${bytes(packed)}};\n`;
  const type = types[name.split(".").pop()];
  const view = (array) => `{reinterpret_cast<const char*>(${array}), sizeof ${array}}`;
  const views = `${view(`${symbol}_plain`)}, ${view(`${symbol}_gzip`)}`;
  rows.push(`    {"${name}", "${type}", "\\"${tag}\\"", ${views}},`);
}
code += `const Asset kAll[] = {
${rows.join("\n")}
};
}  // namespace

std::span<const Asset> assets() { return kAll; }

}  // namespace vigie::indexer::pages
`;
writeFileSync(join(out, "assets.cc"), code);
const kB = (bytes) => (bytes / 1024).toFixed(1);
console.log(
  `pages: ${files.length} files, ${kB(common + largest)} kB gzip with the largest language ` +
    `(${kB(largest)} kB), ${names.length} runbooks`,
);
if (common + largest > 150 * 1024) {
  console.error("pages: the bundle is larger than its 150 kB");
  process.exit(1);
}
