//! Joining verdicts.

use super::{MOST_REASONS, MOST_UNSCANNED, Verdict};

impl Verdict {
    /// Both verdicts as one: every reason of either, up to [`MOST_REASONS`], the sternest kept.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.reasons.extend(other.reasons);
        self.policies.extend(other.policies);
        self.scanned.extend(other.scanned);
        self.unscanned.extend(other.unscanned);
        self.cut |= other.cut;
        self.trim();
        self
    }

    /// Keeps the first of each set. The first of a union do not depend on how it came about, which keeps joining associative.
    pub(super) fn trim(&mut self) {
        while self.reasons.len() > MOST_REASONS {
            self.reasons.pop_last();
            self.cut = true;
        }
        while self.unscanned.len() > MOST_UNSCANNED {
            self.unscanned.pop_last();
            self.cut = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use stance_core::exchange::{Origin, Unjudged};

    use super::super::{Action, Place, Reason, Score};
    use super::*;

    fn reason() -> impl Strategy<Value = Reason> {
        (0..5_usize, 0..40_u32, 0..30_u32, any::<bool>()).prop_map(
            |(action, rule, score, failed)| Reason {
                action: Action::ALL[action],
                rule: format!("area/{rule}"),
                score: Score::of(score as f32 / 30.0),
                places: vec![Place {
                    pointer: "/a".into(),
                    start: rule,
                    end: rule,
                }],
                note: String::new(),
                failed,
            },
        )
    }

    fn verdict() -> impl Strategy<Value = Verdict> {
        let reasons = proptest::collection::vec(reason(), 0..50);
        let gaps = proptest::collection::vec(0..100_u32, 0..50);
        (reasons, gaps, 0..3_u8).prop_map(|(reasons, gaps, policy)| {
            let mut verdict = Verdict::allow(&format!("policy-{policy}"));
            for reason in reasons {
                verdict.add(reason);
            }
            for gap in gaps {
                verdict.missed(Unjudged {
                    pointer: format!("/{gap}"),
                    what: "too long".into(),
                });
            }
            verdict.looked("flow", Origin::ALL[usize::from(policy)]);
            verdict
        })
    }

    proptest! {
        #[test]
        fn joining_does_not_depend_on_order(a in verdict(), b in verdict(), c in verdict()) {
            let left = a.clone().join(b.clone()).join(c.clone());
            let right = a.clone().join(b.clone().join(c));
            prop_assert_eq!(left, right);
            prop_assert_eq!(a.clone().join(b.clone()), b.join(a.clone()));
            prop_assert_eq!(a.clone().join(a.clone()), a.clone());
            prop_assert_eq!(a.clone().join(Verdict::default()), a);
        }

        #[test]
        fn joining_never_makes_milder(a in verdict(), b in verdict()) {
            let both = a.clone().join(b.clone());
            prop_assert_eq!(both.action(), a.action().max(b.action()));
        }
    }

    #[test]
    fn the_sternest_survives_a_flood_of_mild_ones() {
        let mut verdict = Verdict::allow("p");
        let one = |action, rule: String| Reason {
            action,
            rule,
            score: Score::FULL,
            places: Vec::new(),
            note: String::new(),
            failed: false,
        };
        for at in 0..1000 {
            verdict.add(one(Action::Flag, format!("area/{at}")));
        }
        verdict.add(one(Action::Block, "area/last".into()));
        assert_eq!(verdict.action(), Action::Block);
        assert_eq!(verdict.reasons().count(), MOST_REASONS);
        assert!(verdict.is_cut());
    }

    #[test]
    fn a_verdict_is_stored_and_read_back() {
        let mut verdict = Verdict::allow("p");
        verdict.looked("flow", Origin::User);
        let text = serde_json::to_string(&verdict).unwrap();
        assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), verdict);
    }
}
