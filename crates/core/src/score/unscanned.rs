//! How much may lie where nobody looked.

use super::ONE;
use crate::coverage::Coverage;

/// What counts for a source that was never scanned, or none of whose assets is known: ten assets of which nothing is
/// known, in billionths of importance. The assets of a source that was scanned before and cannot be any more are
/// known; they count as not judged instead.
pub const UNSEEN_SOURCE: i64 = 10 * UNSEEN;

/// One asset of which nothing is known, [`crate::Classification::importance`] of nothing said.
const UNSEEN: i64 = 640_000_000;

/// Importance, in billionths, of what a scan left out: every gap counts as one asset of which nothing is known.
///
/// | left out | counts |
/// |---|---|
/// | `excluded`: somebody decided so in the configuration | no |
/// | `symbolic_link`: its end is looked at where it lies, or is a gap of its own | no |
/// | anything else: unreadable, too large, malformed, encrypted, a limit, a defect, weights not fetched | yes |
///
/// Files that no parser understood are not left out: most files of a tree have nothing to do with AI, and those that
/// seemed to have and could not be read are gaps.
///
/// `known` of the gaps are in files that tell assets: these assets count as not judged, and `lower` must not fall
/// twice for one gap.
#[must_use]
pub fn unscanned(coverage: &Coverage, known: u64) -> i64 {
    let gaps = gaps(coverage).saturating_sub(known);
    // At most a million assets' worth of them: sums stay far from the ends of their type.
    let gaps = i64::try_from(gaps).unwrap_or(i64::MAX).min(MOST);
    gaps.saturating_mul(UNSEEN)
}

/// How many times a scan left something out that nobody decided to leave out.
#[must_use]
pub fn gaps(coverage: &Coverage) -> u64 {
    coverage
        .skipped
        .iter()
        .filter(|(reason, _)| !matches!(reason.as_str(), "excluded" | "symbolic_link"))
        .fold(0_u64, |sum, (_, count)| sum.saturating_add(*count))
}

/// Most gaps of one scan that count.
const MOST: i64 = 1_000_000;

const _: () = assert!(UNSEEN < ONE);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classification::Classification;

    #[test]
    fn every_gap_counts_as_an_unknown_asset_and_decisions_do_not() {
        assert_eq!(UNSEEN, i64::from(Classification::default().importance()));
        let mut coverage = Coverage::default();
        assert_eq!(unscanned(&coverage, 0), 0);
        assert_eq!(unscanned(&coverage, 7), 0);
        for reason in [
            "excluded",
            "symbolic_link",
            "malformed",
            "of_a_later_version",
        ] {
            coverage.skip(reason);
        }
        coverage.skip("malformed");
        assert_eq!(unscanned(&coverage, 0), 3 * UNSEEN);
        assert_eq!(unscanned(&coverage, 2), UNSEEN, "two are assets");
        coverage.skipped.insert("limit".to_owned(), u64::MAX);
        assert_eq!(unscanned(&coverage, 0), MOST * UNSEEN);
    }
}
