//! What sources tell adds up to an estate.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use stance_core::due::Deadlines;
use stance_core::finding::Status;
use stance_core::{
    Asset, AssetKind, Coverage, Evidence, Finding, How, Relation, RelationKind, Severity,
};
use stance_store::{
    Approval, AssetEdit, AssetNumber, AssetQuery, AssetSort, Decision, Estate, FindingNumber,
    FindingQuery, FindingState, GroupBy, Ingest, Ingested, SourceNumber, Sqlite, States,
    StoreError, WaiverState, Window,
};

use crate::fixture::{Directory, end, finding, time, with_status};

/// A database with two sources, 1 and 2; the second has an owner.
pub(crate) struct Estates {
    pub(crate) store: Sqlite,
    directory: Directory,
}

impl Estates {
    pub(crate) fn new() -> Self {
        let directory = Directory::new();
        let store = Sqlite::open(&directory.database()).unwrap();
        let raw = rusqlite::Connection::open(directory.database()).unwrap();
        raw.execute_batch(
            "INSERT INTO source (key, name, kind, created) VALUES ('/a', 'a', 'directory', 0);
             INSERT INTO source (key, name, kind, created, owner, environment)
             VALUES ('/b', 'b', 'directory', 0, 'growth', 'staging');",
        )
        .unwrap();
        Self { store, directory }
    }

    pub(crate) fn tell(&mut self, source: i64, day: i64, told: &Told) -> Ingested {
        let ingest = Ingest {
            source: SourceNumber(source),
            run: None,
            at: time(day),
            assets: &told.assets,
            relations: &told.relations,
            findings: &told.findings,
            coverage: &told.coverage,
            unjudged: &told.unjudged,
            judged: told.judged.as_ref(),
            deadlines: Deadlines::default(),
        };
        self.store.ingest(&ingest).unwrap()
    }

    fn names(&self, query: &AssetQuery) -> Vec<String> {
        let slice = self.store.assets(query, &Window::default()).unwrap();
        slice.rows.into_iter().map(|row| row.name).collect()
    }

    fn number(&self, name: &str) -> AssetNumber {
        let query = AssetQuery {
            text: Some(name.to_owned()),
            ..AssetQuery::default()
        };
        self.store
            .assets(&query, &Window::default())
            .unwrap()
            .rows
            .into_iter()
            .find(|row| row.name == name)
            .unwrap()
            .number
    }

    /// Number and state of the only finding.
    fn only_finding(&self) -> (FindingNumber, FindingState) {
        let query = FindingQuery {
            states: States::All,
            ..FindingQuery::default()
        };
        let rows = self
            .store
            .findings(&query, &Window::default())
            .unwrap()
            .rows;
        assert_eq!(rows.len(), 1);
        (rows[0].number, rows[0].state)
    }

    pub(crate) fn score(&self) -> f64 {
        let totals = self.store.tally().unwrap().totals;
        totals.score().unwrap().value.as_f64()
    }

    /// The database as it stands, counted anew: what triggers keep must be what is there.
    pub(crate) fn is_consistent(&self) {
        let raw = rusqlite::Connection::open(self.directory.database()).unwrap();
        let wrong: i64 = raw
            .query_row(
                "SELECT (SELECT count(*) FROM tally WHERE value <> CASE
                     WHEN name LIKE 'asset:%' THEN
                         (SELECT count(*) FROM asset WHERE present AND kind = substr(tally.name, 7))
                     WHEN name LIKE 'finding:%' THEN
                         (SELECT count(*) FROM finding WHERE counts AND severity = CAST(substr(tally.name, 9) AS INTEGER))
                     WHEN name = 'importance' THEN (SELECT sum(importance) FROM asset WHERE present)
                     WHEN name = 'risk' THEN (SELECT sum(risk) FROM asset WHERE present)
                     WHEN name = 'risk_known' THEN (SELECT sum(risk_known) FROM asset WHERE present)
                     WHEN name = 'risk_worst' THEN (SELECT sum(risk_worst) FROM asset WHERE present)
                     WHEN name = 'change' THEN (SELECT count(*) FROM change WHERE state = 'pending')
                 END)
                 + (SELECT count(*) FROM finding_group WHERE dimension = 'rule' AND findings <>
                     (SELECT count(*) FROM finding WHERE counts AND rule = finding_group.key AND finding.severity = finding_group.severity))
                 + (SELECT count(*) FROM finding_group WHERE dimension = 'owner' AND findings <>
                     (SELECT count(*) FROM finding WHERE counts AND coalesce(owner, '') = finding_group.key
                      AND finding.severity = finding_group.severity))",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(wrong, 0, "sums that are kept differ from what is there");
    }
}

