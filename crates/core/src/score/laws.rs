//! What holds for any estate.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    Classification, Confidence, Criticality, Environment, Exposure, Sensitivity, Severity,
};

#[derive(Clone, Debug, PartialEq)]
struct Estate {
    assets: BTreeMap<u8, AssetState>,
    unscanned: i64,
}

#[derive(Clone, Debug, PartialEq)]
struct AssetState {
    importance: u32,
    judged: bool,
    findings: BTreeMap<u8, i64>,
}

impl AssetState {
    fn account(&self) -> Account {
        Account::of(
            self.importance,
            self.judged,
            self.findings.values().copied(),
        )
    }
}

impl Estate {
    fn totals(&self) -> Totals {
        Totals::of(
            self.assets.values().map(AssetState::account),
            self.unscanned,
        )
    }

    fn score(&self) -> Score {
        self.totals().score().unwrap()
    }
}

fn weights() -> impl Strategy<Value = i64> {
    (0..5_usize, 0..3_usize, 0..5_usize).prop_map(|(severity, confidence, exposure)| {
        weight(
            Severity::ALL[severity],
            Confidence::ALL[confidence],
            Exposure::ALL[exposure],
        )
    })
}

fn importances() -> impl Strategy<Value = u32> {
    (0..5_usize, 0..5_usize, 0..5_usize).prop_map(|(sensitivity, criticality, environment)| {
        Classification {
            sensitivity: Sensitivity::ALL[sensitivity],
            criticality: Criticality::ALL[criticality],
            environment: Environment::ALL[environment],
        }
        .importance()
    })
}

fn assets() -> impl Strategy<Value = AssetState> {
    (
        importances(),
        any::<bool>(),
        proptest::collection::btree_map(any::<u8>(), weights(), 0..6),
    )
        .prop_map(|(importance, judged, findings)| AssetState {
            importance,
            judged,
            findings,
        })
}

fn estates() -> impl Strategy<Value = Estate> {
    (
        proptest::collection::btree_map(0..8_u8, assets(), 1..8),
        prop_oneof![Just(0), 0..20 * ONE],
    )
        .prop_map(|(assets, unscanned)| Estate { assets, unscanned })
}

fn no_better(after: Score, before: Score) -> Result<(), TestCaseError> {
    prop_assert!(after.value <= before.value, "{after:?} {before:?}");
    prop_assert!(after.lower <= before.lower, "{after:?} {before:?}");
    prop_assert!(after.upper <= before.upper, "{after:?} {before:?}");
    Ok(())
}

