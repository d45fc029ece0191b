use std::collections::BTreeMap;
use std::sync::Arc;

use stance_core::fact::{Dependency, Ecosystem, Fact, Reach, Vulnerable};
use stance_core::{Evidence, Observation, Severity};

use super::{Known, Signals, judge};
use crate::advisory::Advisory;
use crate::source::osv;

/// Something that asks for `name`, in a version or by a constraint.
fn asks(path: &str, name: &str, version: Option<&str>, constraint: &str) -> Observation {
    let path: Arc<str> = path.into();
    Observation {
        source: "test",
        subject: Arc::clone(&path),
        fact: Fact::Dependency(Box::new(Dependency {
            ecosystem: Ecosystem::Pypi,
            name: name.to_owned(),
            constraint: constraint.to_owned(),
            version: version.map(str::to_owned),
            hashed: false,
            origin: None,
            development: false,
            direct: Some(true),
            locked: path.ends_with(".lock"),
            evidence: Evidence::file(path),
        })),
    }
}

fn record(id: &str, aliases: &str, events: &str, more: &str) -> Advisory {
    let text = format!(
        r#"{{"id": "{id}", "aliases": [{aliases}], "affected": [{{"package": {{"ecosystem": "PyPI", "name": "x"}},
            "ranges": [{{"type": "ECOSYSTEM", "events": [{events}]}}]}}]{more}}}"#
    );
    osv::json(text.as_bytes()).unwrap().advisory
}

fn known(advisories: Vec<Advisory>) -> Known {
    Known {
        advisories: BTreeMap::from([((Ecosystem::Pypi, "x".to_owned()), advisories)]),
        signals: BTreeMap::new(),
    }
}

fn vulnerable(observations: &[Observation], known: &Known) -> Vec<Vulnerable> {
    judge(observations, known)
        .into_iter()
        .map(|observation| match observation.fact {
            Fact::Vulnerable(vulnerable) => *vulnerable,
            other => panic!("{other:?}"),
        })
        .collect()
}

const TO_2: &str = r#"{"introduced": "0"}, {"fixed": "2.0"}"#;

