//! Rules about where packages and models come from.

rules! {
    dependency_from_url,
    index_override,
    invalid_signature,
    known_malicious,
    model_without_provenance,
    typosquat,
    unpinned_dependency,
    unsigned_model,
    vulnerable_loader,
}
