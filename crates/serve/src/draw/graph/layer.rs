//! Which boxes are shown, and in which layer.

use std::collections::{BTreeMap, BTreeSet};

use super::{Edge, Graph};

/// A box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// The asset of this index.
    Asset(usize),
    /// So many more.
    More(usize),
}

/// A line between two boxes, by their places in [`Shown::items`].
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) label: String,
    pub(super) on_path: bool,
}

/// What is shown.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// Each box with its layer, counted from 0.
    pub(super) items: Vec<(Item, usize)>,
    pub(super) lines: Vec<Line>,
    pub(super) layers: usize,
}

/// What surrounds an asset, layer by layer outwards. In each layer those on the path come first, then those with the worst
/// findings, then those that were named first; what does not fit becomes one box.
pub(super) fn around(graph: &Graph<'_>, centre: usize, most: usize, most_in_layer: usize) -> Shown {
    let edges = valid(graph);
    let mut beside: BTreeMap<usize, Vec<(usize, i32)>> = BTreeMap::new();
    for edge in &edges {
        beside.entry(edge.from).or_default().push((edge.to, 1));
        beside.entry(edge.to).or_default().push((edge.from, -1));
    }
    let on_path = path(&edges);
    let mut layer_of: BTreeMap<usize, i32> = BTreeMap::new();
    let mut hidden: BTreeMap<usize, i32> = BTreeMap::new();
    let mut in_layer: BTreeMap<i32, usize> = BTreeMap::new();
    let mut frontier = Vec::new();
    if centre < graph.nodes.len() {
        layer_of.insert(centre, 0);
        in_layer.insert(0, 1);
        frontier.push(centre);
    }
    while !frontier.is_empty() {
        let mut found: BTreeMap<usize, i32> = BTreeMap::new();
        for node in &frontier {
            let layer = layer_of.get(node).copied().unwrap_or(0);
            for (other, step) in beside.get(node).into_iter().flatten() {
                if !layer_of.contains_key(other) && !hidden.contains_key(other) {
                    // Of two ways of the same length, the one that leads farther away decides.
                    let far = found.entry(*other).or_insert(layer + step);
                    if (layer + step).abs() > far.abs() {
                        *far = layer + step;
                    }
                }
            }
        }
        let mut found: Vec<(usize, i32)> = found.into_iter().collect();
        found.sort_by_key(|(node, _)| rank(graph, &on_path, *node));
        frontier.clear();
        for (node, layer) in found {
            let here = in_layer.entry(layer).or_default();
            let fits = *here < most_in_layer && layer_of.len() < most;
            if fits || (on_path.contains(&node) && layer_of.len() < 2 * most) {
                *here += 1;
                layer_of.insert(node, layer);
                frontier.push(node);
            } else {
                hidden.insert(node, layer);
            }
        }
    }
    lengthen(&edges, &mut layer_of);
    let first = layer_of
        .values()
        .chain(hidden.values())
        .min()
        .copied()
        .unwrap_or(0);
    let index = |layer: i32| usize::try_from(layer - first).unwrap_or(0);
    let kept = layer_of
        .iter()
        .map(|(node, layer)| (*node, index(*layer)))
        .collect();
    let hidden = hidden
        .iter()
        .map(|(node, layer)| (*node, index(*layer)))
        .collect();
    assemble(graph, &edges, kept, &hidden, &on_path)
}

