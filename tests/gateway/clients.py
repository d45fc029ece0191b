"""Drives the official client libraries, as they are published, through `stance gateway` to a provider of ours.

    python tests/gateway/clients.py target/debug/stance

Each library gets a base URL and a virtual key by its ordinary settings, and nothing else. Calls of tools in streams are driven once
more where somebody decides about each only after a while, so that each library sees what shows that a stream lives. One line
for each check; exits with 1 when one fails.
"""

import json
import os
import pathlib
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.error
import urllib.request

import mock

MODEL = "a-model"
CITY = {"city": "Köln"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
QUESTION = "How is the weather in Köln?"
FUNCTION = {"name": "weather", "description": "The weather in a city", "parameters": SCHEMA}
SAY = [{"role": "user", "content": QUESTION}]
UPSTREAMS = ["openai", "azure", "anthropic", "gemini", "ollama", "cohere", "mistral", "groq", "bedrock", "signed"]
AUTH = {"azure": "api-key", "anthropic": "x-api-key", "gemini": "x-goog-api-key", "ollama": "none"}
TRUST_DOMAIN = "test"
WORKLOAD = f"spiffe://{TRUST_DOMAIN}/workload"
CLIENTS = []
SECURE = []
CERTIFICATES = None


def client(make):
    CLIENTS.append(make)
    return make


def secure(make):
    """Over TLS, which the gateway ends itself: botocore sends bearer keys over nothing else."""
    SECURE.append(make)
    return make


def is_text(text, usage=None):
    assert text == mock.TEXT, text
    assert usage is None or tuple(usage) == (9, 4), usage


def is_call(name, arguments):
    arguments = json.loads(arguments) if isinstance(arguments, str) else dict(arguments)
    assert (name, arguments) == ("weather", CITY), (name, arguments)


def retry_after(error):
    value = error.response.headers["retry-after"]
    assert value == str(mock.AFTER), value


def refused(error):
    assert "This model may not be used here. Ask Ada." in str(error), error


def chat_checks(ask, usage=True, after=retry_after):
    """The checks of a client that speaks chat completions; `ask` takes what OpenAI's does."""
    tools = [{"type": "function", "function": FUNCTION}]

    def whole():
        answer = ask(model=MODEL, messages=SAY)
        spent = answer.usage
        is_text(answer.choices[0].message.content, (spent.prompt_tokens, spent.completion_tokens))

    def stream():
        more = {"stream_options": {"include_usage": True}} if usage else {}
        text, spent = "", None
        for chunk in ask(model=MODEL, messages=SAY, stream=True, **more):
            spent = getattr(chunk, "usage", None) or spent
            text += "".join(choice.delta.content or "" for choice in chunk.choices)
        is_text(text, (spent.prompt_tokens, spent.completion_tokens) if usage else None)

    def tool():
        answer = ask(model=MODEL, messages=SAY, tools=tools)
        message = answer.choices[0].message
        call = message.tool_calls[0]
        is_call(call.function.name, call.function.arguments)
        made = {"id": call.id, "type": "function", "function": {"name": "weather", "arguments": mock.ARGUMENTS}}
        back = [{"role": "assistant", "content": "", "tool_calls": [made]}]
        back += [{"role": "tool", "tool_call_id": call.id, "content": "Rain."}]
        is_text(ask(model=MODEL, messages=SAY + back, tools=tools).choices[0].message.content)

    def tool_stream():
        name, arguments = "", ""
        for chunk in ask(model=MODEL, messages=SAY, tools=tools, stream=True):
            for choice in chunk.choices:
                for call in choice.delta.tool_calls or []:
                    name += call.function.name or ""
                    arguments += call.function.arguments or ""
        is_call(name, arguments)

    return {"whole": whole, "stream": stream, "tool": tool, "tool in a stream": tool_stream}


def errors(ask, unauthorised, many, failed, denied, after=retry_after):
    """Checks that errors come out as what the client makes of them; the last two are given by the gateway."""

    def expect(kind, call, look=None):
        def check():
            try:
                call()
            except kind as error:
                return look(error) if look else None
            raise AssertionError(f"no {kind.__name__}")

        return check

    return {
        "401": expect(unauthorised, lambda: ask("status-401")),
        "429 with retry-after": expect(many, lambda: ask("ask-later"), after),
        "500": expect(failed, lambda: ask("status-500")),
        "a model that the key may not use": expect(denied, lambda: ask("other"), refused),
    }


@client
def openai(url, key):
    import openai

    made = openai.OpenAI(base_url=f"{url}/openai/v1", api_key=key, max_retries=0)
    yield from chat_checks(made.chat.completions.create).items()
    types = (openai.AuthenticationError, openai.RateLimitError, openai.InternalServerError, openai.PermissionDeniedError)
    yield from errors(lambda model: made.chat.completions.create(model=model, messages=SAY), *types).items()

    def embed():
        answer = made.embeddings.create(model=MODEL, input=["one", "two"])
        assert [it.embedding for it in answer.data] == [[0.25, -0.5]] * 2

    yield "embeddings", embed
    yield "models", lambda: [it.id for it in made.models.list()] == ["a-model"] or 1 / 0

    def whole():
        answer = made.responses.create(model=MODEL, input=QUESTION)
        is_text(answer.output_text, (answer.usage.input_tokens, answer.usage.output_tokens))

    def stream():
        with made.responses.stream(model=MODEL, input=QUESTION) as events:
            text = "".join(it.delta for it in events if it.type == "response.output_text.delta")
            is_text(text)
            is_text(events.get_final_response().output_text)

    tools = [{"type": "function", "strict": False, **FUNCTION}]

    def tool():
        answer = made.responses.create(model=MODEL, input=QUESTION, tools=tools)
        is_call(answer.output[0].name, answer.output[0].arguments)

    def tool_stream():
        with made.responses.stream(model=MODEL, input=QUESTION, tools=tools) as events:
            final = events.until_done().get_final_response()
        is_call(final.output[0].name, final.output[0].arguments)

    yield from {
        "responses, whole": whole, "responses, stream": stream,
        "responses, tool": tool, "responses, tool in a stream": tool_stream,
    }.items()

    def several():
        import concurrent.futures

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for check in [pool.submit(chat_checks(made.chat.completions.create)["stream"]) for _ in range(64)]:
                check.result()

    yield "64 streams at once", several

    def large():
        say = [{"role": "user", "content": "a" * (40 << 20)}]
        try:
            made.chat.completions.create(model=MODEL, messages=say)
        except openai.APIStatusError as error:
            assert error.status_code == 413, error
            return
        raise AssertionError("it passed")

    yield "a request of 40 MiB", large

    def gone():
        stranger = openai.OpenAI(base_url=f"{url}/openai/v1", api_key="guessed", max_retries=0)
        try:
            stranger.models.list()
        except openai.AuthenticationError:
            return
        raise AssertionError("anybody may come in")

    yield "a key that is none", gone


@client
def azure(url, key):
    import openai

    made = openai.AzureOpenAI(azure_endpoint=f"{url}/azure", api_key=key, api_version="2024-10-21", max_retries=0)
    yield from chat_checks(made.chat.completions.create).items()
    types = (openai.AuthenticationError, openai.RateLimitError, openai.InternalServerError, openai.PermissionDeniedError)
    yield from errors(lambda model: made.chat.completions.create(model=model, messages=SAY), *types).items()


@client
def anthropic(url, key):
    import anthropic

    made = anthropic.Anthropic(base_url=f"{url}/anthropic", api_key=key, max_retries=0)
    tools = [{"name": "weather", "description": "The weather", "input_schema": SCHEMA}]

    def ask(model=MODEL, **more):
        return made.messages.create(model=model, max_tokens=4096, messages=SAY, **more)

    def whole():
        answer = ask()
        is_text(answer.content[0].text, (answer.usage.input_tokens, answer.usage.output_tokens))

    def stream():
        with made.messages.stream(model=MODEL, max_tokens=64, messages=SAY) as events:
            is_text("".join(events.text_stream))
            usage = events.get_final_message().usage
        assert (usage.input_tokens, usage.output_tokens) == (9, 4)

    def thinking():
        more = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
        first = ask(**more).content[0]
        assert (first.thinking, first.signature) == ("Let me see.", "c2lnbmVk")
        with made.messages.stream(model=MODEL, max_tokens=4096, messages=SAY, **more) as events:
            final = events.get_final_message().content
        assert (final[0].thinking, final[0].signature) == ("Let me see.", "c2lnbmVk")
        is_text(final[1].text)

    def tool():
        block = ask(tools=tools).content[0]
        is_call(block.name, block.input)

    def tool_stream():
        with made.messages.stream(model=MODEL, max_tokens=64, messages=SAY, tools=tools) as events:
            block = events.get_final_message().content[0]
        is_call(block.name, block.input)

    yield from {
        "whole": whole, "stream": stream, "thinking": thinking, "tool": tool, "tool in a stream": tool_stream
    }.items()
    types = (anthropic.AuthenticationError, anthropic.RateLimitError)
    types += (anthropic.InternalServerError, anthropic.PermissionDeniedError)
    yield from errors(ask, *types).items()


@client
def google_genai(url, key):
    from google import genai
    from google.genai import errors as kinds
    from google.genai import types

    made = genai.Client(api_key=key, http_options=types.HttpOptions(base_url=f"{url}/gemini"))
    declared = {"name": "weather", "description": "The weather", "parameters_json_schema": SCHEMA}
    config = types.GenerateContentConfig(
        tools=[types.Tool(function_declarations=[declared])],
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )

    def ask(model=MODEL, **more):
        return made.models.generate_content(model=model, contents=QUESTION, **more)

    def whole():
        answer = ask()
        usage = answer.usage_metadata
        is_text(answer.text, (usage.prompt_token_count, usage.candidates_token_count))

    def stream():
        chunks = made.models.generate_content_stream(model=MODEL, contents=QUESTION)
        is_text("".join(chunk.text for chunk in chunks))

    def tool():
        call = ask(config=config).function_calls[0]
        is_call(call.name, call.args)

    def tool_stream():
        chunks = made.models.generate_content_stream(model=MODEL, contents=QUESTION, config=config)
        call = next(chunk.function_calls[0] for chunk in chunks if chunk.function_calls)
        is_call(call.name, call.args)

    yield from {"whole": whole, "stream": stream, "tool": tool, "tool in a stream": tool_stream}.items()

    def coded(code):
        def look(error):
            assert error.code == code, error.code

        return look

    def later(error):
        coded(429)(error)
        retry_after(error)

    checks = errors(ask, kinds.ClientError, kinds.ClientError, kinds.ServerError, kinds.ClientError, later)
    yield from checks.items()


@client
def ollama(url, key):
    import ollama

    made = ollama.Client(host=f"{url}/ollama", headers={"authorization": f"Bearer {key}"})
    tools = [{"type": "function", "function": FUNCTION}]

    def ask(model=MODEL, **more):
        return made.chat(model=model, messages=SAY, **more)

    def whole():
        answer = ask()
        is_text(answer.message.content, (answer.prompt_eval_count, answer.eval_count))
        is_text(made.generate(model=MODEL, prompt=QUESTION).response)

    def stream():
        is_text("".join(it.message.content for it in ask(stream=True)))
        is_text("".join(it.response for it in made.generate(model=MODEL, prompt=QUESTION, stream=True)))

    def tool():
        call = ask(tools=tools).message.tool_calls[0].function
        is_call(call.name, call.arguments)

    def tool_stream():
        lines = list(ask(tools=tools, stream=True))
        call = next(it.message.tool_calls[0] for it in lines if it.message.tool_calls).function
        is_call(call.name, call.arguments)

    def embed():
        assert made.embed(model=MODEL, input="one").embeddings == [[0.25, -0.5]]

    def coded(error):
        assert error.status_code == 429, error

    yield from {
        "whole": whole, "stream": stream, "tool": tool, "tool in a stream": tool_stream, "embeddings": embed
    }.items()
    yield from errors(ask, *[ollama.ResponseError] * 4, coded).items()


@client
def cohere(url, key):
    import cohere
    from cohere import errors as kinds

    made = cohere.ClientV2(api_key=key, base_url=f"{url}/cohere")
    tools = [{"type": "function", "function": FUNCTION}]
    once = {"max_retries": 0}

    def ask(model=MODEL, **more):
        return made.chat(model=model, messages=SAY, request_options=once, **more)

    def whole():
        answer = ask()
        is_text(answer.message.content[0].text, (answer.usage.tokens.input_tokens, answer.usage.tokens.output_tokens))

    def stream():
        events = list(made.chat_stream(model=MODEL, messages=SAY))
        is_text("".join(it.delta.message.content.text for it in events if it.type == "content-delta"))
        assert events[-1].delta.usage.tokens.output_tokens == 4

    def tool():
        call = ask(tools=tools).message.tool_calls[0].function
        is_call(call.name, call.arguments)

    def tool_stream():
        name, arguments = "", ""
        for it in made.chat_stream(model=MODEL, messages=SAY, tools=tools):
            if it.type in ("tool-call-start", "tool-call-delta"):
                function = it.delta.message.tool_calls.function
                name += getattr(function, "name", None) or ""
                arguments += function.arguments or ""
        is_call(name, arguments)

    def later(error):
        assert error.headers["retry-after"] == str(mock.AFTER)

    yield from {"whole": whole, "stream": stream, "tool": tool, "tool in a stream": tool_stream}.items()
    types = (kinds.UnauthorizedError, kinds.TooManyRequestsError, kinds.InternalServerError, kinds.ForbiddenError)
    yield from errors(ask, *types, later).items()


@client
def mistral(url, key):
    from mistralai.client import Mistral, errors as kinds

    made = Mistral(api_key=key, server_url=f"{url}/mistral")

    def ask(stream=False, **more):
        if stream:
            return (event.data for event in made.chat.stream(**more))
        return made.chat.complete(**more)

    checks = chat_checks(ask, usage=False)
    yield from checks.items()

    def later(error):
        assert error.headers["retry-after"] == str(mock.AFTER)

    all_four = [kinds.SDKError] * 4
    yield from errors(lambda model: ask(model=model, messages=SAY), *all_four, later).items()


@client
def groq(url, key):
    import groq

    made = groq.Groq(api_key=key, base_url=f"{url}/groq", max_retries=0)
    yield from chat_checks(made.chat.completions.create, usage=False).items()
    types = (groq.AuthenticationError, groq.RateLimitError, groq.InternalServerError, groq.PermissionDeniedError)
    yield from errors(lambda model: made.chat.completions.create(model=model, messages=SAY), *types).items()


class Certificates:
    """What OpenSSL makes: a certificate of the gateway, an authority, and the certificate of a workload by it."""

    def __init__(self, directory):
        self.directory = directory
        kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        made = ["req", "-x509", *kind, "-days", "1"]
        self.openssl(*made, "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", *self.out("tls"))
        self.openssl(*made, "-subj", "/CN=authority", *self.out("ca"))
        names = ["-addext", f"subjectAltName=URI:{WORKLOAD}", "-addext", "keyUsage=digitalSignature"]
        self.openssl("req", "-new", *kind, "-subj", "/CN=workload", *names, *self.out("workload"))
        request = ["x509", "-req", "-in", self.path("workload.pem"), "-out", self.path("workload.crt"), "-days", "1"]
        self.openssl(*request, "-CA", self.path("ca.pem"), "-CAkey", self.path("ca.key"), "-copy_extensions", "copy")

    def path(self, name):
        return str(self.directory / name)

    def out(self, name):
        return ["-keyout", self.path(f"{name}.key"), "-out", self.path(f"{name}.pem")]

    def openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, capture_output=True)

    def settings(self):
        return [
            "[gateway.tls]",
            f'certificate = "{self.path("tls.pem")}"',
            f'key = "{self.path("tls.key")}"',
            f"[gateway.spiffe.{TRUST_DOMAIN}]",
            f'bundle = "{self.path("ca.pem")}"',
        ]


