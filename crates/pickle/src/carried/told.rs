//! What a stream carries, told once it is read.

use std::collections::HashSet;

use stance_core::fact::{CarriedCode, CodeRead, CodeRuns};

use super::builders::MOST;
use super::reader::Reader;
use super::{Function, Part};
use crate::recorder::Site;
use crate::value::Value;
use crate::world::World;

/// Methods that run while an object of their class, or the class, is loaded.
const AT_LOAD: &[&str] = &[
    "__new__",
    "__setstate__",
    "__init_subclass__",
    "__set_name__",
    "__prepare__",
    "__hash__",
    "__eq__",
    "__setattr__",
    "__setitem__",
    "__getattribute__",
    "__del__",
    "append",
    "extend",
    "add",
];

impl World {
    /// What the stream carries, once it is read.
    pub(crate) fn carried_code(&mut self) -> Vec<CarriedCode> {
        let mut found = self.carried_sources();
        if self.carried.functions.is_empty() && self.carried.parts.is_empty() {
            return found;
        }
        self.mark_methods();
        let mut reader = Reader::new(self);
        let mut seen = HashSet::new();
        for function in &self.carried.functions {
            if let Value::Object(index) = function.code {
                seen.insert(index);
            }
            found.push(reader.tell(function));
        }
        // Code that no function was made of is told as well.
        let mut alone: Vec<u32> = self
            .carried
            .parts
            .iter()
            .filter(|(index, part)| {
                matches!(part, Part::Code(_) | Part::Ready(_)) && !seen.contains(*index)
            })
            .map(|(index, _)| *index)
            .collect();
        alone.sort_unstable();
        let inner = self.inner_codes();
        alone.retain(|index| !inner.contains(index));
        for index in alone.into_iter().take(MOST) {
            let site = Site {
                opcode: "REDUCE",
                offset: 0,
                length: 1,
            };
            found.push(reader.tell(&Function {
                code: Value::Object(index),
                globals: Vec::new(),
                runs: CodeRuns::Stored,
                site,
            }));
        }
        if self.carried.full
            && let Some(last) = found.last_mut()
        {
            last.read = CodeRead::Part;
        }
        found
    }

    /// Code objects that are constants of others.
    fn inner_codes(&self) -> HashSet<u32> {
        let mut inner = HashSet::new();
        for part in self.carried.parts.values() {
            let Part::Code(arguments) = part else {
                continue;
            };
            for items in arguments.iter().filter_map(|value| self.heap.items(*value)) {
                inner.extend(items.iter().filter_map(|item| match item {
                    Value::Object(index) if self.carried.parts.contains_key(index) => Some(*index),
                    _ => None,
                }));
            }
        }
        inner
    }

    /// Methods that loading runs, of every class when one of them is made.
    fn mark_methods(&mut self) {
        let mut run = Vec::new();
        for class in &self.carried.classes {
            for (name, value) in class.entries(&self.heap) {
                let Some(name) = self.heap.as_name(name) else {
                    continue;
                };
                let runs = match name {
                    "__init__" | "__call__" => self.carried.called,
                    "__init_subclass__" | "__set_name__" | "__prepare__" => true,
                    name => self.carried.made && AT_LOAD.contains(&name),
                };
                if runs {
                    run.extend(self.functions_in(value));
                }
            }
        }
        for at in run {
            if let Some(function) = self.carried.functions.get_mut(at) {
                function.runs = CodeRuns::AtLoad;
            }
        }
    }
}
