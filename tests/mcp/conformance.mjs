// A server with what the official conformance suite of MCP asks for, on streamable HTTP.
//
//     node tests/mcp/conformance.mjs PORT

import { randomUUID } from "node:crypto";

import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import * as types from "@modelcontextprotocol/sdk/types.js";

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const SOUND = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";
const text = (text) => ({ type: "text", text });
const image = { type: "image", data: PIXEL, mimeType: "image/png" };
const embedded = (uri, text) => ({ type: "resource", resource: { uri, mimeType: "text/plain", text } });
const said = (content) => ({ role: "user", content });
const object = (properties, required = []) => ({ type: "object", properties, required });
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

const choices = {
  untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
  titledSingle: { type: "string", oneOf: [{ const: "value1", title: "First" }, { const: "value2", title: "Second" }, { const: "value3", title: "Third" }] },
  legacyEnum: { type: "string", enum: ["opt1", "opt2", "opt3"], enumNames: ["One", "Two", "Three"] },
  untitledMulti: { type: "array", items: { type: "string", enum: ["option1", "option2", "option3"] } },
  titledMulti: { type: "array", items: { anyOf: [{ const: "value1", title: "First" }, { const: "value2", title: "Second" }, { const: "value3", title: "Third" }] } },
};
const defaults = {
  name: { type: "string", default: "John Doe" },
  age: { type: "integer", default: 30 },
  score: { type: "number", default: 95.5 },
  status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
  verified: { type: "boolean", default: true },
};

/** Asks the person at the client. */
async function elicit(extra, message, requestedSchema) {
  const params = { mode: "form", message, requestedSchema };
  const answer = await extra.sendRequest({ method: "elicitation/create", params }, types.ElicitResultSchema);
  return [text(`action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`)];
}

const TOOLS = {
  test_simple_text: [object({}), () => [text("This is a simple text response for testing.")]],
  test_image_content: [object({}), () => [image]],
  test_audio_content: [object({}), () => [{ type: "audio", data: SOUND, mimeType: "audio/wav" }]],
  test_embedded_resource: [object({}), () => [embedded("test://embedded-resource", "This is an embedded resource content.")]],
  test_multiple_content_types: [object({}), () => [text("Multiple content types test:"), image, embedded("test://mixed-content-resource", "{}")]],
  test_error_handling: [object({}), () => { throw new Error("This tool intentionally returns an error for testing"); }],
  test_tool_with_logging: [object({}), async (_, extra) => {
    for (const data of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
      await extra.sendNotification({ method: "notifications/message", params: { level: "info", data } });
      await pause(50);
    }
    return [text("done")];
  }],
  test_tool_with_progress: [object({}), async (_, extra) => {
    const progressToken = extra._meta?.progressToken ?? 0;
    for (const progress of [0, 50, 100]) {
      const params = { progressToken, progress, total: 100, message: `Completed step ${progress} of 100` };
      await extra.sendNotification({ method: "notifications/progress", params });
      await pause(50);
    }
    return [text(String(progressToken))];
  }],
  test_sampling: [object({ prompt: { type: "string" } }, ["prompt"]), async ({ prompt }, extra) => {
    const params = { messages: [said(text(prompt))], maxTokens: 100 };
    const answer = await extra.sendRequest({ method: "sampling/createMessage", params }, types.CreateMessageResultSchema);
    return [text(`LLM response: ${answer.content.text}`)];
  }],
  test_elicitation: [object({ message: { type: "string" } }, ["message"]), ({ message }, extra) =>
    elicit(extra, message, object({ username: { type: "string" }, email: { type: "string" } }, ["username", "email"]))],
  test_elicitation_sep1034_defaults: [object({}), (_, extra) => elicit(extra, "Please review", object(defaults))],
  test_elicitation_sep1330_enums: [object({}), (_, extra) => elicit(extra, "Please choose", object(choices))],
  test_reconnection: [object({}), async (_, extra) => {
    extra.closeSSEStream?.();
    await pause(100);
    return [text("Reconnection test completed successfully.")];
  }],
  json_schema_2020_12_tool: [
    {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      $defs: { address: object({ street: { type: "string" }, city: { type: "string" } }) },
      properties: { name: { type: "string" }, address: { $ref: "#/$defs/address" } },
      additionalProperties: false,
    },
    () => [text("ok")],
  ],
};

