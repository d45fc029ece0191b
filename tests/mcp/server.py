"""An MCP server for the checks: over stdio, streamable HTTP or the older HTTP with SSE.

    python tests/mcp/server.py                       # stdio
    python tests/mcp/server.py http PORT | sse PORT | json PORT
"""

import logging
import sys

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import SamplingMessage, TextContent
from pydantic import BaseModel

KEY = "AKIA" + "IOSFODNN7EXAMPLQ"

server = MCPServer("a-server", instructions="Tools about cities.")


@server.tool(description="The weather in a city")
def weather(city: str) -> str:
    return f"Rain in {city}."


@server.tool(description="A credential that somebody left in a file")
def leak() -> str:
    return f"aws_access_key_id = {KEY}"


@server.tool(description="Runs a command")
def shell(command: str) -> str:
    return f"ran {command}"


@server.tool(description="Works for a while, and tells how far it is")
async def work(steps: int, ctx: Context) -> str:
    for step in range(steps):
        await ctx.report_progress(step + 1, steps, f"step {step + 1}")
    return f"{steps} steps"


@server.tool(description="Asks the model of the client")
async def ask_model(question: str, ctx: Context) -> str:
    message = SamplingMessage(role="user", content=TextContent(type="text", text=question))
    answer = await ctx.session.create_message([message], max_tokens=20)
    return f"the model said: {answer.content.text}"


class Name(BaseModel):
    name: str


@server.tool(description="Asks the person at the client")
async def ask_person(ctx: Context) -> str:
    answer = await ctx.elicit("What is your name?", Name)
    return f"{answer.action}: {answer.data.name}"


@server.tool(description="Fails")
def fail() -> str:
    raise ValueError("no such city")


@server.resource("note://today")
def note() -> str:
    return "Buy milk."


@server.prompt(description="A greeting")
def greet(name: str) -> str:
    return f"Say hello to {name}."


if __name__ == "__main__":
    # One of its tools fails on purpose.
    logging.disable(logging.ERROR)
    kind, port = sys.argv[1:] if len(sys.argv) == 3 else ("stdio", "0")
    if kind == "stdio":
        server.run("stdio")
    elif kind == "sse":
        server.run("sse", host="127.0.0.1", port=int(port))
    else:
        server.run("streamable-http", host="127.0.0.1", port=int(port), json_response=kind == "json")
