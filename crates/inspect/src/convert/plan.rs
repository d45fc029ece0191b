//! What the result consists of: its header, and in which order which tensors follow.

use std::collections::{BTreeMap, BTreeSet};

use super::dtype::Dtype;
use super::error::Error;
use super::open::Checkpoint;
use super::place::Place;
use super::select::{self, Leftover, Selection};
use super::tensor::Tensor;
use super::tree::{Object, Tree};
use stance_read::source::Source;

/// Largest header that the safetensors library reads.
const HEADER: usize = 100_000_000;
/// How many times larger than its source the result may be, past a fixed part: views share bytes,
/// and a view of one element may claim to be of any size.
const GROWTH: u64 = 16;
const FREE: u64 = 64 << 20;
/// What deflate can do at most.
const DEFLATE: u64 = 1032;

/// What to do with tensors that are the same bytes under several names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shared {
    /// Write them once, under the first name in order, and name the others in the metadata.
    #[default]
    Alias,
    /// Write each of them.
    Copy,
}

/// What is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes<'a> {
    /// The part of the checkpoint that is taken, keys joined by dots.
    pub key: Option<&'a str>,
    /// What to do with shared tensors.
    pub shared: Shared,
}

/// A tensor of the result.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its name.
    pub name: String,
    /// Type of its elements.
    pub dtype: Dtype,
    /// Its shape.
    pub shape: Vec<u64>,
    /// Where its bytes start and end behind the header.
    pub range: (u64, u64),
    pub(crate) tensor: Tensor,
}

/// A call that loading the file would make and that makes no tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// What is called.
    pub callable: String,
    /// How often.
    pub times: u64,
    /// Where it is first called, counted from the start of its pickle.
    pub offset: u64,
}

/// Everything about a result that can be known before it is written.
#[derive(Debug)]
pub struct Plan {
    /// The part of the checkpoint that is taken; empty for all of it.
    pub key: String,
    /// The tensors in the order of the file.
    pub tensors: Vec<Planned>,
    /// Names that are not written because another has the same bytes, and that other.
    pub aliases: BTreeMap<String, String>,
    /// What is not in the result.
    pub left: Vec<Leftover>,
    /// How many more than `left` lists.
    pub more: u64,
    /// Calls that are left behind, those with most occurrences first.
    pub calls: Vec<Dropped>,
    /// The eight bytes of the length, and the header.
    pub(crate) header: Vec<u8>,
    /// Bytes of all tensors together.
    pub(crate) bytes: u64,
}

impl Plan {
    /// Bytes of the result.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.bytes.saturating_add(self.header.len() as u64)
    }

    /// Looks at everything of a checkpoint but its arrays.
    ///
    /// # Errors
    /// When the key leads nowhere, when there is no tensor, or when a limit is met.
    pub fn new(
        checkpoint: &Checkpoint,
        source: &dyn Source,
        wishes: &Wishes<'_>,
    ) -> Result<Self, Error> {
        let selection = selected(checkpoint, source, wishes.key)?;
        if selection.tensors.is_empty() {
            return Err(Error::NoTensors(why_none(&selection)));
        }
        let torch = checkpoint.arrays.is_empty();
        let aliases = match wishes.shared {
            Shared::Alias => aliases(&selection.tensors),
            Shared::Copy => BTreeMap::new(),
        };
        let mut tensors: Vec<(String, Tensor)> = selection
            .tensors
            .into_iter()
            .filter(|(name, _)| !aliases.contains_key(name))
            .collect();
        // As the safetensors library sorts them: types from large to small, then names.
        tensors.sort_by(|(one, left), (other, right)| {
            right.dtype.cmp(&left.dtype).then_with(|| one.cmp(other))
        });
        let room = room(&tensors, source);
        let mut at = 0_u64;
        let mut planned = Vec::with_capacity(tensors.len());
        for (name, tensor) in tensors {
            let end = tensor.bytes().and_then(|bytes| at.checked_add(bytes));
            let end = end.filter(|end| *end <= room).ok_or_else(|| {
                Error::Limit(format!(
                    "its views of shared bytes would take more than {room} bytes when each is \
                     written out"
                ))
            })?;
            planned.push(Planned {
                name,
                dtype: tensor.dtype,
                shape: tensor.shape.clone(),
                range: (at, end),
                tensor,
            });
            at = end;
        }
        let header = header(&planned, &aliases, torch)?;
        let trees = [&checkpoint.part, &checkpoint.constants];
        let mut calls = Vec::new();
        for part in trees.into_iter().flatten() {
            calls.extend(dropped(&part.tree));
        }
        Ok(Self {
            key: selection.key,
            tensors: planned,
            aliases,
            left: selection.left,
            more: selection.more,
            calls,
            header,
            bytes: at,
        })
    }
}

