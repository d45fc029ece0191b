"""An agent that speaks A2A, for the checks.

    python tests/mcp/agent.py PORT
"""

import sys

import uvicorn
from a2a.helpers.proto_helpers import new_task, new_text_artifact_update_event, new_text_status_update_event
from a2a.server.agent_execution.agent_executor import AgentExecutor
from a2a.server.request_handlers import DefaultRequestHandlerV2
from a2a.server.routes.agent_card_routes import create_agent_card_routes
from a2a.server.routes.jsonrpc_routes import create_jsonrpc_routes
from a2a.server.tasks.inmemory_task_store import InMemoryTaskStore
from a2a.types.a2a_pb2 import AgentCapabilities, AgentCard, AgentInterface, AgentSkill, TaskState
from starlette.applications import Starlette

# In pieces, so that a reader of single events sees no credential.
PIECES = ["The key is AKIA", "IOSFODNN7", "EXAMPLQ, ", "keep it."]


class Agent(AgentExecutor):
    async def execute(self, context, event_queue):
        ids = (context.task_id, context.context_id)
        await event_queue.enqueue_event(new_task(*ids, TaskState.TASK_STATE_WORKING))
        pieces = PIECES if "key" in context.get_user_input() else ["Rain ", "in ", "Köln."]
        for at, piece in enumerate(pieces):
            last = at == len(pieces) - 1
            event = new_text_artifact_update_event(
                *ids, name="answer", text=piece, append=at > 0, last_chunk=last, artifact_id="a"
            )
            await event_queue.enqueue_event(event)
        await event_queue.enqueue_event(new_text_status_update_event(*ids, TaskState.TASK_STATE_COMPLETED, "done"))

    async def cancel(self, context, event_queue):
        raise NotImplementedError


port = int(sys.argv[1])
card = AgentCard(
    name="weather",
    description="Tells the weather",
    version="1",
    supported_interfaces=[AgentInterface(url=f"http://localhost:{port}/a2a", protocol_binding="JSONRPC", protocol_version="1.0")],
    capabilities=AgentCapabilities(streaming=True),
    default_input_modes=["text/plain"],
    default_output_modes=["text/plain"],
    skills=[AgentSkill(id="weather", name="weather", description="The weather in a city", tags=["weather"])],
)
handler = DefaultRequestHandlerV2(Agent(), InMemoryTaskStore(), card)
app = Starlette(routes=[*create_agent_card_routes(card), *create_jsonrpc_routes(handler, "/a2a")])
uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")
