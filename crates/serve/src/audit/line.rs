//! An entry in words.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use stance_store::audit::Entry;

use crate::people::People;

/// An entry, as lists show it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Line {
    /// Its number; the first entry of all has 1.
    pub(crate) seq: u64,
    /// When it happened.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) at: Timestamp,
    /// Who did it: `user:7`, `token:3`, or a part of Stance.
    pub(crate) actor: String,
    /// The name that this one had then.
    pub(crate) actor_name: String,
    /// person, token or system.
    pub(crate) actor_kind: String,
    /// What was done: thing and verb.
    pub(crate) action: String,
    /// The kind of thing it was done to.
    pub(crate) object_kind: String,
    /// The id of that thing.
    pub(crate) object: String,
    /// What else is told of it.
    pub(crate) detail: Value,
    #[serde(skip)]
    pub(crate) what: String,
    #[serde(skip)]
    pub(crate) thing: String,
    #[serde(skip)]
    pub(crate) href: String,
    #[serde(skip)]
    pub(crate) more: Vec<(String, String)>,
}

impl Line {
    pub(crate) fn of(entry: &Entry, people: &People) -> Self {
        let detail = entry.detail.value();
        let (kind, id) = (entry.object.kind.as_str(), entry.object.id.as_str());
        Self {
            seq: entry.seq,
            at: entry.at,
            actor: entry.actor.id.clone(),
            actor_name: entry.actor.name.clone(),
            actor_kind: entry.actor.kind.name().to_owned(),
            action: entry.action.clone(),
            object_kind: kind.to_owned(),
            object: id.to_owned(),
            what: what(&entry.action, &detail, people),
            thing: thing(kind, id, people),
            href: href(kind, id),
            more: more(&detail),
            detail,
        }
    }

    /// The first words of the detail.
    pub(crate) fn brief(&self) -> String {
        let parts: Vec<String> = self
            .more
            .iter()
            // A digest tells nobody anything at a glance.
            .filter(|(name, value)| !value.is_empty() && value != "0" && name != "contents")
            .take(6)
            .map(|(name, value)| format!("{name}: {}", crate::format::shorten(value, 48)))
            .collect();
        parts.join(" · ")
    }
}

/// What was done, so that the thing follows.
fn what(action: &str, detail: &Value, people: &People) -> String {
    let text = |name: &str| detail.get(name).and_then(Value::as_str);
    let known = match action {
        "finding.assign" => {
            let to = text("assignee").map_or_else(|| "nobody".to_owned(), |it| people.name(it));
            return format!("assigned to {to}:");
        }
        "finding.comment" => "commented on",
        "finding.false_positive" => "dismissed as false positive:",
        "finding.reopen" => "reopened",
        "waiver.request" => "asked to accept the risk of",
        "waiver.approve" => "accepted the risk of",
        "waiver.reject" => "did not accept the risk of",
        "waiver.withdraw" => "took back the request to accept",
        "waiver.lapse" => "let lapse the request to accept",
        "waiver.expire" => "ended the acceptance of",
        "attestation.request" => "made",
        "attestation.approve" => "approved",
        "attestation.reject" => "did not approve",
        "attestation.withdraw" => "took back",
        "attestation.lapse" | "expected_change.lapsed" => "let lapse",
        "change.approve" => "approved",
        "interaction.read" => "read the words of",
        "expected_change.request" => "announced",
        "asset.edit" => "edited",
        "source.add" => "added",
        "source.edit" => "changed the settings of",
        "source.remove" => "removed",
        "source.scanned" | "scan.recorded" => "recorded a scan of",
        "run.ask" => "asked for",
        "run.cancel" | "job.cancel" => "stopped",
        "session.begin" => "signed in with",
        "session.end" => "ended",
        "session.end_others" => "ended other sessions of",
        "session.end_all" => "ended all sessions of",
        "user.add" => "took in",
        "user.change" => "changed",
        "user.remove" => "removed",
        "user.link" => "linked a sign-on to",
        "user.password" => "set the password of",
        "user.factor.begin" => "turned on the second factor of",
        "user.factor.end" => "turned off the second factor of",
        "token.make" => "made",
        "token.revoke" => "revoked",
        "notification.add" => "added",
        "notification.edit" => "changed",
        "notification.remove" => "removed",
        "notification.secret" => "made a new secret for",
        "notification.test" => "sent a test of",
        "retention.edit" => "changed how long is kept:",
        "retention.run" => "asked to forget what is old:",
        "retention.forget" => "forgot what was old:",
        "notification.redeliver" => "sent again a message of",
        "audit.key.create" => "made the key that signs this log:",
        other => return format!("{}:", other.replace(['.', '_'], " ")),
    };
    known.to_owned()
}

fn thing(kind: &str, id: &str, people: &People) -> String {
    match kind {
        "user" => people.name(&format!("user:{id}")),
        "key" => crate::format::shorten(id, 16),
        "interaction" => format!("interaction {}", crate::format::shorten(id, 16)),
        kind => format!("{} {id}", kind.replace('_', " ")),
    }
}

/// The page of a thing, where it has one.
fn href(kind: &str, id: &str) -> String {
    let numbered = id.bytes().all(|byte| byte.is_ascii_digit()) && !id.is_empty();
    match kind {
        "finding" if numbered => format!("/findings/{id}"),
        "source" if numbered => format!("/sources/{id}"),
        "run" if numbered => format!("/runs/{id}"),
        "asset" if numbered => format!("/inventory/{id}"),
        "change" => "/changes?state=all".to_owned(),
        "expected_change" => "/changes/expected".to_owned(),
        "approval" => "/approvals".to_owned(),
        "waiver" => "/waivers".to_owned(),
        "attestation" => "/compliance/attestations".to_owned(),
        "interaction" => crate::traffic::href(id),
        "user" => "/settings/users".to_owned(),
        "token" => "/settings/tokens".to_owned(),
        "retention" => "/settings/retention".to_owned(),
        "notification" if numbered => format!("/settings/notifications/{id}"),
        _ => String::new(),
    }
}

/// The detail as names and values.
fn more(detail: &Value) -> Vec<(String, String)> {
    let Value::Object(fields) = detail else {
        return Vec::new();
    };
    fields
        .iter()
        .map(|(name, value)| {
            let text = match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            (name.replace('_', " "), text)
        })
        .collect()
}
