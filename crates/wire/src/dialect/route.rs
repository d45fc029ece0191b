//! Which operation of which dialect a request asks for, by its method and path, and the host where that helps.

use crate::Framing;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Chat completions of OpenAI, Azure, Groq, Mistral, DeepSeek and all who speak like it.
    ChatCompletions,
    /// Completions of OpenAI, the older ones.
    Completions,
    /// Mistral's completions between a prompt and a suffix.
    FillInTheMiddle,
    /// Responses of OpenAI.
    Responses,
    /// Embeddings of OpenAI and of those who speak like it.
    Embeddings,
    /// Messages of Anthropic.
    Messages,
    /// How many tokens messages of Anthropic have.
    CountTokens,
    /// Completions of Anthropic, the older ones.
    Complete,
    /// Content of Gemini, whole or as a stream, and the count of its tokens.
    GenerateContent,
    /// Embeddings of Gemini.
    EmbedContent,
    /// Bedrock's conversation, whole or as a stream.
    Converse,
    /// A model of Bedrock in its own shape, whole or as a stream.
    Invoke,
    /// Chat of Cohere, version 2.
    CohereChat,
    /// Chat of Cohere, version 1.
    CohereChatV1,
    /// Completions of Cohere.
    CohereGenerate,
    /// Embeddings of Cohere.
    CohereEmbed,
    /// Cohere's ranking of documents.
    CohereRerank,
    /// Chat of Ollama.
    OllamaChat,
    /// Completions of Ollama.
    OllamaGenerate,
    /// Embeddings of Ollama.
    OllamaEmbed,
    /// A message of MCP; see [`Route::mcp`].
    Mcp,
    /// A message of A2A; see [`Route::a2a`].
    A2a,
    /// Known, and not judged: what it is.
    NotJudged(&'static str),
}

impl Operation {
    /// Its name in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat.completions",
            Self::Completions => "completions",
            Self::FillInTheMiddle => "fim.completions",
            Self::Responses => "responses",
            Self::Embeddings => "embeddings",
            Self::Messages => "messages",
            Self::CountTokens => "messages.count_tokens",
            Self::Complete => "complete",
            Self::GenerateContent => "generate_content",
            Self::EmbedContent => "embed_content",
            Self::Converse => "converse",
            Self::Invoke => "invoke",
            Self::CohereChat => "cohere.chat",
            Self::CohereChatV1 => "cohere.v1.chat",
            Self::CohereGenerate => "cohere.generate",
            Self::CohereEmbed => "cohere.embed",
            Self::CohereRerank => "cohere.rerank",
            Self::OllamaChat => "ollama.chat",
            Self::OllamaGenerate => "ollama.generate",
            Self::OllamaEmbed => "ollama.embed",
            Self::Mcp => "mcp",
            Self::A2a => "a2a",
            Self::NotJudged(what) => what,
        }
    }
}

/// What is known about a request before its body is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// What it asks for.
    pub operation: Operation,
    /// The model or deployment that the path names.
    pub model: Option<String>,
    /// The framing of the answer, if the path alone says that it is a stream.
    pub stream: Option<Framing>,
}

impl Route {
    pub(crate) fn new(operation: Operation) -> Self {
        Self {
            operation,
            model: None,
            stream: None,
        }
    }

    /// How an answer of this `Content-Type` is framed; `None` for a whole body.
    #[must_use]
    pub fn framing(&self, content_type: &str) -> Option<Framing> {
        Framing::of(content_type).or(match self.stream {
            // Its only stream that says to be plain JSON.
            Some(Framing::Array) => Some(Framing::Array),
            _ => None,
        })
    }
}

