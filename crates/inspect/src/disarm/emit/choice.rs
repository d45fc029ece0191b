//! What is written as it is, and what stands in the place of the rest.

use std::collections::HashSet;

use super::Emitter;
use crate::convert::tree::{Call, How, Object, Step, Tree, Value};
use crate::disarm::{Judge, Use};

/// The call that loads a checkpoint inside a constant.
pub(super) const NESTED: &str = "torch.storage._load_from_bytes";

/// What stands in the place of an object.
pub(super) enum Instead {
    /// Itself.
    Kept,
    /// A dict of what it would have been filled with.
    Dict(Vec<(Value, Value)>),
    /// A list of what it would have been filled with.
    List(Vec<Value>),
    /// None.
    Nothing,
}

/// Whether an import is written as it is: safe, and of a name that its opcode can hold.
pub(in crate::disarm) fn is_kept(
    tree: &Tree,
    value: Value,
    purpose: Use,
    judge: &Judge<'_>,
) -> bool {
    let Some(Object::Global(index)) = tree.get(tree.class(value)) else {
        return false;
    };
    let Some(global) = tree.globals.get(*index as usize) else {
        return false;
    };
    let is_name = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|one| one.is_ascii_alphanumeric() || matches!(one, '_' | '.'))
    };
    is_name(&global.module) && is_name(&global.name) && judge(&global.dotted, purpose)
}

/// Whether a call is written as it is.
pub(in crate::disarm) fn makes_kept(tree: &Tree, call: &Call, judge: &Judge<'_>) -> bool {
    let purpose = match call.how {
        // An id is written with what it refers to, and that is a reference.
        _ if matches!(tree.get(call.function), Some(Object::Persistent(_))) => Use::Reference,
        How::New => Use::New,
        How::Call | How::Instance => Use::Call,
    };
    is_kept(tree, call.function, purpose, judge) && tree.name(call.function) != Some(NESTED)
}

impl Emitter<'_, '_> {
    pub(super) fn instead(&self, call: &Call) -> Instead {
        let nested = self.nesting == 0 && self.tree.name(call.function) == Some(NESTED);
        if nested || makes_kept(self.tree, call, self.judge) {
            return Instead::Kept;
        }
        let (mut pairs, mut items) = (Vec::new(), Vec::new());
        for step in &call.steps {
            match step {
                Step::Set(more) => pairs.extend(more),
                Step::Append(more) | Step::Add(more) => items.extend(more),
                Step::Build(state)
                | Step::BuildArray { state, .. }
                | Step::BuildObjects { state, .. } => {
                    if let Some(Object::Dict(entries)) = self.tree.get(*state) {
                        pairs.extend(entries);
                    }
                }
            }
        }
        if !pairs.is_empty() {
            Instead::Dict(pairs)
        } else if !items.is_empty() {
            Instead::List(items)
        } else {
            Instead::Nothing
        }
    }

    /// Finds what is referred to more than once among what will be written.
    pub(super) fn count(&mut self, root: Value) {
        let mut seen = HashSet::new();
        let mut waiting = vec![root];
        while let Some(value) = waiting.pop() {
            let Value::Object(index) = value else {
                continue;
            };
            if !seen.insert(index) {
                self.shared.insert(index);
                continue;
            }
            match self.tree.get(value) {
                Some(
                    Object::Tuple(items)
                    | Object::List(items)
                    | Object::Set(items)
                    | Object::FrozenSet(items),
                ) => waiting.extend(items),
                Some(Object::Dict(entries)) => {
                    waiting.extend(entries.iter().flat_map(|(key, value)| [*key, *value]));
                }
                Some(Object::Persistent(id)) => waiting.push(*id),
                Some(Object::Call(call)) => match self.instead(call) {
                    Instead::Dict(entries) => {
                        waiting.extend(entries.iter().flat_map(|(key, value)| [*key, *value]));
                    }
                    Instead::List(items) => waiting.extend(items),
                    Instead::Nothing => {}
                    Instead::Kept => {
                        waiting.extend([call.function, call.arguments]);
                        waiting.extend(call.keywords);
                        for step in &call.steps {
                            match step {
                                Step::Build(state) | Step::BuildArray { state, .. } => {
                                    waiting.push(*state);
                                }
                                // The content is a stream with a memo of its own.
                                Step::BuildObjects { state, .. } => waiting.push(*state),
                                Step::Append(items) | Step::Add(items) => waiting.extend(items),
                                Step::Set(pairs) => waiting
                                    .extend(pairs.iter().flat_map(|(key, value)| [*key, *value])),
                            }
                        }
                    }
                },
                _ => {}
            }
        }
    }

    /// Whether an id stands for a class that is not known.
    pub(super) fn is_foreign(&self, index: u32) -> bool {
        let value = Value::Object(index);
        let class = self.tree.class(value);
        class != value && !is_kept(self.tree, class, Use::Reference, self.judge)
    }
}