#[derive(Clone, Default)]
pub(crate) struct Told {
    pub(crate) assets: Vec<Asset>,
    pub(crate) relations: Vec<Relation>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) coverage: Coverage,
    pub(crate) unjudged: BTreeSet<String>,
    pub(crate) judged: Option<BTreeMap<String, u64>>,
}

pub(crate) fn asset(kind: AssetKind, key: &str) -> Asset {
    let name = key.rsplit(['/', '#']).next().unwrap_or(key);
    Asset::new(kind, key, name, How::Literal, Evidence::file("app.py"))
}

/// An agent that calls a model, with one finding on it.
pub(crate) fn agent() -> Told {
    let agent = asset(AssetKind::Agent, "app.py#triage");
    let model = asset(AssetKind::Model, "openai/gpt-4o");
    let mut finding = finding(1);
    finding.asset = agent.id.clone();
    Told {
        relations: vec![Relation {
            from: agent.id.clone(),
            to: model.id.clone(),
            kind: RelationKind::Calls,
            evidence: Evidence::file("app.py"),
        }],
        assets: vec![agent, model],
        findings: vec![finding],
        ..Told::default()
    }
}

pub(crate) fn by(actor: &str, day: i64) -> Decision<'_> {
    Decision {
        actor,
        at: end(day),
    }
}

#[test]
fn what_is_one_thing_everywhere_is_one_asset_and_the_rest_belongs_to_its_source() {
    let mut estates = Estates::new();
    estates.tell(1, 1, &agent());
    estates.tell(2, 1, &agent());
    let names = estates.names(&AssetQuery {
        sort: AssetSort::Name,
        ..AssetQuery::default()
    });
    assert_eq!(names, ["gpt-4o", "triage", "triage"]);
    let model = estates
        .store
        .asset(estates.number("gpt-4o"))
        .unwrap()
        .unwrap();
    assert_eq!(model.row.sightings, 2);
    assert_eq!(model.row.scope, None);
    assert_eq!(
        model.row.owner, None,
        "one source may not speak for another"
    );
    let owners = estates.names(&AssetQuery {
        owner: Some("growth".into()),
        environments: vec!["staging".into()],
        ..AssetQuery::default()
    });
    assert_eq!(owners, ["triage"]);

    let mut less = agent();
    less.assets.pop();
    less.relations.clear();
    assert_eq!(estates.tell(1, 2, &less).vanished, 1);
    assert!(
        estates
            .names(&AssetQuery::default())
            .contains(&"gpt-4o".to_owned())
    );
    assert_eq!(estates.tell(2, 2, &less).vanished, 1);
    let gone = AssetQuery {
        gone: true,
        ..AssetQuery::default()
    };
    assert_eq!(estates.names(&gone), ["gpt-4o"]);
    estates.is_consistent();
}

#[test]
fn telling_the_same_again_changes_nothing() {
    let mut estates = Estates::new();
    let first = estates.tell(1, 1, &agent());
    assert_eq!((first.assets, first.findings, first.relations), (2, 1, 1));
    assert_eq!((first.appeared, first.opened), (2, 1));
    let again = estates.tell(1, 2, &agent());
    assert_eq!(
        again,
        Ingested {
            assets: 2,
            findings: 1,
            relations: 1,
            ..Ingested::default()
        }
    );
    let seen = estates
        .store
        .asset(estates.number("triage"))
        .unwrap()
        .unwrap();
    assert_eq!(
        (seen.row.first_seen, seen.row.last_seen),
        (time(1), time(2))
    );
    estates.is_consistent();
}

