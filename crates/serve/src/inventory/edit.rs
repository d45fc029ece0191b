//! What people say of assets, one or many.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::{Approval, AssetEdit, AssetNumber, AssetRow, Decision, Estate as _};

use crate::ask::{Ask, Input, Path};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::view::Done;

/// Most assets of one edit.
const MOST: usize = 1_000;

/// What there is to say of several assets; what is not given, or empty, stays as it is.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Bulk {
    /// Numbers of the assets.
    id: Vec<i64>,
    /// Who answers for them; `-` gives the word back to their sources.
    owner: String,
    /// What they are for; `-` for nothing.
    purpose: String,
    /// production, staging, development, test; `-` gives the word back to their sources.
    environment: String,
    /// critical, high, medium, low or unknown.
    criticality: String,
    /// restricted, confidential, internal, public or unknown.
    sensitivity: String,
    /// approved, rejected or unreviewed; needs the permission to decide.
    approval: String,
    /// Why, for an approval.
    reason: String,
    /// The query of the list, to come back to it.
    back: String,
}

/// What there is to say of an asset; what is not given stays as it is.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Edit {
    /// Who answers for it; an empty text gives the word back to its source.
    #[serde(deserialize_with = "given")]
    owner: Option<String>,
    /// What it is for.
    #[serde(deserialize_with = "given")]
    purpose: Option<String>,
    /// production, staging, development, test; unknown gives the word back to its source.
    #[serde(deserialize_with = "given")]
    environment: Option<String>,
    /// critical, high, medium, low or unknown.
    #[serde(deserialize_with = "given")]
    criticality: Option<String>,
    /// restricted, confidential, internal, public or unknown.
    #[serde(deserialize_with = "given")]
    sensitivity: Option<String>,
    /// The revision that the editor saw: when somebody edited the asset since, nothing is changed.
    revision: Option<u64>,
}

/// An empty field of a form was given too: it takes a word away.
fn given<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    String::deserialize(from).map(Some)
}

/// A decision whether an asset is wanted.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Approve {
    /// approved, rejected or unreviewed.
    approval: String,
    /// Why; needed for approved and rejected.
    reason: String,
    /// The revision that was seen.
    revision: Option<u64>,
}

/// What an edit did.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Edited {
    /// How many assets it changed.
    changed: u64,
    /// The revision of the asset afterwards, where it was one.
    revision: Option<u64>,
}

fn approval(name: &str, reason: &str) -> Result<(Approval, Option<String>), ApiError> {
    let approval = Approval::named(name)
        .ok_or_else(|| ApiError::invalid("approval", "approved, rejected or unreviewed"))?;
    let reason = reason.trim();
    if reason.is_empty() && approval != Approval::Unreviewed {
        return Err(ApiError::invalid("reason", "say why, in a sentence"));
    }
    Ok((approval, (!reason.is_empty()).then(|| reason.to_owned())))
}

/// A text of a form that takes several: empty is no change, `-` takes the word away.
fn change(text: &str) -> Option<Option<String>> {
    match text.trim() {
        "" => None,
        "-" => Some(None),
        text => Some(Some(text.to_owned())),
    }
}

pub(super) async fn bulk(ask: Ask, Input(input): Input<Bulk>) -> Result<Done<Edited>, ApiError> {
    if input.id.is_empty() {
        return Err(ApiError::invalid("id", "select at least one asset"));
    }
    if input.id.len() > MOST {
        return Err(ApiError::invalid("id", format!("at most {MOST} at once")));
    }
    let word = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mut edit = AssetEdit {
        owner: change(&input.owner),
        purpose: change(&input.purpose),
        environment: change(&input.environment),
        criticality: word(&input.criticality),
        sensitivity: word(&input.sensitivity).map(unless_unknown),
        approval: None,
        revision: None,
    };
    if !input.approval.is_empty() {
        if !ask.who.may(Permission::DecisionsApprove) {
            return Err(ApiError::forbidden(
                "approving and rejecting assets is for approvers",
            ));
        }
        edit.approval = Some(approval(&input.approval, &input.reason)?);
    }
    if edit == AssetEdit::default() {
        return Err(ApiError::invalid("owner", "choose what is to change"));
    }
    let assets: Vec<AssetNumber> = input.id.iter().copied().map(AssetNumber).collect();
    let (actor, at) = (ask.who.name(), ask.now);
    let changed = ask
        .db
        .write(move |store| {
            let decision = Decision { actor: &actor, at };
            Ok(store.edit_assets(&assets, &edit, &decision)?)
        })
        .await?;
    let notice = format!(
        "{} edited.",
        crate::format::plural(changed, "asset", "assets")
    );
    let edited = Edited {
        changed,
        revision: None,
    };
    let back = crate::parts::Address::parse(&format!("/inventory?{}", input.back)).without("after");
    Ok(Done::to(back.to_string(), edited).notice(notice))
}

