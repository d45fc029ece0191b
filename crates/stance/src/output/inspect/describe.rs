//! What the facts of a model file mean, in the words that people use.

use stance_core::fact::{Artifact, Embedded, EmbeddedKind, PickleEnd, PickleOrigin, PickleTrace};

use crate::output::tally::{counted, grouped};

/// How many parameters, exactly and as people say it: `7,241,732,096 (7.24 B)`.
pub(super) fn parameters(count: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")];
    let exact = grouped(count);
    match UNITS.iter().find(|(unit, _)| count >= *unit) {
        Some((unit, letter)) => {
            let hundredths = u128::from(count) * 100 / u128::from(*unit);
            let (whole, part) = (hundredths / 100, hundredths % 100);
            let short = match whole {
                0..=9 => format!("{whole}.{part:02}"),
                10..=99 => format!("{whole}.{}", part / 10),
                _ => whole.to_string(),
            };
            format!("{exact} ({short} {letter})")
        }
        None => exact,
    }
}

/// The data types, the most frequent first: `193 Q4_K, 65 F32`.
pub(super) fn dtypes(artifact: &Artifact) -> String {
    let mut all: Vec<_> = artifact.dtypes.iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    if let [(only, _)] = all.as_slice() {
        return (*only).clone();
    }
    let parts: Vec<String> = all
        .iter()
        .map(|(dtype, count)| format!("{} {dtype}", grouped(**count)))
        .collect();
    parts.join(", ")
}

/// How the weights were made smaller, as the metadata says.
pub(super) fn quantisation(artifact: &Artifact) -> Option<&str> {
    let keys = ["general.file_type", "quantization_config", "quant_method"];
    let mut values = keys.iter().filter_map(|key| artifact.metadata.get(*key));
    values.next().map(String::as_str)
}

/// The longest text that the model takes, in tokens, as the metadata says.
pub(super) fn context_length(artifact: &Artifact) -> Option<u64> {
    let keys = ["max_position_embeddings", "model_max_length"];
    let known = keys.iter().find_map(|key| artifact.metadata.get(*key));
    let of_architecture = || {
        artifact
            .metadata
            .iter()
            .find(|(key, _)| key.ends_with(".context_length"))
            .map(|(_, value)| value)
    };
    known.or_else(of_architecture)?.parse().ok()
}

/// What an embedded thing is called.
pub(super) fn kind(kind: EmbeddedKind) -> &'static str {
    match kind {
        EmbeddedKind::KerasLambda => "Keras Lambda layer",
        EmbeddedKind::KerasForeignModule => "module outside Keras",
        EmbeddedKind::KerasFileAccess => "Keras file access",
        EmbeddedKind::SkopsType => "type to import",
        EmbeddedKind::TensorflowOperator => "TensorFlow operator",
        EmbeddedKind::PaddleOperator => "Paddle operator",
        EmbeddedKind::OnnxCustomOperator => "custom ONNX operator",
        EmbeddedKind::ChatTemplate => "chat template",
        EmbeddedKind::Source => "source code",
        EmbeddedKind::CustomOperator => "custom operator",
        EmbeddedKind::LoaderModule => "module to import",
        EmbeddedKind::LuaCode => "Lua code",
        EmbeddedKind::ObjectTarget => "callable in a configuration",
        EmbeddedKind::RCode => "R code",
        EmbeddedKind::TokenizerChange => "tokenizer change",
        EmbeddedKind::DocumentCode => "code in the document",
        EmbeddedKind::ModelCode => "code of the model",
    }
}

/// The chat templates of a file.
pub(super) fn templates(artifact: &Artifact) -> impl Iterator<Item = &Embedded> {
    let embedded = artifact.embedded.iter();
    embedded.filter(|embedded| embedded.kind == EmbeddedKind::ChatTemplate)
}

/// What else runs when the model is loaded or used.
pub(super) fn running(artifact: &Artifact) -> impl Iterator<Item = &Embedded> {
    let embedded = artifact.embedded.iter();
    embedded.filter(|embedded| embedded.kind != EmbeddedKind::ChatTemplate)
}

/// One pickle in one line: where, how long, how it ends.
pub(super) fn pickle(trace: &PickleTrace, file: &str) -> String {
    let place = trace.path.strip_prefix(file).unwrap_or(&trace.path);
    let place = place.trim_start_matches('!');
    let mut line = if place.is_empty() {
        format!("at byte {:#x}", trace.offset)
    } else if trace.offset == 0 {
        place.to_owned()
    } else {
        format!("{place} at byte {:#x}", trace.offset)
    };
    let opcodes = usize::try_from(trace.opcodes).unwrap_or(usize::MAX);
    line.push_str(&format!(
        ": protocol {}, {}, {}",
        trace.protocol,
        counted(opcodes, "opcode", "opcodes"),
        counted(trace.calls.len(), "kind of call", "kinds of calls")
    ));
    match trace.origin {
        PickleOrigin::File => {}
        PickleOrigin::Loaded => line.push_str(", loaded by the one before"),
        PickleOrigin::Dormant => line.push_str(", which nothing in view loads"),
    }
    match &trace.end {
        PickleEnd::Stop => {}
        PickleEnd::Truncated => line.push_str("; the file ends before it does"),
        PickleEnd::Malformed(what) | PickleEnd::Limit(what) => {
            line.push_str(&format!("; stopped: {what}"));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_said_as_people_say_them() {
        assert_eq!(parameters(7_241_732_096), "7,241,732,096 (7.24 B)");
        assert_eq!(parameters(124_439_808), "124,439,808 (124 M)");
        assert_eq!(parameters(66_955_010), "66,955,010 (66.9 M)");
        assert_eq!(parameters(999), "999");
        assert_eq!(parameters(u64::MAX).split(' ').count(), 3);
    }
}
