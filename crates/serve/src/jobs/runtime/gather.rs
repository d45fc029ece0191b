//! What happened at run time, from running sums and a few lists: as much work for a flood as for a trickle.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use stance_core::traffic::Teller;
use stance_store::traffic::{
    By, DetectionQuery, SeenFilter, SeenQuery, SeenRow, Span, Sums, Top, Traffic,
};
use stance_store::{Result, Sqlite};

use super::family::Family;

/// What was found counts for so long after the last time.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Models and places stand in the inventory for so long after they were last met.
const KNOWN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Most models, and most places, that are told.
const MOST: usize = 100;

/// Most models of one rule, and most places, that have a finding of their own.
const MOST_OF_RULE: usize = 20;

/// Interactions of one rule at one model that are looked at, to see who asked.
const LOOKED_AT: usize = 200;

/// Interactions of one rule at one place that are counted one by one.
const COUNTED: usize = 1_000;

/// What a detection is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// The model that was asked.
    Model(String),
    /// Where it passed, where no model took part; empty where nobody told a place either.
    Place(String),
}

/// How often something happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) count: u64,
    /// Of these, blocked or held.
    pub(super) stopped: u64,
    /// Of these, passed without what was found.
    pub(super) redacted: u64,
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
    /// Who asked, as far as was looked.
    pub(super) identities: usize,
    /// Whether there are more than were looked at.
    pub(super) more: bool,
}

/// What one rule of the guard found at one model or place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Detected {
    pub(super) rule: String,
    pub(super) subject: Subject,
    pub(super) tally: Tally,
}

/// What a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlaceKind {
    /// An upstream of the gateway.
    Upstream,
    /// A server of MCP.
    McpServer,
    /// A program that sends telemetry.
    Program,
}

/// A place at which something passed.
#[derive(Clone, Debug)]
pub(super) struct PlaceUse {
    pub(super) name: String,
    pub(super) kind: PlaceKind,
    /// In the last day; nothing when it was quiet.
    pub(super) day: Sums,
}

/// A model that was asked.
#[derive(Clone, Debug)]
pub(super) struct ModelUse {
    pub(super) name: String,
    /// Who serves it, where one of its newest interactions tells.
    pub(super) provider: Option<String>,
    /// Where it was asked last.
    pub(super) place: Option<String>,
    /// In the last day; nothing when it was quiet.
    pub(super) day: Sums,
}

/// What happened at run time until now.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathered {
    /// Interactions of the last day.
    pub(super) interactions: u64,
    pub(super) detected: Vec<Detected>,
    pub(super) models: Vec<ModelUse>,
    pub(super) places: Vec<PlaceUse>,
}

/// Reads what happened until `now`.
pub(super) fn gather(store: &Sqlite, now: Timestamp) -> Result<Gathered> {
    let behind = now.checked_add(SignedDuration::from_mins(1)).unwrap_or(now);
    let day = Span {
        from: now.checked_sub(WINDOW).unwrap_or(now),
        to: behind,
    };
    let known = Span {
        from: now.checked_sub(KNOWN).unwrap_or(now),
        to: behind,
    };
    let mut places = places(store, day, known)?;
    let detected = detected(store, day, &places)?;
    let models = models(store, day, known, &detected)?;
    places.truncate(MOST);
    Ok(Gathered {
        interactions: store.traffic_total(day)?.sums.requests,
        detected,
        models,
        places,
    })
}

fn newest(store: &Sqlite, filter: SeenFilter) -> Result<Option<SeenRow>> {
    let slice = store.seen_list(&SeenQuery::newest(filter, 1))?;
    Ok(slice.rows.into_iter().next())
}

fn by_name(tops: Vec<Top>) -> BTreeMap<String, Sums> {
    let named = tops
        .into_iter()
        .filter_map(|top| Some((top.name?, top.sums)));
    named.filter(|(name, _)| !name.is_empty()).collect()
}

fn places(store: &Sqlite, day: Span, known: Span) -> Result<Vec<PlaceUse>> {
    let today = by_name(store.traffic_top(By::Place, day, MOST)?);
    let mut all = by_name(store.traffic_top(By::Place, known, MOST)?);
    all.extend(today.iter().map(|(name, sums)| (name.clone(), *sums)));
    let mut places = Vec::new();
    for name in all.into_keys() {
        let filter = SeenFilter {
            place: Some(name.clone()),
            ..SeenFilter::default()
        };
        // Sums outlive interactions; what it was is not known any more.
        let Some(row) = newest(store, filter)? else {
            continue;
        };
        places.push(PlaceUse {
            kind: kind(&row),
            day: today.get(&name).copied().unwrap_or_default(),
            name,
        });
    }
    places.sort_by(|a, b| (b.day.requests, &a.name).cmp(&(a.day.requests, &b.name)));
    Ok(places)
}

fn kind(row: &SeenRow) -> PlaceKind {
    let operation = row.operation.as_deref().unwrap_or_default();
    match row.teller {
        Teller::McpProxy => PlaceKind::McpServer,
        Teller::Telemetry => PlaceKind::Program,
        Teller::Gateway if operation.starts_with("mcp.") => PlaceKind::McpServer,
        Teller::Gateway => PlaceKind::Upstream,
    }
}

