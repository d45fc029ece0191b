//! What people say of assets.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::json;
use stance_core::{Criticality, Environment, Sensitivity};

use super::{account, audit};
use crate::sqlite::Halt;
use crate::{AssetEdit, AssetNumber, Decision, StoreError};

/// Longest text that people may give to an asset, in bytes.
const LONGEST: usize = 4_096;

pub(super) fn edit(
    db: &Connection,
    assets: &[AssetNumber],
    edit: &AssetEdit,
    decision: &Decision<'_>,
) -> Result<u64, Halt> {
    check(edit)?;
    let mut touched = BTreeSet::new();
    for asset in assets {
        let revision: Option<u64> = db
            .prepare_cached("SELECT revision FROM asset WHERE id = ?1")?
            .query_row([asset.0], |row| row.get::<_, i64>(0))
            .optional()?
            .map(|revision| u64::try_from(revision).unwrap_or_default());
        let Some(revision) = revision else { continue };
        if edit.revision.is_some_and(|seen| seen != revision) {
            return Err(StoreError::Edited {
                what: format!("asset {asset}"),
            }
            .into());
        }
        apply(db, *asset, edit)?;
        touched.insert(asset.0);
    }
    account::settle(db, &touched, super::row::ms(decision.at))?;
    let numbers: Vec<i64> = touched.iter().copied().collect();
    audit::decided(db, decision, "asset.edit", "asset", &numbers, &detail(edit))?;
    Ok(touched.len() as u64)
}

fn check(edit: &AssetEdit) -> Result<(), Halt> {
    let refuse = |text: String| Err(Halt::Refused(StoreError::Refused(text)));
    let texts = [
        edit.owner.as_ref().and_then(Option::as_ref),
        edit.purpose.as_ref().and_then(Option::as_ref),
        edit.approval
            .as_ref()
            .and_then(|(_, reason)| reason.as_ref()),
    ];
    if texts.into_iter().flatten().any(|text| text.len() > LONGEST) {
        return refuse(format!("a text is longer than {LONGEST} bytes"));
    }
    if let Some(Some(word)) = &edit.environment
        && let Err(error) = word.parse::<Environment>()
    {
        return refuse(error.to_string());
    }
    if let Some(word) = &edit.criticality
        && let Err(error) = word.parse::<Criticality>()
    {
        return refuse(error.to_string());
    }
    if let Some(Some(word)) = &edit.sensitivity
        && let Err(error) = word.parse::<Sensitivity>()
    {
        return refuse(error.to_string());
    }
    Ok(())
}

fn apply(db: &Connection, asset: AssetNumber, edit: &AssetEdit) -> Result<(), Halt> {
    if let Some(owner) = &edit.owner {
        db.prepare_cached(
            "UPDATE asset SET owner = coalesce(?2, (SELECT source.owner FROM source WHERE source.id = scope)),
                 owner_set = ?2 IS NOT NULL WHERE id = ?1",
        )?
        .execute(params![asset.0, owner])?;
    }
    if let Some(purpose) = &edit.purpose {
        db.prepare_cached("UPDATE asset SET purpose = ?2 WHERE id = ?1")?
            .execute(params![asset.0, purpose])?;
    }
    if let Some(environment) = &edit.environment {
        db.prepare_cached(
            "UPDATE asset SET environment =
                 coalesce(?2, (SELECT source.environment FROM source WHERE source.id = scope), 'unknown'),
                 environment_set = ?2 IS NOT NULL WHERE id = ?1",
        )?
        .execute(params![asset.0, environment])?;
    }
    if let Some(criticality) = &edit.criticality {
        db.prepare_cached("UPDATE asset SET criticality = ?2, criticality_set = 1 WHERE id = ?1")?
            .execute(params![asset.0, criticality])?;
    }
    if let Some(sensitivity) = &edit.sensitivity {
        db.prepare_cached(
            "UPDATE asset SET sensitivity = coalesce(?2, 'unknown'), sensitivity_set = ?2 IS NOT NULL
             WHERE id = ?1",
        )?
        .execute(params![asset.0, sensitivity])?;
    }
    if let Some((approval, reason)) = &edit.approval {
        db.prepare_cached("UPDATE asset SET approval = ?2, approval_reason = ?3 WHERE id = ?1")?
            .execute(params![asset.0, approval.name(), reason])?;
    }
    db.prepare_cached("UPDATE asset SET revision = revision + 1 WHERE id = ?1")?
        .execute([asset.0])?;
    Ok(())
}

fn detail(edit: &AssetEdit) -> serde_json::Value {
    let mut detail = serde_json::Map::new();
    let mut put = |name: &str, value: Option<serde_json::Value>| {
        if let Some(value) = value {
            detail.insert(name.to_owned(), value);
        }
    };
    put("owner", edit.owner.as_ref().map(|it| json!(it)));
    put("purpose", edit.purpose.as_ref().map(|it| json!(it)));
    put("environment", edit.environment.as_ref().map(|it| json!(it)));
    put("criticality", edit.criticality.as_ref().map(|it| json!(it)));
    put("sensitivity", edit.sensitivity.as_ref().map(|it| json!(it)));
    if let Some((approval, reason)) = &edit.approval {
        put("approval", Some(json!(approval.name())));
        put("reason", reason.as_ref().map(|it| json!(it)));
    }
    detail.into()
}
