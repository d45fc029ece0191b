//! From a snapshot to findings.

use std::collections::BTreeMap;

use stance_core::fact::{Allow, Fact};
use stance_core::finding::Status;
use stance_core::policy::rule_matches;
use stance_core::{Finding, Snapshot};
use stance_inspect::Interests;

use crate::advisories::Pins;
use crate::context::{Cx, Memo};
use crate::rule::{Entry, WaiverUse};

/// What the rules say about a snapshot.
#[derive(Debug)]
pub struct Judgement {
    /// What they say, worst first.
    pub findings: Vec<Finding>,
    /// How many facts, assets or files each rule that is on judged, good ones included: where it is 0, that the rule
    /// found nothing means nothing.
    pub judged: BTreeMap<String, u64>,
}

/// Judges a snapshot with every rule that the policy leaves on. The findings
/// come worst first; equal snapshots give equal findings.
#[must_use]
pub fn judge(snapshot: &Snapshot) -> Judgement {
    let mut active: Vec<Active> = crate::all()
        .filter(|entry| entry.rule.is_of_scans())
        .filter(|entry| !snapshot.policy.rules.is_disabled(entry.meta.id))
        .map(|entry| Active {
            entry,
            judged: 0,
            calls: Interests::new(entry.rule.calls().iter().copied()),
        })
        .collect();
    let pins = Pins::new(snapshot);
    let mut findings = Vec::new();
    run(&mut active, snapshot, &pins, &mut findings);
    finish(snapshot, &mut findings);
    let allows = suppress(snapshot, &mut findings);
    let waivers = accept(snapshot, &mut findings);

    let mut about_decisions = Vec::new();
    let memo = Memo::default();
    for Active { entry, judged, .. } in &mut active {
        for (allow, matched) in &allows {
            let asset = snapshot.applications.id_of(&allow.evidence.path);
            let mut cx = Cx::new(
                &entry.meta,
                snapshot,
                &pins,
                asset,
                &memo,
                &mut about_decisions,
            );
            cx.tells();
            entry.rule.allow(allow, *matched, &mut cx);
            *judged = judged.saturating_add(cx.take_judged());
        }
        for (waiver, fate) in snapshot.policy.waivers.iter().zip(&waivers) {
            let asset = snapshot.applications.id_of("");
            let mut cx = Cx::new(
                &entry.meta,
                snapshot,
                &pins,
                asset,
                &memo,
                &mut about_decisions,
            );
            cx.tells();
            entry.rule.waiver(waiver, *fate, &mut cx);
            *judged = judged.saturating_add(cx.take_judged());
        }
    }
    finish(snapshot, &mut about_decisions);
    findings.extend(about_decisions);
    findings.sort_by(|a, b| worst_first(a).cmp(&worst_first(b)));
    let judged = judged(&active, snapshot, &findings);
    Judgement { findings, judged }
}

/// What each rule judged. What it found it judged, whatever it says.
fn judged(active: &[Active], snapshot: &Snapshot, findings: &[Finding]) -> BTreeMap<String, u64> {
    let mut all: BTreeMap<String, u64> = active
        .iter()
        .map(|Active { entry, judged, .. }| {
            let searched = entry.rule.searched(snapshot);
            let judged = if searched > 0 { searched } else { *judged };
            (entry.meta.id.to_owned(), judged)
        })
        .collect();
    for finding in findings {
        if let Some(judged) = all.get_mut(&*finding.rule) {
            *judged = (*judged).max(1);
        }
    }
    all
}

/// A rule that is on, with the calls it wants to see.
struct Active {
    entry: &'static Entry,
    calls: Interests,
    /// What it judged so far.
    judged: u64,
}

