//! Rules about where packages and models come from.

rules! {
    dependency_from_url,
    index_override,
    known_malicious,
    model_without_provenance,
    typosquat,
    unpinned_dependency,
    vulnerable_loader,
}