def bedrock_checks(url, key, name):
    import boto3
    from botocore.config import Config

    url = f"{url}/{name}"
    os.environ["AWS_CA_BUNDLE"] = CERTIFICATES.path("tls.pem")
    os.environ["AWS_BEARER_TOKEN_BEDROCK"] = key
    once = Config(retries={"total_max_attempts": 1})
    made = boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=url, config=once)
    say = [{"role": "user", "content": [{"text": QUESTION}]}]
    spec = {"name": "weather", "description": "The weather", "inputSchema": {"json": SCHEMA}}
    tools = {"toolConfig": {"tools": [{"toolSpec": spec}]}}

    def ask(model=MODEL, **more):
        return made.converse(modelId=model, messages=say, **more)

    def whole():
        answer = ask()
        usage = answer["usage"]
        is_text(answer["output"]["message"]["content"][0]["text"], (usage["inputTokens"], usage["outputTokens"]))

    def deltas(**more):
        events = list(made.converse_stream(modelId=MODEL, messages=say, **more)["stream"])
        assert events[-1]["metadata"]["usage"]["outputTokens"] == 4
        return events, [it["contentBlockDelta"]["delta"] for it in events if "contentBlockDelta" in it]

    def stream():
        is_text("".join(delta["text"] for delta in deltas()[1]))

    def tool():
        use = ask(**tools)["output"]["message"]["content"][0]["toolUse"]
        is_call(use["name"], use["input"])

    def tool_stream():
        events, parts = deltas(**tools)
        start = next(it["contentBlockStart"]["start"] for it in events if "contentBlockStart" in it)
        is_call(start["toolUse"]["name"], "".join(it["toolUse"]["input"] for it in parts))

    def arn():
        # Its colons and slashes are escaped in the path, and escaped once more where a path is signed.
        name = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/a-model"
        is_text(ask(name)["output"]["message"]["content"][0]["text"])

    def later(error):
        answer = error.response["ResponseMetadata"]
        assert answer["HTTPHeaders"]["retry-after"] == str(mock.AFTER)

    kinds = made.exceptions
    yield from {
        "whole": whole, "stream": stream, "tool": tool, "tool in a stream": tool_stream, "a model by its ARN": arn
    }.items()
    types = (kinds.ClientError, kinds.ThrottlingException, kinds.InternalServerException, kinds.ClientError)
    yield from errors(ask, *types, later).items()


