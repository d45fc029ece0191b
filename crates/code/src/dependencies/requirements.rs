//! `requirements.txt` and its kin, as pip reads them.

use std::ops::Range;

use stance_core::fact::Ecosystem;

use super::collect::{Collect, Package};
use super::requirement;

/// Indexes that one file may name.
const INDEXES: usize = 1000;
/// Lines of one file that are looked at; people have a thousandth of it.
const LINES: usize = 100_000;

pub(super) fn read(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    let mut any = false;
    let mut packages: Vec<(Package, Range<usize>)> = Vec::new();
    let mut indexes = Vec::new();
    let mut keep = |package: Package, place: Range<usize>| {
        any = true;
        if packages.len() < to.most() && to.is_told(Ecosystem::Pypi, &package) {
            packages.push((package, place));
        }
    };
    let mut stopped = None;
    for (number, (line, place)) in lines(text).enumerate() {
        if indexes.len() >= INDEXES || number >= LINES {
            stopped = Some(place);
            break;
        }
        let words = words(&line);
        let hashed = words.iter().any(|word| word.starts_with("--hash="));
        let option = |names: &[&str]| option(&words, names);
        if let Some(url) = option(&["--extra-index-url"]) {
            indexes.push(to.index(url, true, place.clone()));
        } else if let Some(url) = option(&["-i", "--index-url", "--pypi-url"]) {
            indexes.push(to.index(url, false, place.clone()));
        } else if let Some(url) = option(&["-f", "--find-links"]) {
            if url.contains("://") {
                indexes.push(to.index(url, true, place.clone()));
            }
        } else if let Some(target) = option(&["-e", "--editable"]) {
            if let Some(package) = from_address(target) {
                keep(package, place);
            }
        } else if !line.starts_with('-')
            && let Some(mut package) =
                from_address(&line).or_else(|| requirement::parse(without_options(&line)))
        {
            package.hashed |= hashed;
            keep(package, place);
        }
    }
    if let Some(place) = stopped {
        to.gap(
            &format!("more than {LINES} lines or {INDEXES} indexes"),
            place,
        );
    }
    if !any && indexes.is_empty() {
        return;
    }
    to.manifest(Ecosystem::Pypi, None, None, indexes, None);
    for (package, place) in packages {
        to.package(Ecosystem::Pypi, package, place);
    }
}

/// Lines without comments, continued ones joined, with their place.
fn lines(text: &str) -> impl Iterator<Item = (String, Range<usize>)> {
    let mut start = 0_usize;
    let mut open: Option<(String, Range<usize>)> = None;
    let mut all = text.split_inclusive('\n');
    std::iter::from_fn(move || {
        for raw in all.by_ref() {
            let line = raw.trim_end_matches(['\n', '\r']);
            let code = match line.find(" #") {
                Some(at) => line.get(..at).unwrap_or_default(),
                None if line.trim_start().starts_with('#') => "",
                None => line,
            };
            let continued = code.ends_with('\\');
            let code = code.trim_end_matches('\\').trim();
            let lead = line.len().saturating_sub(line.trim_start().len());
            let from = start.saturating_add(lead);
            start = start.saturating_add(raw.len());
            let (mut joined, place) = open
                .take()
                .unwrap_or_else(|| (String::new(), from..from.saturating_add(code.len())));
            if !joined.is_empty() {
                joined.push(' ');
            }
            joined.push_str(code);
            // Hashes of one package may fill many lines, but not without end.
            if continued && joined.len() < 64 * 1024 {
                open = Some((joined, place));
            } else if !joined.is_empty() {
                return Some((joined, place));
            }
        }
        open.take().filter(|(joined, _)| !joined.is_empty())
    })
}

fn words(line: &str) -> Vec<&str> {
    line.split_ascii_whitespace().collect()
}

/// The value of the option that a line begins with.
fn option<'l>(words: &[&'l str], names: &[&str]) -> Option<&'l str> {
    let first = words.first()?;
    names.iter().find_map(|name| {
        if first == name {
            words.get(1).copied()
        } else {
            first.strip_prefix(name)?.strip_prefix('=')
        }
    })
}

/// A requirement without the options behind it.
fn without_options(line: &str) -> &str {
    line.split(" --").next().unwrap_or_default()
}

/// The package of a bare address: `git+https://…#egg=name`, `https://…/name-1.0-py3-none-any.whl`.
pub(super) fn from_address(line: &str) -> Option<Package> {
    // A marker may follow without a space: `https://…/name-1.0.whl; sys_platform == "darwin"`.
    let address = line.split_ascii_whitespace().next()?.trim_end_matches(';');
    let scheme = address.find("://")?;
    if !address
        .get(..scheme)?
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'+')
    {
        return None;
    }
    let name = match address
        .split_once("#egg=")
        .or_else(|| address.split_once("&egg="))
    {
        Some((_, egg)) => egg.split(['&', '[']).next().unwrap_or_default(),
        None => {
            let path = address.split(['#', '?']).next().unwrap_or_default();
            let last = path.rsplit('/').next().unwrap_or_default();
            let last = last.split('@').next().unwrap_or_default();
            let last = last.strip_suffix(".git").unwrap_or(last);
            if last.ends_with(".whl") {
                last.split('-').next().unwrap_or_default()
            } else if let Some((stem, _)) = last.split_once(".tar.") {
                stem.rsplit_once('-').map_or(stem, |(name, _)| name)
            } else {
                last
            }
        }
    };
    let mut package = requirement::parse(name)?;
    requirement::set_origin(&mut package, address);
    Some(package)
}
