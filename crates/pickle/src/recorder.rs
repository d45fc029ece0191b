//! Imports and calls as they come up, bounded and without repetitions.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use stance_core::Evidence;
use stance_core::fact::{PickleCall, PickleGlobal};

use super::stack::At;

/// Most imports of one stream.
const GLOBALS: usize = 8192;
/// Most calls of one stream.
const CALLS: usize = 4096;
/// Most different calls of one callable.
const CALLS_OF_ONE: u32 = 48;
/// Longest part of a name, in characters.
const NAME: usize = 200;

/// The opcode that is at work.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    pub(super) opcode: &'static str,
    /// Where it starts in the path of the evidence.
    pub(super) offset: u64,
    /// How long it is with its operand.
    pub(super) length: u64,
}

impl Site {
    pub(super) const fn at(self) -> At {
        At {
            opcode: self.opcode,
            offset: self.offset,
        }
    }
}

#[derive(Debug)]
pub(super) struct Recorder {
    path: Arc<str>,
    pub(super) globals: Vec<PickleGlobal>,
    pub(super) calls: Vec<PickleCall>,
    by_name: HashMap<(String, String), u32>,
    seen: HashSet<u64>,
    counts: HashMap<String, u32>,
    /// Which bound was met, when one was.
    pub(super) full: Option<&'static str>,
}

impl Recorder {
    pub(super) fn new(path: &Arc<str>) -> Self {
        Self {
            path: Arc::clone(path),
            globals: Vec::new(),
            calls: Vec::new(),
            by_name: HashMap::new(),
            seen: HashSet::new(),
            counts: HashMap::new(),
            full: None,
        }
    }

    pub(super) fn path(&self) -> &Arc<str> {
        &self.path
    }

    pub(super) fn name(&self, index: u32) -> &str {
        self.globals
            .get(index as usize)
            .map_or("?", |global| &global.name)
    }

    /// Notes an import; a part that is not known is `None`.
    pub(super) fn import(
        &mut self,
        module: Option<&str>,
        attribute: Option<&str>,
        site: Site,
    ) -> u32 {
        // No honest name is that long; both ends of it stay, as the harm may be at either.
        let whole = |text: Option<&str>| text.is_some_and(|text| text.len() <= NAME * 4);
        let resolved = whole(module) && whole(attribute);
        let part = |text: Option<&str>| -> String { text.map_or_else(|| "?".to_owned(), shorten) };
        let key = (part(module), part(attribute));
        if let Some(index) = self.by_name.get(&key) {
            return *index;
        }
        let index = u32::try_from(self.globals.len()).unwrap_or(u32::MAX);
        if self.globals.len() >= GLOBALS {
            self.full = Some("imports");
            return index;
        }
        let (module, attribute) = key.clone();
        let name = if attribute.is_empty() {
            module.clone()
        } else {
            format!("{module}.{attribute}")
        };
        let evidence = Evidence::bytes(
            Arc::clone(&self.path),
            site.offset,
            site.length,
            format!("{} {name}", site.opcode),
        );
        self.globals.push(PickleGlobal {
            name,
            module,
            attribute,
            resolved,
            called: false,
            evidence,
        });
        self.by_name.insert(key, index);
        index
    }

    pub(super) fn called(&mut self, index: u32) {
        if let Some(global) = self.globals.get_mut(index as usize) {
            global.called = true;
        }
    }

    /// Marks the import behind a dotted name as called, where there is one.
    pub(super) fn called_by_name(&mut self, module: &str, attribute: &str) {
        let key = (module.to_owned(), attribute.to_owned());
        if let Some(index) = self.by_name.get(&key).copied() {
            self.called(index);
        }
    }

    /// Marks the import at `index` as called with what could not be followed.
    pub(super) fn called_blindly(&mut self, index: u32, constant_text: bool, site: Site) {
        self.called(index);
        let name = self.name(index).to_owned();
        if self.wants(&name) {
            self.call(&name, constant_text, site, vec!["…".to_owned()]);
        }
    }

    /// Whether one more call of `callable` would be kept.
    pub(super) fn wants(&self, callable: &str) -> bool {
        self.counts
            .get(callable)
            .is_none_or(|count| *count < CALLS_OF_ONE)
    }

    /// Notes a call.
    pub(super) fn call(
        &mut self,
        callable: &str,
        constant_text: bool,
        site: Site,
        arguments: Vec<String>,
    ) {
        if let Some(count) = self.counts.get_mut(callable) {
            *count = count.saturating_add(1);
        } else {
            self.counts.insert(callable.to_owned(), 1);
        }
        let mut hasher = DefaultHasher::new();
        (callable, &arguments).hash(&mut hasher);
        if !self.seen.insert(hasher.finish()) {
            return;
        }
        if self.calls.len() >= CALLS {
            self.full = Some("calls");
            return;
        }
        let evidence = Evidence::bytes(
            Arc::clone(&self.path),
            site.offset,
            site.length,
            format!("{callable}({})", arguments.join(", ")),
        );
        self.calls.push(PickleCall {
            callable: callable.to_owned(),
            arguments,
            constant_text,
            opcode: site.opcode,
            evidence,
        });
    }
}

/// A part of a name that is printed: all of it, or both its ends.
fn shorten(text: &str) -> String {
    let count = text.chars().count();
    if count <= NAME {
        return text.to_owned();
    }
    let half = NAME / 2;
    let mut short: String = text.chars().take(half).collect();
    short.push('…');
    short.extend(text.chars().skip(count.saturating_sub(half)));
    short
}
