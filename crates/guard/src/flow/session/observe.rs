//! Reading the parts of an exchange into a session.

use std::ops::Range;

use serde_json::Value;
use stance_core::exchange::{Origin, Part};

use super::super::asks::{self, Ask, Reading};
use super::super::label::{Integrity, Label};
use super::super::lexicon::Actions;
use super::super::provenance::Marks;
use super::super::signal::{Signal, SignalKind};
use super::super::values::{Kind, values};
use super::super::words::Sentences;
use super::{Session, Wish, push};

/// How far behind a sentence that speaks to the model its passage reaches, in sentences.
const ADDRESS_REACHES: usize = 6;

/// Most sentences of one text that are remembered as passages of their own.
const MOST_SENTENCES: usize = 512;

/// Most sentences of the model's that a `yes` of the user makes wishes.
const PROPOSED: usize = 16;

/// Most tokens of one passage.
const PASSAGE: usize = 96;

/// What is known of the tool or source that a part comes from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source {
    /// Whether only the operator's own systems could have written it.
    pub trusted: bool,
    /// Whether it is not for outsiders.
    pub private: bool,
}

impl Session {
    /// Reads a part. One that was read before changes nothing, so a history that is sent again with every request is read once.
    pub fn observe(&mut self, part: &Part, source: Source, signals: &[Signal]) {
        let seen = self.part_hash(part);
        if self.parts.contains(&seen) {
            return;
        }
        push(&mut self.parts, seen, self.limits.parts);
        let end = part.text.floor_char_boundary(self.limits.bytes);
        let text = part.text.get(..end).unwrap_or_default();
        let unread = part.text.len().saturating_sub(end);
        self.unread = self
            .unread
            .saturating_add(u64::try_from(unread).unwrap_or(u64::MAX));
        self.join(part.origin, source, signals);
        match part.origin {
            Origin::Operator => {
                let asks = self.hear(text, Marks::OPERATOR);
                values(text, |form, _, _| {
                    let hash = self.key.hash(form.as_bytes());
                    self.said.add(hash, Marks::OPERATOR, self.limits.said);
                });
                for ask in asks {
                    push(&mut self.standing, ask, self.limits.wishes);
                }
            }
            Origin::User => self.user(text),
            Origin::ToolResult | Origin::Document if source.trusted => {
                self.remember(text, Marks::OPERATOR);
            }
            Origin::ToolResult | Origin::Document => {
                if unread > 0 {
                    // What was not read could have demanded anything.
                    self.read_spilled();
                }
                self.strangers(text, source, signals);
            }
            Origin::ToolDefinition => self.definition(text),
            Origin::Model => {
                self.proposal = read(self, text, Reading::Wish, PROPOSED.min(self.limits.wishes));
            }
            Origin::Reasoning | Origin::ToolArguments => {}
        }
    }

    fn part_hash(&self, part: &Part) -> u64 {
        let text = self.key.hash(part.text.as_bytes());
        let call = self
            .key
            .hash(part.call.as_deref().unwrap_or_default().as_bytes());
        let mut both = [0_u8; 17];
        let parts = text
            .to_le_bytes()
            .into_iter()
            .chain(call.to_le_bytes())
            .chain([part.origin as u8]);
        for (place, byte) in both.iter_mut().zip(parts) {
            *place = byte;
        }
        self.key.hash(&both)
    }

    fn join(&mut self, origin: Origin, source: Source, signals: &[Signal]) {
        let mut label = Label::of(origin);
        if source.trusted {
            label.integrity = Integrity::Trusted;
        }
        // Definitions are judged when tools are offered; that there are tools taints nothing.
        if origin == Origin::ToolDefinition {
            label.integrity = Integrity::Trusted;
        }
        label.confidential |= source.private;
        for signal in signals {
            match signal.kind {
                SignalKind::Secret => label.secret = true,
                SignalKind::Personal => label.personal = true,
                SignalKind::Confidential => label.confidential = true,
                SignalKind::Injection | SignalKind::Hidden => {}
            }
        }
        self.label = self.label.join(label);
    }

    fn read_spilled(&mut self) {
        self.forgotten.0 |= Actions::CONSEQUENT;
    }

    /// Words and values of what the operator trusts.
    fn remember(&mut self, text: &str, marks: Marks) {
        let (key, most) = (self.key, self.limits.said);
        let said = &mut self.said;
        Sentences::new(key).read(text, |sentences, _| {
            for word in sentences.words() {
                said.add(word.token, marks, most);
            }
        });
        values(text, |form, _, _| {
            said.add(key.hash(form.as_bytes()), marks, most);
        });
    }