const PROMPTS = {
  test_simple_prompt: [[], () => [said(text("This is a simple prompt for testing."))]],
  test_prompt_with_arguments: [["arg1", "arg2"], ({ arg1, arg2 }) => [said(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))]],
  test_prompt_with_embedded_resource: [["resourceUri"], ({ resourceUri }) => [said(embedded(resourceUri, "Embedded resource content for testing.")), said(text("Please process it."))]],
  test_prompt_with_image: [[], () => [said(image), said(text("Please analyze the image above."))]],
};

const RESOURCES = {
  "test://static-text": { mimeType: "text/plain", text: "This is the content of the static text resource." },
  "test://static-binary": { mimeType: "image/png", blob: PIXEL },
  "test://watched-resource": { mimeType: "text/plain", text: "Watched resource content" },
};

function makeServer() {
  const capabilities = { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, prompts: { listChanged: true }, logging: {}, completions: {} };
  const server = new Server({ name: "conformance", version: "1.0.0" }, { capabilities });
  const on = (schema, work) => server.setRequestHandler(schema, work);
  on(types.ListToolsRequestSchema, () => ({
    tools: Object.entries(TOOLS).map(([name, [inputSchema]]) => ({ name, description: `Tests ${name}`, inputSchema })),
  }));
  on(types.CallToolRequestSchema, async ({ params }, extra) => {
    const tool = TOOLS[params.name];
    if (!tool) throw new types.McpError(types.ErrorCode.InvalidParams, `no tool ${params.name}`);
    try {
      return { content: await tool[1](params.arguments ?? {}, extra) };
    } catch (error) {
      return { isError: true, content: [text(error.message)] };
    }
  });
  on(types.ListResourcesRequestSchema, () => ({
    resources: Object.entries(RESOURCES).map(([uri, { mimeType }]) => ({ uri, name: uri, description: uri, mimeType })),
  }));
  on(types.ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [{ uriTemplate: "test://template/{id}/data", name: "template", mimeType: "application/json" }],
  }));
  on(types.ReadResourceRequestSchema, ({ params: { uri } }) => {
    const id = /^test:\/\/template\/(.*)\/data$/.exec(uri)?.[1];
    const found = id ? { mimeType: "application/json", text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) } : RESOURCES[uri];
    if (!found) throw new types.McpError(-32002, `no resource ${uri}`);
    return { contents: [{ uri, ...found }] };
  });
  on(types.SubscribeRequestSchema, () => ({}));
  on(types.UnsubscribeRequestSchema, () => ({}));
  on(types.SetLevelRequestSchema, () => ({}));
  on(types.ListPromptsRequestSchema, () => ({
    prompts: Object.entries(PROMPTS).map(([name, [names]]) => ({ name, description: `Tests ${name}`, arguments: names.map((name) => ({ name, required: true })) })),
  }));
  on(types.GetPromptRequestSchema, ({ params }) => ({ messages: PROMPTS[params.name][1](params.arguments ?? {}) }));
  on(types.CompleteRequestSchema, () => ({ completion: { values: ["paris", "park"], total: 2, hasMore: false } }));
  return server;
}

/** Keeps events, from which a client that comes back resumes. */
class Events {
  all = [];

  async storeEvent(stream, message) {
    this.all.push({ stream, message });
    return String(this.all.length - 1);
  }

  async getStreamIdForEventId(id) {
    return this.all[Number(id)]?.stream;
  }

  async replayEventsAfter(id, { send }) {
    const { stream } = this.all[Number(id)];
    for (const [at, event] of this.all.entries()) {
      if (at > Number(id) && event.stream === stream && Object.keys(event.message).length > 0) await send(String(at), event.message);
    }
    return stream;
  }
}

const app = createMcpExpressApp();
const sessions = new Map();

app.all("/mcp", async (request, response) => {
  const id = request.headers["mcp-session-id"];
  let transport = sessions.get(id);
  if (!transport) {
    if (id || request.method !== "POST") return response.status(id ? 404 : 400).json({ jsonrpc: "2.0", id: null, error: { code: -32000, message: "no session" } });
    transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: new Events(),
      retryInterval: 500,
      onsessioninitialized: (id) => sessions.set(id, transport),
      onsessionclosed: (id) => sessions.delete(id),
    });
    await makeServer().connect(transport);
  }
  await transport.handleRequest(request, response, request.body);
});

app.listen(Number(process.argv[2]), "127.0.0.1");
