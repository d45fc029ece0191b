//! What imports, attributes and calls mean, as far as it can be told without running them.

use std::collections::HashSet;
use std::rc::Rc;

use stance_core::fact::{PickleStep, PickleTrace};

use super::archives::Archive;
use super::carried::Carried;
use super::recorder::{Recorder, Site};
use super::render::render;
use super::value::{Heap, Object, Value};
use stance_read::limits::Limits;

/// Longest dotted name that is followed.
const NAME: usize = 400;
/// Most values that are looked at for a text among the arguments of one call.
const LOOKS: usize = 2048;
/// How far names and calls are followed through partial application and the like.
pub(super) const STEPS: usize = 32;

/// Everything a stream does, apart from moving the stack.
pub(super) struct World {
    pub(super) heap: Heap,
    pub(super) recorder: Recorder,
    /// Functions and classes that the stream carries by value.
    pub(super) carried: Carried,
    pub(super) limits: Limits,
    /// Opcodes that may still be interpreted, pickles inside included.
    pub(super) budget: u64,
    /// Pickles inside this one.
    pub(super) nested: Vec<PickleTrace>,
    /// Archives of models among its constants.
    pub(super) archives: Vec<Archive>,
    /// Calls that take all memory or never end.
    pub(super) bombs: Vec<(Site, String)>,
    /// What the pickles inside import.
    pub(super) nested_names: HashSet<String>,
    pub(super) depth: u8,
    /// The first opcodes, as many as were asked for.
    pub(super) trail: Vec<PickleStep>,
}

impl World {
    pub(super) fn new(path: &std::sync::Arc<str>, limits: &Limits, budget: u64, depth: u8) -> Self {
        Self {
            heap: Heap::default(),
            recorder: Recorder::new(path),
            carried: Carried::default(),
            limits: *limits,
            budget,
            nested: Vec::new(),
            archives: Vec::new(),
            bombs: Vec::new(),
            nested_names: HashSet::new(),
            depth,
            trail: Vec::new(),
        }
    }

    /// Takes work that grows with `bytes` from the budget of opcodes, so that folding the same
    /// constant again and again ends as soon as any other loop.
    pub(super) fn charge(&mut self, bytes: usize) {
        self.budget = self.budget.saturating_sub(bytes as u64 / 16);
    }

    /// An import by module and name.
    pub(super) fn import(&mut self, module: Value, name: Value, site: Site) -> Value {
        let index = self
            .recorder
            .import(self.heap.as_name(module), self.heap.as_name(name), site);
        self.heap.add(Object::Global(index))
    }

    /// A module or attribute that calls lead to, noted as an import.
    pub(super) fn named(&mut self, module: &str, attribute: &str, site: Site) -> Value {
        self.recorder.import(Some(module), Some(attribute), site);
        let mut name = module.to_owned();
        if !attribute.is_empty() {
            name.push('.');
            name.push_str(attribute);
        }
        let name: String = name.chars().take(NAME).collect();
        self.heap.add(Object::Named {
            module: module.len().min(name.len()),
            name: name.into(),
        })
    }

    /// The dotted name of what `value` is; `?` when that cannot be told.
    pub(super) fn name(&self, value: Value) -> Rc<str> {
        let mut suffix = String::new();
        let mut value = value;
        for _ in 0..STEPS {
            let base = match value {
                Value::Text(_) => "str",
                Value::Bytes(_) => "bytes",
                Value::Int(_) | Value::Long(_) | Value::Bool(_) => "int",
                Value::Float(_) => "float",
                Value::None => "None",
                Value::Unknown => "?",
                Value::Object(_) => match self.heap.get(value) {
                    Some(Object::Bound { receiver, name }) => {
                        suffix.insert_str(0, name);
                        suffix.insert(0, '.');
                        value = *receiver;
                        continue;
                    }
                    Some(Object::Global(index)) => self.recorder.name(*index),
                    Some(Object::Named { name, .. }) => name,
                    Some(Object::Instance { of, .. }) => {
                        suffix.insert_str(0, "()");
                        of
                    }
                    Some(Object::Tuple(_)) => "tuple",
                    Some(Object::List(_)) => "list",
                    Some(Object::Dict(_)) => "dict",
                    Some(Object::Set(_)) => "set",
                    Some(Object::Persistent) => "persistent_load()",
                    Some(Object::Extension(_)) => "extension()",
                    Some(Object::Partial { .. }) => "functools.partial()",
                    Some(Object::AttributeGetter(_)) => "operator.attrgetter()",
                    Some(Object::MethodCaller(_)) => "operator.methodcaller()",
                    Some(Object::ItemGetter(_)) => "operator.itemgetter()",
                    None => "?",
                },
            };
            let mut name: String = base.chars().take(NAME).collect();
            name.push_str(&suffix);
            while name.ends_with(".__call__") {
                name.truncate(name.len().saturating_sub(".__call__".len()));
            }
            return name.into();
        }
        "?".into()
    }

    /// Whether it is an import or reached from one, so that changing it changes the process.
    pub(super) fn is_shared(&self, value: Value) -> bool {
        matches!(
            self.heap.get(value),
            Some(Object::Global(_) | Object::Named { .. })
        )
    }

    /// Module and attribute of an import, or of what is reached from one.
    fn parts(&self, value: Value) -> Option<(String, String)> {
        match self.heap.get(value)? {
            Object::Global(index) => {
                let global = self.recorder.globals.get(*index as usize)?;
                Some((global.module.clone(), global.attribute.clone()))
            }
            Object::Named { name, module } => {
                let attribute = name.get(*module..).unwrap_or_default();
                Some((
                    name.get(..*module).unwrap_or_default().to_owned(),
                    attribute.trim_start_matches('.').to_owned(),
                ))
            }
            _ => None,
        }
    }

