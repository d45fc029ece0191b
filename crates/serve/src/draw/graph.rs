//! Assets and what ties them together, in layers from left to right: where something comes from stands left of what it
//! reaches.
//!
//! Four steps: [`layer`] decides what is shown and in which layer, [`order`] arranges each layer so that few lines cross,
//! [`place`] gives coordinates, [`paint`] writes SVG. The method is Sugiyama's (1981): layers, bends for long lines,
//! barycentres, and least squares for the heights.

mod layer;
mod order;
mod paint;
mod place;

use stance_core::{RelationKind, Severity};

/// An asset in the drawing.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The line below: its kind and what matters about it.
    pub sub: &'a str,
    /// Its symbol in the sprite: the name of its kind.
    pub icon: &'a str,
    /// Its page.
    pub href: &'a str,
    /// The worst of its open findings and how many there are.
    pub findings: Option<(Severity, u64)>,
}

/// A line from one asset to another.
#[derive(Clone, Debug)]
pub struct Edge<'a> {
    /// The index of the asset that it leaves.
    pub from: usize,
    /// The index of the asset that it reaches.
    pub to: usize,
    /// What it says: `trained on`.
    pub label: &'a str,
    /// Whether it is part of the path that the drawing shows.
    pub on_path: bool,
}

/// What to draw.
#[derive(Clone, Debug)]
pub struct Graph<'a> {
    /// Begins the ids inside the drawing; unique on the page.
    pub id: &'a str,
    /// What it shows, in a few words.
    pub title: &'a str,
    /// The same in a sentence.
    pub sentence: &'a str,
    /// The assets.
    pub nodes: Vec<Node<'a>>,
    /// The lines between them; those to an index that is not there are left out.
    pub edges: Vec<Edge<'a>>,
    /// Where the rest is listed, behind `+12 more`.
    pub more: Option<&'a str>,
}

/// At most so many boxes in all, those of the path beside.
const MOST: usize = 40;
/// At most so many in one layer.
const MOST_IN_LAYER: usize = 7;

/// What surrounds one asset: it stands in the middle, what leads to it left of it, what it leads to right of it.
#[must_use]
pub fn neighbourhood(graph: &Graph<'_>, centre: usize) -> String {
    let shown = layer::around(graph, centre, MOST, MOST_IN_LAYER);
    draw(graph, shown, Some(centre), &[])
}

/// The way from the source to the user: each asset in the lane of this index, the lanes named above.
#[must_use]
pub fn lineage(
    graph: &Graph<'_>,
    lanes: &[&str],
    lane_of: &[usize],
    centre: Option<usize>,
) -> String {
    let shown = layer::in_lanes(graph, lane_of, lanes.len(), MOST_IN_LAYER);
    draw(graph, shown, centre, lanes)
}

fn draw(graph: &Graph<'_>, shown: layer::Shown, centre: Option<usize>, lanes: &[&str]) -> String {
    let mut layers = order::Layers::of(&shown);
    layers.untangle();
    let placed = place::place(&layers);
    paint::paint(graph, &placed, centre, lanes)
}

/// Whether the line of a relation runs against it: a model is trained on a dataset, and what is in the dataset reaches the
/// model. Lines show which way things flow, so that harm can be followed from left to right.
#[must_use]
pub const fn flows_back(relation: RelationKind) -> bool {
    match relation {
        RelationKind::DependsOn
        | RelationKind::Calls
        | RelationKind::LoadsArtifactFrom
        | RelationKind::Configures
        | RelationKind::Serves
        | RelationKind::Reads
        | RelationKind::TrainedOn
        | RelationKind::FineTunedFrom
        | RelationKind::ProvidedBy
        | RelationKind::RunsAs
        | RelationKind::HoldsSecret => true,
        RelationKind::Contains
        | RelationKind::Exposes
        | RelationKind::Writes
        | RelationKind::DelegatesTo => false,
    }
}
