//! What imports, attributes and calls mean, as far as it can be told without running them.

use std::rc::Rc;

use stance_core::fact::{PickleEnd, PickleOrigin, PickleTrace};

use super::recorder::{Recorder, Site};
use super::render::render;
use super::value::{Heap, Object, Value};
use super::{Traced, fold};
use crate::limits::Limits;

/// Longest dotted name that is followed.
const NAME: usize = 400;
/// How far a call is followed through partial application and the like.
const STEPS: usize = 32;
/// Calls inside calls (`map`, `reduce`, `apply`) and pickles inside pickles.
const DEPTH: u8 = 8;
/// Most pickles found inside one stream.
const NESTED: usize = 64;

/// Everything a stream does, apart from moving the stack.
pub(super) struct World {
    pub(super) heap: Heap,
    pub(super) recorder: Recorder,
    pub(super) limits: Limits,
    /// Opcodes that may still be interpreted, pickles inside included.
    pub(super) budget: u64,
    /// Pickles inside this one.
    pub(super) nested: Vec<PickleTrace>,
    depth: u8,
}

impl World {
    pub(super) fn new(path: &std::sync::Arc<str>, limits: &Limits, budget: u64, depth: u8) -> Self {
        Self {
            heap: Heap::default(),
            recorder: Recorder::new(path),
            limits: *limits,
            budget,
            nested: Vec::new(),
            depth,
        }
    }

    /// An import by module and name.
    pub(super) fn import(&mut self, module: Value, name: Value, site: Site) -> Value {
        let index = self
            .recorder
            .import(self.heap.as_str(module), self.heap.as_str(name), site);
        self.heap.add(Object::Global(index))
    }

