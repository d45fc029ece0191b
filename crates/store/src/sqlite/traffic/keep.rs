//! Keeping interactions.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, params};
use stance_core::traffic::{Seen, Teller};

use super::detail::{Detail, words};
use super::names::{self, Numbers};
use super::pack::Packer;
use super::tally::{Numbered, Tally, failed};
use super::{LOW, column, digest, forget, id_value, key_of, millis_of, told};
use crate::StoreError;
use crate::sqlite::Halt;
use crate::traffic::{BATCH, By, LONGEST_ID};

/// Most rules and most tools by which one interaction is found and counted; its detail has all.
const MOST_LISTED: usize = 64;

/// Tries to find a free place within a millisecond.
const TRIES: i64 = 4_096;

/// Adds the interactions that are not there yet; gives how many.
pub(super) fn keep(db: &Connection, seen: &[Seen]) -> Result<usize, Halt> {
    if seen.len() > BATCH {
        let text = format!(
            "at most {BATCH} interactions are kept at once, not {}",
            seen.len()
        );
        return Err(StoreError::Refused(text).into());
    }
    let mut batch = Batch {
        db,
        numbers: Numbers::default(),
        tally: Tally::default(),
        packer: Packer::new(),
        replaced: 0,
    };
    let mut kept = 0;
    for one in seen {
        kept += usize::from(batch.add(one)?);
    }
    if kept == 0 {
        return Ok(0);
    }
    batch.tally.write(db)?;
    let replaced = batch.replaced;
    db.prepare_cached("UPDATE traffic_state SET rows = rows + ?1 - ?2, counter = counter + ?1")?
        .execute([i64::try_from(kept).unwrap_or_default(), replaced])?;
    let most: i64 = db
        .prepare_cached("SELECT traffic_rows FROM retention")?
        .query_row([], |row| row.get(0))?;
    // As many go as came and some more, so that a lower bound is reached while little is written.
    forget::beyond(db, most.unsigned_abs(), kept * 2 + 50)?;
    Ok(kept)
}

struct Batch<'a> {
    db: &'a Connection,
    numbers: Numbers,
    tally: Tally,
    packer: Packer,
    /// How many went since somebody who was in line told the same.
    replaced: i64,
}

const INSERT: &str =
    "INSERT INTO interaction (key, id, teller, decision, place, operation, identity, model, rule, session,
        trace, calls, unjudged, status, failed, tokens_in, tokens_out, cost, total_us, judging_us, answer)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
    ON CONFLICT (key) DO NOTHING";

