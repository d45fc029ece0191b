//! From answers to a product.
//!
//! Each product has marks. Marks of one path count once, so that no single answer decides; a mark that a path
//! without meaning shows as well counts nothing, since the server says it to everything. A product that is known to
//! answer like another takes that one's marks; two that are shown alike leave both in doubt.

use std::collections::BTreeMap;

use stance_core::Confidence;

use crate::answer::{Answer, Answers};
use crate::catalogue::{Catalogue, Mark, Service, UNKNOWN, path_of};
use crate::condition;
use crate::pointer;

/// What a contradiction takes away.
const AGAINST: u32 = 5;
/// From here on a product is likely, with marks of two answers at least.
const LIKELY: u32 = 4;
/// From here on it is certain enough.
const CERTAIN: u32 = 6;
/// How far one product must lead another.
const LEAD: u32 = 3;
/// The weight of a mark that is the product's own.
const OWN: u8 = 3;
/// Longest name of a model, in characters.
const NAME: usize = 200;

/// Whether a service wants to know who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It answers anybody.
    Open,
    /// It asked for authentication.
    Required,
    /// The answers do not tell.
    Unknown,
}

impl Access {
    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "none",
            Self::Required => "required",
            Self::Unknown => "unknown",
        }
    }
}

/// A product with what speaks for it.
#[derive(Clone, Debug)]
struct Candidate<'c> {
    service: &'c Service,
    score: u32,
    groups: usize,
    /// The weight of its best mark.
    best: u8,
    paths: Vec<String>,
}

/// What answers at an address.
#[derive(Clone, Debug)]
pub struct Identity<'c> {
    /// The product; `None` when none is shown well enough.
    pub product: Option<&'c Service>,
    /// How sure that is.
    pub confidence: Confidence,
    /// What it may be, when no product is shown well enough or several are.
    pub perhaps: Vec<&'c Service>,
    /// Protocols it speaks that others speak as well.
    pub speaks: Vec<&'c Service>,
    /// Its version, as it says.
    pub version: Option<String>,
    /// Models it says it has.
    pub models: Vec<String>,
    /// Whether it asks who is there.
    pub access: Access,
    /// The path that told so.
    pub access_path: Option<String>,
    /// The paths whose answers spoke for it.
    pub shown_at: Vec<String>,
}

impl<'c> Identity<'c> {
    /// The product, or the protocol that it speaks.
    #[must_use]
    pub fn service(&self) -> Option<&'c Service> {
        self.product.or_else(|| self.speaks.first().copied())
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> Option<&'c str> {
        self.service().map(|service| service.name.as_str())
    }
}

/// Whether anything that was answered looks like a service, so that more is worth asking.
pub(crate) fn resembles(service: &Service, answers: &Answers) -> bool {
    service
        .marks
        .iter()
        .any(|mark| holds(mark, answers) || is_on_the_one_page(mark, answers))
}

/// The product behind the answers; `None` when nothing about them has to do with AI.
#[must_use]
pub fn identify<'c>(catalogue: &'c Catalogue, answers: &Answers) -> Option<Identity<'c>> {
    let mut candidates: Vec<Candidate<'c>> = Vec::new();
    let mut speaks: Vec<&'c Service> = Vec::new();
    for service in catalogue.services() {
        let candidate = score(service, answers);
        if service.family {
            if candidate.best >= OWN {
                speaks.push(service);
            }
        } else if candidate.score > 0 {
            candidates.push(candidate);
        }
    }
    candidates.sort_by_key(|it| std::cmp::Reverse((it.score, it.groups)));
    let likely: Vec<Candidate<'c>> = candidates
        .iter()
        .filter(|it| it.score >= LIKELY && it.groups >= 2 && it.best >= 2)
        .cloned()
        .collect();
    // What another one that is shown answers like is no product of its own.
    let standing: Vec<&Candidate<'c>> = likely
        .iter()
        .filter(|it| {
            !likely
                .iter()
                .any(|other| other.service.covers.contains(&it.service.id))
        })
        .collect();
    let first = standing.first();
    let second = standing.get(1);
    let contested = matches!((first, second), (Some(first), Some(second)) if first.score < second.score.saturating_add(LEAD));
    let product = first.filter(|_| !contested).copied();
    let perhaps: Vec<&'c Service> = match product {
        Some(product) => standing
            .iter()
            .filter(|it| it.service.id != product.service.id)
            .map(|it| it.service)
            .collect(),
        None if contested => standing.iter().map(|it| it.service).collect(),
        // One mark of its own is worth telling, however little it proves.
        None => candidates
            .iter()
            .filter(|it| it.best >= OWN)
            .map(|it| it.service)
            .take(3)
            .collect(),
    };
    if product.is_none() && speaks.is_empty() && perhaps.is_empty() {
        return None;
    }
    let confidence = match product {
        Some(it) if it.score >= CERTAIN && perhaps.is_empty() => Confidence::High,
        Some(_) => Confidence::Medium,
        None if !speaks.is_empty() && perhaps.is_empty() => Confidence::Medium,
        None => Confidence::Low,
    };
    let told = product
        .map(|it| it.service)
        .or_else(|| speaks.first().copied());
    let (access, access_path) = told.map_or((Access::Unknown, None), |it| access(it, answers));
    Some(Identity {
        product: product.map(|it| it.service),
        confidence,
        perhaps,
        version: told.and_then(|it| version(it, answers)),
        models: told.map(|it| models(it, answers)).unwrap_or_default(),
        access,
        access_path,
        shown_at: product.map(|it| it.paths.clone()).unwrap_or_else(|| {
            let family = speaks.first().map(|it| score(it, answers).paths);
            family.unwrap_or_default()
        }),
        speaks,
    })
}

