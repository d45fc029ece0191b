//! Functions and classes that a stream carries by value, as cloudpickle and dill write what stands in a
//! notebook: code objects, what is built of them, and whether loading runs it.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use stance_core::Evidence;
use stance_core::fact::{CarriedCode, CodeRead, CodeRuns};

use super::recorder::Site;
use super::value::{Heap, KEEP, Object, Value};
use super::world::World;
use crate::bytecode::{self, Bound, Code, Constant, Layout, Outcome, Scope};

/// Functions of one stream that are told.
const MOST: usize = 4096;
/// Steps of walks over byte code of one stream.
const STEPS: usize = 1 << 20;
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
/// Dictionaries that are looked through for one name.
const DICTIONARIES: usize = 16;

/// What changing a function or class that the stream did not make amounts to.
const SETTER: &str = "builtins.setattr";

/// Calls of these with three arguments make a class.
const CLASS_MAKERS: &[&str] = &[
    "abc.ABCMeta",
    "builtins.type",
    "enum.EnumMeta",
    "enum.EnumType",
];

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
pub(super) struct Carried {
    parts: HashMap<u32, Part>,
    functions: Vec<Function>,
    classes: Vec<Class>,
    /// Instances of classes that the stream carries.
    instances: HashMap<u32, usize>,
    /// Whether such a class was called, so that its `__init__` runs.
    called: bool,
    made: bool,
    full: bool,
}

/// What a constructor makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Makes {
    /// A type of `types` or `builtins` by its name.
    Type,
    Code,
    Function,
    /// Gives a function its state.
    FunctionState,
    Class,
    Enumeration,
    /// Gives a class its members.
    ClassState,
    Cell,
    CellState,
    Import,
    Method,
    /// Calls its first argument with the second, the items of the third.
    Applied,
    /// Calls its first argument with the items of the second.
    Called,
}

/// What a call of `name` makes, when it is one of the functions with which cloudpickle and dill build code.
fn makes(name: &str) -> Option<Makes> {
    let (owner, last) = name.rsplit_once('.')?;
    if matches!(owner, "types" | "new") {
        return Some(match last {
            "CodeType" | "code" => Makes::Code,
            "FunctionType" | "LambdaType" | "function" => Makes::Function,
            _ => return None,
        });
    }
    let module = owner
        .strip_suffix("._builtin_type")
        .or_else(|| owner.strip_suffix("._load_type"));
    if module.is_some_and(is_builder) {
        return Some(match last {
            "CodeType" => Makes::Code,
            "FunctionType" | "LambdaType" => Makes::Function,
            "ClassType" | "type" => Makes::Class,
            "MethodType" => Makes::Method,
            "CellType" => Makes::Cell,
            _ => return None,
        });
    }
    if !is_builder(owner) {
        return None;
    }
    Some(match last {
        "_builtin_type" | "_load_type" => Makes::Type,
        "_create_code" | "_make_code" => Makes::Code,
        "_make_function" | "_make_skel_func" | "_create_function" => Makes::Function,
        "_function_setstate" | "_fill_function" => Makes::FunctionState,
        "_make_skeleton_class" | "_create_type" => Makes::Class,
        "_make_skeleton_enum" => Makes::Enumeration,
        "_class_setstate" | "_rehydrate_skeleton_class" => Makes::ClassState,
        "_make_cell" | "_make_empty_cell" | "_create_cell" => Makes::Cell,
        "cell_set" | "_cell_set" => Makes::CellState,
        "subimport" | "_import_module" => Makes::Import,
        "_create_ftype" => Makes::Applied,
        "_create_array" | "instance" => Makes::Called,
        _ => return None,
    })
}

/// Whether a module is cloudpickle or dill, under its own name or as others carry it.
fn is_builder(module: &str) -> bool {
    let (owner, last) = module.rsplit_once('.').unwrap_or(("", module));
    matches!(last, "cloudpickle" | "cloudpickle_fast")
        || matches!((owner, last), ("dill", "_dill" | "dill"))
}