@secure
def boto3(url, key):
    yield from bedrock_checks(url, key, "bedrock")


@secure
def boto3_to_signed(url, key):
    """The gateway signs with a key of its own; botocore's signer says whether it is right."""
    yield from bedrock_checks(url, key, "signed")


@secure
def workload(url, key):
    """A client without a key, which its certificate names."""
    body = json.dumps({"model": MODEL, "messages": SAY}).encode()
    request = urllib.request.Request(f"{url}/openai/v1/chat/completions", body, {"content-type": "application/json"})

    def ask(**more):
        context = ssl.create_default_context(cafile=CERTIFICATES.path("tls.pem"))
        if more:
            context.load_cert_chain(**more)
        with urllib.request.urlopen(request, context=context) as answer:
            return json.load(answer)["choices"][0]["message"]["content"]

    def known():
        is_text(ask(certfile=CERTIFICATES.path("workload.crt"), keyfile=CERTIFICATES.path("workload.key")))

    def stranger():
        try:
            ask()
        except urllib.error.HTTPError as error:
            assert error.code == 401, error
            return
        raise AssertionError("no 401")

    yield from {"a certificate": known, "none": stranger}.items()


@client
def litellm(url, key):
    import litellm

    litellm.suppress_debug_info = True
    bases = {"openai": f"{url}/openai/v1", "anthropic": f"{url}/anthropic", "mistral": f"{url}/mistral/v1"}
    for dialect, base in bases.items():

        def ask(model=MODEL, dialect=dialect, base=base, **more):
            more.setdefault("messages", SAY)
            return litellm.completion(
                model=f"{dialect}/{model}", api_base=base, api_key=key, max_retries=0, num_retries=0, **more
            )

        def chosen(name, check):
            return f"{dialect}, {name}", check

        for name, check in chat_checks(ask).items():
            yield chosen(name, check)
        types = (litellm.AuthenticationError, litellm.RateLimitError)
        # It has no type of its own for a 403 of those that speak like OpenAI.
        types += (litellm.InternalServerError,)
        types += (litellm.PermissionDeniedError if dialect == "anthropic" else litellm.APIError,)
        for name, check in errors(ask, *types, lambda error: None).items():
            yield chosen(name, check)


