//! What became of a finding: what scans saw, and what people did.

use stance_store::audit::{AuditLog as _, AuditQuery, Entry};
use stance_store::{FindingDetail, FindingState, Sqlite};

use super::one::Moment;
use crate::error::ApiError;
use crate::people::People;

/// Most decisions of one page.
const MOST: usize = 200;

/// The latest first.
pub(super) fn of(
    store: &Sqlite,
    detail: &FindingDetail,
    people: &People,
) -> Result<Vec<Moment>, ApiError> {
    let mut history: Vec<Moment> = detail
        .transitions
        .iter()
        .filter(|it| it.run.is_some() || is_of_scan(it.state))
        .map(|it| Moment {
            at: it.at,
            who: "Scan".to_owned(),
            what: match it.state {
                FindingState::Open => "found it",
                FindingState::Reopened => "found it again",
                FindingState::Accepted => "found it accepted where it stands",
                FindingState::FalsePositive => "found it dismissed",
                FindingState::Fixed => "no longer found it",
                FindingState::Gone => "ended: its source was removed",
            }
            .to_owned(),
            text: None,
            class: match it.state {
                FindingState::Open | FindingState::Reopened => "bad",
                FindingState::Fixed => "good",
                _ => "",
            },
        })
        .collect();
    let query = AuditQuery {
        object_kind: Some("finding".to_owned()),
        object_id: Some(detail.row.number.to_string()),
        newest_first: true,
        ..AuditQuery::default()
    };
    let entries = store.audit_entries(&query, MOST)?;
    history.extend(entries.iter().map(|entry| decision(entry, people)));
    history.sort_by_key(|moment| std::cmp::Reverse(moment.at));
    Ok(history)
}

/// States that only a scan brings about; the others may come of a decision, which tells of itself.
const fn is_of_scan(state: FindingState) -> bool {
    matches!(
        state,
        FindingState::Open | FindingState::Fixed | FindingState::Gone
    )
}

fn decision(entry: &Entry, people: &People) -> Moment {
    let detail: serde_json::Value = serde_json::from_str(entry.detail.as_str()).unwrap_or_default();
    let text = |name: &str| {
        let text = detail.get(name).and_then(serde_json::Value::as_str);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let (what, said, class) = match entry.action.as_str() {
        "finding.assign" => {
            let to = text("assignee").map_or_else(|| "nobody".to_owned(), |it| people.name(&it));
            (format!("assigned it to {to}"), None, "")
        }
        "finding.comment" => ("commented".to_owned(), text("text"), ""),
        "finding.false_positive" => (
            "dismissed it as false positive".to_owned(),
            text("reason"),
            "good",
        ),
        "finding.reopen" => ("reopened it".to_owned(), text("reason"), "bad"),
        "waiver.request" => ("asked to accept the risk".to_owned(), text("reason"), ""),
        "waiver.approve" => ("accepted the risk".to_owned(), text("note"), "good"),
        "waiver.reject" => ("did not accept the risk".to_owned(), text("note"), "bad"),
        "waiver.withdraw" => ("took the request back".to_owned(), text("note"), ""),
        "waiver.lapse" => (
            "the request lapsed: nobody decided in time".to_owned(),
            None,
            "",
        ),
        "waiver.expire" => ("the waiver ended".to_owned(), None, "bad"),
        other => (other.replace('.', " "), None, ""),
    };
    Moment {
        at: entry.at,
        who: entry.actor.name.clone(),
        what,
        text: said,
        class,
    }
}
