//! Code objects out of the values of a stream.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use stance_core::Evidence;
use stance_core::fact::{CarriedCode, CodeRead, CodeRuns};

use super::scope::Names;
use super::{Function, Part};
use crate::bytecode::{self, Code, Constant, Layout, Outcome};
use crate::value::{KEEP_TUPLE, Object, Value};
use crate::world::World;

/// Steps of walks over byte code of one stream.
const STEPS: usize = 1 << 20;
/// Steps that any function costs.
const EACH: usize = 256;
/// Calls of one function that are told whatever they are, beside those that rules judge.
const CALLS: usize = 24;
/// Calls of one function that rules judge, at most.
const JUDGED: usize = 256;
/// Names of one function that are told.
const NAMES: usize = 48;
/// Constants of all code objects of a stream that are read, and how deep they may be nested.
const CONSTANTS: usize = 1 << 20;
const DEPTH: u8 = 16;
/// Bytes of one constant that are read.
const CONSTANT: usize = 4096;

/// Reads code objects out of the values of a stream, each once.
pub(super) struct Reader<'w> {
    world: &'w World,
    codes: HashMap<u32, Option<Rc<Code>>>,
    /// Constants that may still be read.
    left: usize,
    /// Steps that walks may still take.
    steps: usize,
}

impl<'w> Reader<'w> {
    pub(super) fn new(world: &'w World) -> Self {
        Self {
            world,
            codes: HashMap::new(),
            left: CONSTANTS,
            steps: STEPS,
        }
    }

    pub(super) fn tell(&mut self, function: &Function) -> CarriedCode {
        let code = self.code(function.code, 0);
        let name = code.as_ref().map_or("?", |code| &code.name);
        let name: String = name.chars().take(120).collect();
        let evidence = Evidence::bytes(
            Arc::clone(self.world.recorder.path()),
            function.site.offset,
            function.site.length,
            format!("byte code of `{name}`"),
        );
        let mut told = CarriedCode {
            name,
            runs: function.runs,
            calls: Vec::new(),
            names: Vec::new(),
            read: CodeRead::Nothing,
            evidence,
        };
        let Some(code) = code else {
            return told;
        };
        if self.steps == 0 {
            told.read = CodeRead::Part;
            return told;
        }
        told.names = code.names(NAMES);
        let scope = Names::of(self.world, function, &code);
        let cost = scope.looked.saturating_add(EACH);
        self.steps = self.steps.saturating_sub(cost);
        let Outcome {
            calls,
            strange,
            cut,
        } = bytecode::calls(&code, &scope, &mut self.steps);
        told.read = match (strange, cut) {
            (_, true) => CodeRead::Part,
            (true, false) => CodeRead::Names,
            (false, false) => CodeRead::Whole,
        };
        let mut plain = 0_usize;
        for call in calls {
            if !stance_code::model_code::is_of_interest(&call) {
                plain = plain.saturating_add(1);
                if plain > CALLS && function.runs == CodeRuns::Stored {
                    continue;
                }
            }
            if told.calls.len() >= JUDGED.saturating_add(CALLS) {
                told.read = CodeRead::Part;
                break;
            }
            told.calls
                .push(stance_read::redact::redact(&call).into_owned());
        }
        told
    }

    /// The code object of a value, built from the arguments it was made with.
    fn code(&mut self, value: Value, depth: u8) -> Option<Rc<Code>> {
        let Value::Object(index) = value else {
            return None;
        };
        if let Some(code) = self.codes.get(&index) {
            return code.clone();
        }
        let code = match self.world.carried.parts.get(&index)? {
            Part::Ready(code) => Some(Rc::clone(code)),
            Part::Code(arguments) => self.made(arguments, depth).map(Rc::new),
            _ => None,
        };
        self.codes.insert(index, code.clone());
        code
    }

    fn made(&mut self, arguments: &[Value], depth: u8) -> Option<Code> {
        let heap = &self.world.heap;
        // Numbers, then the byte code, constants, names and variables, wherever they begin; some builders put the
        // table of lines in front.
        let at = arguments.windows(4).position(|window| {
            matches!(window, [code, constants, names, locals]
                if heap.as_bytes(*code).is_some() && [constants, names, locals]
                    .iter()
                    .all(|value| heap.items(**value).is_some()))
        })?;
        let part = |index: usize| arguments.get(at.saturating_add(index)).copied();
        let numbers = arguments
            .get(..at)?
            .iter()
            .filter(|value| matches!(value, Value::Int(_)))
            .count();
        // The file, the name, and from 3.11 on the qualified name.
        let tail = arguments.get(at.saturating_add(4)..).unwrap_or_default();
        let mut texts = tail.iter().filter_map(|value| heap.as_str(*value)).skip(1);
        let name = texts.next().unwrap_or("?").to_owned();
        let qualified = texts.next().is_some();
        let (cells, free) = match arguments {
            [.., free, cells] => (self.strings(*cells), self.strings(*free)),
            _ => (Vec::new(), Vec::new()),
        };
        let items = heap.items(part(1)?)?;
        // More constants or names than are kept cannot be told.
        if items.len() >= KEEP_TUPLE || heap.items(part(2)?)?.len() >= KEEP_TUPLE {
            return None;
        }
        let (names, locals) = (self.strings(part(2)?), self.strings(part(3)?));
        let instructions = heap.as_bytes(part(0)?)?.into();
        let constants = items
            .iter()
            .map(|item| self.constant(*item, depth))
            .collect();
        Some(Code {
            name,
            instructions,
            constants,
            names,
            locals,
            cells,
            free,
            layout: match (numbers, qualified) {
                (0..=4, _) => Layout::Two,
                (5, _) => Layout::Seven,
                (_, false) => Layout::Ten,
                (_, true) => Layout::Eleven,
            },
        })
    }

    fn strings(&self, value: Value) -> Vec<Rc<str>> {
        let heap = &self.world.heap;
        let items = heap.items(value).unwrap_or_default();
        items
            .iter()
            .map(|item| heap.as_name(*item).unwrap_or("?").into())
            .collect()
    }

    fn constant(&mut self, value: Value, depth: u8) -> Constant {
        let Some(rest) = self.left.checked_sub(1).filter(|_| depth < DEPTH) else {
            return Constant::Other;
        };
        self.left = rest;
        let heap = &self.world.heap;
        let next = depth.saturating_add(1);
        match value {
            Value::Text(span) | Value::Bytes(span) => {
                let bytes = heap.read(span);
                let kept = bytes.get(..CONSTANT).unwrap_or(bytes);
                if matches!(value, Value::Text(_)) {
                    Constant::Text(String::from_utf8_lossy(kept).into())
                } else {
                    Constant::Bytes(kept.into())
                }
            }
            Value::None => Constant::Plain("None".into()),
            Value::Bool(true) => Constant::Plain("True".into()),
            Value::Bool(false) => Constant::Plain("False".into()),
            Value::Int(number) => Constant::Plain(number.to_string().into()),
            Value::Float(number) => Constant::Plain(format!("{number:?}").into()),
            Value::Object(_) => {
                if let Some(code) = self.code(value, next) {
                    return Constant::Code(code);
                }
                match heap.get(value) {
                    Some(Object::Tuple(items)) => Constant::Tuple(
                        items
                            .iter()
                            .map(|item| self.constant(*item, next))
                            .collect(),
                    ),
                    _ => Constant::Other,
                }
            }
            Value::Long(_) | Value::Unknown => Constant::Other,
        }
    }
}
