//! The payload: an in-toto statement about a model, of today and of version 0.2.

use serde_json::{Map, Value, json};

use super::digest::Algorithm;
use super::encoding::from_hex;
use super::json::{self, Object};
use super::manifest::{Manifest, Method, Serialization, root};
use super::refusal::{Result, malformed, shown, unsupported};

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "https://model_signing/signature/v1.0";
/// Version 0.2: each file is a subject, and the predicate says nothing.
const PREDICATE_0_2: &str = "https://model_signing/Digests/v0.1";

/// Reads the manifest out of a payload.
///
/// # Errors
/// When it is no statement about a model, or contradicts itself.
pub(crate) fn read(payload: &[u8]) -> Result<Manifest> {
    let statement = json::object(payload, "the payload")?;
    let kind = json::text(&statement, "_type")?;
    if kind != STATEMENT {
        return Err(unsupported(format!("its payload is a `{}`", shown(kind))));
    }
    match json::text(&statement, "predicateType")? {
        PREDICATE => read_current(&statement),
        PREDICATE_0_2 => read_0_2(&statement),
        other => Err(unsupported(format!(
            "it states `{}` about its subject, which is no model signature",
            shown(other)
        ))),
    }
}

fn read_current(statement: &Object) -> Result<Manifest> {
    let [Value::Object(subject)] = json::list(statement, "subject")? else {
        return Err(malformed("it does not have one subject"));
    };
    let predicate = json::member(statement, "predicate")?;
    let serialization = read_serialization(json::member(predicate, "serialization")?)?;
    let mut manifest = Manifest::new(json::text(subject, "name")?, serialization);
    let mut digests = Vec::new();
    for resource in json::list(predicate, "resources")? {
        let Value::Object(resource) = resource else {
            return Err(malformed("a resource is no object"));
        };
        let name = json::text(resource, "name")?;
        check_algorithm(json::text(resource, "algorithm")?, &manifest.serialization)?;
        let digest = from_hex(json::text(resource, "digest")?).ok_or_else(|| {
            malformed(format!("the digest of `{}` is no hexadecimal", shown(name)))
        })?;
        digests.push(digest.clone());
        manifest.add(name, digest)?;
    }
    let said = from_hex(json::text(json::member(subject, "digest")?, "sha256")?);
    if said != Some(root(digests.iter().map(Vec::as_slice))) {
        return Err(malformed(
            "the digest of its subject is not that of its resources",
        ));
    }
    not_empty(manifest)
}

fn read_0_2(statement: &Object) -> Result<Manifest> {
    // The name of the model is not in it.
    let mut manifest = Manifest::new("", Serialization::default());
    for subject in json::list(statement, "subject")? {
        let Value::Object(subject) = subject else {
            return Err(malformed("a subject is no object"));
        };
        let name = json::text(subject, "name")?;
        let digest =
            from_hex(json::text(json::member(subject, "digest")?, "sha256")?).ok_or_else(|| {
                malformed(format!("the digest of `{}` is no hexadecimal", shown(name)))
            })?;
        manifest.add(name, digest)?;
    }
    not_empty(manifest)
}

fn not_empty(manifest: Manifest) -> Result<Manifest> {
    if manifest.digests.is_empty() {
        return Err(malformed("it signs nothing: no file is named"));
    }
    if manifest.files().contains(super::manifest::WHOLE) && !manifest.is_one_file() {
        return Err(malformed(
            "it is about one file and about a directory at once",
        ));
    }
    Ok(manifest)
}

fn read_serialization(object: &Object) -> Result<Serialization> {
    let method = match json::text(object, "method")? {
        "files" => Method::Files,
        "shards" => {
            let size = match object.get("shard_size") {
                // Protobuf writes numbers of a free-form object as floating point.
                Some(Value::Number(number)) => whole(number),
                _ => None,
            };
            match size {
                Some(size) if size > 0 => Method::Shards(size),
                _ => return Err(malformed("`shard_size` is no number of bytes")),
            }
        }
        other => {
            return Err(unsupported(format!(
                "it cuts the model by `{}`",
                shown(other)
            )));
        }
    };
    let name = json::text(object, "hash_type")?;
    let algorithm = Algorithm::from_name(name)
        .ok_or_else(|| unsupported(format!("it hashes with `{}`", shown(name))))?;
    let allow_symlinks = match object.get("allow_symlinks") {
        Some(Value::Bool(allow)) => *allow,
        None => false,
        Some(_) => return Err(malformed("`allow_symlinks` is neither true nor false")),
    };
    let ignored = json::list(object, "ignore_paths")?
        .iter()
        .map(|path| match path {
            Value::String(path) => Ok(path.clone()),
            _ => Err(malformed("a path in `ignore_paths` is no text")),
        })
        .collect::<Result<_>>()?;
    Ok(Serialization {
        method,
        algorithm,
        allow_symlinks,
        ignored,
    })
}

fn whole(number: &serde_json::Number) -> Option<u64> {
    number.as_u64().or_else(|| {
        let text = number.to_string();
        text.strip_suffix(".0")?.parse().ok()
    })
}

/// Every resource must be hashed the way the serialization says: `sha256`, or
/// `sha256-sharded-1000000000` for a shard.
fn check_algorithm(name: &str, serialization: &Serialization) -> Result<()> {
    let expected = resource_algorithm(serialization);
    if name == expected {
        return Ok(());
    }
    Err(malformed(format!(
        "a resource is hashed with `{}` where `{expected}` is announced",
        shown(name)
    )))
}

fn resource_algorithm(serialization: &Serialization) -> String {
    let name = serialization.algorithm.name();
    match serialization.method {
        Method::Files => name.to_owned(),
        Method::Shards(size) => format!("{name}-sharded-{size}"),
    }
}

/// Writes the statement of today about a manifest. Equal manifests give equal bytes.
pub(crate) fn write(manifest: &Manifest) -> Vec<u8> {
    let serialization = &manifest.serialization;
    let resources = manifest.resources();
    let mut how = Map::new();
    let method = match serialization.method {
        Method::Files => "files",
        Method::Shards(_) => "shards",
    };
    how.insert("method".to_owned(), method.into());
    how.insert(
        "hash_type".to_owned(),
        serialization.algorithm.name().into(),
    );
    if let Method::Shards(size) = serialization.method {
        how.insert("shard_size".to_owned(), size.into());
    }
    how.insert(
        "allow_symlinks".to_owned(),
        serialization.allow_symlinks.into(),
    );
    if !serialization.ignored.is_empty() {
        how.insert(
            "ignore_paths".to_owned(),
            serialization.ignored.clone().into(),
        );
    }
    let algorithm = resource_algorithm(serialization);
    let listed: Vec<Value> = resources
        .iter()
        .map(|(piece, digest)| {
            json!({
                "name": piece.name(),
                "algorithm": algorithm,
                "digest": stance_core::digest::hex(digest),
            })
        })
        .collect();
    let whole = root(resources.iter().map(|(_, digest)| *digest));
    json!({
        "_type": STATEMENT,
        "subject": [{
            "name": manifest.name,
            "digest": { "sha256": stance_core::digest::hex(&whole) },
        }],
        "predicateType": PREDICATE,
        "predicate": { "serialization": how, "resources": listed },
    })
    .to_string()
    .into_bytes()
}
