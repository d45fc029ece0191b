//! An asset in drawings: what is around it, and the way from data to applications.

use std::collections::{BTreeMap, VecDeque};

use stance_core::{AssetKind, RelationKind, Severity};
use stance_store::{
    AssetNumber, AssetRow, Direction, Estate as _, Inventory as _, Neighbourhood, Sqlite,
};

use crate::draw::graph::{Edge, Graph, Node, flows_back, lineage, neighbourhood};
use crate::error::ApiError;

/// Assets around one that are drawn, or counted as more.
const MOST: usize = 120;

/// Below this many neighbours, theirs are drawn too.
const FEW: usize = 8;

/// Assets of a lineage.
const MOST_IN_LINEAGE: usize = 80;

/// Steps of a lineage from the asset.
const STEPS: u32 = 5;

/// The lanes of a lineage.
const LANES: [&str; 4] = [
    "Sources and data",
    "Models",
    "Endpoints and agents",
    "Applications",
];

/// The lane of a kind; none for what has no place in a lineage.
const fn lane(kind: AssetKind) -> Option<usize> {
    match kind {
        AssetKind::Dataset | AssetKind::VectorStore | AssetKind::Repository => Some(0),
        AssetKind::Model => Some(1),
        AssetKind::Endpoint | AssetKind::Agent | AssetKind::Pipeline => Some(2),
        AssetKind::Application => Some(3),
        _ => None,
    }
}

/// What the boxes and lines of a drawing say, as values that it can borrow from.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    boxes: Vec<Labels>,
    lines: Vec<(usize, usize, RelationKind)>,
}

#[derive(Debug)]
struct Labels {
    number: i64,
    name: String,
    sub: String,
    icon: &'static str,
    href: String,
    findings: Option<(Severity, u64)>,
    lane: usize,
}

impl Labels {
    fn of(row: &AssetRow) -> Self {
        let counts = row.counts;
        let findings = [
            (Severity::Critical, counts.critical),
            (Severity::High, counts.high),
            (Severity::Medium, counts.medium),
            (Severity::Low, counts.low),
        ]
        .into_iter()
        .find(|(_, count)| *count > 0);
        Self {
            number: row.number.0,
            name: row.name.clone(),
            sub: crate::format::title(row.kind),
            icon: row.kind.name(),
            href: format!("/inventory/{}", row.number),
            findings,
            lane: lane(row.kind).unwrap_or(0),
        }
    }
}

impl Drawn {
    fn graph<'a>(
        &'a self,
        id: &'a str,
        title: &'a str,
        sentence: &'a str,
        more: Option<&'a str>,
    ) -> Graph<'a> {
        Graph {
            id,
            title,
            sentence,
            nodes: self
                .boxes
                .iter()
                .map(|it| Node {
                    name: &it.name,
                    sub: &it.sub,
                    icon: it.icon,
                    href: &it.href,
                    findings: it.findings,
                })
                .collect(),
            edges: self
                .lines
                .iter()
                .map(|(from, to, kind)| Edge {
                    from: *from,
                    to: *to,
                    label: label(*kind),
                    on_path: false,
                })
                .collect(),
            more,
        }
    }

    /// Whether there is anything beside the asset itself.
    pub(super) fn is_alone(&self) -> bool {
        self.boxes.len() < 2
    }

    /// How many assets are drawn, or counted as more.
    pub(super) fn others(&self) -> u64 {
        self.boxes.len().saturating_sub(1) as u64
    }
}

/// The words on a line.
const fn label(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::Contains => "contains",
        RelationKind::DependsOn => "needed by",
        RelationKind::Calls => "called by",
        RelationKind::LoadsArtifactFrom => "loaded by",
        RelationKind::Configures => "offered to",
        RelationKind::Exposes => "exposes",
        RelationKind::Serves => "served by",
        RelationKind::HoldsSecret => "held by",
        RelationKind::RunsAs => "used by",
        RelationKind::Reads => "read by",
        RelationKind::Writes => "writes",
        RelationKind::TrainedOn => "trained",
        RelationKind::FineTunedFrom => "base of",
        RelationKind::ProvidedBy => "provides",
        RelationKind::DelegatesTo => "hands over to",
    }
}

