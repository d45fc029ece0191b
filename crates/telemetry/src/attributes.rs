//! Attributes: names with values.

use std::borrow::Cow;

use crate::value::Value;

/// Names with values, in the order they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Attributes<'a> {
    /// Adds one.
    pub fn push(&mut self, name: impl Into<Cow<'a, str>>, value: Value<'a>) {
        self.0.push((name.into(), value));
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// The value of the first of these names that has one that is not empty, with the name.
    #[must_use]
    pub fn first(&self, names: &[&'static str]) -> Option<(&'static str, &Value<'a>)> {
        names.iter().find_map(|name| {
            let value = self.get(name)?;
            (!value.is_empty()).then_some((*name, value))
        })
    }

    /// The first of these names that has text or a number, as text.
    #[must_use]
    pub fn label(&self, names: &[&'static str]) -> Option<String> {
        names.iter().find_map(|name| self.get(name)?.label())
    }

    /// The first of these names that has a count.
    #[must_use]
    pub fn count(&self, names: &[&'static str]) -> Option<u64> {
        names.iter().find_map(|name| self.get(name)?.count())
    }

    /// The first of these names that has a number.
    #[must_use]
    pub fn number(&self, names: &[&'static str]) -> Option<f64> {
        names.iter().find_map(|name| self.get(name)?.number())
    }

    /// Writes all of them out, in the order of their names, so that no two different ones look alike.
    pub(crate) fn spell(&self, said: &mut Vec<u8>) {
        let mut all: Vec<_> = self.iter().collect();
        all.sort_by_key(|(name, _)| *name);
        said.extend_from_slice(&(all.len() as u64).to_be_bytes());
        for (name, value) in all {
            Value::Text(name.into()).spell(said);
            value.spell(said);
        }
    }

    /// Whether a name begins so.
    #[must_use]
    pub fn has_prefix(&self, prefix: &str) -> bool {
        self.0.iter().any(|(name, _)| name.starts_with(prefix))
    }
}

impl<'a> FromIterator<(Cow<'a, str>, Value<'a>)> for Attributes<'a> {
    fn from_iter<I: IntoIterator<Item = (Cow<'a, str>, Value<'a>)>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}
