//! What rules show, for the states of controls.

use jiff::Timestamp;
use stance_core::Severity;
use stance_core::compliance::RuleEvidence;
use stance_store::{Estate as _, FindingNumber};

use super::Place;
use super::estates::{Estates, Told, agent, by};
use crate::fixture::time;

/// What a rule shows when looks since a day are fresh.
fn shown<P: Place>(estates: &Estates<P>, rule: &str, fresh: Timestamp) -> RuleEvidence {
    estates.store.rule_evidence(&[rule], fresh).unwrap()[rule]
}

/// The same state of a source without findings, in which rules judged this many things.
fn clean(judged: &[(&str, u64)]) -> Told {
    Told {
        findings: Vec::new(),
        judged: Some(
            judged
                .iter()
                .map(|(rule, count)| ((*rule).to_owned(), *count))
                .collect(),
        ),
        ..agent()
    }
}

pub(crate) fn what_a_rule_shows_follows_its_findings_and_the_looks_at_sources<P: Place>() {
    let mut estates = Estates::<P>::new();
    let mut told = agent();
    told.findings[0].severity = Severity::High;
    let rule = told.findings[0].rule.to_string();
    let of_rule = |estates: &Estates<P>| shown(estates, &rule, time(0));
    assert_eq!(of_rule(&estates).last_run, None, "nobody looked");

    estates.tell(1, 1, &told);
    let it = of_rule(&estates);
    assert_eq!((it.failing, it.minor, it.accepted), (1, 0, 0));
    assert_eq!(it.last_run, Some(time(1)));
    assert_eq!(
        shown(&estates, "x/other", time(0)).applied,
        0,
        "silence is no evidence"
    );

    let mut fixed = told.clone();
    fixed.findings.clear();
    estates.tell(2, 3, &fixed);
    assert_eq!(of_rule(&estates).last_run, Some(time(1)), "the oldest look");

    let decision = by("user:1", 3);
    let number = FindingNumber(1);
    estates
        .store
        .dismiss(&[number], "wrong", &decision)
        .unwrap();
    assert_eq!(of_rule(&estates).failing, 0);
    estates
        .store
        .reopen(&[number], "not wrong", &decision)
        .unwrap();
    assert_eq!(of_rule(&estates).failing, 1);

    estates.tell(1, 4, &fixed);
    let it = of_rule(&estates);
    assert_eq!(
        (it.failing, it.applied),
        (0, 1),
        "fixed on an asset that is there"
    );
    estates.tell(1, 5, &Told::default());
    estates.tell(2, 5, &Told::default());
    assert_eq!(of_rule(&estates).applied, 0, "the asset is gone");
}

pub(crate) fn what_a_rule_judged_in_fresh_looks_is_evidence<P: Place>() {
    let mut estates = Estates::<P>::new();
    let of_rule = |estates: &Estates<P>, fresh| shown(estates, "model/pickle-exec", fresh);
    let other = clean(&[("model/pickle-exec", 0)]);
    estates.tell(1, 1, &clean(&[("model/pickle-exec", 7)]));
    estates.tell(2, 9, &other);

    let it = of_rule(&estates, time(0));
    assert_eq!((it.applied, it.last_run), (7, Some(time(1))));
    assert!(it.complete);
    let old = of_rule(&estates, time(5));
    assert_eq!(
        (old.applied, old.last_run),
        (7, Some(time(1))),
        "the newest look that judged anything is old, whatever came since"
    );

    estates.tell(2, 9, &clean(&[("model/pickle-exec", 2)]));
    let it = of_rule(&estates, time(5));
    assert_eq!((it.applied, it.last_run), (2, Some(time(9))), "fresh ones");
    assert_eq!(of_rule(&estates, time(0)).applied, 9);

    // A rule that is off says nothing; one that judged nothing ran.
    estates.tell(1, 10, &clean(&[]));
    estates.tell(2, 10, &other);
    let it = of_rule(&estates, time(5));
    assert_eq!((it.applied, it.last_run), (0, Some(time(10))));
    estates.tell(2, 11, &clean(&[]));
    assert_eq!(of_rule(&estates, time(5)).applied, 0);
}

pub(crate) fn a_look_that_left_something_out_is_not_complete<P: Place>() {
    let mut estates = Estates::<P>::new();
    let mut told = clean(&[("model/pickle-exec", 7)]);
    estates.tell(2, 1, &clean(&[]));
    told.coverage.skip("excluded");
    estates.tell(1, 1, &told);
    assert!(shown(&estates, "model/pickle-exec", time(0)).complete);
    told.coverage.skip("malformed");
    estates.tell(1, 2, &told);
    assert!(!shown(&estates, "model/pickle-exec", time(0)).complete);
}

pub(crate) fn every_asset_is_held_against_the_approved_state<P: Place>() {
    let mut estates = Estates::<P>::new();
    let of_rule =
        |estates: &Estates<P>| shown(estates, "governance/unapproved-change", time(0)).applied;
    estates.tell(1, 1, &agent());
    assert_eq!(of_rule(&estates), 0, "the first state is the approved one");
    estates.tell(1, 2, &agent());
    assert_eq!(of_rule(&estates), agent().assets.len() as u64);
}

pub(crate) fn a_gap_in_a_known_asset_counts_once_in_the_score<P: Place>() {
    let mut estates = Estates::<P>::new();
    let mut told = agent();
    told.coverage.skip("malformed");
    estates.tell(1, 1, &told);
    let beside = estates.store.tally().unwrap().totals;
    told.unjudged.insert("app.py".to_owned());
    estates.tell(1, 2, &told);
    let inside = estates.store.tally().unwrap().totals;
    assert!(inside.unscanned < beside.unscanned, "it is an asset's gap");
    assert!(
        inside.risk.worst > beside.risk.worst,
        "the asset is not judged"
    );
}

pub(crate) fn a_source_that_fails_is_missing_where_it_told_something<P: Place>() {
    use stance_store::SourceNumber;
    use stance_store::sources::{NewRun, RunEnd, Sources as _};

    let mut estates = Estates::<P>::new();
    // Both are directories: what nobody looked at could hold anything.
    let missing = estates.store.missing().unwrap();
    assert_eq!(missing.len(), 2);
    assert!(
        missing
            .iter()
            .all(|it| it.areas.is_none() && it.scanned.is_none())
    );

    estates.tell(
        1,
        1,
        &clean(&[("model/pickle-exec", 7), ("code/torch-load", 0)]),
    );
    estates.tell(2, 1, &clean(&[("shadow/unsanctioned-service", 1)]));
    assert_eq!(estates.store.missing().unwrap(), []);
    let mut fail = |source: i64, day: i64| {
        let asked = NewRun {
            source: SourceNumber(source),
            cause: "person",
            actor: None,
            job: "scan",
            priority: 0,
        };
        let run = estates.store.ask_run(&asked, time(day)).unwrap().run;
        let end = RunEnd::Failed { error: "not there" };
        estates.store.end_run(run, &end, "", time(day)).unwrap();
    };
    fail(1, 2);
    fail(1, 3);
    let [one] = &estates.store.missing().unwrap()[..] else {
        panic!("one fails");
    };
    assert_eq!(
        (one.source, one.since, one.scanned),
        (1, time(2), Some(time(1)))
    );
    assert!(
        one.concerns("model/other"),
        "a kind of thing that it told about"
    );
    assert!(one.concerns("governance/unapproved-change"));
    assert!(!one.concerns("shadow/unsanctioned-service"));
    assert!(
        !one.concerns("code/torch-load"),
        "it was on and met nothing of its area"
    );
}