#[test]
fn a_finding_opens_is_fixed_and_stands_again() {
    let mut estates = Estates::new();
    let mut told = agent();
    estates.tell(1, 1, &told);
    let before = estates.score();
    let (number, state) = estates.only_finding();
    assert_eq!(state, FindingState::Open);
    let detail = estates.store.finding(number).unwrap().unwrap();
    assert_eq!(
        detail.row.due,
        Some("2026-12-01T23:59:59.999Z".parse().unwrap())
    );
    assert_eq!(detail.row.asset_name, "triage");
    let totals = estates.store.tally().unwrap().totals;

    let found = std::mem::take(&mut told.findings);
    assert_eq!(estates.tell(1, 2, &told).fixed, 1);
    assert_eq!(estates.only_finding().1, FindingState::Fixed);
    let gain = totals.gain(stance_core::score::Risk {
        known: detail.row.gives_back,
        assumed: detail.row.gives_back,
        worst: detail.row.gives_back,
    });
    assert!(
        (estates.score() - before - gain.as_f64()).abs() < 1e-9,
        "it gives back what it says"
    );

    told.findings = found;
    assert_eq!(estates.tell(1, 3, &told).reopened, 1);
    let detail = estates.store.finding(number).unwrap().unwrap();
    let states: Vec<_> = detail.transitions.iter().map(|it| it.state).collect();
    assert_eq!(
        states,
        [
            FindingState::Open,
            FindingState::Fixed,
            FindingState::Reopened
        ]
    );
    assert_eq!((detail.reopened, detail.row.first_seen), (1, time(1)));
    estates.is_consistent();
}

#[test]
fn not_having_looked_neither_fixes_nor_loses_anything_and_widens_the_interval() {
    let mut estates = Estates::new();
    let told = agent();
    estates.tell(1, 1, &told);
    let all = estates.store.tally().unwrap().totals.score().unwrap();
    let mut blind = Told::default();
    let files = [
        "app.py".to_owned(),
        told.findings[0].evidence.path.to_string(),
    ];
    blind.unjudged.extend(files);
    let done = estates.tell(1, 2, &blind);
    assert_eq!((done.fixed, done.vanished), (0, 0));
    assert_eq!(estates.only_finding().1, FindingState::Open);
    let mut half = told.clone();
    half.unjudged.insert("app.py".to_owned());
    estates.tell(1, 3, &half);
    let some = estates.store.tally().unwrap().totals.score().unwrap();
    assert!(some.lower < all.lower && some.value < all.value);
    estates.is_consistent();
}

#[test]
fn a_waiver_holds_when_somebody_else_approved_it_and_until_its_day() {
    let mut estates = Estates::new();
    let told = agent();
    estates.tell(1, 1, &told);
    let (number, _) = estates.only_finding();
    let mut ask = |day: i64| {
        estates
            .store
            .request_waiver(&[number], "not reachable", time(9), &by("ana", day))
    };
    let waiver = ask(1).unwrap();
    assert!(
        matches!(ask(1), Err(StoreError::Refused(_))),
        "it was asked for already"
    );
    assert_eq!(
        estates.only_finding().1,
        FindingState::Open,
        "asking accepts nothing"
    );
    let decide = |store: &mut Sqlite, approve, actor| {
        store.decide_waiver(waiver, approve, "", &by(actor, 2))
    };
    let own = decide(&mut estates.store, true, "ana");
    assert!(matches!(own, Err(StoreError::OwnRequest { .. })), "{own:?}");
    decide(&mut estates.store, true, "ben").unwrap();
    assert_eq!(estates.only_finding().1, FindingState::Accepted);
    let twice = decide(&mut estates.store, false, "eve");
    assert!(
        matches!(twice, Err(StoreError::Decided { .. })),
        "{twice:?}"
    );
    assert!((estates.score() - 100.0).abs() < 1e-9);

    estates.tell(1, 3, &told);
    assert_eq!(
        estates.only_finding().1,
        FindingState::Accepted,
        "a scan takes no decision back"
    );
    assert_eq!(estates.store.expire_waivers(time(8)).unwrap(), []);
    assert_eq!(estates.store.expire_waivers(time(9)).unwrap(), [waiver]);
    assert_eq!(estates.only_finding().1, FindingState::Reopened);
    let ended = estates
        .store
        .waivers(Some(WaiverState::Expired), 10)
        .unwrap();
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].decider.as_deref(), Some("ben"));
    estates.is_consistent();
}

