//! Lists, searches, groups and what is around an asset.

use std::collections::BTreeSet;

use stance_core::{AssetKind, Evidence, Relation, RelationKind, Severity};
use stance_store::{
    AssetQuery, AssetSort, Estate as _, FindingQuery, GroupBy, SourceNumber, Window,
};

use super::Place;
use super::estates::{Estates, Told, agent, asset};
use crate::fixture::finding;

pub(crate) fn slices_meet_every_row_once_in_every_order<P: Place>() {
    let mut estates = Estates::<P>::new();
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

pub(crate) fn search_finds_parts_of_names_whatever_they_hold<P: Place>() {
    let mut estates = Estates::<P>::new();
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
    for text in [
        "%%%",
        "x\" OR name:*",
        "NEAR(",
        "zzz",
        "modell\0b",
        "\0\0\0",
    ] {
        let query = AssetQuery {
            text: Some(text.to_owned()),
            ..AssetQuery::default()
        };
        assert!(estates.names(&query).is_empty(), "{text}");
    }
}

pub(crate) fn groups_count_the_same_whichever_way_they_are_made<P: Place>() {
    let mut estates = Estates::<P>::new();
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
    assert_eq!(
        estates.store.count_findings(&of_fix, 100).unwrap().count,
        count
    );
}

pub(crate) fn the_neighbourhood_is_bounded_and_says_what_it_leaves_out<P: Place>() {
    let mut estates = Estates::<P>::new();
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
