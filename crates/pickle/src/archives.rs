//! Archives of models that are constants of a pickle, as Keras pickles its models and metrics.

use super::recorder::Site;
use super::value::{Span, Value};
use super::world::World;

/// Most archives of one stream.
const ARCHIVES: usize = 8;

/// A zip archive or an HDF5 file that is one constant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Archive {
    span: Span,
    /// Where it starts on the tape.
    pub(super) start: u64,
    pub(super) length: u64,
}

/// Whether the bytes of a constant start as an archive of a model does.
fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\x89HDF\r\n\x1a\n")
}

/// Methods and functions that load the archive they are given, code that it holds included.
fn loads(name: &str) -> bool {
    let package = name.split('.').next().unwrap_or_default();
    let last = name.rsplit('.').next().unwrap_or_default();
    matches!(package, "keras" | "tf_keras" | "tensorflow")
        && matches!(last, "_unpickle_model" | "deserialize_model_from_bytecode")
}

impl World {
    /// Notes a constant that is an archive, so that it is looked into. Only those of the stream itself
    /// have a place in the file.
    pub(super) fn note_archive(&mut self, span: Span, start: u64, length: u64) {
        if self.depth == 0 && self.archives.len() < ARCHIVES && is_archive(self.heap.read(span)) {
            self.archives.push(Archive {
                span,
                start,
                length,
            });
        }
    }

    /// Notes a call that loads an archive which nobody looks into.
    pub(super) fn load_archive(&mut self, name: &str, arguments: &[Value], site: Site) {
        if !loads(name) {
            return;
        }
        // The class comes first where it is a method that was looked up.
        let in_view = |argument: &Value| match self.source(*argument) {
            Some(Value::Bytes(span)) => self.archives.iter().any(|archive| archive.span == span),
            _ => false,
        };
        if !arguments.iter().take(2).any(in_view) {
            self.record("keras.saving.load_model", arguments, site);
        }
    }
}
