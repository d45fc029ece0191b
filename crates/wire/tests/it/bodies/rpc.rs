//! Messages of MCP and A2A.

use stance_core::exchange::Origin::{
    Document, Model, ToolArguments, ToolDefinition, ToolResult, User,
};
use stance_wire::rpc::{MessageKind, batch, messages, read};
use stance_wire::{Filter, Framing, Identity, Limits, Options, Route, Status, Stream};

use super::{Body, check};
use crate::filters::{Blocker, REDACTED, Redactor, Seen};

#[test]
fn of_mcp() {
    let target = "mcp";
    check(
        &[
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}"#,
                texts: &[],
                unjudged: &[],
                facts: "",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"},"instructions":"use me"}}"#,
                texts: &[(ToolDefinition, "use me")],
                unjudged: &[],
                facts: "",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"f","title":"F","description":"does","inputSchema":{"type":"object"},"x-note":"odd"}],"nextCursor":"n"}}"#,
                texts: &[
                    (ToolDefinition, "F"),
                    (ToolDefinition, "does"),
                    (ToolDefinition, "{\"type\":\"object\"}"),
                ],
                unjudged: &["/result/tools/0/x-note"],
                facts: "tool f",
            },
            Body {
                target,
                body: r#"[{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"f","arguments":{"p":"v"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}},{"jsonrpc":"2.0","id":"a","result":{"content":[{"type":"text","text":"out"},{"type":"image","data":"x","mimeType":"image/png"},{"type":"resource","resource":{"uri":"u","text":"inner"}},{"type":"resource_link","uri":"file:///x","name":"n"}],"structuredContent":{"k":"v"},"isError":false}}]"#,
                texts: &[
                    (ToolArguments, "{\"p\":\"v\"}"),
                    (ToolResult, "out"),
                    (Document, "inner"),
                    (Document, "file:///x"),
                    (Document, "n"),
                    (ToolResult, "{\"k\":\"v\"}"),
                ],
                unjudged: &["/1/result/content/1"],
                facts: "",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":3,"result":{"contents":[{"uri":"u","text":"page"},{"uri":"v","blob":"zz"}]}}"#,
                texts: &[(Document, "page")],
                unjudged: &["/result/contents/1/blob"],
                facts: "",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":4,"result":{"description":"d","messages":[{"role":"user","content":{"type":"text","text":"prompt"}}]}}"#,
                texts: &[(Document, "prompt"), (Document, "d")],
                unjudged: &[],
                facts: "",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":5,"method":"sampling/createMessage","params":{"systemPrompt":"sp","maxTokens":9,"messages":[{"role":"user","content":{"type":"text","text":"do it"}}]}}"#,
                texts: &[(Document, "sp"), (Document, "do it")],
                unjudged: &[],
                facts: "limit 9",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":5,"result":{"role":"assistant","model":"m","stopReason":"endTurn","content":{"type":"text","text":"done"}}}"#,
                texts: &[(Model, "done")],
                unjudged: &[],
                facts: "model m, ended endTurn",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":6,"method":"elicitation/create","params":{"message":"your name?","requestedSchema":{"type":"object"}}}"#,
                texts: &[
                    (Document, "your name?"),
                    (ToolDefinition, "{\"type\":\"object\"}"),
                ],
                unjudged: &[],
                facts: "",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":6,"result":{"action":"accept","content":{"name":"Ann"}}}"#,
                texts: &[(User, "Ann")],
                unjudged: &[],
                facts: "",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":7,"result":{"resultType":"input_required","requestState":"s","inputRequests":{"q":{"method":"elicitation/create","params":{"message":"sure?"}}}}}"#,
                texts: &[(Document, "sure?")],
                unjudged: &[],
                facts: "",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":{"msg":"log"}}}"#,
                texts: &[(ToolResult, "log")],
                unjudged: &[],
                facts: "",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":8,"error":{"code":-32602,"message":"no such tool"}}"#,
                texts: &[(ToolResult, "no such tool")],
                unjudged: &[],
                facts: "ended error",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":9,"method":"custom/thing","params":{"x":"words"}}"#,
                texts: &[],
                unjudged: &["/params"],
                facts: "",
            },
        ],
        true,
    );
}

