//! Functions and classes that a stream carries by value, as cloudpickle and dill write what stands in a
//! notebook: code objects, what is built of them, and whether loading runs it.

mod builders;
mod reader;
mod scope;
mod source;
#[cfg(test)]
mod tests;
mod told;

use std::collections::HashMap;
use std::rc::Rc;

use stance_core::fact::CodeRuns;

use super::recorder::Site;
use super::value::{Heap, KEEP, Object, Value};
use super::world::World;
use crate::bytecode::Code;

/// Dictionaries that are looked through for one name.
const DICTIONARIES: usize = 16;

/// What a value of the stream is.
#[derive(Clone, Debug)]
enum Part {
    /// Arguments of `types.CodeType` or of a function that calls it.
    Code(Vec<Value>),
    /// A code object that was marshalled.
    Ready(Rc<Code>),
    Function(usize),
    Class(usize),
    Cell(Vec<Value>),
}

#[derive(Debug)]
struct Function {
    code: Value,
    /// Dictionaries with the globals, and whatever else its state holds.
    globals: Vec<Value>,
    runs: CodeRuns,
    site: Site,
}

#[derive(Debug, Default)]
struct Class {
    /// Dictionaries with its members.
    members: Vec<Value>,
    /// Members that were set one by one.
    own: Vec<(Value, Value)>,
}

/// Everything of the kind in one stream.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    parts: HashMap<u32, Part>,
    functions: Vec<Function>,
    classes: Vec<Class>,
    /// Source text that loading runs.
    sources: Vec<source::Source>,
    /// How many code objects were made, and how many bytes of marshalled ones were read.
    codes: usize,
    marshalled: usize,
    /// Instances of classes that the stream carries.
    instances: HashMap<u32, usize>,
    /// Whether such a class was called, so that its `__init__` runs.
    called: bool,
    made: bool,
    full: bool,
}

impl World {
    /// Whether calling `function` runs what the stream itself carries; notes it.
    pub(crate) fn run_carried(&mut self, function: Value, site: Site) {
        let Value::Object(index) = function else {
            return;
        };
        if matches!(self.carried.parts.get(&index), Some(Part::Class(_))) {
            self.carried.made = true;
            self.carried.called |= !matches!(site.opcode, "NEWOBJ" | "NEWOBJ_EX");
        } else if let Some(at) = self.functions_in(function)
            && let Some(function) = self.carried.functions.get_mut(at)
        {
            function.runs = CodeRuns::AtLoad;
        }
    }

    /// Notes that `object` is an instance of `class`, when the stream carries that.
    pub(crate) fn instance_of(&mut self, object: Value, class: Value) {
        if let (Value::Object(object), Value::Object(class)) = (object, class)
            && let Some(Part::Class(at)) = self.carried.parts.get(&class)
        {
            self.carried.made = true;
            self.carried.instances.insert(object, *at);
        }
    }

    /// A method that `object`, or its class, has from the stream.
    pub(crate) fn carried_method(&mut self, object: Value, name: &str) -> Option<Value> {
        let Value::Object(index) = object else {
            return None;
        };
        let at = match self.carried.parts.get(&index) {
            Some(Part::Class(at)) => *at,
            _ => *self.carried.instances.get(&index)?,
        };
        let class = self.carried.classes.get(at)?;
        let mut looked = 0_usize;
        let found = class
            .entries(&self.heap)
            .inspect(|_| looked = looked.saturating_add(1))
            .find(|(key, _)| self.heap.is_text(*key, name))
            .map(|(_, value)| value);
        // Looking through many members again and again costs as much as any other loop.
        self.charge(looked.saturating_mul(8));
        found
    }

    /// What BUILD gives to something that the stream carries.
    pub(crate) fn build_state(&mut self, target: Value, state: Value) {
        if !self.give_state(target, &[state])
            && let Some(class) = self.class(target)
        {
            class.add(&[state]);
        }
    }

