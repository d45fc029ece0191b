//! How two values of one field compare.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::Value;

use super::Effect;
use crate::fact::ArtifactFormat;

/// How the values of a field are read. What is missing is a value too: off for switches, nothing for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// On or off, and on is weaker: `trust_remote_code`.
    Danger,
    /// On or off, and on is stronger: `sandbox`.
    Protection,
    /// On or off, and on is stronger; where nothing is said it is on: `enabled`.
    Enabled,
    /// Words, or beginnings of words, the weakest first; missing and unknown ones count as the empty word.
    Ranked(&'static [&'static str]),
    /// A list of which more is weaker: tools, permissions. What is replaced counts as more.
    Reach,
    /// A list of which less is weaker: guardrails.
    Guards,
    /// Where something is sent to or fetched from.
    Address,
    /// A name for one state of something: a commit is firmer than a tag, a tag than none. Another one that is as firm
    /// is weaker, for it was not judged.
    Pin,
    /// The same for what has versions: a newer one is neutral, an older one weaker.
    Version,
    /// Which versions are allowed: exactly one is firmer than a range, a range than any.
    Constraint,
    /// The format of a model: one that runs code when it is loaded is weaker than one that does not.
    Format,
    /// Another value stands for something else than what was judged.
    Identity,
    /// Worth knowing, whatever the values.
    Notice,
}

impl Reading {
    /// What a change from one value to another does; `None` for a value that is missing.
    #[must_use]
    pub fn compare(self, before: Option<&Value>, after: Option<&Value>) -> Effect {
        match self {
            Self::Danger => rising(!is_on(before, false), !is_on(after, false)),
            Self::Protection => rising(is_on(before, false), is_on(after, false)),
            Self::Enabled => rising(is_on(before, true), is_on(after, true)),
            Self::Ranked(words) => match rank(words, before).cmp(&rank(words, after)) {
                // Verified, but by somebody else.
                Ordering::Equal if rank(words, after) != unknown(words) => Effect::Weakening,
                order => by(order),
            },
            Self::Reach => {
                let (before, after) = (items(before), items(after));
                if !after.is_subset(&before) {
                    Effect::Weakening
                } else if after.len() < before.len() {
                    Effect::Strengthening
                } else {
                    Effect::Neutral
                }
            }
            Self::Guards => {
                let (before, after) = (items(before), items(after));
                if !before.is_subset(&after) {
                    Effect::Weakening
                } else if before.len() < after.len() {
                    Effect::Strengthening
                } else {
                    Effect::Neutral
                }
            }
            Self::Address => addresses(text(before), text(after)),
            Self::Pin => match firmness(text(before)).cmp(&firmness(text(after))) {
                Ordering::Less => Effect::Strengthening,
                Ordering::Equal | Ordering::Greater => Effect::Weakening,
            },
            Self::Version => match firmness(text(before)).cmp(&firmness(text(after))) {
                Ordering::Equal => match (numbers(text(before)), numbers(text(after))) {
                    (Some(before), Some(after)) if before <= after => Effect::Neutral,
                    _ => Effect::Weakening,
                },
                order => by(order),
            },
            Self::Constraint => by(tightness(text(before)).cmp(&tightness(text(after)))),
            Self::Format => rising(!runs_code(text(before)), !runs_code(text(after))),
            // Where nothing was told before it need not be another one.
            Self::Identity if before.is_none() => Effect::Neutral,
            Self::Identity => Effect::Weakening,
            Self::Notice => Effect::Neutral,
        }
    }
}

/// The effect of going from one that is less than, equal to or greater than the other, where greater is stronger.
const fn by(order: Ordering) -> Effect {
    match order {
        Ordering::Less => Effect::Strengthening,
        Ordering::Equal => Effect::Neutral,
        Ordering::Greater => Effect::Weakening,
    }
}

fn rising(before: bool, after: bool) -> Effect {
    by(before.cmp(&after))
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default().trim()
}

