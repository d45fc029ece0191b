//! Words of SPDX for words of a bill, and back.

/// Algorithms of digests: as CycloneDX spells them, and as SPDX does.
const ALGORITHMS: &[(&str, &str)] = &[
    ("MD5", "md5"),
    ("SHA-1", "sha1"),
    ("SHA-256", "sha256"),
    ("SHA-384", "sha384"),
    ("SHA-512", "sha512"),
    ("SHA3-256", "sha3_256"),
    ("SHA3-384", "sha3_384"),
    ("SHA3-512", "sha3_512"),
    ("BLAKE2b-256", "blake2b256"),
    ("BLAKE2b-384", "blake2b384"),
    ("BLAKE2b-512", "blake2b512"),
    ("BLAKE3", "blake3"),
];

/// An algorithm in the spelling of SPDX 3.
pub(super) fn algorithm_to(cyclonedx: &str) -> Option<&'static str> {
    let found = ALGORITHMS.iter().find(|(name, _)| *name == cyclonedx);
    found.map(|(_, spdx)| *spdx)
}

/// An algorithm in the spelling of CycloneDX, from that of SPDX 2 (`SHA256`, `SHA3-256`) or 3 (`sha256`, `sha3_256`).
pub(super) fn algorithm_from(spdx: &str) -> String {
    let wanted = spdx.to_ascii_lowercase().replace('_', "-");
    let found = ALGORITHMS.iter().find(|(cyclonedx, name)| {
        name.replace('_', "-") == wanted || cyclonedx.to_ascii_lowercase() == wanted
    });
    found.map_or_else(|| spdx.to_owned(), |(name, _)| (*name).to_owned())
}

/// Our relations, and the word of SPDX 3 that says the same in the same direction; `other` where none does.
const RELATIONS: &[(&str, &str)] = &[
    ("contains", "contains"),
    ("depends_on", "dependsOn"),
    ("calls", "dependsOn"),
    ("loads_artifact_from", "dependsOn"),
    ("configures", "dependsOn"),
    ("serves", "dependsOn"),
    ("reads", "dependsOn"),
    ("trained_on", "trainedOn"),
    ("fine_tuned_from", "descendantOf"),
];

/// The word of SPDX 3 for one of our relations.
pub(super) fn relation_to(kind: &str) -> &'static str {
    let found = RELATIONS.iter().find(|(ours, _)| *ours == kind);
    found.map_or("other", |(_, spdx)| *spdx)
}

/// Our word for a relation of SPDX 3, where one says the same; else its own.
pub(super) fn relation_from(spdx: &str) -> &str {
    let found = RELATIONS.iter().find(|(_, theirs)| *theirs == spdx);
    found.map_or(spdx, |(ours, _)| *ours)
}

/// What a package is for, by the class of a part.
pub(super) fn purpose(class: &str) -> &'static str {
    match class {
        "machine-learning-model" => "model",
        "data" => "data",
        "library" => "library",
        "framework" => "framework",
        "application" => "application",
        "container" => "container",
        "operating-system" => "operatingSystem",
        "device" => "device",
        "device-driver" => "deviceDriver",
        "firmware" => "firmware",
        "file" => "file",
        "platform" => "platform",
        _ => "other",
    }
}

/// The class of a part by what a package is for, in the spelling of SPDX 2 or 3.
pub(super) fn class(purpose: Option<&str>) -> &'static str {
    match purpose
        .unwrap_or_default()
        .to_ascii_lowercase()
        .replace(['-', '_'], "")
        .as_str()
    {
        "model" => "machine-learning-model",
        "data" => "data",
        "application" => "application",
        "framework" => "framework",
        "container" => "container",
        "operatingsystem" => "operating-system",
        "device" => "device",
        "devicedriver" => "device-driver",
        "firmware" => "firmware",
        "platform" => "platform",
        "file" | "archive" | "source" => "file",
        _ => "library",
    }
}

/// A text that stands for "not said".
pub(super) fn said(text: &str) -> Option<&str> {
    let text = text.trim();
    let silent =
        text.is_empty() || matches!(text, "NOASSERTION" | "NONE") || text.ends_with("NoAssertion");
    (!silent).then_some(text)
}
