//! Requests.

use stance_core::exchange::Origin::{
    Document, Model, Operator, Reasoning, ToolArguments, ToolDefinition, ToolResult, User,
};

use super::{Body, check};

#[test]
fn of_openai() {
    check(
        &[
            Body {
                target: "/v1/chat/completions",
                body: r#"{ "model":"m", "n":2,"max_tokens":9, "messages" : [
                {"role":"developer","content":"be brief"},
                {"role":"user","content":[{"type":"text","text":"h\u00e9\n"},{"type":"image_url","image_url":{"url":"data:x"}},{"type":"hologram","x":"y"}]},
                {"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},
                {"role":"tool","tool_call_id":"c","content":"42"}],
                "tools":[{"type":"function","function":{"name":"f","description":"does f","parameters":{"type":"object"}}}],
                "temperature":1.50, "secret_field":{"deep":["words"]}, "logit_bias":{"1":2} }"#,
                texts: &[
                    (Operator, "be brief"),
                    (User, "h\u{e9}\n"),
                    (Reasoning, "hm"),
                    (ToolArguments, "{\"a\":1}"),
                    (ToolResult, "42"),
                    (ToolDefinition, "does f"),
                    (ToolDefinition, "{\"type\":\"object\"}"),
                ],
                unjudged: &[
                    "/messages/1/content/1",
                    "/messages/1/content/2",
                    "/secret_field",
                ],
                facts: "model m, tool f, limit 9, answers 2",
            },
            Body {
                target: "/openai/deployments/prod/chat/completions?api-version=2024-02-01",
                body: r#"{"messages":[{"role":"user","content":"hi"}],"stream":true,"logprobs":true}"#,
                texts: &[(User, "hi")],
                unjudged: &[],
                facts: "model prod, stream, probabilities",
            },
            Body {
                target: "/v1/completions",
                body: r#"{"model":"m","prompt":["a","b"],"suffix":"c"}"#,
                texts: &[(User, "a"), (User, "b"), (User, "c")],
                unjudged: &[],
                facts: "model m",
            },
            Body {
                target: "/v1/fim/completions",
                body: r#"{"model":"codestral","prompt":"fn a(","suffix":")"}"#,
                texts: &[(User, "fn a("), (User, ")")],
                unjudged: &[],
                facts: "model codestral",
            },
            Body {
                target: "/v1/embeddings",
                body: r#"{"model":"m","input":[[1,2,3]]}"#,
                texts: &[],
                unjudged: &["/input"],
                facts: "model m",
            },
            Body {
                target: "/v1/responses",
                body: r#"{"model":"m","instructions":"act","max_output_tokens":5,"previous_response_id":"r","input":[
                {"role":"user","content":"one"},
                {"type":"message","role":"user","content":[{"type":"input_text","text":"two"},{"type":"input_file","filename":"f.pdf","file_data":"zz"}]},
                {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
                {"type":"function_call_output","call_id":"c","output":"3"},
                {"type":"reasoning","summary":[{"type":"summary_text","text":"so"}],"encrypted_content":"x"},
                {"type":"novelty","words":"w"}],
                "tools":[{"type":"function","name":"f","description":"d","parameters":{}},{"type":"web_search"}]}"#,
                texts: &[
                    (Operator, "act"),
                    (User, "one"),
                    (User, "two"),
                    (Document, "f.pdf"),
                    (ToolArguments, "{}"),
                    (ToolResult, "3"),
                    (Reasoning, "so"),
                    (ToolDefinition, "d"),
                ],
                unjudged: &[
                    "/input/1/content/1",
                    "/input/4/encrypted_content",
                    "/input/5",
                    "/previous_response_id",
                ],
                facts: "model m, tool f, tool web_search, limit 5",
            },
        ],
        true,
    );
}

