//! Python pickles: what the unpickling machine would import and call, found by
//! interpreting the stream over abstract values, without running anything.
//!
//! [`trace`] interprets one stream; the inspector reads whole files, in which
//! several streams may follow each other, as old PyTorch checkpoints and joblib
//! dumps have them.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod archives;
mod array;
#[doc(hidden)]
pub mod assemble;
mod bombs;
pub mod bytecode;
mod calls;
mod carried;
pub mod claim;
pub mod codecs;
mod constants;
pub mod cursor;
mod fold;
pub mod framework;
pub mod joblib;
pub mod listing;
mod machine;
mod memo;
mod names;
mod nested;
mod objects;
pub mod opcode;
pub mod operand;
mod recorder;
mod render;
mod skim;
pub mod stack;
pub mod tape;
mod value;
mod world;

use std::sync::Arc;

use stance_core::Evidence;
use stance_core::fact::{Anomaly, AnomalyKind, PickleEnd, PickleOrigin, PickleTrace};

use cursor::{Break, Cursor, Reading};
use joblib::{Arrays, Met};
use machine::Machine;
use stance_read::limits::Limits;
use tape::{Slice, Tape};
use value::Value;
use world::World;

pub use claim::{Trial, may_start};
pub use codecs::base64;
/// The first stream of an old PyTorch checkpoint is this number, little-endian.
pub const TORCH_MAGIC: &[u8] = &[0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
pub use names::python3_name;

/// What interpreting one pickle stream gave.
#[derive(Clone, Debug)]
pub struct Traced {
    /// Imports, calls and end.
    pub trace: PickleTrace,
    /// Pickles that are constants of this one: loaded by it, or lying dormant in it.
    pub nested: Vec<PickleTrace>,
    /// How many bytes it used, up to and with STOP, or up to where it broke.
    pub consumed: usize,
    /// Where constants of it stand that are archives of models.
    pub archives: Vec<std::ops::Range<u64>>,
    /// What is odd about the stream: readers that disagree, an expansion bomb.
    pub anomalies: Vec<Anomaly>,
    /// What it took from the budget of opcodes, pickles inside included.
    pub spent: u64,
    /// Whether STOP gives the number with which old PyTorch checkpoints start.
    pub torch_magic: bool,
}

/// Interprets the pickle stream at the start of `bytes`. `path` and
/// `base_offset` are what evidence will carry: `bytes` starts at `base_offset`
/// of `path`.
#[must_use]
pub fn trace(path: &Arc<str>, bytes: &[u8], base_offset: u64, limits: &Limits) -> Traced {
    trace_inner(path, bytes, base_offset, limits, limits.pickle_opcodes, 0)
}

/// Whether `head` starts a pickle, judged by its content alone and strictly:
/// ordinary text and binary files are never taken for one.
#[must_use]
pub fn starts_pickle(head: &[u8]) -> bool {
    Trial::of(head).is_some_and(|trial| trial.starts_pickle(head))
}

fn trace_inner(
    path: &Arc<str>,
    bytes: &[u8],
    base: u64,
    limits: &Limits,
    budget: u64,
    depth: u8,
) -> Traced {
    trace_tape(path, &mut Slice(bytes), 0, base, limits, budget, depth)
}

/// Interprets the stream at `position` of a tape, in both readings of frames where they differ, and as
/// loaders do that know nothing of joblib where its arrays stand.
pub fn trace_tape<T: Tape>(
    path: &Arc<str>,
    tape: &mut T,
    position: u64,
    base: u64,
    limits: &Limits,
    budget: u64,
    depth: u8,
) -> Traced {
    let run = |tape: &mut T, reading: Reading, arrays: Arrays, budget: u64| {
        run_once(
            path, tape, position, base, limits, budget, depth, reading, arrays,
        )
    };
    let (mut traced, straddle, met) = run(tape, Reading::Memory, Arrays::All, budget);
    if let Some(at) = straddle {
        let left = budget.saturating_sub(traced.spent);
        let (other, _, _) = run(tape, Reading::File, Arrays::All, left);
        merge(&mut traced, other);
        traced.anomalies.push(Anomaly {
            kind: AnomalyKind::ReaderDisagreement,
            detail: "an operand reaches past the end of its frame: loaders from memory and from a \
                     file read different opcodes"
                .to_owned(),
            evidence: Evidence::bytes(
                Arc::clone(path),
                base.saturating_add(at),
                1,
                "frame boundary inside an operand",
            ),
        });
    }
    // Trials see what they look for in the first reading.
    let broken = matches!(traced.trace.end, PickleEnd::Malformed(_));
    for arrays in met.others(broken).iter().filter(|_| depth != u8::MAX) {
        let left = budget.saturating_sub(traced.spent);
        let (other, _, _) = run(tape, Reading::Memory, *arrays, left);
        joblib::add(&mut traced, other);
    }
    traced
}

#[expect(
    clippy::too_many_arguments,
    reason = "one internal call site; a struct would only rename the list"
)]
fn run_once<T: Tape>(
    path: &Arc<str>,
    tape: &mut T,
    position: u64,
    base: u64,
    limits: &Limits,
    budget: u64,
    depth: u8,
    reading: Reading,
    arrays: Arrays,
) -> (Traced, Option<u64>, Met) {
    let mut world = World::new(path, limits, budget, depth);
    let mut machine = Machine::new(Cursor::new(tape, position, reading), &mut world, base);
    machine.arrays = arrays;
    let end = match machine.run() {
        Break::Stop => machine.defect.map_or(PickleEnd::Stop, |what| {
            PickleEnd::Malformed(what.to_owned())
        }),
        Break::Truncated => PickleEnd::Truncated,
        Break::Malformed(what) => PickleEnd::Malformed(what),
        Break::Limit(what) => {
            // Trials end here on purpose.
            if depth != u8::MAX {
                machine.skim();
            }
            PickleEnd::Limit(what)
        }
    };
    let consumed = machine.cursor.position.saturating_sub(position);
    let (opcodes, protocol, result) = (machine.opcodes, machine.protocol, machine.result);
    let (straddle, met) = (machine.cursor.straddle, machine.met);
    let torch_magic = match result {
        Value::Long(span) => world.heap.read(span) == TORCH_MAGIC,
        _ => false,
    };
    let start = base.saturating_add(position);
    let mut anomalies = Vec::new();
    let weight = world.heap.weight(result);
    if weight > BOMB && weight > opcodes.saturating_mul(BOMB_RATIO) {
        anomalies.push(Anomaly {
            kind: AnomalyKind::Bomb,
            detail: format!(
                "{opcodes} opcodes build a value of more than {weight} elements by sharing"
            ),
            evidence: Evidence::bytes(Arc::clone(path), start, consumed, SHARING),
        });
    }
    for (site, what) in std::mem::take(&mut world.bombs) {
        anomalies.push(Anomaly {
            kind: AnomalyKind::Bomb,
            detail: format!("loading {what}"),
            evidence: Evidence::bytes(Arc::clone(path), site.offset, site.length, EXHAUSTION),
        });
    }
    let carried = world.carried_code();
    let trace = PickleTrace {
        path: Arc::clone(path),
        offset: start,
        origin: PickleOrigin::File,
        protocol,
        opcodes,
        globals: world.recorder.globals,
        calls: world.recorder.calls,
        carried,
        trail: world.trail,
        end,
    };
    let traced = Traced {
        trace,
        nested: world.nested,
        archives: world
            .archives
            .iter()
            .map(|archive| archive.start..archive.start.saturating_add(archive.length))
            .collect(),
        consumed: usize::try_from(consumed).unwrap_or(usize::MAX),
        anomalies,
        spent: budget.saturating_sub(world.budget),
        torch_magic,
    };
    (traced, straddle, met)
}