fn selected(
    checkpoint: &Checkpoint,
    source: &dyn Source,
    key: Option<&str>,
) -> Result<Selection, Error> {
    let mut selection = match (&checkpoint.part, &checkpoint.constants) {
        (Some(part), Some(constants)) => {
            let inner = key.and_then(|key| key.strip_prefix("constants"));
            match inner {
                Some("") => return under("constants", select::select(constants, source, None)?),
                _ => {
                    let selection = select::select(part, source, key)?;
                    let beside = select::count(constants, source)?;
                    if selection.tensors.is_empty() && beside > 0 && key.is_none() {
                        // A frozen module has all its weights among the constants.
                        return under("constants", select::select(constants, source, None)?);
                    }
                    let mut selection = selection;
                    if beside > 0 {
                        selection.leave(
                            "constants",
                            format!("{beside} tensors, which --key constants takes"),
                        );
                    }
                    selection
                }
            }
        }
        (Some(part), None) => select::select(part, source, key)?,
        (None, _) => Selection::default(),
    };
    for (name, array) in &checkpoint.arrays {
        match array {
            Ok(_) if key.is_some_and(|key| key != name) => selection.leave(name, "an array"),
            Ok(array) => {
                selection.tensors.insert(name.clone(), array.clone());
            }
            Err(why) => selection.leave(name, why),
        }
    }
    if let Some(key) = key
        && !checkpoint.arrays.is_empty()
        && selection.tensors.is_empty()
    {
        let names: Vec<&str> = checkpoint
            .arrays
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        return Err(Error::NoSuchKey {
            key: stance_core::evidence::shorten(key),
            known: stance_core::evidence::shorten(&names.join(", ")),
        });
    }
    for besides in &checkpoint.besides {
        selection.leave("", besides);
    }
    Ok(selection)
}

/// Puts a prefix before every name.
fn under(prefix: &str, mut selection: Selection) -> Result<Selection, Error> {
    selection.tensors = selection
        .tensors
        .into_iter()
        .map(|(name, tensor)| (format!("{prefix}.{name}"), tensor))
        .collect();
    selection.key = prefix.to_owned();
    Ok(selection)
}

fn why_none(selection: &Selection) -> String {
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for left in &selection.left {
        let times = kinds.entry(left.what.as_str()).or_default();
        *times = times.saturating_add(1);
    }
    let mut kinds: Vec<(&str, u64)> = kinds.into_iter().collect();
    kinds.sort_by_key(|(what, times)| (std::cmp::Reverse(*times), *what));
    let listed: Vec<&str> = kinds.iter().take(5).map(|(what, _)| *what).collect();
    if listed.is_empty() {
        String::new()
    } else {
        format!("; what it holds: {}", listed.join(", "))
    }
}

/// Names whose bytes another name has, in the same order and type.
fn aliases(tensors: &BTreeMap<String, Tensor>) -> BTreeMap<String, String> {
    type Identity<'a> = ((u8, u64), u64, Dtype, &'a [u64], &'a [u64]);
    let mut kept: BTreeMap<Identity<'_>, &str> = BTreeMap::new();
    let mut aliases = BTreeMap::new();
    for (name, tensor) in tensors {
        if tensor.bytes() == Some(0) {
            continue;
        }
        let identity = (
            tensor.place.identity(),
            tensor.start,
            tensor.dtype,
            tensor.shape.as_slice(),
            tensor.strides.as_slice(),
        );
        match kept.get(&identity) {
            // The metadata has a key of that name already.
            Some(_) if name == "format" => {}
            Some(other) => {
                aliases.insert(name.clone(), (*other).to_owned());
            }
            None => {
                kept.insert(identity, name);
            }
        }
    }
    aliases
}

