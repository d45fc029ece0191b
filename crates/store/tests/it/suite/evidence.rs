//! What rules show, for the states of controls.

use stance_core::Severity;
use stance_store::{Estate as _, FindingNumber};

use super::Place;
use super::estates::{Estates, agent, by};
use crate::fixture::time;

pub(crate) fn what_a_rule_shows_follows_its_findings_and_the_looks_at_sources<P: Place>() {
    let mut estates = Estates::<P>::new();
    let mut told = agent();
    told.findings[0].severity = Severity::High;
    let rule = told.findings[0].rule.to_string();
    let shown = |estates: &Estates<P>| {
        let all = estates.store.rule_evidence(&[&rule, "x/other"]).unwrap();
        (all[rule.as_str()], all["x/other"])
    };
    assert_eq!(shown(&estates).0.last_run, None, "nobody looked");

    estates.tell(1, 1, &told);
    let (of_rule, other) = shown(&estates);
    assert_eq!(
        (of_rule.failing, of_rule.minor, of_rule.accepted),
        (1, 0, 0)
    );
    assert_eq!(of_rule.last_run, Some(time(1)));
    assert!(!of_rule.complete, "one source was not looked at yet");
    assert_eq!(other.applied, 0, "silence is no evidence");

    let mut clean = told.clone();
    clean.findings.clear();
    estates.tell(2, 3, &clean);
    assert!(shown(&estates).0.complete);
    assert_eq!(shown(&estates).0.last_run, Some(time(1)), "the oldest look");

    let decision = by("user:1", 3);
    let number = FindingNumber(1);
    estates
        .store
        .dismiss(&[number], "wrong", &decision)
        .unwrap();
    assert_eq!(shown(&estates).0.failing, 0);
    estates
        .store
        .reopen(&[number], "not wrong", &decision)
        .unwrap();
    assert_eq!(shown(&estates).0.failing, 1);

    estates.tell(1, 4, &clean);
    let (of_rule, _) = shown(&estates);
    assert_eq!(
        (of_rule.failing, of_rule.applied),
        (0, 1),
        "fixed on an asset that is there"
    );
    estates.tell(1, 5, &Default::default());
    estates.tell(2, 5, &Default::default());
    assert_eq!(shown(&estates).0.applied, 0, "the asset is gone");
}
