//! One flaw has many numbers: records that share one are about the same flaw.

use std::collections::BTreeMap;

use crate::advisory::Advisory;

/// Records about the same flaw, the best source first.
pub(super) struct Group<'a> {
    pub(super) members: Vec<&'a Advisory>,
}

impl Group<'_> {
    /// Every number of it, each once: CVE first, then those of the databases.
    pub(super) fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self
            .members
            .iter()
            .flat_map(|member| {
                std::iter::once(&member.id)
                    .chain(&member.aliases)
                    .map(String::as_str)
            })
            .collect();
        ids.sort_by_key(|id| (rank(id), *id));
        ids.dedup();
        ids
    }
}

fn rank(id: &str) -> u8 {
    match id.split('-').next() {
        Some("MAL") => 0,
        Some("CVE") => 1,
        Some("GHSA") => 2,
        _ => 3,
    }
}

/// How much a source is trusted: what a database of the registry says decides.
pub(super) fn trust(advisory: &Advisory) -> u8 {
    match advisory.source.as_str() {
        "osv" => 0,
        "stance" => 1,
        _ => 2,
    }
}

/// Puts records that share a number together.
pub(super) fn group(advisories: &[Advisory]) -> Vec<Group<'_>> {
    let mut of_id: BTreeMap<&str, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&Advisory>> = Vec::new();
    for advisory in advisories {
        let ids = || std::iter::once(&advisory.id).chain(&advisory.aliases);
        let mut own: Vec<usize> = ids()
            .filter_map(|id| of_id.get(id.as_str()).copied())
            .collect();
        own.sort_unstable();
        own.dedup();
        let target = own.first().copied().unwrap_or(groups.len());
        if own.is_empty() {
            groups.push(Vec::new());
        }
        // A record can join what were two groups.
        for other in own.into_iter().skip(1) {
            let moved = groups
                .get_mut(other)
                .map(std::mem::take)
                .unwrap_or_default();
            for member in &moved {
                for id in std::iter::once(&member.id).chain(&member.aliases) {
                    of_id.insert(id, target);
                }
            }
            if let Some(group) = groups.get_mut(target) {
                group.extend(moved);
            }
        }
        for id in ids() {
            of_id.insert(id, target);
        }
        if let Some(group) = groups.get_mut(target) {
            group.push(advisory);
        }
    }
    groups
        .into_iter()
        .filter(|members| !members.is_empty())
        .map(|mut members| {
            members.sort_by_key(|member| (trust(member), member.id.as_str()));
            Group { members }
        })
        .collect()
}