#[test]
fn who_asked_may_take_a_waiver_back_and_a_past_one_is_refused() {
    let mut estates = Estates::new();
    estates.tell(1, 1, &agent());
    let (number, _) = estates.only_finding();
    let past = estates
        .store
        .request_waiver(&[number], "why not", time(1), &by("ana", 2));
    assert!(matches!(past, Err(StoreError::Refused(_))));
    let empty = estates
        .store
        .request_waiver(&[number], " ", time(9), &by("ana", 2));
    assert!(matches!(empty, Err(StoreError::Refused(_))));
    let waiver = estates
        .store
        .request_waiver(&[number], "because", time(9), &by("ana", 2))
        .unwrap();
    estates
        .store
        .decide_waiver(waiver, false, "no need", &by("ana", 2))
        .unwrap();
    let back = estates.store.waivers(None, 10).unwrap();
    assert_eq!(back[0].state, WaiverState::Withdrawn);
    assert!(
        estates
            .store
            .finding(number)
            .unwrap()
            .unwrap()
            .waiver
            .is_none()
    );
}

#[test]
fn a_dismissed_finding_stays_dismissed_until_it_is_reopened() {
    let mut estates = Estates::new();
    let told = agent();
    estates.tell(1, 1, &told);
    let (number, _) = estates.only_finding();
    assert!(estates.store.dismiss(&[number], "", &by("ana", 1)).is_err());
    assert_eq!(
        estates
            .store
            .dismiss(&[number], "a test string", &by("ana", 1))
            .unwrap(),
        1
    );
    estates.tell(1, 2, &told);
    assert_eq!(estates.only_finding().1, FindingState::FalsePositive);
    estates.tell(
        1,
        3,
        &Told {
            findings: vec![],
            ..told.clone()
        },
    );
    estates.tell(1, 4, &told);
    assert_eq!(estates.only_finding().1, FindingState::FalsePositive);
    assert_eq!(
        estates
            .store
            .reopen(&[number], "it was real", &by("ben", 4))
            .unwrap(),
        1
    );
    assert_eq!(estates.only_finding().1, FindingState::Reopened);
    assert_eq!(
        estates
            .store
            .reopen(&[number], "again", &by("ben", 4))
            .unwrap(),
        0
    );
    estates.is_consistent();
}

#[test]
fn what_the_scanned_tree_accepts_is_accepted_as_long_as_it_says_so() {
    let mut estates = Estates::new();
    let mut told = agent();
    told.findings[0] = with_status(told.findings[0].clone(), Status::Accepted);
    estates.tell(1, 1, &told);
    assert_eq!(estates.only_finding().1, FindingState::Accepted);
    told.findings[0] = with_status(told.findings[0].clone(), Status::Open);
    estates.tell(1, 2, &told);
    assert_eq!(estates.only_finding().1, FindingState::Reopened);
    estates.is_consistent();
}

