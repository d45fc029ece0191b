//! What the values of fields have in common and where they differ.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::drift::Effect;
use crate::fact::ArtifactFormat;

/// The effect of going from one that is less than, equal to or greater than the other, where greater is stronger.
pub(super) const fn by(order: Ordering) -> Effect {
    match order {
        Ordering::Less => Effect::Strengthening,
        Ordering::Equal => Effect::Neutral,
        Ordering::Greater => Effect::Weakening,
    }
}

pub(super) fn rising(before: bool, after: bool) -> Effect {
    by(before.cmp(&after))
}

pub(super) fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default().trim()
}

/// Whether a switch is on; words count as people write them in configurations.
pub(super) fn is_on(value: Option<&Value>, missing: bool) -> bool {
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
pub(super) fn rank(words: &[&str], value: Option<&Value>) -> usize {
    let value = text(value);
    words
        .iter()
        .enumerate()
        .filter(|(_, word)| !word.is_empty() && value.starts_with(**word))
        .max_by_key(|(_, word)| word.len())
        .map_or_else(|| unknown(words), |(place, _)| place)
}

/// The place of the empty word; the weakest where there is none.
pub(super) fn unknown(words: &[&str]) -> usize {
    words
        .iter()
        .position(|word| word.is_empty())
        .unwrap_or_default()
}

/// The members of a list, the keys of an object with their values, or a single value.
pub(super) fn items(value: Option<&Value>) -> BTreeSet<String> {
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

/// Whether two texts differ in white space alone.
pub(super) fn same_words(before: Option<&Value>, after: Option<&Value>) -> bool {
    match (
        before.and_then(Value::as_str),
        after.and_then(Value::as_str),
    ) {
        (Some(before), Some(after)) => before.split_whitespace().eq(after.split_whitespace()),
        _ => false,
    }
}

pub(super) fn versions(before: &str, after: &str) -> Effect {
    match firmness(before).cmp(&firmness(after)) {
        Ordering::Equal => match (numbers(before), numbers(after)) {
            (Some(before), Some(after)) if before <= after => Effect::Neutral,
            _ => Effect::Weakening,
        },
        order => by(order),
    }
}

pub(super) fn arguments(before: Option<&Value>, after: Option<&Value>) -> Effect {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (before, after) = (list(before), list(after));
    if before.len() != after.len() {
        return Effect::Weakening;
    }
    before
        .iter()
        .zip(&after)
        .filter(|(before, after)| before != after)
        .map(|(before, after)| {
            let (old, new) = (versioned(text(Some(before))), versioned(text(Some(after))));
            if old.0.is_empty() || old.0 != new.0 {
                Effect::Weakening
            } else {
                versions(old.1, new.1)
            }
        })
        .max()
        .unwrap_or(Effect::Neutral)
}

/// What an argument runs, and its version: `@scope/name@1.2`, `name==1.2`, `registry:5000/name:v1`.
fn versioned(argument: &str) -> (&str, &str) {
    if let Some(parts) = argument.split_once("==") {
        return parts;
    }
    let name = argument
        .rfind('/')
        .map_or(0, |slash| slash.saturating_add(1));
    let cut = argument
        .char_indices()
        .find(|(at, c)| *at > name && matches!(c, '@' | ':'))
        .map_or(argument.len(), |(at, _)| at);
    let (what, version) = argument.split_at(cut);
    (what, version.trim_start_matches(['@', ':']))
}

/// From one address to another: whether the way is protected goes before where it leads.
pub(super) fn addresses(before: &str, after: &str) -> Effect {
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
pub(super) fn firmness(name: &str) -> u8 {
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
pub(super) fn numbers(version: &str) -> Option<Vec<u64>> {
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
pub(super) fn tightness(constraint: &str) -> u8 {
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
pub(super) fn runs_code(title: &str) -> bool {
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