/// What is around an asset; further than one step where few are near.
pub(super) fn around(store: &Sqlite, asset: AssetNumber) -> Result<Drawn, ApiError> {
    let near = store.neighbourhood(asset, 1, MOST)?;
    let near = if near.assets.len() < FEW {
        store.neighbourhood(asset, 2, MOST)?
    } else {
        near
    };
    Ok(of(&near))
}

fn of(near: &Neighbourhood) -> Drawn {
    let boxes: Vec<Labels> = near.assets.iter().map(|(row, _)| Labels::of(row)).collect();
    let place: BTreeMap<i64, usize> = boxes
        .iter()
        .enumerate()
        .map(|(place, it)| (it.number, place))
        .collect();
    let lines = near
        .relations
        .iter()
        .filter_map(|it| {
            let (from, to) = (*place.get(&it.from.0)?, *place.get(&it.to.0)?);
            Some(if flows_back(it.kind) {
                (to, from, it.kind)
            } else {
                (from, to, it.kind)
            })
        })
        .collect();
    Drawn { boxes, lines }
}

/// The drawing of what is around the first asset.
pub(super) fn draw_around(drawn: &Drawn, sentence: &str, more: &str) -> String {
    let graph = drawn.graph("around", "What is around it", sentence, Some(more));
    neighbourhood(&graph, 0)
}

/// From where an asset comes and where it goes: from it, the ways lead only back to data or only on to applications.
pub(super) fn way(store: &Sqlite, asset: &AssetRow) -> Result<Drawn, ApiError> {
    let mut drawn = Drawn::default();
    if lane(asset.kind).is_none() {
        return Ok(drawn);
    }
    let kinds: Vec<AssetKind> = AssetKind::ALL
        .into_iter()
        .filter(|kind| lane(*kind).is_some())
        .collect();
    let mut place: BTreeMap<i64, usize> = BTreeMap::from([(asset.number.0, 0)]);
    drawn.boxes.push(Labels::of(asset));
    // Which way each one was reached: -1 towards data, 1 towards applications, 0 for the asset itself.
    let mut queue = VecDeque::from([(0_usize, 0_i8, 0_u32)]);
    while let Some((at, way, steps)) = queue.pop_front() {
        let Some(labels) = drawn.boxes.get(at) else {
            continue;
        };
        let (number, here) = (labels.number, labels.lane);
        for (other, kind, direction) in store.tied(AssetNumber(number), &kinds, 40)? {
            let there = lane(other.kind).unwrap_or(0);
            let back = match there.cmp(&here) {
                std::cmp::Ordering::Less => true,
                std::cmp::Ordering::Greater => false,
                std::cmp::Ordering::Equal => (direction == Direction::Out) == flows_back(kind),
            };
            if (way < 0 && !back) || (way > 0 && back) {
                continue;
            }
            let to = match place.get(&other.number.0) {
                Some(known) => *known,
                None if drawn.boxes.len() >= MOST_IN_LINEAGE || steps >= STEPS => continue,
                None => {
                    let new = drawn.boxes.len();
                    place.insert(other.number.0, new);
                    drawn.boxes.push(Labels::of(&other));
                    queue.push_back((new, if back { -1 } else { 1 }, steps + 1));
                    new
                }
            };
            let line = if back { (to, at, kind) } else { (at, to, kind) };
            if !drawn.lines.contains(&line) {
                drawn.lines.push(line);
            }
        }
    }
    Ok(drawn)
}

/// The drawing of the way from data to applications.
pub(super) fn draw_way(drawn: &Drawn, sentence: &str, more: &str) -> String {
    let graph = drawn.graph("way", "Lineage", sentence, Some(more));
    let lanes: Vec<usize> = drawn.boxes.iter().map(|it| it.lane).collect();
    lineage(&graph, &LANES, &lanes, Some(0))
}
