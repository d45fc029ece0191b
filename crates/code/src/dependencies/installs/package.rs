//! What one word of a command asks for, as each installer writes it.

use super::super::collect::Package;
use super::super::requirement;

pub(super) fn plain(name: &str, version: Option<String>) -> Package {
    Package {
        name: name.to_owned(),
        version,
        ..Package::default()
    }
}

/// A requirement; without quotes a shell takes `>=` and `<` for redirections.
pub(super) fn requirement_of(word: &str, quotes: bool) -> Option<Package> {
    let word = match word.find(['<', '>']) {
        Some(at) if !quotes => word.get(..at)?,
        _ => word,
    };
    if word.contains("://") || word.ends_with(".whl") || word.ends_with(".txt") {
        return None;
    }
    // `aider-chat@latest` of uv.
    let word = match word.split_once('@') {
        Some((name, version)) if !version.contains(['/', ' ']) => match version {
            "latest" => name.to_owned(),
            version => format!("{name}=={version}"),
        },
        _ => word.to_owned(),
    };
    requirement::parse(&word)
}

/// `name=1.2`, `channel::name`
pub(super) fn conda_of(word: &str) -> Option<Package> {
    let word = word.rsplit("::").next().unwrap_or(word);
    let (name, version) = word.split_once('=').unwrap_or((word, ""));
    let mut package = requirement::parse(name)?;
    let version = version.trim_start_matches('=');
    let exact = !version.is_empty() && !version.contains(['*', '<', '>', ',', '=']);
    package.version = exact.then(|| version.to_owned());
    Some(package)
}

/// `name`, `name@1.2`, `@scope/name@latest`
pub(super) fn npm_of(word: &str) -> Option<Package> {
    let start = usize::from(word.starts_with('@'));
    let at = word
        .get(start..)?
        .find('@')
        .map(|at| at.saturating_add(start));
    let (name, version) = match at {
        Some(at) => (word.get(..at)?, word.get(at.saturating_add(1)..)?),
        None => (word, ""),
    };
    let named = !name.is_empty()
        && !name.contains("://")
        && !name.ends_with(".tgz")
        && name.matches('/').count() == start
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./@".contains(&byte));
    if !named {
        return None;
    }
    let exact = version.starts_with(|first: char| first.is_ascii_digit());
    Some(Package {
        name: name.to_owned(),
        version: exact.then(|| version.to_owned()),
        constraint: match version {
            "" => String::new(),
            _ if exact => String::new(),
            other => other.to_owned(),
        },
        ..Package::default()
    })
}
