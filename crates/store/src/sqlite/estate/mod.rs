//! The estate in SQLite.

mod account;
mod assets;
mod attestations;
mod audit;
mod changes;
mod conditions;
mod deadlines;
mod decide;
mod drift;
mod edit;
mod evidence;
mod extract;
mod finding_list;
mod findings;
mod graph;
mod groups;
mod ingest;
pub(in crate::sqlite) mod inherit;
mod lists;
mod objectives;
mod posture;
mod pulse;
pub(in crate::sqlite) mod row;
mod saved;
mod sightings;
mod tally;
mod ties;
mod waivers;

pub(in crate::sqlite) use changes::one as change_row;
pub(in crate::sqlite) use finding_list::one as finding_row;
pub(in crate::sqlite) use waivers::one as waiver_row;

use jiff::Timestamp;

use super::Sqlite;
use crate::{
    AssetDetail, AssetEdit, AssetNumber, AssetQuery, AssetRow, Counted, Decision, Estate,
    FindingDetail, FindingGroups, FindingNumber, FindingQuery, FindingRow, GroupBy, Ingest,
    Ingested, Movement, Neighbourhood, PosturePoint, Pulse, Result, Slice, SourceHealth, Tally,
    Waiver, WaiverNumber, WaiverState, Window,
};

impl Estate for Sqlite {
    fn ingest(&mut self, ingest: &Ingest<'_>) -> Result<Ingested> {
        let ingested = self.whole(|db| ingest::ingest(db, ingest));
        self.is_large = true;
        self.settle_memory();
        ingested
    }

    fn tally(&self) -> Result<Tally> {
        self.reading(tally::tally)
    }

    fn posture(&self, since: Timestamp, until: Timestamp, most: u32) -> Result<Vec<PosturePoint>> {
        self.reading(|db| posture::points(db, since, until, most))
    }

    fn movements(&self, since: Timestamp, most: usize) -> Result<Vec<Movement>> {
        self.reading(|db| posture::movements(db, since, most))
    }

    fn pulse(&self) -> Result<Pulse> {
        self.reading(pulse::pulse)
    }

    fn health(&self) -> Result<SourceHealth> {
        self.reading(pulse::health)
    }

    fn rule_evidence(
        &self,
        rules: &[&str],
        fresh: Timestamp,
    ) -> Result<std::collections::BTreeMap<String, stance_core::compliance::RuleEvidence>> {
        self.reading(|db| evidence::evidence(db, rules, fresh))
    }

    fn last_visit(&self, person: &str, now: Timestamp) -> Result<Option<Timestamp>> {
        self.reading(|db| pulse::last_visit(db, person, now))
    }

    fn visit(&mut self, person: &str, now: Timestamp) -> Result<Option<Timestamp>> {
        self.whole(|db| pulse::visit(db, person, now))
    }

    fn assets(&self, query: &AssetQuery, window: &Window) -> Result<Slice<AssetRow>> {
        self.reading(|db| assets::slice(db, query, window))
    }

    fn count_assets(&self, query: &AssetQuery, most: u64) -> Result<Counted> {
        self.reading(|db| {
            self.counting(format!("assets {query:?} {most}"), || {
                assets::count(db, query, most)
            })
        })
    }

    fn asset(&self, asset: AssetNumber) -> Result<Option<AssetDetail>> {
        self.reading(|db| assets::detail(db, asset))
    }

    fn neighbourhood(&self, asset: AssetNumber, depth: u32, most: usize) -> Result<Neighbourhood> {
        self.reading(|db| graph::around(db, asset, depth, most))
    }

    fn edit_assets(
        &mut self,
        assets: &[AssetNumber],
        edit: &AssetEdit,
        decision: &Decision<'_>,
    ) -> Result<u64> {
        self.whole(|db| edit::edit(db, assets, edit, decision))
    }

    fn findings(&self, query: &FindingQuery, window: &Window) -> Result<Slice<FindingRow>> {
        self.reading(|db| finding_list::slice(db, query, window))
    }

    fn count_findings(&self, query: &FindingQuery, most: u64) -> Result<Counted> {
        self.reading(|db| {
            self.counting(format!("findings {query:?} {most}"), || {
                finding_list::count(db, query, most)
            })
        })
    }

    fn finding_groups(
        &self,
        by: GroupBy,
        query: &FindingQuery,
        most: usize,
    ) -> Result<FindingGroups> {
        self.reading(|db| {
            self.grouping(format!("{by:?} {query:?} {most}"), || {
                groups::groups(db, by, query, most)
            })
        })
    }

    fn finding(&self, finding: FindingNumber) -> Result<Option<FindingDetail>> {
        self.reading(|db| finding_list::detail(db, finding))
    }

    fn assign(
        &mut self,
        findings: &[FindingNumber],
        assignee: Option<&str>,
        decision: &Decision<'_>,
    ) -> Result<u64> {
        self.whole(|db| decide::assign(db, findings, assignee, decision))
    }

    fn comment(
        &mut self,
        findings: &[FindingNumber],
        text: &str,
        decision: &Decision<'_>,
    ) -> Result<u64> {
        self.whole(|db| decide::comment(db, findings, text, decision))
    }

    fn dismiss(
        &mut self,
        findings: &[FindingNumber],
        reason: &str,
        decision: &Decision<'_>,
    ) -> Result<u64> {
        self.whole(|db| decide::dismiss(db, findings, reason, decision))
    }

    fn reopen(
        &mut self,
        findings: &[FindingNumber],
        reason: &str,
        decision: &Decision<'_>,
    ) -> Result<u64> {
        self.whole(|db| decide::reopen(db, findings, reason, decision))
    }

    fn request_waiver(
        &mut self,
        findings: &[FindingNumber],
        reason: &str,
        expires: Timestamp,
        decision: &Decision<'_>,
    ) -> Result<WaiverNumber> {
        self.whole(|db| waivers::request(db, findings, reason, expires, decision))
    }

    fn decide_waiver(
        &mut self,
        waiver: WaiverNumber,
        approve: bool,
        note: &str,
        decision: &Decision<'_>,
    ) -> Result<()> {
        self.whole(|db| waivers::decide(db, waiver, approve, note, decision))
    }

    fn expire_waivers(&mut self, now: Timestamp) -> Result<Vec<WaiverNumber>> {
        self.whole(|db| waivers::expire(db, now))
    }

    fn waiver(&self, waiver: WaiverNumber) -> Result<Option<Waiver>> {
        self.reading(|db| waivers::find(db, waiver))
    }

    fn waivers(&self, state: Option<WaiverState>, most: usize) -> Result<Vec<Waiver>> {
        self.reading(|db| waivers::list(db, state, most))
    }
}
