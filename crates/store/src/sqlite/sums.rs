//! Whether what triggers and transactions keep in step is in step.

use super::Sqlite;
use crate::Result;

/// Each gives a sentence for everything that does not fit together; none when all is well.
const CHECKS: &[&str] = &[
    // The sums that every page shows, against what they are sums of.
    "WITH counted (name, value) AS (
         SELECT 'asset:' || kind, count(*) FROM asset WHERE present GROUP BY kind
         UNION ALL SELECT 'finding:' || severity, count(*) FROM finding WHERE counts GROUP BY severity
         UNION ALL SELECT 'change', count(*) FROM change WHERE state = 'pending'
         UNION ALL SELECT 'importance', coalesce(sum(importance), 0) FROM asset WHERE present
         UNION ALL SELECT 'risk', coalesce(sum(risk), 0) FROM asset WHERE present
         UNION ALL SELECT 'risk_known', coalesce(sum(risk_known), 0) FROM asset WHERE present
         UNION ALL SELECT 'risk_worst', coalesce(sum(risk_worst), 0) FROM asset WHERE present
     ), kept (name, value) AS (
         SELECT name, value FROM tally WHERE name GLOB 'asset:*' OR name GLOB 'finding:*'
             OR name IN ('change', 'importance', 'risk', 'risk_known', 'risk_worst')
     ), held (name, kept, counted) AS (
         SELECT coalesce(kept.name, counted.name), coalesce(kept.value, 0), coalesce(counted.value, 0)
         FROM kept FULL OUTER JOIN counted ON counted.name = kept.name
     )
     SELECT 'the sum ' || name || ' says ' || kept || ' and is ' || counted FROM held WHERE kept <> counted",
    // The groups of open findings.
    "WITH counted (dimension, key, severity, findings, gives_back) AS (
         SELECT 'rule', rule, severity, count(*), sum(gives_back) FROM finding WHERE counts GROUP BY rule, severity
         UNION ALL SELECT 'owner', coalesce(owner, ''), severity, count(*), sum(gives_back)
             FROM finding WHERE counts GROUP BY coalesce(owner, ''), severity
         UNION ALL SELECT 'fix', fix, severity, count(*), sum(gives_back)
             FROM finding WHERE counts GROUP BY fix, severity
     ), kept AS (
         SELECT * FROM finding_group WHERE dimension IN ('rule', 'owner', 'fix') AND (findings <> 0 OR gives_back <> 0)
     )
     SELECT 'the group ' || coalesce(kept.dimension, counted.dimension) || ' ' || coalesce(kept.key, counted.key)
         || ' of severity ' || coalesce(kept.severity, counted.severity) || ' says ' || coalesce(kept.findings, 0)
         || ' findings and has ' || coalesce(counted.findings, 0)
     FROM kept FULL OUTER JOIN counted ON counted.dimension = kept.dimension AND counted.key = kept.key
         AND counted.severity = kept.severity
     WHERE kept.findings IS NOT counted.findings OR kept.gives_back IS NOT counted.gives_back",
    // The counts of each asset.
    "SELECT 'asset ' || asset.id || ' does not count its open findings rightly'
     FROM asset LEFT JOIN (
         SELECT asset, sum(severity = 4) AS critical, sum(severity = 3) AS high, sum(severity = 2) AS medium,
             sum(severity = 1) AS low
         FROM finding WHERE counts GROUP BY asset
     ) AS open ON open.asset = asset.id
     WHERE asset.critical <> coalesce(open.critical, 0) OR asset.high <> coalesce(open.high, 0)
         OR asset.medium <> coalesce(open.medium, 0) OR asset.low <> coalesce(open.low, 0)",
    "SELECT 'asset ' || asset.id || ' does not count the sources that see it rightly'
     FROM asset LEFT JOIN (
         SELECT asset, sum(present) AS present FROM sighting GROUP BY asset
     ) AS seen ON seen.asset = asset.id
     WHERE asset.sightings <> coalesce(seen.present, 0) OR asset.present <> (coalesce(seen.present, 0) > 0)",
    // What findings repeat of their assets.
    "SELECT 'finding ' || finding.id || ' does not say what asset ' || asset.id || ' says'
     FROM finding JOIN asset ON asset.id = finding.asset
     WHERE finding.owner IS NOT asset.owner OR finding.asset_kind <> asset.kind",
    "SELECT 'finding ' || id || ' has no history' FROM finding
     WHERE NOT EXISTS (SELECT 1 FROM transition WHERE transition.finding = finding.id)",
    // Interactions are counted as they come and go.
    "SELECT 'the count of interactions says ' || rows || ' and is ' || (SELECT count(*) FROM interaction)
     FROM traffic_state WHERE rows <> (SELECT count(*) FROM interaction)",
    "SELECT 'interaction ' || key || ' has no detail' FROM interaction
     WHERE NOT EXISTS (SELECT 1 FROM interaction_detail WHERE interaction_detail.key = interaction.key)",
    // Decisions are whole.
    "SELECT 'finding ' || finding.id || ' is accepted by waiver ' || waiver.id || ', which is ' || waiver.state
     FROM finding JOIN waiver ON waiver.id = finding.waiver
     WHERE finding.state = 'accepted' AND finding.decided = 'accepted' AND waiver.state <> 'approved'",
    "SELECT 'waiver ' || id || ' is about nothing' FROM waiver
     WHERE NOT EXISTS (SELECT 1 FROM waived WHERE waived.waiver = waiver.id)",
    // A look at a source and the job that does it belong together.
    "SELECT 'run ' || run.id || ' is ' || run.state || ' and nothing works on it' FROM run
     LEFT JOIN job ON job.id = run.job
     WHERE run.state IN ('queued', 'running') AND (job.id IS NULL OR job.state NOT IN ('waiting', 'running'))",
    "SELECT 'run ' || run.id || ' waits for job ' || job.id || ', which does another' FROM run JOIN job ON job.id = run.job
     WHERE run.state IN ('queued', 'running') AND json_extract(job.body, '$.run') IS NOT run.id",
    "SELECT 'run ' || run.id || ' waits for a document that is gone' FROM run JOIN upload ON upload.run = run.id
     WHERE run.state IN ('queued', 'running') AND upload.document IS NULL",
    "SELECT 'run ' || id || ' is ' || state || ' and does not say when' FROM run
     WHERE (state IN ('succeeded', 'failed', 'cancelled')) <> (finished IS NOT NULL)",
    "SELECT 'job ' || id || ' is ' || state || ' and says something else' FROM job
     WHERE (state = 'running') <> (lease IS NOT NULL)
         OR (state IN ('done', 'failed', 'cancelled')) <> (finished IS NOT NULL)",
];

/// Most sentences of one check.
const TOLD: usize = 5;

impl Sqlite {
    /// Holds everything that is kept in step against what it follows from, as it is at one moment: sums against counts,
    /// findings against their assets, waivers against what they accept, runs against their jobs. A sentence for each
    /// thing that does not fit; none when all is well. Reads whole tables: some seconds for a million findings.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn sums(&self) -> Result<Vec<String>> {
        self.reading(|db| {
            let mut wrong = Vec::new();
            for check in CHECKS {
                let mut check = db.prepare(check)?;
                let told = check.query_map([], |row| row.get(0))?.take(TOLD);
                for sentence in told {
                    wrong.push(sentence?);
                }
            }
            let mut loose = db.prepare("PRAGMA foreign_key_check")?;
            let mut rows = loose.query([])?;
            while let (Some(row), true) = (rows.next()?, wrong.len() < 100) {
                let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
                wrong.push(format!("a row of {table} points into {parent} at nothing"));
            }
            Ok(wrong)
        })
    }
}
