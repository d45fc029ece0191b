#!/usr/bin/env python3
"""Runs one scenario: real clients, real instrumentation, real exporters.

usage: emit.py SCENARIO PROVIDER RECEIVER ENCODING

ENCODING is protobuf, json or grpc; RECEIVER is an address that fits it.
"""

import asyncio
import json
import sys
import time

from opentelemetry import _logs, metrics, trace
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

SYSTEM = "You answer for a bicycle workshop. Never promise a date."
QUESTION = "Where is my order A-17?"
FOUND = "status: shipped"
TOOL = {
    "name": "lookup_order",
    "description": "Looks up the state of an order.",
    "schema": {"type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"]},
}


def exporters(encoding, receiver):
    if encoding == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
        return [kind(endpoint=receiver, insecure=True) for kind in (OTLPSpanExporter, OTLPLogExporter, OTLPMetricExporter)]
    if encoding == "json":
        from opentelemetry.exporter.otlp.json.http._log_exporter import OTLPLogExporter
        from opentelemetry.exporter.otlp.json.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter
    else:
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    return [
        kind(endpoint=f"{receiver}/v1/{signal}")
        for kind, signal in ((OTLPSpanExporter, "traces"), (OTLPLogExporter, "logs"), (OTLPMetricExporter, "metrics"))
    ]


def set_up(encoding, receiver):
    spans, logs, points = exporters(encoding, receiver)
    resource = Resource.create({
        "service.name": "workshop", "service.version": "4.2", "deployment.environment.name": "staging"})
    tracer = TracerProvider(resource=resource)
    tracer.add_span_processor(BatchSpanProcessor(spans))
    logger = LoggerProvider(resource=resource)
    logger.add_log_record_processor(BatchLogRecordProcessor(logs))
    meter = MeterProvider(resource=resource, metric_readers=[PeriodicExportingMetricReader(points, export_interval_millis=3_600_000)])
    trace.set_tracer_provider(tracer)
    _logs.set_logger_provider(logger)
    metrics.set_meter_provider(meter)
    try:
        # Where events still had an interface of their own.
        from opentelemetry import _events
        from opentelemetry.sdk._events import EventLoggerProvider
        _events.set_event_logger_provider(EventLoggerProvider(logger))
    except ImportError:
        pass
    return [tracer, logger, meter]


def openai_calls(provider, user=None):
    """A question with a tool, its answer, a stream, an embedding and an error."""
    import openai
    client = openai.OpenAI(base_url=f"{provider}/v1", api_key="none", max_retries=0)
    tools = [{"type": "function", "function": {
        "name": TOOL["name"], "description": TOOL["description"], "parameters": TOOL["schema"]}}]
    history = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]
    extra = {"user": user} if user else {}
    answer = client.chat.completions.create(
        model="wheel-1", messages=history, tools=tools, max_tokens=100, temperature=0.5, **extra)
    call = answer.choices[0].message.tool_calls[0]
    history += [
        {"role": "assistant", "content": None, "tool_calls": [call.model_dump()]},
        {"role": "tool", "tool_call_id": call.id, "content": FOUND},
    ]
    client.chat.completions.create(model="wheel-1", messages=history, tools=tools, **extra)
    for _ in client.chat.completions.create(
            model="wheel-1", messages=history[:2], stream=True, stream_options={"include_usage": True}):
        pass
    client.embeddings.create(model="spoke-embed", input=["inner tube", "saddle"])
    try:
        client.chat.completions.create(model="no-such-model", messages=history[:2])
    except openai.NotFoundError:
        pass


