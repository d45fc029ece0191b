//! Paths through a graph, `graph.reachable_paths`, of which there may be more than anybody can hold.

use std::collections::BTreeSet;

use regorus::Value;

use super::context::produce;
use super::{Function, Outcome, Refused, argument, elements, kind};

pub(super) const FUNCTIONS: &[Function] = &[("graph.reachable_paths", 2, reachable_paths)];

/// The longest path, in nodes.
const LONGEST: usize = 4096;

fn neighbours(graph: &Value, node: &Value) -> Option<Vec<Value>> {
    match graph.as_object().ok()?.get(node)? {
        Value::Array(items) => Some(items.iter().cloned().collect()),
        Value::Set(items) => Some(items.iter_sorted().cloned().collect()),
        _ => Some(Vec::new()),
    }
}

/// Every way from the given nodes to one from which none leads on, or to one that was met before on the way.
fn reachable_paths(given: &[Value]) -> Outcome {
    let graph = argument(given, 0);
    if graph.as_object().is_err() {
        return Err(Refused::argument(format!(
            "operand 1 must be an object but is {}",
            kind(graph)
        )));
    }
    let mut paths = BTreeSet::new();
    let mut open: Vec<Vec<Value>> = Vec::new();
    for start in elements(given, 1)? {
        if neighbours(graph, start).is_some() {
            open.push(vec![start.clone()]);
        }
    }
    while let Some(path) = open.pop() {
        produce(path.len().saturating_mul(16))?;
        if path.len() > LONGEST {
            return Err(Refused::Memory(
                "a path through the graph is too long".to_owned(),
            ));
        }
        let Some(last) = path.last() else { continue };
        let next = neighbours(graph, last).unwrap_or_default();
        let mut ends = next.is_empty();
        for node in next {
            // A node that the graph does not have ends the path, too.
            if neighbours(graph, &node).is_none() || path.contains(&node) {
                ends = true;
                continue;
            }
            let mut longer = path.clone();
            longer.push(node);
            open.push(longer);
        }
        if ends {
            paths.insert(Value::from(path));
        }
    }
    Ok(Value::from(paths))
}
