//! Who asks.

use std::sync::Arc;

use stance_store::accounts::{Role, Session, Token, User};

use super::Permission;

/// Who asks: nobody, a person with a browser, or a program with a token.
#[derive(Clone, Debug, Default)]
pub enum Principal {
    /// Not signed in.
    #[default]
    Nobody,
    /// A person in a session.
    Person(Arc<Person>),
    /// A program with a token.
    Token(Arc<Bearer>),
}

/// A person in a session.
#[derive(Debug)]
pub struct Person {
    /// Who.
    pub user: User,
    /// With which session.
    pub session: Session,
    /// What forms of the session carry.
    pub csrf: String,
}

/// A program with a token.
#[derive(Debug)]
pub struct Bearer {
    /// The token.
    pub token: Token,
    /// Whose it is.
    pub owner: User,
    /// What it names of what it may.
    pub scopes: Vec<Permission>,
}

impl Principal {
    /// Whether it may.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        match (permission, self) {
            (Permission::Public, _) => true,
            (_, Self::Nobody) => false,
            (Permission::SignedIn, _) => true,
            (permission, Self::Person(person)) => permission.is_of(person.user.role),
            (permission, Self::Token(bearer)) => {
                bearer.scopes.contains(&permission) && permission.is_of(bearer.owner.role)
            }
        }
    }

    /// The person, or the one whose token it is.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::Nobody => None,
            Self::Person(person) => Some(&person.user),
            Self::Token(bearer) => Some(&bearer.owner),
        }
    }

    /// The role of that person.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.user().map(|user| user.role)
    }

    /// The person in a session.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::Person(person) => Some(person),
            Self::Nobody | Self::Token(_) => None,
        }
    }

    /// The name for logs, limits and the audit log: `user:3`, `token:7`; `nobody`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Nobody => "nobody".to_owned(),
            Self::Person(person) => format!("user:{}", person.user.id),
            Self::Token(bearer) => format!("token:{}", bearer.token.id),
        }
    }
}
