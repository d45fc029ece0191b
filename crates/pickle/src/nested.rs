//! Pickles inside a pickle: constants that a call loads, or that lie dormant.

use stance_core::fact::{PickleEnd, PickleOrigin, PickleTrace};

use super::calls::DEPTH;
use super::recorder::Site;
use super::value::{Object, Value};
use super::world::World;
use super::{Traced, codecs};

/// Most pickles found inside one stream.
const NESTED: usize = 64;
/// The same for those that import what none before them did.
const NESTED_NEW: usize = 512;

impl World {
    /// Interprets a constant that holds a pickle itself; whether it is in view.
    pub(super) fn load_nested(
        &mut self,
        constant: Value,
        origin: PickleOrigin,
        site: Site,
    ) -> bool {
        let Some(bytes) = self.payload(constant).filter(|_| self.depth < DEPTH) else {
            return false;
        };
        let mut rest = &*bytes;
        // Old PyTorch tensors are several streams in a row.
        for _ in 0..5 {
            let consumed = self.load_stream(rest, origin, site);
            rest = rest.get(consumed..).unwrap_or_default();
            if consumed == 0 || !super::claim::may_start(rest) {
                break;
            }
        }
        true
    }

    /// The bytes that a loader reads: a constant, or a buffer or loader around one.
    fn payload(&self, value: Value) -> Option<Vec<u8>> {
        match self.source(value)? {
            Value::Text(span) | Value::Bytes(span) => Some(self.heap.read(span).to_vec()),
            _ => None,
        }
    }

    /// The constant that a loader reads.
    pub(super) fn source(&self, value: Value) -> Option<Value> {
        let mut value = value;
        for _ in 0..4 {
            match value {
                Value::Text(_) | Value::Bytes(_) => return Some(value),
                Value::Object(_) => match self.heap.get(value) {
                    Some(Object::Instance {
                        of,
                        arguments,
                        state,
                    }) if is_buffer(of) => {
                        // A pickled buffer is made empty, and its state is (bytes, position, ..).
                        let held = self.heap.items(*state).and_then(|items| items.first());
                        value = *arguments.first().or(held)?;
                    }
                    _ => return None,
                },
                _ => return None,
            }
        }
        None
    }

    /// Interprets one stream of a constant; says how long it was, 0 when it broke.
    fn load_stream(&mut self, bytes: &[u8], origin: PickleOrigin, site: Site) -> usize {
        self.budget = self.budget.saturating_sub(64);
        self.charge(bytes.len());
        let traced = super::trace_inner(
            self.recorder.path(),
            bytes,
            site.offset,
            &self.limits,
            self.budget,
            self.depth.saturating_add(1),
        );
        let stopped = traced.trace.end == PickleEnd::Stop;
        self.budget = self.budget.saturating_sub(traced.spent);
        let Traced {
            trace,
            nested,
            consumed,
            ..
        } = traced;
        for mut trace in std::iter::once(trace).chain(nested) {
            // Offsets inside a constant that may have been decoded mean nothing in the file.
            trace.offset = site.offset;
            for evidence in trace
                .globals
                .iter_mut()
                .map(|global| &mut global.evidence)
                .chain(trace.calls.iter_mut().map(|call| &mut call.evidence))
            {
                evidence.locus = stance_core::Locus::Bytes {
                    offset: site.offset,
                    length: site.length,
                };
            }
            if origin == PickleOrigin::Dormant || trace.origin == PickleOrigin::File {
                trace.origin = origin;
            }
            let idle = trace.globals.is_empty() && trace.origin == PickleOrigin::Dormant;
            // Of many alike, such as the tensors of a network, the first are enough.
            let mut new = false;
            for global in &trace.globals {
                new |= self.nested_names.insert(global.name.clone());
            }
            let most = if new { NESTED_NEW } else { NESTED };
            if idle || self.nested.len() >= most {
                continue;
            }
            if trace.origin == PickleOrigin::Loaded {
                // The constant looked dormant until this call came.
                self.nested.retain(|known| {
                    !(known.origin == PickleOrigin::Dormant && same(known, &trace))
                });
            }
            self.nested.push(trace);
        }
        if stopped { consumed } else { 0 }
    }

