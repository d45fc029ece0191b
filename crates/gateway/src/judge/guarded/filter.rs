//! What texts go through on their way.

use stance_core::exchange::{Origin, Part, ToolDefinition, Unjudged};
use stance_guard::leak::{Gate, Kind, Known, Signal};
use stance_guard::policy::{Rule, Subjects};
use stance_guard::stream::Redactor;
use stance_guard::verdict::Action;
use stance_wire::{Channel, ChannelKey, ChannelKind, Filter};

use super::{ARGUMENTS, Phase, Watching};

impl Filter for Watching {
    fn part(&mut self, part: &Part) -> Option<String> {
        if self.phase == Phase::Asked {
            return self.hide(part);
        }
        let key = ChannelKey {
            kind: ChannelKind::Content,
            answer: u64::MAX,
            index: self.answers.len() as u64,
        };
        let mut answer = self.new_answer();
        let mut out = String::with_capacity(part.text.len());
        let mut signals = answer.push(&part.text, &mut out);
        signals.extend(answer.finish(&mut out));
        self.answers.insert(key, answer);
        self.leaked(signals, &part.pointer);
        self.found(key, &part.pointer);
        self.answers.remove(&key);
        if !self.stops() {
            self.said(part.origin, &part.text, &part.pointer);
        }
        if part.origin == Origin::ToolArguments
            && let Some(tool) = &part.tool
        {
            self.call(tool, &part.text);
        }
        Some(out)
    }

    fn push(&mut self, channel: &Channel, text: &str, out: &mut String) {
        let holds = self.holds(channel);
        let answer = self.answer(channel.key);
        if answer.is_cut || answer.whole.len().saturating_add(text.len()) > ARGUMENTS {
            // Nothing of it is lost: what was held goes on with the rest, unless policy stops what could not be judged.
            let held = std::mem::take(&mut answer.whole);
            let is_first = !std::mem::replace(&mut answer.is_cut, true);
            let mut signals = Vec::new();
            if holds {
                signals = answer.push(&held, out);
            }
            signals.extend(answer.push(text, out));
            self.leaks(channel, signals);
            if holds && is_first {
                self.cannot(
                    Rule::Arguments,
                    "more than is held until it is judged as a whole",
                );
            }
            return;
        }
        answer.whole.push_str(text);
        if holds {
            // It goes on when it is judged as a whole.
            return;
        }
        let signals = answer.push(text, out);
        self.leaks(channel, signals);
    }

    fn finish(&mut self, channel: &Channel, out: &mut String) {
        let holds = self.holds(channel);
        let Some(answer) = self.answers.get_mut(&channel.key) else {
            return;
        };
        let whole = std::mem::take(&mut answer.whole);
        let is_cut = answer.is_cut;
        let mut signals = Vec::new();
        if holds && !is_cut {
            signals = answer.push(&whole, out);
        }
        signals.extend(answer.finish(out));
        self.leaks(channel, signals);
        self.answers.remove(&channel.key);
        if self.stops() {
            return;
        }
        let pointer = pointer(channel);
        self.said(channel.key.origin(), &whole, &pointer);
        if is_cut {
            self.verdict.missed(Unjudged {
                pointer,
                what: "more than is looked at in one piece".to_owned(),
            });
        } else if channel.key.kind == ChannelKind::Arguments
            && let Some(tool) = &channel.tool
        {
            self.call(tool, &whole);
        }
    }

    fn offered(&mut self, tools: &[ToolDefinition]) {
        // Those of a request were looked at before.
        if self.phase == Phase::Answered {
            self.offers(tools, true);
        }
    }

    fn blocks(&self) -> bool {
        self.stops()
    }

    fn waits(&self) -> bool {
        self.is_open()
    }
}

fn pointer(channel: &Channel) -> String {
    format!("/{}/{}", channel.key.answer, channel.key.index)
}

impl Watching {
    /// Whether nothing of a channel goes on before all of it is judged: a call, and words whose subject may stop them.
    fn holds(&self, channel: &Channel) -> bool {
        let topics = self.shared.policy.topics();
        match channel.key.kind {
            ChannelKind::Arguments => true,
            ChannelKind::Content => topics.is_some_and(Subjects::stops),
            _ => false,
        }
    }

    /// Hides what is to be hidden in a part of a request.
    fn hide(&mut self, part: &Part) -> Option<String> {
        // What the operator wrote and what defines a tool are theirs.
        if matches!(part.origin, Origin::Operator | Origin::ToolDefinition) {
            return None;
        }
        let code = self.without_code(part);
        let Some(hidden) = self.shared.asked.as_ref() else {
            return code;
        };
        let text = code.as_deref().unwrap_or(&part.text);
        let vault = std::mem::take(&mut self.vault);
        let mut redactor = Redactor::with_vault(hidden, vault);
        let mut out = String::with_capacity(text.len());
        redactor.push(text, &mut out);
        redactor.finish(&mut out);
        self.vault = redactor.into_vault();
        Some(out)
    }

    /// A part of a request without source code, where that is to be taken out.
    fn without_code(&self, part: &Part) -> Option<String> {
        let acts = self.shared.acts.only(Kind::SourceCode);
        let documents = self.shared.documents.clone()?;
        if acts.of_kind(Kind::SourceCode).0 != Action::Redact {
            return None;
        }
        let known = Known {
            documents: Some(documents),
            ..Known::default()
        };
        let mut gate = Gate::new(acts, &known)?;
        let mut out = String::with_capacity(part.text.len());
        gate.push(&part.text, &mut out);
        gate.finish(&mut out);
        Some(out)
    }

    /// Takes over what was found in a channel.
    fn leaks(&mut self, channel: &Channel, signals: Vec<Signal>) {
        // Made only where it is needed: most pieces find nothing.
        let has_found = self
            .answers
            .get(&channel.key)
            .and_then(|answer| Some(answer.redactor.as_ref()?.found().len() > answer.looked))
            .unwrap_or_default();
        if signals.is_empty() && !has_found {
            return;
        }
        let pointer = pointer(channel);
        // What is hidden stands before what stopped the rest.
        self.found(channel.key, &pointer);
        if !self.stops() {
            self.leaked(signals, &pointer);
        }
    }
}
