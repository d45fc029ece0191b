//! The classes of a file: their members and fields.

use std::collections::BTreeMap;

use super::known::Known;
use super::sink::Sink;
use super::walk::Walk;

/// What is known of a class of the file.
pub(super) struct ClassInfo {
    pub(super) name: String,
    /// Fields in order, for positional arguments of a generated constructor.
    pub(super) fields: Vec<String>,
    pub(super) members: BTreeMap<String, Member>,
    pub(super) bases: Vec<usize>,
    /// What it inherits from that the file does not define.
    pub(super) outside: Vec<Known>,
}

pub(super) struct Member {
    pub(super) known: Known,
    /// Whether an instance may have got another value from its constructor.
    field: bool,
}

impl<S: Sink> Walk<'_, S> {
    pub(super) fn class_name(&self, class: usize) -> &str {
        self.classes.get(class).map_or("?", |it| it.name.as_str())
    }

    /// The fields of a class in the order of its generated constructor.
    pub(super) fn field_names(&self, class: usize) -> Vec<String> {
        self.classes
            .get(class)
            .map(|it| it.fields.clone())
            .unwrap_or_default()
    }

    pub(super) fn add_field(&mut self, class: usize, name: &str) {
        if let Some(class) = self.classes.get_mut(class)
            && class.fields.len() < 128
        {
            class.fields.push(name.to_owned());
        }
    }

    pub(super) fn set_member(&mut self, class: usize, name: &str, known: Known, field: bool) {
        if let Some(class) = self.classes.get_mut(class)
            && self.scopes.take_room(&known)
        {
            class
                .members
                .insert(name.to_owned(), Member { known, field });
        }
    }

    /// A member of a class or of what it inherits from.
    pub(super) fn class_member(&self, class: usize, name: &str, instance: bool) -> Option<Known> {
        let mut open = vec![class];
        let mut steps = 0_u8;
        while let Some(number) = open.pop() {
            steps = steps.saturating_add(1);
            if steps > 32 {
                return None;
            }
            let class = self.classes.get(number)?;
            if let Some(member) = class.members.get(name) {
                return match &member.known {
                    Known::Unknown => None,
                    // A method is called on its class, not on its name.
                    Known::Path { path, .. } if **path == *format!(".{name}") => None,
                    known
                        if member.field && instance && class.fields.iter().any(|it| it == name) =>
                    {
                        Some(known.as_default())
                    }
                    known => Some(known.followed()),
                };
            }
            open.extend(class.bases.iter().copied());
        }
        None
    }
}
