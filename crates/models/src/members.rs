//! What containers of all kinds do with their members.

use std::sync::Arc;

use stance_core::Evidence;
use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact, GapReason};

use stance_read::external::climbs;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::unpack::{Compression, Ending};

/// Extensions of files that are, or hold, pickles.
const PICKLES: &[&str] = &[
    "pkl",
    "pickle",
    "p",
    "pck",
    "joblib",
    "dill",
    "cloudpickle",
    "pt",
    "pth",
    "bin",
    "ckpt",
    "th",
    "t7",
    "npy",
    "npz",
    "sav",
    "dat",
    "model",
];

/// Extensions of further model files.
const MODELS: &[&str] = &[
    "safetensors",
    "gguf",
    "ggml",
    "onnx",
    "keras",
    "h5",
    "hdf5",
    "pb",
    "tflite",
    "mar",
    "nemo",
    "skops",
    "pmml",
    "pte",
    "engine",
    "mlmodel",
    "caffemodel",
    "cbm",
    "llamafile",
    "msgpack",
    "params",
    "plan",
    "ptl",
    "rds",
    "torchscript",
    "ubj",
    "pdparams",
    "pdmodel",
];

/// Extensions of archives and compressed files.
const ARCHIVES: &[&str] = &[
    "zip", "tar", "gz", "tgz", "bz2", "xz", "zst", "lz4", "7z", "rar", "z", "lzma", "tbz2", "txz",
];

/// Extensions of files that are neither in ordinary archives, of which there may be very many.
const ORDINARY: &[&str] = &[
    "py",
    "pyi",
    "c",
    "h",
    "cc",
    "cpp",
    "hpp",
    "rs",
    "go",
    "java",
    "class",
    "kt",
    "scala",
    "js",
    "mjs",
    "ts",
    "tsx",
    "jsx",
    "map",
    "css",
    "scss",
    "html",
    "htm",
    "xml",
    "xsd",
    "dtd",
    "svg",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "ico",
    "webp",
    "woff",
    "woff2",
    "ttf",
    "otf",
    "eot",
    "md",
    "rst",
    "toml",
    "yml",
    "yaml",
    "cfg",
    "ini",
    "properties",
    "po",
    "mo",
    "sh",
    "rb",
    "pl",
    "pm",
    "php",
    "sql",
    "csv",
    "tsv",
    "pdf",
    "so",
    "dll",
    "a",
    "lib",
    "mp3",
    "mp4",
    "wav",
    "avi",
    "mov",
];

/// The extension of a member's name in lower case.
pub fn extension(name: &str) -> String {
    let file = name.rsplit(['/', '\\', '!']).next().unwrap_or_default();
    match file.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 16 => {
            extension.to_ascii_lowercase()
        }
        _ => String::new(),
    }
}

/// Whether the name says model or pickle.
#[must_use]
pub fn is_model_name(name: &str) -> bool {
    let extension = extension(name);
    PICKLES.contains(&&*extension) || MODELS.contains(&&*extension)
}

/// Whether the name says model and hardly anything else: not `.bin`, `.dat`, `.p`.
#[must_use]
pub fn is_certain_model_name(name: &str) -> bool {
    let extension = extension(name);
    is_model_name(name)
        && !matches!(
            &*extension,
            "bin"
                | "dat"
                | "p"
                | "model"
                | "pb"
                | "th"
                | "engine"
                | "params"
                | "sav"
                | "pck"
                | "plan"
                | "msgpack"
                | "rds"
                | "ubj"
        )
}

/// Extensions of files that hold the data of models, and as often something else.
const DATA: &[&str] = &[
    "bin",
    "data",
    "dat",
    "model",
    "onnx_data",
    "params",
    "pb",
    "pdiparams",
    "sav",
    "ubj",
    "weights",
];

/// Whether files with this extension hold the data of models, among much else.
pub fn is_data_name(extension: &str) -> bool {
    DATA.contains(&extension)
}

/// Words that stand in the paths of models.
const MODEL_WORDS: &[&str] = &[
    "adapter",
    "adapters",
    "bert",
    "checkpoint",
    "checkpoints",
    "ckpt",
    "ckpts",
    "diffusion",
    "embedding",
    "embeddings",
    "encoder",
    "decoder",
    "ggml",
    "gguf",
    "gpt",
    "gpt2",
    "huggingface",
    "llama",
    "llm",
    "lora",
    "ml",
    "model",
    "models",
    "onnx",
    "openvino",
    "pytorch",
    "safetensors",
    "snapshots",
    "tensorflow",
    "tflite",
    "torch",
    "transformer",
    "transformers",
    "unet",
    "vae",
    "weights",
    "whisper",
];

/// Words that stand in the paths of programs for devices and of what is installed.
const DEVICE_WORDS: &[&str] = &[
    "android",
    "arduino",
    "bios",
    "boot",
    "bootloader",
    "busybox",
    "driver",
    "drivers",
    "embedded",
    "esp32",
    "esp8266",
    "firmware",
    "flash",
    "fpga",
    "fw",
    "initrd",
    "installer",
    "kernel",
    "linux",
    "mcu",
    "router",
    "rom",
    "setup",
    "stm32",
    "toolchain",
    "uboot",
    "uefi",
    "update",
    "updater",
];