/// Adds up the best mark of each path.
fn score<'c>(service: &'c Service, answers: &Answers) -> Candidate<'c> {
    let mut best: BTreeMap<&str, u8> = BTreeMap::new();
    // An application of one page sends it for every path. Its title supports what other answers show, and shows
    // nothing by itself.
    let mut own = 0;
    for mark in &service.marks {
        let holds = holds(mark, answers);
        if holds {
            own = own.max(mark.weight);
        }
        if holds || is_on_the_one_page(mark, answers) {
            let known = best.entry(mark.path.as_str()).or_insert(0);
            *known = (*known).max(mark.weight);
        }
    }
    if own == 0 {
        best.clear();
    }
    let for_it: u32 = best.values().map(|weight| u32::from(*weight)).sum();
    let against = service
        .against
        .iter()
        .filter(|mark| holds(mark, answers))
        .count();
    let against = u32::try_from(against)
        .unwrap_or(u32::MAX)
        .saturating_mul(AGAINST);
    Candidate {
        service,
        score: for_it.saturating_sub(against),
        groups: best.len(),
        best: own,
        paths: best.keys().map(|path| (*path).to_owned()).collect(),
    }
}

/// Whether the answers show a mark, and only where it belongs.
fn holds(mark: &Mark, answers: &Answers) -> bool {
    if mark.path == UNKNOWN {
        return answers
            .unknown
            .iter()
            .any(|answer| mark.condition.fits(answer));
    }
    if mark.path.is_empty() {
        return answers
            .iter()
            .any(|(_, answer)| mark.condition.fits(answer));
    }
    let Some(answer) = answers.get(&mark.path) else {
        return false;
    };
    mark.condition.fits(answer)
        && !answers
            .unknown
            .iter()
            .any(|unknown| mark.condition.fits(unknown) || is_same(answer, unknown))
}

/// Whether a mark is the title of a page that the server sends for every path.
fn is_on_the_one_page(mark: &Mark, answers: &Answers) -> bool {
    mark.path == "/"
        && mark.condition.is_of_text()
        && answers
            .get("/")
            .is_some_and(|answer| mark.condition.fits(answer))
}

/// Whether two answers are the same page.
fn is_same(a: &Answer, b: &Answer) -> bool {
    a.status == b.status && a.body == b.body && !a.body.is_empty()
}

fn access(service: &Service, answers: &Answers) -> (Access, Option<String>) {
    if let Some(flag) = &service.flag
        && let Some(said) = values(flag, answers).first().and_then(|it| it.as_bool())
    {
        let access = if said { Access::Required } else { Access::Open };
        return (access, Some(path_of(flag).to_owned()));
    }
    let refuses = |answer: &Answer| {
        answer.asks_who()
            || service
                .refused
                .as_ref()
                .is_some_and(|condition| condition.fits_any_status(answer))
    };
    for path in &service.guarded_status {
        if let Some(answer) = answers.get(path)
            && service
                .marks
                .iter()
                .any(|mark| mark.path == *path && holds(mark, answers))
        {
            let access = if refuses(answer) {
                Access::Required
            } else {
                Access::Open
            };
            return (access, Some(path.clone()));
        }
    }
    let mut open = None;
    for path in &service.guarded {
        let Some(answer) = answers.get(path) else {
            continue;
        };
        if refuses(answer) {
            return (Access::Required, Some(path.clone()));
        }
        let real = answer.status == 200
            && answer.json().is_some()
            && !answers
                .unknown
                .iter()
                .any(|unknown| is_same(answer, unknown));
        if real && open.is_none() {
            open = Some(path.clone());
        }
    }
    match (open, answers.get("/")) {
        (Some(path), _) => (Access::Open, Some(path)),
        (None, Some(root)) if refuses(root) => (Access::Required, Some("/".to_owned())),
        _ if service.open => (Access::Open, None),
        _ => (Access::Unknown, None),
    }
}

/// The values at `PATH PLACE`, of an answer that is not what the server says to everything.
fn values<'a>(place: &str, answers: &'a Answers) -> Vec<&'a serde_json::Value> {
    let Some((path, inner)) = place.split_once(' ') else {
        return Vec::new();
    };
    answers
        .get(path)
        .filter(|answer| answer.status == 200)
        .filter(|answer| {
            !answers
                .unknown
                .iter()
                .any(|unknown| is_same(answer, unknown))
        })
        .and_then(Answer::json)
        .map(|value| pointer::all(value, inner))
        .unwrap_or_default()
}

fn version(service: &Service, answers: &Answers) -> Option<String> {
    service.version.iter().find_map(|place| {
        let (path, inner) = place.split_once(' ')?;
        if inner == "text" {
            return answers
                .get(path)
                .filter(|answer| answer.status == 200)
                .and_then(condition::version_of);
        }
        if let Some(name) = inner.strip_prefix("header:") {
            return answers
                .get(path)
                .and_then(|answer| answer.header(name))
                .and_then(condition::version);
        }
        values(place, answers)
            .into_iter()
            .find_map(|value| condition::version(value.as_str()?))
    })
}

fn models(service: &Service, answers: &Answers) -> Vec<String> {
    for place in &service.models {
        let mut names: Vec<String> = values(place, answers)
            .into_iter()
            .filter_map(serde_json::Value::as_str)
            .filter(|name| !name.is_empty() && name.chars().count() <= NAME)
            .map(str::to_owned)
            .collect();
        names.dedup();
        if !names.is_empty() {
            return names;
        }
    }
    Vec::new()
}
