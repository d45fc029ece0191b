//! Holds the matcher against public databases, and says where they differ.
//!
//! `cargo run -p stance-advisories --example oracle -- DIRECTORY...` reads every record of the Open Source
//! Vulnerability format (JSON or YAML) under the directories, and the TOML of RustSec. Three questions:
//!
//! - `versions`: is a version that a record names in its ranges, and is one in its ranges named? Asked of every
//!   version that any record names of the package, where a record has both.
//! - `literal`: do the windows say what the evaluation in the schema says, taken literally? Asked of every version
//!   that is named and of those beside each event.
//! - `rustsec`: do Cargo's requirements in `patched` and `unaffected` allow what `semver` says that they allow?
#![expect(clippy::print_stdout, reason = "its output is what it is for")]
#![expect(clippy::disallowed_methods, reason = "a program that reads a checkout")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use stance_advisories::source::osv;
use stance_advisories::{Advisory, Constraint, Event, Version, Windows};
use stance_core::fact::Ecosystem;

#[derive(Default)]
struct Count {
    records: usize,
    pairs: usize,
    false_positives: usize,
    false_negatives: usize,
}

fn main() {
    let mut records = Vec::new();
    let mut requirements = Count::default();
    for root in std::env::args().skip(1) {
        for path in files(Path::new(&root)) {
            let Ok(text) = fs::read_to_string(&path) else {
                continue;
            };
            match path.extension().and_then(|end| end.to_str()) {
                Some("md") => rustsec(&text, &path, &mut requirements),
                Some("json") => records.extend(osv::json(text.as_bytes())),
                Some("yaml" | "yml") => records.extend(osv::yaml(&text)),
                _ => {}
            }
        }
    }
    let by_commit: usize = records.iter().map(|read| read.by_commit).sum();
    let advisories: Vec<Advisory> = records.into_iter().map(|read| read.advisory).collect();
    println!(
        "{} records, {} withdrawn; {by_commit} packages by commits only, which are not matched",
        advisories.len(),
        advisories.iter().filter(|one| one.withdrawn).count()
    );
    let universe = universe(&advisories);
    let mut versions = BTreeMap::<Ecosystem, Count>::new();
    let mut literal = BTreeMap::<Ecosystem, Count>::new();
    let mut differing = BTreeMap::<String, [Vec<String>; 2]>::new();
    for advisory in &advisories {
        for affected in &advisory.affected {
            let windows = Windows::of(affected);
            if windows.unread > 0 {
                println!(
                    "  {}: an event of {} names no version",
                    advisory.id, affected.name
                );
            }
            let ecosystem = affected.ecosystem;
            let empty = BTreeSet::new();
            let all = universe
                .get(&(ecosystem, affected.name.clone()))
                .unwrap_or(&empty);
            if !affected.ranges.is_empty() && windows.unread == 0 {
                let count = literal.entry(ecosystem).or_default();
                count.records += 1;
                for text in all.iter().chain(&beside(&affected.ranges)) {
                    let Some(version) = Version::parse(ecosystem, text) else {
                        continue;
                    };
                    let want = affected
                        .ranges
                        .iter()
                        .any(|events| as_the_schema_says(ecosystem, events, &version));
                    judge(count, windows.in_range(&version), want);
                }
            }
            if affected.ranges.is_empty() || affected.versions.is_empty() || windows.unread > 0 {
                continue;
            }
            let count = versions.entry(ecosystem).or_default();
            count.records += 1;
            for text in all {
                let Some(version) = Version::parse(ecosystem, text) else {
                    continue;
                };
                let in_range = windows.in_range(&version);
                let named = windows.is_named(text, Some(&version));
                judge(count, in_range, named);
                if in_range != named {
                    let id = format!("{} {}", advisory.id, affected.name);
                    differing.entry(id).or_default()[usize::from(named)].push(text.clone());
                }
            }
        }
    }
    for (title, counts) in [("versions", versions), ("literal", literal)] {
        for (ecosystem, count) in counts {
            print_count(title, ecosystem.title(), &count);
        }
    }
    print_count("rustsec", "crates.io", &requirements);
    println!(
        "records whose own versions and ranges differ: {}",
        differing.len()
    );
    for (id, [only_range, only_named]) in differing {
        println!(
            "  {id}: {}; in range, not named {} {:?}; named, not in range {} {:?}",
            why(&only_range, &only_named),
            only_range.len(),
            only_range.iter().take(4).collect::<Vec<_>>(),
            only_named.len(),
            only_named.iter().take(4).collect::<Vec<_>>()
        );
    }
}