fn run(active: &mut [Active], snapshot: &Snapshot, pins: &Pins<'_>, findings: &mut Vec<Finding>) {
    for observation in &snapshot.observations {
        let application = snapshot.applications.id_of(&observation.subject);
        let asset = observation.fact.asset(application);
        let memo = Memo::default();
        for Active {
            entry,
            calls,
            judged,
        } in &mut *active
        {
            let rule = entry.rule;
            let mut cx = Cx::new(&entry.meta, snapshot, pins, &asset, &memo, findings);
            cx.tells();
            match &observation.fact {
                Fact::Artifact(artifact) => rule.artifact(artifact, &mut cx),
                Fact::Code(code) => {
                    rule.code(code, &mut cx);
                    for call in code.calls.iter().filter(|call| calls.wants(&call.callee)) {
                        *judged = judged.saturating_add(cx.take_judged());
                        cx.tells();
                        rule.call(call, &mut cx);
                    }
                }
                Fact::Reference(reference) => rule.reference(reference, &mut cx),
                Fact::Dependency(dependency) => rule.dependency(dependency, &mut cx),
                Fact::McpServer(server) => rule.mcp_server(server, &mut cx),
                Fact::AgentPermission(permission) => rule.permission(permission, &mut cx),
                Fact::Service(service) => rule.service(service, &mut cx),
                Fact::Instructions(instructions) => rule.instructions(instructions, &mut cx),
                Fact::Secret(secret) => rule.secret(secret, &mut cx),
                Fact::Gap(gap) => rule.gap(gap, &mut cx),
                Fact::Manifest(manifest) => rule.manifest(manifest, &mut cx),
                Fact::Signature(signature) => rule.signature(signature, &mut cx),
                Fact::Comparison(comparison) => rule.comparison(comparison, &mut cx),
                Fact::Vulnerable(vulnerable) => rule.vulnerable(vulnerable, &mut cx),
                Fact::AdvisoryState(state) => rule.advisory_state(state, &mut cx),
                Fact::OtherPackage(_)
                | Fact::Opened(_)
                | Fact::Sensitive(_)
                | Fact::Provenance(_)
                | Fact::Relation(_)
                | Fact::Allow(_) => cx.passes(),
            }
            *judged = judged.saturating_add(cx.take_judged());
        }
    }
    let root = snapshot.applications.id_of("");
    let memo = Memo::default();
    for Active { entry, judged, .. } in active {
        for asset in snapshot.assets.values() {
            let mut cx = Cx::new(&entry.meta, snapshot, pins, &asset.id, &memo, findings);
            cx.tells();
            entry.rule.asset(asset, &mut cx);
            *judged = judged.saturating_add(cx.take_judged());
        }
        let mut cx = Cx::new(&entry.meta, snapshot, pins, root, &memo, findings);
        entry.rule.graph(snapshot, &mut cx);
        *judged = judged.saturating_add(cx.take_judged());
    }
}

/// Order by place, ids, severities of the policy.
fn finish(snapshot: &Snapshot, findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        (&a.evidence, &a.rule, &a.asset, &a.message).cmp(&(
            &b.evidence,
            &b.rule,
            &b.asset,
            &b.message,
        ))
    });
    Finding::identify(findings);
    for finding in findings {
        if let Some(severity) = snapshot.policy.rules.severity(&finding.rule) {
            finding.severity = severity;
        }
    }
}

/// Marks what inline comments allow; gives each comment with how many findings it marked.
fn suppress<'s>(snapshot: &'s Snapshot, findings: &mut [Finding]) -> Vec<(&'s Allow, usize)> {
    let mut by_path = BTreeMap::<&str, Vec<(&Allow, usize)>>::new();
    for observation in &snapshot.observations {
        if let Fact::Allow(allow) = &observation.fact {
            by_path
                .entry(&observation.subject)
                .or_default()
                .push((allow, 0));
        }
    }
    for finding in findings {
        let Some(line) = finding.evidence.locus.line() else {
            continue;
        };
        let Some(allows) = by_path.get_mut(&*finding.evidence.path) else {
            continue;
        };
        for (allow, matched) in allows {
            let (first, last) = allow.lines;
            // A comment without a reason is void; the rule about it says so.
            if !allow.reason.is_empty()
                && (first..=last).contains(&line)
                && rule_matches(&allow.rule, &finding.rule)
            {
                finding.status = Status::Suppressed;
                finding.status_reason = Some(allow.reason.clone());
                *matched = matched.saturating_add(1);
            }
        }
    }
    by_path.into_values().flatten().collect()
}

/// Marks what waivers accept; gives the fate of each waiver, in order.
fn accept(snapshot: &Snapshot, findings: &mut [Finding]) -> Vec<WaiverUse> {
    let today = snapshot.today();
    let mut fates = Vec::new();
    for waiver in &snapshot.policy.waivers {
        let expired = waiver.is_expired(today);
        let mut matched = 0_usize;
        for finding in &mut *findings {
            if !waiver.covers(&finding.rule, &finding.evidence.path, &finding.asset) {
                continue;
            }
            matched = matched.saturating_add(1);
            if !expired && finding.status == Status::Open {
                finding.status = Status::Accepted;
                finding.status_reason = Some(format!(
                    "{} (accepted by {} until {})",
                    waiver.reason, waiver.owner, waiver.expires
                ));
            }
        }
        fates.push(match (expired, matched) {
            (true, count) => WaiverUse::Expired(count),
            (false, 0) => WaiverUse::Unmatched,
            (false, count) => WaiverUse::Matched(count),
        });
    }
    fates
}

fn worst_first(finding: &Finding) -> impl Ord + use<'_> {
    (
        std::cmp::Reverse(finding.severity),
        std::cmp::Reverse(finding.confidence),
        &finding.evidence,
        &finding.rule,
        &finding.id,
    )
}