    /// A module or attribute that calls lead to, noted as an import.
    fn named(&mut self, module: &str, attribute: &str, site: Site) -> Value {
        self.recorder.import(Some(module), Some(attribute), site);
        let mut name = module.to_owned();
        if !attribute.is_empty() {
            name.push('.');
            name.push_str(attribute);
        }
        let name: String = name.chars().take(NAME).collect();
        self.heap.add(Object::Named(name.into()))
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
                    Some(Object::Named(name)) => name,
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
            Some(Object::Global(_) | Object::Named(_))
        )
    }

    /// `getattr(receiver, name)`.
    fn attribute(&mut self, receiver: Value, name: Value, site: Site) -> Value {
        let name = self.heap.as_str(name).unwrap_or("?").to_owned();
        if self.is_shared(receiver) {
            let of = self.name(receiver);
            self.named(&of, &name, site)
        } else {
            self.heap.add(Object::Bound {
                receiver,
                name: name.chars().take(NAME).collect::<String>().into(),
            })
        }
    }

    /// `container[key]`.
    fn item(&mut self, container: Value, key: Value, site: Site) -> Value {
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
        let Some(key_text) = self.heap.as_str(key).map(str::to_owned) else {
            return Value::Unknown;
        };
        if let Some(Object::Dict(entries)) = self.heap.get(container) {
            return entries
                .iter()
                .rev()
                .find(|(found, _)| self.heap.as_str(*found) == Some(&key_text))
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

    /// Whether any argument is a text that the file supplies.
    fn has_text(&self, values: &[Value], depth: u8) -> bool {
        values.iter().take(64).any(|value| match *value {
            Value::Text(span) | Value::Bytes(span) => !self.heap.read(span).is_empty(),
            Value::Object(_) if depth > 0 => match self.heap.get(*value) {
                Some(Object::Tuple(items) | Object::List(items) | Object::Set(items)) => {
                    self.has_text(items, depth.saturating_sub(1))
                }
                Some(Object::Dict(items)) => items
                    .iter()
                    .take(64)
                    .any(|(key, value)| self.has_text(&[*key, *value], depth.saturating_sub(1))),
                _ => false,
            },
            _ => false,
        })
    }

    /// Notes a call by name.
    pub(super) fn record(&mut self, callable: &str, arguments: &[Value], site: Site) {
        if !self.recorder.wants(callable) {
            return;
        }
        let constant_text = self.has_text(arguments, 3);
        let name = |index: u32| self.recorder.name(index).to_owned();
        let printed = arguments
            .iter()
            .take(16)
            .map(|argument| render(&self.heap, *argument, &name))
            .collect();
        self.recorder.call(callable, constant_text, site, printed);
    }

    /// Calls `function`, as REDUCE does.
    pub(super) fn call(&mut self, function: Value, arguments: Vec<Value>, site: Site) -> Value {
        let mut function = function;
        let mut arguments = arguments;
        for _ in 0..STEPS {
            match self.heap.get(function) {
                Some(Object::Partial {
                    function: inner,
                    arguments: first,
                }) => {
                    let mut all = first.clone();
                    all.extend(arguments);
                    all.truncate(super::value::KEEP);
                    function = *inner;
                    arguments = all;
                }
                Some(Object::MethodCaller(parts)) => {
                    let mut parts = parts.clone().into_iter();
                    let name = parts.next().unwrap_or(Value::Unknown);
                    let receiver = arguments.first().copied().unwrap_or(Value::Unknown);
                    function = self.attribute(receiver, name, site);
                    arguments = parts.collect();
                }
                Some(Object::AttributeGetter(names)) => {
                    let names = names.clone();
                    let receiver = arguments.first().copied().unwrap_or(Value::Unknown);
                    let mut found = Vec::new();
                    for name in names.into_iter().take(8) {
                        found.push(self.attribute(receiver, name, site));
                    }
                    return match found.as_slice() {
                        [one] => *one,
                        _ => self.heap.add(Object::Tuple(found)),
                    };
                }
                Some(Object::ItemGetter(keys)) => {
                    let key = keys.first().copied().unwrap_or(Value::Unknown);
                    let container = arguments.first().copied().unwrap_or(Value::Unknown);
                    return self.item(container, key, site);
                }
                Some(Object::Bound { receiver, .. }) => {
                    let receiver = *receiver;
                    let name = self.name(function);
                    let mut all = vec![receiver];
                    all.extend(arguments);
                    self.record(&name, &all, site);
                    return self.effect(&name, all, site);
                }
                Some(Object::Global(index)) => {
                    let index = *index;
                    self.recorder.called(index);
                    break;
                }
                Some(Object::Named(name)) => {
                    if let Some((module, attribute)) = name.clone().rsplit_once('.') {
                        self.recorder.called_by_name(module, attribute);
                    }
                    break;
                }
                _ => break,
            }
        }
        let name = self.name(function);
        self.record(&name, &arguments, site);
        self.effect(&name, arguments, site)
    }

    /// What a call gives.
    fn effect(&mut self, name: &str, arguments: Vec<Value>, site: Site) -> Value {
        let first = arguments.first().copied().unwrap_or(Value::Unknown);
        let second = arguments.get(1).copied().unwrap_or(Value::Unknown);
        let name = canonical(name);
        match &*name {
            "builtins.getattr" | "inspect.getattr_static" | "dill._dill._get_attr" => {
                return self.attribute(first, second, site);
            }
            "builtins.vars" => {
                let name = self.heap.text("__dict__");
                return self.attribute(first, name, site);
            }
            "operator.attrgetter" => return self.heap.add(Object::AttributeGetter(arguments)),
            "operator.methodcaller" => return self.heap.add(Object::MethodCaller(arguments)),
            "operator.itemgetter" => return self.heap.add(Object::ItemGetter(arguments)),
            "operator.getitem" | "operator.__getitem__" => return self.item(first, second, site),
            "functools.partial" | "functools.partialmethod" => {
                return self.heap.add(Object::Partial {
                    function: first,
                    arguments: arguments.get(1..).unwrap_or_default().to_vec(),
                });
            }
            "builtins.__import__" | "importlib.__import__" => {
                let Some(module) = self.heap.as_str(first) else {
                    return self.unresolved(site);
                };
                let from_list = arguments
                    .get(3)
                    .and_then(|names| self.heap.items(*names))
                    .is_some_and(|names| !names.is_empty());
                let module = if from_list {
                    module
                } else {
                    module.split('.').next().unwrap_or_default()
                };
                let module = module.to_owned();
                return self.named(&module, "", site);
            }
            "importlib.import_module"
            | "importlib.util.find_spec"
            | "dill._dill._import_module"
            | "cloudpickle.cloudpickle.subimport" => {
                let Some(module) = self.heap.as_str(first) else {
                    return self.unresolved(site);
                };
                let module = module.to_owned();
                return self.named(&module, "", site);
            }
            _ if RESOLVERS.contains(&&*name) => {
                let Some(path) = self.heap.as_str(first) else {
                    return self.unresolved(site);
                };
                let path = path.replace(':', ".");
                let (module, attribute) = path.rsplit_once('.').unwrap_or((&path, ""));
                let (module, attribute) = (module.to_owned(), attribute.to_owned());
                return self.named(&module, &attribute, site);
            }
            "builtins.apply" | "operator.call" => {
                let spread = match (&*name, self.heap.items(second)) {
                    ("builtins.apply", Some(items)) => items.to_vec(),
                    _ => arguments.get(1..).unwrap_or_default().to_vec(),
                };
                return self.call_deeper(first, spread, site);
            }
            "builtins.map"
            | "builtins.filter"
            | "itertools.starmap"
            | "functools.reduce"
            | "itertools.filterfalse"
            | "itertools.takewhile"
            | "itertools.dropwhile"
            | "itertools.accumulate"
            | "itertools.groupby" => {
                return self.higher_order(&name, &arguments, site);
            }
            "copyreg._reconstructor"
            | "copyreg.__newobj__"
            | "copyreg.__newobj_ex__"
            | "builtins.object.__new__" => {
                let of = self.name(first);
                return self.heap.add(Object::Instance {
                    of,
                    arguments: arguments.get(1..).unwrap_or_default().to_vec(),
                    state: Value::None,
                });
            }
            _ => {}
        }
        if NESTED_LOADERS.contains(&&*name) {
            self.load_nested(first, PickleOrigin::Loaded, site);
        }
        match name.rsplit_once('.') {
            Some((owner, "__getattribute__" | "__getattr__")) => {
                if let (Value::Text(_), [_]) = (first, arguments.as_slice()) {
                    let owner = owner.to_owned();
                    let attribute = self.heap.as_str(first).unwrap_or("?").to_owned();
                    return self.named(&owner, &attribute, site);
                }
                return self.attribute(first, second, site);
            }
            Some((owner, "__getitem__" | "get")) => {
                if arguments.len() == 1 {
                    let container = self.heap.add(Object::Named(owner.into()));
                    return self.item(container, first, site);
                }
                let found = self.item(first, second, site);
                if !matches!(found, Value::Unknown) {
                    return found;
                }
            }
            _ => {}
        }
        if let Some(constant) = fold::constant(&mut self.heap, &name, &arguments) {
            return constant;
        }
        self.heap.add(Object::Instance {
            of: name,
            arguments: arguments.into_iter().take(16).collect(),
            state: Value::None,
        })
    }

    fn unresolved(&mut self, site: Site) -> Value {
        let index = self.recorder.import(None, None, site);
        self.heap.add(Object::Global(index))
    }

    fn call_deeper(&mut self, function: Value, arguments: Vec<Value>, site: Site) -> Value {
        if self.depth >= DEPTH {
            return Value::Unknown;
        }
        self.depth = self.depth.saturating_add(1);
        let result = self.call(function, arguments, site);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    /// `map`, `reduce` and their like call their first argument with items of the second. They are
    /// lazy in part; who builds one in a pickle means to use it up.
    fn higher_order(&mut self, name: &str, arguments: &[Value], site: Site) -> Value {
        let (function, items) = match name {
            "itertools.accumulate" | "itertools.groupby" => (arguments.get(1), arguments.first()),
            _ => (arguments.first(), arguments.get(1)),
        };
        let function = function.copied().unwrap_or(Value::Unknown);
        let items: Vec<Value> = items
            .and_then(|items| self.heap.items(*items))
            .map(|items| items.iter().copied().take(8).collect())
            .unwrap_or_default();
        let callable = matches!(function, Value::Object(_));
        if !callable {
            return Value::Unknown;
        }
        let mut results = Vec::new();
        match name {
            "functools.reduce" | "itertools.accumulate" => {
                let mut spread: Vec<Value> = arguments.get(2).copied().into_iter().collect();
                spread.extend(items);
                spread.truncate(2);
                return self.call_deeper(function, spread, site);
            }
            "itertools.starmap" => {
                for item in items {
                    let spread = self.heap.items(item).unwrap_or_default().to_vec();
                    results.push(self.call_deeper(function, spread, site));
                }
            }
            _ if items.is_empty() => {
                results.push(self.call_deeper(function, vec![Value::Unknown], site));
            }
            _ => {
                for item in items {
                    results.push(self.call_deeper(function, vec![item], site));
                }
            }
        }
        self.heap.add(Object::List(results))
    }

    /// Interprets a constant that holds a pickle itself.
    pub(super) fn load_nested(&mut self, constant: Value, origin: PickleOrigin, site: Site) {
        if self.depth >= DEPTH || self.nested.len() >= NESTED {
            return;
        }
        let bytes = match constant {
            Value::Text(span) | Value::Bytes(span) => self.heap.read(span).to_vec(),
            _ => return,
        };
        let mut rest = &*bytes;
        // Old PyTorch tensors are several streams in a row.
        for _ in 0..5 {
            let consumed = self.load_stream(rest, origin, site);
            rest = rest.get(consumed..).unwrap_or_default();
            if consumed == 0 || !super::claim::may_start(rest) {
                break;
            }
        }
    }

    /// Interprets one stream of a constant; says how long it was, 0 when it broke.
    fn load_stream(&mut self, bytes: &[u8], origin: PickleOrigin, site: Site) -> usize {
        let traced = super::trace_inner(
            self.recorder.path(),
            bytes,
            site.offset,
            &self.limits,
            self.budget,
            self.depth.saturating_add(1),
        );
        let stopped = traced.trace.end == PickleEnd::Stop;
        self.budget = self.budget.saturating_sub(traced.trace.opcodes);
        let Traced {
            trace,
            nested,
            consumed,
            ..
        } = traced;
        for mut trace in std::iter::once(trace).chain(nested) {
            // Offsets inside a constant that may have been decoded mean nothing in the file.
            trace.offset = site.offset;
            for evidence in trace
                .globals
                .iter_mut()
                .map(|global| &mut global.evidence)
                .chain(trace.calls.iter_mut().map(|call| &mut call.evidence))
            {
                evidence.locus = stance_core::Locus::Bytes {
                    offset: site.offset,
                    length: site.length,
                };
            }
            if origin == PickleOrigin::Dormant || trace.origin == PickleOrigin::File {
                trace.origin = origin;
            }
            let idle = trace.globals.is_empty() && trace.origin == PickleOrigin::Dormant;
            if idle || self.nested.len() >= NESTED {
                continue;
            }
            if trace.origin == PickleOrigin::Loaded {
                // The constant looked dormant until this call came.
                self.nested.retain(|known| {
                    !(known.origin == PickleOrigin::Dormant && same(known, &trace))
                });
            }
            self.nested.push(trace);
        }
        if stopped { consumed } else { 0 }
    }

    /// Whether `constant`, as it stands or decoded, is a pickle that imports something; if so it
    /// is interpreted as one that nothing loads.
    pub(super) fn look_inside(&mut self, constant: Value, site: Site) {
        let (Value::Text(span) | Value::Bytes(span)) = constant else {
            return;
        };
        if self.depth >= 3 || self.nested.len() >= NESTED {
            return;
        }
        let bytes = self.heap.read(span);
        let payload = if super::claim::hides_pickle(bytes) {
            bytes.to_vec()
        } else if let Some(decoded) =
            fold::decoded_text(bytes).filter(|decoded| super::claim::hides_pickle(decoded))
        {
            decoded
        } else {
            return;
        };
        let value = self.heap.bytes(&payload);
        self.load_nested(value, PickleOrigin::Dormant, site);
    }
}

/// Whether two streams do the same.
fn same(left: &PickleTrace, right: &PickleTrace) -> bool {
    let calls = |trace: &PickleTrace| -> Vec<(String, Vec<String>)> {
        trace
            .calls
            .iter()
            .map(|call| (call.callable.clone(), call.arguments.clone()))
            .collect()
    };
    left.opcodes == right.opcodes && calls(left) == calls(right)
}

/// Functions that turn a dotted path into what it names.
const RESOLVERS: &[&str] = &[
    "pkgutil.resolve_name",
    "pydoc.locate",
    "pydoc.resolve",
    "pydoc.safeimport",
    "logging.config._resolve",
    "unittest.mock._importer",
    "unittest.mock._get_target",
    "doctest._normalize_module",
    "test.support.import_helper.import_module",
    "zope.dottedname.resolve.resolve",
    "django.utils.module_loading.import_string",
    "werkzeug.utils.import_string",
    "twisted.python.reflect.namedAny",
    "hydra.utils.get_class",
    "hydra.utils.get_method",
    "hydra._internal.utils._locate",
    "setuptools._distutils.util.resolve",
    "xmlrpc.server.resolve_dotted_attribute",
    "idlelib.calltip.get_entity",
    "transformers.utils.import_utils.direct_transformers_import",
];

/// Functions that load a pickle from the bytes they are given.
const NESTED_LOADERS: &[&str] = &[
    "pickle.loads",
    "pickle._loads",
    "_pickle.loads",
    "cPickle.loads",
    "dill.loads",
    "dill._dill.loads",
    "cloudpickle.loads",
    "cloudpickle.cloudpickle.loads",
    "ray.cloudpickle.loads",
    "pickle5.loads",
    "joblib.externals.cloudpickle.loads",
    "torch.storage._load_from_bytes",
];

/// The name under which Python 3 knows a built-in, an operator or a codec.
fn canonical(name: &str) -> Rc<str> {
    let renamed = [
        ("__builtin__.", "builtins."),
        ("__builtins__.", "builtins."),
        ("_operator.", "operator."),
        ("_functools.", "functools."),
        ("copy_reg.", "copyreg."),
        ("_codecs.", "codecs."),
    ];
    for (old, new) in renamed {
        if let Some(rest) = name.strip_prefix(old) {
            return format!("{new}{rest}").into();
        }
    }
    name.into()
}
