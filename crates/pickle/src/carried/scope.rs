//! The names that the code of a function sees.

use std::collections::HashMap;
use std::rc::Rc;

use super::{Function, Part, dictionaries};
use crate::bytecode::{Bound, Code, Scope};
use crate::names::python3_name;
use crate::value::{Object, Value};
use crate::world::World;

/// The names that a function sees.
pub(super) struct Names<'w> {
    world: &'w World,
    function: &'w Function,
    globals: HashMap<&'w str, Value>,
    /// How many names were looked at.
    pub(super) looked: usize,
    free: Vec<Rc<str>>,
}

impl<'w> Names<'w> {
    pub(super) fn of(world: &'w World, function: &'w Function, code: &Code) -> Self {
        let heap = &world.heap;
        let mut globals = HashMap::new();
        let mut looked = 0_usize;
        for value in &function.globals {
            for (key, value) in dictionaries(heap, *value).into_iter().flatten() {
                looked = looked.saturating_add(1);
                if let Some(key) = heap.as_name(*key) {
                    globals.entry(key).or_insert(*value);
                }
            }
        }
        Self {
            world,
            function,
            globals,
            looked,
            free: code.free.clone(),
        }
    }

    fn bound(&self, value: Value) -> Option<Bound> {
        let heap = &self.world.heap;
        match value {
            Value::Text(_) => heap.as_str(value).map(|text| Bound::Text(text.to_owned())),
            Value::Object(index) => match heap.get(value)? {
                // What the stream carries is told by its own name.
                _ if self.world.carried.parts.contains_key(&index) => None,
                Object::Global(_)
                | Object::Named { .. }
                | Object::Bound { .. }
                | Object::Instance { .. } => {
                    let name = self.world.name(value);
                    let name = python3_name(&name);
                    let name = name.strip_prefix("builtins.").unwrap_or(&name);
                    Some(Bound::Name(name.to_owned()))
                }
                Object::Partial { function, .. } => {
                    Some(Bound::Name(self.world.name(*function).to_string()))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// What the cell at a place of a closure holds; the closure is given as it is, or under a key of the state.
    fn cell(&self, closure: Value, at: usize) -> Option<Value> {
        let heap = &self.world.heap;
        let held = |cells: &[Value]| {
            let Some(Value::Object(index)) = cells.get(at) else {
                return None;
            };
            match self.world.carried.parts.get(index)? {
                Part::Cell(held) => held.first().copied(),
                _ => None,
            }
        };
        if let Some(value) = heap.items(closure).and_then(held) {
            return Some(value);
        }
        let entries = dictionaries(heap, closure).into_iter().flatten();
        let mut under = entries.filter(|(key, _)| {
            ["__closure__", "closure", "closure_values"]
                .iter()
                .any(|word| heap.is_text(*key, word))
        });
        let cells = heap.items(under.next()?.1)?;
        // Older versions write the values themselves.
        held(cells).or_else(|| cells.get(at).copied())
    }
}

impl Scope for Names<'_> {
    fn global(&self, name: &str) -> Option<Bound> {
        self.bound(*self.globals.get(name)?)
    }

    fn free(&self, name: &str) -> Option<Bound> {
        let at = self.free.iter().position(|free| &**free == name)?;
        self.function
            .globals
            .iter()
            .filter_map(|closure| self.cell(*closure, at))
            .find_map(|held| self.bound(held))
    }
}
