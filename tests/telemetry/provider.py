"""A provider of models that answers the same to everybody, on the loopback interface.

It speaks as much of OpenAI's and Anthropic's protocols as the clients in emit.py need. Texts are our own.
"""

import http.server
import json
import threading

ANSWER = "Order A-17 left the workshop on Tuesday."
THOUGHT = "The tool says that it was shipped."
CALL = {"order": "A-17"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if body["model"] == "no-such-model":
            return self.reply(404, {"error": {"message": "no such model", "type": "invalid_request_error", "code": "model_not_found"}})
        if self.path.endswith("/embeddings"):
            return self.reply(200, embeddings(body))
        if self.path.endswith("/messages"):
            return self.reply(200, messages(body))
        if body.get("stream"):
            return self.events(chunks(body))
        return self.reply(200, completion(body))

    def reply(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def events(self, values):
        data = "".join(f"data: {json.dumps(value)}\n\n" for value in values).encode() + b"data: [DONE]\n\n"
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


USAGE = {
    "prompt_tokens": 42, "completion_tokens": 11, "total_tokens": 53,
    "prompt_tokens_details": {"cached_tokens": 8}, "completion_tokens_details": {"reasoning_tokens": 3},
}


def completion(body):
    if body.get("tools") and body["messages"][-1]["role"] == "user":
        call = {"id": "call_1", "type": "function", "function": {"name": "lookup_order", "arguments": json.dumps(CALL)}}
        message, reason = {"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls"
    else:
        message, reason = {"role": "assistant", "content": ANSWER}, "stop"
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1795694400, "model": body["model"] + "-2026",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}], "usage": USAGE,
    }


def chunks(body):
    head = {"id": "chatcmpl-2", "object": "chat.completion.chunk", "created": 1795694400, "model": body["model"] + "-2026"}
    words = ANSWER.split(" ")
    yield head | {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]}
    for at, word in enumerate(words):
        text = word if at == 0 else " " + word
        yield head | {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
    yield head | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    yield head | {"choices": [], "usage": USAGE}


def embeddings(body):
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    return {
        "object": "list", "model": body["model"],
        "data": [{"object": "embedding", "index": at, "embedding": [0.25, -0.5, 0.125]} for at, _ in enumerate(texts)],
        "usage": {"prompt_tokens": 6, "total_tokens": 6},
    }


def messages(body):
    last = body["messages"][-1]["content"]
    answered = isinstance(last, list) and any(part.get("type") == "tool_result" for part in last)
    if body.get("tools") and not answered:
        content, reason = [{"type": "tool_use", "id": "toolu_1", "name": "lookup_order", "input": CALL}], "tool_use"
    else:
        content = [{"type": "thinking", "thinking": THOUGHT, "signature": "c2ln"}, {"type": "text", "text": ANSWER}]
        reason = "end_turn"
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": body["model"] + "-2026", "content": content,
        "stop_reason": reason, "stop_sequence": None,
        "usage": {"input_tokens": 34, "cache_read_input_tokens": 8, "cache_creation_input_tokens": 0, "output_tokens": 11},
    }


def start():
    """Starts it and gives its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
