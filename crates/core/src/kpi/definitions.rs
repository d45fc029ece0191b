//! What each figure means.

use super::{Better, Kpi, Unit};

/// All figures, in the order in which people are shown them.
#[rustfmt::skip]
pub const KPIS: &[Kpi] = &[
    kpi("asset_coverage", "Assets looked at", Unit::Percent, Better::Higher, Some(95.0), Some(80.0),
        "Share of all known assets that the last scan of their source looked at as a whole, without a gap."),
    kpi("file_coverage", "Files judged", Unit::Percent, Better::Higher, Some(99.0), Some(95.0),
        "Share of the files met by the last scan of each source that were not left out: unreadable, too large, malformed, encrypted or over a limit."),
    kpi("open_critical", "Open critical findings", Unit::Count, Better::Lower, Some(0.0), Some(0.0),
        "Findings of critical severity that are open or reopened now; accepted ones and false positives do not count."),
    kpi("open_high", "Open high findings", Unit::Count, Better::Lower, Some(0.0), Some(10.0),
        "Findings of high severity that are open or reopened now."),
    kpi("open_medium", "Open medium findings", Unit::Count, Better::Lower, Some(50.0), Some(200.0),
        "Findings of medium severity that are open or reopened now."),
    kpi("open_low", "Open low findings", Unit::Count, Better::Lower, None, None,
        "Findings of low severity that are open or reopened now."),
    kpi("findings_overdue", "Overdue findings", Unit::Count, Better::Lower, Some(0.0), Some(5.0),
        "Open findings whose due date, counted from when they were opened by their severity, is over."),
    kpi("findings_fixed", "Fixed findings", Unit::Count, Better::Higher, None, None,
        "Findings that are fixed and were so for the last time within the period."),
    kpi("remediation_median_critical", "Time to remediate, critical, median", Unit::Days, Better::Lower, Some(3.5), Some(7.0),
        "Days within which half of the critical findings are fixed, from first seen to fixed for the last time. Open ones count as not fixed at their present age (Kaplan-Meier); not known until half of them are fixed."),
    kpi("remediation_p90_critical", "Time to remediate, critical, nine in ten", Unit::Days, Better::Lower, Some(7.0), Some(14.0),
        "Days within which nine in ten of the critical findings are fixed, computed as the median is."),
    kpi("remediation_median_high", "Time to remediate, high, median", Unit::Days, Better::Lower, Some(15.0), Some(30.0),
        "Days within which half of the high findings are fixed, computed as for critical ones."),
    kpi("remediation_p90_high", "Time to remediate, high, nine in ten", Unit::Days, Better::Lower, Some(30.0), Some(60.0),
        "Days within which nine in ten of the high findings are fixed."),
    kpi("remediation_median_medium", "Time to remediate, medium, median", Unit::Days, Better::Lower, Some(45.0), Some(90.0),
        "Days within which half of the medium findings are fixed, computed as for critical ones."),
    kpi("remediation_p90_medium", "Time to remediate, medium, nine in ten", Unit::Days, Better::Lower, Some(90.0), Some(180.0),
        "Days within which nine in ten of the medium findings are fixed."),
    kpi("remediation_median_low", "Time to remediate, low, median", Unit::Days, Better::Lower, Some(90.0), Some(180.0),
        "Days within which half of the low findings are fixed, computed as for critical ones."),
    kpi("remediation_p90_low", "Time to remediate, low, nine in ten", Unit::Days, Better::Lower, Some(180.0), Some(360.0),
        "Days within which nine in ten of the low findings are fixed."),
    kpi("compliance_adherence", "Controls met", Unit::Percent, Better::Higher, Some(90.0), Some(70.0),
        "Share of the applicable controls with evidence (met, partly, not met, stale) that are met. Controls without evidence, and those that only a person attests, count on neither side."),
    kpi("detections_stopped", "Detections stopped", Unit::Count, Better::Higher, None, None,
        "Interactions at run time that were blocked or redacted within the period."),
    kpi("score_improvement", "Score improvement", Unit::Points, Better::Higher, Some(1.0), Some(0.0),
        "Posture score at the end of the period less that at its beginning, both by the same version of the formula."),
    kpi("sanctioned", "Sanctioned assets", Unit::Percent, Better::Higher, Some(100.0), Some(90.0),
        "Share of all known assets that somebody sanctioned; those nobody decided about are not."),
    kpi("owned", "Assets with an owner", Unit::Percent, Better::Higher, Some(95.0), Some(80.0),
        "Share of all known assets for which somebody answers."),
    kpi("waivers_expiring", "Waivers about to expire", Unit::Count, Better::Lower, Some(0.0), Some(5.0),
        "Waivers that hold today and whose last day is within the next 30 days."),
];

const fn kpi(
    id: &'static str,
    title: &'static str,
    unit: Unit,
    better: Better,
    target: Option<f64>,
    threshold: Option<f64>,
    definition: &'static str,
) -> Kpi {
    Kpi {
        id,
        title,
        definition,
        unit,
        better,
        target,
        threshold,
    }
}
