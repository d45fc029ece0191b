//! The entries of the menu.

/// An entry of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// How we stand.
    Overview,
    /// What there is.
    Inventory,
    /// What is wrong with it.
    Findings,
    /// What became different.
    Changes,
    /// What passes at run time.
    Traffic,
    /// Which controls are met.
    Compliance,
    /// The KPIs with their targets.
    Objectives,
    /// What is scanned.
    Sources,
    /// Who did what.
    Audit,
    /// People, tokens, notifications, retention.
    Settings,
}

impl Section {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 10] = [
        Self::Overview,
        Self::Inventory,
        Self::Findings,
        Self::Changes,
        Self::Traffic,
        Self::Compliance,
        Self::Objectives,
        Self::Sources,
        Self::Audit,
        Self::Settings,
    ];

    /// What the menu calls it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Inventory => "Inventory",
            Self::Findings => "Findings",
            Self::Changes => "Changes",
            Self::Traffic => "Traffic",
            Self::Compliance => "Compliance",
            Self::Objectives => "Objectives",
            Self::Sources => "Sources",
            Self::Audit => "Audit log",
            Self::Settings => "Settings",
        }
    }

    /// Its page.
    #[must_use]
    pub const fn href(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Inventory => "/inventory",
            Self::Findings => "/findings",
            Self::Changes => "/changes",
            Self::Traffic => "/traffic",
            Self::Compliance => "/compliance",
            Self::Objectives => "/objectives",
            Self::Sources => "/sources",
            Self::Audit => "/audit",
            Self::Settings => "/settings",
        }
    }

    /// Its symbol in the sprite.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Inventory => "inventory",
            Self::Findings => "findings",
            Self::Changes => "changes",
            Self::Traffic => "traffic",
            Self::Compliance => "compliance",
            Self::Objectives => "objectives",
            Self::Sources => "sources",
            Self::Audit => "audit",
            Self::Settings => "settings",
        }
    }

    /// The key that goes there after `g`.
    #[must_use]
    pub const fn key(self) -> char {
        match self {
            Self::Overview => 'o',
            Self::Inventory => 'i',
            Self::Findings => 'f',
            Self::Changes => 'c',
            Self::Traffic => 't',
            Self::Compliance => 'm',
            Self::Objectives => 'k',
            Self::Sources => 's',
            Self::Audit => 'l',
            Self::Settings => 'e',
        }
    }

    /// What begins with it in the menu: a heading above the entry.
    #[must_use]
    pub const fn heading(self) -> Option<&'static str> {
        match self {
            Self::Inventory => Some("Posture"),
            Self::Traffic => Some("Run time"),
            Self::Compliance => Some("Assurance"),
            Self::Sources => Some("Operation"),
            _ => None,
        }
    }
}

/// The figures beside the entries; `None` shows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Assets that are there.
    pub assets: Option<u64>,
    /// Findings that are open.
    pub findings: Option<u64>,
    /// Changes that nobody has decided on.
    pub changes: Option<u64>,
    /// Sources that are scanned.
    pub sources: Option<u64>,
}

impl Counts {
    /// The figure beside an entry.
    #[must_use]
    pub const fn of(&self, section: Section) -> Option<u64> {
        match section {
            Section::Inventory => self.assets,
            Section::Findings => self.findings,
            Section::Changes => self.changes,
            Section::Sources => self.sources,
            _ => None,
        }
    }
}

/// An entry as it is shown.
#[derive(Clone, Copy, Debug)]
pub struct MenuItem {
    /// Which one.
    pub section: Section,
    /// Whether the page belongs to it.
    pub on: bool,
    /// The figure beside it.
    pub count: Option<u64>,
}