/// Moves what leads to the asset as far left as its longest way there is, and what it leads to as far right, so that lines
/// point one way. Ways that run in a circle are cut where they were entered.
fn lengthen(edges: &[&Edge<'_>], layer_of: &mut BTreeMap<usize, i32>) {
    for side in [-1, 1] {
        let mut ahead: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for edge in edges {
            let (from, to) = if side < 0 {
                (edge.from, edge.to)
            } else {
                (edge.to, edge.from)
            };
            let layer = |node: &usize| layer_of.get(node).map(|layer| layer * side);
            if layer(&from).is_some_and(|layer| layer > 0)
                && layer(&to).is_some_and(|layer| layer >= 0)
            {
                ahead.entry(from).or_default().push(to);
            }
        }
        let mut depth: BTreeMap<usize, i32> = BTreeMap::new();
        let mut open = BTreeSet::new();
        let nodes: Vec<usize> = ahead.keys().copied().collect();
        for node in nodes {
            longest(node, &ahead, &mut depth, &mut open);
        }
        for (node, depth) in depth {
            if let Some(layer) = layer_of.get_mut(&node).filter(|layer| **layer * side > 0) {
                *layer = depth * side;
            }
        }
    }
}

/// The longest way from a node to where the ways end; there are some dozens of nodes, so this is not deep.
fn longest(
    node: usize,
    ahead: &BTreeMap<usize, Vec<usize>>,
    depth: &mut BTreeMap<usize, i32>,
    open: &mut BTreeSet<usize>,
) -> i32 {
    if let Some(known) = depth.get(&node) {
        return *known;
    }
    let Some(next) = ahead.get(&node) else {
        return 0;
    };
    open.insert(node);
    let mut most = 1;
    for other in next {
        if !open.contains(other) {
            most = most.max(1 + longest(*other, ahead, depth, open));
        }
    }
    open.remove(&node);
    depth.insert(node, most);
    most
}

/// Assets in given lanes.
pub(super) fn in_lanes(
    graph: &Graph<'_>,
    lane_of: &[usize],
    lanes: usize,
    most_in_layer: usize,
) -> Shown {
    let edges = valid(graph);
    let on_path = path(&edges);
    let mut nodes: Vec<usize> = (0..graph.nodes.len()).collect();
    nodes.sort_by_key(|node| rank(graph, &on_path, *node));
    let (mut kept, mut hidden) = (BTreeMap::new(), BTreeMap::new());
    let mut in_lane: BTreeMap<usize, usize> = BTreeMap::new();
    for node in nodes {
        let lane = lane_of
            .get(node)
            .copied()
            .unwrap_or(0)
            .min(lanes.saturating_sub(1));
        let here = in_lane.entry(lane).or_default();
        if *here < most_in_layer || on_path.contains(&node) {
            *here += 1;
            kept.insert(node, lane);
        } else {
            hidden.insert(node, lane);
        }
    }
    let mut shown = assemble(graph, &edges, kept, &hidden, &on_path);
    shown.layers = shown.layers.max(lanes);
    shown
}

fn valid<'a>(graph: &'a Graph<'a>) -> Vec<&'a Edge<'a>> {
    let count = graph.nodes.len();
    graph
        .edges
        .iter()
        .filter(|edge| edge.from < count && edge.to < count && edge.from != edge.to)
        .collect()
}

fn path(edges: &[&Edge<'_>]) -> BTreeSet<usize> {
    edges
        .iter()
        .filter(|edge| edge.on_path)
        .flat_map(|edge| [edge.from, edge.to])
        .collect()
}

/// What comes first has the least rank.
fn rank(graph: &Graph<'_>, on_path: &BTreeSet<usize>, node: usize) -> impl Ord + use<> {
    let worst = graph.nodes.get(node).and_then(|node| node.findings);
    (!on_path.contains(&node), std::cmp::Reverse(worst), node)
}

/// Boxes and lines: several lines between the same two boxes are one with all their labels.
fn assemble(
    graph: &Graph<'_>,
    edges: &[&Edge<'_>],
    kept: BTreeMap<usize, usize>,
    hidden: &BTreeMap<usize, usize>,
    on_path: &BTreeSet<usize>,
) -> Shown {
    let mut order: Vec<(usize, usize)> = kept.into_iter().collect();
    order.sort_by_key(|(node, _)| rank(graph, on_path, *node));
    let mut shown = Shown::default();
    let mut place: BTreeMap<usize, usize> = BTreeMap::new();
    for (node, layer) in order {
        place.insert(node, shown.items.len());
        shown.items.push((Item::Asset(node), layer));
    }
    let mut more: BTreeMap<usize, usize> = BTreeMap::new();
    for layer in hidden.values() {
        *more.entry(*layer).or_default() += 1;
    }
    let mut more_place: BTreeMap<usize, usize> = BTreeMap::new();
    for (layer, count) in more {
        more_place.insert(layer, shown.items.len());
        shown.items.push((Item::More(count), layer));
    }
    let at = |node: usize| {
        let hidden_layer = hidden.get(&node);
        place
            .get(&node)
            .or_else(|| hidden_layer.and_then(|layer| more_place.get(layer)))
            .copied()
    };
    let mut lines: BTreeMap<(usize, usize), Line> = BTreeMap::new();
    for edge in edges {
        let (Some(from), Some(to)) = (at(edge.from), at(edge.to)) else {
            continue;
        };
        if from == to {
            continue;
        }
        let line = lines.entry((from, to)).or_insert_with(|| Line {
            from,
            to,
            label: String::new(),
            on_path: false,
        });
        line.on_path |= edge.on_path;
        if !line.label.split(", ").any(|label| label == edge.label) && line.label.len() < 60 {
            if !line.label.is_empty() {
                line.label.push_str(", ");
            }
            line.label.push_str(edge.label);
        }
    }
    shown.lines = lines.into_values().collect();
    shown.layers = shown
        .items
        .iter()
        .map(|(_, layer)| layer + 1)
        .max()
        .unwrap_or(0);
    shown
}