/// Recognises a request by its method, its path with or without a query, and its host if that is known.
///
/// Paths are matched by their end, so that any prefix of a gateway or a vendor may stand before them. `None` for what is
/// no operation that is known here.
#[must_use]
pub fn recognise(method: &str, target: &str, host: Option<&str>) -> Option<Route> {
    let target = target.split('#').next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let decoded = unescaped(path);
    let path = decoded.trim_end_matches('/');
    let host = host.unwrap_or_default();
    let post = method.eq_ignore_ascii_case("POST");
    if let Some(route) = post
        .then(|| bedrock(path).or_else(|| gemini(path, query)))
        .flatten()
    {
        return Some(route);
    }
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let cohere = host.contains("cohere") || segments.contains(&"cohere");
    let version = segments.iter().rev().find_map(|part| match *part {
        "v1" => Some(1),
        "v2" => Some(2),
        _ => None,
    });
    let ends = |tail: &[&str]| segments.ends_with(tail);
    let operation = if !post {
        not_judged(&segments)?
    } else if ends(&["chat", "completions"]) {
        Operation::ChatCompletions
    } else if ends(&["fim", "completions"]) {
        Operation::FillInTheMiddle
    } else if ends(&["completions"]) {
        Operation::Completions
    } else if ends(&["responses"]) {
        Operation::Responses
    } else if ends(&["messages", "count_tokens"]) {
        Operation::CountTokens
    } else if ends(&["messages"]) && !segments.contains(&"threads") {
        Operation::Messages
    } else if ends(&["v1", "complete"]) {
        Operation::Complete
    } else if ends(&["api", "chat"]) {
        Operation::OllamaChat
    } else if ends(&["api", "generate"]) {
        Operation::OllamaGenerate
    } else if ends(&["api", "embed"]) || ends(&["api", "embeddings"]) {
        Operation::OllamaEmbed
    } else if ends(&["embeddings"]) {
        Operation::Embeddings
    } else if ends(&["rerank"]) {
        Operation::CohereRerank
    } else if ends(&["v2", "chat"]) || (cohere && ends(&["chat"]) && version == Some(2)) {
        Operation::CohereChat
    } else if ends(&["v1", "chat"]) || (cohere && ends(&["chat"])) {
        Operation::CohereChatV1
    } else if ends(&["v1", "generate"]) || (cohere && ends(&["generate"])) {
        Operation::CohereGenerate
    } else if ends(&["v1", "embed"]) || ends(&["v2", "embed"]) || (cohere && ends(&["embed"])) {
        Operation::CohereEmbed
    } else {
        not_judged(&segments)?
    };
    let mut route = Route::new(operation);
    if let Some(at) = segments.iter().position(|part| *part == "deployments") {
        route.model = segments
            .get(at.saturating_add(1))
            .map(|name| (*name).to_owned());
    } else if matches!(operation, Operation::NotJudged(_)) {
        let mut pairs = query.split('&');
        route.model = pairs
            .find_map(|pair| pair.strip_prefix("model="))
            .map(unescaped);
    }
    Some(route)
}

/// `/model/ID/converse` and its sisters. The id may be an ARN with slashes of its own.
fn bedrock(path: &str) -> Option<Route> {
    let (_, rest) = path.split_once("/model/")?;
    let (model, action) = rest.rsplit_once('/')?;
    let (operation, stream) = match action {
        "converse" => (Operation::Converse, None),
        "converse-stream" => (Operation::Converse, Some(Framing::Messages)),
        "invoke" => (Operation::Invoke, None),
        "invoke-with-response-stream" => (Operation::Invoke, Some(Framing::Messages)),
        "count-tokens" => (Operation::NotJudged("a count of tokens"), None),
        _ => return None,
    };
    Some(Route {
        operation,
        model: Some(model.to_owned()),
        stream,
    })
}

/// `/models/ID:generateContent` and its sisters.
fn gemini(path: &str, query: &str) -> Option<Route> {
    let (before, action) = path.rsplit_once(':')?;
    let model = before.rsplit('/').next()?;
    let (operation, stream) = match action {
        "generateContent" | "countTokens" => (Operation::GenerateContent, None),
        "streamGenerateContent" => {
            let events = query.split('&').any(|pair| pair == "alt=sse");
            let framing = if events {
                Framing::Events
            } else {
                Framing::Array
            };
            (Operation::GenerateContent, Some(framing))
        }
        "embedContent" | "batchEmbedContents" => (Operation::EmbedContent, None),
        // Anthropic's models at Google.
        "rawPredict" => (Operation::Messages, None),
        "streamRawPredict" => (Operation::Messages, Some(Framing::Events)),
        "predict" | "predictLongRunning" => (Operation::NotJudged("a prediction"), None),
        _ => return None,
    };
    Some(Route {
        operation,
        model: Some(model.to_owned()),
        stream,
    })
}

/// What is known and not judged, by a segment that it has; the first that fits.
fn not_judged(segments: &[&str]) -> Option<Operation> {
    const KNOWN: &[(&str, &str)] = &[
        ("images", "images"),
        ("audio", "audio"),
        ("moderations", "moderations"),
        ("ocr", "documents to text"),
        ("assistants", "assistants"),
        ("threads", "threads and runs"),
        ("files", "files"),
        ("uploads", "files"),
        ("batches", "batches"),
        ("fine_tuning", "fine-tuning"),
        ("vector_stores", "vector stores"),
        ("videos", "videos"),
        ("realtime", "realtime"),
        ("conversations", "conversations"),
        ("containers", "containers"),
        ("evals", "evaluations"),
        ("responses", "stored responses"),
        ("chat", "stored chats"),
        ("models", "models"),
        ("deployments", "models"),
        ("tokenize", "tokens"),
        ("classify", "classification"),
        ("tags", "models"),
        ("version", "models"),
        ("ps", "models"),
        ("show", "models"),
        ("pull", "models"),
        ("cachedContents", "cached contents"),
    ];
    KNOWN
        .iter()
        .find(|(segment, _)| segments.contains(segment))
        .map(|(_, what)| Operation::NotJudged(what))
}

/// A path without percent escapes.
fn unescaped(path: &str) -> String {
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let code = (*byte == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(code) = code {
            out.push(code);
            rest = after.get(2..).unwrap_or_default();
        } else {
            out.push(*byte);
            rest = after;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
