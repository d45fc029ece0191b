//! The rules of SPDX 2.2 and 2.3 in JSON, as far as their schema tells: what must be there, and of which type.

use serde_json::Value;

use crate::schema::Violation;

const MOST: usize = 200;

/// What a member must be.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Boolean,
    Texts,
    Object(&'static [(&'static str, Kind, bool)]),
    Objects(&'static [(&'static str, Kind, bool)]),
    /// One of these words.
    Word(&'static [&'static str]),
    /// Anything at all.
    Any,
}

use Kind::{Any, Boolean, Object, Objects, Text, Texts, Word};

type Members = &'static [(&'static str, Kind, bool)];

const ALGORITHMS: &[&str] = &[
    "SHA1",
    "BLAKE3",
    "SHA3-384",
    "SHA256",
    "SHA384",
    "BLAKE2b-512",
    "BLAKE2b-256",
    "SHA3-512",
    "MD2",
    "ADLER32",
    "MD4",
    "SHA3-256",
    "BLAKE2b-384",
    "SHA512",
    "MD6",
    "MD5",
    "SHA224",
];

const PURPOSES: &[&str] = &[
    "OTHER",
    "INSTALL",
    "ARCHIVE",
    "FIRMWARE",
    "APPLICATION",
    "FRAMEWORK",
    "CONTAINER",
    "SOURCE",
    "DEVICE",
    "OPERATING-SYSTEM",
    "OPERATING_SYSTEM",
    "FILE",
    "LIBRARY",
];

const CATEGORIES: &[&str] = &[
    "OTHER",
    "PERSISTENT-ID",
    "PERSISTENT_ID",
    "SECURITY",
    "PACKAGE-MANAGER",
    "PACKAGE_MANAGER",
];

const RELATIONS: &[&str] = &[
    "VARIANT_OF",
    "COPY_OF",
    "PATCH_FOR",
    "TEST_DEPENDENCY_OF",
    "CONTAINED_BY",
    "DATA_FILE_OF",
    "OPTIONAL_COMPONENT_OF",
    "ANCESTOR_OF",
    "GENERATES",
    "CONTAINS",
    "OPTIONAL_DEPENDENCY_OF",
    "FILE_ADDED",
    "REQUIREMENT_DESCRIPTION_FOR",
    "DEV_DEPENDENCY_OF",
    "DEPENDENCY_OF",
    "BUILD_DEPENDENCY_OF",
    "DESCRIBES",
    "PREREQUISITE_FOR",
    "HAS_PREREQUISITE",
    "PROVIDED_DEPENDENCY_OF",
    "DYNAMIC_LINK",
    "DESCRIBED_BY",
    "METAFILE_OF",
    "DEPENDENCY_MANIFEST_OF",
    "PATCH_APPLIED",
    "RUNTIME_DEPENDENCY_OF",
    "TEST_OF",
    "TEST_TOOL_OF",
    "DEPENDS_ON",
    "SPECIFICATION_FOR",
    "FILE_MODIFIED",
    "DISTRIBUTION_ARTIFACT",
    "AMENDS",
    "DOCUMENTATION_OF",
    "GENERATED_FROM",
    "STATIC_LINK",
    "OTHER",
    "BUILD_TOOL_OF",
    "TEST_CASE_OF",
    "PACKAGE_OF",
    "DESCENDANT_OF",
    "FILE_DELETED",
    "EXPANDED_FROM_ARCHIVE",
    "DEV_TOOL_OF",
    "EXAMPLE_OF",
];

const CHECKSUMS: Kind = Objects(&[
    ("algorithm", Word(ALGORITHMS), true),
    ("checksumValue", Text, true),
]);

const ANNOTATIONS: Kind = Objects(&[
    ("annotationDate", Text, true),
    ("annotationType", Word(&["OTHER", "REVIEW"]), true),
    ("annotator", Text, true),
    ("comment", Text, true),
]);

const PACKAGE: Members = &[
    ("SPDXID", Text, true),
    ("name", Text, true),
    ("downloadLocation", Text, true),
    ("versionInfo", Text, false),
    ("packageFileName", Text, false),
    ("supplier", Text, false),
    ("originator", Text, false),
    ("filesAnalyzed", Boolean, false),
    (
        "packageVerificationCode",
        Object(&[("packageVerificationCodeValue", Text, true)]),
        false,
    ),
    ("checksums", CHECKSUMS, false),
    ("homepage", Text, false),
    ("sourceInfo", Text, false),
    ("licenseConcluded", Text, false),
    ("licenseDeclared", Text, false),
    ("licenseComments", Text, false),
    ("licenseInfoFromFiles", Texts, false),
    ("copyrightText", Text, false),
    ("summary", Text, false),
    ("description", Text, false),
    ("comment", Text, false),
    (
        "externalRefs",
        Objects(&[
            ("referenceCategory", Word(CATEGORIES), true),
            ("referenceLocator", Text, true),
            ("referenceType", Text, true),
            ("comment", Text, false),
        ]),
        false,
    ),
    ("attributionTexts", Texts, false),
    ("annotations", ANNOTATIONS, false),
    ("primaryPackagePurpose", Word(PURPOSES), false),
    ("releaseDate", Text, false),
    ("builtDate", Text, false),
    ("validUntilDate", Text, false),
    ("hasFiles", Texts, false),
];

