//! NuGet: semantic versions with a fourth number, whose pre-release labels do not mind case. See
//! <https://learn.microsoft.com/nuget/concepts/package-versioning>.

use std::cmp::Ordering;

use super::{Number, is_number};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    numbers: [Number; 4],
    labels: Vec<Label>,
}

/// Numbers come before words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    Number(Number),
    Word(Box<str>),
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let text = text.split('+').next()?;
        let (core, labels) = match text.split_once('-') {
            Some((core, labels)) => (core, Some(labels)),
            None => (text, None),
        };
        let mut numbers = [const { None }; 4];
        let mut parts = core.split('.');
        for place in &mut numbers {
            let Some(part) = parts.next() else { break };
            *place = Some(is_number(part).then(|| Number::new(part))?);
        }
        if parts.next().is_some() {
            return None;
        }
        let labels = labels.map_or_else(Vec::new, |labels| {
            labels
                .split('.')
                .map(|label| {
                    if is_number(label) {
                        Label::Number(Number::new(label))
                    } else {
                        Label::Word(label.to_ascii_lowercase().into())
                    }
                })
                .collect()
        });
        Some(Self {
            numbers: numbers.map(|number| number.unwrap_or_else(|| Number::new(""))),
            labels,
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let released = |version: &Self| version.labels.is_empty();
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| released(self).cmp(&released(other)))
            .then_with(|| self.labels.cmp(&other.labels))
    }
}
