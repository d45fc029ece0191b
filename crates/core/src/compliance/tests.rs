use proptest::prelude::*;

use super::*;

const CONTROL: &str = "owasp-llm-2025:LLM03";
const NOW: &str = "2026-06-30T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn days_ago(days: i64) -> Timestamp {
    now()
        .checked_sub(SignedDuration::from_hours(24 * days))
        .unwrap()
}

fn clean() -> RuleEvidence {
    RuleEvidence {
        last_run: Some(days_ago(1)),
        applied: 12,
        complete: true,
        ..RuleEvidence::default()
    }
}

fn attested(expires: &str) -> Attestation {
    Attestation {
        by: "ada".to_owned(),
        expires: expires.parse().unwrap(),
    }
}

const RULES: [&str; 3] = ["model/a", "model/b", "model/c"];

fn inputs(evidence: &[RuleEvidence]) -> Inputs<'static> {
    Inputs {
        links: RULES.iter().map(|rule| (*rule, CONTROL)).collect(),
        rules: RULES.into_iter().zip(evidence.iter().copied()).collect(),
        ..Inputs::default()
    }
}

fn of(inputs: &Inputs<'_>) -> ControlState {
    states(inputs, now(), FRESH_DAYS)
        .into_iter()
        .find(|it| it.control.framework == "owasp-llm-2025" && it.control.id == "LLM03")
        .unwrap()
}

#[test]
fn every_control_has_a_state_and_without_anything_none_is_evidenced() {
    let all = states(&Inputs::default(), now(), FRESH_DAYS);
    assert_eq!(all.len(), control::controls().count());
    for it in &all {
        assert_eq!(it.state, State::NoEvidence, "{:?}", it.control);
        assert_eq!(it.reasons, [Reason::NoRule]);
    }
    assert_eq!(adherence(&all), (0, 0));
    let counts = summary(&all);
    assert_eq!(counts.len(), control::frameworks().len());
    assert_eq!(
        counts["owasp-llm-2025"],
        BTreeMap::from([(State::NoEvidence, 10)])
    );
}

/// A source that fails since yesterday.
fn source(area: Option<&str>) -> Missing {
    Missing {
        source: 7,
        name: "payments".to_owned(),
        since: days_ago(1),
        scanned: Some(days_ago(2)),
        areas: area.map(|area| [area.to_owned()].into()),
    }
}

#[test]
fn a_source_that_fails_is_named_with_since_when() {
    let mut seen = inputs(&[clean()]);
    assert_eq!(of(&seen).state, State::Met);
    seen.missing.push(source(Some("model")));
    let control = of(&seen);
    assert_eq!(control.state, State::Partly);
    assert_eq!(
        control.reasons[0].to_string(),
        "payments could not be looked at since 2026-06-29T12:00:00Z"
    );
    seen.missing[0].scanned = None;
    assert_eq!(
        of(&seen).reasons[0].to_string(),
        "payments, added 2026-06-29T12:00:00Z, was never looked at"
    );
}

#[test]
fn each_row_of_the_table() {
    let old = RuleEvidence {
        last_run: Some(days_ago(31)),
        ..clean()
    };
    let gaps = RuleEvidence {
        complete: false,
        ..clean()
    };
    let failing = RuleEvidence {
        failing: 2,
        ..clean()
    };
    let minor = RuleEvidence {
        minor: 1,
        ..clean()
    };
    let accepted = RuleEvidence {
        accepted: 1,
        ..clean()
    };
    let nothing_to_judge = RuleEvidence {
        applied: 0,
        ..clean()
    };
    for (evidence, state, ran) in [
        (vec![clean()], State::Met, 1),
        (vec![clean(), old], State::Met, 1),
        (vec![clean(), gaps], State::Met, 2),
        (vec![gaps], State::Partly, 1),
        (vec![clean(), minor], State::Partly, 2),
        (vec![clean(), accepted], State::Partly, 2),
        (vec![clean(), failing], State::NotMet, 2),
        (vec![RuleEvidence { failing: 1, ..old }], State::NotMet, 0),
        (vec![old], State::Stale, 0),
        (vec![nothing_to_judge], State::NoEvidence, 0),
        (vec![RuleEvidence::default()], State::NoEvidence, 0),
    ] {
        let it = of(&inputs(&evidence));
        assert_eq!(
            (it.state, it.ran, it.rules),
            (state, ran, 3),
            "{evidence:?}"
        );
    }
    let edge = RuleEvidence {
        last_run: Some(days_ago(30)),
        ..clean()
    };
    assert_eq!(of(&inputs(&[edge])).state, State::Met);
}

