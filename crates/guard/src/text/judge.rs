//! One text to its signals.

use std::ops::Range;

use stance_core::Origin;

use super::concepts::{Concept, Mention, mentions};
use super::decode::decode;
use super::disguise::{joined, leet, reversed, rot13};
use super::hidden::{Trick, hidden};
use super::layer::{Map, View};
use super::limits::Limits;
use super::probe::Probe;
use super::rules::{Grade, matches};
use super::score::{Kind, Model, windows};
use super::{exfiltration, fold, gibberish};

/// Something in a text that tries to make the reader do what it should not.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// The rule that found it: `text/…`.
    pub rule: &'static str,
    /// How sure, between 0 and 1.
    pub score: f32,
    /// Where, in bytes of the text that was given, on boundaries of characters.
    pub span: Range<usize>,
    /// Which view of the text showed it.
    pub view: View,
    /// How grave it is on its own.
    pub grade: Grade,
}

/// What was not looked at, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unscanned {
    /// Where, in bytes of the text that was given.
    pub span: Range<usize>,
    /// Why: one short clause.
    pub why: &'static str,
}

/// What a text says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// One signal per rule, the one with the highest score; in order of their place.
    pub signals: Vec<Signal>,
    /// The highest score of the model over all views, also where it is no signal; `None` where no model judges.
    pub score: Option<f32>,
    /// What was left out.
    pub unscanned: Vec<Unscanned>,
}

/// The signals in `text`, whose words are of `origin`.
///
/// Only what users and strangers say is judged: the operator's instructions are never an attack, and what a model writes is
/// judged by what it leaks and does. Everything stays within `limits`; what they leave out is told.
#[must_use]
pub fn judge(origin: Origin, text: &str, limits: &Limits) -> Report {
    let kind = match origin {
        Origin::User => Kind::Direct,
        origin if origin.is_untrusted() => Kind::Untrusted,
        _ => return Report::default(),
    };
    match Model::own(kind) {
        Ok(model) => judge_with(model, origin, text, limits),
        Err(_) => Report {
            unscanned: vec![Unscanned {
                span: 0..text.len(),
                why: "the model of the text guard is damaged",
            }],
            ..Report::default()
        },
    }
}

/// As [`judge`], with another model.
#[must_use]
pub fn judge_with(model: &Model, origin: Origin, text: &str, limits: &Limits) -> Report {
    let mut judging = Judging {
        model,
        origin,
        limits,
        nodes: Vec::new(),
        spent: 0,
        texts: 0,
        report: Report::default(),
    };
    let mut end = limits.bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    if end < text.len() {
        judging.report.unscanned.push(Unscanned {
            span: end..text.len(),
            why: "beyond the limit of bytes",
        });
    }
    let looked_at = text.get(..end).unwrap_or_default();
    judging.layer(looked_at, None, View::Plain, 0);
    if origin == Origin::User
        && let Some(span) = gibberish::find(looked_at)
    {
        let rule = "text/gibberish-suffix";
        judging.signal(rule, 0.6, span, None, View::Plain, Grade::Flag);
    }
    judging
        .report
        .signals
        .sort_by_key(|signal| (signal.span.start, signal.span.end, signal.rule));
    judging.report
}

/// How a text came from another one.
struct Node {
    parent: Option<usize>,
    map: Map,
}

struct Judging<'a> {
    model: &'a Model,
    origin: Origin,
    limits: &'a Limits,
    nodes: Vec<Node>,
    spent: usize,
    texts: usize,
    report: Report,
}

/// Fewer bytes of a derived text say too little for a score.
const SHORTEST_SCORED: usize = 16;

/// How sure a rule is of words that a user quotes: they may be talked about, and are worth a note.
const QUOTED: f32 = 0.6;

/// Whether quotation marks stand around `span`: one opens before it on the same line and one closes behind it.
fn is_quoted(text: &str, span: &Range<usize>) -> bool {
    const LONGEST: usize = 400;
    let is_mark = |c: char| {
        matches!(
            c,
            '"' | '`'
                | '\u{201c}'
                | '\u{201d}'
                | '\u{201e}'
                | '\u{ab}'
                | '\u{bb}'
                | '\u{300c}'
                | '\u{300d}'
        )
    };
    let from = text.floor_char_boundary(span.start.saturating_sub(LONGEST));
    let to = text.floor_char_boundary(span.end.saturating_add(LONGEST).min(text.len()));
    let before = text.get(from..span.start).unwrap_or_default();
    let behind = text.get(span.end..to).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let opened = line.chars().filter(|c| is_mark(*c)).count();
    let rest = behind.split('\n').next().unwrap_or_default();
    opened & 1 == 1 && rest.contains(is_mark)
}

