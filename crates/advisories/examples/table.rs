//! Makes `data/components.tsv` from checkouts of what it draws on, and says where they disagree.
//!
//! `cargo run -p stance-advisories --example table -- INFRA_GUARD PYPA VULNDB > crates/advisories/data/components.tsv`;
//! what is said about the sources goes to standard error. Of PyPA's and Go's databases only AI packages are taken.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its output is what it is for"
)]
#![expect(clippy::disallowed_methods, reason = "a program that reads checkouts")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use stance_advisories::source::{infra_guard, osv};
use stance_advisories::{Advisory, Affected, Event, Version, Windows, of_purl};
use stance_core::fact::Ecosystem;

/// Modules of Go's database that are AI.
const GO: &[&str] = &[
    "github.com/ollama/ollama",
    "github.com/jmorganca/ollama",
    "github.com/mudler/LocalAI",
    "github.com/go-skynet/LocalAI",
    "github.com/milvus-io/milvus",
    "github.com/weaviate/weaviate",
    "github.com/QuantumNous/new-api",
    "github.com/songquanpeng/one-api",
    "github.com/k8sgpt-ai/k8sgpt",
    "github.com/googleapis/mcp-toolbox",
    "github.com/github/github-mcp-server",
    "github.com/docker/mcp-gateway",
    "github.com/Kuadrant/mcp-gateway",
    "github.com/apache/skywalking-mcp",
    "github.com/envoyproxy/ai-gateway",
    "github.com/kubeflow/pipelines",
    "github.com/coder/agentapi",
];

/// What one source says about a flaw of a package.
#[derive(Clone)]
struct Said {
    source: char,
    affected: Affected,
    severity: String,
    disputed: bool,
}

type Key = (Ecosystem, String, String);

fn main() {
    let roots: Vec<String> = std::env::args().skip(1).collect();
    let [guard, pypa, vulndb] = roots.as_slice() else {
        eprintln!("usage: table INFRA_GUARD PYPA VULNDB");
        return;
    };
    let mut said = BTreeMap::<Key, Vec<Said>>::new();
    let mut aliases = BTreeMap::<String, BTreeSet<String>>::new();
    let mut universe = BTreeMap::<(Ecosystem, String), BTreeSet<String>>::new();
    let mut take = |source: char, advisory: Advisory, wanted: &dyn Fn(&Affected) -> bool| {
        if advisory.withdrawn {
            return;
        }
        let ids = || std::iter::once(&advisory.id).chain(&advisory.aliases);
        let Some(id) = ids()
            .find(|id| id.starts_with("CVE-"))
            .or(ids().find(|id| id.starts_with("GHSA-")))
            .or(ids().find(|id| id.starts_with("PYSEC-") || id.starts_with("GO-")))
        else {
            return;
        };
        for affected in &advisory.affected {
            let package = (affected.ecosystem, affected.name.clone());
            if source == 'p' {
                let known = universe.entry(package.clone()).or_default();
                known.extend(affected.versions.iter().cloned());
            }
            let windows = Windows::of(affected);
            if !wanted(affected) || windows.unread > 0 || windows.says_nothing() {
                continue;
            }
            let all = aliases.entry(id.clone()).or_default();
            all.extend(ids().filter(|other| *other != id).cloned());
            let one = Said {
                source,
                affected: affected.clone(),
                severity: severity(&advisory),
                disputed: advisory.disputed,
            };
            let key = (package.0, package.1, id.clone());
            said.entry(key).or_default().push(one);
        }
    };
    let yaml = |root: &str| files(Path::new(root), "yaml");
    for path in yaml(guard) {
        if let Some(advisory) = text(&path).and_then(|text| infra_guard::read(&text).ok()) {
            take('g', advisory, &|_| true);
        }
    }
    let names = ai_names();
    for path in yaml(pypa) {
        if let Some(read) = text(&path).and_then(|text| osv::yaml(&text).ok()) {
            take('p', read.advisory, &|affected| {
                is_ai(&names, &affected.name)
            });
        }
    }
    for path in files(Path::new(vulndb), "json") {
        if let Some(read) = text(&path).and_then(|text| osv::json(text.as_bytes()).ok()) {
            take('v', read.advisory, &|affected| {
                GO.contains(&affected.name.as_str())
            });
        }
    }
    for advisory in own() {
        take('s', advisory, &|_| true);
    }

    println!("# number\tother numbers\tpurl\tranges\tseverity\tsources\tmarks");
    let mut checked = 0;
    let mut lines = 0;
    let mut without = 0;
    for ((ecosystem, name, id), all) in &said {
        let empty = BTreeSet::new();
        let versions = universe.get(&(*ecosystem, name.clone())).unwrap_or(&empty);
        let (chosen, note) = choose(all, versions);
        let sources: BTreeSet<char> = all.iter().map(|one| one.source).collect();
        checked += usize::from(sources.len() > 1);
        if let Some(note) = note {
            eprintln!("- {id} {}: {note}", ecosystem.purl(name));
        }
        // The worst that any says; `s` decides where it speaks.
        let severity = all
            .iter()
            .filter(|one| !one.severity.is_empty())
            .max_by_key(|one| (one.source == 's', rating(&one.severity)))
            .map(|one| one.severity.clone())
            .unwrap_or_default();
        if rating(&severity).is_none() {
            without += 1;
        }
        let others: Vec<&str> = aliases
            .get(id)
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let disputed = all.iter().any(|one| one.disputed);
        let sources: String = sources.into_iter().collect();
        println!(
            "{id}\t{}\t{}\t{chosen}\t{severity}\t{sources}{}",
            others.join(" "),
            ecosystem.purl(name),
            if disputed { "\tdisputed" } else { "" }
        );
        lines += 1;
    }
    eprintln!(
        "{lines} lines; {checked} told by more than one source; {without} without a severity"
    );
}