proptest! {
    #[test]
    fn the_interval_holds_the_score(estate in estates()) {
        let score = estate.score();
        prop_assert!(Points(0) <= score.lower);
        prop_assert!(score.lower <= score.value);
        prop_assert!(score.value <= score.upper);
        prop_assert!(score.upper <= Points::HUNDRED);
    }

    #[test]
    fn a_finding_more_never_helps(estate in estates(), which in any::<prop::sample::Index>(), weight in weights()) {
        let mut worse = estate.clone();
        let key = *which.get(&estate.assets.keys().copied().collect::<Vec<_>>());
        *worse.assets.get_mut(&key).unwrap().findings.entry(0).or_default() += weight;
        no_better(worse.score(), estate.score())?;
    }

    #[test]
    fn looking_at_less_never_helps(estate in estates(), which in any::<prop::sample::Index>(), more in 0..50 * ONE) {
        let mut blind = estate.clone();
        let key = *which.get(&estate.assets.keys().copied().collect::<Vec<_>>());
        blind.assets.get_mut(&key).unwrap().judged = false;
        no_better(blind.score(), estate.score())?;
        blind.unscanned += more;
        no_better(blind.score(), estate.score())?;
    }

    /// Where an asset drops out of sight with all its findings, the lower end does not rise.
    #[test]
    fn losing_sight_of_an_asset_never_raises_the_lower_end(estate in estates(), which in any::<prop::sample::Index>()) {
        prop_assume!(estate.assets.len() > 1);
        let key = *which.get(&estate.assets.keys().copied().collect::<Vec<_>>());
        let mut blind = estate.clone();
        let lost = blind.assets.remove(&key).unwrap();
        blind.unscanned += i64::from(lost.importance);
        prop_assert!(blind.score().lower <= estate.score().lower);
    }

    /// What a finding gives back is what the score, computed from scratch without it, has more.
    #[test]
    fn fixing_gives_back_exactly_what_was_said(estate in estates()) {
        let totals = estate.totals();
        for (key, asset) in &estate.assets {
            for (finding, weight) in &asset.findings {
                let gain = totals.gain(asset.account().relief(*weight));
                prop_assert!(gain >= Points(0));
                let mut fixed = estate.clone();
                fixed.assets.get_mut(key).unwrap().findings.remove(finding);
                prop_assert_eq!(gain, fixed.score().value.minus(estate.score().value));
                no_better(estate.score(), fixed.score())?;
            }
        }
    }

    /// A campaign that fixes findings of several assets gives back the sum of what is relieved.
    #[test]
    fn reliefs_of_different_assets_add_up(estate in estates()) {
        let mut relief = Risk::default();
        let mut fixed = estate.clone();
        for asset in fixed.assets.values_mut() {
            relief = relief.plus(asset.account().relief(asset.account().weight));
            asset.findings.clear();
        }
        prop_assert_eq!(
            estate.totals().gain(relief),
            fixed.score().value.minus(estate.score().value)
        );
    }

    #[test]
    fn the_order_does_not_matter(estate in estates(), seed in any::<u64>()) {
        let mut accounts: Vec<Account> = estate
            .assets
            .values()
            .map(|asset| Account::of(asset.importance, asset.judged, asset.findings.values().rev().copied()))
            .collect();
        let length = accounts.len();
        accounts.rotate_left(seed as usize % length);
        accounts.reverse();
        prop_assert_eq!(Totals::of(accounts, estate.unscanned), estate.totals());
    }

    /// The store's way, one touched asset at a time, ends where a computation from scratch does.
    #[test]
    fn step_by_step_is_the_same_as_from_scratch(
        start in estates(),
        steps in proptest::collection::vec((0..8_u8, 0..6_u8, any::<u8>(), weights(), importances()), 0..40),
    ) {
        let mut estate = start.clone();
        let mut totals = start.totals();
        let mut accounts: BTreeMap<u8, Account> =
            start.assets.iter().map(|(key, asset)| (*key, asset.account())).collect();
        for (key, step, finding, weight, importance) in steps {
            let before = accounts.get(&key).copied();
            let Some(mut account) = before else {
                let asset = AssetState { importance, judged: step % 2 == 0, findings: BTreeMap::from([(finding, weight)]) };
                let account = asset.account();
                totals.replace(None, Some(&account));
                accounts.insert(key, account);
                estate.assets.insert(key, asset);
                continue;
            };
            let asset = estate.assets.get_mut(&key).unwrap();
            match step {
                0 | 1 => {
                    if let Some(old) = asset.findings.insert(finding, weight) {
                        account = account.closed(old);
                    }
                    account = account.opened(weight);
                }
                2 => {
                    if let Some((_, old)) = asset.findings.pop_first() {
                        account = account.closed(old);
                    }
                }
                3 => {
                    asset.importance = importance;
                    account.importance = importance;
                }
                4 => {
                    asset.judged = !asset.judged;
                    account.judged = !account.judged;
                }
                _ => {
                    totals.replace(before.as_ref(), None);
                    accounts.remove(&key);
                    estate.assets.remove(&key);
                    continue;
                }
            }
            totals.replace(before.as_ref(), Some(&account));
            accounts.insert(key, account);
        }
        prop_assert_eq!(totals, estate.totals());
    }

    #[test]
    fn what_assets_take_away_adds_up(estate in estates()) {
        let totals = estate.totals();
        let lost: i64 = estate.assets.values().map(|asset| totals.lost(asset.account().risk()).0).sum();
        let away = Points::HUNDRED.minus(estate.score().value).0;
        prop_assert!((away - lost).abs() <= estate.assets.len() as i64 + 1, "{away} {lost}");
    }

    /// All movements add up to the difference, but for a billionth of a point each and what rounding the sums takes.
    #[test]
    fn what_moved_it_adds_up(from in estates(), to in estates()) {
        let (before, after) = (from.totals(), to.totals());
        let names: Vec<String> = (0..=255).map(|key: u8| key.to_string()).collect();
        let changes = changes(&from, &to, &names);
        let moved_all = moved(&before, &after, changes.clone(), usize::MAX).unwrap();
        prop_assert_eq!(moved_all.value, to.score().value.minus(from.score().value));
        prop_assert_eq!(moved_all.lower, to.score().lower.minus(from.score().lower));
        // An asset's likelihood is rounded to a billionth of its importance, which may be 0.2 and all there is.
        let bound = 1_000 * (moved_all.movements.len() as i64 + 4);
        prop_assert!(moved_all.rest_value.0.abs() <= bound, "{moved_all:?}");
        prop_assert!(moved_all.rest_lower.0.abs() <= bound, "{moved_all:?}");
        prop_assert_eq!(moved_all.rest_count, 0);

        let few = moved(&before, &after, changes, 2).unwrap();
        prop_assert_eq!(&few.movements[..], &moved_all.movements[..few.movements.len()]);
        let sum = few.movements.iter().fold(few.rest_value, |sum, it| sum.plus(it.value));
        prop_assert_eq!(sum, few.value);
        for it in &moved_all.movements {
            match it.cause {
                Cause::FindingOpened => prop_assert!(it.value.0 <= 0 && it.lower.0 <= 0),
                Cause::FindingClosed => prop_assert!(it.value.0 >= 0 && it.lower.0 >= 0),
                Cause::Findings => prop_assert!(false, "every finding was told apart"),
                _ => {}
            }
        }
    }
}

