//! What texts go through on their way.

use stance_core::exchange::{Origin, Part};
use stance_guard::policy::Rule;
use stance_guard::stream::Redactor;
use stance_wire::{Channel, ChannelKey, ChannelKind, Filter};

use super::{ARGUMENTS, Phase, Watching};

impl Filter for Watching {
    fn part(&mut self, part: &Part) -> Option<String> {
        if self.phase == Phase::Asked {
            // What the operator wrote and what defines a tool are theirs.
            if matches!(part.origin, Origin::Operator | Origin::ToolDefinition) {
                return None;
            }
            let hidden = self.shared.asked.as_ref()?;
            let vault = std::mem::take(&mut self.vault);
            let mut redactor = Redactor::with_vault(hidden, vault);
            let mut out = String::with_capacity(part.text.len());
            redactor.push(&part.text, &mut out);
            redactor.finish(&mut out);
            self.vault = redactor.into_vault();
            return Some(out);
        }
        self.said(part.origin, &part.text, &part.pointer);
        if part.origin == Origin::ToolArguments
            && let Some(tool) = &part.tool
        {
            self.call(tool, &part.text);
        }
        let key = ChannelKey {
            kind: ChannelKind::Content,
            answer: u64::MAX,
            index: self.answers.len() as u64,
        };
        let answer = self.answer(key);
        let mut out = String::with_capacity(part.text.len());
        answer.push(&part.text, &mut out);
        answer.finish(&mut out);
        self.answers.remove(&key);
        Some(out)
    }

    fn push(&mut self, channel: &Channel, text: &str, out: &mut String) {
        let holds = channel.key.kind == ChannelKind::Arguments;
        let answer = self.answer(channel.key);
        if answer.is_cut || answer.whole.len().saturating_add(text.len()) > ARGUMENTS {
            // Nothing of it is lost: what was held goes on with the rest, unless policy stops what could not be judged.
            let held = std::mem::take(&mut answer.whole);
            let is_first = !std::mem::replace(&mut answer.is_cut, true);
            if holds {
                answer.push(&held, out);
            }
            answer.push(text, out);
            if holds && is_first {
                self.cannot(
                    Rule::Arguments,
                    "more arguments than are held until they are judged",
                );
            }
            return;
        }
        answer.whole.push_str(text);
        if holds {
            // A call goes on when it is judged as a whole.
            return;
        }
        answer.push(text, out);
    }

    fn finish(&mut self, channel: &Channel, out: &mut String) {
        let Some(mut answer) = self.answers.remove(&channel.key) else {
            return;
        };
        let pointer = format!("/{}/{}", channel.key.answer, channel.key.index);
        let origin = channel.key.origin();
        let whole = std::mem::take(&mut answer.whole);
        self.said(origin, &whole, &pointer);
        if answer.is_cut {
            self.verdict.missed(stance_core::exchange::Unjudged {
                pointer: pointer.clone(),
                what: "more than is looked at in one piece".to_owned(),
            });
        }
        if channel.key.kind == ChannelKind::Arguments && !answer.is_cut {
            if let Some(tool) = &channel.tool {
                self.call(tool, &whole);
            }
            answer.push(&whole, out);
        }
        answer.finish(out);
    }

    fn blocks(&self) -> bool {
        self.stops()
    }

    fn waits(&self) -> bool {
        self.is_open()
    }
}
