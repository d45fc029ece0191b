//! What a zip file is, by the names of its members.

use std::collections::BTreeSet;

use stance_core::fact::ArtifactFormat;

use crate::zip::entry::Entry;
use stance_models::members::{is_archive_name, is_model_name, is_ordinary_name};

/// What a TorchServe archive says about itself.
const MANIFEST: &str = "MAR-INF/MANIFEST.json";

/// What a zip file is as a whole.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) format: ArtifactFormat,
    /// Directory all members are in, with its slash; empty when there is none.
    pub(super) root: String,
}

/// What is done with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Given to all parsers.
    Look,
    /// A NumPy array, of which only the header counts unless it holds objects.
    Array,
    /// The configuration of a Keras model.
    KerasConfig,
    /// The tree of types of a skops model.
    SkopsSchema,
    /// Source that the loader compiles.
    Source,
    /// What a TorchServe archive says about itself.
    Manifest,
    /// The arguments with which a llamafile starts.
    Arguments,
    /// Looked at when its first bytes are of interest.
    Peek,
    /// The same, but left alone where there are very many.
    Ordinary,
}

impl Shape {
    /// What these members make; `executable` says that the file starts as a program, `extension` is of its name.
    pub(super) fn of(entries: &[Entry], executable: bool, extension: &str) -> Self {
        let files = || entries.iter().filter(|entry| !entry.is_directory());
        let names: BTreeSet<&str> = files().map(|entry| entry.name.as_str()).collect();
        let root = root_of(&names);
        let has = |name: &str| names.contains(format!("{root}{name}").as_str());
        let has_under = |directory: &str| {
            let start = format!("{root}{directory}");
            names
                .range(start.as_str()..)
                .next()
                .is_some_and(|name| name.starts_with(&start))
        };
        let torch = has("data.pkl")
            && (has("version") || has("byteorder") || has_under("data/") || has_under(".data/"));
        // Its reader asks for the schema, and for other members only by the names in it.
        let skops = names.contains("schema.json")
            && (extension == "skops" || names.iter().all(|name| is_skops_name(name)));
        let format = if skops {
            ArtifactFormat::Skops
        } else if has("constants.pkl") && has_under("code/")
            || torch && (has("constants.pkl") || has_under("code/"))
        {
            ArtifactFormat::Torchscript
        } else if [
            ".data/extern_modules",
            ".data/python_version",
            ".data/version",
        ]
        .into_iter()
        .any(has)
        {
            // Newer checkpoints have a `.data` of their own, with an identifier.
            ArtifactFormat::TorchPackage
        } else if torch {
            ArtifactFormat::PytorchZip
        } else if has("config.json") && (has("metadata.json") || has("model.weights.h5")) {
            ArtifactFormat::Keras
        } else if !names.is_empty() && names.iter().all(|name| name.ends_with(".npy")) {
            ArtifactFormat::Npz
        } else if names.contains(MANIFEST) {
            ArtifactFormat::TorchserveArchive
        } else if executable && names.iter().any(|name| has_extension(name, "gguf")) {
            ArtifactFormat::Llamafile
        } else {
            ArtifactFormat::Archive
        };
        let rooted = matches!(
            format,
            ArtifactFormat::Torchscript
                | ArtifactFormat::TorchPackage
                | ArtifactFormat::PytorchZip
                | ArtifactFormat::Keras
                | ArtifactFormat::Npz
        );
        Self {
            format,
            root: if rooted { root } else { String::new() },
        }
    }

    /// Whether it is a model whatever its members hold.
    pub(super) fn is_model(&self) -> bool {
        self.format != ArtifactFormat::Archive
    }

    /// Whether PyTorch reads it.
    pub(super) fn is_torch(&self) -> bool {
        matches!(
            self.format,
            ArtifactFormat::Torchscript | ArtifactFormat::PytorchZip | ArtifactFormat::TorchPackage
        )
    }

    /// What is done with a member of this name.
    pub(super) fn role(&self, name: &str) -> Role {
        let inner = name.strip_prefix(&*self.root).unwrap_or(name);
        match self.format {
            ArtifactFormat::Torchscript
            | ArtifactFormat::PytorchZip
            | ArtifactFormat::TorchPackage => {
                let package = self.format == ArtifactFormat::TorchPackage;
                if has_extension(inner, "py") && (package || inner.starts_with("code/")) {
                    Role::Source
                } else if is_storage(inner) || has_extension(inner, "debug_pkl") {
                    Role::Peek
                } else {
                    Role::Look
                }
            }
            ArtifactFormat::Npz => Role::Array,
            ArtifactFormat::Keras if inner == "config.json" => Role::KerasConfig,
            ArtifactFormat::Skops if has_extension(name, "npy") => Role::Array,
            ArtifactFormat::Skops if name == "schema.json" => Role::SkopsSchema,
            ArtifactFormat::TorchserveArchive if name == MANIFEST => Role::Manifest,
            ArtifactFormat::TorchserveArchive if has_extension(name, "py") => Role::Source,
            ArtifactFormat::Llamafile if name == ".args" => Role::Arguments,
            ArtifactFormat::Llamafile if has_extension(name, "gguf") => Role::Look,
            ArtifactFormat::Llamafile => Role::Peek,
            _ if self.is_model() || is_model_name(name) || is_archive_name(name) => Role::Look,
            _ if is_ordinary_name(name) => Role::Ordinary,
            _ => Role::Peek,
        }
    }
}

/// The directory that holds the mark of a model: PyTorch names it after the file.
fn root_of(names: &BTreeSet<&str>) -> String {
    const MARKS: [&str; 6] = [
        "data.pkl",
        "constants.pkl",
        "config.json",
        ".data/extern_modules",
        ".data/python_version",
        ".data/version",
    ];
    for mark in MARKS {
        if names.contains(mark) {
            return String::new();
        }
    }
    for name in names {
        for mark in MARKS {
            if let Some(root) = name.strip_suffix(mark)
                && root.ends_with('/')
                && !root.trim_end_matches('/').contains('/')
            {
                return root.to_owned();
            }
        }
    }
    String::new()
}

fn is_skops_name(name: &str) -> bool {
    name == "schema.json"
        || (!name.contains('/') && has_extension(name, "npy"))
        || has_extension(name, "bin")
        || has_extension(name, "npz")
}

/// The raw bytes of a tensor: `data/17`, `.data/17.storage`.
fn is_storage(inner: &str) -> bool {
    let Some(name) = inner
        .strip_prefix("data/")
        .or_else(|| inner.strip_prefix(".data/"))
    else {
        return false;
    };
    let stem = name.strip_suffix(".storage").unwrap_or(name);
    !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn has_extension(name: &str, wanted: &str) -> bool {
    stance_models::members::extension(name) == wanted
}
