//! What calls do, as far as it can be told without making them.

use std::rc::Rc;

use stance_core::fact::PickleOrigin;

use super::fold;
use super::names::python3_name;
use super::nested::{COMMON_LOADERS, NESTED_LOADERS};
use super::recorder::Site;
use super::value::{KEEP, Object, Value};
use super::world::{STEPS, World};

/// Calls inside calls (`map`, `reduce`, `apply`) and pickles inside pickles.
pub(super) const DEPTH: u8 = 8;

/// Items that a mapped function is called with.
const MAPPED: usize = 8;

/// Calls of one stream that take all memory, which are told.
const BOMBS: usize = 8;

/// Longest list that is reduced step by step.
const FOLDED: usize = 64;

impl World {
    /// Calls `function`, as REDUCE does.
    pub(super) fn call(&mut self, function: Value, arguments: Vec<Value>, site: Site) -> Value {
        let mut function = function;
        let mut arguments = arguments;
        self.budget = self.budget.saturating_sub(1);
        for _ in 0..STEPS {
            if self.budget == 0 {
                return Value::Unknown;
            }
            self.charge(arguments.len());
            match self.heap.get(function) {
                Some(Object::Partial {
                    function: inner,
                    arguments: first,
                }) => {
                    let mut all = first.clone();
                    all.extend(arguments);
                    all.truncate(KEEP);
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
                Some(Object::Bound { receiver, name }) => {
                    let (receiver, name) = (*receiver, Rc::clone(name));
                    if let Some(method) = self.carried_method(receiver, &name) {
                        function = method;
                        arguments.insert(0, receiver);
                        continue;
                    }
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
                Some(Object::Named { name, module }) => {
                    let (name, module) = (name.clone(), *module);
                    let (module, attribute) = name.split_at_checked(module).unwrap_or((&name, ""));
                    self.recorder
                        .called_by_name(module, attribute.trim_start_matches('.'));
                    break;
                }
                _ => break,
            }
        }
        let name = self.name(function);
        if let [target, attribute, rest @ ..] = arguments.as_slice()
            && SETTERS.contains(&&*name)
            && self.set_carried(*target, *attribute, rest.first().copied())
        {
            return Value::None;
        }
        self.run_carried(function, site);
        self.record(&name, &arguments, site);
        let result = self.effect(&name, arguments, site);
        self.instance_of(result, function);
        result
    }

    /// What a call gives.
    fn effect(&mut self, name: &str, arguments: Vec<Value>, site: Site) -> Value {
        let first = arguments.first().copied().unwrap_or(Value::Unknown);
        let second = arguments.get(1).copied().unwrap_or(Value::Unknown);
        let name: Rc<str> = python3_name(name).into();
        if let Some(built) = self.build_carried(&name, &arguments, site) {
            return built;
        }
        self.run_source(&name, &arguments, site);
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
                let Some(module) = self.heap.as_name(first) else {
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
            | "dill._dill._import_module" => {
                let Some(module) = self.heap.as_name(first) else {
                    return self.unresolved(site);
                };
                let module = module.to_owned();
                return self.named(&module, "", site);
            }
            _ if RESOLVERS.contains(&&*name) => {
                let Some(path) = self.heap.as_name(first) else {
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
                let object = self.heap.add(Object::Instance {
                    of,
                    arguments: arguments.get(1..).unwrap_or_default().to_vec(),
                    state: Value::None,
                });
                self.instance_of(object, first);
                return object;
            }
            _ => {}
        }
        if NESTED_LOADERS.contains(&&*name) {
            let seen = self.load_nested(first, PickleOrigin::Loaded, site);
            if !seen && COMMON_LOADERS.contains(&&*name) {
                self.record("pickle.loads", &arguments, site);
            }
        }
        self.load_archive(&name, &arguments, site);
        match name.rsplit_once('.') {
            Some((owner, "__getattribute__" | "__getattr__")) => {
                if let (Value::Text(_), [_]) = (first, arguments.as_slice()) {
                    let owner = owner.to_owned();
                    let attribute = self.heap.as_name(first).unwrap_or("?").to_owned();
                    return self.named(&owner, &attribute, site);
                }
                return self.attribute(first, second, site);
            }
            Some((owner, "__getitem__" | "get")) => {
                if arguments.len() == 1 {
                    let container = self.heap.add(Object::Named {
                        name: owner.into(),
                        module: owner.len(),
                    });
                    return self.item(container, first, site);
                }
                let found = self.item(first, second, site);
                if !matches!(found, Value::Unknown) {
                    return found;
                }
            }
            _ => {}
        }
        if self.bombs.len() < BOMBS
            && let Some(what) = super::bombs::of(&self.heap, &name, &arguments)
        {
            self.bombs.push((site, what));
        }
        let size: usize = arguments
            .iter()
            .map(|argument| self.heap.size(*argument))
            .fold(0, usize::saturating_add);
        self.charge(size);
        if self.budget == 0 {
            return Value::Unknown;
        }
        if let Some(constant) = fold::constant(&mut self.heap, &name, &arguments) {
            return constant;
        }
        // A new vector: one that is cut keeps the room of all it held.
        let kept = arguments.get(..16).unwrap_or(&arguments).to_vec();
        self.heap.add(Object::Instance {
            of: name,
            arguments: kept,
            state: Value::None,
        })
    }

    pub(super) fn unresolved(&mut self, site: Site) -> Value {
        let index = self.recorder.import(None, None, site);
        self.heap.add(Object::Global(index))
    }

    pub(super) fn call_deeper(
        &mut self,
        function: Value,
        arguments: Vec<Value>,
        site: Site,
    ) -> Value {
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
            .map(|items| items.iter().copied().take(KEEP).collect())
            .unwrap_or_default();
        let callable = matches!(function, Value::Object(_));
        if !callable {
            return Value::Unknown;
        }
        let mut results = Vec::new();
        match name {
            "functools.reduce" | "itertools.accumulate" => {
                if items.len() > FOLDED {
                    self.call_deeper(function, vec![Value::Unknown; 2], site);
                    return Value::Unknown;
                }
                let mut items = arguments.get(2).copied().into_iter().chain(items);
                let mut result = items.next().unwrap_or(Value::Unknown);
                for item in items {
                    result = self.call_deeper(function, vec![result, item], site);
                }
                return result;
            }
            "itertools.starmap" => {
                for item in items.into_iter().take(MAPPED) {
                    let spread = self.heap.items(item).unwrap_or_default().to_vec();
                    results.push(self.call_deeper(function, spread, site));
                }
            }
            _ if items.is_empty() => {
                results.push(self.call_deeper(function, vec![Value::Unknown], site));
            }
            _ => {
                // Texts are spelled from long lists of codes; other calls are told by their first.
                let spells = &*python3_name(&self.name(function)) == "builtins.chr";
                let most = if spells { KEEP } else { MAPPED };
                for item in items.iter().take(most) {
                    results.push(self.call_deeper(function, vec![*item], site));
                }
                if items.len() > most {
                    results.push(Value::Unknown);
                }
            }
        }
        self.heap.add(Object::List(results))
    }
}

/// Functions that change an attribute of what they are given.
const SETTERS: &[&str] = &[
    "builtins.setattr",
    "builtins.delattr",
    "__builtin__.setattr",
    "__builtin__.delattr",
    "dill._dill._setattr",
    "dill._dill._delattr",
    "dill._shims._setattr",
    "dill._shims._delattr",
];

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
