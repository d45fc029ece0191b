//! What sources see of an asset: places, and facts with who tells them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::evidence::Locus;
use stance_store::SightingRow;

use super::words;
use crate::parts::Line;

/// What one source sees.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Sighting {
    /// Number of the source.
    pub(super) source: i64,
    /// What people call it.
    pub(super) source_name: String,
    /// Whether it still sees the asset.
    pub(super) present: bool,
    /// When it first did.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(super) first_seen: Timestamp,
    /// When it last did.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(super) last_seen: Timestamp,
    /// How the asset is known there.
    pub(super) how: String,
    /// high, medium or low: how sure it is that the asset is what it is told to be and in use.
    pub(super) confidence: String,
    /// Where in the tree: production, test or documentation.
    pub(super) part: String,
    /// How often it was seen in all.
    pub(super) occurrences: u64,
    /// Other names under which it was seen.
    pub(super) aliases: Vec<String>,
    /// Its details by name, as they were told.
    pub(super) attributes: BTreeMap<String, serde_json::Value>,
    /// Where it was seen; at most 64 places.
    pub(super) places: Vec<Place>,
}

/// A place where an asset was seen.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Place {
    /// File, and line or offset.
    pub(super) place: String,
    /// What stands there, redacted.
    pub(super) excerpt: String,
    #[serde(skip)]
    pub(super) lines: Vec<Line>,
}

impl Sighting {
    pub(super) fn of(row: SightingRow) -> Self {
        let asset = row.asset;
        let places = asset.evidence.iter().map(|evidence| {
            let first = match evidence.locus {
                Locus::Line { line, .. } => u64::from(line),
                Locus::File | Locus::Bytes { .. } => 0,
            };
            let excerpt = evidence.excerpt.to_string();
            Place {
                place: evidence.place(),
                lines: if excerpt.is_empty() {
                    Vec::new()
                } else {
                    crate::parts::excerpt(&excerpt, first, first..=first)
                },
                excerpt,
            }
        });
        Self {
            source: row.source.0,
            source_name: row.source_name,
            present: row.present,
            first_seen: row.first_seen,
            last_seen: row.last_seen,
            how: asset.how.to_string(),
            confidence: asset.how.confidence().to_string(),
            part: asset.scope.to_string(),
            occurrences: asset.occurrences,
            aliases: asset.aliases.iter().cloned().collect(),
            places: places.collect(),
            attributes: asset.attributes,
        }
    }

    /// How it is known, in a clause.
    pub(super) fn how_in_words(&self) -> &'static str {
        words::how(&self.how)
    }

    /// The places that a page shows at once.
    pub(super) fn first_places(&self) -> &[Place] {
        self.places.get(..6).unwrap_or(&self.places)
    }

    /// The places behind them.
    pub(super) fn other_places(&self) -> &[Place] {
        self.places.get(6..).unwrap_or_default()
    }
}

/// A detail of an asset, and who tells it where they disagree.
#[derive(Debug)]
pub(super) struct Fact {
    /// Its name in words.
    pub(super) label: String,
    /// Its values in words, each with the sources that tell it; those are empty where all agree.
    pub(super) values: Vec<(String, Vec<String>)>,
}

/// The details of all sightings, those of sources that still see the asset where there are any.
pub(super) fn facts(sightings: &[Sighting]) -> Vec<Fact> {
    let any = sightings.iter().any(|it| it.present);
    let mut by_name: BTreeMap<&str, Vec<(String, Vec<String>)>> = BTreeMap::new();
    for sighting in sightings.iter().filter(|it| it.present || !any) {
        for (name, value) in &sighting.attributes {
            let text = words::value(name, value);
            let values = by_name.entry(name).or_default();
            match values.iter_mut().find(|(known, _)| *known == text) {
                Some((_, who)) => who.push(sighting.source_name.clone()),
                None => values.push((text, vec![sighting.source_name.clone()])),
            }
        }
    }
    by_name
        .into_iter()
        .map(|(name, mut values)| {
            if values.len() == 1 {
                for (_, who) in &mut values {
                    who.clear();
                }
            }
            Fact {
                label: words::label(name),
                values,
            }
        })
        .collect()
}
