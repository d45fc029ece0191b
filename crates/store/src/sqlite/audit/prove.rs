//! Proofs from stored subtrees: a few hundred rows, however long the log is.

use rusqlite::{Connection, params};
use stance_govern::audit::leaf;
use stance_govern::merkle::{self, Hash, Node};

use super::append::number;
use super::{STRIDE, damaged};

/// The path from entry `index` (from 0) to the root of the log of `size` entries.
pub(super) fn inclusion(
    db: &Connection,
    index: u64,
    size: u64,
) -> rusqlite::Result<Option<Vec<Hash>>> {
    merkle::prove_inclusion(index, size, |wanted| node(db, wanted))
}

/// The path from the root of the log of `old` entries to that of `new`, which is no less.
pub(super) fn consistency(db: &Connection, old: u64, new: u64) -> rusqlite::Result<Vec<Hash>> {
    merkle::prove_consistency(old, new, |wanted| node(db, wanted))?.ok_or_else(damaged)
}

/// The hash of a complete subtree, from the rows of the stored level below it.
fn node(db: &Connection, node: Node) -> rusqlite::Result<Hash> {
    let height = node.level % STRIDE;
    let level = node.level.saturating_sub(height);
    let count = 1_i64.checked_shl(height.into()).ok_or_else(damaged)?;
    let first = number(node.index.checked_shl(height.into()).ok_or_else(damaged)?)?;
    let mut hashes: Vec<Hash> = Vec::new();
    if level == 0 {
        let mut rows = db.prepare_cached(
            "SELECT hash FROM audit_log WHERE seq > ?1 AND seq <= ?1 + ?2 ORDER BY seq",
        )?;
        for hash in rows.query_map([first, count], |row| row.get::<_, Hash>(0))? {
            hashes.push(leaf(&hash?));
        }
    } else {
        let mut rows = db.prepare_cached(
            "SELECT hash FROM audit_nodes
             WHERE level = ?1 AND position >= ?2 AND position < ?2 + ?3 ORDER BY position",
        )?;
        for hash in rows.query_map(params![level, first, count], |row| row.get::<_, Hash>(0))? {
            hashes.push(hash?);
        }
    }
    merkle::subtree(height, &hashes).ok_or_else(damaged)
}