/// Most bytes of the result.
fn room(tensors: &[(String, Tensor)], source: &dyn Source) -> u64 {
    let mut total = source.len();
    let mut seen = BTreeSet::new();
    for (_, tensor) in tensors {
        if let Place::Packed { packed, length, .. } = &tensor.place
            && seen.insert(tensor.place.identity())
        {
            let most = packed.saturating_mul(DEFLATE).saturating_add(1024);
            total = total.saturating_add((*length).min(most));
        }
    }
    total.saturating_mul(GROWTH).saturating_add(FREE)
}

/// The length, and the JSON text, padded to a multiple of eight.
fn header(
    tensors: &[Planned],
    aliases: &BTreeMap<String, String>,
    torch: bool,
) -> Result<Vec<u8>, Error> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut json = format!(
        r#"{{"__metadata__":{{"format":{}"#,
        quoted(if torch { "pt" } else { "np" })
    );
    for (name, kept) in aliases {
        json.push_str(&format!(",{}:{}", quoted(name), quoted(kept)));
    }
    json.push('}');
    for planned in tensors {
        let shape: Vec<String> = planned.shape.iter().map(u64::to_string).collect();
        json.push_str(&format!(
            r#",{}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}}"#,
            quoted(&planned.name),
            planned.dtype.name(),
            shape.join(","),
            planned.range.0,
            planned.range.1
        ));
    }
    json.push('}');
    while !json.len().is_multiple_of(8) {
        json.push(' ');
    }
    if json.len() > HEADER {
        return Err(Error::Limit(format!(
            "its header would have more than {HEADER} bytes, which safetensors does not read"
        )));
    }
    let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
    bytes.extend(json.into_bytes());
    Ok(bytes)
}

/// The calls that make neither a tensor nor a container.
fn dropped(tree: &Tree) -> Vec<Dropped> {
    let mut calls: BTreeMap<&str, Dropped> = BTreeMap::new();
    for object in tree.objects() {
        let Object::Call(call) = object else {
            continue;
        };
        let name = tree.name(call.function).unwrap_or("?");
        if understood(name) {
            continue;
        }
        let known = calls.entry(name).or_insert_with(|| Dropped {
            callable: stance_core::evidence::shorten(name),
            times: 0,
            offset: call.offset,
        });
        known.times = known.times.saturating_add(1);
    }
    let mut calls: Vec<Dropped> = calls.into_values().collect();
    calls.extend(tree.tampering.iter().map(|tampering| Dropped {
        callable: tampering.what.clone(),
        times: 1,
        offset: tampering.offset,
    }));
    calls.sort_by(|one, other| (other.times, &one.callable).cmp(&(one.times, &other.callable)));
    calls
}

/// Whether what a call makes is in the result, or means nothing without it.
fn understood(name: &str) -> bool {
    name.starts_with("torch._utils._rebuild")
        || name.starts_with("torch._tensor._rebuild")
        || name.starts_with("__torch__.")
        || super::joblib::is_wrapper(name)
        || matches!(
            name,
            "collections.OrderedDict"
                | "torch.Size"
                | "torch.nn.parameter.Parameter"
                | "torch.storage._load_from_bytes"
                | "numpy.dtype"
                | "numpy.core.multiarray._reconstruct"
                | "numpy._core.multiarray._reconstruct"
                | "numpy.core.multiarray.scalar"
                | "numpy._core.multiarray.scalar"
                | "numpy.core.numeric._frombuffer"
                | "numpy._core.numeric._frombuffer"
                | "_codecs.encode"
        )
}
