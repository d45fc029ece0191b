//! The names of those who act: `user:7` becomes a name, where there is one.

use std::collections::BTreeMap;

use stance_store::accounts::Accounts as _;
use stance_store::{Sqlite, StoreError};

/// Names of people by what the record calls them.
#[derive(Clone, Debug, Default)]
pub(crate) struct People(BTreeMap<String, String>);

impl People {
    /// Everybody who has an account.
    pub(crate) fn all(store: &Sqlite) -> Result<Self, StoreError> {
        let users = store.users()?;
        let names = users.into_iter().map(|user| {
            let name = if user.name.is_empty() {
                user.login
            } else {
                user.name
            };
            (format!("user:{}", user.id), name)
        });
        Ok(Self(names.collect()))
    }

    /// The name of somebody; of somebody without an account, what the record says.
    pub(crate) fn name(&self, actor: &str) -> String {
        self.0.get(actor).cloned().unwrap_or_else(|| match actor {
            "stance" => "Stance".to_owned(),
            other => other.replace(':', " "),
        })
    }

    /// Whether there is such a person.
    pub(crate) fn knows(&self, actor: &str) -> bool {
        self.0.contains_key(actor)
    }

    /// All of them, by name.
    pub(crate) fn choices(&self) -> Vec<(String, String)> {
        let mut all: Vec<_> = self.0.clone().into_iter().collect();
        all.sort_by(|a, b| a.1.cmp(&b.1));
        all
    }
}
