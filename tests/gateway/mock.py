"""A provider of models that answers in every dialect which the gateway carries, on 127.0.0.1.

The first segment of a path says who it plays, and so where a key has to be: /openai, /azure, /anthropic, /gemini, /ollama,
/cohere, /mistral, /groq, /bedrock, and /signed for Bedrock with signed requests. A model that is named `status-NNN` gives
that error, in the dialect's own form; `ask-later` gives 429 with `Retry-After`. A request with tools gets a call of the
first one, and once it has the result, or without tools, the words of WORDS.
"""

import http.server
import json
import struct
import threading
import urllib.parse
import zlib

KEY = "-".join(["key", "of", "the", "provider"])
IDENTITY = ("AKIDEXAMPLE", "-".join(["secret", "of", "the", "provider"]), "a session/token+of=it")
REGION = "eu-central-1"
WORDS = ["Good ", "morning, ", "wörld."]
TEXT = "".join(WORDS)
AFTER = 37

# Where each one takes its key.
BEARER = ("openai", "cohere", "mistral", "groq", "bedrock")
HEADERS = {"azure": "api-key", "anthropic": "x-api-key", "gemini": "x-goog-api-key"}


class Provider(http.server.ThreadingHTTPServer):
    """Listens as soon as it is made; what it was asked is in `asked`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A client that goes away is none of ours."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.who = self.path.split("/")[1]
        self.whole({"object": "list", "data": [{"id": "a-model", "object": "model", "created": 1, "owned_by": "us"}]})

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.asked.append((self.path, dict(self.headers), raw))
        path, _, self.query = self.path.partition("?")
        _, self.who, rest = path.split("/", 2)
        rest = urllib.parse.unquote(rest)
        if not self.is_known(raw):
            return self.fail(401, "no such key")
        body = json.loads(raw)
        model = body.get("model") or ""
        for before, after in (("models/", ":"), ("model/", "/converse"), ("deployments/", "/")):
            if before in rest:
                model = rest.split(before, 1)[1].split(after, 1)[0]
        if model == "ask-later":
            return self.fail(429, "too many", {"retry-after": str(AFTER)})
        if model.startswith("status-"):
            return self.fail(int(model[7:]), "as you wish")
        for end, answer in ROUTES:
            if rest.endswith(end):
                return answer(self, body, model)
        return self.fail(404, "no such path " + rest)

    def is_known(self, raw):
        told = json.dumps(dict(self.headers))
        if "stance-" in told.replace("x-stance-", ""):
            return False
        if self.who in BEARER:
            return self.headers.get("authorization") == f"Bearer {KEY}"
        if self.who in HEADERS:
            return self.headers.get(HEADERS[self.who]) == KEY
        if self.who == "signed":
            return signature(self, raw) == self.headers.get("authorization")
        return self.who == "ollama"

    def whole(self, answer, status=200, headers=()):
        text = json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def pieces(self, kind, pieces):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def events(self, events, named=False, end=None):
        """Server-sent events; `named` ones have their type as their name."""

        def piece(event):
            name = f"event: {event['type']}\n" if named else ""
            return f"{name}data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()

        last = [f"data: {end}\n\n".encode()] if end else []
        self.pieces("text/event-stream", [piece(event) for event in events] + last)

    def fail(self, status, message, headers=()):
        if self.who == "anthropic":
            kind = {401: "authentication_error", 429: "rate_limit_error"}.get(status, "api_error")
            body = {"type": "error", "error": {"type": kind, "message": message}}
        elif self.who == "gemini":
            name = {401: "UNAUTHENTICATED", 429: "RESOURCE_EXHAUSTED"}.get(status, "INTERNAL")
            body = {"error": {"code": status, "message": message, "status": name}}
        elif self.who == "ollama":
            body = {"error": message}
        elif self.who in ("cohere", "bedrock", "signed"):
            body = {"message": message}
        else:
            body = {"error": {"message": message, "type": "an_error", "param": None, "code": None}}
        headers = dict(headers)
        if self.who in ("bedrock", "signed"):
            names = {401: "UnrecognizedClientException", 429: "ThrottlingException"}
            headers["x-amzn-errortype"] = names.get(status, "InternalServerException")
        self.whole(body, status, headers)


def signature(handler, raw):
    """What botocore signs for the request as it came in."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    told = handler.headers.get("authorization", "")
    if "SignedHeaders=" not in told:
        return None
    names = told.split("SignedHeaders=")[1].split(",")[0].split(";")
    request = AWSRequest(
        method=handler.command,
        url=f"http://{handler.headers['host']}{handler.path}",
        headers={name: handler.headers[name] for name in names},
        data=raw,
    )
    request.context["timestamp"] = handler.headers["x-amz-date"]
    signer = SigV4Auth(Credentials(*IDENTITY), "bedrock", REGION)
    canonical = signer.canonical_request(request)
    return (
        f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={';'.join(names)}, "
        f"Signature={signer.signature(signer.string_to_sign(request, canonical), request)}"
    )


