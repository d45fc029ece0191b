//! Entry for fuzzers: one reader, any bytes.

use crate::bundle::Bundle;
use crate::limits::Limits;
use crate::rego::Rego;
use crate::source::{Source, Version};

/// The readers, by the name of their fuzz target.
pub const TARGETS: &[&str] = &["format", "metadata"];

/// Runs one reader over any bytes. `format` panics where formatting twice gives another text than once.
pub fn run(target: &str, data: &[u8]) {
    let source = Source::new("fuzz.rego", String::from_utf8_lossy(data));
    match target {
        "format" => {
            let Ok(once) = crate::format::format(&source) else {
                return;
            };
            let twice = crate::format::format(&Source::new("fuzz.rego", once.as_str()));
            assert_eq!(twice.as_ref(), Ok(&once), "formatting is not stable");
        }
        "metadata" => {
            // As a comment before a rule, whatever it is.
            let lines: Vec<String> = source
                .text
                .lines()
                .map(|line| format!("# {line}"))
                .collect();
            let text = format!("package fuzz\n\n# METADATA\n{}\np := 1\n", lines.join("\n"));
            let sources = [Source::new("fuzz.rego", text)];
            let data = serde_json::json!({});
            let _: Result<Bundle, _> =
                Bundle::compile(&Rego, &sources, data, Version::V1, &Limits::default());
        }
        _ => {}
    }
}
