//! What an organisation aims for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stance_core::kpi::{Better, Kpi, Unit};
use stance_store::{Aim, Objectives as _};

use super::one::named;
use super::{Figure, Span, figures, first_of, today};
use crate::ask::{Ask, Input, Path};
use crate::error::ApiError;
use crate::record::Teller;
use crate::view::Done;

/// What to aim for, in the unit of the figure.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NewAim {
    /// What is aimed for; nothing if it is left out.
    target: Option<f64>,
    /// What must not be missed; nothing if it is left out.
    threshold: Option<f64>,
}

impl NewAim {
    fn checked(self, kpi: &Kpi) -> Result<Aim, ApiError> {
        let (least, most, says) = match kpi.unit {
            Unit::Percent => (0.0, 100.0, "0 to 100"),
            Unit::Count => (0.0, 1e12, "0 or more"),
            Unit::Days => (0.0, 36_500.0, "0 to 36500 days"),
            Unit::Points => (-100.0, 100.0, "-100 to 100"),
        };
        for (field, value) in [("target", self.target), ("threshold", self.threshold)] {
            if value.is_some_and(|value| !(least..=most).contains(&value)) {
                return Err(ApiError::invalid(field, says));
            }
        }
        if let Some((target, threshold)) = self.target.zip(self.threshold) {
            let (right, says) = match kpi.better {
                Better::Higher => (threshold <= target, "at most the target: more is better"),
                Better::Lower => (threshold >= target, "at least the target: less is better"),
            };
            if !right {
                return Err(ApiError::invalid("threshold", says));
            }
        }
        Ok(Aim {
            target: self.target,
            threshold: self.threshold,
        })
    }
}

pub(super) async fn set(
    ask: Ask,
    Path(id): Path<String>,
    Input(new): Input<NewAim>,
) -> Result<Done<Figure>, ApiError> {
    let kpi = named(&id)?;
    let aim = new.checked(kpi)?;
    let done = change(&ask, kpi, Some(aim)).await?;
    Ok(done.notice("The target is set."))
}

pub(super) async fn reset(ask: Ask, Path(id): Path<String>) -> Result<Done<Figure>, ApiError> {
    let done = change(&ask, named(&id)?, None).await?;
    Ok(done.notice("The default holds again."))
}

async fn change(ask: &Ask, kpi: &'static Kpi, aim: Option<Aim>) -> Result<Done<Figure>, ApiError> {
    let (teller, today) = (Teller::of(ask), today(ask.now));
    let days = Span::default().days()?;
    let figure = ask
        .db
        .write(move |store| {
            let before = store.aims()?.get(kpi.id).copied();
            if before != aim {
                store.set_aim(kpi.id, aim)?;
                let detail = json!({ "before": before, "after": aim });
                let action = if aim.is_some() {
                    "kpi.aim"
                } else {
                    "kpi.reset"
                };
                teller.tell(store, action, "kpi", kpi.id, detail)?;
            }
            let figure = figures(store, Some(kpi.id), first_of(days, today), today)?.pop();
            figure.ok_or_else(|| ApiError::internal("a figure without a value"))
        })
        .await?;
    Ok(Done::to(figure.href(), figure))
}
