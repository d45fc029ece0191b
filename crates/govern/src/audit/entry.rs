//! Entries of the log: who did what to which thing, bound to all that came before.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use stance_core::digest::hex;

use super::json::{Json, NotCanonical, write_text};
use crate::merkle::Hash;

/// What the first entry names as the one before it.
pub const GENESIS: Hash = [0; 32];

/// What kind of actor acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ActorKind {
    /// Somebody who signed in.
    Person,
    /// A program with a token of the API.
    Token,
    /// Stance itself.
    System,
}

impl ActorKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Person, Self::Token, Self::System];

    /// The word in the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Token => "token",
            Self::System => "system",
        }
    }

    /// The kind of this word.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// What names it for good.
    pub id: String,
    /// What people called it at that time.
    pub name: String,
}

impl Actor {
    /// A part of Stance itself, such as `scanner`.
    #[must_use]
    pub fn system(part: &str) -> Self {
        Self {
            kind: ActorKind::System,
            id: part.to_owned(),
            name: format!("Stance {part}"),
        }
    }
}

/// What was acted upon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Object {
    /// What kind of thing, such as `finding`.
    pub kind: String,
    /// What names it for good.
    pub id: String,
}

/// What is to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEntry {
    /// When it happened; milliseconds are kept.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done: thing and verb, such as `finding.accept`.
    pub action: String,
    /// What it was done to.
    pub object: Object,
    /// More about it. No secrets: nothing of it can ever be taken out again.
    pub detail: Value,
}

impl NewEntry {
    /// The entry at place `seq` behind the one with the hash `previous`.
    ///
    /// # Errors
    ///
    /// When the detail has no canonical form, or all of it is too long.
    pub fn seal(&self, seq: u64, previous: Hash) -> Result<Entry, NotCanonical> {
        let at = Timestamp::from_millisecond(self.at.as_millisecond()).unwrap_or(self.at);
        let mut entry = Entry {
            seq,
            at,
            actor: self.actor.clone(),
            action: self.action.clone(),
            object: self.object.clone(),
            detail: Detail(Json::of(&self.detail)?.canonical()?),
            previous,
            hash: GENESIS,
        };
        let preimage = entry.stored().canonical(None);
        if preimage.len() > super::json::LONGEST {
            return Err(NotCanonical::Long);
        }
        entry.hash = Sha256::digest(preimage).into();
        Ok(entry)
    }
}

/// The detail of an entry, in canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail(String);

impl Detail {
    /// Its text: canonical JSON.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As a value, for showing; the text is what was recorded.
    #[must_use]
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

impl Serialize for Detail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

/// A recorded entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its place in the log, from 1, without gaps.
    pub seq: u64,
    /// When it happened, in UTC, to the millisecond, as the clock of the machine said.
    #[serde(serialize_with = "serialize_time")]
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub object: Object,
    /// More about it.
    pub detail: Detail,
    /// The hash of the entry before it; zeros for the first.
    #[serde(serialize_with = "serialize_hash")]
    pub previous: Hash,
    /// SHA-256 of the canonical JSON of all members above.
    #[serde(serialize_with = "serialize_hash")]
    pub hash: Hash,
}

impl Entry {
    /// Its line in an export: canonical JSON of all members, `hash` included.
    #[must_use]
    pub fn line(&self) -> String {
        self.stored().canonical(Some(&self.hash))
    }