def wants_tool(body):
    """The name of the tool that is to be called, if one is."""
    if not body.get("tools") and not body.get("toolConfig"):
        return None
    told = json.dumps(body.get("messages") or body.get("input") or body.get("contents"))
    results = ('"role": "tool"', "tool_result", "toolResult", "functionResponse", "function_call_output")
    return None if any(word in told for word in results) else "weather"


ARGUMENTS = '{"city": "Köln"}'
USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}


def chat(handler, body, model):
    tool = wants_tool(body)
    head = {"id": "chatcmpl-1", "created": 1, "model": model or "a-model"}
    reason = "tool_calls" if tool else "stop"
    if not body.get("stream"):
        message = {"role": "assistant", "content": None if tool else TEXT}
        if tool:
            message["tool_calls"] = [call(tool, ARGUMENTS)]
        choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
        return handler.whole({**head, "object": "chat.completion", "choices": [choice], "usage": USAGE})
    deltas = [{"role": "assistant", "content": ""}]
    if tool and handler.who == "mistral":
        # It never divides a call.
        deltas += [{"tool_calls": [{"index": 0, **call(tool, ARGUMENTS)}]}]
    elif tool:
        deltas += [{"tool_calls": [{"index": 0, **call(tool, "")}]}]
        deltas += [{"tool_calls": [{"index": 0, "function": {"arguments": part}}]} for part in split(ARGUMENTS)]
    else:
        deltas += [{"content": word} for word in WORDS]
    head["object"] = "chat.completion.chunk"
    events = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    events += [{**head, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}]
    if handler.who in ("mistral", "groq"):
        events[-1]["usage"] = USAGE
        events[-1]["x_groq"] = {"id": "req_1", "usage": USAGE}
    elif (body.get("stream_options") or {}).get("include_usage"):
        events += [{**head, "choices": [], "usage": USAGE}]
    handler.events(events, end="[DONE]")


def call(tool, arguments):
    return {"id": "call_123456", "type": "function", "function": {"name": tool, "arguments": arguments}}


def split(text):
    return [text[:5], text[5:]]


def embeddings(handler, body, model):
    given = body["input"] if isinstance(body["input"], list) else [body["input"]]
    vector = [0.25, -0.5]
    if body.get("encoding_format") == "base64":
        import base64

        vector = base64.b64encode(struct.pack("<2f", *vector)).decode()
    data = [{"object": "embedding", "index": at, "embedding": vector} for at in range(len(given))]
    usage = {"prompt_tokens": 2, "total_tokens": 2}
    handler.whole({"object": "list", "model": model, "data": data, "usage": usage})


def responses(handler, body, model):
    tool = wants_tool(body)
    if tool:
        item = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": tool, "status": "completed"}
        done = {**item, "arguments": ARGUMENTS}
        begun = {**item, "arguments": "", "status": "in_progress"}
    else:
        part = {"type": "output_text", "text": TEXT, "annotations": []}
        item = {"type": "message", "id": "msg_1", "role": "assistant"}
        done = {**item, "status": "completed", "content": [part]}
        begun = {**item, "status": "in_progress", "content": []}
    usage = {
        "input_tokens": 9, "output_tokens": 4, "total_tokens": 13,
        "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0},
    }
    head = {
        "id": "resp_1", "object": "response", "created_at": 1, "model": model, "error": None, "incomplete_details": None,
        "instructions": None, "metadata": {}, "parallel_tool_calls": True, "temperature": 1.0, "tool_choice": "auto",
        "tools": body.get("tools") or [], "top_p": 1.0,
    }
    end = {**head, "status": "completed", "output": [done], "usage": usage}
    if not body.get("stream"):
        return handler.whole(end)
    at = {"item_id": item["id"], "output_index": 0}
    events = [{"type": "response.created", "response": {**head, "status": "in_progress", "output": []}}]
    events += [{"type": "response.output_item.added", "output_index": 0, "item": begun}]
    if tool:
        name = "response.function_call_arguments"
        events += [{"type": f"{name}.delta", **at, "delta": part} for part in split(ARGUMENTS)]
        events += [{"type": f"{name}.done", **at, "arguments": ARGUMENTS, "name": tool}]
    else:
        at["content_index"] = 0
        empty = {"type": "output_text", "text": "", "annotations": []}
        events += [{"type": "response.content_part.added", **at, "part": empty}]
        events += [{"type": "response.output_text.delta", **at, "delta": word, "logprobs": []} for word in WORDS]
        events += [{"type": "response.output_text.done", **at, "text": TEXT, "logprobs": []}]
        events += [{"type": "response.content_part.done", **at, "part": part}]
    events += [{"type": "response.output_item.done", "output_index": 0, "item": done}]
    events += [{"type": "response.completed", "response": end}]
    handler.events([{**event, "sequence_number": n} for n, event in enumerate(events)], named=True)


