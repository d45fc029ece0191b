use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan as _};
use proptest::prelude::*;

use super::*;

fn day(day: i64) -> Timestamp {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    start.checked_add((24 * day).hours()).unwrap()
}

fn fixed(first: i64, last: i64) -> Lifetime {
    Lifetime {
        first_seen: day(first),
        fixed: Some(day(last)),
    }
}

fn open(first: i64) -> Lifetime {
    Lifetime {
        first_seen: day(first),
        fixed: None,
    }
}

#[test]
fn nothing_known_is_nowhere_a_number() {
    for measure in measure(&Inputs::default()) {
        assert_eq!(measure.value, None, "{}", measure.kpi.id);
        assert_eq!(measure.state, State::Unknown, "{}", measure.kpi.id);
    }
    let empty = Inputs {
        assets: Some(AssetCounts::default()),
        files: Some((0, 0)),
        controls: Some((0, 0)),
        remediation: BTreeMap::from([(Severity::High, Remediation::of([], day(0)))]),
        score_after: Some(Points::HUNDRED),
        ..Inputs::default()
    };
    for measure in measure(&empty) {
        assert_eq!(measure.value, None, "{}", measure.kpi.id);
    }
}

#[test]
fn every_figure_gets_a_value_from_its_own_input() {
    let inputs = Inputs {
        assets: Some(AssetCounts {
            all: 200,
            judged: 190,
            sanctioned: 150,
            owned: 100,
        }),
        files: Some((1_000, 20)),
        open: Some(BTreeMap::from([
            (Severity::Critical, 0),
            (Severity::High, 4),
        ])),
        fixed: Some(12),
        remediation: Severity::ALL
            .into_iter()
            .map(|severity| {
                (
                    severity,
                    Remediation::of([fixed(0, 2), fixed(0, 10)], day(30)),
                )
            })
            .collect(),
        controls: Some((30, 40)),
        detections_stopped: Some(7),
        score_before: Some(Points(80_000_000_000)),
        score_after: Some(Points(81_500_000_000)),
        waivers_expiring: Some(1),
        overdue: Some(6),
    };
    let measured = measure(&inputs);
    let ids: BTreeSet<&str> = measured.iter().map(|it| it.kpi.id).collect();
    assert_eq!(ids.len(), KPIS.len(), "an id twice");
    for it in &measured {
        assert!(it.value.is_some(), "{} has no value", it.kpi.id);
    }
    for (id, value, state) in [
        ("asset_coverage", 95.0, State::Met),
        ("file_coverage", 98.0, State::Near),
        ("open_critical", 0.0, State::Met),
        ("open_high", 4.0, State::Near),
        ("open_medium", 0.0, State::Met),
        ("open_low", 0.0, State::NoTarget),
        ("findings_overdue", 6.0, State::Missed),
        ("findings_fixed", 12.0, State::NoTarget),
        ("remediation_median_critical", 2.0, State::Met),
        ("remediation_p90_critical", 10.0, State::Near),
        ("compliance_adherence", 75.0, State::Near),
        ("score_improvement", 1.5, State::Met),
        ("sanctioned", 75.0, State::Missed),
        ("owned", 50.0, State::Missed),
    ] {
        let it = measured.iter().find(|it| it.kpi.id == id).unwrap();
        assert_eq!((it.value, it.state), (Some(value), state), "{id}");
    }
    let own = Kpi::find("owned").unwrap().aiming(Some(50.0), None);
    assert_eq!(own.state(Some(50.0)), State::Met);
    assert_eq!(own.state(Some(49.9)), State::Missed);
}

#[test]
fn targets_lie_on_the_better_side_of_thresholds() {
    for kpi in KPIS {
        if let Some((target, threshold)) = kpi.target.zip(kpi.threshold) {
            let right = match kpi.better {
                Better::Higher => target >= threshold,
                Better::Lower => target <= threshold,
            };
            assert!(right, "{}", kpi.id);
        }
        assert!(
            kpi.definition.ends_with('.') && kpi.definition.len() > 30,
            "{}",
            kpi.id
        );
    }
}

#[test]
fn open_findings_count_as_taking_longer() {
    let quick = [fixed(0, 1), fixed(0, 2), fixed(0, 3), fixed(0, 4)];
    let of = |more: &[Lifetime]| Remediation::of(quick.iter().chain(more).copied(), day(100));
    assert_eq!(of(&[]).median, Some(2.0));
    assert_eq!(of(&[]).p90, Some(4.0));
    // Two that lie there for a hundred days: after the third fix half of six are left.
    let two = of(&[open(0), open(0)]);
    assert_eq!((two.median, two.p90), (Some(3.0), None));
    assert_eq!((two.fixed, two.open), (4, 2));
    // Six: never half of them.
    assert_eq!(of(&[open(0); 6]).median, None);
    // Ones that are there since yesterday say little.
    assert_eq!(of(&[open(100), open(100)]).median, Some(2.0));
}

#[test]
fn a_textbook_example_of_kaplan_and_meier() {
    // Ages 6 6 6 6* 7 9* 10 10* 11* 13 16 17* 19* 20* 22 23 25* 32* 32* 34* 35* with * for censored: the treated
    // patients of Freireich et al. (Blood 21, 1963); the share falls to 0.448 at 23.
    let events = [6, 6, 6, 7, 10, 13, 16, 22, 23].map(|age| fixed(0, age));
    let censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|age| open(100 - age));
    let result = Remediation::of(events.into_iter().chain(censored), day(100));
    assert_eq!((result.median, result.p90), (Some(23.0), None));
    assert_eq!((result.fixed, result.open), (9, 12));
}

#[test]
fn fixed_counts_by_when_it_was_fixed_last() {
    let all = [fixed(0, 1), fixed(0, 5), fixed(4, 10), open(2)];
    assert_eq!(fixed_within(all, day(5), day(10)), 1);
    assert_eq!(fixed_within(all, day(0), day(11)), 3);
}

proptest! {
    /// How findings are put together changes nothing.
    #[test]
    fn groups_say_what_their_findings_say(
        groups in proptest::collection::vec((0_i64..50, proptest::option::of(0_i64..50), 0_u64..5), 0..12),
    ) {
        let groups: Vec<(Lifetime, u64)> = groups
            .into_iter()
            .map(|(first, length, count)| {
                let lifetime = length.map_or(open(first), |length| fixed(first, first + length));
                (lifetime, count)
            })
            .collect();
        let single = groups
            .iter()
            .flat_map(|(it, count)| (0..*count).map(move |_| *it));
        prop_assert_eq!(
            Remediation::of_groups(groups.iter().copied(), day(100)),
            Remediation::of(single, day(100))
        );
    }

    /// One more that is open never makes fixing look quicker.
    #[test]
    fn leaving_a_finding_open_never_flatters(
        closed in proptest::collection::vec((0_i64..50, 0_i64..50), 0..12),
        opened in proptest::collection::vec(0_i64..100, 0..12),
        more in 0_i64..100,
    ) {
        let all: Vec<Lifetime> = closed
            .iter()
            .map(|(first, length)| fixed(*first, first + length))
            .chain(opened.iter().map(|first| open(*first)))
            .collect();
        let before = Remediation::of(all.iter().copied(), day(100));
        let after = Remediation::of(all.into_iter().chain([open(more)]), day(100));
        let longest = |days: Option<f64>| days.unwrap_or(f64::INFINITY);
        prop_assert!(longest(after.median) >= longest(before.median));
        prop_assert!(longest(after.p90) >= longest(before.p90));
        prop_assert!(longest(after.p90) >= longest(after.median));
    }
}
