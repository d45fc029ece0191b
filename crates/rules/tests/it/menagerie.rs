//! All examples of all rules in one tree, judged by all rules at once.

use std::collections::BTreeSet;

use stance_core::fact::{Fact, Secret};
use stance_core::{Coverage, Finding, Observation, Policy, Snapshot, digest};
use stance_rules::{Content, Example, all, clock, judge, observe};

use crate::assert_none;

/// Every example with a directory of its own.
fn examples() -> impl Iterator<Item = (String, &'static Example)> {
    all().flat_map(|entry| {
        let meta = &entry.meta;
        let bad = meta.bad.iter().enumerate();
        let good = meta.good.iter().enumerate();
        bad.map(|(index, example)| (format!("{}/bad-{index}/", meta.id), example))
            .chain(good.map(|(index, example)| (format!("{}/good-{index}/", meta.id), example)))
    })
}

/// What a scan of the whole tree sees: the facts of each file, and all policies as one.
fn collect() -> (Vec<Vec<Observation>>, Policy) {
    let mut policy = Policy::default();
    let observations = examples()
        .map(|(directory, example)| {
            // Switched-off rules would leave the others without company.
            let decided = example.policy.map(|policy| policy()).unwrap_or_default();
            policy.waivers.extend(decided.waivers);
            observe(example, &directory).0
        })
        .collect();
    (observations, policy)
}

fn findings(observations: Vec<Observation>, policy: &Policy) -> Vec<Finding> {
    let snapshot = Snapshot::new(
        "menagerie",
        clock(),
        policy.clone(),
        observations,
        Coverage::default(),
    );
    judge(&snapshot).findings
}

#[test]
fn the_order_in_which_files_are_seen_does_not_matter() {
    let (mut files, policy) = collect();
    let in_order = findings(files.concat(), &policy);
    files.reverse();
    assert_eq!(in_order, findings(files.concat(), &policy), "reversed");
    for seed in 1..=4_u64 {
        shuffle(&mut files, seed);
        assert_eq!(in_order, findings(files.concat(), &policy), "seed {seed}");
    }
}

/// Fisher-Yates with a multiplicative congruential generator (Knuth's MMIX constants).
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for last in (1..items.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        items.swap(last, usize::try_from(state >> 33).unwrap() % (last + 1));
    }
}

#[test]
fn findings_come_worst_first_with_unique_ids_and_evidence() {
    let (files, policy) = collect();
    let seen: BTreeSet<_> = files
        .iter()
        .flatten()
        .map(|observation| observation.subject.clone())
        .collect();
    let findings = findings(files.concat(), &policy);
    let mut problems = Vec::new();
    let mut ids = BTreeSet::new();
    for finding in &findings {
        if !ids.insert(&finding.id) {
            problems.push(format!(
                "{}: the id {} comes twice",
                finding.rule, finding.id
            ));
        }
        for evidence in std::iter::once(&finding.evidence).chain(&finding.more_evidence) {
            // Decisions are written in the configuration, which is not part of the tree.
            // What a container that is one model holds is a fact about the container.
            let outer = evidence.path.split('!').next().unwrap_or_default();
            let known = seen.contains(&evidence.path)
                || seen.contains(outer)
                || &*evidence.path == "stance.toml";
            if !known {
                problems.push(format!(
                    "{}: its evidence is `{}`, which nobody saw",
                    finding.rule, evidence.path
                ));
            }
        }
    }
    for pair in findings.windows(2) {
        if pair[0].severity < pair[1].severity {
            problems.push(format!(
                "{} ({}) comes before {} ({})",
                pair[0].rule, pair[0].severity, pair[1].rule, pair[1].severity
            ));
        }
    }
    assert_none(&problems);
}

#[test]
fn no_secret_is_reported_whole() {
    let mut problems = Vec::new();
    let mut recovered = 0_usize;
    let mut secrets_seen = false;
    for (directory, example) in examples() {
        let (observations, _) = observe(example, &directory);
        let secrets: Vec<&Secret> = observations
            .iter()
            .filter_map(|observation| match &observation.fact {
                Fact::Secret(secret) => Some(&**secret),
                _ => None,
            })
            .collect();
        if secrets.is_empty() {
            continue;
        }
        secrets_seen = true;
        let values: Vec<String> = secrets
            .iter()
            .flat_map(|secret| values_of(secret, example))
            .collect();
        recovered += values.len();
        let reported = serde_json::to_string(&findings(observations, &Policy::default())).unwrap();
        problems.extend(
            values
                .iter()
                .filter(|value| reported.contains(*value))
                .map(|value| format!("{directory}: `{value}` is reported whole")),
        );
    }
    assert_none(&problems);
    assert!(
        recovered > 0 || !secrets_seen,
        "no secret value was recovered from an example, so the test proves nothing"
    );
}

/// The value behind a secret fact, searched in the example by its first
/// characters, its length and its digest.
fn values_of(secret: &Secret, example: &Example) -> Vec<String> {
    let Some((start, rest)) = secret.redacted.split_once('…') else {
        return Vec::new();
    };
    let length: String = rest.chars().filter(char::is_ascii_digit).collect();
    let Ok(length) = length.parse::<usize>() else {
        return Vec::new();
    };
    let mut values = Vec::new();
    for (_, content) in example.files {
        let text = match content {
            Content::Text(text) => (*text).to_owned(),
            Content::Made(make) => String::from_utf8_lossy(&make()).into_owned(),
            Content::Gap(..)
            | Content::Signature(_)
            | Content::Advisories(_)
            | Content::Observed(_)
            | Content::Compared(_) => continue,
        };
        for (at, _) in text.match_indices(start) {
            let value: String = text[at..].chars().take(length).collect();
            if digest::sha256_hex(value.as_bytes()).starts_with(&secret.digest) {
                values.push(value);
            }
        }
    }
    values
}

#[test]
fn what_is_reported_holds_nothing_to_redact() {
    let (files, policy) = collect();
    let mut problems = Vec::new();
    for finding in findings(files.concat(), &policy) {
        let excerpts = std::iter::once(&finding.evidence)
            .chain(&finding.more_evidence)
            .map(|evidence| &*evidence.excerpt);
        let texts = excerpts
            .chain([finding.message.as_str()])
            .chain(finding.notes.iter().map(String::as_str))
            .chain(finding.fix.as_deref());
        for text in texts {
            let redacted = stance_inspect::redact::redact(text);
            if redacted != text {
                problems.push(format!(
                    "{}: `{text}` should read `{redacted}`",
                    finding.rule
                ));
            }
        }
    }
    assert_none(&problems);
}