#[test]
fn people_speak_before_the_source_does_and_an_edit_on_old_ground_is_refused() {
    let mut estates = Estates::new();
    estates.tell(2, 1, &agent());
    let number = estates.number("triage");
    let risk = |estates: &Estates| estates.store.asset(number).unwrap().unwrap().row;
    let before = risk(&estates);
    assert_eq!(before.owner.as_deref(), Some("growth"));
    let edit = AssetEdit {
        owner: Some(Some("support".into())),
        sensitivity: Some(Some("restricted".into())),
        approval: Some((Approval::Approved, Some("reviewed".into()))),
        revision: Some(before.revision),
        ..AssetEdit::default()
    };
    assert_eq!(
        estates
            .store
            .edit_assets(&[number], &edit, &by("ana", 1))
            .unwrap(),
        1
    );
    let late = estates.store.edit_assets(&[number], &edit, &by("ben", 1));
    assert!(matches!(late, Err(StoreError::Edited { .. })));
    let after = risk(&estates);
    assert!(after.importance > before.importance && after.risk > before.risk);

    let mut changed = agent();
    changed.assets[0] = changed.assets[0].clone().with("framework", "langgraph");
    estates.tell(2, 2, &changed);
    let kept = risk(&estates);
    assert_eq!(kept.owner.as_deref(), Some("support"));
    assert_eq!(
        (kept.sensitivity.as_str(), kept.approval),
        ("restricted", Approval::Approved)
    );
    let mine = FindingQuery {
        owner: Some("support".into()),
        ..FindingQuery::default()
    };
    assert_eq!(estates.store.count_findings(&mine, 10).unwrap(), 1);

    let back = AssetEdit {
        owner: Some(None),
        environment: Some(Some("moon".into())),
        ..AssetEdit::default()
    };
    let wrong = estates.store.edit_assets(&[number], &back, &by("ana", 2));
    assert!(matches!(wrong, Err(StoreError::Refused(_))), "{wrong:?}");
    let back = AssetEdit {
        environment: None,
        ..back
    };
    estates
        .store
        .edit_assets(&[number], &back, &by("ana", 2))
        .unwrap();
    assert_eq!(risk(&estates).owner.as_deref(), Some("growth"));
    estates.is_consistent();
}

#[test]
fn slices_meet_every_row_once_in_every_order() {
    let mut estates = Estates::new();
    let mut told = Told::default();
    for number in 0..137_u32 {
        let mut asset = asset(AssetKind::Tool, &format!("app.py#tool-{}", number % 50));
        asset.id = stance_core::AssetId::new(AssetKind::Tool, format!("app.py#{number}"));
        let mut one = finding(number + 1);
        one.severity = Severity::ALL[number as usize % 5];
        one.asset = asset.id.clone();
        told.assets.push(asset);
        told.findings.push(one);
    }
    estates.tell(1, 1, &told);
    for sort in [AssetSort::Risk, AssetSort::Name, AssetSort::FirstSeen] {
        let query = AssetQuery {
            sort,
            ..AssetQuery::default()
        };
        let mut met = Vec::new();
        let mut window = Window::first(10);
        loop {
            let slice = estates.store.assets(&query, &window).unwrap();
            met.extend(slice.rows.iter().map(|row| row.number.0));
            let Some(next) = slice.next else { break };
            window.after = Some(next);
        }
        let unique: BTreeSet<_> = met.iter().collect();
        assert_eq!((met.len(), unique.len()), (137, 137), "{sort:?}");
    }
    let mut worst = Vec::new();
    let mut window = Window::first(7);
    loop {
        let slice = estates
            .store
            .findings(&FindingQuery::default(), &window)
            .unwrap();
        worst.extend(slice.rows.iter().map(|row| row.severity));
        let Some(next) = slice.next else { break };
        window.after = Some(next);
    }
    assert_eq!(worst.len(), 137);
    assert!(worst.is_sorted_by(|a, b| a >= b));
}