    /// `setattr(target, name, value)`, or `delattr` without a value, when `target` is something that the stream
    /// carries.
    pub(crate) fn set_carried(&mut self, target: Value, name: Value, value: Option<Value>) -> bool {
        let Value::Object(index) = target else {
            return false;
        };
        let Some(value) = value else {
            return self.carried.parts.contains_key(&index);
        };
        match self.carried.parts.get_mut(&index) {
            Some(Part::Class(at)) => {
                if let Some(class) = self.carried.classes.get_mut(*at)
                    && class.own.len() < KEEP
                {
                    class.own.push((name, value));
                }
                true
            }
            Some(Part::Function(_)) => {
                self.give_state(target, &[value]);
                true
            }
            Some(Part::Cell(held)) => {
                *held = vec![value];
                true
            }
            _ => false,
        }
    }

    /// The state of a function: its globals, its closure and what else belongs to it.
    fn give_state(&mut self, function: Value, state: &[Value]) -> bool {
        let Value::Object(index) = function else {
            return false;
        };
        let Some(Part::Function(at)) = self.carried.parts.get(&index) else {
            return false;
        };
        let room = DICTIONARIES.saturating_mul(2);
        if let Some(function) = self.carried.functions.get_mut(*at)
            && function.globals.len() < room
        {
            function.globals.extend(state.iter().copied().take(room));
        }
        true
    }

    fn is_carried_instance(&self, value: Value) -> bool {
        matches!(value, Value::Object(index) if self.carried.instances.contains_key(&index))
    }

    fn class(&mut self, value: Value) -> Option<&mut Class> {
        let Value::Object(index) = value else {
            return None;
        };
        match self.carried.parts.get(&index)? {
            Part::Class(at) => self.carried.classes.get_mut(*at),
            _ => None,
        }
    }

    fn carry(
        &mut self,
        name: &str,
        arguments: &[Value],
        part: impl FnOnce(&Carried) -> Part,
    ) -> Value {
        let kept = arguments.get(..16).unwrap_or(arguments).to_vec();
        let value = self.heap.add(Object::Instance {
            of: name.into(),
            arguments: kept,
            state: Value::None,
        });
        if let Value::Object(index) = value {
            let part = part(&self.carried);
            self.carried.parts.insert(index, part);
        }
        value
    }

    /// The function that a member is, behind `staticmethod`, `classmethod` and their like.
    fn functions_in(&self, value: Value) -> Option<usize> {
        let mut value = value;
        for _ in 0..4 {
            let Value::Object(index) = value else {
                return None;
            };
            if let Some(Part::Function(at)) = self.carried.parts.get(&index) {
                return Some(*at);
            }
            value = match self.heap.get(value)? {
                Object::Instance { arguments, .. } => *arguments.first()?,
                Object::Partial { function, .. } => *function,
                _ => return None,
            };
        }
        None
    }
}

impl Class {
    /// Dictionaries with more members.
    fn add(&mut self, members: &[Value]) {
        let room = DICTIONARIES.saturating_sub(self.members.len());
        self.members.extend(members.iter().take(room));
    }

    fn entries<'h>(&'h self, heap: &'h Heap) -> impl Iterator<Item = (Value, Value)> + 'h {
        self.own.iter().copied().chain(
            self.members
                .iter()
                .flat_map(|members| dictionaries(heap, *members))
                .flatten()
                .copied(),
        )
    }
}

/// The dictionaries of a value: itself, in a tuple, or under a key in another.
fn dictionaries(heap: &Heap, value: Value) -> Vec<&[(Value, Value)]> {
    let mut found = Vec::new();
    let mut open = vec![(value, 0_u8)];
    while let Some((value, depth)) = open.pop() {
        if found.len() >= DICTIONARIES {
            break;
        }
        match heap.get(value) {
            Some(Object::Dict(entries)) => {
                found.push(entries.as_slice());
                let nested = entries.iter().filter(|(key, _)| {
                    heap.is_text(*key, "globals") || heap.is_text(*key, "__globals__")
                });
                if depth < 3 {
                    open.extend(nested.map(|(_, value)| (*value, depth.saturating_add(1))));
                }
            }
            Some(Object::Tuple(items)) if depth < 3 => {
                let next = depth.saturating_add(1);
                open.extend(items.iter().take(4).map(|item| (*item, next)));
            }
            _ => {}
        }
    }
    found
}