impl Batch<'_> {
    /// Whether it is new.
    fn add(&mut self, seen: &Seen) -> Result<bool, Halt> {
        if seen.id.is_empty() || seen.id.len() > LONGEST_ID {
            let text = format!(
                "what names an interaction has 1 to {LONGEST_ID} bytes, not {}",
                seen.id.len()
            );
            return Err(StoreError::Refused(text).into());
        }
        let id = id_value(&seen.id);
        let is_known = self
            .db
            .prepare_cached("SELECT 1 FROM interaction WHERE id = ?1")?
            .query_row([&id], |_| Ok(()))
            .optional()?
            .is_some();
        if is_known {
            return Ok(false);
        }
        let same = told::same(self.db, seen)?;
        if !same.is_empty() && seen.teller == Teller::Telemetry {
            return Ok(false);
        }
        for (key, other) in &same {
            self.remove(*key, other)?;
        }
        let first = key_of(seen.at.as_millisecond());
        let millis = millis_of(first);
        let names = self.numbered(seen, millis.div_euclid(1_000))?;
        let key = self.insert(seen, &id, &names, first)?;
        self.index(key, &names)?;
        self.details(key, seen, &names, millis)?;
        self.tally.add(seen, &names, millis);
        Ok(true)
    }

    /// Takes one out again, and out of all sums.
    fn remove(&mut self, key: i64, seen: &Seen) -> Result<(), Halt> {
        let millis = millis_of(key);
        let names = self.numbered(seen, millis.div_euclid(1_000))?;
        self.tally.take(seen, &names, millis);
        for (table, column, numbers) in [
            ("interaction_rule", "rule", &names.rules),
            ("interaction_tool", "tool", &names.tools),
        ] {
            let sql = format!("DELETE FROM {table} WHERE {column} = ?1 AND key = ?2");
            let mut delete = self.db.prepare_cached(&sql)?;
            for number in numbers {
                delete.execute([*number, key])?;
            }
        }
        for table in ["interaction_words", "interaction_detail", "interaction"] {
            self.db
                .prepare_cached(&format!("DELETE FROM {table} WHERE key = ?1"))?
                .execute([key])?;
        }
        self.replaced += 1;
        Ok(())
    }

    fn number(&mut self, by: By, name: Option<&str>, at: i64) -> Result<Option<i64>, Halt> {
        self.numbers.of(self.db, by, name.unwrap_or_default(), at)
    }

    fn numbered(&mut self, seen: &Seen, at: i64) -> Result<Numbered, Halt> {
        let model = seen.model.as_deref().or(seen.answered.as_deref());
        let mut tools = Vec::new();
        for tool in &seen.calls {
            if tools.len() >= MOST_LISTED {
                break;
            }
            let tool = self.number(By::Tool, Some(tool), at)?;
            tools.extend(tool.filter(|tool| !tools.contains(tool)));
        }
        let mut rules = Vec::new();
        for reason in &seen.reasons {
            if rules.len() >= MOST_LISTED {
                break;
            }
            let rule = self.number(By::Rule, Some(&reason.rule), at)?;
            rules.extend(rule.filter(|rule| !rules.contains(rule)));
        }
        Ok(Numbered {
            identity: self.number(By::Identity, seen.identity.as_deref(), at)?,
            model: self.number(By::Model, model, at)?,
            place: self.number(By::Place, Some(&seen.place), at)?,
            operation: self.number(By::Operation, Some(&seen.operation), at)?,
            tools,
            rules,
        })
    }

    /// Inserts its row at the first free key of its millisecond and gives that.
    fn insert(&self, seen: &Seen, id: &Value, names: &Numbered, first: i64) -> Result<i64, Halt> {
        let low = (1_i64 << LOW) - 1;
        // The same interaction has the same place wherever it is told, as far as that is free.
        let wanted = digest(&seen.id) & low;
        let session = seen.session.as_deref().map(digest);
        let trace = seen.trace.as_deref().map(digest);
        let calls = i64::try_from(seen.calls.len()).unwrap_or(i64::MAX);
        let mut statement = self.db.prepare_cached(INSERT)?;
        for step in 0..TRIES {
            let key = first | ((wanted + step) & low);
            let inserted = statement.execute(params![
                key,
                id,
                teller(seen.teller),
                seen.decision as i64,
                names.place,
                names.operation,
                names.identity,
                names.model,
                names.rules.first(),
                session,
                trace,
                calls,
                column(seen.unjudged_count),
                seen.status,
                failed(seen),
                seen.usage.input.map(column),
                seen.usage.output.map(column),
                seen.cost.map(column),
                seen.total_us.map(column),
                seen.judging_us.map(column),
                seen.answer.as_deref().map(digest)
            ])?;
            if inserted == 1 {
                return Ok(key);
            }
        }
        let text = format!(
            "there are too many interactions in the millisecond {}",
            seen.at
        );
        Err(StoreError::Refused(text).into())
    }

    fn index(&self, key: i64, names: &Numbered) -> Result<(), Halt> {
        let db = self.db;
        let mut rules =
            db.prepare_cached("INSERT INTO interaction_rule (rule, key) VALUES (?1, ?2)")?;
        for rule in &names.rules {
            rules.execute([*rule, key])?;
        }
        let mut tools =
            db.prepare_cached("INSERT INTO interaction_tool (tool, key) VALUES (?1, ?2)")?;
        for tool in &names.tools {
            tools.execute([*tool, key])?;
        }
        Ok(())
    }

    fn details(
        &mut self,
        key: i64,
        seen: &Seen,
        names: &Numbered,
        millis: i64,
    ) -> Result<(), Halt> {
        let mut detail = Detail::of(seen);
        let is_exact =
            seen.at.as_nanosecond() == i128::from(millis) * 1_000_000 && seen.at.as_second() >= 0;
        detail.at = (!is_exact).then_some(seen.at);
        self.spell_out(&mut detail, seen, names)?;
        let body = self.packer.pack(&document(&detail)?);
        self.db
            .prepare_cached("INSERT INTO interaction_detail (key, body) VALUES (?1, ?2)")?
            .execute(params![key, body])?;
        let words = words(seen);
        if !words.is_empty() {
            let body = self.packer.pack(&document(&words)?);
            self.db
                .prepare_cached("INSERT INTO interaction_words (key, body) VALUES (?1, ?2)")?
                .execute(params![key, body])?;
        }
        Ok(())
    }

    /// Puts into the detail what the names of the columns do not say.
    fn spell_out(&self, detail: &mut Detail, seen: &Seen, names: &Numbered) -> Result<(), Halt> {
        let mut known = names::Names::default();
        let mut unsaid = |number: Option<i64>, text: Option<&str>| -> Result<_, Halt> {
            let text = text.filter(|text| !text.is_empty());
            let said = known.of(self.db, number)?;
            Ok(text
                .filter(|text| said.as_deref() != Some(*text))
                .map(str::to_owned))
        };
        detail.place = unsaid(names.place, Some(&seen.place))?;
        detail.operation = unsaid(names.operation, Some(&seen.operation))?;
        detail.identity = unsaid(names.identity, seen.identity.as_deref())?;
        let model = seen.model.as_deref().or(seen.answered.as_deref());
        detail.model = unsaid(names.model, model)?;
        Ok(())
    }
}

/// The number of a teller in the database.
pub(super) const fn teller(teller: Teller) -> i64 {
    match teller {
        Teller::Gateway => 0,
        Teller::McpProxy => 1,
        Teller::Telemetry => 2,
    }
}

fn document(value: &impl serde::Serialize) -> Result<Vec<u8>, Halt> {
    serde_json::to_vec(value).map_err(|error| {
        StoreError::Refused(format!("an interaction cannot be written: {error}")).into()
    })
}
