// Joins the parts of the API's description (every *.json of this folder) into one OpenAPI
// document, and writes it as a file and as a C++ source that holds it.
//   node join.mjs OUT_FOLDER
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/// Objects are joined; whatever else two parts both say is a mistake.
function add(all, part, at) {
  for (const [name, value] of Object.entries(part)) {
    if (!(name in all)) all[name] = value;
    else if (isObject(all[name]) && isObject(value)) add(all[name], value, `${at}/${name}`);
    else throw new Error(`${at}/${name} is said twice`);
  }
}

/// The names behind every "$ref", so that none leads nowhere.
function checkReferences(value, all) {
  if (Array.isArray(value)) for (const one of value) checkReferences(one, all);
  if (!isObject(value)) return;
  if (typeof value.$ref === "string") {
    const target = value.$ref
      .slice(2)
      .split("/")
      .reduce((place, name) => place?.[name], all);
    if (!value.$ref.startsWith("#/") || target === undefined)
      throw new Error(`${value.$ref} leads nowhere`);
  }
  for (const one of Object.values(value)) checkReferences(one, all);
}

export function joined() {
  const names = readdirSync(here).filter(
    (name) => name.endsWith(".json") && name !== "document.json",
  );
  const all = {};
  for (const name of ["document.json", ...names.sort()]) {
    try {
      add(all, JSON.parse(readFileSync(join(here, name), "utf8")), "");
    } catch (error) {
      throw new Error(`${join(here, name)}: ${error.message}`);
    }
  }
  checkReferences(all, all);
  return all;
}

// A string literal that holds any text: pieces, since compilers bound the length of one.
function literal(text) {
  const pieces = text.match(/[^]{1,8000}/gu) ?? [];
  return pieces.map((piece) => `R"vigie(${piece})vigie"`).join("\n");
}

const out = process.argv[2];
if (out === undefined) {
  console.error("node join.mjs OUT_FOLDER");
  process.exit(2);
}
mkdirSync(out, { recursive: true });
const text = JSON.stringify(joined());
writeFileSync(join(out, "openapi.json"), text);
writeFileSync(
  join(out, "openapi_text.cc"),
  `#include "indexer/api/document.h"

namespace vigie::indexer::api {

std::string_view document_text() {
  return {${literal(text)},
          ${Buffer.byteLength(text)}};
}

}  // namespace vigie::indexer::api
`,
);
