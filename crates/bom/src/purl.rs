//! Package URLs (purl) of assets whose key is one, and what their type tells.

use stance_core::{Asset, AssetKind};

use crate::uri;

/// The package URL of an asset, with its version, by the rules of the purl specification: each part
/// percent-encoded, names of pypi and huggingface as they are, the registry of an image as qualifier.
pub(crate) fn of(asset: &Asset) -> Option<String> {
    if !matches!(
        asset.kind,
        AssetKind::Package | AssetKind::Model | AssetKind::Dataset | AssetKind::Compute
    ) {
        return None;
    }
    let (_, key) = asset.id.as_str().split_once(':')?;
    let text = |name: &str| asset.attributes.get(name).and_then(|value| value.as_str());
    let version = text("version").or_else(|| text("revision"));
    if asset.kind == AssetKind::Model
        && let (Some(vendor), Some((first, name))) = (text("vendor"), key.split_once('/'))
        && first == vendor
        && !name.contains(['/', '#'])
    {
        // A model of a provider is in no registry; the specification has a type for that.
        return of_key(&format!("pkg:generic/{vendor}/{name}"), version);
    }
    of_key(key, version)
}

/// The package URL of a key such as `pkg:huggingface/org/name`.
pub(crate) fn of_key(key: &str, version: Option<&str>) -> Option<String> {
    let (kind, name) = key.strip_prefix("pkg:")?.split_once('/')?;
    if name.is_empty() || name.split('/').any(str::is_empty) {
        return None;
    }
    let (registry, name) = match name.split_once('/') {
        Some((host, rest)) if kind == "docker" && host.contains(['.', ':']) => (Some(host), rest),
        _ => (None, name),
    };
    let parts: Vec<String> = name.split('/').map(encode).collect();
    let mut purl = format!("pkg:{kind}/{}", parts.join("/"));
    if let Some(version) = version.filter(|version| !version.is_empty()) {
        purl.push('@');
        purl.push_str(&encode(version));
    }
    if let Some(registry) = registry {
        purl.push_str("?repository_url=");
        purl.push_str(&encode(registry));
    }
    Some(purl)
}

/// A package URL without its version and qualifiers: what it is, whichever one.
pub(crate) fn bare(purl: &str) -> &str {
    let purl = purl.split(['?', '#']).next().unwrap_or(purl);
    match purl.rsplit_once('@') {
        // A scope of npm is written `%40`, so that an `@` begins a version.
        Some((name, _)) if name.contains('/') && !name.ends_with('/') => name,
        _ => purl,
    }
}

/// The page of a model or dataset of the hub, and the account that it belongs to.
pub(crate) fn hub(key: &str) -> Option<(String, &str)> {
    let name = key.strip_prefix("pkg:huggingface/")?;
    let (prefix, rest) = match name.strip_prefix("datasets/") {
        Some(rest) => ("datasets/", rest),
        None => ("", name),
    };
    let (account, model) = rest.split_once('/')?;
    if account.is_empty() || model.is_empty() {
        return None;
    }
    let url = format!("https://huggingface.co/{prefix}{}", uri::encode(rest, b"/"));
    Some((url, account))
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

    #[test]
    fn a_purl_without_its_version_is_the_same_for_all_versions() {
        for (purl, wanted) in [
            (
                "pkg:npm/%40scope/server@1.0.0?x=y",
                "pkg:npm/%40scope/server",
            ),
            ("pkg:pypi/torch", "pkg:pypi/torch"),
            (
                "pkg:docker/org/image@sha256:abc?repository_url=ghcr.io",
                "pkg:docker/org/image",
            ),
        ] {
            assert_eq!(bare(purl), wanted);
        }
    }

    #[test]
    fn the_hub_tells_whose_a_model_is() {
        assert_eq!(
            hub("pkg:huggingface/datasets/a/b"),
            Some(("https://huggingface.co/datasets/a/b".to_owned(), "a"))
        );
        assert_eq!(hub("pkg:huggingface/gpt2"), None);
    }
}
