// Validates an AsyncAPI document with the official parser, and prints its diagnostics and what it
// says as one JSON object.   node validate.mjs FILE
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
const told = diagnostics.map((one) => ({
  severity: one.severity, // 0 error, 1 warning, 2 information
  message: one.message,
  path: one.path.join("."),
}));
console.log(
  JSON.stringify({
    diagnostics: told,
    addresses: document
      ?.channels()
      .all()
      .map((c) => c.address()),
  }),
);
