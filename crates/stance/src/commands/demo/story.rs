//! What the people of the sample estate decided.

use jiff::{SignedDuration, Timestamp};
use stance_core::Severity;
use stance_store::accounts::{Accounts as _, NewUser, Role};
use stance_store::{
    ChangeQuery, ChangeState, Decision, Drift as _, Estate as _, FindingNumber, FindingQuery,
    FindingSort, Sqlite, Window,
};

/// How the record calls those who act.
pub(super) struct People {
    analyst: String,
    approver: String,
}

/// Takes in an analyst and an approver; nobody can sign in as them until an administrator invites them.
pub(super) fn people(store: &mut Sqlite, at: Timestamp) -> anyhow::Result<People> {
    let mut add = |login: &str, name: &str, role| -> anyhow::Result<String> {
        let user = NewUser {
            login,
            name,
            email: None,
            role,
            subject: None,
        };
        Ok(format!("user:{}", store.add_user(&user, at)?))
    };
    Ok(People {
        analyst: add("mara", "Mara Lind", Role::Analyst)?,
        approver: add("jo", "Jo Karlsen", Role::Approver)?,
    })
}

/// What they decided on a day, some days before now.
pub(super) fn decide(
    store: &mut Sqlite,
    people: &People,
    days: i64,
    at: Timestamp,
) -> anyhow::Result<()> {
    let mara = Decision {
        actor: &people.analyst,
        at,
    };
    let jo = Decision {
        actor: &people.approver,
        at: at + SignedDuration::from_hours(2),
    };
    let until = at + SignedDuration::from_hours(24 * 60);
    match days {
        14 => {
            if let Some(pickle) = first(store, "model/pickle-exec")? {
                store.assign(&[pickle], Some(&people.analyst), &mara)?;
                let text = "The file came with the old training job. Growth converts it this week.";
                store.comment(&[pickle], text, &mara)?;
            }
        }
        11 => {
            let low = FindingQuery {
                severities: vec![Severity::Low],
                sort: FindingSort::FirstSeen,
                ..FindingQuery::default()
            };
            let low: Vec<FindingNumber> = store
                .findings(&low, &Window::first(1))?
                .rows
                .iter()
                .map(|row| row.number)
                .collect();
            if !low.is_empty() {
                let reason = "Only reached from the office network until the move in January.";
                let waiver = store.request_waiver(&low, reason, until, &mara)?;
                store.decide_waiver(waiver, true, "Agreed in the weekly review.", &jo)?;
            }
        }
        9 => {
            // The wider reach of the first days was looked at: the wiki is wanted, the rest waits.
            let waiting = ChangeQuery {
                state: Some(ChangeState::Pending),
                ..ChangeQuery::default()
            };
            let wiki: Vec<_> = store
                .changes(&waiting, &Window::first(50))?
                .rows
                .into_iter()
                .filter(|change| change.asset_name == "wiki")
                .map(|change| change.number)
                .collect();
            store.approve_changes(&wiki, "The wiki server is wanted; TLS follows.", &jo)?;
        }
        2 => {
            let medium = FindingQuery {
                severities: vec![Severity::Medium],
                ..FindingQuery::default()
            };
            let rows = store.findings(&medium, &Window::first(1))?.rows;
            if let Some(row) = rows.first() {
                let reason = "The vendor fixes it with the next release.";
                store.request_waiver(&[row.number], reason, until, &mara)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn first(store: &Sqlite, rule: &str) -> anyhow::Result<Option<FindingNumber>> {
    let query = FindingQuery {
        rule: Some(rule.to_owned()),
        ..FindingQuery::default()
    };
    let rows = store.findings(&query, &Window::first(1))?.rows;
    Ok(rows.first().map(|row| row.number))
}