#[test]
fn search_finds_parts_of_names_whatever_they_hold() {
    let mut estates = Estates::new();
    let mut told = Told::default();
    for name in ["Über-Modell", "100% safe_tool", "say \"hi\" OR 1", "ab"] {
        let mut one = asset(AssetKind::Tool, &format!("app.py#{name}"));
        one.name = name.to_owned();
        told.assets.push(one);
    }
    estates.tell(1, 1, &told);
    for (text, found) in [
        ("modell", "Über-Modell"),
        ("100% s", "100% safe_tool"),
        ("e_t", "100% safe_tool"),
        ("\"hi\" OR", "say \"hi\" OR 1"),
        ("AB", "ab"),
    ] {
        let query = AssetQuery {
            text: Some(text.to_owned()),
            ..AssetQuery::default()
        };
        assert_eq!(estates.names(&query), [found], "{text}");
    }
    for text in ["%%%", "x\" OR name:*", "NEAR(", "zzz"] {
        let query = AssetQuery {
            text: Some(text.to_owned()),
            ..AssetQuery::default()
        };
        assert!(estates.names(&query).is_empty(), "{text}");
    }
}

#[test]
fn groups_count_the_same_whichever_way_they_are_made() {
    let mut estates = Estates::new();
    let mut told = agent();
    for number in 2..40 {
        let mut one = finding(number);
        one.asset = told.assets[usize::from(number % 3 == 0)].id.clone();
        one.rule = format!("code/rule-{}", number % 4).into();
        one.severity = Severity::ALL[number as usize % 5];
        one.fix = (number % 2 == 0).then(|| format!("do {}", number % 3));
        told.findings.push(one);
    }
    estates.tell(1, 1, &told);
    let all = FindingQuery::default();
    let counted = FindingQuery {
        source: Some(SourceNumber(1)),
        ..FindingQuery::default()
    };
    for by in [GroupBy::Rule, GroupBy::Owner, GroupBy::Fix] {
        let kept = estates.store.finding_groups(by, &all, 100).unwrap();
        let made = estates.store.finding_groups(by, &counted, 100).unwrap();
        assert_eq!(kept, made, "{by:?}");
        assert!(!kept.groups.is_empty() && kept.complete);
    }
    let fixes = estates
        .store
        .finding_groups(GroupBy::Fix, &all, 100)
        .unwrap();
    let group = fixes
        .groups
        .iter()
        .find(|group| group.title == "do 2")
        .unwrap();
    let of_fix = FindingQuery {
        fix: Some(group.key.clone()),
        ..FindingQuery::default()
    };
    let count: u64 = group.counts.iter().sum();
    assert_eq!(estates.store.count_findings(&of_fix, 100).unwrap(), count);
}

#[test]
fn the_neighbourhood_is_bounded_and_says_what_it_leaves_out() {
    let mut estates = Estates::new();
    let mut told = agent();
    let hub = told.assets[0].id.clone();
    for number in 0..60 {
        let tool = asset(AssetKind::Tool, &format!("app.py#tool-{number}"));
        told.relations.push(Relation {
            from: hub.clone(),
            to: tool.id.clone(),
            kind: RelationKind::Calls,
            evidence: Evidence::file("app.py"),
        });
        told.assets.push(tool);
    }
    told.relations.push(Relation {
        from: hub.clone(),
        to: stance_core::AssetId::new(AssetKind::Tool, "nowhere"),
        kind: RelationKind::Calls,
        evidence: Evidence::file("app.py"),
    });
    assert_eq!(estates.tell(1, 1, &told).dangling, 1);
    let around = estates
        .store
        .neighbourhood(estates.number("gpt-4o"), 2, 20)
        .unwrap();
    assert_eq!((around.assets.len(), around.left_out), (20, 42));
    assert_eq!(around.assets[0].0.name, "gpt-4o");
    assert_eq!(
        (around.assets[1].0.name.as_str(), around.assets[1].1),
        ("triage", 1)
    );
    assert_eq!(around.relations.len(), 19);
    told.relations.truncate(1);
    estates.tell(1, 2, &told);
    let around = estates
        .store
        .neighbourhood(estates.number("gpt-4o"), 2, 20)
        .unwrap();
    assert_eq!((around.assets.len(), around.left_out), (2, 0));
}

