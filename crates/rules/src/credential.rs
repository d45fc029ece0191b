//! What the rules about credentials have in common.

use stance_core::asset::Scope;
use stance_core::fact::Secret;
use stance_core::{Confidence, Severity};
use stance_inspect::secrets::{Grade, pattern};
use stance_inspect::vendors;

use crate::Draft;

/// What opens with it, in words.
pub(crate) fn title(secret: &Secret) -> String {
    match vendors::find(secret.vendor) {
        Some(vendor) if !secret.title.contains(vendor.title) => {
            format!("{} of {}", secret.title, vendor.title)
        }
        _ => secret.title.to_owned(),
    }
}

/// Whether it is a private key rather than a key for an interface.
pub(crate) fn is_private_key(secret: &Secret) -> bool {
    matches!(
        secret.pattern,
        "private-key" | "gcp-service-account-key" | "age-secret-key"
    )
}

/// Whether it is a password inside an address.
pub(crate) fn is_address_password(secret: &Secret) -> bool {
    secret.pattern == "url-password"
}

/// Severity and confidence by how much a key opens and where it stands; `usual` is the
/// severity of one that opens a single service.
pub(crate) fn weigh(secret: &Secret, usual: Severity, draft: Draft<'_>) {
    let grade = pattern(secret.pattern).map_or(Grade::Key, |pattern| pattern.grade);
    let severity = match grade {
        Grade::Public => Severity::Low,
        Grade::Half => usual.min(Severity::Medium),
        Grade::Key => usual,
        Grade::Root if usual == Severity::High => Severity::Critical,
        Grade::Root => Severity::High,
    };
    let draft = match grade {
        Grade::Public => draft
            .note("it is public by design, but opens every interface that its project switched on"),
        Grade::Half => draft.note("it is one half of a pair and opens nothing without the other"),
        Grade::Root => {
            draft.note("it opens more than one service: an organisation, an account or an identity")
        }
        Grade::Key => draft,
    };
    let draft = if secret.doubtful {
        draft
            .severity(Severity::Low)
            .confidence(Confidence::Low)
            .note("the checksum inside it does not fit, so it is mistyped or made up")
    } else {
        draft.severity(severity)
    };
    if Scope::of_path(&secret.evidence.path) != Scope::Production && !secret.doubtful {
        draft
            .severity(severity.min(Severity::Medium))
            .confidence(Confidence::Medium)
            .note("it stands among tests or documentation, where keys are sometimes made up");
    }
}