/// What is wrong with a record whose versions and ranges differ, as far as its versions tell.
fn why(only_range: &[String], only_named: &[String]) -> &'static str {
    let prerelease = |text: &String| {
        Version::parse(Ecosystem::Pypi, text).is_some_and(|version| version.is_prerelease())
    };
    if !only_named.is_empty() {
        "its ranges stop short of its versions"
    } else if only_range.iter().all(prerelease) {
        "its list leaves out pre-releases"
    } else if only_range.iter().any(prerelease) {
        "its list leaves out pre-releases, and what was released after it was made"
    } else {
        "its list leaves out versions, most of them released after it was made"
    }
}

fn judge(count: &mut Count, got: bool, want: bool) {
    count.pairs += 1;
    count.false_positives += usize::from(got && !want);
    count.false_negatives += usize::from(!got && want);
}

fn print_count(title: &str, registry: &str, count: &Count) {
    println!(
        "{title:9} {registry:10} {:6} records {:9} pairs {:5} only in range {:5} only named",
        count.records, count.pairs, count.false_positives, count.false_negatives
    );
}

/// Every version that is named of a package, by any record.
fn universe(advisories: &[Advisory]) -> BTreeMap<(Ecosystem, String), BTreeSet<String>> {
    let mut all = BTreeMap::<_, BTreeSet<String>>::new();
    for affected in advisories.iter().flat_map(|advisory| &advisory.affected) {
        let known = all
            .entry((affected.ecosystem, affected.name.clone()))
            .or_default();
        known.extend(affected.versions.iter().cloned());
    }
    all
}

/// Versions at and around each event.
fn beside(ranges: &[Vec<Event>]) -> Vec<String> {
    let mut found = Vec::new();
    for event in ranges.iter().flatten() {
        let text = event.version();
        found.push(text.to_owned());
        found.push(format!("{text}-rc.1"));
        found.push(format!("{text}.1"));
        let parts: Vec<&str> = text.split('.').collect();
        for at in 0..parts.len() {
            let Ok(number) = parts[at].parse::<u64>() else {
                continue;
            };
            for near in [number.saturating_sub(1), number + 1] {
                let mut parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
                parts[at] = near.to_string();
                found.push(parts.join("."));
            }
        }
    }
    found
}

/// `IncludedInRanges` and `BeforeLimits` of <https://ossf.github.io/osv-schema/#evaluation>, word by word.
fn as_the_schema_says(ecosystem: Ecosystem, events: &[Event], version: &Version) -> bool {
    let parse = |text: &str| Version::parse(ecosystem, text).expect("read before");
    let mut sorted: Vec<&Event> = events.iter().collect();
    let zero = |event: &Event| matches!(event, Event::Introduced(text) if text == "0");
    sorted.sort_by(|a, b| match (zero(a), zero(b)) {
        (true, true) => std::cmp::Ordering::Equal,
        (true, false) => std::cmp::Ordering::Less,
        (false, true) => std::cmp::Ordering::Greater,
        (false, false) => parse(a.version()).cmp(&parse(b.version())),
    });
    let limits: Vec<&str> = events
        .iter()
        .filter(|event| matches!(event, Event::Limit(_)))
        .map(Event::version)
        .collect();
    if !limits.is_empty()
        && !limits
            .iter()
            .any(|limit| *limit == "*" || *version < parse(limit))
    {
        return false;
    }
    let mut vulnerable = false;
    for event in sorted {
        match event {
            Event::Introduced(text) if text == "0" || *version >= parse(text) => vulnerable = true,
            Event::Fixed(text) if *version >= parse(text) => vulnerable = false,
            // What a builder put behind the last version is that version.
            Event::LastAffected(text)
                if *version > parse(text) && version.public() != parse(text) =>
            {
                vulnerable = false;
            }
            _ => {}
        }
    }
    vulnerable
}

fn rustsec(text: &str, path: &Path, count: &mut Count) {
    let mut seen = false;
    for line in text.lines() {
        let list = ["patched", "unaffected"]
            .iter()
            .find_map(|key| line.strip_prefix(key)?.trim_start().strip_prefix('='));
        let Some(list) = list else { continue };
        for requirement in list.split('"').skip(1).step_by(2) {
            let Ok(want) = requirement.parse::<semver::VersionReq>() else {
                continue;
            };
            seen = true;
            let Some(got) = Constraint::parse(Ecosystem::Cargo, requirement) else {
                println!("  {}: `{requirement}` is not understood", path.display());
                continue;
            };
            let events: Vec<Event> = requirement
                .split([',', ' ', '>', '<', '=', '^', '~'])
                .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
                .map(|word| Event::Fixed(word.to_owned()))
                .collect();
            for text in beside(&[events]) {
                let Ok(version) = text.parse::<semver::Version>() else {
                    continue;
                };
                // Requirements of Cargo leave out pre-releases that they do not name.
                if version.pre.is_empty() {
                    let own = Version::parse(Ecosystem::Cargo, &text).expect("a version");
                    judge(count, got.allows(&own), want.matches(&version));
                }
            }
        }
    }
    count.records += usize::from(seen);
}

fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        let Ok(entries) = fs::read_dir(&directory) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
