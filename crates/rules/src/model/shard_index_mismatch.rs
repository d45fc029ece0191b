use std::collections::BTreeMap;

use stance_core::fact::{Artifact, Fact};
use stance_core::{Severity, Snapshot};

use crate::{Content, Cx, Example, Rule};

rule! {
    /// # Index that does not fit the shards
    ///
    /// ## What it finds
    /// A `*.index.json` beside which some of the files are missing that it names, or hold other tensors than it
    /// places there; files of the same series that it does not name; a `total_size` larger than all files
    /// together; and, where two indexes of a directory describe one model in two formats, different tensors in the two.
    /// Where none of the shards is there, as in a repository without its weights, that is information only.
    ///
    /// ## Why it matters
    /// Loaders follow the index. A model with a missing shard does not load, or runs with random weights in its
    /// place; a tensor that the index does not place is loaded by one library and left out by another, so that what was
    /// evaluated is not what runs. An exchanged shard shows here as well.
    ///
    /// ## Example
    /// ```json
    /// {"weight_map": {"fc.weight": "model-00002-of-00002.safetensors"}}
    /// ```
    ///
    /// ## Fix
    /// Fetch the whole model again from its publisher and compare the digests of all files.
    ///
    /// ## References
    /// - [Transformers: sharded checkpoints](https://huggingface.co/docs/transformers/big_models)
    ShardIndexMismatch {
        id: "model/shard-index-mismatch",
        severity: Low,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            Example {
                files: &[
                    ("m/model.safetensors.index.json", Content::Text(INDEX)),
                    ("m/model-00001-of-00002.safetensors", Content::Made(first)),
                ],
                policy: None,
            },
            Example {
                files: &[
                    ("m/model.safetensors.index.json", Content::Text(INDEX)),
                    ("m/model-00001-of-00002.safetensors", Content::Made(first)),
                    ("m/model-00002-of-00002.safetensors", Content::Made(first)),
                ],
                policy: None,
            },
            Example {
                files: &[
                    ("m/model.safetensors.index.json", Content::Text(INDEX)),
                    ("m/model-00001-of-00002.safetensors", Content::Made(first)),
                    ("m/model-00002-of-00002.safetensors", Content::Made(second)),
                    ("m/model-00003-of-00003.safetensors", Content::Made(second)),
                ],
                policy: None,
            },
        ],
        good: [
            Example {
                files: &[
                    ("m/model.safetensors.index.json", Content::Text(INDEX)),
                    ("m/model-00001-of-00002.safetensors", Content::Made(first)),
                    ("m/model-00002-of-00002.safetensors", Content::Made(second)),
                    ("other/model-00003-of-00003.safetensors", Content::Made(second)),
                ],
                policy: None,
            },
        ],
    }
}

/// An index of two tensors in two shards.
const INDEX: &str = r#"{"metadata": {"total_size": 16}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}"#;

fn first() -> Vec<u8> {
    shard("a")
}

fn second() -> Vec<u8> {
    shard("b")
}

fn shard(name: &str) -> Vec<u8> {
    use stance_inspect::safetensors::assemble::{entry, file};
    file(&format!("{{{}}}", entry(name, 2, 0, 8)), &[1; 8])
}

/// Sentences that are told of one index.
const MOST: usize = 8;

impl Rule for ShardIndexMismatch {
    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        let mut files = BTreeMap::<(&str, &str), &Artifact>::new();
        let mut indexes = Vec::<(&str, &Artifact)>::new();
        for observation in &snapshot.observations {
            let Fact::Artifact(artifact) = &observation.fact else {
                continue;
            };
            let (directory, name) = split(&observation.subject);
            if artifact.shards.is_empty() {
                files.insert((directory, name), artifact);
            } else if !observation.subject.contains('!') {
                // What lies in a container may have become a part of it.
                indexes.push((directory, artifact));
            }
        }
        cx.judges(indexes.len());
        let mut before: Option<(&str, &Artifact)> = None;
        for (directory, index) in indexes {
            let found = compare(directory, index, &files);
            tell(index, found, cx);
            if let Some((place, twin)) = before
                && place == directory
                && format(twin) != format(index)
                && twin.tensor_names != index.tensor_names
            {
                let count = |index: &Artifact| index.tensor_names.map_or(0, |names| names.count);
                cx.report(
                    &index.evidence,
                    std::format!(
                        "Two indexes of one directory place different tensors: {} and {}",
                        count(twin),
                        count(index)
                    ),
                )
                .also(&twin.evidence);
            }
            before = Some((directory, index));
        }
    }
}

