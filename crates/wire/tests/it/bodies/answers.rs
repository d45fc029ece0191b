//! Answers.

use stance_core::exchange::Origin::{
    Document, Model, Operator, Reasoning, ToolArguments, ToolResult, User,
};

use super::{Body, check};

#[test]
fn of_openai() {
    check(
        &[
            Body {
                target: "/v1/chat/completions",
                body: r#"{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi","refusal":null,"reasoning":"r","annotations":[{"type":"url_citation","url_citation":{"url":"u","title":"t"}}],"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}],"audio":{"id":"a","data":"zz","transcript":"tr"}},"logprobs":null,"finish_reason":"tool_calls"},{"index":1,"message":{"content":"","refusal":"no"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":1},"completion_tokens_details":{"reasoning_tokens":2}}}"#,
                texts: &[
                    (Reasoning, "r"),
                    (Model, "hi"),
                    (ToolArguments, "{}"),
                    (Model, "tr"),
                    (Model, "u"),
                    (Model, "t"),
                    (Model, "no"),
                ],
                unjudged: &["/choices/0/message/audio"],
                facts: "model m, input 3, output 4, cached 1, reasoning 2, ended stop",
            },
            Body {
                target: "/v1/chat/completions",
                body: r#"{"error":{"message":"bad","type":"invalid_request_error","code":null}}"#,
                texts: &[(Model, "bad")],
                unjudged: &[],
                facts: "ended error",
            },
            Body {
                target: "/v1/completions",
                body: r#"{"model":"m","choices":[{"text":"t","index":0,"finish_reason":"length"}]}"#,
                texts: &[(Model, "t")],
                unjudged: &[],
                facts: "model m, ended length",
            },
            Body {
                target: "/v1/responses",
                body: r#"{"model":"m","instructions":"i","status":"completed","output":[{"type":"web_search_call","id":"w","status":"completed","action":{"type":"search","query":"q"}},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"t","annotations":[]},{"type":"refusal","refusal":"r"}]},{"type":"image_generation_call","result":"zz"},{"type":"mcp_call","name":"f","arguments":"{}","output":"o"}],"usage":{"input_tokens":1,"output_tokens":2,"output_tokens_details":{"reasoning_tokens":0}}}"#,
                texts: &[
                    (Operator, "i"),
                    (ToolArguments, "q"),
                    (Model, "t"),
                    (Model, "r"),
                    (ToolArguments, "{}"),
                    (ToolResult, "o"),
                ],
                unjudged: &["/output/2"],
                facts: "model m, input 1, output 2, reasoning 0, ended completed",
            },
            Body {
                target: "/v1/embeddings",
                body: r#"{"model":"m","data":[{"embedding":[0.1,0.2]}],"usage":{"prompt_tokens":2}}"#,
                texts: &[],
                unjudged: &[],
                facts: "model m, input 2",
            },
        ],
        false,
    );
}

#[test]
fn of_anthropic_and_gemini() {
    check(
        &[
            Body {
                target: "/v1/messages",
                body: r#"{"type":"message","role":"assistant","model":"c","content":[{"type":"thinking","thinking":"th","signature":"s"},{"type":"text","text":"t","citations":[{"type":"char_location","cited_text":"ct","document_title":"dt"}]},{"type":"tool_use","id":"i","name":"f","input":{}},{"type":"server_tool_use","id":"j","name":"web_search","input":{"query":"q"}},{"type":"code_execution_tool_result","tool_use_id":"j","content":{"type":"code_execution_result","stdout":"out","return_code":0,"content":[]}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":2,"cache_read_input_tokens":3}}"#,
                texts: &[
                    (Reasoning, "th"),
                    (Model, "t"),
                    (Document, "ct"),
                    (Document, "dt"),
                    (ToolArguments, "{}"),
                    (ToolArguments, "{\"query\":\"q\"}"),
                    (ToolResult, "out"),
                ],
                unjudged: &[],
                facts: "model c, input 1, output 2, cached 3, ended tool_use",
            },
            Body {
                target: "/v1/messages/count_tokens",
                body: r#"{"input_tokens":14}"#,
                texts: &[],
                unjudged: &[],
                facts: "input 14",
            },
            Body {
                target: "/v1beta/models/g:generateContent",
                body: r#"{"candidates":[{"content":{"parts":[{"text":"th","thought":true},{"text":"t"},{"functionCall":{"name":"f","args":{"a":"b"}}},{"executableCode":{"language":"PYTHON","code":"1+1"}},{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"2"}}],"role":"model"},"finishReason":"STOP","groundingMetadata":{"groundingChunks":[{"web":{"uri":"u","title":"ti"}}]}}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"thoughtsTokenCount":3},"modelVersion":"g-1"}"#,
                texts: &[
                    (Reasoning, "th"),
                    (Model, "t"),
                    (ToolArguments, "{\"a\":\"b\"}"),
                    (ToolArguments, "1+1"),
                    (ToolResult, "2"),
                    (Document, "u"),
                    (Document, "ti"),
                ],
                unjudged: &[],
                facts: "model g-1, input 1, output 2, reasoning 3, ended STOP",
            },
        ],
        false,
    );
}