/// Nobody says it: the word is the source's.
fn unless_unknown(word: String) -> Option<String> {
    (word != "unknown").then_some(word)
}

pub(super) async fn edit(
    ask: Ask,
    Path(number): Path<i64>,
    Input(input): Input<Edit>,
) -> Result<Done<Edited>, ApiError> {
    one(ask, number, move |row| Ok(changes(&input, row))).await
}

/// What differs from what is there: a form sends all fields, and saying again what a source says is saying nothing.
fn changes(input: &Edit, row: &AssetRow) -> AssetEdit {
    let text = |given: &Option<String>, known: Option<&str>| {
        let given = given.as_deref().map(str::trim)?;
        (given != known.unwrap_or_default()).then(|| (!given.is_empty()).then(|| given.to_owned()))
    };
    let word = |given: &Option<String>, known: &str| {
        given
            .as_deref()
            .filter(|given| *given != known && !given.is_empty())
            .map(str::to_owned)
    };
    AssetEdit {
        owner: text(&input.owner, row.owner.as_deref()),
        purpose: text(&input.purpose, row.purpose.as_deref()),
        environment: word(&input.environment, &row.environment).map(unless_unknown),
        criticality: word(&input.criticality, &row.criticality),
        sensitivity: word(&input.sensitivity, &row.sensitivity).map(unless_unknown),
        approval: None,
        revision: input.revision,
    }
}

pub(super) async fn approve(
    ask: Ask,
    Path(number): Path<i64>,
    Input(input): Input<Approve>,
) -> Result<Done<Edited>, ApiError> {
    let approval = approval(&input.approval, &input.reason)?;
    one(ask, number, move |_| {
        Ok(AssetEdit {
            approval: Some(approval),
            revision: input.revision,
            ..AssetEdit::default()
        })
    })
    .await
}

async fn one(
    ask: Ask,
    number: i64,
    edit: impl FnOnce(&AssetRow) -> Result<AssetEdit, ApiError> + Send + 'static,
) -> Result<Done<Edited>, ApiError> {
    let (actor, at) = (ask.who.name(), ask.now);
    let edited = ask
        .db
        .write(move |store| {
            let asset = AssetNumber(number);
            let missing = || ApiError::not_found(format_args!("asset {number}"));
            let detail = store.asset(asset)?.ok_or_else(missing)?;
            let edit = edit(&detail.row)?;
            let said = AssetEdit {
                revision: None,
                ..edit.clone()
            };
            // Also an edit that changes nothing must not hide that somebody else was there.
            let stale = edit
                .revision
                .is_some_and(|seen| seen != detail.row.revision);
            if said == AssetEdit::default() && !stale {
                return Ok(Edited {
                    changed: 0,
                    revision: Some(detail.row.revision),
                });
            }
            let decision = Decision { actor: &actor, at };
            let changed = store.edit_assets(&[asset], &edit, &decision)?;
            let after = store.asset(asset)?.ok_or_else(missing)?;
            Ok(Edited {
                changed,
                revision: Some(after.row.revision),
            })
        })
        .await?;
    let notice = if edited.changed == 0 {
        "Nothing was changed."
    } else {
        "Saved."
    };
    Ok(Done::to(format!("/inventory/{number}"), edited).notice(notice))
}
