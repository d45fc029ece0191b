//! Spans that tests make, in both encodings.

use proptest::prelude::*;
use serde_json::{Value, json};

/// A span before it is encoded.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) trace: [u8; 16],
    pub(crate) span: [u8; 8],
    pub(crate) parent: [u8; 8],
    pub(crate) name: String,
    pub(crate) start: u64,
    pub(crate) took: u64,
    pub(crate) attributes: Vec<(String, Value)>,
    pub(crate) events: Vec<(String, Vec<(String, Value)>)>,
    pub(crate) failed: bool,
}

impl Made {
    pub(crate) fn new(attributes: &[(&str, Value)]) -> Self {
        let own = |(name, value): &(&str, Value)| ((*name).to_owned(), value.clone());
        Self {
            trace: [1; 16],
            span: [2; 8],
            parent: [0; 8],
            name: "a call".to_owned(),
            start: 1_795_694_400_000_000_000,
            took: 1_500_000_000,
            attributes: attributes.iter().map(own).collect(),
            events: Vec::new(),
            failed: false,
        }
    }

    pub(crate) fn event(mut self, name: &str, attributes: &[(&str, Value)]) -> Self {
        let own = |(name, value): &(&str, Value)| ((*name).to_owned(), value.clone());
        self.events
            .push((name.to_owned(), attributes.iter().map(own).collect()));
        self
    }
}

/// A message under construction.
#[derive(Default)]
pub(crate) struct Message(pub(crate) Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub(crate) fn number(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    pub(crate) fn fixed(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3 | 1);
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(crate) fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }
}

fn kind(value: &Value) -> Message {
    match value {
        Value::Null => Message::default(),
        Value::Bool(truth) => Message::default().number(2, u64::from(*truth)),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Message::default().number(3, whole as u64),
            None => Message::default().fixed(4, number.as_f64().expect("float").to_bits()),
        },
        Value::String(text) => Message::default().bytes(1, text.as_bytes()),
        Value::Array(items) => {
            let list = items.iter().fold(Message::default(), |list, item| {
                list.bytes(1, &kind(item).0)
            });
            Message::default().bytes(5, &list.0)
        }
        Value::Object(fields) => {
            let map = fields
                .iter()
                .fold(Message::default(), |map, (name, value)| {
                    map.bytes(1, &pair(name, value))
                });
            Message::default().bytes(6, &map.0)
        }
    }
}

fn pair(name: &str, value: &Value) -> Vec<u8> {
    let pair = Message::default().bytes(1, name.as_bytes());
    pair.bytes(2, &kind(value).0).0
}

fn span(made: &Made) -> Vec<u8> {
    let mut message = Message::default()
        .bytes(1, &made.trace)
        .bytes(2, &made.span)
        .bytes(4, &made.parent)
        .bytes(5, made.name.as_bytes())
        .number(6, 3)
        .fixed(7, made.start)
        .fixed(8, made.start + made.took);
    for (name, value) in &made.attributes {
        message = message.bytes(9, &pair(name, value));
    }
    for (name, attributes) in &made.events {
        let event = Message::default().bytes(2, name.as_bytes());
        let event = attributes.iter().fold(event, |event, (name, value)| {
            event.bytes(3, &pair(name, value))
        });
        message = message.bytes(11, &event.0);
    }
    let status = Message::default().number(3, if made.failed { 2 } else { 1 });
    // A field that nobody knows yet.
    message.bytes(15, &status.0).bytes(99, b"later").0
}

/// Raw spans in the envelope of a request.
pub(crate) fn envelope(spans: &[Vec<u8>]) -> Vec<u8> {
    let resource = Message::default().bytes(1, &pair("service.name", &json!("shop")));
    let library = Message::default().bytes(1, b"tests");
    let scope = Message::default().bytes(1, &library.0);
    let scope = spans.iter().fold(scope, |scope, span| scope.bytes(2, span));
    let group = Message::default().bytes(1, &resource.0).bytes(2, &scope.0);
    Message::default().bytes(1, &group.0).0
}

/// The request in protobuf.
pub(crate) fn protobuf(all: &[Made]) -> Vec<u8> {
    envelope(&all.iter().map(span).collect::<Vec<_>>())
}

fn any_json(value: &Value) -> Value {
    match value {
        Value::Null => json!({}),
        Value::Bool(truth) => json!({ "boolValue": truth }),
        // Numbers of 64 bits are texts.
        Value::Number(number) => match number.as_i64() {
            Some(whole) => json!({ "intValue": whole.to_string() }),
            None => json!({ "doubleValue": number }),
        },
        Value::String(text) => json!({ "stringValue": text }),
        Value::Array(items) => {
            json!({ "arrayValue": { "values": items.iter().map(any_json).collect::<Vec<_>>() } })
        }
        Value::Object(fields) => {
            json!({ "kvlistValue": { "values": fields.iter().map(|(name, value)|
            json!({ "key": name, "value": any_json(value) })).collect::<Vec<_>>() } })
        }
    }
}

