//! What changed between two scans.

use rusqlite::params;
use serde::de::DeserializeOwned;

use super::Sqlite;
use crate::{Difference, Result, ScanId};

/// What is in scan ?2 but not in scan ?3.
const ONLY: &str = "SELECT body FROM contents AS one JOIN payloads ON payloads.id = one.payload
     WHERE one.part = ?1 AND one.scan = ?2 AND NOT EXISTS (
         SELECT 1 FROM contents AS other
         WHERE other.scan = ?3 AND other.part = ?1 AND other.key = one.key
     ) ORDER BY one.position";

/// What is in both and means something else, in the order of scan ?3.
const CHANGED: &str = "SELECT payload_before.body, payload_after.body
     FROM contents AS before
     JOIN contents AS after
         ON after.scan = ?3 AND after.part = before.part AND after.key = before.key
     JOIN payloads AS payload_before ON payload_before.id = before.payload
     JOIN payloads AS payload_after ON payload_after.id = after.payload
     WHERE before.part = ?1 AND before.scan = ?2
       AND payload_before.meaning <> payload_after.meaning
     ORDER BY after.position";

impl Sqlite {
    pub(super) fn difference<T: DeserializeOwned>(
        &self,
        part: &'static str,
        before: ScanId,
        after: ScanId,
    ) -> Result<Difference<T>> {
        let only = |one: ScanId, other: ScanId| {
            self.rows(ONLY, params![part, one.0, other.0], |row| {
                self.parse(part, &self.text(row, 0)?)
            })
        };
        Ok(Difference {
            appeared: only(after, before)?,
            changed: self.rows(CHANGED, params![part, before.0, after.0], |row| {
                Ok((
                    self.parse(part, &self.text(row, 0)?)?,
                    self.parse(part, &self.text(row, 1)?)?,
                ))
            })?,
            vanished: only(before, after)?,
        })
    }
}
