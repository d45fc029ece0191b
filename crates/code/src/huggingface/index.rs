//! The index of a model in several files: which tensor lies in which of them.

use std::collections::HashMap;

use stance_core::fact::{Artifact, Shard, TensorNames};

use stance_read::external;
use stance_read::input::Input;
use stance_read::text::Text;
use stance_read::tree::Node;

/// Shards that are kept; the largest models have a few hundred.
const MOST: usize = 4096;

/// Keeps the shards of an index with what it places in each.
pub(super) fn read(root: &Node, input: &Input<'_>, text: &Text<'_>, artifact: &mut Artifact) {
    let Some(map) = root.get("weight_map") else {
        return;
    };
    let mut places = HashMap::<&str, usize>::new();
    let mut all = TensorNames::default();
    for tensor in map.entries().iter().filter(|tensor| !tensor.shadowed) {
        let Some(name) = tensor.value.as_str() else {
            continue;
        };
        all.add(&tensor.key);
        let place = match places.get(name) {
            Some(place) => *place,
            // Those outside the directory are told as such.
            None if external::escapes(name) || artifact.shards.len() >= MOST => continue,
            None => {
                let place = artifact.shards.len();
                artifact.shards.push(Shard {
                    name: name.chars().take(400).collect(),
                    tensors: TensorNames::default(),
                    evidence: text.evidence(input.path(), tensor.value.span.clone()),
                });
                places.insert(name, place);
                place
            }
        };
        if let Some(shard) = artifact.shards.get_mut(place) {
            shard.tensors.add(&tensor.key);
        }
    }
    artifact.tensor_names = (all.count > 0).then_some(all);
    let total = root.path(&["metadata", "total_size"]);
    if let Some(total) = total.and_then(Node::scalar)
        && !artifact.shards.is_empty()
    {
        let total: String = total.chars().take(40).collect();
        artifact.metadata.insert("total_size".to_owned(), total);
    }
}