/// The words of a path in lower case, inside of archives too.
fn words(path: &str) -> impl Iterator<Item = &str> {
    path.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

fn says(path: &str, known: &[&str]) -> bool {
    words(path).any(|word| known.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

/// Whether a path says that a model lies there: `pytorch_model.bin`, `weights/a.dat`.
#[must_use]
pub fn says_model(path: &str) -> bool {
    says(path, MODEL_WORDS)
}

/// Whether a path says that a program for a device, or of an installation, lies there.
#[must_use]
pub fn says_device(path: &str) -> bool {
    says(path, DEVICE_WORDS)
}

/// Whether the name says archive or compressed file.
pub fn is_archive_name(name: &str) -> bool {
    ARCHIVES.contains(&&*extension(name))
}

/// Whether the name says that it is of no interest in an ordinary archive.
pub fn is_ordinary_name(name: &str) -> bool {
    ORDINARY.contains(&&*extension(name))
}

/// Whether a path inside an archive leaves the directory it is unpacked to.
pub fn escapes(path: &str) -> bool {
    let path = path.replace('\\', "/");
    path.starts_with('/') || path.as_bytes().get(1) == Some(&b':') || climbs(&path)
}

/// Whether a link at `name` to `target` leaves the directory of the archive.
pub fn link_escapes(name: &str, target: &str) -> bool {
    let directory = name.rsplit_once('/').map_or("", |(directory, _)| directory);
    escapes(target)
        && (target.starts_with(['/', '\\']) || escapes(&format!("{directory}/{target}")))
}

/// Evidence that is a member as a whole.
pub fn member_evidence(input: &Input<'_>, name: &str) -> Evidence {
    Evidence::file(format!("{}!{name}", input.path()))
}

/// Says how unpacking ended, where it did not end well, after `used` bytes gave `length`.
pub fn note_ending(
    compression: Compression,
    ending: &Ending,
    (used, length): (u64, u64),
    outer: &mut Artifact,
    evidence: &Evidence,
    facts: &mut Facts<'_>,
) {
    match ending {
        Ending::Complete => {}
        Ending::Limit => facts.gap(
            GapReason::TooLarge,
            format!("only the first {length} bytes were unpacked"),
            evidence.clone(),
        ),
        Ending::Bomb => {
            let detail = format!("{used} packed bytes unpack to more than {length}");
            facts.gap(GapReason::Limit, detail.clone(), evidence.clone());
            outer.anomaly(AnomalyKind::Bomb, detail, evidence.clone());
        }
        Ending::Broken(error) => {
            let detail = format!(
                "its {} data breaks off after {length} bytes: {error}",
                compression.name()
            );
            facts.gap(GapReason::Malformed, detail.clone(), evidence.clone());
            outer.anomaly(AnomalyKind::UnreadableMember, detail, evidence.clone());
        }
    }
}

/// Directories of a system in which a file is run, or says who may come in.
const OF_THE_SYSTEM: &[&str] = &[
    "/bin/", "/boot/", "/dev/", "/etc/", "/lib/", "/opt/", "/proc/", "/root/", "/sbin/", "/usr/",
    "/var/",
];

/// Whether a member would be written over what is not the archive's, so that the archive is worth telling whatever
/// it holds: its path climbs out, or leads from the root to where a system keeps what it runs.
fn overwrites(outer: &Artifact) -> bool {
    outer
        .anomalies
        .iter()
        .filter(|anomaly| anomaly.kind == AnomalyKind::PathTraversal)
        .filter_map(|anomaly| anomaly.evidence.path.rsplit('!').next())
        .any(|name| {
            let path = name.replace('\\', "/");
            climbs(&path)
                || path.contains("/.ssh/")
                || path.as_bytes().get(1) == Some(&b':')
                || OF_THE_SYSTEM.iter().any(|start| path.starts_with(start))
        })
}

/// Adds the artefact of a container whose members were looked at since `mark`.
///
/// Where the container is one model as a whole, its members are parts of it:
/// their traces and operators become its own, and no artefacts besides. An
/// ordinary archive keeps its models as artefacts of their own and is one only
/// for their sake, when it would be unpacked outside of its directory, or when
/// `wanted` for another reason.
pub fn finish(mut outer: Artifact, mark: usize, wanted: bool, facts: &mut Facts<'_>) {
    if outer.format == ArtifactFormat::Archive {
        if !wanted && !overwrites(&outer) && !facts.has_artifacts(mark) {
            return;
        }
    } else {
        for mut part in facts.take_artifacts(mark) {
            if outer.format == ArtifactFormat::PytorchLegacy {
                // Raw tensor data follows the pickles in the files of such an archive.
                part.anomalies
                    .retain(|anomaly| anomaly.kind != AnomalyKind::UnclaimedBytes);
            }
            outer.absorb(part);
        }
    }
    let path = Arc::clone(&outer.evidence.path);
    facts.add(&path, Fact::Artifact(Box::new(outer)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_leave_the_archive_escape() {
        for path in [
            "../x",
            "a/../../x",
            "/etc/passwd",
            "C:\\x",
            "..\\x",
            "a\\..\\..\\x",
        ] {
            assert!(escapes(path), "{path}");
        }
        for path in ["a/../b", "a/b", "./a", "a..b", "...", ""] {
            assert!(!escapes(path), "{path}");
        }
        assert!(link_escapes("a/link", "/etc"));
        assert!(link_escapes("a/link", "../../x"));
        assert!(!link_escapes("a/b/link", "../c"));
    }
}
