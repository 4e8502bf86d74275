// Makes TypeScript types of the schemas of an OpenAPI document, so that pages which read a member
// that the API does not answer do not compile.
//   node types.mjs OPENAPI_JSON OUT_FILE
import { readFileSync, writeFileSync } from "node:fs";

const plain = {
  string: "string",
  integer: "number",
  number: "number",
  boolean: "boolean",
  null: "null",
};

function objectType(schema) {
  const { properties, additionalProperties: others } = schema;
  if (properties === undefined)
    return `Record<string, ${others === true ? "unknown" : typeOf(others)}>`;
  const required = new Set(schema.required);
  const members = Object.entries(properties).map(([name, member]) => {
    const comment = member.description ? `  /** ${member.description} */\n` : "";
    return `${comment}  ${name}${required.has(name) ? "" : "?"}: ${typeOf(member)};\n`;
  });
  return `{\n${members.join("")}}`;
}

function typeNamed(name, schema) {
  if (name === "object") return objectType(schema);
  if (name === "array") return `(${typeOf(schema.items)})[]`;
  if (!(name in plain)) throw new Error(`a type that has no TypeScript: ${JSON.stringify(schema)}`);
  return plain[name];
}

function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.allOf) return schema.allOf.map(typeOf).join(" & ");
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" | ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  return [schema.type]
    .flat()
    .map((name) => typeNamed(name, schema))
    .join(" | ");
}

export function typesOf(document) {
  const schemas = Object.entries(document.components.schemas);
  return schemas.map(([name, schema]) => `export type ${name} = ${typeOf(schema)};\n`).join("\n");
}

const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) {
  console.error("node types.mjs OPENAPI_JSON OUT_FILE");
  process.exit(2);
}
const text = typesOf(JSON.parse(readFileSync(from, "utf8")));
writeFileSync(to, `// Made by types.mjs of the schemas of the API.\n\n${text}`);