/// The ranges that are kept, and what was to decide.
fn choose(all: &[Said], versions: &BTreeSet<String>) -> (String, Option<String>) {
    let by =
        |source: char| -> Vec<&Said> { all.iter().filter(|one| one.source == source).collect() };
    let written = |some: &[&Said]| -> String {
        let ranges: BTreeSet<String> = some
            .iter()
            .flat_map(|one| {
                let ranges = one.affected.ranges.iter().map(|events| range(events));
                // Versions that are named are only needed where no range speaks.
                let named = one.affected.versions.iter();
                let named = named.filter(|_| one.affected.ranges.is_empty() || one.source == 'g');
                ranges
                    .flatten()
                    .chain(named.map(|version| format!("=={version}")))
                    .collect::<Vec<_>>()
            })
            .collect();
        ranges.into_iter().collect::<Vec<_>>().join(";")
    };
    let everyone: Vec<&Said> = all.iter().collect();
    let groups: Vec<Vec<&Said>> = ['s', 'p', 'v', 'g']
        .iter()
        .map(|source| by(*source))
        .filter(|group| !group.is_empty())
        .collect();
    let probes: Vec<String> = versions
        .iter()
        .cloned()
        .chain(all.iter().flat_map(|one| {
            let events = one.affected.ranges.iter().flatten();
            events.map(|event| event.version().to_owned())
        }))
        .collect();
    let affects = |group: &[&Said], version: &str| {
        group
            .iter()
            .any(|one| Windows::of(&one.affected).affect(one.affected.ecosystem, version))
    };
    let differ: Vec<&String> = probes
        .iter()
        .filter(|version| {
            let mut answers = groups.iter().map(|group| affects(group, version));
            let first = answers.next();
            answers.any(|answer| Some(answer) != first)
        })
        .collect();
    if differ.is_empty() {
        let best = groups.first().map(Vec::as_slice).unwrap_or_default();
        return (written(best), None);
    }
    let told: Vec<String> = groups
        .iter()
        .map(|group| format!("{} `{}`", group[0].source, written(group)))
        .collect();
    let told = told.join(", ");
    if let Some(own) = groups.first().filter(|group| group[0].source == 's') {
        return (written(own), Some(format!("{told}; our reading taken")));
    }
    // An older record that knows no fix yet is closed by one that does.
    let open = |group: &Vec<&Said>| {
        group.iter().any(|one| {
            let windows = Windows::of(&one.affected);
            windows.intervals().iter().any(|interval| {
                let far = Version::parse(one.affected.ecosystem, "9999999.0.0");
                far.is_some_and(|far| interval.contains(&far))
            })
        })
    };
    let fixed = |group: &Vec<&Said>| {
        let mut events = group
            .iter()
            .flat_map(|one| one.affected.ranges.iter().flatten());
        events.any(|event| matches!(event, Event::Fixed(_)))
    };
    let closed: Vec<&Said> = groups
        .iter()
        .filter(|group| !open(group) && fixed(group))
        .flatten()
        .copied()
        .collect();
    if !closed.is_empty() && closed.len() < everyone.len() {
        return (
            written(&closed),
            Some(format!("{told}; the one that knows a fix taken")),
        );
    }
    (
        written(&everyone),
        Some(format!("{told}; both taken together")),
    )
}