const FILE: Members = &[
    ("SPDXID", Text, true),
    ("fileName", Text, true),
    ("checksums", CHECKSUMS, true),
    ("fileTypes", Texts, false),
    ("licenseConcluded", Text, false),
    ("licenseInfoInFiles", Texts, false),
    ("copyrightText", Text, false),
    ("annotations", ANNOTATIONS, false),
];

const DOCUMENT: Members = &[
    ("SPDXID", Text, true),
    ("spdxVersion", Text, true),
    ("name", Text, true),
    ("dataLicense", Text, true),
    ("documentNamespace", Text, false),
    (
        "creationInfo",
        Object(&[
            ("created", Text, true),
            ("creators", Texts, true),
            ("licenseListVersion", Text, false),
            ("comment", Text, false),
        ]),
        true,
    ),
    ("comment", Text, false),
    ("documentDescribes", Texts, false),
    ("packages", Objects(PACKAGE), false),
    ("files", Objects(FILE), false),
    (
        "relationships",
        Objects(&[
            ("spdxElementId", Text, true),
            ("relatedSpdxElement", Text, true),
            ("relationshipType", Word(RELATIONS), true),
            ("comment", Text, false),
        ]),
        false,
    ),
    (
        "hasExtractedLicensingInfos",
        Objects(&[
            ("licenseId", Text, true),
            ("extractedText", Text, true),
            ("name", Text, false),
        ]),
        false,
    ),
    (
        "snippets",
        Objects(&[
            ("SPDXID", Text, true),
            ("name", Text, true),
            ("snippetFromFile", Text, true),
            ("ranges", Any, true),
        ]),
        false,
    ),
    (
        "externalDocumentRefs",
        Objects(&[
            ("externalDocumentId", Text, true),
            ("spdxDocument", Text, true),
            ("checksum", Any, true),
        ]),
        false,
    ),
    ("annotations", ANNOTATIONS, false),
];

/// What breaks the rules.
pub(crate) fn validate(document: &Value) -> Vec<Violation> {
    let mut violations = Vec::new();
    members("", DOCUMENT, document, &mut violations);
    violations
}

fn members(at: &str, known: Members, value: &Value, violations: &mut Vec<Violation>) {
    if !value.is_object() {
        return report(at, "is no object", violations);
    }
    for (name, kind, required) in known {
        match value.get(name) {
            Some(member) => one(&format!("{at}/{name}"), *kind, member, violations),
            None if *required => report(at, &format!("the member {name:?} is missing"), violations),
            None => {}
        }
    }
}

fn one(at: &str, kind: Kind, value: &Value, violations: &mut Vec<Violation>) {
    let items = value.as_array();
    match kind {
        Any => {}
        Text if !value.is_string() => report(at, "is no text", violations),
        Boolean if !value.is_boolean() => report(at, "is neither true nor false", violations),
        Texts if !items.is_some_and(|all| all.iter().all(Value::is_string)) => {
            report(at, "is no list of texts", violations);
        }
        Word(words) if !value.as_str().is_some_and(|word| words.contains(&word)) => {
            report(at, "is none of the words that may stand here", violations);
        }
        Object(known) => members(at, known, value, violations),
        Objects(known) => match items {
            Some(items) => {
                for (index, item) in items.iter().enumerate() {
                    members(&format!("{at}/{index}"), known, item, violations);
                }
            }
            None => report(at, "is no list", violations),
        },
        Text | Boolean | Texts | Word(_) => {}
    }
}

fn report(at: &str, message: &str, violations: &mut Vec<Violation>) {
    if violations.len() < MOST {
        violations.push(Violation {
            at: at.to_owned(),
            message: message.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_must_be_there_is_missed_and_types_are_held() {
        let sound = json!({
            "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "x", "dataLicense": "CC0-1.0",
            "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Tool: x"]},
            "packages": [{"SPDXID": "SPDXRef-a", "name": "a", "downloadLocation": "NOASSERTION"}],
        });
        assert_eq!(validate(&sound), []);
        let mut broken = sound.clone();
        broken["packages"][0]["downloadLocation"] = json!(7);
        broken["packages"][0]["checksums"] = json!([{"algorithm": "CRC", "checksumValue": "0"}]);
        broken["creationInfo"] = json!({});
        let all: Vec<String> = validate(&broken)
            .into_iter()
            .map(|one| format!("{} {}", one.at, one.message))
            .collect();
        assert_eq!(
            all,
            [
                "/creationInfo the member \"created\" is missing",
                "/creationInfo the member \"creators\" is missing",
                "/packages/0/downloadLocation is no text",
                "/packages/0/checksums/0/algorithm is none of the words that may stand here",
            ]
        );
    }
}