fn attributes_json(all: &[(String, Value)]) -> Vec<Value> {
    let pair = |(name, value): &(String, Value)| json!({ "key": name, "value": any_json(value) });
    all.iter().map(pair).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The request in JSON; names in one of the two spellings.
pub(crate) fn json_body(all: &[Made], snake: bool) -> Vec<u8> {
    let name = |camel: &'static str, under: &'static str| if snake { under } else { camel };
    let spans: Vec<Value> = all
        .iter()
        .map(|made| {
            let events: Vec<Value> = made
                .events
                .iter()
                .map(|(name, attributes)| json!({ "name": name, "attributes": attributes_json(attributes) }))
                .collect();
            json!({
                name("traceId", "trace_id"): hex(&made.trace),
                name("spanId", "span_id"): hex(&made.span),
                name("parentSpanId", "parent_span_id"): hex(&made.parent),
                "name": made.name,
                "kind": if snake { json!("SPAN_KIND_CLIENT") } else { json!(3) },
                name("startTimeUnixNano", "start_time_unix_nano"): made.start.to_string(),
                name("endTimeUnixNano", "end_time_unix_nano"): made.start + made.took,
                "attributes": attributes_json(&made.attributes),
                "events": events,
                "status": { "code": if made.failed {
                    if snake { json!("STATUS_CODE_ERROR") } else { json!(2) }
                } else { json!(1) } },
                "later": { "unknown": [1, 2, 3] },
            })
        })
        .collect();
    let body = json!({ name("resourceSpans", "resource_spans"): [{
        "resource": { "attributes": attributes_json(&[("service.name".to_owned(), json!("shop"))]) },
        name("scopeSpans", "scope_spans"): [{ "scope": { "name": "tests" }, "spans": spans }],
    }] });
    serde_json::to_vec(&body).expect("JSON")
}

/// Values of any kind, a few levels deep.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Halves, which every library reads and writes exactly.
        (-1_000_000..1_000_000_i32).prop_map(|number| json!(f64::from(number) + 0.5)),
        ".{0,12}".prop_map(Value::from),
        words().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((field(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Texts that look like messages.
fn words() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        r#"[{"role":"user","parts":[{"type":"text","content":"hello"}]}]"#.to_owned(),
        r#"[{"role":"assistant","content":null,"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]}]"#.to_owned(),
        r#"[{"type":"tool_result","tool_use_id":"c","content":[{"type":"text","text":"x"}]}]"#.to_owned(),
        r#"[{"role":"user","parts":[{"type":"text","content":"cut o"#.to_owned(),
        r#"{"contents":[{"role":"user","parts":[{"text":"hi"},{"functionCall":{"name":"f","args":{}}}]}]}"#.to_owned(),
    ])
}

fn field() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "role", "parts", "type", "content", "text", "message", "id", "name", "é",
    ])
    .prop_map(str::to_owned)
}

/// Names of attributes of all dialects.
fn name() -> impl Strategy<Value = String> {
    let names = vec![
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.system",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "gen_ai.tool.definitions",
        "gen_ai.tool.call.arguments",
        "gen_ai.retrieval.documents",
        "gen_ai.usage.input_tokens",
        "gen_ai.prompt",
        "gen_ai.prompt.0.content",
        "gen_ai.prompt.1.role",
        "gen_ai.completion.0.tool_calls.0.name",
        "llm.input_messages.0.message.role",
        "llm.input_messages.0.message.content",
        "llm.input_messages.0.message.contents.0.message_content.text",
        "llm.tools.0.tool.json_schema",
        "llm.invocation_parameters",
        "openinference.span.kind",
        "embedding.embeddings.0.embedding.text",
        "retrieval.documents.0.document.content",
        "traceloop.span.kind",
        "traceloop.entity.input",
        "mcp.method.name",
        "http.request.method",
    ];
    prop_oneof![
        4 => prop::sample::select(names).prop_map(str::to_owned),
        1 => "[a-z.0-9]{1,20}",
    ]
}

fn attributes() -> impl Strategy<Value = Vec<(String, Value)>> {
    prop::collection::vec((name(), value()), 0..8)
}

/// Spans of any kind.
pub(crate) fn spans() -> impl Strategy<Value = Vec<Made>> {
    let events = prop::collection::vec(
        (
            prop::sample::select(vec!["gen_ai.user.message", "gen_ai.choice", "exception"]),
            attributes(),
        ),
        0..2,
    );
    let one = (
        any::<[u8; 16]>(),
        any::<[[u8; 8]; 2]>(),
        ".{0,8}",
        attributes(),
        events,
        any::<bool>(),
    );
    let one = one.prop_map(
        |(trace, [span, parent], name, attributes, events, failed)| Made {
            trace,
            span,
            parent,
            name,
            attributes,
            events: events
                .into_iter()
                .map(|(name, all)| (name.to_owned(), all))
                .collect(),
            failed,
            ..Made::new(&[])
        },
    );
    prop::collection::vec(one, 0..5)
}
