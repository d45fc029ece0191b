//! What texts go through on their way.

use stance_core::exchange::{Origin, Part, ToolDefinition, Unjudged};
use stance_guard::leak::{Acts, Gate, Kind, Known, Signal};
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
        let plain = self.spelled_out(part);
        let text = plain.as_deref().unwrap_or(&part.text);
        let mut answer = self.new_answer();
        let mut out = String::with_capacity(text.len());
        let mut signals = answer.push(text, &mut out);
        signals.extend(answer.finish(&mut out));
        self.answers.insert(key, answer);
        self.leaked(signals, &part.pointer);
        self.found(key, &part.pointer);
        self.answers.remove(&key);
        if !self.stops() {
            self.said(part.origin, text, &part.pointer);
        }
        if part.origin == Origin::ToolArguments
            && let Some(tool) = &part.tool
        {
            self.called.extend(part.call.clone());
            self.call(tool, text);
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
            // A call without arguments; one whose arguments stood beside its name was looked at there.
            let is_known = (channel.call.as_ref()).is_some_and(|call| self.called.contains(call));
            if channel.key.kind == ChannelKind::Arguments
                && let Some(tool) = channel.tool.as_ref().filter(|_| !is_known)
            {
                self.call(tool, "{}");
            }
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
    /// Whether nothing of a channel goes on before all of it is judged: a call, words whose subject may stop them, and data
    /// that somebody is asked about, who then sees all of it or nothing.
    fn holds(&self, channel: &Channel) -> bool {
        let policy = &self.shared.policy;
        let asks = [Rule::SecretAnswered, Rule::PersonalAnswered]
            .iter()
            .any(|rule| policy.action(*rule) == Action::Ask);
        match channel.key.kind {
            ChannelKind::Arguments => true,
            ChannelKind::Content => asks || policy.topics().is_some_and(Subjects::stops),
            _ => asks,
        }
    }

    /// Hides what is to be hidden in a part of a request.
    fn hide(&mut self, part: &Part) -> Option<String> {
        let left = self.without_leaks(part);
        // What the operator wrote and what defines a tool are theirs.
        if matches!(part.origin, Origin::Operator | Origin::ToolDefinition) {
            return left;
        }
        let Some(hidden) = self.shared.asked.as_ref() else {
            return left;
        };
        let text = left.as_deref().unwrap_or(&part.text);
        // It was looked through already, as it is.
        if self.clean.contains(&self.shared.hash(text)) {
            return left;
        }
        let vault = std::mem::take(&mut self.vault);
        let mut redactor = Redactor::with_vault(hidden, vault);
        let mut out = String::with_capacity(text.len());
        redactor.push(text, &mut out);
        redactor.finish(&mut out);
        self.vault = redactor.into_vault();
        Some(out)
    }

    /// What is looked for in a part of a request: source code of the organisation, which goes to a model; and in what a
    /// server of MCP says, what stands nowhere but where it was put, another tenant's documents, and what a client that shows it
    /// would act upon.
    pub(super) fn asked_gate(&self, part: &Part) -> Option<(Gate, Acts)> {
        let mut kinds = Vec::new();
        let asks = [Origin::User, Origin::ToolResult, Origin::Document];
        if self.shared.documents.is_some() && asks.contains(&part.origin) {
            kinds.push(Kind::SourceCode);
        }
        if self.is_server() && part.origin.is_untrusted() {
            kinds.extend([
                Kind::Canary,
                Kind::OtherTenant,
                Kind::TerminalEscape,
                Kind::Direction,
            ]);
        }
        if kinds.is_empty() {
            return None;
        }
        let acts = self.shared.acts.only(&kinds);
        let known = Known {
            documents: self.shared.documents.clone(),
            markers: self.shared.policy.markers().cloned(),
            reader: self.subject.identity.clone(),
            ..Known::default()
        };
        Some((Gate::new(acts, &known)?, acts))
    }

    /// A part of a request without what leaks by it, where that is to be taken out.
    fn without_leaks(&self, part: &Part) -> Option<String> {
        let (mut gate, acts) = self.asked_gate(part)?;
        let redacts = |kind| acts.of_kind(kind).0 == Action::Redact;
        if !Kind::ALL.into_iter().any(redacts) {
            return None;
        }
        let mut out = String::with_capacity(part.text.len());
        gate.push(&part.text, &mut out);
        gate.finish(&mut out);
        (!gate.stops()).then_some(out)
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
