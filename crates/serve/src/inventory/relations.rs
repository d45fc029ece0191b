//! All relations of an asset.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_core::RelationKind;
use stance_store::{AssetNumber, Direction, Estate as _, Inventory as _, Tie, TieCount};

use super::words;
use crate::ask::{Ask, Path, Query};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::http::cursor;
use crate::parts::Address;
use crate::view::{Page, View};

/// Which relations.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Filter {
    /// `out` for what the asset does, `in` for what is done to it; `out` if not given.
    direction: String,
    /// A kind of relation, such as `calls`; all if not given.
    kind: String,
    /// Where the list goes on, as the slice before gave it.
    after: String,
    /// How many at most, 1 to 1,000; 50 if not given.
    limit: Option<usize>,
}

/// A relation, seen from one of its ends.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Relation {
    /// What they have to do with each other, such as `calls`.
    pub(super) kind: String,
    /// The same in words, from this end: `called by`.
    pub(super) verb: &'static str,
    /// Number of the asset at the other end.
    pub(super) asset: i64,
    /// What people call it.
    pub(super) name: String,
    /// What it is.
    pub(super) asset_kind: String,
    /// Whether any source sees it.
    pub(super) present: bool,
    /// Where a source saw the relation: file, and line.
    pub(super) place: String,
    /// How many sources see it.
    pub(super) sources: u64,
}

impl Relation {
    pub(super) fn of(tie: Tie, direction: Direction) -> Self {
        Self {
            kind: tie.kind.name().to_owned(),
            verb: words::verb(tie.kind, direction),
            asset: tie.other.0,
            name: tie.name,
            asset_kind: tie.asset_kind.to_string(),
            present: tie.present,
            place: match tie.line {
                Some(line) => format!("{}:{line}", tie.path),
                None => tie.path,
            },
            sources: tie.sources,
        }
    }

    pub(super) fn href(&self) -> String {
        format!("/inventory/{}", self.asset)
    }
}

/// How many relations there are.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Count {
    /// `out` or `in`.
    pub(super) direction: &'static str,
    /// A kind of relation.
    pub(super) kind: String,
    /// The same in words, from this end.
    pub(super) verb: &'static str,
    /// How many, counted up to 20,000.
    pub(super) count: u64,
}

impl Count {
    pub(super) fn of(count: &TieCount) -> Self {
        Self {
            direction: name(count.direction),
            kind: count.kind.name().to_owned(),
            verb: words::verb(count.kind, count.direction),
            count: count.count,
        }
    }
}

pub(super) const fn name(direction: Direction) -> &'static str {
    match direction {
        Direction::Out => "out",
        Direction::In => "in",
    }
}

/// Relations of an asset.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RelationsView {
    /// Number of the asset.
    asset: i64,
    /// What people call it.
    name: String,
    /// The relations, by kind.
    relations: Vec<Relation>,
    /// How many of each kind there are.
    counts: Vec<Count>,
    /// Where the list goes on: the parameter `after` of the next request.
    next: Option<String>,
    #[serde(skip)]
    direction: &'static str,
    #[serde(skip)]
    kind: String,
}

pub(super) async fn list(
    ask: Ask,
    Path(number): Path<i64>,
    Query(filter): Query<Filter>,
) -> Result<View<RelationsView>, ApiError> {
    let direction = match filter.direction.as_str() {
        "" | "out" => Direction::Out,
        "in" => Direction::In,
        _ => return Err(ApiError::invalid("direction", "out or in")),
    };
    let kind = match filter.kind.as_str() {
        "" => None,
        name => Some(
            RelationKind::ALL
                .into_iter()
                .find(|it| it.name() == name)
                .ok_or_else(|| ApiError::invalid("kind", "no such kind of relation"))?,
        ),
    };
    let window = cursor::window(&filter.after, filter.limit)?;
    let view = ask
        .db
        .read(move |store| {
            let asset = AssetNumber(number);
            let detail = store
                .asset(asset)?
                .ok_or_else(|| ApiError::not_found(format_args!("asset {number}")))?;
            let slice = store.ties(asset, direction, kind, &window)?;
            Ok(RelationsView {
                asset: number,
                name: detail.row.name,
                next: slice.next.as_ref().map(cursor::encode).transpose()?,
                relations: slice
                    .rows
                    .into_iter()
                    .map(|tie| Relation::of(tie, direction))
                    .collect(),
                counts: store.tie_counts(asset)?.iter().map(Count::of).collect(),
                direction: name(direction),
                kind: filter.kind,
            })
        })
        .await?;
    Ok(View(view))
}

#[derive(Template)]
#[template(path = "inventory/relations.html")]
struct RelationsPage<'a> {
    frame: Frame,
    view: &'a RelationsView,
    address: Address,
}

impl Page for RelationsView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page(
                format!("Relations of {}", crate::format::shorten(&self.name, 120)),
                Section::Inventory,
            )
            .under("Inventory", "/inventory")
            .under(&self.name, format!("/inventory/{}", self.asset));
        let address = Address::parse(&frame.path).without("after");
        RelationsPage {
            frame,
            view: self,
            address,
        }
        .render()
    }
}

impl RelationsPage<'_> {
    /// Each kind of relation with its address, and whether it is the one that is shown.
    fn kinds(&self) -> Vec<(String, String, bool)> {
        let base = Address::new(self.address.path());
        self.view
            .counts
            .iter()
            .map(|count| {
                let to = base
                    .with("direction", count.direction)
                    .with("kind", &count.kind);
                let on = count.direction == self.view.direction && count.kind == self.view.kind;
                let label = format!("{} {}", count.verb, crate::format::compact(count.count));
                (label, to.to_string(), on)
            })
            .collect()
    }

    fn first(&self) -> String {
        if Address::parse(&self.frame.path).get("after").is_empty() {
            String::new()
        } else {
            self.address.to_string()
        }
    }
}