#[test]
fn a_source_that_is_not_there_tells_nothing() {
    let mut estates = Estates::new();
    let told = agent();
    let ingest = Ingest {
        source: SourceNumber(99),
        run: None,
        at: Timestamp::UNIX_EPOCH,
        assets: &told.assets,
        relations: &told.relations,
        findings: &told.findings,
        coverage: &told.coverage,
        unjudged: &told.unjudged,
        judged: told.judged.as_ref(),
        deadlines: Deadlines::default(),
    };
    let refused = estates.store.ingest(&ingest);
    assert!(
        matches!(refused, Err(StoreError::NoSource(_))),
        "{refused:?}"
    );
    assert_eq!(estates.store.tally().unwrap().all_assets(), 0);
}

#[test]
fn the_history_tells_how_the_score_stood_and_what_moved_it() {
    let mut estates = Estates::new();
    let told = agent();
    estates.tell(1, 1, &told);
    estates.tell(1, 2, &told);
    let clean = Told {
        findings: vec![],
        ..told.clone()
    };
    estates.tell(1, 3, &clean);
    let points = estates.store.posture(time(1), time(4), 100).unwrap();
    assert_eq!(
        points.len(),
        2,
        "what moves nothing is no point: {points:?}"
    );
    assert!(points[0].score < points[1].score);
    assert_eq!((points[0].findings[1], points[1].findings[1]), (1, 0));
    assert!(
        points
            .iter()
            .all(|it| it.lower <= it.score && it.score <= it.upper)
    );
    let moved = estates.store.movements(time(2), 5).unwrap();
    assert_eq!(moved.len(), 1);
    assert_eq!(
        (moved[0].asset_name.as_str(), moved[0].closed),
        ("triage", 1)
    );
    let gain = points[1].score.minus(points[0].score);
    assert!(
        (moved[0].value - gain.0).abs() < 1_000,
        "{moved:?} {gain:?}"
    );
    // A line begins at its edge: the last point before the time is there.
    let later = estates.store.posture(time(4), time(9), 100).unwrap();
    assert_eq!(later.len(), 1);
    let thin = estates.store.posture(time(1), time(30), 1).unwrap();
    assert_eq!(thin.len(), 1);
}

#[test]
fn a_pulse_differs_once_something_changed_and_only_then() {
    let mut estates = Estates::new();
    estates.tell(1, 1, &agent());
    let before = estates.store.pulse().unwrap();
    assert_eq!(estates.store.pulse().unwrap(), before);
    let (number, _) = estates.only_finding();
    estates
        .store
        .dismiss(&[number], "no", &by("ana", 2))
        .unwrap();
    let after = estates.store.pulse().unwrap();
    assert_ne!(after.findings, before.findings);
    assert_ne!(after.score, before.score);
    assert_eq!(after.changes, before.changes);
}

#[test]
fn a_visit_tells_when_the_one_before_was() {
    let mut estates = Estates::new();
    let mut at = |minutes: i64| {
        let now = time(1) + jiff::SignedDuration::from_mins(minutes);
        estates.store.visit("user:1", now).unwrap()
    };
    assert_eq!(at(0), None);
    assert_eq!(at(10), None);
    assert_eq!(at(200), Some(time(1) + jiff::SignedDuration::from_mins(10)));
    assert_eq!(at(210), Some(time(1) + jiff::SignedDuration::from_mins(10)));
}