@client
def langchain_openai(url, key):
    import langchain_openai
    import openai

    def made(model=MODEL):
        return langchain_openai.ChatOpenAI(model=model, base_url=f"{url}/openai/v1", api_key=key, max_retries=0)

    tools = [{"type": "function", "function": FUNCTION}]

    def whole():
        answer = made().invoke(QUESTION)
        is_text(answer.content, (answer.usage_metadata["input_tokens"], answer.usage_metadata["output_tokens"]))

    def stream():
        is_text("".join(chunk.content for chunk in made().stream(QUESTION)))

    def tool():
        call = made().bind_tools(tools).invoke(QUESTION).tool_calls[0]
        is_call(call["name"], call["args"])

    def tool_stream():
        total = None
        for chunk in made().bind_tools(tools).stream(QUESTION):
            total = chunk if total is None else total + chunk
        is_call(total.tool_calls[0]["name"], total.tool_calls[0]["args"])

    def embed():
        embeddings = langchain_openai.OpenAIEmbeddings(
            model=MODEL, base_url=f"{url}/openai/v1", api_key=key, check_embedding_ctx_length=False
        )
        assert embeddings.embed_query("one") == [0.25, -0.5]

    yield from {
        "whole": whole, "stream": stream, "tool": tool, "tool in a stream": tool_stream, "embeddings": embed
    }.items()
    types = (openai.AuthenticationError, openai.RateLimitError, openai.InternalServerError, openai.PermissionDeniedError)
    yield from errors(lambda model: made(model).invoke(QUESTION), *types).items()


