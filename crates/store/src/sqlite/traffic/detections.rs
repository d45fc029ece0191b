//! What rules found, from running sums, with examples from the lists of rules.

use std::cmp::Reverse;
use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::names::{self, Names};
use super::sums::{SUMS, by_name, level, parts};
use super::tally::Dimension;
use super::{id_text, key_of};
use crate::StoreError;
use crate::sqlite::Halt;
use crate::traffic::{By, Detection, DetectionQuery, Met, Span, Step, Sums};

/// Newest interactions of a rule among which examples are looked for.
const LAST: i64 = 200;

/// Examples of one identity or model.
const EXAMPLES: usize = 3;

/// Sums by pairs of names.
type Pairs = HashMap<(i64, i64), Sums>;

/// What is asked, in numbers.
struct Asked<'a> {
    query: &'a DetectionQuery,
    rule: Option<i64>,
    about: Option<(Dimension, i64)>,
}

/// What rules found.
pub(super) fn detections(db: &Connection, query: &DetectionQuery) -> Result<Vec<Detection>, Halt> {
    let Some(asked) = asked(db, query)? else {
        return Ok(Vec::new());
    };
    let parts = parts(db, SUMS, query.span)?;
    let (from, to) = (
        parts.iter().map(|part| part.1).min().unwrap_or_default(),
        parts.iter().map(|part| part.2).max().unwrap_or_default(),
    );
    let dimension = asked
        .about
        .map_or(Dimension::Rule, |(dimension, _)| dimension);
    let mut rules: Vec<(i64, Sums)> = by_name(db, dimension, &parts)?
        .into_iter()
        .filter(|((rule, other), _)| asked.fits(*rule, *other))
        .map(|((rule, _), sums)| (rule, sums))
        .collect();
    rules.sort_unstable_by_key(|(rule, sums)| (Reverse((sums.stopped(), sums.requests)), *rule));
    rules.truncate(query.rules);
    let mut identities = pairs(db, &asked, Dimension::RuleIdentity, &parts)?;
    let mut models = pairs(db, &asked, Dimension::RuleModel, &parts)?;
    let mut trends = match query.step {
        Some(step) => trends(db, &asked, dimension, step)?,
        None => HashMap::new(),
    };
    let mut names = Names::default();
    let mut found = Vec::new();
    for (rule, sums) in rules {
        let examples = examples(db, rule, (from, to))?;
        let fitting = examples.iter().filter(|example| asked.is_about(example));
        found.push(Detection {
            rule: names.of(db, Some(rule))?.unwrap_or_default(),
            sums,
            samples: fitting.take(query.each).map(|one| one.id.clone()).collect(),
            identities: met(db, &mut names, &mut identities, rule, query.each, |name| {
                of(&examples, |example| example.identity == Some(name))
            })?,
            models: met(db, &mut names, &mut models, rule, query.each, |name| {
                of(&examples, |example| example.model == Some(name))
            })?,
            trend: trends.remove(&rule).unwrap_or_else(|| {
                let step = query.step;
                step.map_or_else(Vec::new, |step| vec![0; length(query.span, step).1])
            }),
        });
    }
    Ok(found)
}

/// What is asked; nothing when one of its names was never met.
fn asked<'a>(db: &Connection, query: &'a DetectionQuery) -> Result<Option<Asked<'a>>, Halt> {
    let rule = match &query.rule {
        Some(rule) => match names::number(db, By::Rule, rule)? {
            Some(number) => Some(number),
            None => return Ok(None),
        },
        None => None,
    };
    let about = match &query.about {
        None => None,
        Some((by, name)) => {
            let dimension = match by {
                By::Identity => Dimension::RuleIdentity,
                By::Model => Dimension::RuleModel,
                By::Tool | By::Rule | By::Place | By::Operation => {
                    let text = format!("detections are not counted by {}", by.name());
                    return Err(StoreError::Refused(text).into());
                }
            };
            match names::number(db, *by, name)? {
                Some(number) => Some((dimension, number)),
                None => return Ok(None),
            }
        }
    };
    Ok(Some(Asked { query, rule, about }))
}

impl Asked<'_> {
    fn fits(&self, rule: i64, other: i64) -> bool {
        // What is beyond the names that are counted one by one is no rule.
        rule != 0
            && self.rule.is_none_or(|wanted| wanted == rule)
            && self.about.is_none_or(|(_, wanted)| wanted == other)
    }

    fn is_about(&self, example: &Example) -> bool {
        self.about.is_none_or(|(dimension, wanted)| {
            let name = match dimension {
                Dimension::RuleIdentity => example.identity,
                _ => example.model,
            };
            name == Some(wanted)
        })
    }
}