#[test]
fn records_of_one_flaw_make_one_flaw() {
    let advisories = vec![
        record("PYSEC-1", r#""CVE-1""#, TO_2, ""),
        record(
            "GHSA-1",
            r#""CVE-1""#,
            r#"{"introduced": "0"}, {"fixed": "2.1"}"#,
            "",
        ),
        record("CVE-9", "", r#"{"introduced": "3"}"#, ""),
    ];
    let found = vulnerable(
        &[asks("r.txt", "x", Some("1.0"), "==1.0")],
        &known(advisories),
    );
    assert_eq!(found.len(), 1);
    let flaws = &found[0].flaws;
    assert_eq!(flaws.len(), 1);
    assert_eq!(flaws[0].id, "CVE-1");
    assert_eq!(flaws[0].aliases, ["GHSA-1", "PYSEC-1"]);
    assert_eq!(flaws[0].fixed.as_deref(), Some("2.1"));
}

#[test]
fn a_record_that_joins_two_groups_leaves_one() {
    let advisories = vec![
        record("A-1", "", TO_2, ""),
        record("B-1", "", TO_2, ""),
        record("CVE-1", r#""A-1", "B-1""#, TO_2, ""),
    ];
    let found = vulnerable(&[asks("r.txt", "x", Some("1.0"), "")], &known(advisories));
    assert_eq!(found[0].flaws.len(), 1);
}

#[test]
fn what_was_taken_back_is_no_flaw_whatever_others_say() {
    let withdrawn = record(
        "GHSA-1",
        r#""CVE-1""#,
        TO_2,
        r#", "withdrawn": "2024-01-01T00:00:00Z""#,
    );
    let mut other = record("CVE-1", "", TO_2, "");
    other.source = "ai-infra-guard".to_owned();
    let found = vulnerable(
        &[asks("r.txt", "x", Some("1.0"), "")],
        &known(vec![withdrawn, other]),
    );
    assert!(found.is_empty());
}

#[test]
fn the_database_of_the_registry_decides_about_versions() {
    let mut other = record("CVE-1", "", r#"{"introduced": "0"}, {"fixed": "9"}"#, "");
    other.source = "ai-infra-guard".to_owned();
    let advisories = vec![other.clone(), record("PYSEC-1", r#""CVE-1""#, TO_2, "")];
    assert!(vulnerable(&[asks("r.txt", "x", Some("3"), "")], &known(advisories)).is_empty());
    let found = vulnerable(&[asks("r.txt", "x", Some("3"), "")], &known(vec![other]));
    assert_eq!(found[0].flaws[0].sources, ["ai-infra-guard"]);
}

#[test]
fn the_lock_file_speaks_for_its_manifest() {
    let advisories = vec![record("CVE-1", "", TO_2, "")];
    let known = known(advisories);
    let manifest = asks("app/pyproject.toml", "x", None, ">=1.0");
    let found = vulnerable(std::slice::from_ref(&manifest), &known);
    assert_eq!(found[0].flaws[0].reach, Reach::Some);
    let safe = [manifest.clone(), asks("uv.lock", "x", Some("2.0"), "")];
    assert!(vulnerable(&safe, &known).is_empty());
    let unsafe_ = [manifest, asks("app/uv.lock", "x", Some("1.5"), "")];
    let found = vulnerable(&unsafe_, &known);
    assert_eq!(found.len(), 1);
    assert!(found[0].dependency.locked);
}

#[test]
fn ranges_say_how_much_of_them_is_affected() {
    let advisories = vec![record("CVE-1", "", TO_2, "")];
    let known = known(advisories);
    for (constraint, want) in [
        ("<2.0", Some(Reach::All)),
        (">=1.0,<1.9", Some(Reach::All)),
        (">=1.0", Some(Reach::Some)),
        // Nobody asked for an old one: what is newest is installed.
        ("", None),
        ("!=1.0", None),
        (">=2.0", None),
    ] {
        let found = vulnerable(&[asks("r.txt", "x", None, constraint)], &known);
        let reach = found.first().map(|one| one.flaws[0].reach);
        assert_eq!(reach, want, "{constraint}");
    }
}

#[test]
fn the_fix_has_no_other_flaw() {
    let advisories = vec![
        record("CVE-1", "", TO_2, ""),
        record(
            "CVE-2",
            "",
            r#"{"introduced": "2.0"}, {"fixed": "2.4"}"#,
            "",
        ),
    ];
    let found = vulnerable(&[asks("r.txt", "x", Some("1.0"), "")], &known(advisories));
    assert_eq!(found[0].flaws.len(), 1);
    assert_eq!(found[0].fixed.as_deref(), Some("2.4"));
}

#[test]
fn what_is_exploited_comes_first() {
    let score = r#", "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]"#;
    let advisories = vec![
        record("CVE-1", "", TO_2, score),
        record("CVE-2", "", TO_2, ""),
    ];
    let mut known = known(advisories);
    let signals = Signals {
        exploited: true,
        likelihood: Some(0.9),
    };
    known.signals.insert("CVE-2".to_owned(), signals);
    let found = vulnerable(&[asks("r.txt", "x", Some("1.0"), "")], &known);
    let flaws = &found[0].flaws;
    assert_eq!(flaws[0].id, "CVE-2");
    assert_eq!(flaws[0].likelihood, Some(0.9));
    assert_eq!(flaws[1].severity, Some(Severity::Critical));
}

#[test]
fn what_a_builder_put_behind_a_version_hides_nothing() {
    let last = record(
        "CVE-1",
        "",
        r#"{"introduced": "0"}, {"last_affected": "2.5.1"}"#,
        "",
    );
    let known = known(vec![last]);
    let found = vulnerable(&[asks("r.txt", "x", Some("2.5.1+cu121"), "")], &known);
    assert_eq!(found.len(), 1);
    assert!(vulnerable(&[asks("r.txt", "x", Some("2.5.2"), "")], &known).is_empty());
}

#[test]
fn what_was_not_looked_for_is_said_at_the_file_that_asks_for_most() {
    let mut observations = vec![asks(".ci/release.yml", "x", None, "")];
    observations.extend(["a", "b", "c"].map(|name| asks("z/uv.lock", name, Some("1.0"), "")));
    let told = super::state(&observations, &super::Stock::default()).unwrap();
    assert_eq!(&*told.subject, "z/uv.lock");
    observations.extend(["a", "b", "c"].map(|name| asks("b/uv.lock", name, Some("1.0"), "")));
    let told = super::state(&observations, &super::Stock::default()).unwrap();
    assert_eq!(&*told.subject, "b/uv.lock");
}