class Gateway:
    """`stance gateway` in front of the provider, with a virtual key."""

    def __init__(self, binary, provider, directory, more=()):
        self.binary, self.directory = binary, pathlib.Path(directory)
        self.directory.mkdir()
        told = subprocess.run([binary, "gateway", "key", "team"], check=True, capture_output=True, text=True).stdout
        self.key = re.search(r"stance-[0-9a-f]+", told)[0]
        lines = ['[gateway]', 'message = "Ask Ada."']
        for name in UPSTREAMS:
            lines += [f"[gateway.upstreams.{name}]", f'url = "{provider.url}/{name}"', "retries = 0"]
            if name == "signed":
                lines += ['auth = "sigv4"', f'region = "{mock.REGION}"', 'access-key-id = "env:MOCK_ID"']
                lines += ['secret-access-key = "env:MOCK_SECRET"', 'session-token = "env:MOCK_SESSION"']
                continue
            lines += [f'auth = "{AUTH.get(name, "bearer")}"']
            if name != "ollama":
                lines += ['key = "env:MOCK_KEY"']
        lines += more
        lines += [told, 'models = ["a-model", "ask-later", "status-*", "*/a-model"]']
        settings = self.directory / "stance.toml"
        settings.write_text("\n".join(lines))
        held = dict(zip(("MOCK_ID", "MOCK_SECRET", "MOCK_SESSION"), mock.IDENTITY), MOCK_KEY=mock.KEY)
        self.environment = {**os.environ, **held, "STANCE_DATA_DIR": str(self.directory / "data")}
        words = [binary, "gateway", "--config", str(settings), "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(words, env=self.environment, stdout=subprocess.PIPE, text=True)
        self.url = re.search(r"https?://\S+", self.process.stdout.readline())[0]

    def stop(self):
        self.process.terminate()
        return self.process.wait(60)

    def receipts(self):
        path = self.directory / "data" / "receipts" / "receipts-000001.jsonl"
        return path, [json.loads(line) for line in path.read_text().splitlines()]

    def verified(self, path):
        words = [self.binary, "audit", "verify", "--log", str(path)]
        words += ["--public-key", str(self.directory / "data" / "audit.pub")]
        return subprocess.run(words, env=self.environment, capture_output=True, text=True)


class Decider(threading.Thread):
    """Whoever is asked, who takes so long for each answer that a stream which waits shows that it lives."""

    PAUSE = 6
    SETTINGS = ["[gateway.ask]", "deadline = 60", "[guard]", 'deny = ["weather"]', '[guard.rules."tool/denied"]', 'action = "ask"']

    def __init__(self, gateway):
        super().__init__(daemon=True)
        door = gateway.directory / "data" / "gateway.json"
        while not door.exists() and gateway.process.poll() is None:
            time.sleep(0.05)
        self.door = json.loads(door.read_text())
        self.context = ssl._create_unverified_context()
        self.decided = 0

    def ask(self, path="", body=None):
        headers = {"authorization": f"Bearer {self.door['key']}"}
        request = urllib.request.Request(f"{self.door['address']}/-/asks{path}", body, headers)
        context = self.context if self.door["address"].startswith("https") else None
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            return json.load(answer)

    def run(self):
        while True:
            try:
                waiting = self.ask()["waiting"]
                if waiting:
                    time.sleep(self.PAUSE)
                for question in waiting:
                    self.decided += 1
                    self.ask(f"/{question['id']}", b'{"decision": "allow"}')
            except OSError:
                return
            time.sleep(0.1)


def last(gateway, provider):
    """What holds once all clients are done."""

    def whole():
        path, receipts = gateway.receipts()
        assert len(receipts) >= len(provider.asked), (len(receipts), len(provider.asked))
        told = gateway.verified(path)
        assert told.returncode == 0, told.stdout + told.stderr

    def silent():
        text = gateway.receipts()[0].read_text()
        for word in (gateway.key, mock.KEY, mock.IDENTITY[1], QUESTION, mock.TEXT, mock.WORDS[2], "Rain."):
            assert word not in text, word

    def judged():
        counted = [it["detail"] for it in gateway.receipts()[1] if it["detail"]["status"] == 200]
        for it in counted:
            if it["operation"] == "models":
                continue
            assert any(part["origin"] == "user" and part["bytes"] for part in it["scanned"]), it
            if "embed" not in it["operation"]:
                parts = {part["origin"] for part in it["scanned"]}
                assert parts & {"model", "tool_arguments", "reasoning"}, it
                # By it the gateway knows which piece of a stream to hold until the receipt is written.
                assert it["ended"], it
                assert it["usage"]["output"] == 4 or it["stream"] and it["operation"] == "chat.completions", it

    def kept():
        for path, headers, _ in provider.asked:
            assert gateway.key not in json.dumps([path, headers])

    yield "every exchange has a receipt, and the log verifies", whole
    yield "no receipt has a key or words of an exchange", silent
    yield "every request and answer was looked at", judged
    yield "no virtual key came to the provider", kept


HELD = [openai, anthropic, google_genai, ollama, cohere]
HELD_SECURE = [boto3]


def main(binary, only):
    binary = str(pathlib.Path(binary).resolve())
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    os.environ |= {"AWS_EC2_METADATA_DISABLED": "true", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    failed = count = 0
    with tempfile.TemporaryDirectory() as scratch:
        global CERTIFICATES
        scratch = pathlib.Path(scratch)
        CERTIFICATES = Certificates(scratch)

        def run(name, checks):
            nonlocal failed, count
            for what, check in checks:
                count += 1
                try:
                    check()
                    print(f"ok      {name}: {what}")
                except Exception:
                    failed += 1
                    print(f"FAILED  {name}: {what}")
                    traceback.print_exc(limit=-3)

        for name, clients, more in [("gateway", CLIENTS, []), ("gateway over TLS", SECURE, CERTIFICATES.settings())]:
            clients = [make for make in clients if not only or make.__name__ in only]
            if not clients:
                continue
            provider = mock.Provider()
            gateway = Gateway(binary, provider, scratch / name.replace(" ", "-"), more)
            try:
                for make in clients:
                    run(make.__name__, make(gateway.url, gateway.key))
            finally:
                code = gateway.stop()
            run(name, [("it ends as it is told", lambda code=code: code == 0 or 1 / 0), *last(gateway, provider)])
        for name, clients, more in [("held", HELD, []), ("held over TLS", HELD_SECURE, CERTIFICATES.settings())]:
            clients = [make for make in clients if not only or make.__name__ in only]
            if not clients:
                continue
            gateway = Gateway(binary, mock.Provider(), scratch / name.replace(" ", "-"), [*more, *Decider.SETTINGS])
            try:
                decider = Decider(gateway)
                decider.start()
                for make in clients:
                    before = decider.decided
                    checks = [it for it in make(gateway.url, gateway.key) if "tool in a stream" in it[0]]
                    run(f"{make.__name__}, {name}", checks)
                    asked = lambda before=before: decider.decided > before or 1 / 0
                    run(f"{make.__name__}, {name}", [("somebody was asked", asked)])
            finally:
                gateway.stop()
    print(f"{count - failed} of {count} checks hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