/// Sums by rule and other name, unless it is asked about the other kind of name.
fn pairs(
    db: &Connection,
    asked: &Asked<'_>,
    dimension: Dimension,
    parts: &[super::sums::Part],
) -> Result<HashMap<i64, Vec<(i64, Sums)>>, Halt> {
    let mut by_rule: HashMap<i64, Vec<(i64, Sums)>> = HashMap::new();
    if asked.about.is_some_and(|(about, _)| about != dimension) {
        return Ok(by_rule);
    }
    let pairs: Pairs = by_name(db, dimension, parts)?;
    for ((rule, other), sums) in pairs {
        if asked.fits(rule, other) {
            by_rule.entry(rule).or_default().push((other, sums));
        }
    }
    Ok(by_rule)
}

/// The names with most of a rule.
fn met(
    db: &Connection,
    names: &mut Names,
    pairs: &mut HashMap<i64, Vec<(i64, Sums)>>,
    rule: i64,
    each: usize,
    samples: impl Fn(i64) -> Vec<String>,
) -> Result<Vec<Met>, Halt> {
    let mut others = pairs.remove(&rule).unwrap_or_default();
    others.sort_unstable_by_key(|(name, sums)| (Reverse(sums.requests), *name));
    let mut met = Vec::new();
    for (name, sums) in others.into_iter().take(each) {
        met.push(Met {
            name: names.of(db, Some(name))?.unwrap_or_default(),
            sums,
            samples: samples(name),
        });
    }
    Ok(met)
}

/// An interaction about which a rule had something to say.
struct Example {
    id: String,
    identity: Option<i64>,
    model: Option<i64>,
}

fn of(examples: &[Example], is_meant: impl Fn(&Example) -> bool) -> Vec<String> {
    let meant = examples.iter().filter(|example| is_meant(example));
    meant.take(EXAMPLES).map(|one| one.id.clone()).collect()
}

/// The newest ones of a rule between two seconds.
fn examples(db: &Connection, rule: i64, (from, to): (i64, i64)) -> Result<Vec<Example>, Halt> {
    let key = |second: i64| key_of(second.saturating_mul(1_000));
    let mut statement = db.prepare_cached(
        "SELECT id, identity, model FROM interaction_rule AS l CROSS JOIN interaction AS i ON i.key = l.key
         WHERE l.rule = ?1 AND l.key >= ?2 AND l.key < ?3 ORDER BY l.key DESC LIMIT ?4",
    )?;
    let rows = statement.query_map(params![rule, key(from), key(to), LAST], |row| {
        Ok(Example {
            id: id_text(row.get(0)?),
            identity: row.get(1)?,
            model: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The second at which the steps of a span begin, and how many they are.
fn length(span: Span, step: Step) -> (i64, usize) {
    let length = step.seconds();
    let (from, to) = span.seconds(length);
    let count = usize::try_from((to - from) / length).unwrap_or_default();
    let count = count.min(Span::STEPS);
    let begin = to - length * i64::try_from(count).unwrap_or_default();
    (begin, count)
}

/// How many interactions of each rule fell into each step.
fn trends(
    db: &Connection,
    asked: &Asked<'_>,
    dimension: Dimension,
    step: Step,
) -> Result<HashMap<i64, Vec<u64>>, Halt> {
    let (begin, count) = length(asked.query.span, step);
    let end = begin + step.seconds() * i64::try_from(count).unwrap_or_default();
    let mut statement = db.prepare_cached(
        "SELECT name, (at - ?3) / ?5, sum(requests) FROM traffic_sum
         WHERE level = ?1 AND dimension = ?2 AND at >= ?3 AND at < ?4 AND (?6 IS NULL OR other = ?6)
         GROUP BY name, (at - ?3) / ?5",
    )?;
    let other = asked.about.map(|(_, other)| other);
    let mut rows = statement.query(params![
        level(step),
        dimension as i64,
        begin,
        end,
        step.seconds(),
        other
    ])?;
    let mut trends: HashMap<i64, Vec<u64>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let requests: i64 = row.get(2)?;
        let trend = trends.entry(row.get(0)?).or_insert_with(|| vec![0; count]);
        if let Some(place) = trend.get_mut(usize::from(row.get::<_, u16>(1)?)) {
            *place = requests.unsigned_abs();
        }
    }
    Ok(trends)
}
