//! What a configuration says about whose model it is.

use stance_core::fact::Artifact;

use stance_read::tree::Node;

/// Entries that name a model, a repository or a person.
const NAMES: &[&str] = &[
    "_name_or_path",
    "author",
    "base_model",
    "base_model_name_or_path",
    "model_name_or_path",
    "parent_model",
    "publisher",
];

/// Keeps the claims of a document; a directory of the machine that wrote it is none.
pub(super) fn read(root: &Node, artifact: &mut Artifact) {
    for name in NAMES {
        if let Some(value) = root
            .get(name)
            .and_then(Node::as_str)
            .filter(|value| !value.trim().is_empty() && !value.starts_with(['/', '.', '~', '\\']))
        {
            let value: String = value.chars().take(200).collect();
            artifact.metadata.insert((*name).to_owned(), value);
        }
    }
    // Without a model that it names, an author says nothing about models.
    let names_a_model = artifact
        .metadata
        .keys()
        .any(|key| !matches!(&**key, "author" | "publisher"));
    if !names_a_model {
        artifact.metadata.clear();
    }
}