/// Events as `>=1.0,<1.2`, one text for each window.
fn range(events: &[Event]) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<String> = None;
    for event in events {
        match event {
            Event::Introduced(version) if version == "0" => open = Some(String::new()),
            Event::Introduced(version) => open = Some(format!(">={version},")),
            Event::After(version) => open = Some(format!(">{version},")),
            Event::Fixed(version) => {
                found.push(format!("{}<{version}", open.take().unwrap_or_default()));
            }
            Event::LastAffected(version) => {
                found.push(format!("{}<={version}", open.take().unwrap_or_default()));
            }
            Event::Limit(_) => {}
        }
    }
    if let Some(open) = open {
        found.push(match open.trim_end_matches(',') {
            "" => "*".to_owned(),
            low => low.to_owned(),
        });
    }
    found
}

fn severity(advisory: &Advisory) -> String {
    let vectors = advisory.severity.vectors.iter();
    let worst = vectors
        .filter_map(|vector| Some((stance_advisories::cvss::base_score(vector)?, vector)))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, vector)| vector.clone());
    worst.unwrap_or_else(|| {
        let word = advisory.severity.word.clone().unwrap_or_default();
        if rating(&word).is_some() {
            word
        } else {
            String::new()
        }
    })
}

fn rating(severity: &str) -> Option<stance_core::Severity> {
    let vectors = severity.starts_with("CVSS:");
    stance_advisories::Severities {
        vectors: vectors.then(|| severity.to_owned()).into_iter().collect(),
        word: (!vectors).then(|| severity.to_owned()),
    }
    .severity()
}

/// `data/own.tsv`, and what the table about model loaders says.
fn own() -> Vec<Advisory> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let own = text(&root.join("data/own.tsv")).unwrap_or_default();
    for line in own.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let disputed = fields.get(5) == Some(&"disputed");
        found.extend(row(fields[0], fields[2], fields[3], fields[4], disputed));
    }
    let loaders = text(&root.join("../rules/tables/advisories.tsv")).unwrap_or_default();
    for line in loaders.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        // Only flaws with an end: what is so by design is said where code makes use of it.
        if fields.len() > 6 && fields[2] == "pypi" && fields[5] != "-" {
            let purl = format!("pkg:pypi/{}", fields[3]);
            found.extend(row(fields[1], &purl, fields[4], fields[6], false));
        }
    }
    found
}

fn row(id: &str, purl: &str, ranges: &str, severity: &str, disputed: bool) -> Option<Advisory> {
    let (ecosystem, name) = of_purl(purl)?;
    let mut affected = Affected {
        ecosystem,
        name,
        versions: Vec::new(),
        ranges: Vec::new(),
    };
    for range in ranges.split(';') {
        if let Some(version) = range.strip_prefix("==") {
            affected.versions.push(version.to_owned());
            continue;
        }
        let mut events = Vec::new();
        for part in range.split(',').filter(|part| *part != "*") {
            events.push(
                match part.split_at(part.find(|c: char| c.is_ascii_digit())?) {
                    (">=", version) => Event::Introduced(version.to_owned()),
                    ("<=", version) => Event::LastAffected(version.to_owned()),
                    (_, version) => Event::Fixed(version.to_owned()),
                },
            );
        }
        if !matches!(events.first(), Some(Event::Introduced(_))) {
            events.insert(0, Event::Introduced("0".to_owned()));
        }
        affected.ranges.push(events);
    }
    Some(Advisory {
        id: id.to_owned(),
        disputed,
        severity: stance_advisories::Severities {
            vectors: vec![severity.to_owned()],
            word: Some(severity.to_owned()),
        },
        affected: vec![affected],
        ..Advisory::default()
    })
}

/// The names of Python packages that are AI by nature; those that end in a star are beginnings.
fn ai_names() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = text(&root.join("../code/tables/packages.tsv")).unwrap_or_default();
    let names = table
        .lines()
        .filter_map(|line| line.strip_prefix("pypi\t")?.split_once('\t'))
        .flat_map(|(_, names)| names.split([' ', '\t']))
        .map(str::to_owned);
    let more = [
        "tensorflow",
        "tensorflow-cpu",
        "tensorflow-gpu",
        "jupyter-server",
        "jupyterlab",
        "notebook",
    ];
    names.chain(more.map(str::to_owned)).collect()
}

fn is_ai(names: &[String], name: &str) -> bool {
    names.iter().any(|known| match known.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == known,
    })
}

fn text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

fn files(root: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
