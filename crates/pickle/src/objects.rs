//! The opcodes that build and fill objects: where a stream makes things happen.

use super::array;
use super::cursor::Break;
use super::joblib;
use super::machine::{Machine, malformed};
use super::opcode::*;
use super::tape::Tape;
use super::value::{KEEP, KEEP_TUPLE, Object, Value};

/// Streams inside a stream, as joblib writes arrays of objects.
const INNER: usize = 16;

impl<T: Tape> Machine<'_, '_, T> {
    pub(super) fn container(&mut self, opcode: u8) -> Result<(), Break> {
        let items = match opcode {
            TUPLE | LIST | DICT | FROZENSET => self.pop_mark()?,
            TUPLE1 | TUPLE2 | TUPLE3 => {
                let count = usize::from(opcode.saturating_sub(TUPLE1)).saturating_add(1);
                let mut items = Vec::with_capacity(count);
                for _ in 0..count {
                    items.push(self.pop()?);
                }
                items.reverse();
                items
            }
            _ => Vec::new(),
        };
        let weight = self.weigh(&items).saturating_add(1);
        let object = match opcode {
            EMPTY_LIST | LIST => Object::List(kept(items, KEEP)),
            EMPTY_DICT | DICT => Object::Dict(pairs(&items)),
            EMPTY_SET | FROZENSET => Object::Set(kept(items, KEEP)),
            _ => Object::Tuple(kept(items, KEEP_TUPLE)),
        };
        let value = self.world.heap.add_of(object, weight);
        self.push(value)
    }

    fn weigh(&self, items: &[Value]) -> u64 {
        items.iter().fold(0_u64, |total, item| {
            total.saturating_add(self.world.heap.weight(*item))
        })
    }

    pub(super) fn append(&mut self, opcode: u8) -> Result<(), Break> {
        let items = if opcode == APPEND {
            vec![self.pop()?]
        } else {
            self.pop_mark()?
        };
        let target = self.top()?;
        let weight = self.weigh(&items);
        match self.world.heap.get_mut(target) {
            Some(Object::List(held) | Object::Set(held)) => {
                let room = KEEP.saturating_sub(held.len());
                held.extend(items.into_iter().take(room));
                self.world.heap.add_weight(target, weight);
            }
            _ => {
                let method = match opcode {
                    APPEND => "append",
                    APPENDS => "extend",
                    _ => "add",
                };
                self.method(target, method, &items);
            }
        }
        Ok(())
    }

    pub(super) fn set_items(&mut self, opcode: u8) -> Result<(), Break> {
        let items = if opcode == SETITEM {
            let value = self.pop()?;
            let key = self.pop()?;
            vec![key, value]
        } else {
            self.pop_mark()?
        };
        let target = self.top()?;
        let weight = self.weigh(&items);
        match self.world.heap.get_mut(target) {
            Some(Object::Dict(held)) => {
                let room = KEEP.saturating_sub(held.len());
                held.extend(pairs(&items).into_iter().take(room));
                self.world.heap.add_weight(target, weight);
            }
            _ => self.method(target, "__setitem__", &items),
        }
        Ok(())
    }

    /// A method that an opcode calls on what is not a built-in container.
    fn method(&mut self, target: Value, method: &str, items: &[Value]) {
        let own = self.own_attribute(target, method);
        if let Some(own) = own.or_else(|| self.world.carried_method(target, method)) {
            // An earlier BUILD put another callable in the place of the method.
            let arguments = match (method, items) {
                ("append", [one]) => vec![*one],
                _ => items.get(..KEEP).unwrap_or(items).to_vec(),
            };
            self.world.call(own, arguments, self.site);
            return;
        }
        let name = self.world.name(target);
        if COLLECTIONS.contains(&&*name) {
            return;
        }
        let callable = format!("{name}.{method}");
        let arguments = items.get(..KEEP).unwrap_or(items);
        self.world.record(&callable, arguments, self.site);
    }