#[test]
fn of_bedrock() {
    let model = "/model/m/invoke";
    check(
        &[
            Body {
                target: "/model/m/converse",
                body: r#"{"output":{"message":{"role":"assistant","content":[{"text":"t"},{"toolUse":{"toolUseId":"i","name":"f","input":{"a":1}}}]}},"stopReason":"tool_use","usage":{"inputTokens":1,"outputTokens":2},"trace":{"guardrail":{"modelOutput":["raw words"]}}}"#,
                texts: &[
                    (Model, "t"),
                    (ToolArguments, "{\"a\":1}"),
                    (Model, "raw words"),
                ],
                unjudged: &[],
                facts: "input 1, output 2, ended tool_use",
            },
            Body {
                target: model,
                body: r#"{"inputTextTokenCount":5,"results":[{"tokenCount":7,"outputText":"t","completionReason":"FINISH"}]}"#,
                texts: &[(Model, "t")],
                unjudged: &[],
                facts: "input 5, output 7, ended FINISH",
            },
            Body {
                target: model,
                body: r#"{"generation":"t","prompt_token_count":1,"generation_token_count":2,"stop_reason":"stop"}"#,
                texts: &[(Model, "t")],
                unjudged: &[],
                facts: "input 1, output 2, ended stop",
            },
            Body {
                target: model,
                body: r#"{"outputs":[{"text":"t","stop_reason":"length"}]}"#,
                texts: &[(Model, "t")],
                unjudged: &[],
                facts: "ended length",
            },
            Body {
                target: model,
                body: r#"{"id":1,"completions":[{"data":{"text":"t"},"finishReason":{"reason":"endoftext"}}]}"#,
                texts: &[(Model, "t")],
                unjudged: &[],
                facts: "ended endoftext",
            },
            Body {
                target: model,
                body: r#"{"generations":[{"text":"t","finish_reason":"COMPLETE"}],"prompt":"p"}"#,
                texts: &[(Model, "t"), (User, "p")],
                unjudged: &[],
                facts: "ended COMPLETE",
            },
            Body {
                target: model,
                body: r#"{"type":"message","model":"c","content":[{"type":"text","text":"t"}],"stop_reason":"end_turn","amazon-bedrock-trace":{"guardrail":{"modelOutput":["raw"]}}}"#,
                texts: &[(Model, "t"), (Model, "raw")],
                unjudged: &[],
                facts: "model c, ended end_turn",
            },
            Body {
                target: model,
                body: r#"{"artifacts":[{"base64":"zz"}]}"#,
                texts: &[],
                unjudged: &[""],
                facts: "",
            },
        ],
        false,
    );
}

#[test]
fn of_cohere_and_ollama() {
    check(
        &[
            Body {
                target: "/v2/chat",
                body: r#"{"id":"i","message":{"role":"assistant","tool_plan":"plan","content":[{"type":"text","text":"t"}],"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}],"citations":[{"text":"ci","sources":[{"type":"document","id":"d","document":{"snippet":"sn"}}]}]},"finish_reason":"COMPLETE","usage":{"tokens":{"input_tokens":1,"output_tokens":2}}}"#,
                texts: &[
                    (Reasoning, "plan"),
                    (Model, "t"),
                    (ToolArguments, "{}"),
                    (Document, "ci"),
                    (Document, "sn"),
                ],
                unjudged: &[],
                facts: "input 1, output 2, ended COMPLETE",
            },
            Body {
                target: "/v1/chat",
                body: r#"{"text":"t","finish_reason":"COMPLETE","tool_calls":[{"name":"f","parameters":{"a":1}}],"meta":{"tokens":{"input_tokens":1}}}"#,
                texts: &[(Model, "t"), (ToolArguments, "{\"a\":1}")],
                unjudged: &[],
                facts: "input 1, ended COMPLETE",
            },
            Body {
                target: "/v2/chat",
                body: r#"{"message":"invalid api token"}"#,
                texts: &[(Model, "invalid api token")],
                unjudged: &[],
                facts: "",
            },
            Body {
                target: "/v2/rerank",
                body: r#"{"results":[{"index":0,"document":{"text":"d"}}]}"#,
                texts: &[(Document, "d")],
                unjudged: &[],
                facts: "",
            },
            Body {
                target: "/api/chat",
                body: r#"{"model":"l","message":{"role":"assistant","content":"t","thinking":"th","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},"done":true,"done_reason":"stop","prompt_eval_count":1,"eval_count":2}"#,
                texts: &[
                    (Reasoning, "th"),
                    (Model, "t"),
                    (ToolArguments, "{\"a\":1}"),
                ],
                unjudged: &[],
                facts: "model l, input 1, output 2, ended stop",
            },
            Body {
                target: "/api/generate",
                body: r#"{"model":"l","response":"t","done":true,"context":[1,2,3]}"#,
                texts: &[(Model, "t")],
                unjudged: &[],
                facts: "model l, ended done",
            },
        ],
        false,
    );
}
