//! The pieces of an interaction, with what was found in each.

use schemars::JsonSchema;
use serde::Serialize;
use stance_core::traffic::{Action, Piece, Reason, Seen};

use super::figures::said;
use crate::format;

/// One piece.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct PieceView {
    /// Whose words: `operator`, `user`, `tool_result`, `document`, `model`, `reasoning`, `tool_arguments`,
    /// `tool_definition`.
    pub(super) origin: &'static str,
    /// Whether it belongs to the answer.
    pub(super) answer: bool,
    /// JSON pointer of its string in the body.
    pub(super) pointer: String,
    /// Which tool it is from, for or about.
    pub(super) tool: Option<String>,
    /// Which call of a tool it belongs to.
    pub(super) call: Option<String>,
    /// Bytes of words.
    pub(super) bytes: u64,
    /// The words, where they are kept and may be seen; without what was redacted.
    pub(super) text: Option<String>,
    /// What was found in it.
    pub(super) found: Vec<FoundView>,
    #[serde(skip)]
    pub(super) runs: Vec<(bool, String)>,
}

/// What a rule found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct FoundView {
    /// The rule.
    pub(super) rule: String,
    /// What the policy does about it.
    pub(super) action: &'static str,
    /// How sure the rule is, 0 to 1.
    pub(super) score: f64,
    /// The first byte in the string.
    pub(super) start: u32,
    /// The byte behind the last; the same where the whole string is meant.
    pub(super) end: u32,
    /// Why, without any of the matched text.
    pub(super) note: String,
    #[serde(skip)]
    action_of: Action,
}

impl FoundView {
    pub(super) fn said(&self) -> &'static str {
        said(self.action_of)
    }

    /// Where it stands in its piece.
    pub(super) fn place(&self) -> String {
        if self.start >= self.end {
            return "the whole of it".to_owned();
        }
        format!(
            "bytes {} to {}",
            format::count(self.start),
            format::count(self.end)
        )
    }
}

impl PieceView {
    /// Its origin as people say it.
    pub(super) fn title(&self) -> &'static str {
        match self.origin {
            "operator" => "Operator",
            "user" => "User",
            "tool_result" => "Result of a tool",
            "document" => "Document",
            "model" => "Model",
            "reasoning" => "Reasoning of the model",
            "tool_arguments" => "Arguments for a tool",
            _ => "Definition of a tool",
        }
    }

    /// The class of its mark: how stern the sternest of what was found is.
    pub(super) fn class(&self) -> &'static str {
        self.found
            .iter()
            .map(|found| found.action_of)
            .max()
            .filter(|action| *action > Action::Allow)
            .map_or("", Action::name)
    }
}

/// The pieces in their order.
pub(super) fn pieces(seen: &Seen, may_read: bool) -> Vec<PieceView> {
    seen.pieces
        .iter()
        .map(|piece| {
            let found = found(&seen.reasons, piece);
            let text = piece.text.clone().filter(|_| may_read);
            PieceView {
                origin: piece.origin.name(),
                answer: piece.answer,
                pointer: piece.pointer.clone(),
                tool: piece.tool.clone(),
                call: piece.call.clone(),
                bytes: piece.bytes,
                runs: text
                    .as_deref()
                    .map(|text| runs(text, piece.bytes, &found))
                    .unwrap_or_default(),
                text,
                found,
            }
        })
        .collect()
}

fn found(reasons: &[Reason], piece: &Piece) -> Vec<FoundView> {
    let mut all = Vec::new();
    for reason in reasons {
        for place in &reason.places {
            if place.pointer == piece.pointer {
                all.push(FoundView {
                    rule: reason.rule.clone(),
                    action: reason.action.name(),
                    score: f64::from(reason.score.share()),
                    start: place.start,
                    end: place.end,
                    note: reason.note.clone(),
                    action_of: reason.action,
                });
            }
        }
    }
    all
}

/// The text in runs, those that were found marked. Places are of the words as they came: once something was redacted they
/// are not of these any more.
fn runs(text: &str, bytes: u64, found: &[FoundView]) -> Vec<(bool, String)> {
    if text.len() as u64 != bytes {
        return vec![(false, text.to_owned())];
    }
    let mut places: Vec<(usize, usize)> = found
        .iter()
        .filter_map(|one| {
            let (start, end) = (
                usize::try_from(one.start).ok()?,
                usize::try_from(one.end).ok()?,
            );
            (start < end && text.get(start..end).is_some()).then_some((start, end))
        })
        .collect();
    places.sort_unstable();
    let mut runs = Vec::new();
    let mut done = 0;
    for (start, end) in places {
        let start = start.max(done);
        let (Some(before), Some(hit)) = (text.get(done..start), text.get(start..end)) else {
            continue;
        };
        if hit.is_empty() {
            continue;
        }
        runs.push((false, before.to_owned()));
        runs.push((true, hit.to_owned()));
        done = end;
    }
    runs.push((false, text.get(done..).unwrap_or_default().to_owned()));
    runs.retain(|(_, run)| !run.is_empty());
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: u32, end: u32) -> FoundView {
        FoundView {
            rule: String::new(),
            action: "flag",
            score: 1.0,
            start,
            end,
            note: String::new(),
            action_of: Action::Flag,
        }
    }

    #[test]
    fn what_was_found_is_marked_where_it_stands() {
        let told = |found: &[FoundView]| -> String {
            runs("naïve text", 11, found)
                .into_iter()
                .map(|(hit, run)| if hit { format!("[{run}]") } else { run })
                .collect()
        };
        assert_eq!(told(&[]), "naïve text");
        assert_eq!(told(&[at(7, 11), at(0, 2)]), "[na]ïve [text]");
        assert_eq!(told(&[at(0, 4), at(2, 6)]), "[naï][ve] text");
        // Not at a letter, behind the end, or the whole.
        assert_eq!(told(&[at(3, 5), at(4, 99), at(0, 0)]), "naïve text");
        assert_eq!(
            runs("short", 900, &[at(0, 2)]),
            [(false, "short".to_owned())]
        );
    }
}
