//! An estate at its target size, and how long its lists take.
//!
//! `cargo bench -p stance-store --bench estate -- [--assets 1000000] [--database FILE]` builds a database by ingestion (or
//! opens the one that is there) and prints milliseconds for each question that pages ask: best and worst of 20 runs.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench prints what it measured, with a clock"
)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use stance_core::due::Deadlines;
use stance_core::evidence::Locus;
use stance_core::{
    Asset, AssetId, AssetKind, Coverage, Criticality, Evidence, Finding, FindingId, How, Relation,
    RelationKind, Sensitivity, Severity,
};
use stance_store::{
    AssetNumber, AssetQuery, AssetSort, Estate, FindingNumber, FindingQuery, FindingSort, GroupBy,
    Ingest, SourceNumber, Sqlite, States, Window,
};

/// Assets of one source.
const EACH: usize = 10_000;

fn main() {
    let mut assets = 1_000_000_usize;
    let mut file = std::env::temp_dir().join("stance-estate-bench.db");
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--assets" => {
                if let Some(count) = arguments.next().and_then(|it| it.parse().ok()) {
                    assets = count;
                }
            }
            "--database" => {
                if let Some(path) = arguments.next() {
                    file = PathBuf::from(path);
                }
            }
            _ => {}
        }
    }
    if !file.exists() {
        build(&file, assets);
    }
    let store = Sqlite::open(&file).expect("the database opens");
    let tally = store.tally().expect("there is a tally");
    println!(
        "{} assets, {} open findings, score {:?}",
        tally.all_assets(),
        tally.all_findings(),
        tally.totals.score().map(|score| score.value.as_f64())
    );
    ask(&store);
}

/// Numbers that look random and are the same every time (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }
}

fn build(file: &std::path::Path, assets: usize) {
    let mut store = Sqlite::open(file).expect("the database is made");
    let sources = assets.div_ceil(EACH);
    {
        let raw = Connection::open(file).expect("the database opens");
        for source in 0..sources {
            raw.execute(
                "INSERT INTO source (key, name, kind, created, owner) VALUES (?1, ?2, 'directory', 0, ?3)",
                params![
                    format!("/srv/repositories/team-{source}"),
                    format!("team-{source}"),
                    format!("team-{}", source % 40),
                ],
            )
            .expect("a source");
        }
    }
    let started = Instant::now();
    let mut random = Random(88_172_645_463_325_252);
    for source in 0..sources {
        let (list, relations, findings) = tree(&mut random, source);
        let ingest = Ingest {
            source: SourceNumber(source as i64 + 1),
            run: None,
            at: at(source as i64),
            assets: &list,
            relations: &relations,
            findings: &findings,
            coverage: &Coverage::default(),
            unjudged: &BTreeSet::new(),
            judged: None,
            deadlines: Deadlines::default(),
        };
        store.ingest(&ingest).expect("it is taken in");
        if source == sources / 2 {
            let again = Instant::now();
            store.ingest(&ingest).expect("it is taken in again");
            println!("the same {EACH} assets again: {:?}", again.elapsed());
        }
    }
    println!("built in {:?}", started.elapsed());
}

fn at(minutes: i64) -> Timestamp {
    let first: Timestamp = "2026-10-01T00:00:00Z".parse().expect("a time");
    first + SignedDuration::from_mins(minutes)
}