#[test]
fn of_a2a() {
    let target = "a2a";
    check(
        &[
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":1,"method":"message/stream","params":{"message":{"kind":"message","role":"user","messageId":"m","parts":[{"kind":"text","text":"hi"},{"kind":"data","data":{"a":1}},{"kind":"file","file":{"bytes":"x"}}]},"metadata":{"note":"words"}}}"#,
                texts: &[(User, "hi"), (User, "{\"a\":1}")],
                unjudged: &["/params/message/parts/2", "/params/metadata"],
                facts: "stream",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":1,"result":{"kind":"task","id":"t","history":[{"role":"user","parts":[{"kind":"text","text":"q"}]}],"artifacts":[{"artifactId":"a","name":"n","parts":[{"kind":"text","text":"made"}]}],"status":{"state":"completed","message":{"role":"agent","parts":[{"kind":"text","text":"ok"}]}}}}"#,
                texts: &[(User, "q"), (Model, "n"), (Model, "made"), (Model, "ok")],
                unjudged: &[],
                facts: "ended completed",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":2,"result":{"name":"agent","description":"d","url":"u","skills":[{"id":"s","name":"sn","description":"sd"}]}}"#,
                texts: &[
                    (ToolDefinition, "agent"),
                    (ToolDefinition, "d"),
                    (ToolDefinition, "sn"),
                    (ToolDefinition, "sd"),
                ],
                unjudged: &[],
                facts: "",
            },
        ],
        true,
    );
}

#[test]
fn of_a2a_since_1_0() {
    let target = "a2a";
    check(
        &[
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":1,"method":"SendStreamingMessage","params":{"message":{"role":"ROLE_USER","parts":[{"text":"hi"},{"data":{"a":1}},{"url":"u"}]}}}"#,
                texts: &[(User, "hi"), (User, "{\"a\":1}")],
                unjudged: &["/params/message/parts/2"],
                facts: "stream",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":1,"result":{"task":{"id":"t","artifacts":[{"artifactId":"a","parts":[{"text":"made"}]}],"status":{"state":"TASK_STATE_COMPLETED","message":{"role":"ROLE_AGENT","parts":[{"text":"ok"}]}}}}}"#,
                texts: &[(Model, "made"), (Model, "ok")],
                unjudged: &[],
                facts: "ended TASK_STATE_COMPLETED",
            },
            Body {
                target,
                body: r#"{"jsonrpc":"2.0","id":1,"result":{"message":{"role":"ROLE_AGENT","parts":[{"text":"ok"}]}}}"#,
                texts: &[(Model, "ok")],
                unjudged: &[],
                facts: "",
            },
            Body {
                target,
                body: r#"{"name":"agent","description":"d","skills":[{"id":"s","name":"sn"}]}"#,
                texts: &[
                    (ToolDefinition, "agent"),
                    (ToolDefinition, "d"),
                    (ToolDefinition, "sn"),
                ],
                unjudged: &[],
                facts: "",
            },
        ],
        true,
    );
}

