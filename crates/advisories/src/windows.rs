//! Which versions an advisory is about.
//!
//! By the evaluation in <https://ossf.github.io/osv-schema/#evaluation>: a version is affected when it is
//! named, or lies in a range. Events are put in order first, a range may open and close several times.

use stance_core::fact::Ecosystem;

use crate::advisory::{Affected, Event};
use crate::interval::Interval;
use crate::version::{Version, sorted};

/// The versions of one package that an advisory is about.
#[derive(Clone, Debug, Default)]
pub struct Windows {
    /// Versions that are named, as written.
    named: Vec<(Box<str>, Option<Version>)>,
    intervals: Vec<Interval>,
    /// Versions with which a flaw is gone.
    fixes: Vec<(Version, Box<str>)>,
    /// Events that name no version of this registry; their ranges are passed over.
    pub unread: usize,
}

impl Windows {
    /// What a record says about a package.
    #[must_use]
    pub fn of(affected: &Affected) -> Self {
        let mut windows = Self {
            named: affected
                .versions
                .iter()
                .map(|text| {
                    (
                        text.as_str().into(),
                        Version::parse(affected.ecosystem, text),
                    )
                })
                .collect(),
            ..Self::default()
        };
        for events in &affected.ranges {
            windows.add(affected.ecosystem, events);
        }
        windows
    }

    fn add(&mut self, ecosystem: Ecosystem, events: &[Event]) {
        let mut limit: Option<Version> = None;
        let mut limited = false;
        let mut steps: Vec<(Option<Version>, &Event)> = Vec::new();
        for event in events {
            let text = event.version();
            if text == "0" && matches!(event, Event::Introduced(_)) {
                steps.push((None, event));
                continue;
            }
            if matches!(event, Event::Limit(_)) && text == "*" {
                continue;
            }
            let Some(version) = Version::parse(ecosystem, text) else {
                self.unread = self.unread.saturating_add(1);
                return;
            };
            if matches!(event, Event::Limit(_)) {
                // The farthest one counts.
                if !limited || limit.as_ref().is_some_and(|known| *known < version) {
                    limit = Some(version);
                }
                limited = true;
                continue;
            }
            if matches!(event, Event::Fixed(_)) {
                self.fixes.push((version.clone(), text.into()));
            }
            steps.push((Some(version), event));
        }
        // Where two meet at one version they stay in the order of the record.
        let steps = sorted(steps, |a, b| a.0.cmp(&b.0));
        let mut open: Option<Interval> = None;
        let mut close = |interval: Interval| {
            let interval = match &limit {
                Some(limit) => interval.meet(&Interval {
                    low: None,
                    high: Some((limit.clone(), false)),
                }),
                None => interval,
            };
            if !interval.is_empty() {
                self.intervals.push(interval);
            }
        };
        for (version, event) in steps {
            match event {
                Event::Introduced(_) | Event::After(_) => {
                    let itself = matches!(event, Event::Introduced(_));
                    open.get_or_insert_with(|| Interval {
                        low: version.map(|version| (version, itself)),
                        high: None,
                    });
                }
                Event::Fixed(_) | Event::LastAffected(_) => {
                    let itself = matches!(event, Event::LastAffected(_));
                    if let (Some(mut interval), Some(version)) = (open.take(), version) {
                        interval.high = Some((version, itself));
                        close(interval);
                    }
                }
                Event::Limit(_) => {}
            }
        }
        if let Some(interval) = open {
            close(interval);
        }
    }

    /// Whether a version lies in a range.
    #[must_use]
    pub fn in_range(&self, version: &Version) -> bool {
        self.intervals
            .iter()
            .any(|interval| interval.contains(version))
    }

    /// Whether a version is named: as it is written, or by one that is equal.
    #[must_use]
    pub fn is_named(&self, text: &str, version: Option<&Version>) -> bool {
        self.named.iter().any(|(named, known)| {
            &**named == text
                || version.is_some_and(|version| {
                    known
                        .as_ref()
                        .is_some_and(|named| named == version || *named == version.public())
                })
        })
    }

    /// Whether the advisory is about this version.
    #[must_use]
    pub fn affect(&self, ecosystem: Ecosystem, text: &str) -> bool {
        let version = Version::parse(ecosystem, text);
        version
            .as_ref()
            .is_some_and(|version| self.in_range(version))
            || self.is_named(text, version.as_ref())
    }

    /// The ranges.
    #[must_use]
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// Whether there is neither range nor named version: every version is meant.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        self.named.is_empty() && self.intervals.is_empty() && self.unread == 0
    }

    /// The lowest version behind `version` with which the flaw is gone.
    #[must_use]
    pub fn fix(&self, version: Option<&Version>) -> Option<&str> {
        self.fixes
            .iter()
            .filter(|(fixed, _)| version.is_none_or(|version| fixed > version))
            .filter(|(fixed, _)| !self.in_range(fixed))
            .min_by(|a, b| a.0.cmp(&b.0))
            .map(|(_, text)| &**text)
    }
}

impl Event {
    /// The version it happens at, as written.
    #[must_use]
    pub fn version(&self) -> &str {
        let (Self::Introduced(text)
        | Self::After(text)
        | Self::Fixed(text)
        | Self::LastAffected(text)
        | Self::Limit(text)) = self;
        text
    }
}