def messages(handler, body, model):
    tool = wants_tool(body)
    blocks = []
    if body.get("thinking"):
        blocks += [{"type": "thinking", "thinking": "Let me see.", "signature": "c2lnbmVk"}]
    if tool:
        blocks += [{"type": "tool_use", "id": "toolu_1", "name": tool, "input": json.loads(ARGUMENTS)}]
    else:
        blocks += [{"type": "text", "text": TEXT}]
    end = {"stop_reason": "tool_use" if tool else "end_turn", "stop_sequence": None}
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": model}
    usage = {"input_tokens": 9, "output_tokens": 4}
    if not body.get("stream"):
        return handler.whole({**head, "content": blocks, **end, "usage": usage})
    start = {**head, "content": [], "stop_reason": None, "stop_sequence": None, "usage": {**usage, "output_tokens": 1}}
    events = [{"type": "message_start", "message": start}, {"type": "ping"}]
    for at, block in enumerate(blocks):
        kind = block["type"]
        if kind == "thinking":
            begun = {**block, "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": part} for part in split(block["thinking"])]
            deltas += [{"type": "signature_delta", "signature": block["signature"]}]
        elif kind == "tool_use":
            begun = {**block, "input": {}}
            deltas = [{"type": "input_json_delta", "partial_json": part} for part in ["", *split(ARGUMENTS)]]
        else:
            begun = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": word} for word in WORDS]
        events += [{"type": "content_block_start", "index": at, "content_block": begun}]
        events += [{"type": "content_block_delta", "index": at, "delta": delta} for delta in deltas]
        events += [{"type": "content_block_stop", "index": at}]
    events += [{"type": "message_delta", "delta": end, "usage": {"output_tokens": 4}}, {"type": "message_stop"}]
    handler.events(events, named=True)


def gemini(handler, body, model):
    tool = wants_tool(body)
    parts = [{"text": word} for word in WORDS]
    if tool:
        parts = [{"functionCall": {"name": tool, "args": json.loads(ARGUMENTS)}}]
    usage = {"promptTokenCount": 9, "candidatesTokenCount": 4, "totalTokenCount": 13}

    def answer(parts, last):
        candidate = {"content": {"role": "model", "parts": parts}, "index": 0}
        if last:
            candidate["finishReason"] = "STOP"
        return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": model}

    if ":generateContent" in handler.path:
        return handler.whole(answer(parts, True))
    chunks = [answer([part], part is parts[-1]) for part in parts]
    if "alt=sse" in handler.query:
        return handler.events(chunks)
    texts = [json.dumps(chunk).encode() for chunk in chunks]
    lead = [b"["] + [b",\r\n"] * (len(texts) - 1)
    handler.pieces("application/json", [a + b for a, b in zip(lead, texts)] + [b"]"])


def ollama(handler, body, model):
    tool = wants_tool(body)
    is_chat = handler.path.endswith("/chat")
    end = {"done": True, "done_reason": "stop", "prompt_eval_count": 9, "eval_count": 4, "total_duration": 1}
    head = {"model": model, "created_at": "2026-11-27T00:00:00Z"}

    def said(text, calls=None):
        message = {"role": "assistant", "content": text}
        if calls:
            message["tool_calls"] = calls
        return {"message": message} if is_chat else {"response": text}

    calls = [{"function": {"name": tool, "arguments": json.loads(ARGUMENTS)}}] if tool else None
    if body.get("stream") is False:
        return handler.whole({**head, **said("" if tool else TEXT, calls), **end})
    lines = [said("", calls)] if tool else [said(word) for word in WORDS]
    lines = [{**head, **line, "done": False} for line in lines] + [{**head, **said(""), **end}]
    lines = [json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines]
    handler.pieces("application/x-ndjson", lines)