def anthropic_calls(provider):
    """A question with a tool, and its answer with a thought."""
    import anthropic
    client = anthropic.Anthropic(base_url=provider, api_key="none", max_retries=0)
    tools = [{"name": TOOL["name"], "description": TOOL["description"], "input_schema": TOOL["schema"]}]
    history = [{"role": "user", "content": QUESTION}]
    answer = client.messages.create(model="crank-1", max_tokens=100, system=SYSTEM, messages=history, tools=tools)
    history += [
        {"role": "assistant", "content": [part.model_dump() for part in answer.content]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": FOUND}]},
    ]
    client.messages.create(model="crank-1", max_tokens=100, system=SYSTEM, messages=history, tools=tools)


def official(provider):
    from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor
    OpenAIInstrumentor().instrument()
    openai_calls(provider)


def openllmetry(provider):
    from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor
    from opentelemetry.instrumentation.openai import OpenAIInstrumentor
    OpenAIInstrumentor().instrument()
    AnthropicInstrumentor().instrument()
    openai_calls(provider, user="mira@example.com")
    anthropic_calls(provider)


def openllmetry_old(provider):
    from opentelemetry.instrumentation.openai import OpenAIInstrumentor
    OpenAIInstrumentor().instrument()
    openai_calls(provider, user="mira@example.com")


def openinference(provider):
    from openinference.instrumentation import using_attributes
    from openinference.instrumentation.anthropic import AnthropicInstrumentor
    from openinference.instrumentation.openai import OpenAIInstrumentor
    OpenAIInstrumentor().instrument()
    AnthropicInstrumentor().instrument()
    with using_attributes(session_id="visit-9", user_id="mira@example.com"):
        openai_calls(provider)
        anthropic_calls(provider)


def agents(_provider):
    """What the library of the conventions makes of agents, tools and retrieval."""
    from opentelemetry.util.genai.handler import TelemetryHandler
    from opentelemetry.util.genai import types
    handler = TelemetryHandler()
    with handler.workflow("repair desk") as workflow:
        workflow.input_messages = [types.InputMessage(role="user", parts=[types.Text(QUESTION)])]
        with handler.invoke_local_agent(agent_name="dispatcher", request_model="wheel-1") as agent:
            agent.conversation_id = "visit-9"
            agent.input_messages = [types.InputMessage(role="user", parts=[types.Text(QUESTION)])]
            agent.system_instruction = [types.Text(SYSTEM)]
            agent.output_messages = [types.OutputMessage(role="assistant", parts=[types.Text("It was shipped.")], finish_reason="stop")]
            with handler.retrieval(data_source_id="manuals", provider="openai", request_model="spoke-embed") as retrieval:
                retrieval.query_text = "shipping times"
                retrieval.top_k = 2
                retrieval.documents = [{"id": "doc-1", "score": 0.9, "content": "Parcels take three days."}]
            with handler.tool("lookup_order", tool_type="function", tool_description=TOOL["description"]) as tool:
                tool.tool_call_id = "call_1"
                tool.arguments = {"order": "A-17"}
                tool.tool_result = FOUND
            with handler.inference("anthropic", request_model="crank-1") as inference:
                inference.input_messages = [types.InputMessage(role="tool", parts=[types.ToolCallResponse(response=FOUND, id="call_1")])]
                inference.output_messages = [types.OutputMessage(
                    role="assistant",
                    parts=[types.Reasoning("It was shipped, so say so."), types.Text("It was shipped.")],
                    finish_reason="stop")]
                inference.tool_definitions = [types.FunctionToolDefinition(
                    name=TOOL["name"], description=TOOL["description"], parameters=TOOL["schema"])]
                inference.input_tokens, inference.output_tokens = 42, 11


def mcp(_provider):
    """A client and a server of the official library, which makes its own spans."""
    from mcp.client import Client
    from mcp.server.mcpserver import MCPServer
    server = MCPServer("orders")

    @server.tool()
    def lookup_order(order: str) -> str:
        """Looks up the state of an order."""
        return FOUND

    async def talk():
        async with Client(server) as client:
            await client.list_tools()
            await client.call_tool("lookup_order", {"order": "A-17"})

    asyncio.run(talk())


def litellm(provider):
    """LiteLLM's own spans, and the payload that it gives to every logger."""
    import urllib.request

    import litellm as library
    from litellm.integrations.custom_logger import CustomLogger

    class Payloads(CustomLogger):
        def keep(self, kwargs):
            body = json.dumps(kwargs["standard_logging_object"], default=str).encode()
            request = urllib.request.Request(f"{RECEIVER}/payload", body, {"content-type": "application/json"})
            urllib.request.urlopen(request).read()

        def log_success_event(self, kwargs, response_obj, start_time, end_time):
            self.keep(kwargs)

        def log_failure_event(self, kwargs, response_obj, start_time, end_time):
            self.keep(kwargs)

    library.callbacks = ["otel", Payloads()]
    common = {"api_base": f"{provider}/v1", "api_key": "none", "num_retries": 0}
    history = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]
    tools = [{"type": "function", "function": {
        "name": TOOL["name"], "description": TOOL["description"], "parameters": TOOL["schema"]}}]
    library.completion(
        model="openai/wheel-1", messages=history, tools=tools, user="mira@example.com",
        metadata={"session_id": "visit-9"}, **common)
    library.completion(model="openai/wheel-1", messages=history, **common)
    library.embedding(model="openai/spoke-embed", input=["inner tube"], **common)
    try:
        library.completion(model="openai/no-such-model", messages=history, **common)
    except library.exceptions.NotFoundError:
        pass
    time.sleep(3)  # its loggers run in threads of their own


def others(_provider):
    """Spans and logs that have nothing to do with models."""
    tracer = trace.get_tracer("web")
    with tracer.start_as_current_span("GET /orders", kind=trace.SpanKind.SERVER, attributes={"http.request.method": "GET"}):
        with tracer.start_as_current_span("SELECT", attributes={"db.system.name": "postgresql"}):
            pass


SCENARIOS = {
    "official-old": official, "official-quiet": official, "official-new": official, "official-event": official,
    "openllmetry": openllmetry, "openllmetry-old": openllmetry_old, "openinference": openinference, "agents": agents, "mcp": mcp, "others": others,
    "litellm": litellm,
}


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    global RECEIVER
    sys.tracebacklimit = 0  # errors without the source code of others
    scenario, provider, receiver, encoding = sys.argv[1:]
    RECEIVER = receiver
    providers = set_up(encoding, receiver)
    SCENARIOS[scenario](provider)
    for one in providers:
        one.shutdown()


if __name__ == "__main__":
    main()
