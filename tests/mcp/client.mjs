// The official client, of the revision that carries itself in each request: lists the tools and
// calls each, and says what it got as one JSON object.
//   node client.mjs CALLS_JSON (URL KEY | COMMAND…)
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import process, { argv } from "node:process";

const calls = JSON.parse(argv[2]);
const [target, ...more] = argv.slice(3);
const transport = target.startsWith("http://")
  ? new StreamableHTTPClientTransport(new URL(target), {
      requestInit: { headers: { Authorization: `Bearer ${more[0]}` } },
    })
  : new StdioClientTransport({ command: target, args: more, env: process.env, stderr: "ignore" });
const client = new Client(
  { name: "vigie-tests", version: "1" },
  { versionNegotiation: { mode: { pin: "2026-07-28" } } },
);
await client.connect(transport);
const { tools } = await client.listTools();
const responses = {};
for (const [name, given] of Object.entries(calls))
  responses[name] = await client.callTool({ name, arguments: given });
let unknown = "";
try {
  unknown = await client.callTool({ name: "delete", arguments: {} });
} catch (error) {
  unknown = `${error.code}: ${error.message}`;
}
await client.close();
console.log(JSON.stringify({ tools: tools.map((tool) => tool.name), responses, unknown }));
