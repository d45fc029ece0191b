//! What two policies say, added up.

use std::collections::{BTreeMap, BTreeSet};

use stance_core::traffic::Action;

use super::Recorded;
use super::judging::Judged;
use crate::output::replay::{Change, Counts, Decision, Reason, Row, Totals, Unjudged};

/// Most names that are told apart in one table; the rest is added up as one.
const MOST_NAMES: usize = 10_000;

/// What stands for the names beyond that.
const OTHERS: &str = "(others)";

/// What is known of all interactions so far.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) totals: Totals,
    before: BTreeMap<Action, u64>,
    after: BTreeMap<Action, u64>,
    rules: BTreeMap<String, Row>,
    identities: BTreeMap<String, Row>,
    models: BTreeMap<String, Row>,
    tools: BTreeMap<String, Row>,
    unjudged: BTreeMap<String, u64>,
    pub(crate) changes: Vec<Change>,
    /// Most changes that are kept.
    most: usize,
}

impl Tally {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            ..Self::default()
        }
    }

    /// Adds an interaction with both verdicts; `before` is none where nobody knows what was decided.
    pub(crate) fn add(
        &mut self,
        file: &str,
        it: &Recorded,
        before: Option<&Judged>,
        after: &Judged,
    ) {
        self.totals.interactions += 1;
        self.totals.unread += u64::from(after.unread);
        for what in &after.missed {
            count(&mut self.unjudged, what, |count| *count += 1);
        }
        *self.after.entry(after.decision).or_default() += 1;
        let Some(before) = before else {
            self.totals.unknown += 1;
            return;
        };
        *self.before.entry(before.decision).or_default() += 1;
        let change = (before.decision, after.decision);
        for (judged, is_after) in [(before, false), (after, true)] {
            let mut rules = BTreeMap::new();
            for reason in &judged.reasons {
                let action: &mut Action = rules.entry(reason.rule.as_str()).or_default();
                *action = (*action).max(reason.action);
            }
            for (rule, action) in rules {
                row(&mut self.rules, rule, |row| {
                    row.one(is_after, action, change);
                });
            }
        }
        let identity = it.identity.as_deref().unwrap_or("anonymous");
        let model = it
            .model
            .as_deref()
            .or(after.model.as_deref())
            .unwrap_or("unknown");
        let tools: BTreeSet<&str> = after
            .calls
            .iter()
            .chain(&before.calls)
            .map(String::as_str)
            .collect();
        let both = |row: &mut Row| {
            row.one(false, before.decision, change);
            row.one(true, after.decision, change);
        };
        row(&mut self.identities, identity, both);
        row(&mut self.models, model, both);
        for tool in tools {
            row(&mut self.tools, tool, both);
        }
        self.changed(change);
        if change.0 != change.1 {
            if self.changes.len() < self.most {
                self.changes.push(told(file, it, before, after, model));
            } else {
                self.totals.changes_left_out += 1;
            }
        }
    }

    fn changed(&mut self, (before, after): (Action, Action)) {
        let totals = &mut self.totals;
        if before == after {
            return;
        }
        totals.changed += 1;
        match (before.stops(), after.stops()) {
            (false, true) => totals.newly_stopped += 1,
            (true, false) => totals.no_longer_stopped += 1,
            _ => {}
        }
        totals.newly_redacted += u64::from(after == Action::Redact);
        totals.newly_flagged += u64::from(before == Action::Allow && after == Action::Flag);
    }

    pub(crate) fn decisions(&self) -> Vec<Decision> {
        Action::ALL
            .iter()
            .map(|action| Decision {
                decision: action.name().to_owned(),
                before: self.before.get(action).copied().unwrap_or(0),
                after: self.after.get(action).copied().unwrap_or(0),
            })
            .collect()
    }

    pub(crate) fn unjudged(&self) -> Vec<Unjudged> {
        let mut all: Vec<Unjudged> = self
            .unjudged
            .iter()
            .map(|(what, count)| Unjudged {
                what: what.clone(),
                interactions: *count,
            })
            .collect();
        all.sort_by_key(|it| std::cmp::Reverse(it.interactions));
        all
    }

    pub(crate) fn rules(&self) -> Vec<Row> {
        sorted(&self.rules)
    }

    pub(crate) fn identities(&self) -> Vec<Row> {
        sorted(&self.identities)
    }

    pub(crate) fn models(&self) -> Vec<Row> {
        sorted(&self.models)
    }

    pub(crate) fn tools(&self) -> Vec<Row> {
        sorted(&self.tools)
    }
}

impl Row {
    fn one(&mut self, is_after: bool, action: Action, change: (Action, Action)) {
        let counts = match is_after {
            true => &mut self.after,
            false => &mut self.before,
        };
        counts.add(action);
        // Once for each interaction, by the side that comes last.
        if is_after && change.0 != change.1 {
            self.changed += 1;
        }
    }
}

impl Counts {
    fn add(&mut self, action: Action) {
        match action {
            Action::Allow => self.allow += 1,
            Action::Flag => self.flag += 1,
            Action::Redact => self.redact += 1,
            Action::Ask => self.ask += 1,
            Action::Block => self.block += 1,
        }
    }
}

fn row(rows: &mut BTreeMap<String, Row>, name: &str, change: impl FnOnce(&mut Row)) {
    count(rows, name, change);
}

/// Changes what is kept under a name; beyond so many names, under that of the others.
fn count<T: Default>(map: &mut BTreeMap<String, T>, name: &str, change: impl FnOnce(&mut T)) {
    if let Some(known) = map.get_mut(name) {
        return change(known);
    }
    let name = if map.len() < MOST_NAMES { name } else { OTHERS };
    change(map.entry(name.to_owned()).or_default());
}

/// What is stopped most first, then what changes most.
fn sorted(rows: &BTreeMap<String, Row>) -> Vec<Row> {
    let mut all: Vec<Row> = rows
        .iter()
        .map(|(name, row)| Row {
            name: name.clone(),
            ..row.clone()
        })
        .collect();
    all.sort_by_key(|row| {
        let stops = row.after.block + row.after.ask;
        std::cmp::Reverse((row.changed, stops, row.after.redact, row.after.flag))
    });
    all
}

fn told(file: &str, it: &Recorded, before: &Judged, after: &Judged, model: &str) -> Change {
    let operation = after
        .operation
        .clone()
        .unwrap_or_else(|| it.operation.clone());
    Change {
        file: file.to_owned(),
        place: it.place.clone(),
        id: it.id.clone(),
        at: it.at.map(|at| at.to_string()),
        identity: it.identity.clone(),
        upstream: it.upstream.clone(),
        operation,
        model: Some(model.to_owned()).filter(|model| model != "unknown"),
        tools: after.calls.clone(),
        before: before.decision.name().to_owned(),
        after: after.decision.name().to_owned(),
        reasons: reasons(after),
        reasons_before: reasons(before),
    }
}

fn reasons(judged: &Judged) -> Vec<Reason> {
    judged
        .reasons
        .iter()
        .enumerate()
        .map(|(at, reason)| Reason {
            rule: reason.rule.clone(),
            action: reason.action.name().to_owned(),
            score: (f64::from(reason.score.share()) * 1000.0).round() / 1000.0,
            note: reason.note.clone(),
            pointer: reason.places.first().map(|place| place.pointer.clone()),
            start: reason.places.first().map(|place| place.start),
            end: reason.places.first().map(|place| place.end),
            failed: reason.failed,
            words: judged.words.get(at).cloned().flatten(),
        })
        .collect()
}
