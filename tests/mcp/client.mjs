// Drives the official MCP client of JavaScript, as it is published, through `stance mcp-proxy` and `stance gateway`.
//
//     node tests/mcp/client.mjs STANCE stdio DATA | http URL

import assert from "node:assert/strict";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { CreateMessageRequestSchema, ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const [stance, kind, where] = process.argv.slice(2);
const everything = ["node_modules/@modelcontextprotocol/server-everything/dist/index.js", "stdio"];
const transport =
  kind === "http"
    ? new StreamableHTTPClientTransport(new URL(where))
    : new StdioClientTransport({
        command: stance,
        args: ["mcp-proxy", "--name", "everything", "--data-dir", where, "--", process.execPath, ...everything],
        stderr: "ignore",
      });
const client = new Client({ name: "a-client", version: "1" }, { capabilities: { sampling: {}, elicitation: { form: {} } } });
client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) => ({
  role: "assistant", model: "a-model", content: { type: "text", text: `said ${[params.messages[0].content].flat()[0].text}` },
}));
client.setRequestHandler(ElicitRequestSchema, async () => ({ action: "decline" }));
await client.connect(transport);

const { tools } = await client.listTools();
const names = tools.map((tool) => tool.name);
const call = (name, args = {}, options) => client.callTool({ name, arguments: args }, undefined, options);
let checks = 0;
if (kind === "http") {
  assert.ok(names.includes("test_simple_text"));
  const steps = [];
  assert.equal((await call("test_simple_text")).content[0].text, "This is a simple text response for testing.");
  await call("test_tool_with_progress", {}, { onprogress: ({ progress }) => steps.push(progress) });
  assert.deepEqual(steps, [0, 50, 100]);
  assert.match((await call("test_sampling", { prompt: "why" })).content[0].text, /said why/);
  assert.match((await call("test_elicitation", { message: "who" })).content[0].text, /decline/);
  assert.equal((await call("test_error_handling")).isError, true);
  // The stream of this answer is closed before it; the client resumes with the id of the last event.
  assert.match((await call("test_reconnection")).content[0].text, /completed/);
  assert.equal((await client.readResource({ uri: "test://static-text" })).contents.length, 1);
  await assert.rejects(client.readResource({ uri: "test://nothing" }), /no resource/);
  await transport.terminateSession();
  checks = 8;
} else {
  assert.ok(names.includes("echo"));
  assert.match((await call("echo", { message: "Köln" })).content[0].text, /Köln/);
  assert.match((await call("get-sum", { a: 2, b: 3 })).content[0].text, /5/);
  const { resources } = await client.listResources();
  const { prompts } = await client.listPrompts();
  assert.ok(resources.length > 0 && prompts.length > 0);
  assert.ok((await client.readResource({ uri: resources[0].uri })).contents.length > 0);
  checks = 5;
}
await client.close();
console.log(`ok      ${kind}, JavaScript: ${checks} checks`);
process.exit(0);
