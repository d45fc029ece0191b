//! Which name means what, where.

use std::collections::HashMap;

use super::known::Known;

/// The scopes of one file: its module, functions, classes.
#[derive(Debug)]
pub(super) struct Scopes {
    all: Vec<Scope>,
    /// Modules whose names were all imported, in order.
    stars: Vec<String>,
    /// What may still be kept.
    room: usize,
}

/// Names and values that are kept of one file.
const ROOM: usize = 150_000;

#[derive(Debug)]
struct Scope {
    names: HashMap<String, Known>,
    parent: Option<usize>,
    /// The class whose body it is, by number.
    class: Option<usize>,
}

/// The number of the module's own scope.
pub(super) const MODULE: usize = 0;

impl Scopes {
    pub(super) fn new() -> Self {
        Self {
            all: vec![Scope {
                names: HashMap::new(),
                parent: None,
                class: None,
            }],
            stars: Vec::new(),
            room: ROOM,
        }
    }

    /// Forgets the scopes of functions and classes, whose bodies are all behind.
    pub(super) fn close_all(&mut self) {
        self.all.truncate(1);
    }

    /// The names of the module, and the modules whose names it has all.
    pub(super) fn into_module(self) -> (HashMap<String, Known>, Vec<String>) {
        let module = self.all.into_iter().next();
        (
            module.map(|scope| scope.names).unwrap_or_default(),
            self.stars,
        )
    }

    /// Whether there was no room for a name.
    pub(super) fn is_full(&self) -> bool {
        self.room == 0
    }

    /// Takes room for one more thing and the value it has.
    pub(super) fn take_room(&mut self, value: &Known) -> bool {
        let needed = value.weight().saturating_add(1);
        self.room = self.room.saturating_sub(needed);
        self.room > 0
    }

    pub(super) fn open(&mut self, parent: usize, class: Option<usize>) -> usize {
        self.all.push(Scope {
            names: HashMap::new(),
            parent: Some(parent),
            class,
        });
        self.all.len().saturating_sub(1)
    }

    /// The class whose body this scope is.
    pub(super) fn class(&self, scope: usize) -> Option<usize> {
        self.all.get(scope)?.class
    }

    pub(super) fn own(&self, scope: usize, name: &str) -> Option<&Known> {
        self.all.get(scope)?.names.get(name)
    }

    pub(super) fn set(&mut self, scope: usize, name: &str, value: Known) {
        if let Some(scope) = self.all.get_mut(scope)
            && let Some(known) = scope.names.get_mut(name)
            && value.weight() == 0
        {
            *known = value;
            return;
        }
        let room = self.take_room(&value);
        if let Some(scope) = self.all.get_mut(scope) {
            if room {
                scope.names.insert(name.to_owned(), value);
            } else {
                scope.names.remove(name);
            }
        }
    }

    pub(super) fn remove(&mut self, scope: usize, name: &str) {
        if let Some(scope) = self.all.get_mut(scope) {
            scope.names.remove(name);
        }
    }

    pub(super) fn import_all(&mut self, module: &str) {
        if self.stars.last().is_none_or(|last| last != module) && self.take_room(&Known::Unknown) {
            self.stars.push(module.to_owned());
        }
    }

    /// What a name means, by Python's rules: own scope, functions around it,
    /// module, what was imported as a whole, built-ins.
    pub(super) fn look_up(&self, scope: usize, name: &str) -> Known {
        let mut at = Some(scope);
        // Parents have smaller numbers, so this ends.
        while let Some(number) = at {
            let Some(here) = self.all.get(number) else {
                break;
            };
            let visible = number == scope || here.class.is_none();
            if let Some(known) = here.names.get(name).filter(|_| visible) {
                return known.followed();
            }
            at = here.parent;
        }
        if BUILTINS.contains(&name) && !self.stars_hide(name) {
            return Known::path(name);
        }
        match self.stars.last() {
            Some(module) => Known::path(format!("{module}.{name}")),
            None => Known::Unknown.member(name),
        }
    }

    /// Whether a module imported as a whole is known to redefine a built-in.
    fn stars_hide(&self, name: &str) -> bool {
        name == "open"
            && self
                .stars
                .iter()
                .any(|module| matches!(module.as_str(), "os" | "io" | "codecs" | "gzip"))
    }
}

/// Whether a name is built in.
pub(super) fn is_builtin(name: &str) -> bool {
    BUILTINS.contains(&name)
}

/// Built-in functions that do something with code, files or attributes, or are often called.
const BUILTINS: &[&str] = &[
    "eval",
    "exec",
    "compile",
    "open",
    "__import__",
    "getattr",
    "setattr",
    "delattr",
    "globals",
    "locals",
    "vars",
    "input",
    "print",
    "str",
    "int",
    "float",
    "bool",
    "bytes",
    "list",
    "dict",
    "set",
    "tuple",
    "len",
    "type",
    "isinstance",
    "super",
    "property",
    "staticmethod",
    "classmethod",
    "range",
    "enumerate",
    "zip",
    "map",
    "filter",
    "sorted",
    "min",
    "max",
    "sum",
    "any",
    "all",
    "repr",
    "format",
    "iter",
    "next",
    "object",
];
