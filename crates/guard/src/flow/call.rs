//! A call that the model proposes, and the values that it would hand over.

use serde_json::Value;

use super::capability::{Capability, identifier};
use super::lexicon::{Cues, Languages, Lexicon, START};

/// A proposed call of a tool.
#[derive(Clone, Copy, Debug)]
pub struct Call<'c> {
    /// The tool.
    pub tool: &'c str,
    /// The server that offers it, where there are several.
    pub server: Option<&'c str>,
    /// What it would be handed.
    pub arguments: &'c Value,
    /// What it can do.
    pub capability: &'c Capability,
    /// On whose behalf: the name of a virtual key, a user, a workload.
    pub identity: Option<&'c str>,
}

/// One value among the arguments.
#[derive(Clone, Debug)]
pub(super) struct Argument<'a> {
    /// JSON pointer within the arguments.
    pub(super) pointer: String,
    pub(super) text: std::borrow::Cow<'a, str>,
    /// Whether its name says that it tells where something goes or what is hit.
    pub(super) sink: bool,
}

/// Most values that are looked at; what is behind them counts as not looked at.
const MOST: usize = 256;

/// Deepest nesting that is looked at.
const DEEPEST: usize = 32;

/// The texts and numbers among the arguments, and whether these were all.
pub(super) fn flatten(arguments: &Value) -> (Vec<Argument<'_>>, bool) {
    let mut all = Vec::new();
    let mut whole = true;
    // A list of what is still to do instead of recursion.
    let mut open = vec![(arguments, String::new(), false, 0_usize)];
    while let Some((value, pointer, sink, depth)) = open.pop() {
        if all.len() >= MOST || depth > DEEPEST {
            whole = false;
            continue;
        }
        let inner = depth.saturating_add(1);
        match value {
            Value::String(text) => all.push(Argument {
                pointer,
                text: text.as_str().into(),
                sink,
            }),
            Value::Number(number) => all.push(Argument {
                pointer,
                text: number.to_string().into(),
                sink: false,
            }),
            Value::Array(items) => {
                whole &= items.len() <= MOST;
                for (at, item) in items.iter().enumerate().take(MOST).rev() {
                    open.push((item, format!("{pointer}/{at}"), sink, inner));
                }
            }
            Value::Object(members) => {
                whole &= members.len() <= MOST;
                for (name, member) in members.iter().take(MOST).rev() {
                    let escaped = name.replace('~', "~0").replace('/', "~1");
                    let sink = sink || names_a_sink(name);
                    open.push((member, format!("{pointer}/{escaped}"), sink, inner));
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
    (all, whole)
}

/// Whether a parameter of this name says where something goes or what is hit.
fn names_a_sink(name: &str) -> bool {
    let words = identifier(name);
    words.iter().any(|word| {
        Lexicon::get()
            .look_up(START, word)
            .sense(Languages::ENGLISH)
            .cues
            .has(Cues::SINK)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_found_with_their_pointers() {
        let arguments = json!({"to": ["a@b.example"], "body": {"te/xt": "hi"}, "n": 7, "x": null});
        let (all, whole) = flatten(&arguments);
        assert!(whole);
        let seen: Vec<_> = all
            .iter()
            .map(|argument| (argument.pointer.as_str(), &*argument.text, argument.sink))
            .collect();
        assert_eq!(
            seen,
            [
                ("/to/0", "a@b.example", true),
                ("/body/te~1xt", "hi", false),
                ("/n", "7", false)
            ]
        );
    }

    #[test]
    fn too_many_are_told() {
        let many: Vec<Value> = (0..1000).map(Value::from).collect();
        assert!(!flatten(&Value::Array(many)).1);
        let mut deep = json!(1);
        for _ in 0..100 {
            deep = json!([deep]);
        }
        assert!(!flatten(&deep).1);
    }
}