#[test]
fn text_in_pieces_of_an_artifact_is_one_text_in_both_versions() {
    for (open, close, kind) in [
        (r#""kind":"artifact-update","#, "", r#""kind":"text","#),
        (r#""artifactUpdate":{"#, "}", ""),
    ] {
        let event = |text: &str, last: bool| {
            format!(
                "data: {{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{{open}\"artifact\":{{\"artifactId\":\"a\",\"parts\":[{{{kind}\"text\":\"{text}\"}}]}},\"append\":true,\"lastChunk\":{last}{close}}}}}\n\n"
            )
        };
        let mut stream = Stream::new(&Route::a2a(), Framing::Events, Options::default());
        let mut redactor = Redactor::new("marker");
        let (_, mut out) = run(&mut stream, &event("a mar", false), &mut redactor);
        out += &run(&mut stream, &event("ker b", true), &mut redactor).1;
        assert!(out.contains(REDACTED) && !out.contains("mar\""), "{out}");
    }
}

#[test]
fn a_message_that_two_readers_may_read_differently_is_told() {
    let doubt = |body: &[u8]| {
        read(&Route::mcp(), body, |_| None, &Limits::default())
            .unwrap()
            .doubt
    };
    assert_eq!(doubt(br#"{"id":1,"method":"ping"}"#), None);
    assert!(doubt(br#"{"id":1,"method":"ping","method":"tools/call"}"#).is_some());
    assert!(doubt(b"{\"id\":1,\"method\":\"\xff\"}").is_some());
    for none in [&b"[]"[..], b"3", b"{}", b"{\"id\":1}", b"no"] {
        assert!(read(&Route::mcp(), none, |_| None, &Limits::default()).is_err());
    }
    assert_eq!(
        batch(b" [1, {}] ", &Limits::default()).unwrap(),
        Some(vec![2..3, 5..7])
    );
    assert_eq!(batch(b"{}", &Limits::default()).unwrap(), None);
}

#[test]
fn envelopes_are_told() {
    let body = br#"[{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"f","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}},
        {"jsonrpc":"2.0","method":"notifications/initialized"},
        {"jsonrpc":"2.0","id":7,"result":{"protocolVersion":"2025-11-25"}},
        {"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}}, 3]"#;
    let all = messages(body, &Limits::default()).unwrap();
    let told: Vec<(MessageKind, Option<&str>, Option<&str>)> = all
        .iter()
        .map(|one| (one.kind, one.id.as_deref(), one.method.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (MessageKind::Request, Some("\"a\""), Some("tools/call")),
            (
                MessageKind::Notification,
                None,
                Some("notifications/initialized")
            ),
            (MessageKind::Result, Some("7"), None),
            (MessageKind::Error, None, None),
        ]
    );
    assert_eq!(all[0].name.as_deref(), Some("f"));
    assert_eq!(all[0].version.as_deref(), Some("2026-07-28"));
    assert_eq!(all[2].version.as_deref(), Some("2025-11-25"));
}

fn stream(framing: Framing) -> Stream {
    Stream::new(&Route::mcp(), framing, Options::default())
}

fn run(stream: &mut Stream, bytes: &str, filter: &mut dyn Filter) -> (Status, String) {
    let mut out = Vec::new();
    let status = stream.push(bytes.as_bytes(), filter, &mut out);
    (status, String::from_utf8(out).unwrap())
}

const RESULT: &str = "{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"a marker\"}]}}\n";

#[test]
fn lines_of_stdio_are_rewritten() {
    let mut lines = stream(Framing::Lines);
    let (_, out) = run(&mut lines, RESULT, &mut Redactor::new("marker"));
    assert_eq!(out, RESULT.replace("marker", REDACTED));
    let (_, out) = run(&mut lines, RESULT, &mut Identity);
    assert_eq!(out, RESULT);
}

#[test]
fn a_refused_result_is_an_error_and_the_stream_goes_on() {
    let mut lines = stream(Framing::Lines);
    let both = format!(
        "{RESULT}{}",
        RESULT.replace(" marker", "").replace('4', "5")
    );
    let (status, out) = run(&mut lines, &both, &mut Blocker::new("marker"));
    assert_eq!(status, Status::Refused);
    assert!(
        out.starts_with("{\"jsonrpc\":\"2.0\",\"id\":4,\"error\":{\"code\":"),
        "{out}"
    );
    assert!(!out.contains("marker"));
    lines.resume();
    let (status, out) = run(&mut lines, "", &mut Blocker::new("marker"));
    assert_eq!(status, Status::Open);
    assert!(out.contains("\"id\":5,\"result\""), "{out}");
    assert!(lines.take_back().is_empty());
}

#[test]
fn a_refused_request_goes_back_to_who_sent_it() {
    let mut lines = stream(Framing::Lines);
    let call = "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"tools/call\",\"params\":{\"name\":\"f\",\"arguments\":{\"a\":\"marker\"}}}\n";
    let (status, out) = run(&mut lines, call, &mut Blocker::new("marker"));
    assert_eq!((status, out.as_str()), (Status::Refused, ""));
    let back = String::from_utf8(lines.take_back()).unwrap();
    assert!(
        back.starts_with("{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"error\":"),
        "{back}"
    );
    assert!(back.ends_with("}\n") && !back.contains("marker"));
}

#[test]
fn a_line_that_is_no_message_is_told_without_the_id_of_another() {
    let mut lines = stream(Framing::Lines);
    run(&mut lines, RESULT, &mut Identity);
    let (status, out) = run(&mut lines, "Listening on port 1234\n", &mut Identity);
    assert_eq!(status, Status::Refused);
    assert!(
        out.starts_with("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":"),
        "{out}"
    );
}

#[test]
fn results_name_the_tool_that_was_called() {
    struct Tools(Vec<Option<String>>);
    impl Filter for Tools {
        fn part(&mut self, part: &stance_core::exchange::Part) -> Option<String> {
            self.0.push(part.tool.clone());
            None
        }
        fn push(&mut self, _: &stance_wire::Channel, _: &str, _: &mut String) {}
        fn finish(&mut self, _: &stance_wire::Channel, _: &mut String) {}
    }
    let mut events = stream(Framing::Events);
    events.expect("4".to_owned(), "read_mail".to_owned());
    let mut tools = Tools(Vec::new());
    run(
        &mut events,
        &format!("event: message\ndata: {RESULT}\n"),
        &mut tools,
    );
    assert_eq!(tools.0, [Some("read_mail".to_owned())]);
    let mut seen = Seen::default();
    run(&mut events, &format!("data: {RESULT}\n"), &mut seen);
    assert_eq!(seen.parts.len(), 1);
}
