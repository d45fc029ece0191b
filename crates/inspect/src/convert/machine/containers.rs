//! The opcodes that make and fill containers.

use super::{Machine, malformed};
use crate::convert::tree::{Object, Step, Tampering, Value};
use stance_pickle::cursor::Break;
use stance_pickle::opcode::*;

/// Most places noted where an opcode acts on what is not its own.
const TAMPERING: usize = 1000;

impl Machine<'_, '_, '_> {
    pub(super) fn tuple(&mut self, items: Vec<Value>) -> Value {
        self.tree.charge(items.len());
        self.tree.add(Object::Tuple(items))
    }

    pub(super) fn container(&mut self, opcode: u8) -> Result<(), Break> {
        let items = match opcode {
            TUPLE | LIST | DICT | FROZENSET => self.pop_mark()?,
            TUPLE1 | TUPLE2 | TUPLE3 => {
                let count = usize::from(opcode.saturating_sub(TUPLE1)).saturating_add(1);
                self.frame.stack.pop_some(count, self.at)?
            }
            _ => Vec::new(),
        };
        self.tree.charge(items.len());
        let object = match opcode {
            EMPTY_LIST | LIST => Object::List(items),
            EMPTY_DICT | DICT => Object::Dict(pairs(&items)?),
            EMPTY_SET => Object::Set(items),
            FROZENSET => Object::FrozenSet(items),
            _ => Object::Tuple(items),
        };
        let value = self.tree.add(object);
        self.push(value)
    }

    pub(super) fn fill(&mut self, opcode: u8) -> Result<(), Break> {
        let items = match opcode {
            APPEND => vec![self.pop()?],
            SETITEM => {
                let value = self.pop()?;
                let key = self.pop()?;
                vec![key, value]
            }
            _ => self.pop_mark()?,
        };
        let target = self.top()?;
        self.tree.charge(items.len());
        let sets = matches!(opcode, SETITEM | SETITEMS);
        let adds = opcode == ADDITEMS;
        match self.tree.get_mut(target) {
            Some(Object::List(held)) if !sets && !adds => held.extend(items),
            Some(Object::Set(held)) if adds => held.extend(items),
            Some(Object::Dict(held)) if sets => held.extend(pairs(&items)?),
            Some(Object::Call(call)) => call.steps.push(if sets {
                Step::Set(pairs(&items)?)
            } else if adds {
                Step::Add(items)
            } else {
                Step::Append(items)
            }),
            _ => self.tamper(target),
        }
        Ok(())
    }

    /// Notes that an opcode acts on what no pickler would let it act on.
    pub(super) fn tamper(&mut self, target: Value) {
        let on = match (self.tree.name(target), self.tree.get(target)) {
            (Some(name), _) => format!("`{name}`, which the whole process shares"),
            (None, Some(Object::Outside(what))) => (*what).to_owned(),
            _ => "a value that has no state".to_owned(),
        };
        if self.tree.tampering.len() < TAMPERING {
            self.tree.tampering.push(Tampering {
                what: format!("{} changes {on}", self.at.opcode),
                offset: self.at.offset,
            });
        }
    }
}

fn pairs(items: &[Value]) -> Result<Vec<(Value, Value)>, Break> {
    let (pairs, rest) = items.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(malformed("a dict with a key that has no value"));
    }
    Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect())
}
