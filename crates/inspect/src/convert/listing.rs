//! The storages and tensors of a checkpoint, for whoever looks at its weights.

use std::collections::{BTreeMap, HashMap};

use stance_core::fact::{Artifact, Tensor as Described};

use super::error::Error;
use super::machine;
use super::open::{Checkpoint, key_text, open};
use super::part::{Part, Storages};
use super::place::Place;
use super::select;
use super::tensor::Tensor;
use super::tree::{Object, Tree};
use stance_read::source::Source;

/// The classes of the storages that a pickle refers to, by key. What stands before an error counts:
/// a loader that stops there has read the same.
pub(crate) fn storage_classes(pickle: &dyn Source) -> HashMap<String, String> {
    let mut tree = Tree::default();
    // However it ends, the tree holds what came before.
    let _ = machine::read(&mut tree, pickle, 0);
    classes(&tree)
}

fn classes(tree: &Tree) -> HashMap<String, String> {
    let mut classes = HashMap::new();
    for object in tree.objects() {
        if let Object::Persistent(id) = object
            && let Some([_, class, key, ..]) = tree.items(*id)
            && let (Some(class), Some(key)) = (tree.name(*class), key_text(tree, *key))
        {
            let class = class.rsplit('.').next().unwrap_or(class);
            classes.insert(key, class.to_owned());
        }
    }
    classes
}

/// A storage of a checkpoint of the format before 1.6.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) key: String,
    /// `FloatStorage`.
    pub(crate) class: String,
    pub(crate) start: u64,
    pub(crate) length: u64,
}

/// The storages behind the pickles of an old checkpoint, in the order of the file; none where it does
/// not say where they are.
pub(crate) fn legacy_storages(source: &dyn Source) -> Vec<Run> {
    let Ok(Checkpoint {
        part:
            Some(Part {
                tree,
                storages: Storages::Behind(places),
                ..
            }),
        ..
    }) = open(source)
    else {
        return Vec::new();
    };
    let classes = classes(&tree);
    let mut runs: Vec<Run> = places
        .into_iter()
        .filter_map(|(key, place)| match place {
            Place::Raw { start, length } => Some(Run {
                class: classes.get(&key).cloned().unwrap_or_default(),
                key,
                start,
                length,
            }),
            _ => None,
        })
        .collect();
    runs.sort_by_key(|run| run.start);
    runs
}

/// Every tensor of a checkpoint whose elements can be found, by name, those of TorchScript constants
/// under `constants.`.
///
/// # Errors
/// When it is none, is broken, or would be read differently by different readers.
pub(crate) fn tensors(source: &dyn Source) -> Result<BTreeMap<String, Tensor>, Error> {
    chosen(source, Some(""))
}

/// The same without what stands beside the weights, such as the state of an optimizer.
pub(crate) fn weights(source: &dyn Source) -> Result<BTreeMap<String, Tensor>, Error> {
    chosen(source, None)
}

fn chosen(source: &dyn Source, key: Option<&str>) -> Result<BTreeMap<String, Tensor>, Error> {
    let checkpoint = open(source)?;
    let mut all = BTreeMap::new();
    if let Some(part) = &checkpoint.part {
        all = select::select(part, source, key)?.tensors;
    }
    if let Some(constants) = &checkpoint.constants {
        let constants = select::select(constants, source, Some(""))?.tensors;
        all.extend(
            constants
                .into_iter()
                .map(|(name, tensor)| (format!("constants.{name}"), tensor)),
        );
    }
    for (name, array) in checkpoint.arrays {
        if let Ok(array) = array {
            all.insert(name, array);
        }
    }
    Ok(all)
}

/// Tells the tensors of a checkpoint one by one, at most `most` of them, and counts them.
pub(crate) fn list(source: &dyn Source, most: usize, artifact: &mut Artifact) {
    if most == 0 {
        return;
    }
    // What cannot be told apart is judged elsewhere; there is nothing to list then.
    let Ok(tensors) = tensors(source) else {
        return;
    };
    let elements = tensors.values().filter_map(Tensor::elements);
    artifact.tensors = Some(tensors.len() as u64);
    artifact.parameters = Some(elements.fold(0, u64::saturating_add));
    for (name, tensor) in tensors {
        let dtype = tensor.dtype.name();
        let count = artifact.dtypes.entry(dtype.to_owned()).or_default();
        *count = count.saturating_add(1);
        artifact.list_tensor(most, || Described {
            name: stance_core::evidence::shorten(&name),
            dtype: dtype.to_owned(),
            shape: tensor
                .shape
                .iter()
                .copied()
                .take(Described::DIMENSIONS)
                .collect(),
            offset: match &tensor.place {
                Place::Raw { start, .. } => Some(start.saturating_add(tensor.start)),
                _ => None,
            },
            bytes: tensor.bytes(),
        });
    }
}
