//! Takes in a document that was pushed.

use serde_json::json;
use stance_store::sources::Sources as _;
use stance_store::{RunNumber, SourceNumber};
use std::io::Read as _;

use super::found::Form;
use super::scan::{conclude, taken_in};
use super::task::{Failure, Task, Work};
use super::{INGEST, Settings};

pub(super) struct Ingest(pub(super) Settings);

impl Work for Ingest {
    fn kind(&self) -> &'static str {
        INGEST
    }

    fn run(&self, task: &Task<'_>) -> Result<(), Failure> {
        let run = RunNumber(task.number("run")?);
        let source = SourceNumber(task.number("source")?);
        let now = task.now();
        let document = task.books.write(move |store| {
            let document = store.upload(run)?;
            Ok(store.start_run(run, now)?.then_some(document))
        })?;
        let Some(document) = document else {
            return Ok(());
        };
        task.progress(json!({"stage": "taking in"}));
        let taken = match document {
            Some(packed) => unpack(&packed, self.0.limits.output).and_then(|bytes| {
                let form = Form::of(&bytes).map_err(|error| Failure::ForGood(error.to_string()))?;
                taken_in(task, run, source, form, &bytes, &self.0)
            }),
            None => Err(Failure::ForGood(
                "the pushed document is gone; push it again".to_owned(),
            )),
        };
        conclude(task, run, taken, String::new())
    }
}

/// A document as it was pushed, unpacked if it was packed.
fn unpack(document: &[u8], most: usize) -> Result<Vec<u8>, Failure> {
    if !document.starts_with(&[0x1f, 0x8b]) {
        return Ok(document.to_vec());
    }
    let mut bytes = Vec::new();
    let read = flate2::read::GzDecoder::new(document)
        .take(most as u64 + 1)
        .read_to_end(&mut bytes);
    match read {
        Ok(_) if bytes.len() <= most => Ok(bytes),
        Ok(_) => Err(Failure::ForGood(format!(
            "the document is larger than the {} MiB that are taken",
            most >> 20
        ))),
        Err(error) => Err(Failure::ForGood(format!(
            "the document cannot be unpacked: {error}"
        ))),
    }
}
