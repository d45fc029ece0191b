//! One Python requirement (PEP 508): `name[extra]>=1,<2; python_version > "3.9"`, `name @ https://…`.

use super::collect::Package;
use crate::packages::normalise_pypi;

/// Reads a requirement; `None` when it names no package.
pub(super) fn parse(text: &str) -> Option<Package> {
    let text = text.trim();
    let length = text
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        .count();
    let name = text.get(..length).filter(|name| {
        name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.ends_with(|c: char| c.is_ascii_alphanumeric())
    })?;
    let mut rest = text.get(length..)?.trim_start();
    if rest.starts_with('[') {
        rest = rest.split_once(']')?.1.trim_start();
    }
    let mut package = Package {
        name: normalise_pypi(name),
        ..Package::default()
    };
    if let Some(address) = rest.strip_prefix('@') {
        let address = address.trim();
        let end = address
            .find(" ;")
            .or_else(|| address.find(char::is_whitespace));
        let address = address.get(..end.unwrap_or(address.len()))?;
        set_origin(&mut package, address);
        return Some(package);
    }
    let constraint = rest.split(';').next().unwrap_or_default();
    let constraint = constraint.trim().trim_matches(['(', ')']).trim();
    if !constraint.is_empty() && !constraint.starts_with(['=', '<', '>', '!', '~']) {
        return None;
    }
    package.constraint = constraint.to_owned();
    package.version = exact(constraint);
    Some(package)
}

/// The version that a constraint fixes exactly.
pub(super) fn exact(constraint: &str) -> Option<String> {
    let constraint = constraint.trim();
    let version = constraint
        .strip_prefix("===")
        .or_else(|| constraint.strip_prefix("=="))?
        .trim();
    (!version.contains(['*', ',', ' ']) && !version.is_empty()).then(|| version.to_owned())
}

/// Sets where a package comes from; a hash in the fragment fixes its content.
pub(super) fn set_origin(package: &mut Package, address: &str) {
    package.hashed = ["sha256=", "sha384=", "sha512="]
        .iter()
        .any(|hash| address.contains(hash));
    package.origin = Some(address.to_owned());
}
