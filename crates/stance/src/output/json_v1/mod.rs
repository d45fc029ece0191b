//! `json-v1`: our own JSON, documented by its JSON Schema, for programs. The format itself is
//! [`stance_document`]; here is how a report becomes one.

mod convert;

pub(crate) use convert::unjudged;
pub use convert::{document, finding};
pub use stance_document::{
    Asset, Coverage, Document, Evidence, Finding, ReadError, Relation, SCHEMA, Scan, Summary, Tool,
    Unjudged, read, schema, verdicts,
};
