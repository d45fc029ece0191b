//! What was taken out.

use std::collections::BTreeMap;

use super::emit::makes_kept;
use super::{Judge, Use};
use crate::convert::tree::{Object, Tree};

/// Most different things that are listed.
const LISTED: usize = 1000;

/// Something that is not in the copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The member of the archive, where it is one.
    pub member: String,
    /// What it was: `a call of os.system`.
    pub what: String,
    /// How often.
    pub times: u64,
    /// Where it first was in its pickle.
    pub offset: u64,
}

/// What a copy is without.
#[derive(Clone, Debug, Default)]
pub struct Disarmed {
    /// Imports, calls and changes that are gone.
    pub removed: Vec<Removed>,
    /// Parts of the file that were not copied.
    pub dropped: Vec<String>,
    /// How many pickles were written anew.
    pub pickles: u64,
}

impl Disarmed {
    /// Notes everything in `tree` that is not written.
    pub(super) fn note(&mut self, member: &str, tree: &Tree, judge: &Judge<'_>) {
        let mut found: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let mut add = |what: String, offset: u64| {
            if found.len() < LISTED || found.contains_key(&what) {
                let (times, _) = found.entry(what).or_insert((0, offset));
                *times = times.saturating_add(1);
            }
        };
        let mut called = std::collections::HashSet::new();
        for object in tree.objects() {
            let Object::Call(call) = object else {
                continue;
            };
            let name = tree.name(call.function);
            if let Some(name) = name {
                called.insert(name);
            }
            if name == Some("torch.storage._load_from_bytes") || makes_kept(tree, call, judge) {
                continue;
            }
            let name =
                stance_core::evidence::shorten(name.unwrap_or("something that is not in view"));
            add(format!("a call of `{name}`"), call.offset);
        }
        for index in 0..u32::try_from(tree.globals.len()).unwrap_or(u32::MAX) {
            let Some(global) = tree.globals.get(index as usize) else {
                continue;
            };
            if !called.contains(global.dotted.as_str()) && !judge(&global.dotted, Use::Reference) {
                let name = stance_core::evidence::shorten(&global.dotted);
                add(format!("a reference to `{name}`"), global.offset);
            }
        }
        for object in tree.objects() {
            if let Object::Outside(what) = object {
                add((*what).to_owned(), 0);
            }
        }
        for tampering in &tree.tampering {
            add(tampering.what.clone(), tampering.offset);
        }
        self.removed
            .extend(found.into_iter().map(|(what, (times, offset))| Removed {
                member: member.to_owned(),
                what,
                times,
                offset,
            }));
        self.pickles = self.pickles.saturating_add(1);
    }
}