    /// As a database holds it.
    #[must_use]
    pub fn stored(&self) -> Stored<'_> {
        Stored {
            seq: self.seq,
            at: self.at.as_millisecond(),
            actor_kind: self.actor.kind.name(),
            actor_id: &self.actor.id,
            actor_name: &self.actor.name,
            action: &self.action,
            object_kind: &self.object.kind,
            object_id: &self.object.id,
            detail: self.detail.as_str(),
            previous: &self.previous,
            hash: &self.hash,
        }
    }

    /// Reads a stored entry, without asking whether its hash is right.
    ///
    /// # Errors
    ///
    /// What is wrong with its form.
    pub fn read(stored: &Stored<'_>) -> Result<Self, &'static str> {
        let at = Timestamp::from_millisecond(stored.at).map_err(|_| "its time is none")?;
        let detail = Json::parse(stored.detail).and_then(|detail| detail.canonical());
        if detail.as_deref() != Ok(stored.detail) {
            return Err("its detail is no canonical JSON");
        }
        let hash = |bytes: &[u8]| bytes.try_into().map_err(|_| "a hash has not 32 bytes");
        Ok(Self {
            seq: stored.seq,
            at,
            actor: Actor {
                kind: ActorKind::named(stored.actor_kind).ok_or("its kind of actor is none")?,
                id: stored.actor_id.to_owned(),
                name: stored.actor_name.to_owned(),
            },
            action: stored.action.to_owned(),
            object: Object {
                kind: stored.object_kind.to_owned(),
                id: stored.object_id.to_owned(),
            },
            detail: Detail(stored.detail.to_owned()),
            previous: hash(stored.previous)?,
            hash: hash(stored.hash)?,
        })
    }

    /// Reads a line of an export, which must be exactly as [`Entry::line`] writes it.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn from_line(line: &str) -> Result<Self, &'static str> {
        let json = Json::parse(line).map_err(|_| "it is no proper JSON")?;
        let entry = Self::from_json(&json)?;
        if entry.line() != line {
            return Err("it is not written in canonical form");
        }
        Ok(entry)
    }

    /// Reads an entry from JSON in any form, without asking whether its hash is right.
    pub(super) fn from_json(json: &Json) -> Result<Self, &'static str> {
        const MISSING: &str = "a member of the entry is missing or of another kind";
        let part = |name: &str| json.get(name).ok_or(MISSING);
        let (actor, object) = (part("actor")?, part("object")?);
        let text = |json: &Json, name: &str| json.text(name).map(str::to_owned).ok_or(MISSING);
        let hash = |name: &str| json.text(name).and_then(from_hex).ok_or(MISSING);
        let at: Timestamp = json
            .text("at")
            .and_then(|at| at.parse().ok())
            .ok_or(MISSING)?;
        let detail = part("detail")?.canonical();
        Ok(Self {
            seq: json.whole("seq").ok_or(MISSING)?,
            at,
            actor: Actor {
                kind: actor
                    .text("kind")
                    .and_then(ActorKind::named)
                    .ok_or("its kind of actor is none")?,
                id: text(actor, "id")?,
                name: text(actor, "name")?,
            },
            action: text(json, "action")?,
            object: Object {
                kind: text(object, "kind")?,
                id: text(object, "id")?,
            },
            detail: Detail(detail.map_err(|_| "its detail is too long")?),
            previous: hash("previous")?,
            hash: hash("hash")?,
        })
    }

    /// The hash that its contents give.
    #[must_use]
    pub fn computed_hash(&self) -> Hash {
        self.stored().computed_hash()
    }
}

/// An entry as a database holds it: parts that may be anything, if somebody changed them.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'s> {
    /// Its place.
    pub seq: u64,
    /// Milliseconds since 1970 in UTC.
    pub at: i64,
    /// The word for the kind of actor.
    pub actor_kind: &'s str,
    /// What names the actor.
    pub actor_id: &'s str,
    /// What people call the actor.
    pub actor_name: &'s str,
    /// What was done.
    pub action: &'s str,
    /// The kind of thing.
    pub object_kind: &'s str,
    /// What names the thing.
    pub object_id: &'s str,
    /// Canonical JSON.
    pub detail: &'s str,
    /// 32 bytes.
    pub previous: &'s [u8],
    /// 32 bytes.
    pub hash: &'s [u8],
}

impl Stored<'_> {
    /// The hash that its contents give.
    #[must_use]
    pub fn computed_hash(&self) -> Hash {
        Sha256::digest(self.canonical(None)).into()
    }

    /// Canonical JSON of all members, with or without the hash. The detail is taken as it is: between members whose
    /// quotation marks are escaped, no other split of the same bytes is an entry.
    fn canonical(&self, hash: Option<&Hash>) -> String {
        let mut out = String::with_capacity(self.detail.len().saturating_add(512));
        let mut text = |before: &str, text: &str| {
            out.push_str(before);
            write_text(text, &mut out);
        };
        text("{\"action\":", self.action);
        text(",\"actor\":{\"id\":", self.actor_id);
        text(",\"kind\":", self.actor_kind);
        text(",\"name\":", self.actor_name);
        let at = Timestamp::from_millisecond(self.at).map(time);
        text("},\"at\":", &at.unwrap_or_else(|_| self.at.to_string()));
        out.push_str(",\"detail\":");
        out.push_str(self.detail);
        let mut text = |before: &str, text: &str| {
            out.push_str(before);
            write_text(text, &mut out);
        };
        if let Some(hash) = hash {
            text(",\"hash\":", &hex(hash));
        }
        text(",\"object\":{\"id\":", self.object_id);
        text(",\"kind\":", self.object_kind);
        text("},\"previous\":", &hex(self.previous));
        out.push_str(",\"seq\":");
        out.push_str(&self.seq.to_string());
        out.push('}');
        out
    }
}

/// A time as the log writes it: RFC 3339 in UTC with milliseconds.
#[must_use]
pub fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// A digest in lower-case hexadecimal.
pub(super) fn from_hex(text: &str) -> Option<Hash> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    crate::signature::encoding::from_hex(text)?.try_into().ok()
}

fn serialize_time<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time(*at))
}

fn serialize_hash<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex(hash))
}
