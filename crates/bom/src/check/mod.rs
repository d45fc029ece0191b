//! How complete a bill is, by the list of fields of OWASP's AIBOM project.
//!
//! The list has 48 fields in three tiers and five categories; a category counts with its weight, a field of a model
//! with the share of the models that have it. Fields that only a GGUF header has count where one is there. Missing
//! critical and important fields cost a part of the sum, as in the project's own generator.

mod fields;
mod present;
mod refs;

use serde::Serialize;

use crate::bill::Bill;
use crate::read::Document;
use crate::schema::Violation;

pub use fields::{Category, FIELDS, Field, Tier};

/// What a check of a bill found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The standard and edition of the document.
    pub form: String,
    /// Rules of the standard that it breaks.
    pub violations: Vec<Violation>,
    /// What no schema tells, and is wrong all the same.
    pub warnings: Vec<Violation>,
    /// Models in it.
    pub models: usize,
    /// Parts in it, the subject included.
    pub parts: usize,
    /// Points of 100.
    pub score: f64,
    /// What missing fields of the higher tiers left of the sum, from 0 to 1.
    pub factor: f64,
    /// Points by category.
    pub categories: Vec<CategoryScore>,
    /// Fields by tier.
    pub tiers: Vec<TierScore>,
    /// Every field.
    pub fields: Vec<FieldScore>,
}

/// Points of one category.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CategoryScore {
    /// Which.
    pub category: Category,
    /// Points.
    pub points: f64,
    /// Points that it could have.
    pub of: f64,
}

/// Fields of one tier.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TierScore {
    /// Which.
    pub tier: Tier,
    /// Fields that are there for all models.
    pub complete: usize,
    /// Fields that are there for some models.
    pub partial: usize,
    /// Fields in the tier.
    pub of: usize,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldScore {
    /// Its name in the list.
    pub id: &'static str,
    /// Its tier.
    pub tier: Tier,
    /// How much of it is there, from 0 to 1.
    pub share: f64,
    /// Models that lack it, the first ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<String>,
    /// How many models lack it.
    pub lacking_count: usize,
    /// Where it stands in CycloneDX.
    pub place: &'static str,
    /// How to add it.
    pub add: &'static str,
}

impl FieldScore {
    /// Whether nothing of it is there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.share <= 0.0
    }

    /// Whether all of it is there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.share >= 1.0
    }
}

/// Models that are named as lacking a field.
const NAMED: usize = 8;

/// Validates and scores a document, of which `bill` is what was read.
#[must_use]
pub fn check(document: &Document, bill: &Bill) -> Report {
    let fields: Vec<FieldScore> = FIELDS
        .iter()
        .map(|field| score(field, document, bill))
        .collect();
    let counted = |field: &Field, score: &FieldScore| !field.gguf || !score.is_missing();
    let categories: Vec<CategoryScore> = Category::ALL
        .into_iter()
        .map(|category| {
            let (mut sum, mut count) = (0.0, 0.0);
            for (field, score) in FIELDS.iter().zip(&fields) {
                if field.category == category && counted(field, score) {
                    sum += score.share;
                    count += 1.0;
                }
            }
            let of = category.weight();
            let points = if count > 0.0 { of * sum / count } else { 0.0 };
            CategoryScore {
                category,
                points: tenths(points),
                of,
            }
        })
        .collect();
    let missing = |tier: Tier| {
        fields
            .iter()
            .filter(|one| one.tier == tier && one.is_missing())
            .count()
    };
    let mut factor = match missing(Tier::Critical) {
        0 | 1 => 1.0,
        2 | 3 => 0.9,
        _ => 0.8,
    };
    if missing(Tier::Important) >= 5 {
        factor *= 0.95;
    }
    let sum: f64 = categories.iter().map(|one| one.points).sum();
    Report {
        form: document.form.to_string(),
        violations: document.validate(),
        warnings: refs::warnings(document),
        models: bill.models().count(),
        parts: bill.all().count(),
        score: tenths(sum * factor),
        factor,
        categories,
        tiers: Tier::ALL
            .into_iter()
            .map(|tier| {
                let of_tier = || fields.iter().filter(move |one| one.tier == tier);
                TierScore {
                    tier,
                    complete: of_tier().filter(|one| one.is_complete()).count(),
                    partial: of_tier()
                        .filter(|one| !one.is_complete() && !one.is_missing())
                        .count(),
                    of: of_tier().count(),
                }
            })
            .collect(),
        fields,
    }
}

fn tenths(points: f64) -> f64 {
    (points * 10.0).round() / 10.0
}

fn score(field: &'static Field, document: &Document, bill: &Bill) -> FieldScore {
    let mut lacking: Vec<String> = Vec::new();
    let mut lacking_count = 0_usize;
    let share = match present::in_document(field.id, document, bill) {
        Some(present) => f64::from(u8::from(present)),
        None => {
            let (mut there, mut all) = (0_u32, 0_u32);
            for model in bill.models() {
                all = all.saturating_add(1);
                if present::in_model(field.id, model, bill) {
                    there = there.saturating_add(1);
                } else {
                    lacking_count = lacking_count.saturating_add(1);
                    if lacking.len() < NAMED {
                        lacking.push(model.name.clone());
                    }
                }
            }
            if all == 0 {
                0.0
            } else {
                f64::from(there) / f64::from(all)
            }
        }
    };
    FieldScore {
        id: field.id,
        tier: field.tier,
        share,
        lacking,
        lacking_count,
        place: field.place,
        add: field.add,
    }
}
