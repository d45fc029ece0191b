//! Rules about where packages and models come from.

mod publisher;

rules! {
    checksum_mismatch,
    dependency_from_url,
    index_override,
    invalid_signature,
    known_malicious,
    lookalike_publisher,
    model_without_provenance,
    typosquat,
    unlisted_publisher,
    unpinned_dependency,
    unsigned_model,
    vulnerable_component,
    vulnerable_loader,
}