def ollama_embed(handler, body, model):
    handler.whole({"model": model, "embeddings": [[0.25, -0.5]], "prompt_eval_count": 2})


def cohere(handler, body, model):
    tool = wants_tool(body)
    usage = {"billed_units": {"input_tokens": 9, "output_tokens": 4}, "tokens": {"input_tokens": 9, "output_tokens": 4}}
    reason = "TOOL_CALL" if tool else "COMPLETE"
    if not body.get("stream"):
        message = {"role": "assistant"}
        if tool:
            message |= {"tool_plan": "I look.", "tool_calls": [call(tool, ARGUMENTS)]}
        else:
            message["content"] = [{"type": "text", "text": TEXT}]
        return handler.whole({"id": "c1", "message": message, "finish_reason": reason, "usage": usage})
    events = [{"type": "message-start", "id": "c1", "delta": {"message": {"role": "assistant", "content": []}}}]
    if tool:
        events += [{"type": "tool-plan-delta", "delta": {"message": {"tool_plan": "I look."}}}]
        events += [{"type": "tool-call-start", "index": 0, "delta": {"message": {"tool_calls": call(tool, "")}}}]
        for part in split(ARGUMENTS):
            delta = {"message": {"tool_calls": {"function": {"arguments": part}}}}
            events += [{"type": "tool-call-delta", "index": 0, "delta": delta}]
        events += [{"type": "tool-call-end", "index": 0}]
    else:
        begun = {"message": {"content": {"type": "text", "text": ""}}}
        events += [{"type": "content-start", "index": 0, "delta": begun}]
        for word in WORDS:
            events += [{"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": word}}}}]
        events += [{"type": "content-end", "index": 0}]
    events += [{"type": "message-end", "id": "c1", "delta": {"finish_reason": reason, "usage": usage}}]
    handler.events(events, named=True)


def converse(handler, body, model):
    tool = wants_tool(body)
    reason = "tool_use" if tool else "end_turn"
    usage = {"inputTokens": 9, "outputTokens": 4, "totalTokens": 13}
    if handler.path.endswith("/converse"):
        content = [{"text": TEXT}]
        if tool:
            content = [{"toolUse": {"toolUseId": "t1", "name": tool, "input": json.loads(ARGUMENTS)}}]
        message = {"role": "assistant", "content": content}
        answer = {"output": {"message": message}, "stopReason": reason, "usage": usage, "metrics": {"latencyMs": 1}}
        return handler.whole(answer)
    events = [("messageStart", {"role": "assistant"})]
    if tool:
        start = {"toolUse": {"toolUseId": "t1", "name": tool}}
        events += [("contentBlockStart", {"contentBlockIndex": 0, "start": start})]
        deltas = [{"toolUse": {"input": part}} for part in split(ARGUMENTS)]
    else:
        deltas = [{"text": word} for word in WORDS]
    events += [("contentBlockDelta", {"contentBlockIndex": 0, "delta": delta}) for delta in deltas]
    events += [("contentBlockStop", {"contentBlockIndex": 0}), ("messageStop", {"stopReason": reason})]
    events += [("metadata", {"usage": usage, "metrics": {"latencyMs": 1}})]
    kind = "application/vnd.amazon.eventstream"
    handler.pieces(kind, [frame(name, payload) for name, payload in events])


def frame(name, payload):
    """A message of the binary event stream, with its two checksums."""
    payload = json.dumps(payload, ensure_ascii=False).encode()
    headers = b""
    for key, value in ((":event-type", name), (":content-type", "application/json"), (":message-type", "event")):
        key, value = key.encode(), value.encode()
        headers += struct.pack("!B", len(key)) + key + struct.pack("!BH", 7, len(value)) + value
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    prelude += struct.pack("!I", zlib.crc32(prelude))
    message = prelude + headers + payload
    return message + struct.pack("!I", zlib.crc32(message))


ROUTES = [
    ("v2/chat", cohere),
    ("api/chat", ollama),
    ("api/generate", ollama),
    ("api/embed", ollama_embed),
    ("chat/completions", chat),
    ("v1/messages", messages),
    ("/responses", responses),
    ("/embeddings", embeddings),
    (":generateContent", gemini),
    (":streamGenerateContent", gemini),
    ("/converse", converse),
    ("/converse-stream", converse),
]
