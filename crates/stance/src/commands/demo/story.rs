//! What the people of the sample estate decided.

use jiff::{SignedDuration, Timestamp};
use stance_core::Severity;
use stance_store::accounts::{Accounts as _, NewUser, Role};
use stance_store::{
    Attestations as _, ChangeQuery, ChangeState, Claim, Decision, Drift as _, Estate as _,
    FindingNumber, FindingQuery, FindingSort, NewAttestation, NewExpectedChange, Requests as _,
    Sqlite, Window,
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
            let policy = store.attest(&answered("iso-42001-2023:A.2.2", until), &mara)?;
            store.decide_request(policy, true, "I was in the meeting.", &jo)?;
            let training = answered("nist-ai-rmf-1.0:GOVERN 2.2", at + days_on(10));
            let training = store.attest(&training, &mara)?;
            store.decide_request(training, true, "", &jo)?;
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
                store.decide_request(waiver, true, "Agreed in the weekly review.", &jo)?;
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
            // One that ends in two days.
            if let Some(package) = first(store, "agent/mcp-unpinned-package")? {
                let reason = "Pinned with the next release of the ticket tool.";
                let waiver = store.request_waiver(&[package], reason, at + days_on(11), &mara)?;
                store.decide_request(waiver, true, "Until the release, no longer.", &jo)?;
            }
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
            store.attest(&answered("eu-ai-act:Art. 4", until), &mara)?;
            let announced = NewExpectedChange {
                source: None,
                asset: "model:*gpt*".to_owned(),
                field: "*".to_owned(),
                reason: "Support moves to the next model in a week (SUP-412).".to_owned(),
                opens: at,
                closes: at + days_on(14),
            };
            store.expect_change(&announced, &mara)?;
        }
        _ => {}
    }
    Ok(())
}

fn days_on(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// What Mara answers for.
fn answered(control: &str, expires: Timestamp) -> NewAttestation {
    let (reason, evidence) = match control {
        "iso-42001-2023:A.2.2" => (
            "The board signed the AI policy; every team lead confirmed it.",
            Some("https://wiki.northwind.example/ai-policy"),
        ),
        "eu-ai-act:Art. 4" => (
            "Everybody who works with the assistant took the course of this year; the list is with HR.",
            Some("https://wiki.northwind.example/ai-literacy"),
        ),
        _ => ("All of engineering took the training on AI risk.", None),
    };
    NewAttestation {
        control: control.to_owned(),
        claim: Claim::Met,
        reason: reason.to_owned(),
        evidence: evidence.map(str::to_owned),
        expires,
    }
}

fn first(store: &Sqlite, rule: &str) -> anyhow::Result<Option<FindingNumber>> {
    let query = FindingQuery {
        rule: Some(rule.to_owned()),
        ..FindingQuery::default()
    };
    let rows = store.findings(&query, &Window::first(1))?.rows;
    Ok(rows.first().map(|row| row.number))
}
