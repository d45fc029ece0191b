//! What requests ask for.

use stance_wire::{Framing, Operation, recognise};

fn operation(method: &str, target: &str) -> Option<Operation> {
    recognise(method, target, None).map(|route| route.operation)
}

#[test]
fn paths_of_every_dialect() {
    use Operation::*;
    for (target, expected) in [
        ("/v1/chat/completions", ChatCompletions),
        ("/openai/v1/chat/completions", ChatCompletions),
        (
            "/openai/deployments/d/chat/completions?api-version=x",
            ChatCompletions,
        ),
        ("/beta/chat/completions", ChatCompletions),
        ("/v1beta/openai/chat/completions", ChatCompletions),
        ("/v1/completions", Completions),
        ("/v1/fim/completions", FillInTheMiddle),
        ("/v1/responses", Responses),
        ("/openai/v1/responses/", Responses),
        ("/v1/embeddings", Embeddings),
        ("/v1/messages", Messages),
        ("/anthropic/v1/messages?beta=true", Messages),
        (
            "/v1/projects/p/locations/l/publishers/anthropic/models/claude:rawPredict",
            Messages,
        ),
        ("/v1/messages/count_tokens", CountTokens),
        ("/v1/complete", Complete),
        ("/v1beta/models/gemini:generateContent", GenerateContent),
        ("/v1beta/models/gemini:countTokens", GenerateContent),
        (
            "/v1/projects/p/locations/l/publishers/google/models/gemini:streamGenerateContent",
            GenerateContent,
        ),
        ("/v1beta/models/e:embedContent", EmbedContent),
        ("/model/m/converse", Converse),
        ("/model/m/converse-stream", Converse),
        ("/model/m/invoke", Invoke),
        ("/v2/chat", CohereChat),
        ("/v1/chat", CohereChatV1),
        ("/v1/generate", CohereGenerate),
        ("/v2/embed", CohereEmbed),
        ("/v1/rerank", CohereRerank),
        ("/api/chat", OllamaChat),
        ("/api/generate", OllamaGenerate),
        ("/api/embed", OllamaEmbed),
        ("/api/embeddings", OllamaEmbed),
        ("/v1/images/generations", NotJudged("images")),
        ("/v1/audio/speech", NotJudged("audio")),
        ("/v1/moderations", NotJudged("moderations")),
        ("/v1/ocr", NotJudged("documents to text")),
        ("/v1/threads/t/messages", NotJudged("threads and runs")),
        ("/v1/threads/t/runs", NotJudged("threads and runs")),
        ("/v1/files", NotJudged("files")),
    ] {
        assert_eq!(operation("POST", target), Some(expected), "{target}");
    }
    assert_eq!(operation("GET", "/v1/models"), Some(NotJudged("models")));
    assert_eq!(
        operation("GET", "/v1/responses/r"),
        Some(NotJudged("stored responses"))
    );
    assert_eq!(
        operation("GET", "/v1/chat/completions"),
        Some(NotJudged("stored chats"))
    );
    assert_eq!(operation("GET", "/api/tags"), Some(NotJudged("models")));
    for nothing in [
        "/",
        "",
        "/healthz",
        "/v1/unheard/of",
        "//",
        "/%",
        "/model/",
        "/:",
    ] {
        assert_eq!(operation("POST", nothing), None, "{nothing}");
    }
}

#[test]
fn paths_name_models_and_streams() {
    let route = recognise(
        "POST",
        "/model/arn%3Aaws%3Abedrock%3A1%2Fx/invoke-with-response-stream",
        None,
    )
    .unwrap();
    assert_eq!(route.model.as_deref(), Some("arn:aws:bedrock:1/x"));
    assert_eq!(route.stream, Some(Framing::Messages));
    let array = recognise("POST", "/v1beta/models/g:streamGenerateContent?key=k", None).unwrap();
    assert_eq!(array.stream, Some(Framing::Array));
    assert_eq!(
        array.framing("application/json; charset=UTF-8"),
        Some(Framing::Array)
    );
    let events = recognise(
        "POST",
        "/v1beta/models/g:streamGenerateContent?alt=sse",
        None,
    )
    .unwrap();
    assert_eq!(events.stream, Some(Framing::Events));
    assert_eq!(events.framing("application/json"), None);
    let chat = recognise("post", "/openai/deployments/gpt/chat/completions", None).unwrap();
    assert_eq!((chat.model.as_deref(), chat.stream), (Some("gpt"), None));
}
