//! Arguments of calls that go out to a server of MCP: JSON, in which the same words may be spelled in many ways.

use serde_json::Value;
use stance_core::exchange::{Origin, Part};
use stance_guard::leak::Kind;

use super::Watching;

/// What carries something out by itself. What a terminal or a page would act upon is looked for where somebody sees it: a tool may
/// be given a program that has it.
const CARRIED: [Kind; 5] = [
    Kind::SystemPrompt,
    Kind::Canary,
    Kind::OtherTenant,
    Kind::SourceCode,
    Kind::Exfiltration,
];

impl Watching {
    /// Looks at what arguments with escapes hold once they are read, as their server will. Gives them as JSON of their own where
    /// something of that was taken out.
    pub(super) fn spelled_out(&mut self, part: &Part) -> Option<String> {
        let is_spelled =
            self.is_server() && part.origin == Origin::ToolArguments && part.text.contains('\\');
        if !is_spelled {
            return None;
        }
        // What is no JSON has no escapes, and is looked at as it is.
        let mut read: Value = serde_json::from_str(&part.text).ok()?;
        let mut is_changed = false;
        self.clean(&mut read, part, &mut is_changed);
        is_changed.then(|| read.to_string())
    }

    /// Takes out of all texts below what is to be taken out. JSON that was read is nested 128 levels at most.
    fn clean(&mut self, value: &mut Value, part: &Part, is_changed: &mut bool) {
        match value {
            Value::String(text) => {
                if let Some(left) = self.without(text, part) {
                    *text = left;
                    *is_changed = true;
                }
            }
            Value::Array(all) => {
                for one in all {
                    self.clean(one, part, is_changed);
                }
            }
            Value::Object(all) => {
                for one in all.values_mut() {
                    self.clean(one, part, is_changed);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// A text without what is to be taken out; `None` where nothing is.
    fn without(&mut self, text: &str, part: &Part) -> Option<String> {
        let mut answer = self.answer_by(self.acts().only(&CARRIED));
        let mut out = String::with_capacity(text.len());
        let mut signals = answer.push(text, &mut out);
        signals.extend(answer.finish(&mut out));
        self.leaked(signals, &part.pointer);
        if out == text || self.stops() {
            return None;
        }
        self.said(part.origin, text, &part.pointer);
        Some(out)
    }
}