/// Whether a switch is on; words count as people write them in configurations.
fn is_on(value: Option<&Value>, missing: bool) -> bool {
    match value {
        None | Some(Value::Null) => missing,
        Some(Value::Bool(on)) => *on,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(word)) => !["", "0", "false", "off", "no", "none", "disabled", "never"]
            .iter()
            .any(|off| word.trim().eq_ignore_ascii_case(off)),
        Some(Value::Array(list)) => !list.is_empty(),
        Some(Value::Object(_)) => true,
    }
}

/// The place of the longest word of the list with which a value begins.
fn rank(words: &[&str], value: Option<&Value>) -> usize {
    let value = text(value);
    words
        .iter()
        .enumerate()
        .filter(|(_, word)| !word.is_empty() && value.starts_with(**word))
        .max_by_key(|(_, word)| word.len())
        .map_or_else(|| unknown(words), |(place, _)| place)
}

/// The place of the empty word; the weakest where there is none.
fn unknown(words: &[&str]) -> usize {
    words
        .iter()
        .position(|word| word.is_empty())
        .unwrap_or_default()
}

/// The members of a list, the keys of an object with their values, or a single value.
fn items(value: Option<&Value>) -> BTreeSet<String> {
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match value {
        None | Some(Value::Null) => BTreeSet::new(),
        Some(Value::Array(list)) => list.iter().map(plain).collect(),
        Some(Value::Object(map)) => map
            .iter()
            .map(|(name, value)| format!("{name}: {}", plain(value)))
            .collect(),
        Some(one) => BTreeSet::from([plain(one)]),
    }
}

/// From one address to another: whether the way is protected goes before where it leads.
fn addresses(before: &str, after: &str) -> Effect {
    let (old, new) = (Address::read(before), Address::read(after));
    match (before.is_empty(), after.is_empty()) {
        // Its default, which is that of the vendor.
        (_, true) => return Effect::Neutral,
        (true, false) => return Effect::Weakening,
        (false, false) => {}
    }
    if old.host == new.host {
        rising(old.protected, new.protected)
    } else if new.local && !old.local {
        Effect::Strengthening
    } else {
        Effect::Weakening
    }
}

/// What matters of an address.
struct Address<'a> {
    /// Whether nobody on the way can read or change what is sent.
    protected: bool,
    host: &'a str,
    local: bool,
}

impl<'a> Address<'a> {
    fn read(address: &'a str) -> Self {
        let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        let name = match host.strip_prefix('[') {
            Some(six) => six.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        let local = name == "localhost" || name == "::1" || name.starts_with("127.");
        let plain = ["http", "ws", "ftp", "grpc", "redis", "mongodb"];
        Self {
            protected: local || !plain.iter().any(|it| it.eq_ignore_ascii_case(scheme)),
            host,
            local,
        }
    }
}

/// How firmly a name holds one state: 0 moves by itself, 1 can be moved, 2 cannot.
fn firmness(name: &str) -> u8 {
    let bare = name.rsplit(':').next().unwrap_or_default();
    let digest = matches!(bare.len(), 40 | 64 | 96 | 128)
        && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digest {
        return 2;
    }
    let moving = [
        "", "latest", "main", "master", "head", "nightly", "dev", "edge",
    ];
    u8::from(!moving.iter().any(|it| name.eq_ignore_ascii_case(it)))
}

/// The numbers that a version begins with, without zeros at the end: `v1.20.0-rc1` has 1 and 20. `None` where it
/// does not begin with one.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let version = version.trim_start_matches(['v', 'V', '=']);
    let end = version
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(version.len());
    let mut numbers: Vec<u64> = version
        .get(..end)?
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect();
    if numbers.is_empty() {
        return None;
    }
    while numbers.last() == Some(&0) && numbers.len() > 1 {
        numbers.pop();
    }
    Some(numbers)
}

/// How tight a constraint is: 0 allows any version, 1 has no upper end, 2 has one, 3 allows exactly one.
fn tightness(constraint: &str) -> u8 {
    let constraint = constraint.trim();
    if ["", "*", "latest", "x", "any"].contains(&constraint) {
        return 0;
    }
    let exact = |text: &str| {
        let version = text.trim_start_matches('=').trim();
        numbers(version).is_some() && !version.contains(['*', 'x', 'X', ',', ' ', '|', '<', '>'])
    };
    if exact(constraint) {
        return 3;
    }
    if constraint.contains(['^', '~', '<', '*', 'x', 'X']) || constraint.contains(" - ") {
        return 2;
    }
    1
}

