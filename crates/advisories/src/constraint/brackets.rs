//! Intervals in brackets, as Maven and NuGet write them: `[1.0,2.0)`, `(,1.0],[1.2,)`. A bare version is a wish
//! that both fulfil where nothing speaks against it.

use stance_core::fact::Ecosystem;

use crate::interval::Interval;
use crate::version::Version;

pub(super) fn parse(ecosystem: Ecosystem, text: &str) -> Option<Vec<Interval>> {
    if text.is_empty() || text == "*" {
        return Some(vec![Interval::default()]);
    }
    if !text.starts_with(['[', '(']) {
        return Some(vec![Interval::exactly(Version::parse(ecosystem, text)?)]);
    }
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(['[', '(']) {
        let first = rest.get(open..)?.starts_with('[');
        let inner = rest.get(open.saturating_add(1)..)?;
        let close = inner.find([']', ')'])?;
        let last = inner.get(close..)?.starts_with(']');
        let body = inner.get(..close)?;
        rest = inner.get(close.saturating_add(1)..)?;
        let end = |text: &str, itself: bool| match text.trim() {
            "" => Some(None),
            text => Some(Some((Version::parse(ecosystem, text)?, itself))),
        };
        found.push(match body.split_once(',') {
            Some((low, high)) => Interval {
                low: end(low, first)?,
                high: end(high, last)?,
            },
            None => Interval::exactly(Version::parse(ecosystem, body)?),
        });
        if found.len() >= super::MOST {
            break;
        }
    }
    Some(found)
}