fn tree(random: &mut Random, source: usize) -> (Vec<Asset>, Vec<Relation>, Vec<Finding>) {
    let kinds = [
        AssetKind::Tool,
        AssetKind::Prompt,
        AssetKind::Agent,
        AssetKind::Model,
        AssetKind::Dataset,
        AssetKind::McpServer,
        AssetKind::Endpoint,
        AssetKind::Identity,
    ];
    let severities = [
        Severity::Low,
        Severity::Low,
        Severity::Medium,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];
    let words = [
        "search", "refund", "triage", "summary", "ranker", "billing", "support", "vision",
    ];
    let mut assets = Vec::with_capacity(EACH);
    for number in 0..EACH {
        let kind = kinds[random.below(8) as usize];
        let word = words[random.below(8) as usize];
        let path = format!("services/{word}/module_{}.py", number / 20);
        let name = format!("{word}-{source}-{number}");
        let key = format!("{path}#{name}");
        assets.push(
            Asset::new(kind, key, name, How::Literal, Evidence::file(path))
                .with("framework", "langgraph"),
        );
    }
    let mut relations = Vec::with_capacity(EACH * 10);
    for from in 0..EACH {
        for _ in 0..10 {
            let to = (from + 1 + random.below(400) as usize) % EACH;
            relations.push(Relation {
                from: assets[from].id.clone(),
                to: assets[to].id.clone(),
                kind: RelationKind::ALL[random.below(15) as usize],
                evidence: assets[from].evidence[0].clone(),
            });
        }
    }
    let findings = (0..EACH)
        .map(|number| finding(random, &assets[number].id, source, number, &severities))
        .collect();
    (assets, relations, findings)
}

fn finding(
    random: &mut Random,
    asset: &AssetId,
    source: usize,
    number: usize,
    severities: &[Severity],
) -> Finding {
    let evidence = Evidence {
        path: format!("services/module_{}.py", number / 20).into(),
        locus: Locus::Line {
            line: number as u32 + 1,
            column: 1,
            width: 4,
        },
        excerpt: "eval(answer)".into(),
        mark: None,
    };
    let rule = format!("code/rule-{}", random.below(160));
    let severity = severities[random.below(6) as usize];
    let message = format!("what the model answers is evaluated in step {number} of {source}");
    let mut finding = Finding::new(rule, severity, asset.clone(), evidence, message);
    finding.id = FindingId(format!("{source:016x}{number:016x}").into());
    finding
}

