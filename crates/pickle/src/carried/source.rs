//! Source text that a stream carries and loading runs: `torch.fx` writes a traced module as the text of its
//! `forward` and of the imports that it needs, evaluates both, and then traces `forward` once by calling it.

use std::sync::Arc;

use stance_core::Evidence;
use stance_core::fact::{CarriedCode, CodeRead, CodeRuns};

use super::builders::MOST;
use crate::recorder::Site;
use crate::value::{KEEP, Object, Value};
use crate::world::World;
use stance_code::model_code::source_calls;

/// Calls of one text that are told.
const CALLS: usize = 256;
/// Bytes of source text of one stream that are read.
const READ: usize = 4 << 20;

/// Keys of the dictionary under which the text of `forward` stands, of now and of before.
const KEYS: &[&str] = &["_code", "code"];

/// Text that one call runs.
#[derive(Debug)]
pub(super) struct Source {
    /// The imports and each text that may be meant, where all of it is in view.
    texts: Option<Vec<String>>,
    site: Site,
}

/// Where the dictionary and the imports stand among the arguments of a function that runs such text; `None` for
/// one that gets it from elsewhere.
fn places(name: &str) -> Option<Option<(usize, usize)>> {
    match name.strip_prefix("torch.fx.graph_module.")? {
        "reduce_graph_module" => Some(Some((0, 1))),
        "reduce_deploy_graph_module" => Some(Some((1, 2))),
        "reduce_package_graph_module" => Some(None),
        _ => None,
    }
}

impl World {
    /// Notes the source text that the call of `name` runs, if it is one that does.
    pub(crate) fn run_source(&mut self, name: &str, arguments: &[Value], site: Site) {
        let Some(places) = places(name) else {
            return;
        };
        if self.carried.sources.len() >= MOST {
            self.carried.full = true;
            return;
        }
        let texts = places.and_then(|(body, imports)| self.texts(arguments, body, imports));
        let read = texts.iter().flatten().map(String::len).sum();
        self.charge(read);
        self.carried.sources.push(Source { texts, site });
    }

    /// The imports with each text that the dictionary holds, all of them whole.
    fn texts(&self, arguments: &[Value], body: usize, imports: usize) -> Option<Vec<String>> {
        let whole = |value: Value| match value {
            Value::Text(span) if span.whole => self.heap.as_str(value),
            _ => None,
        };
        let imports = match arguments.get(imports) {
            Some(imports) => whole(*imports)?,
            None => "",
        };
        let Some(Object::Dict(entries)) = self.heap.get(*arguments.get(body)?) else {
            return None;
        };
        let read: usize = self
            .carried
            .sources
            .iter()
            .flat_map(|source| source.texts.iter().flatten())
            .map(String::len)
            .sum();
        if entries.len() >= KEEP || read > READ {
            return None;
        }
        let texts: Option<Vec<String>> = entries
            .iter()
            .filter(|(key, _)| KEYS.iter().any(|name| self.heap.is_text(*key, name)))
            .map(|(_, text)| Some(format!("{imports}\n{}", whole(*text)?)))
            .collect();
        texts.filter(|texts| !texts.is_empty())
    }

    /// What the noted texts do.
    pub(super) fn carried_sources(&self) -> Vec<CarriedCode> {
        let path = self.recorder.path();
        self.carried
            .sources
            .iter()
            .map(|source| {
                let (offset, length) = (source.site.offset, source.site.length);
                let seen = "source text that loading runs";
                let mut told = CarriedCode {
                    name: "forward".to_owned(),
                    runs: CodeRuns::AtLoad,
                    calls: Vec::new(),
                    names: Vec::new(),
                    read: CodeRead::Nothing,
                    evidence: Evidence::bytes(Arc::clone(path), offset, length, seen),
                };
                let Some(texts) = &source.texts else {
                    return told;
                };
                told.read = CodeRead::Whole;
                for text in texts {
                    let (calls, whole) = source_calls(text, CALLS);
                    told.calls.extend(calls);
                    if !whole {
                        told.read = CodeRead::Part;
                    }
                }
                told
            })
            .collect()
    }
}
