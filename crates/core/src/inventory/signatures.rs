//! What signatures say about the models that they cover.

use crate::asset::AssetKind;
use crate::fact::{Fact, Signature, SignatureState};
use crate::observation::Observation;

use super::Inventory;

/// Tells each model file of the inventory what came of the signature over it, the nearest one where
/// several cover it.
pub(super) fn add(inventory: &mut Inventory, observations: &[Observation]) {
    let mut signatures: Vec<&Signature> = observations
        .iter()
        .filter_map(|observation| match &observation.fact {
            Fact::Signature(signature) => Some(&**signature),
            _ => None,
        })
        .collect();
    if signatures.is_empty() {
        return;
    }
    signatures.sort_by_key(|signature| std::cmp::Reverse(signature.model.len()));
    for asset in inventory.assets.values_mut() {
        if asset.kind != AssetKind::Model {
            continue;
        }
        let Some(evidence) = asset.evidence.first() else {
            continue;
        };
        // Only a file is signed, not the mention of a model in code.
        if asset.id.as_str() != format!("model:file/{}", evidence.path) {
            continue;
        }
        let covering = signatures
            .iter()
            .find(|signature| covers(&signature.model, &evidence.path));
        if let Some(signature) = covering {
            let state = match &signature.state {
                SignatureState::Unchecked => "not checked".to_owned(),
                SignatureState::Verified { signer } => format!("verified, by {signer}"),
                SignatureState::Changed { signer, .. } => {
                    format!("by {signer}, and the model is not what was signed")
                }
                SignatureState::Untrusted { .. } => "by nobody who is trusted".to_owned(),
                SignatureState::Invalid { .. } => "not valid".to_owned(),
                SignatureState::Malformed { .. } => "damaged".to_owned(),
            };
            asset
                .attributes
                .insert("signature".to_owned(), state.into());
        }
    }
}

/// Whether a signature over `model` is one over the file at `path`.
fn covers(model: &str, path: &str) -> bool {
    model.is_empty()
        || path
            .strip_prefix(model)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_signature_covers_what_lies_below_its_model() {
        for (model, path, wanted) in [
            ("", "a/b", true),
            ("a", "a/b", true),
            ("a/b", "a/b", true),
            ("a", "ab/b", false),
            ("a/b", "a", false),
        ] {
            assert_eq!(covers(model, path), wanted, "{model} {path}");
        }
    }
}
