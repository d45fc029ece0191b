//! How deep an evaluation can go: how many rules need each other in a row, and how deep their expressions are.
//!
//! Names are taken for the rules that they may mean, in all packages, so the figure is never too small. Rules that name each
//! other in a circle count with all that are in it, since the engine refuses to evaluate a rule within itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::lexer::{Kind, Token};
use crate::outline::Module;
use crate::source::Source;

/// How deep an evaluation can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Depth {
    /// The most rules that need each other in a row.
    pub(super) rules: usize,
    /// The deepest brackets.
    pub(super) nesting: usize,
}

impl Depth {
    /// Whether an ordinary stack of 2 MiB is enough.
    pub(super) const fn is_shallow(self) -> bool {
        self.rules.saturating_mul(self.nesting.saturating_add(2)) <= 48
    }
}

/// The depth of all sources together.
pub(super) fn of(sources: &[(&Source, Vec<Token>)], modules: &[Module]) -> Depth {
    let names: BTreeSet<&str> = modules
        .iter()
        .flat_map(|module| &module.rules)
        .filter_map(|rule| rule.name.first().map(String::as_str))
        .collect();
    // Whose text names whom.
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut nesting = 0_usize;
    for ((source, tokens), module) in sources.iter().zip(modules) {
        let mut rules = module.rules.iter().peekable();
        let mut current: Option<&str> = None;
        let mut depth = 0_usize;
        for token in tokens {
            while rules
                .peek()
                .is_some_and(|rule| (rule.line, rule.column) <= (token.line, token.column))
            {
                current = rules
                    .next()
                    .and_then(|rule| rule.name.first())
                    .map(String::as_str);
            }
            let word = token.text(&source.text);
            match token.kind {
                Kind::Symbol if matches!(word, "{" | "[" | "(") => {
                    depth = depth.saturating_add(1);
                    nesting = nesting.max(depth);
                }
                Kind::Symbol if matches!(word, "}" | "]" | ")") => depth = depth.saturating_sub(1),
                Kind::Word | Kind::Template | Kind::String => {
                    let Some(current) = current else { continue };
                    // Within templates and strings in brackets there are names, too.
                    for part in word.split(|it: char| !it.is_ascii_alphanumeric() && it != '_') {
                        if let Some(name) = names.get(part) {
                            edges.entry(current).or_default().insert(name);
                        }
                    }
                }
                _ => {}
            }
        }
    }
    Depth {
        rules: longest(&names, &edges),
        nesting,
    }
}

/// The longest way through the names, circles counted with all that is in them.
fn longest(names: &BTreeSet<&str>, edges: &BTreeMap<&str, BTreeSet<&str>>) -> usize {
    let all: Vec<&str> = names.iter().copied().collect();
    let number: BTreeMap<&str, usize> = all
        .iter()
        .enumerate()
        .map(|(at, name)| (*name, at))
        .collect();
    let out: Vec<Vec<usize>> = all
        .iter()
        .map(|name| {
            edges
                .get(name)
                .into_iter()
                .flatten()
                .filter(|other| *other != name)
                .filter_map(|other| number.get(other).copied())
                .collect()
        })
        .collect();
    // Tarjan's strongly connected components, with a stack of our own; they come in reverse order of need.
    let count = all.len();
    let mut index = vec![usize::MAX; count];
    let mut low = vec![0_usize; count];
    let mut on_stack = vec![false; count];
    let mut weight = vec![0_usize; count];
    let (mut stack, mut next) = (Vec::new(), 0_usize);
    let get = |list: &Vec<usize>, at: usize| list.get(at).copied().unwrap_or_default();
    let set = |list: &mut Vec<usize>, at: usize, value: usize| {
        if let Some(place) = list.get_mut(at) {
            *place = value;
        }
    };
    let mut best = 0_usize;
    for root in 0..count {
        if get(&index, root) != usize::MAX {
            continue;
        }
        let mut open: Vec<(usize, usize)> = vec![(root, 0)];
        while let Some((node, edge)) = open.pop() {
            if edge == 0 {
                set(&mut index, node, next);
                set(&mut low, node, next);
                next = next.saturating_add(1);
                stack.push(node);
                if let Some(on) = on_stack.get_mut(node) {
                    *on = true;
                }
            }
            let target = out.get(node).and_then(|list| list.get(edge)).copied();
            if let Some(target) = target {
                open.push((node, edge.saturating_add(1)));
                if get(&index, target) == usize::MAX {
                    open.push((target, 0));
                } else if on_stack.get(target).copied().unwrap_or_default() {
                    let lower = get(&low, node).min(get(&index, target));
                    set(&mut low, node, lower);
                }
                continue;
            }
            // All edges were seen: what was found below counts for those above.
            if let Some((above, _)) = open.last() {
                let lower = get(&low, *above).min(get(&low, node));
                set(&mut low, *above, lower);
            }
            if get(&low, node) == get(&index, node) {
                let mut members = Vec::new();
                while let Some(member) = stack.pop() {
                    if let Some(on) = on_stack.get_mut(member) {
                        *on = false;
                    }
                    members.push(member);
                    if member == node {
                        break;
                    }
                }
                let below = members
                    .iter()
                    .filter_map(|member| out.get(*member))
                    .flatten()
                    .map(|target| get(&weight, *target))
                    .max()
                    .unwrap_or_default();
                let own = below.saturating_add(members.len());
                for member in members {
                    set(&mut weight, member, own);
                }
                best = best.max(own);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::longest;
    use std::collections::{BTreeMap, BTreeSet};

    fn of(edges: &[(&'static str, &'static str)]) -> usize {
        let names: BTreeSet<&str> = edges
            .iter()
            .flat_map(|(one, other)| [*one, *other])
            .collect();
        let mut map: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (one, other) in edges {
            map.entry(one).or_default().insert(other);
        }
        longest(&names, &map)
    }

    #[test]
    fn the_longest_way_counts() {
        assert_eq!(of(&[("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")]), 4);
        assert_eq!(of(&[("a", "b"), ("b", "a")]), 2);
        assert_eq!(of(&[("x", "a"), ("a", "b"), ("b", "a"), ("b", "y")]), 4);
        assert_eq!(of(&[("a", "a")]), 1);
    }
}