/// Whether loading a model of this format runs what the file says.
fn runs_code(title: &str) -> bool {
    [
        ArtifactFormat::Pickle,
        ArtifactFormat::PytorchZip,
        ArtifactFormat::PytorchLegacy,
        ArtifactFormat::Joblib,
        ArtifactFormat::TorchPackage,
        ArtifactFormat::TorchserveArchive,
        ArtifactFormat::Nemo,
        ArtifactFormat::RData,
        ArtifactFormat::Torch7,
        ArtifactFormat::Llamafile,
    ]
    .iter()
    .any(|format| format.title() == title)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn change(reading: Reading, before: Value, after: Value) -> Effect {
        let there = |value: Value| (!value.is_null()).then_some(value);
        let (before, after) = (there(before), there(after));
        reading.compare(before.as_ref(), after.as_ref())
    }

    fn values() -> impl Strategy<Value = Option<Value>> {
        const WORDS: &[&str] = &[
            "",
            "a",
            "verified, by a",
            "by b",
            "none",
            "latest",
            "v1.2",
            "1.3.0",
            "==1.2",
            "^1",
            "0123456789abcdef0123456789abcdef01234567",
            "pickle",
            "safetensors",
            "off",
            "https://a.example/x",
            "http://a.example",
            "http://localhost:1",
            "http://[::1]/",
        ];
        let word = prop::sample::select(WORDS);
        prop_oneof![
            Just(None),
            any::<bool>().prop_map(|on| Some(json!(on))),
            word.clone().prop_map(|word| Some(json!(word))),
            prop::collection::vec(word, 0..4).prop_map(|words| Some(json!(words))),
            any::<i8>().prop_map(|number| Some(json!(number))),
        ]
    }

    proptest! {
        /// What strengthens one way weakens the other, whatever the values are.
        #[test]
        fn the_way_back_from_stronger_is_weaker(before in values(), after in values()) {
            const RANKS: &[&str] = &["none", "", "by ", "verified"];
            for reading in [
                Reading::Danger, Reading::Protection, Reading::Enabled, Reading::Ranked(RANKS),
                Reading::Reach, Reading::Guards, Reading::Address, Reading::Pin, Reading::Version,
                Reading::Constraint, Reading::Format, Reading::Identity, Reading::Notice,
            ] {
                if reading.compare(before.as_ref(), after.as_ref()) == Effect::Strengthening {
                    let back = reading.compare(after.as_ref(), before.as_ref());
                    prop_assert_eq!(back, Effect::Weakening, "{:?}", reading);
                }
            }
        }
    }

    #[test]
    fn each_reading_by_examples() {
        use Effect::{Neutral, Strengthening, Weakening};
        const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
        const OTHER: &str = "1123456789abcdef0123456789abcdef01234567";
        const RANKS: &[&str] = &["none", "", "by ", "verified"];
        for (reading, before, after, effect) in [
            (Reading::Danger, json!(null), json!(true), Weakening),
            (Reading::Danger, json!(true), json!(null), Strengthening),
            (Reading::Danger, json!(null), json!(false), Neutral),
            (Reading::Danger, json!("off"), json!("on"), Weakening),
            (Reading::Protection, json!(true), json!(null), Weakening),
            (
                Reading::Protection,
                json!(false),
                json!(true),
                Strengthening,
            ),
            (Reading::Enabled, json!(null), json!(false), Weakening),
            (Reading::Enabled, json!(false), json!(null), Strengthening),
            (
                Reading::Ranked(RANKS),
                json!("verified, by a"),
                json!(null),
                Weakening,
            ),
            (
                Reading::Ranked(RANKS),
                json!("verified, by a"),
                json!("verified, by b"),
                Weakening,
            ),
            (
                Reading::Ranked(RANKS),
                json!(null),
                json!("by x"),
                Strengthening,
            ),
            (
                Reading::Ranked(RANKS),
                json!("what"),
                json!("ever"),
                Neutral,
            ),
            (
                Reading::Ranked(RANKS),
                json!(null),
                json!("none"),
                Weakening,
            ),
            (Reading::Reach, json!(["a"]), json!(["a", "b"]), Weakening),
            (
                Reading::Reach,
                json!(["a", "b"]),
                json!(["b", "c"]),
                Weakening,
            ),
            (
                Reading::Reach,
                json!(["a", "b"]),
                json!(["b"]),
                Strengthening,
            ),
            (
                Reading::Reach,
                json!(["a", "b"]),
                json!(["b", "a"]),
                Neutral,
            ),
            (Reading::Reach, json!(null), json!("anyone"), Weakening),
            (Reading::Guards, json!(["a", "b"]), json!(["a"]), Weakening),
            (Reading::Guards, json!(["a"]), json!(null), Weakening),
            (Reading::Guards, json!(["a"]), json!(["b"]), Weakening),
            (Reading::Guards, json!(null), json!(["b"]), Strengthening),
            (
                Reading::Address,
                json!("https://a.example/x"),
                json!("http://a.example/x"),
                Weakening,
            ),
            (
                Reading::Address,
                json!("http://a.example/x"),
                json!("https://a.example/x"),
                Strengthening,
            ),
            (
                Reading::Address,
                json!("http://a.example"),
                json!("https://b.example"),
                Weakening,
            ),
            (
                Reading::Address,
                json!("https://a.example/x"),
                json!("https://a.example/y"),
                Neutral,
            ),
            (
                Reading::Address,
                json!("https://a.example"),
                json!("https://b.example"),
                Weakening,
            ),
            (
                Reading::Address,
                json!("https://a.example"),
                json!("http://127.0.0.1:80"),
                Strengthening,
            ),
            (
                Reading::Address,
                json!("http://localhost:1"),
                json!("http://10.0.0.1:1"),
                Weakening,
            ),
            (
                Reading::Address,
                json!(null),
                json!("https://a.example"),
                Weakening,
            ),
            (
                Reading::Address,
                json!("https://a.example"),
                json!(null),
                Neutral,
            ),
            (Reading::Pin, json!(COMMIT), json!("main"), Weakening),
            (Reading::Pin, json!(COMMIT), json!("v2"), Weakening),
            (Reading::Pin, json!(COMMIT), json!(OTHER), Weakening),
            (Reading::Pin, json!("v1"), json!("v2"), Weakening),
            (Reading::Pin, json!("main"), json!(COMMIT), Strengthening),
            (Reading::Version, json!("1.9.0"), json!("1.10"), Neutral),
            (Reading::Version, json!("1.10.1"), json!("1.9.9"), Weakening),
            (Reading::Version, json!("1.10"), json!("latest"), Weakening),
            (Reading::Version, json!(null), json!("1.0"), Strengthening),
            (Reading::Version, json!("jammy"), json!("noble"), Weakening),
            (
                Reading::Constraint,
                json!("==1.2"),
                json!(">=1.2"),
                Weakening,
            ),
            (
                Reading::Constraint,
                json!("^1.2"),
                json!("1.2.3"),
                Strengthening,
            ),
            (Reading::Constraint, json!("^1.2"), json!("^1.3"), Neutral),
            (Reading::Constraint, json!(">=1,<2"), json!("*"), Weakening),
            (
                Reading::Format,
                json!("safetensors"),
                json!("PyTorch zip"),
                Weakening,
            ),
            (
                Reading::Format,
                json!("pickle"),
                json!("safetensors"),
                Strengthening,
            ),
            (Reading::Format, json!("GGUF"), json!("ONNX"), Neutral),
            (Reading::Identity, json!("a"), json!("b"), Weakening),
            (Reading::Identity, json!("a"), json!(null), Weakening),
            (Reading::Identity, json!(null), json!("b"), Neutral),
            (Reading::Notice, json!(1), json!(2), Neutral),
        ] {
            let said = format!("{reading:?}: {before} to {after}");
            assert_eq!(change(reading, before, after), effect, "{said}");
        }
    }
}