#[test]
fn of_anthropic() {
    check(
        &[
            Body {
                target: "/v1/messages",
                body: r#"{"model":"c","max_tokens":7,"system":[{"type":"text","text":"sys"}],"messages":[
                {"role":"user","content":[
                    {"type":"document","title":"T","source":{"type":"text","media_type":"text/plain","data":"doc"}},
                    {"type":"document","source":{"type":"base64","data":"AAAA"}},
                    {"type":"image","source":{"type":"url","url":"u"}},
                    {"type":"text","text":"ask"}]},
                {"role":"assistant","content":[{"type":"thinking","thinking":"think","signature":"s"},{"type":"redacted_thinking","data":"x"},{"type":"tool_use","id":"t1","name":"get","input":{"a": [1, "x"]}}]},
                {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"res"},{"type":"image","source":{}}]},{"type":"tool_result","tool_use_id":"t1","content":"plain"},{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","url":"http://x","title":"Title","encrypted_content":"e"}]},{"type":"new_thing"}]}],
                "tools":[{"name":"get","description":"gets","input_schema":{"type":"object"}},{"type":"web_search_20250305","name":"web_search"}]}"#,
                texts: &[
                    (Operator, "sys"),
                    (Document, "T"),
                    (Document, "doc"),
                    (User, "ask"),
                    (Reasoning, "think"),
                    (ToolArguments, "{\"a\": [1, \"x\"]}"),
                    (ToolResult, "res"),
                    (ToolResult, "plain"),
                    (ToolResult, "http://x"),
                    (ToolResult, "Title"),
                    (ToolDefinition, "gets"),
                    (ToolDefinition, "{\"type\":\"object\"}"),
                ],
                unjudged: &[
                    "/messages/0/content/1/source",
                    "/messages/0/content/2",
                    "/messages/1/content/1",
                    "/messages/2/content/0/content/1",
                    "/messages/2/content/2/content/0/encrypted_content",
                    "/messages/2/content/3",
                ],
                facts: "model c, tool get, tool web_search, limit 7",
            },
            Body {
                target: "/v1/messages/count_tokens",
                body: r#"{"model":"c","messages":[{"role":"user","content":"hi"}]}"#,
                texts: &[(User, "hi")],
                unjudged: &[],
                facts: "model c",
            },
            Body {
                target: "/v1/complete",
                body: r#"{"model":"c","prompt":"\n\nHuman: hi\n\nAssistant:","max_tokens_to_sample":3}"#,
                texts: &[(User, "\n\nHuman: hi\n\nAssistant:")],
                unjudged: &[],
                facts: "model c, limit 3",
            },
        ],
        true,
    );
}

#[test]
fn of_gemini() {
    check(
        &[
            Body {
                target: "/v1beta/models/gemini-2.5-pro:generateContent",
                body: r#"{"systemInstruction":{"parts":[{"text":"sys"}]},"contents":[
                {"role":"user","parts":[{"text":"hi"},{"inlineData":{"mimeType":"image/png","data":"x"}}]},
                {"role":"model","parts":[{"text":"mm","thought":true},{"functionCall":{"name":"f","args":{"a":1}}}]},
                {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"r":"v"}}},{"strange":{"s":"t"}}]}],
                "tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":{"type":"OBJECT"}}]},{"googleSearch":{}}],
                "generationConfig":{"maxOutputTokens":11,"candidateCount":1},"cachedContent":"cachedContents/1"}"#,
                texts: &[
                    (Operator, "sys"),
                    (User, "hi"),
                    (Reasoning, "mm"),
                    (ToolArguments, "{\"a\":1}"),
                    (ToolResult, "{\"r\":\"v\"}"),
                    (ToolDefinition, "d"),
                    (ToolDefinition, "{\"type\":\"OBJECT\"}"),
                ],
                unjudged: &[
                    "/contents/0/parts/1/inlineData",
                    "/contents/2/parts/1/strange",
                    "/cachedContent",
                ],
                facts: "model gemini-2.5-pro, tool f, limit 11, answers 1",
            },
            Body {
                target: "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
                body: r#"{"contents":{"parts":[{"text":"hi"}]}}"#,
                texts: &[(User, "hi")],
                unjudged: &[],
                facts: "model gemini-2.5-pro, stream",
            },
            Body {
                target: "/v1beta/models/text-embedding-004:batchEmbedContents",
                body: r#"{"requests":[{"model":"models/text-embedding-004","content":{"parts":[{"text":"hi"}]}}]}"#,
                texts: &[(User, "hi")],
                unjudged: &[],
                facts: "model text-embedding-004",
            },
        ],
        true,
    );
}

#[test]
fn of_bedrock() {
    check(
        &[
            Body {
                target: "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx/converse",
                body: r#"{"system":[{"text":"sys"},{"cachePoint":{"type":"default"}}],"messages":[
                {"role":"user","content":[{"guardContent":{"text":{"text":"g","qualifiers":["query"]}}},{"text":"hi"},{"document":{"format":"pdf","name":"n","source":{"bytes":"x"}}},{"image":{"format":"png","source":{"bytes":"x"}}},{"other":{"words":"w"}}]},
                {"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"f","input":{"a":1}}},{"reasoningContent":{"reasoningText":{"text":"why","signature":"s"}}}]},
                {"role":"user","content":[{"toolResult":{"toolUseId":"t","content":[{"json":{"b":2}},{"text":"r"}]}}]}],
                "toolConfig":{"tools":[{"toolSpec":{"name":"f","description":"d","inputSchema":{"json":{}}}}]},
                "inferenceConfig":{"maxTokens":4},"additionalModelRequestFields":{"x":"words"}}"#,
                texts: &[
                    (Operator, "sys"),
                    (User, "g"),
                    (User, "hi"),
                    (Document, "n"),
                    (ToolArguments, "{\"a\":1}"),
                    (Reasoning, "why"),
                    (ToolResult, "{\"b\":2}"),
                    (ToolResult, "r"),
                    (ToolDefinition, "d"),
                ],
                unjudged: &[
                    "/messages/0/content/2/document",
                    "/messages/0/content/3/image",
                    "/messages/0/content/4/other",
                    "/additionalModelRequestFields",
                ],
                facts: "model arn:aws:bedrock:us-east-1:1:inference-profile/x, tool f, limit 4",
            },
            Body {
                target: "/model/anthropic.claude-3/invoke",
                body: r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}"#,
                texts: &[(User, "hi")],
                unjudged: &[],
                facts: "model anthropic.claude-3, limit 1",
            },
            Body {
                target: "/model/amazon.nova/invoke",
                body: r#"{"schemaVersion":"messages-v1","system":[{"text":"s"}],"messages":[{"role":"user","content":[{"text":"hi"}]}]}"#,
                texts: &[(Operator, "s"), (User, "hi")],
                unjudged: &[],
                facts: "model amazon.nova",
            },
            Body {
                target: "/model/amazon.titan/invoke",
                body: r#"{"inputText":"hi","textGenerationConfig":{"maxTokenCount":6}}"#,
                texts: &[(User, "hi")],
                unjudged: &[],
                facts: "model amazon.titan, limit 6",
            },
            Body {
                target: "/model/meta.llama3/invoke-with-response-stream",
                body: r#"{"prompt":"hi","max_gen_len":8}"#,
                texts: &[(User, "hi")],
                unjudged: &[],
                facts: "model meta.llama3, stream, limit 8",
            },
            Body {
                target: "/model/cohere.command-r/invoke",
                body: r#"{"message":"hi","chat_history":[{"role":"CHATBOT","message":"yo"}]}"#,
                texts: &[(Model, "yo"), (User, "hi")],
                unjudged: &[],
                facts: "model cohere.command-r",
            },
            Body {
                target: "/model/stability.sd/invoke",
                body: r#"{"text_prompts":[{"text":"a cat"}]}"#,
                texts: &[],
                unjudged: &[""],
                facts: "model stability.sd",
            },
        ],
        true,
    );
}

