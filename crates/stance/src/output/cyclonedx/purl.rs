//! Package URLs (purl) of assets whose key is one.

use stance_core::{Asset, AssetKind};

use super::text;
use crate::output::uri;

/// The package URL of an asset, with its version, by the rules of the purl
/// specification: each part percent-encoded, names of pypi and huggingface as
/// they are, the registry of an image as qualifier.
pub(super) fn of(asset: &Asset) -> Option<String> {
    if !matches!(
        asset.kind,
        AssetKind::Package | AssetKind::Model | AssetKind::Dataset | AssetKind::Compute
    ) {
        return None;
    }
    let (_, key) = asset.id.as_str().split_once(':')?;
    let (kind, name) = key.strip_prefix("pkg:")?.split_once('/')?;
    if name.is_empty() || name.split('/').any(str::is_empty) {
        return None;
    }
    let version = text(asset, "version")
        .or_else(|| text(asset, "revision"))
        .filter(|version| !version.is_empty());
    let (registry, name) = match name.split_once('/') {
        Some((host, rest)) if kind == "docker" && host.contains(['.', ':']) => (Some(host), rest),
        _ => (None, name),
    };
    let parts: Vec<String> = name.split('/').map(encode).collect();
    let mut purl = format!("pkg:{kind}/{}", parts.join("/"));
    if let Some(version) = version {
        purl.push('@');
        purl.push_str(&encode(version));
    }
    if let Some(registry) = registry {
        purl.push_str("?repository_url=");
        purl.push_str(&encode(registry));
    }
    Some(purl)
}

fn encode(part: &str) -> String {
    uri::encode(part, b":")
}

#[cfg(test)]
mod tests {
    use stance_core::{Evidence, How};

    use super::*;

    fn purl(kind: AssetKind, key: &str, version: &str) -> Option<String> {
        let evidence = Evidence::file("f");
        of(&Asset::new(kind, key, "n", How::Literal, evidence).with("version", version))
    }

    #[test]
    fn purls_follow_the_specification() {
        for (kind, key, version, wanted) in [
            (
                AssetKind::Package,
                "pkg:pypi/torch",
                "2.1.0",
                "pkg:pypi/torch@2.1.0",
            ),
            (
                AssetKind::Package,
                "pkg:npm/@scope/server",
                "1.0.0+x",
                "pkg:npm/%40scope/server@1.0.0%2Bx",
            ),
            (
                AssetKind::Compute,
                "pkg:docker/ghcr.io/org/image",
                "sha256:abc",
                "pkg:docker/org/image@sha256:abc?repository_url=ghcr.io",
            ),
            (
                AssetKind::Model,
                "pkg:huggingface/org/m",
                "",
                "pkg:huggingface/org/m",
            ),
        ] {
            assert_eq!(purl(kind, key, version).as_deref(), Some(wanted));
        }
        assert_eq!(purl(AssetKind::Model, "file/a.pt", "1"), None);
        assert_eq!(purl(AssetKind::Secret, "pkg:x/y", "1"), None);
    }
}