#[test]
fn every_decision_and_every_look_stands_in_the_audit_log() {
    use stance_store::audit::{AuditLog as _, AuditQuery};

    let mut estates = Estates::new();
    estates.tell(1, 1, &agent());
    let (number, _) = estates.only_finding();
    let one = [number];
    estates
        .store
        .assign(&one, Some("user:1"), &by("user:1", 1))
        .unwrap();
    estates
        .store
        .comment(&one, "seen", &by("user:1", 1))
        .unwrap();
    let waiver = estates
        .store
        .request_waiver(&one, "why", time(9), &by("user:1", 1))
        .unwrap();
    estates
        .store
        .decide_waiver(waiver, true, "", &by("user:2", 2))
        .unwrap();
    estates.store.expire_waivers(time(10)).unwrap();
    let edit = AssetEdit {
        owner: Some(Some("x".into())),
        ..AssetEdit::default()
    };
    let asset = estates.number("triage");
    estates
        .store
        .edit_assets(&[asset], &edit, &by("user:1", 3))
        .unwrap();
    let refused = estates.store.comment(&one, "", &by("user:1", 3));
    assert!(refused.is_err());
    let entries = estates
        .store
        .audit_entries(&AuditQuery::default(), 100)
        .unwrap();
    let told: Vec<(&str, &str)> = entries
        .iter()
        .map(|it| (it.action.as_str(), it.actor.id.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("source.scanned", "scanner"),
            ("finding.assign", "user:1"),
            ("finding.comment", "user:1"),
            ("waiver.request", "user:1"),
            ("waiver.approve", "user:2"),
            ("waiver.expire", "stance"),
            ("asset.edit", "user:1"),
        ]
    );
}

#[test]
fn a_source_that_is_removed_takes_its_own_along_and_fixes_nothing() {
    use stance_store::sources::Sources as _;

    let mut estates = Estates::new();
    estates.tell(1, 1, &agent());
    estates.tell(2, 1, &agent());
    estates
        .store
        .remove_source(SourceNumber(1), time(2))
        .unwrap();
    let names = estates.names(&AssetQuery {
        sort: AssetSort::Name,
        ..AssetQuery::default()
    });
    assert_eq!(
        names,
        ["gpt-4o", "triage"],
        "what the other source sees stays"
    );
    assert_eq!(
        estates
            .store
            .count_findings(&FindingQuery::default(), 10)
            .unwrap(),
        1
    );
    let gone = FindingQuery {
        states: States::Only(FindingState::Gone),
        ..FindingQuery::default()
    };
    let rows = estates
        .store
        .findings(&gone, &Window::default())
        .unwrap()
        .rows;
    assert_eq!(rows.len(), 1);
    let detail = estates.store.finding(rows[0].number).unwrap().unwrap();
    assert_eq!(detail.fixed, None);
    assert_eq!(detail.transitions.last().unwrap().state, FindingState::Gone);
    let model = estates.number("gpt-4o");
    let around = estates.store.neighbourhood(model, 1, 10).unwrap();
    assert_eq!(around.assets.len(), 2);
    let again = estates.store.remove_source(SourceNumber(1), time(3));
    assert!(matches!(again, Err(StoreError::NoSource(_))));
    estates.is_consistent();
}

#[test]
fn another_owner_of_a_source_owns_what_nobody_else_was_given() {
    use stance_store::sources::Sources as _;

    let mut estates = Estates::new();
    let mut told = agent();
    told.assets.push(asset(AssetKind::Tool, "app.py#refund"));
    estates.tell(2, 1, &told);
    let own = AssetEdit {
        owner: Some(Some("billing".into())),
        ..AssetEdit::default()
    };
    let refund = estates.number("refund");
    estates
        .store
        .edit_assets(&[refund], &own, &by("ana", 1))
        .unwrap();
    let mut settings = estates
        .store
        .source(SourceNumber(2))
        .unwrap()
        .source
        .settings;
    settings.owner = Some("support".into());
    settings.environment = stance_core::Environment::Production;
    let triage = estates.number("triage");
    let before = estates.store.asset(triage).unwrap().unwrap().row;
    estates
        .store
        .edit_source(SourceNumber(2), &settings, 0, time(2))
        .unwrap();
    let after = estates.store.asset(triage).unwrap().unwrap().row;
    assert_eq!(after.owner.as_deref(), Some("support"));
    assert_eq!(after.environment, "production");
    assert!(after.importance > before.importance);
    let kept = estates.store.asset(refund).unwrap().unwrap().row;
    assert_eq!(kept.owner.as_deref(), Some("billing"));
    let theirs = FindingQuery {
        owner: Some("support".into()),
        ..FindingQuery::default()
    };
    assert_eq!(estates.store.count_findings(&theirs, 10).unwrap(), 1);
    estates.is_consistent();
}
