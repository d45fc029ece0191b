//! The binary form: structures of C, one after the other, least significant byte first.

use super::Error;
use super::model::Model;
use stance_read::little_endian::{u32_at, u64_at};

/// Parameters of the learner at the start.
const LEARNER: usize = 136;
/// Parameters of the trees.
const BOOSTER: usize = 160;
/// Parameters of one tree, and what a node and its statistics take.
const TREE: usize = 148;
const NODE: usize = 20;
const STATISTICS: usize = 16;

const BOOSTERS: &[&str] = &["gbtree", "gblinear", "dart"];

/// Where the learner begins: newer versions put a mark before it.
fn start(head: &[u8]) -> usize {
    if head.starts_with(b"binf") { 4 } else { 0 }
}

/// Whether the objective and the booster stand where the binary form has them.
pub(super) fn is_model(head: &[u8]) -> bool {
    let at = start(head).saturating_add(LEARNER);
    let plausible = u64_at(head, at).is_some_and(|length| (3..=64).contains(&length));
    plausible
        && text(head, at).is_some_and(|(objective, end)| {
            objective.bytes().all(|byte| byte.is_ascii_graphic())
                && text(head, end).is_some_and(|(booster, _)| BOOSTERS.contains(&booster))
        })
}

/// A text with its length in front, and where it ends.
fn text(bytes: &[u8], at: usize) -> Option<(&str, usize)> {
    let length = usize::try_from(u64_at(bytes, at)?).ok()?;
    let start = at.checked_add(8)?;
    let end = start.checked_add(length)?;
    Some((std::str::from_utf8(bytes.get(start..end)?).ok()?, end))
}

/// Reads a model and says where what is known of it ends.
pub(super) fn read(bytes: &[u8], model: &mut Model<'_, '_>) -> Result<usize, Error> {
    let from = start(bytes);
    let field = |index: usize| u32_at(bytes, from.saturating_add(index.saturating_mul(4)));
    let (objective, end) = text(bytes, from.saturating_add(LEARNER)).ok_or(Error::End)?;
    let (booster, end) = text(bytes, end).ok_or(Error::End)?;
    model.keep("objective", objective);
    model.architecture(booster);
    model.keep("features", &field(1).unwrap_or_default().to_string());
    model.keep("classes", &field(2).unwrap_or_default().to_string());
    let extra = field(3).unwrap_or_default();
    if booster == "gblinear" {
        // Its weights have a count of their own, and nothing tells what follows.
        return Ok(bytes.len());
    }
    let trees = u32_at(bytes, end).ok_or(Error::End)?;
    let left = bytes.len().saturating_sub(end);
    if u64::from(trees).saturating_mul(TREE as u64) > left as u64
        && u64::from(trees) > bytes.len() as u64
    {
        return Err(Error::Lie(
            format!("it claims {trees} trees in {} bytes", bytes.len()),
            end,
        ));
    }
    let mut at = end.saturating_add(BOOSTER);
    let mut nodes = 0_u64;
    for tree in 0..trees {
        let count = u32_at(bytes, at.saturating_add(4)).ok_or(Error::End)?;
        let size = u64::from(count).saturating_mul((NODE + STATISTICS) as u64);
        let left = bytes.len().saturating_sub(at) as u64;
        if count == 0
            || count > i32::MAX.cast_unsigned()
            || size > left && size > bytes.len() as u64
        {
            return Err(Error::Lie(
                format!("tree {tree} claims {count} nodes, and {left} bytes follow"),
                at,
            ));
        }
        children(bytes, at.saturating_add(TREE), count, tree)?;
        nodes = nodes.saturating_add(u64::from(count));
        at = at
            .saturating_add(TREE)
            .saturating_add(usize::try_from(size).unwrap_or(usize::MAX));
        model.trees(u64::from(tree).saturating_add(1), nodes);
        if at > bytes.len() {
            return Err(Error::End);
        }
    }
    at = at.saturating_add(
        usize::try_from(trees)
            .unwrap_or(usize::MAX)
            .saturating_mul(4),
    );
    if booster == "dart" {
        // The weights of dropped trees.
        let count = u64_at(bytes, at).and_then(|count| usize::try_from(count).ok());
        at = at
            .saturating_add(count.unwrap_or_default().saturating_mul(4))
            .saturating_add(if trees > 0 { 8 } else { 0 });
    }
    if extra != 0 {
        at = attributes(bytes, at, model)?;
    }
    // Metrics, and the parameter of some objectives, may follow; a tail that is longer is told.
    let tail = bytes.len().saturating_sub(at);
    let known =
        field(4).unwrap_or_default() != 0 || ["count:poisson", "reg:tweedie"].contains(&objective);
    Ok(if known && tail < 4096 {
        bytes.len()
    } else {
        at.min(bytes.len())
    })
}

/// Holds the children of each node against the number of nodes.
fn children(bytes: &[u8], from: usize, count: u32, tree: u32) -> Result<(), Error> {
    for node in 0..count {
        let at = from.saturating_add((node as usize).saturating_mul(NODE));
        let Some(left) = u32_at(bytes, at.saturating_add(4)) else {
            return Err(Error::End);
        };
        let right = u32_at(bytes, at.saturating_add(8)).unwrap_or(u32::MAX);
        // A leaf has -1 for both.
        for child in [left, right] {
            if child != u32::MAX && child >= count {
                let detail = format!("tree {tree} has a child {child} among {count} nodes");
                return Err(Error::Lie(detail, at));
            }
        }
    }
    Ok(())
}

/// The attributes: a count, and pairs of texts.
fn attributes(bytes: &[u8], at: usize, model: &mut Model<'_, '_>) -> Result<usize, Error> {
    let count = u64_at(bytes, at).ok_or(Error::End)?;
    let mut at = at.saturating_add(8);
    if count.saturating_mul(16) > bytes.len() as u64 {
        return Err(Error::Lie(format!("it claims {count} attributes"), at));
    }
    for _ in 0..count {
        let (key, end) = text(bytes, at).ok_or(Error::End)?;
        model.key(key, at);
        let (value, end) = text(bytes, end).ok_or(Error::End)?;
        model.text(value, at);
        at = end;
    }
    Ok(at)
}
