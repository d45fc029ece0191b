//! Whole bodies of every dialect: what of them is a text, whose it is, what is said to be not judged.

mod answers;
mod requests;
mod rpc;

use stance_core::exchange::{Exchange, Origin, Part};
use stance_wire::{Channel, Filter, Identity, Limits, Route, read_answer, read_request, recognise};

/// A body, and what it says.
struct Body {
    target: &'static str,
    body: &'static str,
    /// Whose words, which.
    texts: &'static [(Origin, &'static str)],
    /// Which pointers are said to be not judged.
    unjudged: &'static [&'static str],
    /// What else it says, in short: see [`facts`].
    facts: &'static str,
}

fn route(target: &str) -> Route {
    match target {
        "mcp" => Route::mcp(),
        "a2a" => Route::a2a(),
        target => recognise("POST", target, None).unwrap_or_else(|| panic!("{target}")),
    }
}

/// What an exchange says beside its texts.
fn facts(exchange: &Exchange) -> String {
    let mut all = Vec::new();
    if let Some(model) = &exchange.model {
        all.push(format!("model {model}"));
    }
    all.extend(
        exchange
            .tools
            .iter()
            .map(|tool| format!("tool {}", tool.name)),
    );
    if exchange.stream {
        all.push("stream".to_owned());
    }
    for (name, count) in [
        ("limit", exchange.limit),
        ("answers", exchange.answers),
        ("input", exchange.usage.input),
        ("output", exchange.usage.output),
        ("cached", exchange.usage.cached),
        ("reasoning", exchange.usage.reasoning),
    ] {
        all.extend(count.map(|count| format!("{name} {count}")));
    }
    if exchange.probabilities {
        all.push("probabilities".to_owned());
    }
    all.extend(
        exchange
            .ended
            .iter()
            .map(|reason| format!("ended {reason}")),
    );
    all.join(", ")
}

fn check(bodies: &[Body], request: bool) {
    for body in bodies {
        let route = route(body.target);
        let bytes = body.body.as_bytes();
        let read = if request { read_request } else { read_answer };
        let reading = read(&route, bytes, &Limits::default()).expect(body.body);
        let exchange = &reading.exchange;
        let texts: Vec<(Origin, &str)> = exchange
            .parts
            .iter()
            .map(|part| (part.origin, part.text.as_str()))
            .collect();
        assert_eq!(texts, body.texts, "{}", body.body);
        let unjudged: Vec<&str> = exchange
            .unjudged
            .iter()
            .map(|said| said.pointer.as_str())
            .collect();
        assert_eq!(
            unjudged, body.unjudged,
            "{}: {:?}",
            body.body, exchange.unjudged
        );
        assert_eq!(facts(exchange), body.facts, "{}", body.body);
        assert_eq!(&*reading.rewrite(bytes, &mut Identity), bytes);
        places(exchange, bytes);
        // Each part changed alone changes nothing else.
        for at in 0..exchange.parts.len() {
            let changed = reading.rewrite(bytes, &mut One { at, seen: 0 });
            let again = read(&route, &changed, &Limits::default()).expect("still JSON");
            for (place, (old, new)) in exchange.parts.iter().zip(&again.exchange.parts).enumerate()
            {
                assert_eq!((old.origin, &old.pointer), (new.origin, &new.pointer));
                let text = if place == at {
                    "\"new\" \u{1} \u{2028}"
                } else {
                    &old.text
                };
                assert_eq!(new.text, text, "{} in {}", old.pointer, body.body);
            }
        }
    }
}

/// Every pointer leads to the text that it is said to.
fn places(exchange: &Exchange, bytes: &[u8]) {
    let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
    for part in &exchange.parts {
        let found = value.pointer(&part.pointer).expect(&part.pointer);
        match found.as_str() {
            Some(text) => assert_eq!(text, part.text),
            None => assert_eq!(
                *found,
                serde_json::from_str::<serde_json::Value>(&part.text).unwrap()
            ),
        }
    }
    for said in &exchange.unjudged {
        assert!(value.pointer(&said.pointer).is_some(), "{}", said.pointer);
    }
}

/// Changes one part.
struct One {
    at: usize,
    seen: usize,
}

impl Filter for One {
    fn part(&mut self, _: &Part) -> Option<String> {
        self.seen += 1;
        (self.seen == self.at + 1).then(|| "\"new\" \u{1} \u{2028}".to_owned())
    }

    fn push(&mut self, _: &Channel, _: &str, _: &mut String) {}

    fn finish(&mut self, _: &Channel, _: &mut String) {}
}