#[test]
fn of_cohere_and_ollama() {
    check(
        &[
            Body {
                target: "/v2/chat",
                body: r#"{"model":"command","messages":[{"role":"system","content":"s"},{"role":"user","content":"u"},{"role":"tool","tool_call_id":"c","content":[{"type":"document","document":{"id":"1","data":"{\"x\":1}"}}]}],"documents":["d1",{"id":"2","data":{"title":"t","snippet":"sn"}}]}"#,
                texts: &[
                    (Operator, "s"),
                    (User, "u"),
                    (Document, "{\"x\":1}"),
                    (Document, "d1"),
                    (Document, "t"),
                    (Document, "sn"),
                ],
                unjudged: &[],
                facts: "model command",
            },
            Body {
                target: "/v1/chat",
                body: r#"{"model":"command","preamble":"p","message":"m","chat_history":[{"role":"USER","message":"q"}],"tool_results":[{"call":{"name":"f","parameters":{"a":1}},"outputs":[{"o":"x"}]}],"connectors":[{"id":"web-search"}]}"#,
                texts: &[
                    (Operator, "p"),
                    (User, "q"),
                    (User, "m"),
                    (ToolArguments, "{\"a\":1}"),
                    (ToolResult, "[{\"o\":\"x\"}]"),
                ],
                unjudged: &["/connectors"],
                facts: "model command",
            },
            Body {
                target: "/v2/rerank",
                body: r#"{"model":"r","query":"q","documents":["a",{"text":"b"}]}"#,
                texts: &[(User, "q"), (Document, "a"), (Document, "b")],
                unjudged: &[],
                facts: "model r",
            },
            Body {
                target: "/v2/embed",
                body: r#"{"model":"e","texts":["a"],"images":["data:"],"input_type":"search_query"}"#,
                texts: &[(User, "a")],
                unjudged: &["/images"],
                facts: "model e",
            },
            Body {
                target: "/v1/generate",
                body: r#"{"model":"c","prompt":"p","max_tokens":2}"#,
                texts: &[(User, "p")],
                unjudged: &[],
                facts: "model c, limit 2",
            },
            Body {
                target: "/api/chat",
                body: r#"{"model":"l","messages":[{"role":"system","content":"s"},{"role":"user","content":"u","images":["x"]},{"role":"tool","tool_name":"f","content":"r"}],"options":{"num_predict":3,"stop":["x"]},"keep_alive":"5m","format":{"type":"object"}}"#,
                texts: &[
                    (Operator, "s"),
                    (User, "u"),
                    (ToolResult, "r"),
                    (Operator, "{\"type\":\"object\"}"),
                ],
                unjudged: &["/messages/1/images"],
                facts: "model l, stream, limit 3",
            },
            Body {
                target: "/api/generate",
                body: r#"{"model":"l","system":"s","prompt":"p","stream":false}"#,
                texts: &[(Operator, "s"), (User, "p")],
                unjudged: &[],
                facts: "model l",
            },
            Body {
                target: "/api/embed",
                body: r#"{"model":"l","input":["a","b"]}"#,
                texts: &[(User, "a"), (User, "b")],
                unjudged: &[],
                facts: "model l",
            },
            Body {
                target: "/v1/images/generations",
                body: r#"{"prompt":"a cat"}"#,
                texts: &[],
                unjudged: &[""],
                facts: "",
            },
        ],
        true,
    );
}