/// What the evidence of an expansion bomb shows.
pub const SHARING: &str = "expansion by sharing";

/// What the evidence of a call shows that takes all memory or never ends.
pub const EXHAUSTION: &str = "a call that takes all memory or never ends";

/// A value of more elements than this, counted with repetitions, is a bomb …
const BOMB: u64 = 100_000_000;
/// … when each opcode makes this many of them.
const BOMB_RATIO: u64 = 10_000;

/// Adds what the second reading saw and the first did not.
fn merge(into: &mut Traced, other: Traced) {
    for global in other.trace.globals {
        match into
            .trace
            .globals
            .iter_mut()
            .find(|known| known.name == global.name)
        {
            Some(known) => known.called |= global.called,
            None => into.trace.globals.push(global),
        }
    }
    for call in other.trace.calls {
        let known = into
            .trace
            .calls
            .iter()
            .any(|known| known.callable == call.callable && known.arguments == call.arguments);
        if !known {
            into.trace.calls.push(call);
        }
    }
    for code in other.trace.carried {
        if !into.trace.carried.contains(&code) {
            into.trace.carried.push(code);
        }
    }
    for archive in other.archives {
        if !into.archives.contains(&archive) {
            into.archives.push(archive);
        }
    }
    into.spent = into.spent.saturating_add(other.spent);
    into.nested.extend(other.nested);
    into.consumed = into.consumed.max(other.consumed);
}
