// The pages compile with the types of the API as it is, and do not where a member that they read
// is gone, has another name or another type.
//   node drift_test.mjs OPENAPI_JSON BUNDLE_FOLDER
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [openapi, bundle] = process.argv.slice(2).map((path) => resolve(path));
const folder = mkdtempSync(join(bundle, "drift-"));

/// What tsc says of the pages with an API that `change` made.
function complaints(change) {
  const document = JSON.parse(readFileSync(openapi, "utf8"));
  change(document.components.schemas);
  writeFileSync(join(folder, "openapi.json"), JSON.stringify(document));
  const types = join(folder, "api.d.ts");
  const made = spawnSync("node", [join(here, "types.mjs"), join(folder, "openapi.json"), types]);
  if (made.status !== 0) throw new Error(made.stderr.toString());
  const check = JSON.parse(readFileSync(join(bundle, "check.json"), "utf8"));
  check.compilerOptions.paths["vigie-api"] = [types];
  writeFileSync(join(folder, "check.json"), JSON.stringify(check));
  const arguments_ = ["--noEmit", "-p", join(folder, "check.json")];
  return spawnSync(join(bundle, "node_modules/.bin/tsc"), arguments_).stdout.toString();
}

const cases = [
  ["the API as it is", () => {}],
  [
    "a member is gone",
    ({ Hit }) => {
      delete Hit.properties.snippet;
    },
  ],
  [
    "a member of a body has another name",
    ({ Draft }) => {
      Draft.properties.channel_list = Draft.properties.channels;
      delete Draft.properties.channels;
    },
  ],
  [
    "a member has another type",
    ({ Count }) => {
      Count.properties.count = { type: "string" };
    },
  ],
];
let failed = 0;
for (const [what, change] of cases) {
  const said = complaints(change);
  const right =
    what === cases[0][0]
      ? said === ""
      : said.includes("error TS") && !said.includes("Cannot find module");
  if (!right) ++failed;
  console.log(`${right ? "ok" : "FAILED"}: ${what}${right ? "" : `: ${said || "it compiles"}`}`);
}
rmSync(folder, { recursive: true });
process.exit(failed === 0 ? 0 : 1);
