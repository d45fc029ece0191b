//! Who did what, for the audit log, in the transaction that does it.

use jiff::Timestamp;
use serde_json::Value;
use stance_store::Sqlite;
use stance_store::accounts::User;
use stance_store::audit::{Actor, ActorKind, AuditLog as _, NewEntry, Object};

use crate::ask::Ask;
use crate::auth::Principal;
use crate::error::ApiError;

/// Tells the audit log what whoever asks did; goes into the closure that does it.
#[derive(Clone, Debug)]
pub struct Teller {
    actor: Actor,
    at: Timestamp,
}

impl Teller {
    /// Tells in the name of whoever asks.
    #[must_use]
    pub fn of(ask: &Ask) -> Self {
        let actor = match &ask.who {
            Principal::Nobody => Actor::system("service"),
            Principal::Person(person) => person_actor(&person.user),
            Principal::Token(bearer) => Actor {
                kind: ActorKind::Token,
                id: format!("token:{}", bearer.token.id),
                name: format!("{} of {}", bearer.token.name, bearer.owner.login),
            },
        };
        Self { actor, at: ask.now }
    }

    /// Tells in the name of a person who is just about to be known.
    #[must_use]
    pub fn of_user(user: &User, at: Timestamp) -> Self {
        Self {
            actor: person_actor(user),
            at,
        }
    }

    /// Tells in the name of a part of Stance itself.
    #[must_use]
    pub fn of_system(part: &str, at: Timestamp) -> Self {
        Self {
            actor: Actor::system(part),
            at,
        }
    }

    /// Appends an entry: thing and verb, such as `user.add`; what it was done to; and more, without secrets.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub fn tell(
        &self,
        store: &mut Sqlite,
        action: &str,
        kind: &str,
        id: impl ToString,
        detail: Value,
    ) -> Result<(), ApiError> {
        store.audit_append(&[NewEntry {
            at: self.at,
            actor: self.actor.clone(),
            action: action.to_owned(),
            object: Object {
                kind: kind.to_owned(),
                id: id.to_string(),
            },
            detail,
        }])?;
        Ok(())
    }
}

fn person_actor(user: &User) -> Actor {
    Actor {
        kind: ActorKind::Person,
        id: format!("user:{}", user.id),
        name: user.login.clone(),
    }
}
