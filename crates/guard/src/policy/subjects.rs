//! Subjects of texts, and what is done about them.

use std::collections::BTreeMap;

use super::{Invalid, TopicSettings};
use crate::topics::{self, Category, Topics};
use crate::verdict::{Action, Place, Reason, Score};

/// Subjects that are told, and what is done about each.
#[derive(Clone, Debug)]
pub struct Subjects {
    topics: Topics,
    actions: BTreeMap<String, Action>,
}

impl Subjects {
    /// Those that are set; none where nothing is done about any.
    pub(super) fn of(settings: &BTreeMap<String, TopicSettings>) -> Result<Option<Self>, Invalid> {
        let mut categories = Vec::new();
        let mut actions = BTreeMap::new();
        for (name, set) in settings {
            if set.action == Action::Allow {
                continue;
            }
            let one = category(name, set);
            // By itself, so that what is wrong is told with its name.
            Topics::new(std::slice::from_ref(&one)).map_err(|problem| Invalid::Topic {
                name: name.clone(),
                what: problem.to_string(),
            })?;
            categories.push(one);
            actions.insert(name.clone(), set.action);
        }
        if categories.is_empty() {
            return Ok(None);
        }
        let topics = Topics::new(&categories).map_err(|problem| Invalid::Topic {
            name: "*".to_owned(),
            what: problem.to_string(),
        })?;
        Ok(Some(Self { topics, actions }))
    }

    /// Whether one of them stops: then an answer has to be read to its end before any of it goes on.
    #[must_use]
    pub fn stops(&self) -> bool {
        self.actions.values().any(|action| action.stops())
    }

    /// What a text is about, as reasons without its words; `pointer` says where it stands.
    #[must_use]
    pub fn judge(&self, text: &str, pointer: &str) -> Vec<Reason> {
        let told = self.topics.judge(text).into_iter();
        told.map(|topic| Reason {
            action: self
                .actions
                .get(&topic.category)
                .copied()
                .unwrap_or_default(),
            rule: format!("topic/{}", topic.category),
            score: Score::of(topic.score),
            places: topic
                .spans
                .iter()
                .map(|span| Place {
                    pointer: pointer.to_owned(),
                    start: u32::try_from(span.start).unwrap_or(u32::MAX),
                    end: u32::try_from(span.end).unwrap_or(u32::MAX),
                })
                .collect(),
            note: "the text is about this".to_owned(),
            failed: false,
        })
        .collect()
    }
}

/// One that comes with Stance where there is one of this name, with the words that are set beside its own.
fn category(name: &str, set: &TopicSettings) -> Category {
    let mut category = topics::builtin()
        .into_iter()
        .find(|known| known.name == name)
        .unwrap_or_default();
    name.clone_into(&mut category.name);
    for (own, more) in [
        (&mut category.phrases, &set.phrases),
        (&mut category.subjects, &set.subjects),
        (&mut category.purposes, &set.purposes),
        (&mut category.unless, &set.unless),
        (&mut category.allow, &set.allow),
        (&mut category.examples, &set.examples),
        (&mut category.others, &set.others),
    ] {
        own.extend(more.iter().cloned());
    }
    if let Some(threshold) = set.threshold {
        category.mark = threshold;
    }
    category
}