    /// `getattr(receiver, name)`.
    pub(super) fn attribute(&mut self, receiver: Value, name: Value, site: Site) -> Value {
        let name = self.heap.as_name(name).unwrap_or("?").to_owned();
        if let Some((module, of)) = self.parts(receiver) {
            let attribute = if of.is_empty() {
                name
            } else {
                format!("{of}.{name}")
            };
            self.named(&module, &attribute, site)
        } else {
            self.heap.add(Object::Bound {
                receiver,
                name: name.chars().take(NAME).collect::<String>().into(),
            })
        }
    }

    /// `container[key]`.
    pub(super) fn item(&mut self, container: Value, key: Value, site: Site) -> Value {
        if let (Some(items), Value::Int(index)) = (self.heap.items(container), key) {
            let index = if index < 0 {
                index.saturating_add(i64::try_from(items.len()).unwrap_or(i64::MAX))
            } else {
                index
            };
            return usize::try_from(index)
                .ok()
                .and_then(|index| items.get(index).copied())
                .unwrap_or(Value::Unknown);
        }
        let Some(key_text) = self.heap.as_name(key).map(str::to_owned) else {
            return Value::Unknown;
        };
        if let Some(Object::Dict(entries)) = self.heap.get(container) {
            return entries
                .iter()
                .rev()
                .find(|(found, _)| self.heap.is_text(*found, &key_text))
                .map_or(Value::Unknown, |(_, value)| *value);
        }
        let name = self.name(container);
        if name.ends_with("sys.modules") || key_text == "__builtins__" {
            let module = if key_text == "__builtins__" {
                "builtins"
            } else {
                &key_text
            };
            return self.named(module, "", site);
        }
        let owner = name.strip_suffix("()").unwrap_or(&name);
        for namespace in [".__dict__", ".__globals__"] {
            if let Some(owner) = owner.strip_suffix(namespace) {
                return self.named(owner, &key_text, site);
            }
        }
        if matches!(
            owner,
            "builtins.globals" | "builtins.locals" | "__builtin__.globals" | "__builtin__.locals"
        ) {
            // What the loader's frame sees are the built-in names, whatever else.
            return self.named("builtins", &key_text, site);
        }
        Value::Unknown
    }

    /// Whether any argument is a text that the file supplies. Objects may hold each other many times
    /// over: what is looked at is bounded, and comes out of the budget of opcodes.
    fn has_text(&mut self, arguments: &[Value]) -> bool {
        let mut left = LOOKS;
        let found = self.is_text_among(arguments, 6, &mut left);
        self.charge(LOOKS.saturating_sub(left).saturating_mul(2));
        found
    }

    fn is_text_among(&self, values: &[Value], depth: u8, left: &mut usize) -> bool {
        let below = depth.saturating_sub(1);
        values.iter().take(32).any(|value| {
            if *left == 0 {
                return false;
            }
            *left = left.saturating_sub(1);
            match *value {
                Value::Text(span) | Value::Bytes(span) => !self.heap.read(span).is_empty(),
                Value::Object(_) if depth > 0 => match self.heap.get(*value) {
                    Some(Object::Tuple(items) | Object::List(items) | Object::Set(items)) => {
                        self.is_text_among(items, below, left)
                    }
                    Some(Object::Dict(items)) => items
                        .iter()
                        .take(64)
                        .any(|(key, value)| self.is_text_among(&[*key, *value], below, left)),
                    Some(Object::Partial { arguments, .. }) => {
                        self.is_text_among(arguments, below, left)
                    }
                    // Paths, buffers and decoders only wrap the text they are given.
                    Some(Object::Instance { of, arguments, .. }) if wraps_text(of) => {
                        self.is_text_among(arguments, below, left)
                    }
                    _ => false,
                },
                _ => false,
            }
        })
    }

    /// Notes an opcode, and what it pushed where that is its operand.
    pub(super) fn step(&mut self, site: Site, operand: Option<Value>, key: Option<u64>) {
        if self.trail.len() >= self.limits.trail {
            return;
        }
        let name = |index: u32| self.recorder.name(index).to_owned();
        let argument = match (operand, key) {
            (Some(value), _) => render(&self.heap, value, &name),
            (None, Some(key)) => key.to_string(),
            (None, None) => String::new(),
        };
        self.trail.push(PickleStep {
            offset: site.offset,
            opcode: site.opcode,
            argument,
        });
    }

    /// Notes a call by name.
    pub(super) fn record(&mut self, callable: &str, arguments: &[Value], site: Site) {
        if !self.recorder.wants(callable) {
            return;
        }
        let constant_text = self.has_text(arguments);
        let name = |index: u32| self.recorder.name(index).to_owned();
        let printed = arguments
            .iter()
            .take(16)
            .map(|argument| render(&self.heap, *argument, &name))
            .collect();
        self.recorder.call(callable, constant_text, site, printed);
    }
}

/// Whether what a call of `name` gives is a text it was given, in another shape.
fn wraps_text(name: &str) -> bool {
    const OWNERS: &[&str] = &[
        "str",
        "bytes",
        "pathlib",
        "base64",
        "binascii",
        "codecs",
        "zlib",
        "gzip",
        "bz2",
        "lzma",
        "io",
        "builtins",
        "collections",
        "itertools",
        "functools",
        "operator",
        "quopri",
        "urllib",
        "json",
        "ast",
    ];
    let name = super::names::python3_name(name);
    let owner = name.split('.').next().unwrap_or_default();
    OWNERS.contains(&owner.trim_start_matches('_'))
}
