//! Who may do what: one table.

use stance_store::accounts::Role;

/// What a route asks of whoever calls it. A token may what its scopes name and its owner may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Nothing: also for those who are not signed in.
    Public,
    /// To be signed in, or to have a token, whatever it may.
    SignedIn,
    /// To be a person: the own account is no business of tokens.
    OwnAccount,
    /// See assets, findings, changes, sources, figures, and take them along.
    EstateRead,
    /// Work on findings and assets: assign, comment, label, ask for an exception, answer for a control.
    FindingsTriage,
    /// Decide: exceptions, drift and attestations.
    DecisionsApprove,
    /// Start scans.
    SourcesRun,
    /// Add, change and remove sources.
    SourcesManage,
    /// Hand in results of scans that ran elsewhere.
    Ingest,
    /// Read the figures of operation.
    MetricsRead,
    /// Read the audit log.
    AuditRead,
    /// See settings, people and tokens.
    SettingsRead,
    /// Change settings.
    SettingsManage,
    /// Take in people, change what they are, end their tokens.
    UsersManage,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Public,
        Self::SignedIn,
        Self::OwnAccount,
        Self::EstateRead,
        Self::FindingsTriage,
        Self::DecisionsApprove,
        Self::SourcesRun,
        Self::SourcesManage,
        Self::Ingest,
        Self::MetricsRead,
        Self::AuditRead,
        Self::SettingsRead,
        Self::SettingsManage,
        Self::UsersManage,
    ];

    /// The table: the name, which is a scope of tokens if it can be one, what it allows in words, and the roles
    /// that have it.
    #[must_use]
    pub const fn row(self) -> Row {
        use Role::{Admin, Analyst, Approver, Auditor, Viewer};
        const ALL: &[Role] = &Role::ALL;
        const WORK: &[Role] = &[Analyst, Approver, Admin];
        match self {
            Self::Public => row("public", false, "what needs no account", ALL),
            Self::SignedIn => row(
                "signed-in",
                false,
                "what everybody who is signed in may",
                ALL,
            ),
            Self::OwnAccount => row("own-account", false, "the own account", ALL),
            Self::EstateRead => row(
                "estate:read",
                true,
                "see assets, findings, changes, sources and figures",
                &[Viewer, Analyst, Approver, Admin, Auditor],
            ),
            Self::FindingsTriage => {
                row("findings:triage", true, "work on findings and assets", WORK)
            }
            Self::DecisionsApprove => row(
                "decisions:approve",
                true,
                "approve exceptions, changes and attestations",
                &[Approver, Admin],
            ),
            Self::SourcesRun => row("sources:run", true, "start scans", WORK),
            Self::SourcesManage => row(
                "sources:manage",
                true,
                "add, change and remove sources",
                &[Admin],
            ),
            Self::Ingest => row("ingest", true, "hand in results of scans", WORK),
            Self::MetricsRead => row(
                "metrics:read",
                true,
                "read the figures of operation",
                &[Admin, Auditor],
            ),
            Self::AuditRead => row("audit:read", true, "read the audit log", &[Admin, Auditor]),
            Self::SettingsRead => row(
                "settings:read",
                true,
                "see settings, people and tokens",
                &[Admin, Auditor],
            ),
            Self::SettingsManage => row("settings:manage", true, "change settings", &[Admin]),
            Self::UsersManage => row(
                "users:manage",
                true,
                "take in people and change what they are",
                &[Admin],
            ),
        }
    }

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether people of this role have it.
    #[must_use]
    pub fn is_of(self, role: Role) -> bool {
        self.row().roles.contains(&role)
    }

    /// The permission that a scope of tokens names.
    #[must_use]
    pub fn scope(name: &str) -> Option<Self> {
        Self::scopes().find(|permission| permission.name() == name)
    }

    /// Those that can be scopes of tokens.
    pub fn scopes() -> impl Iterator<Item = Self> {
        Self::ALL
            .into_iter()
            .filter(|permission| permission.row().scope)
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name.
    pub name: &'static str,
    /// Whether a token can have it.
    pub scope: bool,
    /// What it allows.
    pub allows: &'static str,
    /// The roles that have it.
    pub roles: &'static [Role],
}

const fn row(name: &'static str, scope: bool, allows: &'static str, roles: &'static [Role]) -> Row {
    Row {
        name,
        scope,
        allows,
        roles,
    }
}
