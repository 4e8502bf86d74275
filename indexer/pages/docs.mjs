// The API's documentation as one page, made of its description (OpenAPI 3.1) at build time: every
// call with its parameters, body, answers and an example for curl that runs as it stands.

const MARKS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => MARKS[c]);
/// `words` between backticks are code.
const prose = (text = "") => escaped(text).replace(/`([^`]+)`/g, "<code>$1</code>");
const slug = (text) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

/// The variable of the shell for the value of a {name} of a path: what it is an id of.
const variable = (path, name) => {
  if (name !== "id") return name.toUpperCase();
  const parts = path.split("/");
  const before = parts[parts.indexOf("{id}") - 1];
  const what = before.replace(/(?<=ch)es$|s$/, "").toUpperCase();
  return what === "KEY" ? "KEY_ID" : what; // $KEY is the key itself
};
/// Examples that would be left open, or that are for programs alone.
const NO_EXAMPLE = new Set(["peer"]);
const MORE_FLAGS = { stream: "-N --max-time 5", export: "-OJ", ingest: "" };

class Docs {
  constructor(document) {
    this.document = document;
  }

  resolved(schema) {
    if (!schema?.$ref) return schema ?? {};
    return schema.$ref
      .slice(2)
      .split("/")
      .reduce((place, part) => place[part], this.document);
  }

  /// A type in words; a named schema is a link to it.
  type(schema) {
    if (!schema) return "";
    if (schema.$ref?.startsWith("#/components/schemas/")) {
      const name = schema.$ref.split("/").pop();
      return `<a href="#schema-${slug(name)}">${escaped(name)}</a>`;
    }
    if (schema.enum) return schema.enum.map((one) => `<code>${escaped(one)}</code>`).join(", ");
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices) return choices.map((one) => this.type(one)).join(" or ");
    if (schema.allOf) return schema.allOf.map((one) => this.type(one)).join(" and ");
    const names = [schema.type ?? "any"].flat();
    const said = names.map((name) =>
      name === "array" ? `list of ${this.type(schema.items) || "any"}` : escaped(name),
    );
    const bounds = [schema.minimum ?? "", schema.maximum ?? ""];
    const range = bounds.some((one) => one !== "") ? ` ${bounds.join("…")}` : "";
    return said.join(" or ") + range;
  }

  /// Cells and rows need no end tags (HTML, "Optional tags"), and there are a thousand of them.
  table(heads, rows) {
    if (rows.length === 0) return "";
    const head = heads.map((one) => `<th>${one}`).join("");
    const body = rows.map((row) => `<tr>${row.map((one) => `<td>${one}`).join("")}`).join("\n");
    return `<div class="wide"><table>\n<tr>${head}\n${body}</table></div>\n`;
  }

  parameters(operation) {
    const rows = (operation.parameters ?? []).map((given) => {
      const one = this.resolved(given);
      const fallback = one.schema?.default;
      const more = fallback === undefined ? "" : ` (default <code>${escaped(fallback)}</code>)`;
      const where = one.in === "query" ? "" : ` (${one.in})`;
      const type = this.type(one.schema);
      return [`<code>${escaped(one.name)}</code>${where}`, type, prose(one.description) + more];
    });
    return this.table(["Parameter", "Type", "Meaning"], rows);
  }

  /// Members of an object schema and of the parts that it is made of.
  members(schema) {
    const real = this.resolved(schema);
    const own = Object.entries(real.properties ?? {}).map(([name, member]) => [
      name,
      member,
      (real.required ?? []).includes(name),
    ]);
    return [...(real.allOf ?? []).flatMap((part) => this.members(part)), ...own];
  }

  schema(name, schema) {
    const rows = this.members(schema).map(([member, described, needed]) => [
      `<code>${escaped(member)}</code>${needed ? "" : " (perhaps)"}`,
      this.type(described),
      prose(this.resolved(described).description),
    ]);
    const said = rows.length > 0 ? this.table(["Member", "Type", "Meaning"], rows) : "";
    const type = rows.length > 0 ? "" : `<p>${this.type(schema)}</p>\n`;
    const head = heading(3, `schema-${slug(name)}`, escaped(name));
    const words = `<p>${prose(schema.description)}</p>\n`;
    return `<section>\n${head}${words}${type}${said}</section>\n`;
  }

  answers(operation) {
    const rows = Object.entries(operation.responses).flatMap(([status, given]) => {
      const response = this.resolved(given);
      const kinds = Object.entries(response.content ?? {});
      const bodies = kinds.map(
        ([media, one]) => `<code>${escaped(media)}</code> ${this.type(one.schema)}`,
      );
      return /^[45]XX$/.test(status)
        ? []
        : [[`<code>${status}</code>`, prose(response.description), bodies.join("<br>")]];
    });
    return this.table(["Status", "Meaning", "Body"], rows);
  }

  /// A command that runs as it stands, where the variables of the shell are set.
  curl(method, path, operation) {
    let url = path;
    for (const [, name] of path.matchAll(/\{(\w+)\}/g)) {
      const parameter = (operation.parameters ?? [])
        .map((one) => this.resolved(one))
        .find((one) => one.name === name);
      url = url.replace(`{${name}}`, parameter?.example ?? `$${variable(path, name)}`);
    }
    const asked = (operation.parameters ?? []).map((one) => this.resolved(one));
    const shown = asked.filter((one) => one.in === "query" && one.example !== undefined);
    const lines = [`curl -sS --fail-with-body ${MORE_FLAGS[operation.operationId] ?? ""}`.trim()];
    if (method !== "get" || shown.length > 0)
      lines[0] += method === "get" ? " -G" : ` -X ${method.toUpperCase()}`;
    lines[0] += ` "$VIGIE${url}"`;
    if (!operation.security || operation.security.length > 0)
      lines.push(`-H "Authorization: Bearer $KEY"`);
    for (const one of shown) lines.push(`--data-urlencode '${one.name}=${one.example}'`);
    const [media, body] =
      Object.entries(operation.requestBody?.content ?? {}).find(
        ([, one]) => one.example !== undefined,
      ) ?? [];
    if (media) {
      const text =
        typeof body.example === "string" ? body.example.trim() : JSON.stringify(body.example);
      lines.push(`-H 'Content-Type: ${media}'`, `--data-binary '${text.replaceAll("'", "'\\''")}'`);
    }
    return lines.join(" \\\n  ");
  }

  operation(method, path, operation) {
    const id = operation.operationId;
    const body = Object.entries(operation.requestBody?.content ?? {});
    const takes = body.map(
      ([media, one]) => `<code>${escaped(media)}</code> ${this.type(one.schema)}`,
    );
    const example = NO_EXAMPLE.has(id)
      ? ""
      : `<pre tabindex="0" class="curl" data-operation="${id}"><code>` +
        `${escaped(this.curl(method, path, operation))}</code></pre>\n`;
    return (
      `<section>\n${heading(3, id, `<code>${method.toUpperCase()} ${escaped(path)}</code>`)}` +
      `<p>${prose(operation.summary)}</p>\n` +
      (operation.description ? `<p>${prose(operation.description)}</p>\n` : "") +
      this.parameters(operation) +
      (takes.length > 0 ? `<p>Body: ${takes.join(" or ")}</p>\n` : "") +
      this.answers(operation) +
      example +
      `</section>\n`
    );
  }

  tag(tag) {
    const calls = Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, one]) => one.tags[0] === tag.name)
        .map(([method, one]) => this.operation(method, path, one)),
    );
    const head = heading(2, `tag-${slug(tag.name)}`, escaped(tag.name));
    return `${head}<p>${prose(tag.description)}</p>\n${calls.join("")}`;
  }

  webhook(operation) {
    const [body] = Object.values(operation.requestBody?.content ?? {});
    return (
      `<p>${prose(operation.summary)} ${prose(operation.description)}</p>\n` +
      this.parameters(operation) +
      `<p>Body: ${this.type(body?.schema)}</p>\n`
    );
  }

  contents() {
    const parts = this.document.tags.map((tag) => {
      const calls = Object.entries(this.document.paths).flatMap(([path, methods]) =>
        Object.entries(methods)
          .filter(([, one]) => one.tags[0] === tag.name)
          .map(
            ([method, one]) =>
              `<li><a href="#${one.operationId}"><code>` +
              `${method.toUpperCase()} ${escaped(path)}</code></a></li>`,
          ),
      );
      const name = `<a href="#tag-${slug(tag.name)}">${escaped(tag.name)}</a>`;
      return `<li>${name}<ul>${calls.join("\n")}</ul></li>`;
    });
    parts.push('<li><a href="#schemas">Schemas</a></li>');
    return `<nav aria-label="Calls"><ul>${parts.join("\n")}</ul></nav>\n`;
  }
}

/// A heading that can be linked to.
const heading = (level, id, words) =>
  `<h${level} id="${id}"><a class="self" href="#${id}">${words}</a></h${level}>\n`;

const BEFORE = `<p>Examples run as they stand where these are set:</p>
<pre tabindex="0"><code>VIGIE=http://127.0.0.1:8080   # where vigie answers
KEY=…                         # a key of api.keys_file; any word where there is none
ARTICLE=… VERSION=… SUBSCRIPTION=… MATCH=… QUARANTINE=… SESSION=…   # ids</code></pre>
<p>Whatever is refused or fails is answered with <a href="#schema-problem">problem details</a>
(RFC 9457), 4XX and 5XX, whose <code>code</code> is stable.</p>
<p>The same for programs: <a href="/openapi.json"><code>/openapi.json</code></a> (OpenAPI 3.1).
Programs with a language model read by the Model Context Protocol at <code>/mcp</code>.</p>
`;

/// The page: HTML without scripts.
export function docsPage(document) {
  const docs = new Docs(document);
  const schemas = Object.entries(document.components.schemas).sort(([a], [b]) =>
    a.localeCompare(b),
  );
  const hook = Object.values(document.webhooks ?? {})
    .map((one) => one.post)
    .filter(Boolean);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · vigie</title>
<link rel="icon" href="/favicon.ico">
<link rel="stylesheet" href="/assets/app.css">
<link rel="stylesheet" href="/assets/docs.css">
<main class="page docs">
<p><a href="/">vigie</a> · API</p>
<h1>API</h1>
${document.info.description
  .split("\n\n")
  .map((one) => `<p>${prose(one)}</p>`)
  .join("\n")}
${BEFORE}${docs.contents()}
${document.tags.map((tag) => docs.tag(tag)).join("\n")}
${heading(2, "webhook", "Webhook")}
${hook.map((one) => docs.webhook(one)).join("\n")}
${heading(2, "schemas", "Schemas")}
${schemas.map(([name, schema]) => docs.schema(name, schema)).join("\n")}
</main>
</html>
`;
}
