//! Looks at a source: runs the scanner, and takes in what it found.

use serde_json::json;
use stance_store::sources::{RunEnd, Source, SourceKind, Sources as _};
use stance_store::{RunNumber, SourceNumber};
use std::fs::File;
use std::io::Read as _;

use super::child::{self, Ended, Ending};
use super::command::{command, command_line, ensure_key};
use super::found::{self, Form};
use super::take::take;
use super::task::{Failure, Stop, Task, Work};
use super::{SCAN, Settings};
use crate::sources::options::Options;

pub(super) struct Scan(pub(super) Settings);

impl Work for Scan {
    fn kind(&self) -> &'static str {
        SCAN
    }

    fn run(&self, task: &Task<'_>) -> Result<(), Failure> {
        let run = RunNumber(task.number("run")?);
        let source = SourceNumber(task.number("source")?);
        let now = task.now();
        let source = task.books.write(move |store| {
            let source = store.source(source)?.source;
            Ok(store.start_run(run, now)?.then_some(source))
        })?;
        // A worker that was lost behind the end of the run left only the job to be ended.
        let Some(source) = source else { return Ok(()) };
        task.tell("sources");
        let looked = self.look(task, &source);
        end(task, run, &source, looked, &self.0)
    }
}

impl Scan {
    fn look(&self, task: &Task<'_>, source: &Source) -> (Form, Ended) {
        let failed = |sentence: String| Ended {
            output: Err(Ending::Failed(sentence)),
            log: String::new(),
        };
        let options = match Options::of(source.kind, &source.settings.options) {
            Ok(options) => options,
            Err(error) => {
                let told = format!("the options of the source are not in order: {error}");
                return (Form::JsonV1, failed(told));
            }
        };
        match &options {
            Options::Bom(tree) => return (Form::Bom, self.file(&tree.path)),
            Options::Push => {
                let told = "others push to this source; there is nothing to look at".to_owned();
                return (Form::JsonV1, failed(told));
            }
            Options::Logs(logs) if logs.pseudonymise => {
                if let Err(error) = ensure_key(&self.0) {
                    let told = format!("the key of pseudonyms cannot be written: {error}");
                    return (Form::Logs, failed(told));
                }
            }
            _ => {}
        }
        let form = match source.kind {
            SourceKind::Logs => Form::Logs,
            _ => Form::JsonV1,
        };
        let words = command_line(&options, &self.0).unwrap_or_default();
        let command = command(&words, &self.0);
        task.progress(json!({"stage": "scanning"}));
        (form, child::run(command, &self.0.limits, task))
    }

    /// A file that is read as it is.
    fn file(&self, path: &str) -> Ended {
        let most = self.0.limits.output;
        let read = || -> std::io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            // Not a pipe that never ends, nor a device.
            if !std::fs::metadata(path)?.is_file() {
                return Err(std::io::Error::other("it is no file"));
            }
            File::open(path)?
                .take(most as u64 + 1)
                .read_to_end(&mut bytes)?;
            if bytes.len() > most {
                let told = format!("it is larger than the {} MiB that are read", most >> 20);
                return Err(std::io::Error::other(told));
            }
            Ok(bytes)
        };
        Ended {
            output: read()
                .map_err(|error| Ending::Failed(format!("{path} cannot be read: {error}"))),
            log: String::new(),
        }
    }
}

/// Takes in what was found, and ends the run.
fn end(
    task: &Task<'_>,
    run: RunNumber,
    source: &Source,
    looked: (Form, Ended),
    settings: &Settings,
) -> Result<(), Failure> {
    let (form, Ended { output, log }) = looked;
    let taken = match output {
        Ok(bytes) => {
            task.progress(json!({"stage": "taking in"}));
            taken_in(task, run, source.id, form, &bytes, settings)
        }
        Err(Ending::Stopped(stop)) => Err(Failure::Stopped(stop)),
        Err(Ending::Failed(sentence)) => Err(Failure::ForGood(sentence)),
    };
    conclude(task, run, taken, log)
}

/// From bytes to the estate; gives what that changed.
pub(super) fn taken_in(
    task: &Task<'_>,
    run: RunNumber,
    source: SourceNumber,
    form: Form,
    bytes: &[u8],
    settings: &Settings,
) -> Result<serde_json::Value, Failure> {
    let now = task.now();
    let content = found::read(form, bytes, &settings.documents, now)
        .map_err(|error| Failure::ForGood(error.to_string()))?;
    if !content.names_all_unjudged {
        return Err(Failure::ForGood(
            "more files were left out than a document can name, so what is missing from it may still be there; \
             look at a smaller part, or raise the limits in a stance.toml there"
                .to_owned(),
        ));
    }
    if let Some(stop) = task.stop() {
        return Err(Failure::Stopped(stop));
    }
    Ok(take(task, source, run, content, now)?)
}

/// Writes down how a run ended.
pub(super) fn conclude(
    task: &Task<'_>,
    run: RunNumber,
    taken: Result<serde_json::Value, Failure>,
    log: String,
) -> Result<(), Failure> {
    let now = task.now();
    let ended = taken.clone();
    let again = task.job.attempts < task.job.max_attempts;
    task.books.write(move |store| {
        let end = match &ended {
            Ok(outcome) => RunEnd::Succeeded { outcome },
            Err(Failure::ForGood(error)) => RunEnd::Failed { error },
            Err(Failure::Stopped(Stop::Cancelled)) => RunEnd::Cancelled,
            // The next try goes on with the run.
            Err(Failure::Stopped(Stop::Lost | Stop::Leaving)) => return Ok(()),
            Err(Failure::ForNow(_)) if again => return Ok(()),
            Err(Failure::ForNow(error)) => RunEnd::Failed { error },
        };
        store.end_run(run, &end, &log, now)?;
        Ok(())
    })?;
    task.tell("sources");
    taken.map(drop)
}