/// What is wrong with an index, and whether any of its shards is there.
struct Found {
    sentences: Vec<String>,
    present: bool,
}

fn compare(
    directory: &str,
    index: &Artifact,
    files: &BTreeMap<(&str, &str), &Artifact>,
) -> Found {
    let mut sentences = Vec::new();
    let (mut missing, mut sizes) = (Vec::new(), 0_u64);
    for shard in &index.shards {
        let (inner, name) = split(&shard.name);
        // A shard in a directory of its own is seldom; it is looked for by its whole path.
        let place = match (inner.is_empty(), directory.is_empty()) {
            (true, _) => directory.to_owned(),
            (false, true) => inner.to_owned(),
            (false, false) => std::format!("{directory}/{inner}"),
        };
        let Some(file) = files.get(&(&*place, name)) else {
            missing.push(&*shard.name);
            continue;
        };
        sizes = sizes.saturating_add(file.size);
        if let Some(names) = file.tensor_names
            && names != shard.tensors
        {
            sentences.push(std::format!(
                "`{}` holds {} tensors, and not the {} that the index places there",
                shard.name, names.count, shard.tensors.count
            ));
        }
    }
    let present = missing.len() < index.shards.len();
    if let Some(first) = missing.first() {
        sentences.insert(
            0,
            std::format!(
                "{} of {} shards are not there, such as `{first}`",
                missing.len(),
                index.shards.len()
            ),
        );
    }
    if missing.is_empty()
        && let Some(total) = index.metadata.get("total_size")
        && let Ok(total) = total.parse::<u64>()
        && total > sizes
    {
        sentences.push(std::format!(
            "it claims {total} bytes of tensors, and all shards together have {sizes}"
        ));
    }
    let series: Option<&str> = index.shards.iter().find_map(|shard| series(&shard.name));
    if let Some(wanted) = series {
        let beside = files
            .range((directory, "")..)
            .take_while(|((place, _), _)| *place == directory);
        for ((_, name), _) in beside {
            if self::series(name) == Some(wanted)
                && extension(name) == extension(first_name(index))
                && !index.shards.iter().any(|shard| shard.name == *name)
            {
                sentences.push(std::format!("`{name}` beside it is not in the index"));
            }
        }
    }
    Found { sentences, present }
}

fn tell(index: &Artifact, found: Found, cx: &mut Cx<'_>) {
    let Some((first, rest)) = found.sentences.split_first() else {
        return;
    };
    let (_, name) = split(&index.evidence.path);
    let mut draft = cx.report(&index.evidence, std::format!("{name}: {first}"));
    if !found.present {
        draft = draft.severity(Severity::Info);
    }
    for sentence in rest.iter().take(MOST) {
        draft = draft.note(sentence);
    }
}

fn first_name(index: &Artifact) -> &str {
    index.shards.first().map_or("", |shard| &shard.name)
}

/// The format of the shards of an index, by their extension.
fn format(index: &Artifact) -> &str {
    extension(first_name(index))
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// What stands before the number in `model-00001-of-00002.safetensors`.
fn series(name: &str) -> Option<&str> {
    let (stem, _) = name.rsplit_once('.')?;
    let (front, count) = stem.rsplit_once("-of-")?;
    let (series, number) = front.rsplit_once('-')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(count) && digits(number)).then_some(series)
}

/// A path in its directory and its name.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
