//! Rules about where packages and models come from.

mod publisher;

rules! {
    checksum_mismatch,
    dependency_from_url,
    deprecated_model,
    index_override,
    invalid_signature,
    known_malicious,
    licence_conditions,
    licence_forbids_use,
    lookalike_publisher,
    model_without_provenance,
    retired_model,
    typosquat,
    unlisted_publisher,
    unpinned_dependency,
    unsigned_model,
    vulnerable_component,
    vulnerable_loader,
}

/// How many packages were held against advisories: all, for some come with Stance.
fn held_against_advisories(snapshot: &stance_core::Snapshot) -> u64 {
    let all = snapshot.observations.iter();
    all.filter(|seen| matches!(seen.fact, stance_core::Fact::Dependency(_)))
        .count() as u64
}
