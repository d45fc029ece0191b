//! What a person is in this system; what a role may do is the service's table.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A role; each person has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Sees the estate.
    Viewer,
    /// Also works on findings and starts scans.
    Analyst,
    /// Also approves what analysts ask for.
    Approver,
    /// Everything.
    Admin,
    /// Sees everything, settings and audit log too, and changes nothing.
    Auditor,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 5] = [
        Self::Viewer,
        Self::Analyst,
        Self::Approver,
        Self::Admin,
        Self::Auditor,
    ];

    /// The name in the database, in forms and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Approver => "approver",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|role| role.name() == name);
        known.ok_or_else(|| {
            format!("`{name}` is no role; there are viewer, analyst, approver, admin and auditor")
        })
    }
}
