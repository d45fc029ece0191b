//! What is inside a value, under which names.

use std::collections::HashSet;

use super::tree::{Call, Object, Step, Tree, Value};

/// The parts of a container or object with their names; `None` when it has none. Where a key comes
/// twice, the last counts.
pub(super) fn children(tree: &Tree, value: Value) -> Option<Vec<(String, Value)>> {
    if let Some(call) = tree.call(value)
        && let Some(parts) = module(tree, call)
    {
        return Some(parts);
    }
    if let Some(entries) = tree.entries(value) {
        return Some(last_of_each(
            entries
                .into_iter()
                .filter_map(|(key, value)| Some((key_name(tree, key)?, value))),
        ));
    }
    match tree.get(value)? {
        Object::Tuple(items) | Object::List(items) => Some(numbered(items)),
        Object::Call(call) => {
            let mut all = Vec::new();
            for step in &call.steps {
                match step {
                    Step::Append(items) => all.extend(numbered(items)),
                    Step::Build(state) => {
                        // The attributes, and those in slots beside them.
                        let mut states = vec![*state];
                        states.extend(tree.items(*state).unwrap_or_default());
                        for state in states {
                            let Some(Object::Dict(entries)) = tree.get(state) else {
                                continue;
                            };
                            all.extend(
                                entries.iter().filter_map(|(key, value)| {
                                    Some((key_name(tree, *key)?, *value))
                                }),
                            );
                        }
                    }
                    _ => {}
                }
            }
            (!all.is_empty()).then(|| last_of_each(all.into_iter()))
        }
        _ => None,
    }
}

fn last_of_each(pairs: impl Iterator<Item = (String, Value)>) -> Vec<(String, Value)> {
    let mut places = std::collections::HashMap::new();
    let mut all: Vec<(String, Value)> = Vec::new();
    for (name, value) in pairs {
        let place = *places.entry(name.clone()).or_insert(all.len());
        match all.get_mut(place) {
            Some((_, held)) => *held = value,
            None => all.push((name, value)),
        }
    }
    all
}

fn numbered(items: &[Value]) -> Vec<(String, Value)> {
    items
        .iter()
        .enumerate()
        .map(|(index, item)| (index.to_string(), *item))
        .collect()
}

fn key_name(tree: &Tree, key: Value) -> Option<String> {
    match key {
        Value::Int(number) => Some(number.to_string()),
        key => tree.as_str(key).map(str::to_owned),
    }
}

/// What `state_dict()` of a whole module would give: parameters, persistent buffers, and those of
/// the modules in it.
fn module(tree: &Tree, call: &Call) -> Option<Vec<(String, Value)>> {
    let state = tree.state(call)?;
    let group = |name| {
        let group = tree.field(state, name)?;
        match tree.get(group)? {
            Object::Dict(_) => tree.entries(group),
            Object::Call(call) if is_mapping(tree, call) => {
                Some(tree.entries(group).unwrap_or_default())
            }
            _ => None,
        }
    };
    let (parameters, modules) = (group("_parameters")?, group("_modules")?);
    let passing: HashSet<&str> = tree
        .field(state, "_non_persistent_buffers_set")
        .and_then(|set| match tree.get(set)? {
            Object::Set(names) => {
                Some(names.iter().filter_map(|name| tree.as_str(*name)).collect())
            }
            Object::Call(call) => {
                let names = tree.items(call.arguments)?.first()?;
                let names = tree.items(*names)?;
                Some(names.iter().filter_map(|name| tree.as_str(*name)).collect())
            }
            _ => None,
        })
        .unwrap_or_default();
    let buffers = group("_buffers").unwrap_or_default();
    let all = parameters.into_iter().chain(buffers).chain(modules);
    Some(last_of_each(all.filter_map(|(key, value)| {
        let name = key_name(tree, key)?;
        (value != Value::None && !passing.contains(name.as_str())).then_some((name, value))
    })))
}

pub(super) fn is_module(tree: &Tree, call: &Call) -> bool {
    module(tree, call).is_some()
}

/// Whether an object is a dict under another name, whose own state means nothing.
pub(super) fn is_mapping(tree: &Tree, call: &Call) -> bool {
    tree.name(call.function).is_some_and(|name| {
        matches!(
            name,
            "collections.OrderedDict"
                | "collections.defaultdict"
                | "builtins.dict"
                | "__builtin__.dict"
        )
    })
}
