//! What a message says: one document, sent as it is to webhooks and written as a letter for mail.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stance_core::Severity;
use stance_store::notifications::{Event, Gathered};
use stance_store::{ChangeRow, FindingRow, Waiver};

use crate::encode::base64url;
use crate::format::{count, plural, shorten};

/// Things that a message tells in detail; of the others it tells how many they are.
pub(crate) const MOST: usize = 20;

/// The name of a message that somebody asked for to see whether it arrives.
pub(crate) const TEST: &str = "test";

/// Characters of a text of others.
const TEXT: usize = 300;

/// A message.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Body {
    /// Of what it tells: the name of an event, or `test`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// When it was made.
    pub(crate) timestamp: Timestamp,
    /// What it tells.
    pub(crate) data: Data,
}

/// What a message tells.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Data {
    /// All of it in one sentence.
    pub(crate) title: String,
    /// The page that shows it.
    pub(crate) url: String,
    /// How many things happened.
    pub(crate) total: u64,
    /// How many of each severity, where it has one.
    pub(crate) severities: BTreeMap<String, u64>,
    /// The worst of them, at most 20.
    pub(crate) items: Vec<Item>,
    /// The page on which this subscription is set.
    pub(crate) settings_url: String,
}

/// A finding, a change or a waiver.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Item {
    /// Its number.
    pub(crate) id: i64,
    /// What it is about, in one sentence.
    pub(crate) title: String,
    /// Its page.
    pub(crate) url: String,
    /// How bad a finding is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) severity: Option<String>,
    /// The rule of a finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<String>,
    /// The asset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asset: Option<String>,
    /// The source that tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    /// Who answers for the asset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<String>,
    /// When a finding has to be done, or a waiver ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due: Option<Timestamp>,
    /// Why a change weakens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

/// A new number by which whoever gets a message knows it again.
///
/// # Errors
///
/// When the system has no randomness.
pub(crate) fn number() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 18];
    getrandom::fill(&mut bytes)?;
    Ok(format!("msg_{}", base64url(&bytes)))
}

/// Tells what was gathered. `base` is where people reach the service.
pub(crate) fn of(event: Event, gathered: &Gathered, base: &str, now: Timestamp) -> Body {
    let items = match event {
        Event::FindingOpened | Event::FindingOverdue => gathered
            .findings
            .iter()
            .map(|it| finding(it, base))
            .collect(),
        Event::ChangeWeakening => gathered.changes.iter().map(|it| change(it, base)).collect(),
        Event::WaiverExpiring => gathered.waivers.iter().map(|it| waiver(it, base)).collect(),
    };
    let severities = match event {
        Event::FindingOpened | Event::FindingOverdue => gathered
            .severities
            .iter()
            .map(|(severity, count)| (severity.name().to_owned(), *count))
            .collect(),
        Event::ChangeWeakening | Event::WaiverExpiring => BTreeMap::new(),
    };
    Body {
        kind: event.name().to_owned(),
        timestamp: whole(now),
        data: Data {
            title: title(event, gathered),
            url: format!("{base}{}", page(event)),
            total: gathered.total,
            severities,
            items,
            settings_url: format!("{base}/settings/notifications"),
        },
    }
}

/// A message that tells nothing but that it arrives.
pub(crate) fn test(name: &str, base: &str, now: Timestamp) -> Body {
    Body {
        kind: TEST.to_owned(),
        timestamp: whole(now),
        data: Data {
            title: format!(
                "A test of the notification “{}”: it arrives",
                shorten(name, 80)
            ),
            url: format!("{base}/"),
            total: 0,
            severities: BTreeMap::new(),
            items: Vec::new(),
            settings_url: format!("{base}/settings/notifications"),
        },
    }
}

/// To the second.
fn whole(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

fn page(event: Event) -> &'static str {
    match event {
        Event::FindingOpened => "/findings?sort=first_seen",
        Event::FindingOverdue => "/findings?due=overdue",
        Event::ChangeWeakening => "/changes",
        Event::WaiverExpiring => "/waivers",
    }
}

fn title(event: Event, gathered: &Gathered) -> String {
    let total = gathered.total;
    match event {
        Event::FindingOpened => {
            let of = |severity| {
                gathered
                    .severities
                    .get(&severity)
                    .copied()
                    .unwrap_or_default()
            };
            let critical = of(Severity::Critical);
            match (total, gathered.findings.as_slice()) {
                (1, [one]) => format!("New {} finding: {}", one.severity, text(&one.message)),
                _ if critical == total => {
                    plural(total, "new critical finding", "new critical findings")
                }
                _ if critical > 0 => format!(
                    "{}, {} critical",
                    plural(total, "new finding", "new findings"),
                    count(critical)
                ),
                _ => plural(total, "new finding", "new findings"),
            }
        }
        Event::FindingOverdue => plural(total, "finding is overdue", "findings are overdue"),
        Event::ChangeWeakening => match (total, gathered.changes.as_slice()) {
            (1, [one]) => format!("{} weakened: {}", text(&one.source_name), text(&one.reason)),
            _ => plural(
                total,
                "change weakens what was approved",
                "changes weaken what was approved",
            ),
        },
        Event::WaiverExpiring => {
            plural(total, "accepted risk ends soon", "accepted risks end soon")
        }
    }
}

/// A text of others, cut and on one line.
fn text(of: &str) -> String {
    shorten(of, TEXT)
}

fn finding(row: &FindingRow, base: &str) -> Item {
    let place = match row.line {
        Some(line) => format!("{}:{line}", row.path),
        None => row.path.clone(),
    };
    Item {
        id: row.number.0,
        title: text(&row.message),
        url: format!("{base}/findings/{}", row.number),
        severity: Some(row.severity.name().to_owned()),
        rule: Some(row.rule.clone()),
        asset: Some(text(&row.asset_name)),
        source: Some(text(&row.source_name)),
        place: Some(text(&place)).filter(|place| !place.is_empty()),
        owner: row.owner.as_deref().map(text),
        due: row.due,
        ..Item::default()
    }
}

fn change(row: &ChangeRow, base: &str) -> Item {
    let shown = |value: &Option<Value>| match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) => shorten(text, 60),
        Some(other) => shorten(other.to_string(), 60),
    };
    let title = if row.field == stance_core::drift::WHOLE {
        format!("{} {}", text(&row.asset_name), row.kind.name())
    } else {
        format!(
            "{} of {}: {} → {}",
            row.field,
            text(&row.asset_name),
            shown(&row.before),
            shown(&row.after)
        )
    };
    Item {
        id: row.number.0,
        title,
        url: match row.finding {
            Some(finding) => format!("{base}/findings/{finding}"),
            None => format!("{base}/changes?source={}", row.source),
        },
        asset: Some(text(&row.asset_name)),
        source: Some(text(&row.source_name)),
        owner: row.owner.as_deref().map(text),
        reason: Some(text(&row.reason)),
        ..Item::default()
    }
}

fn waiver(waiver: &Waiver, base: &str) -> Item {
    Item {
        id: waiver.number.0,
        title: format!(
            "{}: {}",
            plural(
                waiver.findings,
                "finding is accepted",
                "findings are accepted"
            ),
            text(&waiver.asked.reason)
        ),
        url: format!("{base}/findings?state=all&waiver={}", waiver.number),
        due: Some(waiver.asked.expires),
        ..Item::default()
    }
}