    /// Whether `constant`, as it stands or decoded, is a pickle that imports something; if so it
    /// is interpreted as one that nothing loads.
    pub(super) fn look_inside(&mut self, constant: Value, site: Site) {
        let (Value::Text(span) | Value::Bytes(span)) = constant else {
            return;
        };
        if self.depth >= 3 || self.nested.len() >= NESTED {
            return;
        }
        let bytes = self.heap.read(span);
        let payload = if super::claim::hides_pickle(bytes) {
            bytes.to_vec()
        } else if let Some(decoded) =
            codecs::hidden_pickle(bytes).filter(|decoded| super::claim::hides_pickle(decoded))
        {
            decoded
        } else {
            return;
        };
        let value = self.heap.bytes(&payload);
        self.load_nested(value, PickleOrigin::Dormant, site);
    }
}

/// Whether two streams do the same.
fn same(left: &PickleTrace, right: &PickleTrace) -> bool {
    let calls = |trace: &PickleTrace| -> Vec<(String, Vec<String>)> {
        trace
            .calls
            .iter()
            .map(|call| (call.callable.clone(), call.arguments.clone()))
            .collect()
    };
    left.opcodes == right.opcodes && calls(left) == calls(right)
}

/// Functions that load a pickle from the bytes or the buffer they are given, by the names that
/// Python 3 has for them.
pub(super) const NESTED_LOADERS: &[&str] = &[
    "pickle.loads",
    "pickle._loads",
    "pickle.load",
    "pickle._load",
    "pickle.Unpickler().load",
    "pickle._Unpickler().load",
    "dill.loads",
    "dill.load",
    "dill._dill.loads",
    "dill._dill.load",
    "dill._dill.Unpickler().load",
    "cloudpickle.loads",
    "cloudpickle.load",
    "cloudpickle.cloudpickle.loads",
    "cloudpickle.cloudpickle.load",
    "ray.cloudpickle.loads",
    "ray.cloudpickle.load",
    "pickle5.loads",
    "pickle5.load",
    "joblib.externals.cloudpickle.loads",
    "joblib.load",
    "joblib.numpy_pickle.load",
    "numpy.load",
    "numpy.lib.npyio.load",
    "numpy.lib._npyio_impl.load",
    "pandas.read_pickle",
    "pandas.io.pickle.read_pickle",
    "pandas.compat.pickle_compat.load",
    "torch.load",
    "torch.serialization.load",
    "torch.serialization._legacy_load",
    "torch.storage._load_from_bytes",
    "torch.utils.data._utils.pin_memory.pickle.loads",
    "multiprocessing.reduction.ForkingPickler.loads",
    "multiprocessing.reduction.loads",
    "distributed.protocol.pickle.loads",
    "sklearn.externals.joblib.load",
    "joblib.externals.loky.cloudpickle_wrapper._reconstruct_wrapper",
    "loky.cloudpickle_wrapper._reconstruct_wrapper",
];

/// Those that honest files call: what they load is judged, when it is in view.
pub(super) const COMMON_LOADERS: &[&str] = &[
    "joblib.externals.loky.cloudpickle_wrapper._reconstruct_wrapper",
    "loky.cloudpickle_wrapper._reconstruct_wrapper",
    "torch.storage._load_from_bytes",
];

/// Whether what `name` makes holds the bytes it is made with; pickles name its module as it is
/// written in C.
fn is_buffer(name: &str) -> bool {
    let name = super::names::python3_name(name);
    BUFFERS.contains(&name.strip_prefix('_').unwrap_or(&name))
}

/// Objects that hold the bytes they are made with.
const BUFFERS: &[&str] = &[
    "io.BytesIO",
    "io.StringIO",
    "io.BufferedReader",
    "builtins.bytes",
    "builtins.bytearray",
    "builtins.memoryview",
    "pickle.PickleBuffer",
    "pickle.Unpickler",
    "pickle._Unpickler",
    "dill._dill.Unpickler",
];