    pub(super) fn import(&mut self, opcode: u8) -> Result<(), Break> {
        let (module, attribute) = if opcode == STACK_GLOBAL {
            let attribute = self.pop()?;
            let module = self.pop()?;
            (module, attribute)
        } else {
            self.named_import()?
        };
        for part in [module, attribute] {
            if matches!(
                part,
                Value::None | Value::Int(_) | Value::Bool(_) | Value::Float(_)
            ) {
                return Err(malformed("STACK_GLOBAL without two strings".to_owned()));
            }
        }
        self.measure();
        let value = self.world.import(module, attribute, self.site);
        self.push(value)
    }

    /// The two lines of GLOBAL and INST.
    fn named_import(&mut self) -> Result<(Value, Value), Break> {
        let mut parts = [Value::Unknown; 2];
        for part in &mut parts {
            let (line, _) = self.cursor.line()?;
            let text = std::str::from_utf8(&line)
                .map_err(|_| malformed("an import name is not UTF-8".to_owned()))?
                .trim_end_matches('\r');
            if text.is_empty() {
                return Err(malformed("an import name is empty".to_owned()));
            }
            *part = self.world.heap.text(text);
        }
        let [module, attribute] = parts;
        Ok((module, attribute))
    }

    /// The items of an argument tuple.
    pub(super) fn spread(&self, arguments: Value) -> Vec<Value> {
        match self.world.heap.get(arguments) {
            Some(Object::Tuple(items) | Object::List(items)) => items.clone(),
            _ => vec![arguments],
        }
    }

    pub(super) fn new_object(&mut self, opcode: u8) -> Result<(), Break> {
        let keywords = if opcode == NEWOBJ_EX {
            Some(self.pop()?)
        } else {
            None
        };
        let arguments = self.pop()?;
        let class = self.pop()?;
        let mut arguments = self.spread(arguments);
        if let Some(keywords) = keywords
            && let Some(Object::Dict(entries)) = self.world.heap.get(keywords)
            && !entries.is_empty()
        {
            arguments.push(keywords);
        }
        let result = self.world.call(class, arguments, self.site);
        self.push(result)
    }

    pub(super) fn instance(&mut self, opcode: u8) -> Result<(), Break> {
        let (class, arguments) = if opcode == INST {
            let (module, attribute) = self.named_import()?;
            self.measure();
            let arguments = self.pop_mark()?;
            let class = self.world.import(module, attribute, self.site);
            (class, arguments)
        } else {
            let mut items = self.pop_mark()?;
            if items.is_empty() {
                return Err(self.underflow());
            }
            let class = items.remove(0);
            (class, items)
        };
        let result = self.world.call(class, kept(arguments, KEEP), self.site);
        self.push(result)
    }

    pub(super) fn build(&mut self) -> Result<(), Break> {
        let state = self.pop()?;
        let target = self.top()?;
        let site = self.site;
        let shared = self.world.is_shared(target);
        let name = self.world.name(target);
        if let Some((wrapper, length)) = array::of(&self.world.heap, &name, state) {
            self.met.note(wrapper);
            let objects = length.is_some_and(|length| length.bytes.is_none());
            return match length {
                // To this loader it is an object like others, and opcodes follow.
                _ if !self.arrays.hold(wrapper, objects) => Ok(()),
                Some(length) => self.skip_array(length),
                None => Err(Break::Limit("arrays of unknown size".to_owned())),
            };
        }
        if let Some(file) = joblib::file_outside(&self.world.heap, &name, state) {
            // What the loader of joblib calls at once, in place of the object.
            let callable = format!("{}.read", name.trim_end_matches("()"));
            self.world.record(&callable, &[file], site);
        }
        let setter = self
            .own_attribute(target, "__setstate__")
            .or_else(|| self.world.carried_method(target, "__setstate__"));
        self.world.build_state(target, state);
        match self.world.heap.get_mut(target) {
            Some(Object::Partial { .. }) => self.rebuild_partial(target, state),
            Some(Object::Instance { state: held, .. }) => {
                let before = *held;
                if setter.is_none() && matches!(before, Value::None) {
                    *held = state;
                } else if setter.is_none() {
                    // What the states before it set stays.
                    let both = self.world.heap.add(Object::Tuple(vec![state, before]));
                    if let Some(Object::Instance { state: held, .. }) =
                        self.world.heap.get_mut(target)
                    {
                        *held = both;
                    }
                }
                match setter {
                    Some(setter) => {
                        self.world.call(setter, vec![state], site);
                    }
                    None => {
                        let callable = format!("{name}.__setstate__");
                        self.world.record(&callable, &[state], site);
                    }
                }
            }
            _ => {
                let callable = if shared {
                    format!("{name}.__dict__.update")
                } else {
                    format!("{name}.__setstate__")
                };
                self.world.record(&callable, &[state], site);
            }
        }
        Ok(())
    }