#[test]
fn reasons_say_what_decides_first() {
    let failing = RuleEvidence {
        failing: 2,
        minor: 1,
        ..clean()
    };
    let it = of(&inputs(&[clean(), failing]));
    assert_eq!(it.open, 3);
    let told: Vec<String> = it.reasons.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "2 open findings of model/b",
            "1 open minor finding of model/b",
            "model/a judged 12 things and found nothing",
            "model/c did not run",
        ]
    );
    let old = RuleEvidence {
        last_run: Some(days_ago(40)),
        ..clean()
    };
    assert_eq!(
        of(&inputs(&[old])).reasons[0].to_string(),
        "model/a judged something last on 2026-05-21T12:00:00Z"
    );
}

#[test]
fn a_persons_word_fills_gaps_and_covers_nothing_up() {
    let with = |evidence: &[RuleEvidence], expires: &str| {
        let mut inputs = inputs(evidence);
        inputs.attestations.insert(CONTROL, attested(expires));
        of(&inputs)
    };
    assert_eq!(with(&[], "2026-06-30").state, State::Attested);
    assert_eq!(with(&[], "2026-06-29").state, State::Stale);
    assert_eq!(
        with(&[], "2026-06-29").reasons[0].to_string(),
        "the attestation by ada expired on 2026-06-29"
    );
    assert_eq!(with(&[clean()], "2026-12-31").state, State::Met);
    let failing = RuleEvidence {
        failing: 1,
        ..clean()
    };
    assert_eq!(with(&[failing], "2026-12-31").state, State::NotMet);
    let gaps = RuleEvidence {
        complete: false,
        ..clean()
    };
    assert_eq!(with(&[gaps], "2026-12-31").state, State::Partly);

    let mut declared = inputs(&[failing]);
    declared
        .not_applicable
        .insert(CONTROL, "no models are trained");
    let it = of(&declared);
    assert_eq!(it.state, State::NotApplicable);
    assert_eq!(
        it.reasons[0].to_string(),
        "declared not applicable: no models are trained"
    );
    // It does not hide that something is open.
    assert_eq!(it.open, 1);
}

#[test]
fn findings_count_by_severity_confidence_and_status() {
    let mut evidence = RuleEvidence::default();
    for (severity, confidence, status) in [
        (Severity::Critical, Confidence::High, Status::Open),
        (Severity::Medium, Confidence::Medium, Status::Open),
        (Severity::High, Confidence::Low, Status::Open),
        (Severity::Low, Confidence::High, Status::Open),
        (Severity::Info, Confidence::High, Status::Open),
        (Severity::Info, Confidence::High, Status::Accepted),
        (Severity::High, Confidence::High, Status::Accepted),
        (Severity::High, Confidence::High, Status::Suppressed),
        (Severity::High, Confidence::High, Status::Baseline),
    ] {
        evidence.count(severity, confidence, status);
    }
    assert_eq!(
        (evidence.failing, evidence.minor, evidence.accepted),
        (2, 2, 3)
    );
}