fn changes<'a>(from: &Estate, to: &Estate, names: &'a [String]) -> Vec<AssetChange<'a>> {
    (0..8_u8)
        .filter(|key| from.assets.get(key) != to.assets.get(key))
        .map(|key| {
            let (before, after) = (from.assets.get(&key), to.assets.get(&key));
            let weight_of = |asset: Option<&AssetState>, finding: u8| {
                asset.map_or(0, |asset| {
                    asset.findings.get(&finding).copied().unwrap_or(0)
                })
            };
            AssetChange {
                asset: &names[usize::from(key)],
                before: before.map(AssetState::account),
                after: after.map(AssetState::account),
                findings: (0..=255)
                    .map(|finding| FindingChange {
                        finding: &names[usize::from(finding)],
                        before: weight_of(before, finding),
                        after: weight_of(after, finding),
                    })
                    .filter(|it| it.before != it.after)
                    .collect(),
            }
        })
        .collect()
}

#[test]
fn more_left_out_moves_the_lower_end_alone() {
    let importance = Classification::default().importance();
    let account = Account::of(
        importance,
        true,
        [weight(Severity::High, Confidence::High, Exposure::Public)],
    );
    let before = Totals::of([account], 0);
    let after = Totals::of([account], i64::from(importance));
    let moved = moved(&before, &after, [], 10).unwrap();
    assert_eq!(moved.value, Points(0));
    // From 40 to 20.
    assert!((moved.lower.as_f64() + 20.0).abs() < 1e-4);
    assert_eq!(moved.movements[0].cause, Cause::CoverageChanged);
    assert!(moved.rest_lower.0.abs() < 10);
}
