//! What waivers and inline comments do to findings.

use jiff::civil::date;
use stance_core::evidence::{Evidence, Locus};
use stance_core::fact::{Allow, Fact, Gap, GapReason};
use stance_core::finding::Status;
use stance_core::policy::Selector;
use stance_core::{Coverage, Finding, Observation, Policy, Severity, Snapshot, Waiver};
use stance_rules::{clock, judge};

fn at(path: &str, line: u32) -> Evidence {
    Evidence {
        locus: Locus::Line {
            line,
            column: 1,
            width: 1,
        },
        ..Evidence::file(path)
    }
}

/// A finding of `coverage/parser-stopped` at a line.
fn stopped(path: &str, line: u32) -> Observation {
    observe(Fact::Gap(Box::new(Gap {
        reason: GapReason::Malformed,
        detail: "unexpected end".to_owned(),
        evidence: at(path, line),
    })))
}

/// A comment on one line.
fn allow(path: &str, line: u32, rule: &str, reason: &str) -> Observation {
    observe(Fact::Allow(Box::new(Allow {
        rule: rule.to_owned(),
        reason: reason.to_owned(),
        lines: (line, line),
        evidence: at(path, line),
    })))
}

fn observe(fact: Fact) -> Observation {
    let subject = match &fact {
        Fact::Gap(gap) => gap.evidence.path.clone(),
        Fact::Allow(allow) => allow.evidence.path.clone(),
        _ => unreachable!("only these are made here"),
    };
    Observation {
        source: "test",
        subject,
        fact,
    }
}

fn findings(observations: Vec<Observation>, policy: Policy) -> Vec<Finding> {
    let snapshot = Snapshot::new("test", clock(), policy, observations, Coverage::default());
    judge(&snapshot).findings
}

fn of<'f>(findings: &'f [Finding], rule: &str) -> Vec<&'f Finding> {
    findings
        .iter()
        .filter(|finding| finding.rule == rule)
        .collect()
}

#[test]
fn a_comment_with_a_reason_suppresses_its_line_and_no_other() {
    let found = findings(
        vec![
            stopped("a.json", 3),
            stopped("a.json", 4),
            stopped("b.json", 3),
            allow("a.json", 3, "coverage/*", "a template"),
        ],
        Policy::default(),
    );
    let status: Vec<_> = of(&found, "coverage/parser-stopped")
        .iter()
        .map(|finding| {
            (
                &*finding.evidence.path,
                finding.evidence.locus.line(),
                finding.status,
            )
        })
        .collect();
    assert_eq!(
        status,
        [
            ("a.json", Some(3), Status::Suppressed),
            ("a.json", Some(4), Status::Open),
            ("b.json", Some(3), Status::Open),
        ]
    );
    assert!(of(&found, "governance/unmatched-allow").is_empty());
}

#[test]
fn a_comment_without_a_reason_is_void_and_said_to_be() {
    let found = findings(
        vec![
            stopped("a.json", 3),
            allow("a.json", 3, "coverage/parser-stopped", ""),
        ],
        Policy::default(),
    );
    assert_eq!(
        of(&found, "coverage/parser-stopped")[0].status,
        Status::Open
    );
    assert_eq!(of(&found, "governance/allow-without-reason").len(), 1);
    assert!(of(&found, "governance/unmatched-allow").is_empty());
}

#[test]
fn a_comment_that_matches_nothing_says_what_was_meant() {
    let found = findings(
        vec![
            allow("a.json", 9, "coverage/parser-stoped", "a template"),
            allow("tests/a.json", 9, "coverage/limit", "a template"),
        ],
        Policy::default(),
    );
    let unmatched = of(&found, "governance/unmatched-allow");
    assert_eq!(unmatched.len(), 2);
    assert!(
        unmatched[0].message.contains("`coverage/parser-stopped`"),
        "{}",
        unmatched[0].message
    );
    assert_eq!(unmatched[0].severity, Severity::Low);
    assert_eq!(
        unmatched[1].severity,
        Severity::Info,
        "a test is not production"
    );
}

#[test]
fn a_waiver_accepts_until_its_last_day_and_then_counts_what_it_hid() {
    let judged = |expires| {
        let waiver = Waiver {
            rule: "coverage/*".to_owned(),
            selector: Selector::Path("a/**".to_owned()),
            reason: "templates".to_owned(),
            owner: "docs@example.org".to_owned(),
            expires,
            evidence: Evidence::file("stance.toml"),
        };
        let policy = Policy {
            waivers: vec![waiver],
            ..Policy::default()
        };
        findings(vec![stopped("a/x.json", 1), stopped("a/y.json", 1)], policy)
    };
    let today = clock().to_zoned(jiff::tz::TimeZone::UTC).date();
    let holds = judged(today);
    assert!(
        of(&holds, "coverage/parser-stopped")
            .iter()
            .all(|finding| finding.status == Status::Accepted)
    );
    assert_eq!(holds.len(), 2);

    let expired = judged(date(2026, 1, 31));
    assert!(
        of(&expired, "coverage/parser-stopped")
            .iter()
            .all(|finding| finding.is_open())
    );
    let [finding] = of(&expired, "governance/expired-waiver")[..] else {
        panic!("one finding about the waiver: {expired:?}");
    };
    assert!(
        finding.message.contains("2 findings count again"),
        "{}",
        finding.message
    );
}

#[test]
fn a_gap_in_a_model_weighs_more_than_one_in_a_test_fixture() {
    let severity = |path| findings(vec![stopped(path, 1)], Policy::default())[0].severity;
    assert_eq!(severity("models/ranker.pkl"), Severity::Medium);
    assert_eq!(severity("tests/models/ranker.pkl"), Severity::Medium);
    assert_eq!(severity("config/app.json"), Severity::Low);
    assert_eq!(severity("tests/fixtures/broken.json"), Severity::Info);
}