impl World {
    /// Whether calling `function` runs what the stream itself carries; notes it.
    pub(super) fn run_carried(&mut self, function: Value, site: Site) {
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
    pub(super) fn instance_of(&mut self, object: Value, class: Value) {
        if let (Value::Object(object), Value::Object(class)) = (object, class)
            && let Some(Part::Class(at)) = self.carried.parts.get(&class)
        {
            self.carried.made = true;
            self.carried.instances.insert(object, *at);
        }
    }

    /// A method that `object`, or its class, has from the stream.
    pub(super) fn carried_method(&self, object: Value, name: &str) -> Option<Value> {
        let Value::Object(index) = object else {
            return None;
        };
        let at = match self.carried.parts.get(&index) {
            Some(Part::Class(at)) => *at,
            _ => *self.carried.instances.get(&index)?,
        };
        self.carried.classes.get(at)?.find(&self.heap, name)
    }

    /// What the call of a builder of code gives; `None` for every other call.
    pub(super) fn build_carried(
        &mut self,
        name: &str,
        arguments: &[Value],
        site: Site,
    ) -> Option<Value> {
        if name == "marshal.loads" {
            let bytes = self.heap.as_bytes(*arguments.first()?)?;
            let code = bytecode::marshal::read(bytes)?.code?;
            return Some(self.carry(name, arguments, |_| Part::Ready(code)));
        }
        let class = CLASS_MAKERS.contains(&name) && arguments.len() >= 3;
        let makes = if class { Makes::Class } else { makes(name)? };
        let argument = |index: usize| arguments.get(index).copied().unwrap_or(Value::Unknown);
        Some(match makes {
            Makes::Type => {
                let what = self.heap.as_name(argument(0))?.to_owned();
                // Any other attribute of `types` may lead further.
                let known = name.ends_with("_load_type") || what.ends_with("Type");
                if !known {
                    return Some(self.named("types", &what, site));
                }
                let name = format!("{name}.{what}");
                self.heap.add(Object::Named {
                    module: name.len(),
                    name: name.into(),
                })
            }
            Makes::Code => self.carry(name, arguments, |_| Part::Code(arguments.to_vec())),
            Makes::Function => {
                let function = Function {
                    code: argument(0),
                    globals: arguments.get(1..).unwrap_or_default().to_vec(),
                    runs: CodeRuns::Stored,
                    site,
                };
                if self.carried.functions.len() >= MOST {
                    self.carried.full = true;
                    return None;
                }
                self.carried.functions.push(function);
                self.carry(name, arguments, |carried| {
                    Part::Function(carried.functions.len().saturating_sub(1))
                })
            }
            Makes::FunctionState => {
                if !self.give_state(argument(0), arguments.get(1..).unwrap_or_default()) {
                    self.record(SETTER, arguments, site);
                }
                argument(0)
            }
            Makes::Class | Makes::Enumeration => {
                if self.carried.classes.len() >= MOST {
                    self.carried.full = true;
                    return None;
                }
                let metaclass = argument(0);
                // `type(name, bases, members)` has no metaclass to call.
                let named = matches!(metaclass, Value::Text(_));
                if makes == Makes::Class && !class && !named && !name.ends_with("Type") {
                    let with = arguments.get(1..4).or_else(|| arguments.get(1..));
                    self.run_metaclass(metaclass, with.unwrap_or_default(), site);
                }
                self.carried.classes.push(Class {
                    members: arguments.get(2..).unwrap_or_default().to_vec(),
                    own: Vec::new(),
                });
                self.carry(name, arguments, |carried| {
                    Part::Class(carried.classes.len().saturating_sub(1))
                })
            }
            Makes::ClassState => {
                // An instance of a metaclass that the stream carries is a class as well.
                let own = self.is_carried_instance(argument(0));
                match self.class(argument(0)) {
                    Some(class) => class
                        .members
                        .extend(arguments.get(1..).unwrap_or_default()),
                    None if own => {}
                    None => self.record(SETTER, arguments, site),
                }
                argument(0)
            }
            Makes::Cell => self.carry(name, arguments, |_| Part::Cell(arguments.to_vec())),
            Makes::CellState => {
                if let Value::Object(index) = argument(0)
                    && let Some(Part::Cell(held)) = self.carried.parts.get_mut(&index)
                {
                    *held = vec![argument(1)];
                } else {
                    self.record(SETTER, arguments, site);
                }
                argument(0)
            }
            Makes::Import => {
                let module = self.heap.as_name(argument(0))?.to_owned();
                self.named(&module, "", site)
            }
            Makes::Method => self.heap.add(Object::Partial {
                function: argument(0),
                arguments: arguments.get(1..2).unwrap_or_default().to_vec(),
            }),
            Makes::Applied => {
                let mut with = vec![argument(1)];
                with.extend(self.heap.items(argument(2)).unwrap_or_default());
                if self.name(argument(0)).ends_with(".PartialType") {
                    self.heap.add(Object::Partial {
                        function: argument(1),
                        arguments: with.get(1..).unwrap_or_default().to_vec(),
                    })
                } else {
                    self.call_deeper(argument(0), with, site)
                }
            }
            Makes::Called => {
                let with = self.heap.items(argument(1)).unwrap_or_default().to_vec();
                self.call_deeper(argument(0), with, site)
            }
        })
    }

    /// What BUILD gives to something that the stream carries.
    pub(super) fn build_state(&mut self, target: Value, state: Value) {
        if !self.give_state(target, &[state])
            && let Some(class) = self.class(target)
        {
            class.members.push(state);
        }
    }

    /// `setattr(target, name, value)`, or `delattr` without a value, when `target` is something that the stream
    /// carries.
    pub(super) fn set_carried(&mut self, target: Value, name: Value, value: Option<Value>) -> bool {
        let Value::Object(index) = target else {
            return false;
        };
        let Some(value) = value else {
            return self.carried.parts.contains_key(&index);
        };
        match self.carried.parts.get_mut(&index) {
            Some(Part::Class(at)) => {
                if let Some(class) = self.carried.classes.get_mut(*at) {
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

    /// A class is made by calling its metaclass, which may be anything.
    fn run_metaclass(&mut self, metaclass: Value, arguments: &[Value], site: Site) {
        let name = self.name(metaclass);
        let last = name.rsplit('.').next().unwrap_or_default();
        let plain = matches!(last, "type" | "ABCMeta" | "ClassType")
            || last.ends_with("Meta")
            || last.ends_with("MetaClass");
        if !plain || matches!(self.heap.get(metaclass), Some(Object::Partial { .. })) {
            self.call(metaclass, arguments.to_vec(), site);
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

    /// What the stream carries, once it is read.
    pub(super) fn carried_code(&mut self) -> Vec<CarriedCode> {
        if self.carried.functions.is_empty() && self.carried.parts.is_empty() {
            return Vec::new();
        }
        self.mark_methods();
        let mut reader = Reader {
            world: self,
            codes: HashMap::new(),
            left: CONSTANTS,
            steps: STEPS,
        };
        let mut found = Vec::new();
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

/// Reads code objects out of the values of a stream, each once.
struct Reader<'w> {
    world: &'w World,
    codes: HashMap<u32, Option<Rc<Code>>>,
    /// Constants that may still be read.
    left: usize,
    /// Steps that walks may still take.
    steps: usize,
}

impl Reader<'_> {
    fn tell(&mut self, function: &Function) -> CarriedCode {
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
        told.names = code.names(NAMES);
        let scope = Names::of(self.world, function, &code);
        self.steps = self.steps.saturating_sub(scope.globals.len());
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
            if !crate::model_code::is_of_interest(&call) {
                plain = plain.saturating_add(1);
                if plain > CALLS && function.runs == CodeRuns::Stored {
                    continue;
                }
            }
            if told.calls.len() >= JUDGED.saturating_add(CALLS) {
                told.read = CodeRead::Part;
                break;
            }
            told.calls.push(crate::redact::redact(&call).into_owned());
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
        if items.len() >= KEEP || heap.items(part(2)?)?.len() >= KEEP {
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

impl Class {
    fn entries<'h>(&'h self, heap: &'h Heap) -> impl Iterator<Item = (Value, Value)> + 'h {
        self.own.iter().copied().chain(
            self.members
                .iter()
                .flat_map(|members| dictionaries(heap, *members))
                .flatten()
                .copied(),
        )
    }

    fn find(&self, heap: &Heap, name: &str) -> Option<Value> {
        self.entries(heap)
            .find(|(key, _)| heap.is_text(*key, name))
            .map(|(_, value)| value)
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

/// The names that a function sees.
struct Names<'w> {
    world: &'w World,
    function: &'w Function,
    globals: HashMap<&'w str, Value>,
    free: Vec<Rc<str>>,
}

impl<'w> Names<'w> {
    fn of(world: &'w World, function: &'w Function, code: &Code) -> Self {
        let heap = &world.heap;
        let mut globals = HashMap::new();
        for value in &function.globals {
            for (key, value) in dictionaries(heap, *value).into_iter().flatten() {
                if let Some(key) = heap.as_name(*key) {
                    globals.entry(key).or_insert(*value);
                }
            }
        }
        Self {
            world,
            function,
            globals,
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
                    let name = super::names::python3_name(&name);
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

    /// The cell at a place of a closure, given as it is or under a key of the state.
    fn cell(&self, closure: Value, at: usize) -> Option<Value> {
        let heap = &self.world.heap;
        let cells = heap.items(closure).or_else(|| {
            let entries = dictionaries(heap, closure).into_iter().flatten();
            let mut under = entries.filter(|(key, _)| {
                ["__closure__", "closure", "closure_values"]
                    .iter()
                    .any(|word| heap.is_text(*key, word))
            });
            heap.items(under.next()?.1)
        })?;
        let cell = *cells.get(at)?;
        match cell {
            Value::Object(index) => match self.world.carried.parts.get(&index) {
                Some(Part::Cell(held)) => held.first().copied(),
                _ => Some(cell),
            },
            _ => Some(cell),
        }
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