    /// Remembers the words of those who may say what is done, and gives what their sentences ask for.
    fn hear(&mut self, text: &str, marks: Marks) -> Vec<Ask> {
        let (most, wishes) = (self.limits.said, self.limits.wishes);
        let said = &mut self.said;
        said.make_room(text.len(), most);
        let mut asks = Vec::new();
        Sentences::new(self.key).read(text, |sentences, _| {
            for word in sentences.words() {
                said.add(word.token, marks, most);
            }
            if asks.len() < wishes {
                asks.push(asks::read(sentences, Reading::Wish));
            }
        });
        asks
    }

    fn user(&mut self, text: &str) {
        self.turn = self.turn.saturating_add(1);
        let turn = self.turn;
        let mut asks = self.hear(text, Marks::USER);
        let mut given = Vec::new();
        values(text, |form, kind, _| {
            let hash = self.key.hash(form.as_bytes());
            self.said.add(hash, Marks::USER, self.limits.said);
            let precise = kind == Kind::Email || kind == Kind::Number && form.len() >= 10;
            if precise && given.len() < 8 {
                given.push((hash, kind));
            }
        });
        for ask in &mut asks {
            ask.values.clone_from(&given);
        }
        let agrees = asks.first().is_some_and(|ask| ask.agrees)
            && asks.iter().map(|ask| ask.tokens.len()).sum::<usize>() <= 12;
        let adopted = if agrees {
            std::mem::take(&mut self.proposal)
        } else {
            Vec::new()
        };
        for ask in asks.into_iter().chain(adopted) {
            push(&mut self.wishes, Wish { turn, ask }, self.limits.wishes);
        }
        let turns = self.limits.turns;
        self.wishes
            .retain(|wish| wish.turn.saturating_add(turns) > turn);
    }

    /// A definition demands something only where it speaks to the model about more than itself.
    fn definition(&mut self, text: &str) {
        let asks = read(self, text, Reading::Suspicion, self.limits.wishes);
        for ask in asks.into_iter().filter(|ask| ask.addressed) {
            self.command(ask);
        }
    }

    fn command(&mut self, ask: Ask) {
        if let Some(gone) = push(&mut self.commands, ask, self.limits.commands) {
            self.forgotten.0 |= gone.actions;
            self.forgotten.1 |= gone.objects;
        }
    }

    /// What strangers may have written: JSON by its texts, anything else as one text.
    fn strangers(&mut self, text: &str, source: Source, signals: &[Signal]) {
        let private = if source.private {
            Marks::CONFIDENTIAL
        } else {
            Marks::default()
        };
        let trimmed = text.trim_start();
        let parsed = (trimmed.starts_with('{') || trimmed.starts_with('['))
            .then(|| serde_json::from_str::<Value>(text).ok())
            .flatten();
        if let Some(value) = parsed {
            let mut sentences = Sentences::new(self.key);
            let mut open = vec![&value];
            while let Some(value) = open.pop() {
                match value {
                    Value::String(text) => {
                        self.passage(&mut sentences, text, private, &[]);
                    }
                    Value::Number(number) => {
                        self.passage(&mut sentences, &number.to_string(), private, &[]);
                    }
                    Value::Array(items) => open.extend(items.iter().rev()),
                    Value::Object(members) => open.extend(members.values().rev()),
                    Value::Null | Value::Bool(_) => {}
                }
            }
            // Signals are about the text as it stands; where it has an instruction, all of it is one.
            if signals.iter().any(is_instruction) {
                for ask in &mut self.commands {
                    ask.addressed = true;
                }
            }
        } else {
            let mut sentences = Sentences::new(self.key);
            self.passage(&mut sentences, text, private, signals);
        }
        for signal in signals {
            let marks = match signal.kind {
                SignalKind::Secret => Marks::SECRET,
                SignalKind::Personal => Marks::PERSONAL,
                SignalKind::Confidential => Marks::CONFIDENTIAL,
                SignalKind::Injection | SignalKind::Hidden => continue,
            };
            let span = text.get(signal.span.clone()).unwrap_or_default();
            self.mark(span, marks.or(Marks::UNTRUSTED));
        }
    }

    fn mark(&mut self, text: &str, marks: Marks) {
        let (key, most) = (self.key, self.limits.read);
        let table = &mut self.read;
        Sentences::new(key).read(text, |sentences, _| {
            for word in sentences.words() {
                table.add(word.token, marks, most);
            }
        });
        values(text, |form, _, _| {
            table.add(key.hash(form.as_bytes()), marks, most);
        });
    }