    /// The state of a partial is (function, arguments, keywords, attributes).
    fn rebuild_partial(&mut self, target: Value, state: Value) {
        let given = match self.spread(state).as_slice() {
            [to, with, ..] => Some((*to, self.spread(*with))),
            _ => None,
        };
        if let Some(Object::Partial {
            function,
            arguments,
        }) = self.world.heap.get_mut(target)
        {
            match given {
                Some((to, with)) => (*function, *arguments) = (to, with),
                None => arguments.clear(),
            }
        }
    }

    /// The attribute that earlier BUILDs gave the instance itself.
    fn own_attribute(&self, target: Value, name: &str) -> Option<Value> {
        let Some(Object::Instance { state, .. }) = self.world.heap.get(target) else {
            return None;
        };
        let mut waiting = vec![*state];
        for _ in 0..16 {
            let next = waiting.pop()?;
            match self.world.heap.get(next) {
                Some(Object::Dict(entries)) => {
                    let found = entries
                        .iter()
                        .rev()
                        .find(|(key, _)| self.world.heap.is_text(*key, name));
                    if let Some((_, value)) = found {
                        return Some(*value);
                    }
                }
                // The latest state stands first, as in (state, slots).
                Some(Object::Tuple(items)) => waiting.extend(items.iter().take(2).rev()),
                _ => {}
            }
        }
        None
    }

    /// joblib writes the bytes of an array right behind the object that describes it.
    fn skip_array(&mut self, array: array::Length) -> Result<(), Break> {
        if array.aligned {
            let padding = self.cursor.byte()?;
            self.cursor.jump(u64::from(padding));
        }
        match array.bytes {
            Some(length) => {
                if self.cursor.position.saturating_add(length) > self.cursor.tape.len() {
                    return Err(Break::Truncated);
                }
                self.cursor.jump(length);
                Ok(())
            }
            None if self.outer.len() < INNER => {
                self.outer.push(std::mem::take(&mut self.frame));
                Ok(())
            }
            None => Err(Break::Limit("nested arrays of objects".to_owned())),
        }
    }
}

/// Collections of the standard library whose filling means nothing.
const COLLECTIONS: &[&str] = &[
    "collections.OrderedDict()",
    "collections.defaultdict()",
    "collections.deque()",
    "collections.Counter()",
    "builtins.set()",
    "__builtin__.set()",
    "builtins.list()",
    "builtins.dict()",
    "builtins.bytearray()",
];

fn kept(items: Vec<Value>, most: usize) -> Vec<Value> {
    match items.get(..most) {
        // A vector that is only cut keeps the room of all it held.
        Some(first) if items.len() > most => first.to_vec(),
        _ => items,
    }
}

fn pairs(items: &[Value]) -> Vec<(Value, Value)> {
    let (pairs, _) = items.as_chunks::<2>();
    pairs
        .iter()
        .take(KEEP)
        .map(|[key, value]| (*key, *value))
        .collect()
}
