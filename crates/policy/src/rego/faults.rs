//! The engine's words for what went wrong, as faults of ours.

use std::time::Duration;

use regorus::LimitError;

use crate::bounded::out_of_time;
use crate::fault::{Fault, Place, What};

/// What stands before an error of one of our functions, so that it is known again.
pub(super) const MEMORY: &str = "stance: memory: ";

/// What stands before the refusal of something that policies may not do.
pub(super) const FORBIDDEN: &str = "stance: forbidden: ";

/// A fault from an error of the engine.
pub(super) fn fault(error: &anyhow::Error, time: Duration) -> Fault {
    match error.downcast_ref::<LimitError>() {
        Some(LimitError::TimeLimitExceeded { .. }) => return out_of_time(time),
        Some(other) => return Fault::new(What::Memory, other.to_string()),
        None => {}
    }
    let said = error.to_string();
    let (place, message) = parted(&said);
    // Where our own functions are written tells a user nothing.
    let place = place.filter(|it| it.file != super::shim::FILE);
    let what = if said.contains("exceeded time limit") {
        return out_of_time(time);
    } else if let Some(words) = message.strip_prefix(MEMORY) {
        return Fault {
            what: What::Memory,
            place,
            message: words.to_owned(),
        };
    } else if let Some(words) = message.strip_prefix(FORBIDDEN) {
        return Fault {
            what: What::Function,
            place,
            message: words.to_owned(),
        };
    } else if message.contains("could not find function") {
        What::Function
    } else if message.contains("recursion detected") || message.contains("cyclic") {
        What::Recursion
    } else if message.contains("rules must not produce multiple outputs")
        || message.contains("must not produce multiple")
        || message.contains("conflict")
        || message.contains("multiple values")
    {
        What::Conflict
    } else {
        What::Evaluation
    };
    Fault {
        what,
        place,
        message,
    }
}

/// A fault from an error of the engine's parser.
pub(super) fn syntax(error: &anyhow::Error) -> Fault {
    let said = error.to_string();
    let (place, message) = parted(&said);
    Fault {
        what: What::Syntax,
        place,
        message,
    }
}

/// The place and the words of an error, which the engine draws over several lines.
fn parted(said: &str) -> (Option<Place>, String) {
    let mut place = None;
    let mut message = None;
    for line in said.lines() {
        if let Some(path) = line.trim_start().strip_prefix("--> ") {
            // The last place is the innermost.
            place = placed(path);
        } else if let Some(words) = line.strip_prefix("error: ") {
            message = Some(words.trim().to_owned());
        }
    }
    let message = message.unwrap_or_else(|| said.trim().to_owned());
    (place, message)
}

fn placed(path: &str) -> Option<Place> {
    let (rest, column) = path.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    Some(Place {
        file: file.to_owned(),
        line: line.parse().ok()?,
        column: column.trim().parse().ok()?,
    })
}