    fn passage(
        &mut self,
        sentences: &mut Sentences,
        text: &str,
        private: Marks,
        signals: &[Signal],
    ) {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut asks: Vec<Ask> = Vec::new();
        sentences.read(text, |sentences, range| {
            let mut ask = asks::read(sentences, Reading::Suspicion);
            ask.addressed |= signals.iter().any(|signal| {
                is_instruction(signal)
                    && signal.span.start < range.end
                    && range.start < signal.span.end
            });
            asks.push(ask);
            ranges.push(range);
        });
        let addressed = reach(&asks);
        let marks: Vec<Marks> = demands(&asks)
            .into_iter()
            .zip(&addressed)
            .map(|(demands, addressed)| {
                let mut marks = Marks::UNTRUSTED;
                if demands {
                    marks = marks.or(Marks::COMMANDED);
                }
                if *addressed {
                    marks = marks.or(Marks::ADDRESSED);
                }
                marks
            })
            .collect();
        let most = self.limits.read;
        self.read.make_room(text.len(), most);
        for (ask, marks) in asks.iter().zip(&marks) {
            for token in &ask.tokens {
                self.read.add(*token, *marks, most);
            }
            if !private.is_empty() {
                for token in &ask.names {
                    self.read.add(*token, private, most);
                }
            }
        }
        let key = self.key;
        let table = &mut self.read;
        let mut at = 0_usize;
        values(text, |form, kind, range| {
            while ranges
                .get(at)
                .is_some_and(|range_here| range_here.end <= range.start)
            {
                at = at.saturating_add(1);
            }
            let marks = marks.get(at).copied().unwrap_or(Marks::UNTRUSTED);
            let hash = key.hash(form.as_bytes());
            table.add(hash, marks.or(private), most);
            if kind.is_destination()
                && form.len() >= 10
                && let Some(ask) = asks.get_mut(at)
                && ask.values.len() < 16
            {
                ask.values.push((hash, kind));
            }
        });
        let accounts: Vec<(u64, Kind)> = asks
            .iter()
            .flat_map(|ask| ask.values.iter().copied())
            .filter(|(_, kind)| *kind == Kind::Number)
            .take(16)
            .collect();
        self.commands_of(&asks, &addressed, &accounts);
    }

    /// Remembers the passages that demand something, each with the sentences around it.
    fn commands_of(&mut self, asks: &[Ask], addressed: &[bool], accounts: &[(u64, Kind)]) {
        for (at, ask) in asks.iter().enumerate() {
            let speaks = addressed.get(at).copied().unwrap_or_default();
            let demands = ask.actions.meets(Actions::CONSEQUENT)
                || ask.commanded.meets(Actions::READ)
                || speaks && !ask.actions.is_empty();
            if !demands {
                continue;
            }
            let mut command = ask.clone();
            command.addressed = speaks;
            let around = asks.iter().skip(at.saturating_sub(1)).take(4);
            for near in around {
                let room = PASSAGE.saturating_sub(command.tokens.len());
                command.tokens.extend(near.tokens.iter().take(room));
                command.objects |= near.objects;
            }
            if let Some(next) = asks.get(at.saturating_add(1)) {
                command.values.extend(next.values.iter().take(16));
            }
            if command.actions.meets(Actions::PAY) {
                // An invoice that names one account and asks to pay to another is worth a question.
                command.values.extend(accounts);
            }
            command.particular.clear();
            command.tokens.sort_unstable();
            command.tokens.dedup();
            command.names.clear();
            if at < MOST_SENTENCES {
                self.command(command);
            } else {
                self.forgotten.0 |= command.actions;
                self.forgotten.1 |= command.objects;
            }
        }
    }
}

/// Whether a signal says that words instruct.
fn is_instruction(signal: &Signal) -> bool {
    matches!(signal.kind, SignalKind::Injection | SignalKind::Hidden) && signal.score >= 0.5
}

/// What the first sentences of a text ask for, at most so many.
fn read(session: &Session, text: &str, reading: Reading, most: usize) -> Vec<Ask> {
    let mut asks = Vec::new();
    Sentences::new(session.key).read(text, |sentences, _| {
        if asks.len() < most {
            asks.push(asks::read(sentences, reading));
        }
    });
    asks
}

/// Which sentences stand in a passage that speaks to the model: one before, and several after one that does.
fn reach(asks: &[Ask]) -> Vec<bool> {
    let mut reached = vec![false; asks.len()];
    for (at, ask) in asks.iter().enumerate() {
        if ask.addressed {
            let from = at.saturating_sub(1);
            for place in reached.iter_mut().skip(from).take(ADDRESS_REACHES) {
                *place = true;
            }
        }
    }
    reached
}

/// Which sentences demand something, or stand right behind one that does.
fn demands(asks: &[Ask]) -> Vec<bool> {
    let own = |ask: &Ask| ask.commanded.meets(Actions::CONSEQUENT);
    asks.iter()
        .enumerate()
        .map(|(at, ask)| own(ask) || at > 0 && asks.get(at.saturating_sub(1)).is_some_and(own))
        .collect()
}