/// Models that answered at least once, and those at which something was found. A name that never did more than fail is
/// whatever a caller wrote.
fn models(store: &Sqlite, day: Span, known: Span, detected: &[Detected]) -> Result<Vec<ModelUse>> {
    let about: BTreeSet<&str> = detected
        .iter()
        .filter_map(|one| match &one.subject {
            Subject::Model(name) => Some(name.as_str()),
            Subject::Place(_) => None,
        })
        .collect();
    let today = by_name(store.traffic_top(By::Model, day, MOST)?);
    let mut all = by_name(store.traffic_top(By::Model, known, MOST)?);
    all.extend(today.iter().map(|(name, sums)| (name.clone(), *sums)));
    let mut models = Vec::new();
    for (name, sums) in all {
        if !answered(&sums) && !about.contains(name.as_str()) {
            continue;
        }
        models.push(model(store, name, &today)?);
    }
    for name in about {
        if !models.iter().any(|model| model.name == name) {
            models.push(model(store, name.to_owned(), &today)?);
        }
    }
    Ok(models)
}

/// Whether it did anything but fail or be stopped.
pub(super) fn answered(sums: &Sums) -> bool {
    sums.requests > sums.failed.saturating_add(sums.stopped())
}

fn model(store: &Sqlite, name: String, today: &BTreeMap<String, Sums>) -> Result<ModelUse> {
    let filter = SeenFilter {
        model: Some(name.clone()),
        ..SeenFilter::default()
    };
    let seen = match newest(store, filter)? {
        Some(row) => store.seen(&row.id)?,
        None => None,
    };
    let (provider, place) = seen.map_or((None, None), |seen| (seen.provider, Some(seen.place)));
    Ok(ModelUse {
        day: today.get(&name).copied().unwrap_or_default(),
        provider: provider.filter(|provider| !provider.is_empty()),
        place: place.filter(|place| !place.is_empty()),
        name,
    })
}

/// What the rules of the guard found, by model; at the place for what is about no model, or one of very many.
fn detected(store: &Sqlite, day: Span, places: &[PlaceUse]) -> Result<Vec<Detected>> {
    let query = DetectionQuery {
        each: MOST_OF_RULE,
        ..DetectionQuery::of(day)
    };
    let mut all = Vec::new();
    for found in store.detections(&query)? {
        if Family::of(&found.rule).is_none() {
            continue;
        }
        let models: BTreeSet<&str> = found
            .models
            .iter()
            .map(|model| model.name.as_str())
            .filter(|name| !name.is_empty())
            .collect();
        let mut rest = found.sums.requests;
        for model in found
            .models
            .iter()
            .filter(|model| models.contains(model.name.as_str()))
        {
            rest = rest.saturating_sub(model.sums.requests);
            all.push(Detected {
                tally: of_model(store, &found.rule, &model.name, &model.sums, day)?,
                rule: found.rule.clone(),
                subject: Subject::Model(model.name.clone()),
            });
        }
        let mut met = 0;
        for place in places.iter().take(MOST_OF_RULE) {
            if rest == 0 || place.day.requests == 0 {
                continue;
            }
            if let Some(tally) = of_place(store, &found.rule, &place.name, &models, day)? {
                met += tally.count;
                all.push(Detected {
                    rule: found.rule.clone(),
                    subject: Subject::Place(place.name.clone()),
                    tally,
                });
            }
        }
        // Neither a model nor a place of those: it still was found.
        if rest > 0 && met == 0 {
            all.push(Detected {
                tally: Tally {
                    count: rest,
                    ..of_sums(&found.sums)
                },
                rule: found.rule,
                subject: Subject::Place(String::new()),
            });
        }
    }
    Ok(all)
}

fn of_sums(sums: &Sums) -> Tally {
    Tally {
        count: sums.requests,
        stopped: sums.stopped(),
        redacted: sums.redacted,
        first: sums.first,
        last: sums.last,
        identities: 0,
        more: false,
    }
}

fn slice(store: &Sqlite, filter: SeenFilter, limit: usize) -> Result<(Vec<SeenRow>, bool)> {
    let slice = store.seen_list(&SeenQuery::newest(filter, limit))?;
    Ok((slice.rows, slice.next.is_some()))
}

fn identities<'a>(rows: impl Iterator<Item = &'a SeenRow>) -> usize {
    let all: BTreeSet<&str> = rows.filter_map(|row| row.identity.as_deref()).collect();
    all.len()
}

fn of_model(store: &Sqlite, rule: &str, model: &str, sums: &Sums, day: Span) -> Result<Tally> {
    let filter = SeenFilter {
        from: Some(day.from),
        rule: Some(rule.to_owned()),
        model: Some(model.to_owned()),
        ..SeenFilter::default()
    };
    let (rows, more) = slice(store, filter, LOOKED_AT)?;
    Ok(Tally {
        identities: identities(rows.iter()),
        more,
        ..of_sums(sums)
    })
}

/// What was found at a place without one of these models, which have figures of their own.
fn of_place(
    store: &Sqlite,
    rule: &str,
    place: &str,
    models: &BTreeSet<&str>,
    day: Span,
) -> Result<Option<Tally>> {
    let filter = SeenFilter {
        from: Some(day.from),
        rule: Some(rule.to_owned()),
        place: Some(place.to_owned()),
        ..SeenFilter::default()
    };
    let (rows, more) = slice(store, filter, COUNTED)?;
    let rows: Vec<&SeenRow> = rows
        .iter()
        .filter(|row| row.model.as_deref().is_none_or(|it| !models.contains(it)))
        .collect();
    let (Some(last), Some(first)) = (rows.first(), rows.last()) else {
        return Ok(None);
    };
    let stopped = rows.iter().filter(|row| row.decision.stops()).count();
    let redacted = rows
        .iter()
        .filter(|row| row.decision == stance_core::traffic::Action::Redact)
        .count();
    Ok(Some(Tally {
        count: rows.len() as u64,
        stopped: stopped as u64,
        redacted: redacted as u64,
        first: Some(first.at),
        last: Some(last.at),
        identities: identities(rows.iter().copied()),
        more,
    }))
}