impl Judging<'_> {
    /// A text as it stands or was decoded: what hides in it, its folded form, its disguises, what is encoded in it.
    fn layer(&mut self, text: &str, node: Option<usize>, view: View, depth: u32) {
        let whole = text.len();
        let probe = Probe::of(text);
        let mut inner = Vec::new();
        if probe.wide {
            for found in hidden(text) {
                let (rule, score, grade) = match found.trick {
                    Trick::Tags => ("text/hidden-tags", 0.95, Grade::Block),
                    Trick::Selectors => ("text/hidden-selectors", 0.9, Grade::Flag),
                    Trick::ZeroWidth => ("text/hidden-zero-width", 0.6, Grade::Flag),
                    Trick::Direction => ("text/hidden-direction", 0.7, Grade::Flag),
                };
                self.signal(rule, score, found.span.clone(), node, view, grade);
                if let Some(spells) = found.spells {
                    inner.push((View::Hidden, spells, Map::whole(found.span)));
                }
            }
        }
        let (folded, map) = fold(text);
        let folded_node = self.node(node, map);
        let found = self.read(&folded, Some(folded_node), view);
        let has = |concept| found.iter().filter(|m| m.concept == concept).count() >= 2;
        let mut disguises = Vec::new();
        if probe.leet {
            disguises.push((View::Leet, leet(&folded)));
        }
        if probe.spaced {
            disguises.push((View::Spaced, joined(&folded)));
        }
        if has(Concept::Backwards) {
            disguises.push((View::Reversed, reversed(&folded)));
        }
        if has(Concept::Rotated) {
            disguises.push((View::Rot13, rot13(&folded)));
        }
        for (view, (text, map)) in disguises {
            if !self.has_room(text.len()) {
                self.leave_out(0..whole, node, "more views than are looked at");
                return;
            }
            let node = self.node(Some(folded_node), map);
            self.read(&text, Some(node), view);
        }
        let room = self.limits.derived.saturating_sub(self.spent);
        let (decoded, cut) = decode(text, &probe, room);
        if cut {
            self.leave_out(0..whole, node, "more was encoded than is decoded");
        }
        inner.extend(decoded.into_iter().map(|d| (d.view, d.text, d.map)));
        if !inner.is_empty() && depth >= self.limits.depth {
            self.leave_out(0..whole, node, "encoded more often than is undone");
            return;
        }
        for (view, text, map) in inner {
            if !self.has_room(text.len()) {
                self.leave_out(0..whole, node, "more views than are looked at");
                return;
            }
            let node = self.node(node, map);
            self.layer(&text, Some(node), view, depth.saturating_add(1));
        }
    }

    /// Rules and score over a folded text.
    fn read(&mut self, text: &str, node: Option<usize>, view: View) -> Vec<Mention> {
        let mentions = mentions(text);
        for found in matches(self.origin, &mentions) {
            let rule = found.rule;
            let (weight, grade) = if self.origin == Origin::User && is_quoted(text, &found.span) {
                (rule.weight.min(QUOTED), Grade::Flag)
            } else {
                (rule.weight, rule.grade)
            };
            self.signal(rule.id, weight, found.span, node, view, grade);
        }
        if self.origin.is_untrusted()
            && let Some(span) = exfiltration::find(text, &mentions)
        {
            let rule = "text/link-exfiltration";
            self.signal(rule, 0.8, span, node, view, Grade::Flag);
        }
        if view != View::Plain && text.len() < SHORTEST_SCORED {
            return mentions;
        }
        if let Some(window) = windows::best(self.model, text, &mentions) {
            let score = self.model.score(window.margin);
            if self.report.score.is_none_or(|best| score > best) {
                self.report.score = Some(score);
            }
            if window.margin > self.model.log_threshold() {
                let grade = if window.margin > self.model.block_threshold() {
                    Grade::Block
                } else {
                    Grade::Flag
                };
                let rule = if self.origin.is_untrusted() {
                    "text/untrusted-score"
                } else {
                    "text/direct-score"
                };
                self.signal(rule, score, window.span, node, view, grade);
            }
        }
        mentions
    }

    fn node(&mut self, parent: Option<usize>, map: Map) -> usize {
        self.nodes.push(Node { parent, map });
        self.nodes.len().saturating_sub(1)
    }

    /// Whether one more text of so many bytes may be made.
    fn has_room(&mut self, bytes: usize) -> bool {
        let spent = self.spent.saturating_add(bytes);
        if spent > self.limits.derived || self.texts >= self.limits.texts {
            return false;
        }
        self.spent = spent;
        self.texts = self.texts.saturating_add(1);
        true
    }

    fn leave_out(&mut self, span: Range<usize>, node: Option<usize>, why: &'static str) {
        let span = self.original(span, node);
        let left = Unscanned { span, why };
        if !self.report.unscanned.contains(&left) {
            self.report.unscanned.push(left);
        }
    }

    fn original(&self, range: Range<usize>, node: Option<usize>) -> Range<usize> {
        let mut range = range;
        let mut next = node;
        while let Some(node) = next.and_then(|at| self.nodes.get(at)) {
            range = node.map.back(range);
            next = node.parent;
        }
        range
    }

    fn signal(
        &mut self,
        rule: &'static str,
        score: f32,
        span: Range<usize>,
        node: Option<usize>,
        view: View,
        grade: Grade,
    ) {
        let signal = Signal {
            rule,
            score,
            span: self.original(span, node),
            view,
            grade,
        };
        match self.report.signals.iter_mut().find(|s| s.rule == rule) {
            Some(known) if known.score >= score => {}
            Some(known) => *known = signal,
            None => self.report.signals.push(signal),
        }
    }
}
