//! Bodies that real instrumentation sent, as `tests/telemetry/capture.py` keeps them.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read the captures that lie beside them"
)]

use std::io::Read as _;
use std::path::Path;

use stance_core::exchange::{Exchange, Origin};
use stance_telemetry::genai::{self, Read};
use stance_telemetry::{Interaction, Limits, otlp};

pub(crate) const SYSTEM: &str = "You answer for a bicycle workshop. Never promise a date.";
pub(crate) const QUESTION: &str = "Where is my order A-17?";
pub(crate) const FOUND: &str = "status: shipped";
pub(crate) const ANSWER: &str = "Order A-17 left the workshop on Tuesday.";

/// The bytes of a capture.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/captures")
        .join(format!("{name}.gz"));
    let file = std::fs::File::open(&path).expect(name);
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file)
        .read_to_end(&mut bytes)
        .expect(name);
    bytes
}

/// All captures: their names.
pub(crate) fn names() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/captures");
    let mut names: Vec<String> = std::fs::read_dir(path)
        .expect("captures")
        .map(|entry| {
            entry
                .expect("entry")
                .file_name()
                .into_string()
                .expect("name")
        })
        .map(|name| name.trim_end_matches(".gz").to_owned())
        .collect();
    names.sort();
    names
}

pub(crate) fn traces(name: &str) -> Read {
    let (body, limits) = (bytes(name), Limits::default());
    let export = if name.ends_with("json") {
        otlp::json::traces(&body, limits)
    } else {
        otlp::protobuf::traces(&body, limits)
    };
    genai::traces(&export.expect(name), limits)
}

pub(crate) fn logs(name: &str) -> Read {
    let (body, limits) = (bytes(name), Limits::default());
    let export = if name.ends_with("json") {
        otlp::json::logs(&body, limits)
    } else {
        otlp::protobuf::logs(&body, limits)
    };
    genai::logs(&export.expect(name), limits)
}

/// The words of one side, with who wrote them, but for tools that are offered.
pub(crate) fn words(exchange: &Exchange) -> Vec<(Origin, &str)> {
    let parts = exchange.parts.iter();
    parts
        .filter(|part| part.origin != Origin::ToolDefinition)
        .map(|part| (part.origin, part.text.as_str()))
        .collect()
}

/// What an interaction says of itself that does not differ from run to run.
pub(crate) fn facts(interaction: &Interaction) -> Interaction {
    let mut facts = interaction.clone();
    facts.trace = None;
    facts.span = None;
    facts.parent = None;
    facts.start = None;
    facts.duration = None;
    facts.service.instance = None;
    facts.also.clear();
    facts
}
