//! What must hold for any bytes: run by the fuzzer, and by a plain test on what it found and on the worst that tests know.

use std::ops::Range;

use serde_json::Value;
use stance_core::exchange::{Origin, Part};
use stance_guard::flow::capability::Described;
use stance_guard::flow::catalogue::schema::{Limits as SchemaLimits, Schema};
use stance_guard::flow::catalogue::{self, Offered};
use stance_guard::flow::{Call, Capability, Key, Limits, Session, Source, decide};
use stance_guard::policy::{Policy, Preset};
use stance_guard::stream::{self, BytesRedactor, Redactor};
use stance_guard::{entities, leak, text};

/// Longest text that is cut at every place.
const EVERY: usize = 200;

/// A place lies in a text, on boundaries of characters.
fn lies_in(text: &str, range: &Range<usize>, what: &str) {
    assert!(
        range.start <= range.end && text.get(range.clone()).is_some(),
        "{what}: {range:?} in {} bytes",
        text.len()
    );
}

/// Bytes in pieces, of a size that the first byte gives, are redacted as the whole is; short ones however they are cut in two.
pub(crate) fn redactor(data: &[u8]) {
    let Some((size, bytes)) = data.split_first() else {
        return;
    };
    let mut policy = stream::Policy::everything();
    policy.least = 0;
    let redacted = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let mut redactor = BytesRedactor::new(&policy);
        let mut out = String::new();
        for piece in pieces {
            redactor.push(piece, &mut out);
        }
        redactor.finish(&mut out);
        assert_eq!(redactor.held(), 0, "something is held for ever");
        (out, redactor.found().to_vec())
    };
    let whole = redacted(&mut std::iter::once(bytes));
    let pieces = redacted(&mut bytes.chunks(usize::from(*size).max(1)));
    assert_eq!(pieces, whole, "in pieces of {size}");
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let at_once = stream::redact(text, &policy);
    assert_eq!(at_once, whole, "in one call");
    if text.len() > EVERY {
        return;
    }
    for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
        let mut redactor = Redactor::new(&policy);
        let mut out = String::new();
        let (first, second) = text.split_at(at);
        redactor.push(first, &mut out);
        redactor.push(second, &mut out);
        redactor.finish(&mut out);
        assert_eq!(
            (&out, redactor.found()),
            (&whole.0, &whole.1[..]),
            "cut at {at}"
        );
    }
}

/// Entities lie in their text, in order.
pub(crate) fn entities(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let all = entities::find_above(&text, 0);
    for entity in &all {
        lies_in(&text, &entity.range, entity.kind.id());
        assert!(entity.confidence <= 100 && !entity.range.is_empty());
    }
    assert!(all.is_sorted_by_key(|entity| entity.range.start));
    assert!(entities::find(&text).len() <= all.len());
}

/// Signals lie in their text, and scores between nothing and one.
pub(crate) fn text(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let limits = text::Limits {
        bytes: 4096,
        derived: 4096,
        ..text::Limits::default()
    };
    for origin in Origin::ALL {
        let report = text::judge(origin, &text, &limits);
        for signal in &report.signals {
            lies_in(&text, &signal.span, signal.rule);
            assert!((0.0..=1.0).contains(&signal.score), "{signal:?}");
        }
        for gap in &report.unscanned {
            lies_in(&text, &gap.span, gap.why);
        }
        assert!(report.score.is_none_or(f32::is_finite));
    }
}

/// What leaks: places lie in their text, and what is said in pieces is said as in one.
pub(crate) fn leak(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (known, said) = halves(&text);
    let mut context = leak::Context::new();
    context.add(known);
    let overlap = leak::Overlap::of(known);
    let mut found = leak::exfiltration(said, &context);
    found.extend(leak::markup(said));
    let scanned = |pieces: &[&str]| {
        let mut scan = overlap.scan();
        for piece in pieces {
            scan.push(piece);
        }
        scan.finish()
    };
    let whole = scanned(&[said]);
    let (one, other) = halves(said);
    assert_eq!(whole, scanned(&[one, other]), "chunking matters");
    found.extend(whole);
    for signal in &found {
        lies_in(said, &signal.range, signal.rule);
    }
}

/// A session that reads lines, each by whom its first character says, and calls of tools that follow: `{` begins arguments, `[`
/// a tool with a schema.
pub(crate) fn flow(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let policy = Policy::preset(Preset::Balanced);
    let limits = Limits {
        said: 64,
        read: 64,
        wishes: 4,
        commands: 4,
        parts: 8,
        bytes: 1 << 12,
        ..Limits::default()
    };
    let mut session = Session::new(Key(1, 2), limits);
    for (number, line) in text.lines().take(64).enumerate() {
        let value = |text: &str| serde_json::from_str::<Value>(text).ok();
        if let Some(schema) = line.strip_prefix('[').and_then(value) {
            tool(&schema);
        } else if let Some(arguments) = line.starts_with('{').then(|| value(line)).flatten() {
            for name in ["send_email", "read_file", "x"] {
                let capability = Capability::of(&Described {
                    name,
                    ..Described::default()
                });
                let call = Call {
                    tool: name,
                    server: None,
                    arguments: &arguments,
                    capability: &capability,
                    identity: None,
                };
                let verdict = decide::decide(&session, &call, &policy);
                assert_eq!(verdict, decide::decide(&session, &call, &policy));
                session.approve(&call);
                assert!(session.is_approved(&call));
            }
        } else {
            let origin =
                Origin::ALL[line.chars().next().map_or(0, u32::from) as usize % Origin::ALL.len()];
            let part = Part {
                origin,
                pointer: String::new(),
                tool: Some("read_file".to_owned()),
                call: Some(number.to_string()),
                text: line.to_owned(),
            };
            session.observe(&part, Source::default(), &[]);
        }
    }
    assert!(
        session.remembered() <= 64 + 64 + 4 * 4 + 8 + 64,
        "{}",
        session.remembered()
    );
    let kept = serde_json::to_string(&session).expect("a session can be kept");
    let read: Session = serde_json::from_str(&kept).expect("and read back");
    assert_eq!(serde_json::to_string(&read).expect("as it was"), kept);
}

/// A tool with this schema: checked against itself, and pinned.
fn tool(schema: &Value) {
    if let Ok(ready) = Schema::new(schema, SchemaLimits::default()) {
        let _ = catalogue::arguments(&ready, schema);
    }
    let description = schema.to_string();
    let offered = Offered {
        name: "x",
        description: &description,
        schema: Some(schema),
        ..Offered::default()
    };
    let scope = catalogue::Scope {
        name: "x",
        is_server: true,
        is_mixed: false,
    };
    let pins = [catalogue::Pin::of(&offered)];
    let mut pinned = catalogue::Catalogue::default();
    let mode = stance_guard::policy::CatalogueMode::FirstUse;
    let first = pinned.look(scope, &[offered], &pins, mode, 0);
    for (name, version) in first.new {
        pinned.add(scope.name, &name, version);
    }
    let again = pinned.look(scope, &[offered], &pins, mode, 1);
    assert!(again.new.is_empty(), "a tool that did not change is known");
    let _ = Capability::of(&Described {
        name: "x",
        description: &description,
        schema: Some(schema),
        ..Described::default()
    });
}

fn halves(text: &str) -> (&str, &str) {
    let middle = (text.len() / 2..=text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    text.split_at(middle)
}
