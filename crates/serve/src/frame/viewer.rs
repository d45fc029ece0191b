//! Who looks at the page and what the page tells them.

use jiff::Timestamp;

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The name under which they sign in.
    pub name: String,
    /// Their role, `analyst`.
    pub role: String,
}

/// A step of the way up.
#[derive(Clone, Debug)]
pub struct Crumb {
    /// What it is called.
    pub label: String,
    /// Its page.
    pub href: String,
}

/// How a message is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    #[default]
    Good,
    /// It worked, and there is something to know.
    Info,
    /// It worked in part, or something waits.
    Warning,
    /// It did not work.
    Bad,
}

impl Tone {
    /// The name of its class and its symbol.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Bad => "bad",
        }
    }

    /// The symbol of the sprite.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Good => "check",
            Self::Info => "info",
            Self::Warning | Self::Bad => "findings",
        }
    }
}

/// What the last action did, shown once.
#[derive(Clone, Debug)]
pub struct Flash {
    /// How it is meant.
    pub tone: Tone,
    /// One sentence.
    pub text: String,
    /// A link to what it is about, or to take it back: its label and address.
    pub link: Option<(String, String)>,
}

impl Flash {
    /// A message without a link.
    #[must_use]
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self {
            tone,
            text: text.into(),
            link: None,
        }
    }
}

/// How the sources are, for the foot of the menu.
#[derive(Clone, Copy, Debug, Default)]
pub struct Health {
    /// Sources that are scanned.
    pub sources: u64,
    /// Those whose last scan failed or did not come.
    pub failing: u64,
    /// Scans that run now.
    pub running: u64,
    /// When the last scan ended.
    pub last_scan: Option<Timestamp>,
}

impl Health {
    /// The tone of its dot.
    #[must_use]
    pub const fn tone(&self) -> Tone {
        match (self.sources, self.failing) {
            (0, _) => Tone::Info,
            (_, 0) => Tone::Good,
            (sources, failing) if failing >= sources => Tone::Bad,
            _ => Tone::Warning,
        }
    }

    /// One line: `9 sources healthy`, `2 of 9 sources failing`.
    #[must_use]
    pub fn line(&self) -> String {
        match (self.sources, self.failing) {
            (0, _) => "No source yet".to_owned(),
            (1, 0) => "1 source healthy".to_owned(),
            (sources, 0) => format!("{} sources healthy", crate::format::count(sources)),
            (sources, failing) => format!(
                "{} of {} failing",
                crate::format::count(failing),
                crate::format::plural(sources, "source", "sources")
            ),
        }
    }
}

/// Light, dark, or what the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// What the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The cookie that keeps it; the script writes it as well, so it is not `HttpOnly`.
    pub const COOKIE: &'static str = "theme";
    /// All of them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its name in the cookie and in the attribute `data-theme`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of this name; what is no theme is the system's.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }
}