#[test]
fn adherence_counts_evidence_only() {
    let state = |state| ControlState {
        state,
        ..of(&Inputs::default())
    };
    let all: Vec<ControlState> = State::ALL.into_iter().map(state).collect();
    // Met of met, partly, not met and stale.
    assert_eq!(adherence(&all), (1, 4));
}

#[test]
fn unknown_references_change_nothing() {
    let mut inputs = Inputs::default();
    inputs.links.push(("model/a", "owasp-llm-2025:LLM99"));
    inputs.rules.insert("model/a", clean());
    assert_eq!(
        states(&inputs, now(), FRESH_DAYS),
        states(&Inputs::default(), now(), FRESH_DAYS)
    );
}

fn evidences() -> impl Strategy<Value = RuleEvidence> {
    let few = || prop_oneof![4 => Just(0_u64), 1 => 1..3_u64];
    (
        proptest::option::of(0_i64..60),
        0..3_u64,
        any::<bool>(),
        few(),
        few(),
        few(),
    )
        .prop_map(
            |(age, applied, complete, failing, minor, accepted)| RuleEvidence {
                last_run: age.map(days_ago),
                applied,
                complete,
                failing,
                minor,
                accepted,
            },
        )
}

proptest! {
    #[test]
    fn nothing_is_met_without_evidence(all in proptest::collection::vec(evidences(), 0..=3)) {
        let state = of(&inputs(&all)).state;
        if state == State::Met {
            let shown = all.iter().any(|it| {
                it.applied > 0 && it.complete && it.last_run.is_some_and(|at| at >= days_ago(30))
            });
            prop_assert!(shown);
            prop_assert!(all.iter().all(|it| it.failing == 0 && it.minor == 0 && it.accepted == 0));
        }
    }

    /// Whatever evidence of runs is taken away, a control that was not met before is not met for that.
    #[test]
    fn knowing_less_never_passes(all in proptest::collection::vec(evidences(), 1..=3), which in 0..3_usize, how in 0..4) {
        let before = of(&inputs(&all)).state;
        let mut less = all.clone();
        let one = which % less.len();
        match how {
            0 => less[one].last_run = None,
            1 => less[one].applied = 0,
            2 => less[one].complete = false,
            _ => less[one].last_run = less[one].last_run.map(|_| days_ago(100)),
        }
        let after = of(&inputs(&less)).state;
        prop_assert!(before == State::Met || after != State::Met, "{before:?} became {after:?}");
    }

    /// A source that cannot be looked at makes nothing better, whatever it could have told; and nothing but what rules
    /// of its areas speak of worse.
    #[test]
    fn a_source_less_never_helps(all in proptest::collection::vec(evidences(), 0..=3), area in 0..3_usize) {
        let before = of(&inputs(&all));
        let mut less = inputs(&all);
        less.missing.push(source([None, Some("model"), Some("shadow")][area]));
        let after = of(&less);
        prop_assert!(after.state <= before.state);
        prop_assert!(after.state != State::Met || area == 2);
        if area == 2 {
            prop_assert_eq!(after, before);
        } else {
            let named = after.reasons.iter().any(|it| matches!(it, Reason::Unseen { source: 7, .. }));
            prop_assert!(named);
        }
    }

    #[test]
    fn a_finding_more_never_helps(all in proptest::collection::vec(evidences(), 1..=3), which in 0..3_usize, how in 0..3) {
        let before = of(&inputs(&all)).state;
        let mut more = all.clone();
        let one = which % more.len();
        match how {
            0 => more[one].failing += 1,
            1 => more[one].minor += 1,
            _ => more[one].accepted += 1,
        }
        prop_assert!(of(&inputs(&more)).state <= before);
    }

    #[test]
    fn the_order_of_links_does_not_matter(all in proptest::collection::vec(evidences(), 3)) {
        let there = inputs(&all);
        let mut back = there.clone();
        back.links.reverse();
        back.links.push(("model/b", CONTROL));
        prop_assert_eq!(of(&back), of(&there));
    }
}
