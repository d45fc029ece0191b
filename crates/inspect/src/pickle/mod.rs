//! Python pickles: what the unpickling machine would import and call, found by
//! interpreting the stream without running anything.

use std::sync::Arc;

use stance_core::fact::{Anomaly, PickleEnd, PickleTrace};

use crate::input::Input;
use crate::limits::Limits;
use crate::registry::Inspector;
use crate::report::Facts;

/// What interpreting one pickle stream gave.
#[derive(Clone, Debug)]
pub struct Traced {
    /// Imports, calls and end.
    pub trace: PickleTrace,
    /// How many bytes it used, up to and with STOP, or up to where it broke.
    pub consumed: usize,
    /// What is odd about the stream: readers that disagree, an expansion bomb.
    pub anomalies: Vec<Anomaly>,
}

/// Interprets the pickle stream at the start of `bytes`. `path` and
/// `base_offset` are what evidence will carry: `bytes` starts at `base_offset`
/// of `path`.
#[must_use]
pub fn trace(path: &Arc<str>, bytes: &[u8], base_offset: u64, limits: &Limits) -> Traced {
    let _ = (bytes, limits);
    Traced {
        trace: PickleTrace {
            path: Arc::clone(path),
            offset: base_offset,
            protocol: 0,
            opcodes: 0,
            globals: Vec::new(),
            calls: Vec::new(),
            end: PickleEnd::Truncated,
        },
        consumed: 0,
        anomalies: Vec::new(),
    }
}

/// Whether `head` starts a pickle, judged by its content alone and strictly:
/// ordinary text and binary files are never taken for one.
#[must_use]
pub fn starts_pickle(head: &[u8]) -> bool {
    matches!(head, [0x80, 2..=5, ..])
}

pub(crate) static INSPECTOR: Pickle = Pickle;

pub(crate) struct Pickle;

impl Inspector for Pickle {
    fn name(&self) -> &'static str {
        "pickle"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        starts_pickle(input.head())
    }

    fn inspect(&self, _input: &Input<'_>, _facts: &mut Facts<'_>) {}
}