fn ask(store: &Sqlite) {
    let window = Window::default();
    let assets = |name: &str, query: AssetQuery| {
        measure(&format!("assets, {name}"), || {
            store.assets(&query, &window).expect("a slice").rows.len()
        });
        measure(&format!("assets, {name}, counted to 10,000"), || {
            store.count_assets(&query, 10_000).expect("a count").count as usize
        });
    };
    assets("all by risk", AssetQuery::default());
    assets(
        "all by name",
        AssetQuery {
            sort: AssetSort::Name,
            ..AssetQuery::default()
        },
    );
    assets(
        "agents",
        AssetQuery {
            kinds: vec![AssetKind::Agent],
            ..AssetQuery::default()
        },
    );
    assets(
        "of a team, by name",
        AssetQuery {
            owner: Some("team-7".into()),
            sort: AssetSort::Name,
            ..AssetQuery::default()
        },
    );
    assets(
        "of two kinds and a team",
        AssetQuery {
            kinds: vec![AssetKind::Agent, AssetKind::Model],
            owner: Some("team-7".into()),
            ..AssetQuery::default()
        },
    );
    assets(
        "of a source",
        AssetQuery {
            source: Some(SourceNumber(12)),
            ..AssetQuery::default()
        },
    );
    assets(
        "with a rare text",
        AssetQuery {
            text: Some("ranker-41-77".into()),
            ..AssetQuery::default()
        },
    );
    assets(
        "with a common text",
        AssetQuery {
            text: Some("refund".into()),
            ..AssetQuery::default()
        },
    );
    assets(
        "with a text that is nowhere",
        AssetQuery {
            text: Some("no such thing".into()),
            ..AssetQuery::default()
        },
    );
    assets(
        "of a criticality",
        AssetQuery {
            criticalities: vec![Criticality::High.to_string()],
            ..AssetQuery::default()
        },
    );
    assets(
        "of a sensitivity, by name",
        AssetQuery {
            sensitivities: vec![Sensitivity::Unknown.to_string()],
            sort: AssetSort::Name,
            ..AssetQuery::default()
        },
    );
    assets(
        "agents of a team with critical findings",
        AssetQuery {
            kinds: vec![AssetKind::Agent],
            owner: Some("team-9".into()),
            at_least: Some(4),
            ..AssetQuery::default()
        },
    );
    assets(
        "first seen since a time when most were not there",
        AssetQuery {
            since: Some(at(60)),
            ..AssetQuery::default()
        },
    );
    assets(
        "without owner",
        AssetQuery {
            owner: Some(String::new()),
            ..AssetQuery::default()
        },
    );
    assets(
        "with critical findings, new first",
        AssetQuery {
            at_least: Some(4),
            sort: AssetSort::FirstSeen,
            ..AssetQuery::default()
        },
    );
    let findings = |name: &str, query: FindingQuery| {
        measure(&format!("findings, {name}"), || {
            store.findings(&query, &window).expect("a slice").rows.len()
        });
        measure(&format!("findings, {name}, counted to 10,000"), || {
            store.count_findings(&query, 10_000).expect("a count").count as usize
        });
    };
    findings("open", FindingQuery::default());
    findings(
        "what gives most back",
        FindingQuery {
            sort: FindingSort::GivesBack,
            ..FindingQuery::default()
        },
    );
    findings(
        "critical, due first",
        FindingQuery {
            severities: vec![Severity::Critical],
            sort: FindingSort::Due,
            ..FindingQuery::default()
        },
    );
    findings(
        "low and medium",
        FindingQuery {
            severities: vec![Severity::Low, Severity::Medium],
            ..FindingQuery::default()
        },
    );
    findings(
        "critical, about models and data",
        FindingQuery {
            severities: vec![Severity::Critical],
            kinds: vec![AssetKind::Model, AssetKind::Dataset],
            ..FindingQuery::default()
        },
    );
    findings(
        "in any state",
        FindingQuery {
            states: States::All,
            ..FindingQuery::default()
        },
    );
    findings(
        "with a text that all hold",
        FindingQuery {
            text: Some("evaluated".into()),
            ..FindingQuery::default()
        },
    );
    findings(
        "of a rule, new first",
        FindingQuery {
            rule: Some("code/rule-7".into()),
            sort: FindingSort::FirstSeen,
            ..FindingQuery::default()
        },
    );
    findings(
        "of an area and a team",
        FindingQuery {
            area: Some("code".into()),
            owner: Some("team-7".into()),
            ..FindingQuery::default()
        },
    );
    findings(
        "with a rare text",
        FindingQuery {
            text: Some("step 4177 of 31".into()),
            ..FindingQuery::default()
        },
    );
    findings(
        "of a source",
        FindingQuery {
            source: Some(SourceNumber(12)),
            states: States::All,
            ..FindingQuery::default()
        },
    );
    for (name, by) in [
        ("rule", GroupBy::Rule),
        ("asset", GroupBy::Asset),
        ("owner", GroupBy::Owner),
        ("fix", GroupBy::Fix),
    ] {
        measure(&format!("findings grouped by {name}"), || {
            store
                .finding_groups(by, &FindingQuery::default(), 100)
                .expect("groups")
                .groups
                .len()
        });
    }
    let area = FindingQuery {
        area: Some("code".into()),
        ..FindingQuery::default()
    };
    measure("findings of an area grouped by asset", || {
        let groups = store.finding_groups(GroupBy::Asset, &area, 100);
        groups.expect("groups").groups.len()
    });
    let agents = FindingQuery {
        kinds: vec![AssetKind::Agent],
        severities: vec![Severity::Critical],
        ..FindingQuery::default()
    };
    measure("critical findings of agents grouped by fix", || {
        let groups = store.finding_groups(GroupBy::Fix, &agents, 100);
        groups.expect("groups").groups.len()
    });
    measure("an asset", || {
        usize::from(store.asset(AssetNumber(4_711)).expect("an asset").is_some())
    });
    measure("what is around it, two steps, 40 assets", || {
        let around = store.neighbourhood(AssetNumber(4_711), 2, 40).expect("it");
        around.assets.len()
    });
    measure("a finding", || {
        usize::from(store.finding(FindingNumber(4_711)).expect("it").is_some())
    });
    measure("the tally", || store.tally().expect("it").assets.len());
}

fn measure(name: &str, ask: impl Fn() -> usize) {
    let mut times = Vec::new();
    let mut rows = 0;
    for _ in 0..20 {
        let started = Instant::now();
        rows = ask();
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!(
        "{:8.2} {:8.2} ms  {name} ({rows})",
        times[0],
        times[times.len() - 1]
    );
}
