//! Receipts of the gateway: what was decided and by what, without words.

use std::io::{BufRead as _, BufReader, Read as Bytes};

use jiff::Timestamp;
use serde::Deserialize;
use stance_core::traffic::{Action, Reason};

use super::source::Read;
use super::{Facts, Recorded, What};

/// Longest line that is read, in bytes.
const LONGEST: u64 = 4 << 20;

#[derive(Deserialize)]
struct Line {
    at: Timestamp,
    actor: Actor,
    action: String,
    object: Object,
    detail: Detail,
}

#[derive(Deserialize)]
struct Actor {
    name: String,
}

#[derive(Deserialize)]
struct Object {
    id: String,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    upstream: String,
    #[serde(default)]
    operation: String,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    decision: Action,
    #[serde(default)]
    reasons: Vec<Reason>,
    #[serde(default)]
    calls: Vec<String>,
}

pub(super) fn read(
    stream: impl Bytes,
    told: &mut Read,
    found: &mut dyn FnMut(Recorded),
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let read = lines.by_ref().take(LONGEST).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        let place = format!("line {number}");
        if line.len() as u64 >= LONGEST && !line.ends_with(b"\n") {
            told.bad("a line that is longer than is read", &place);
            lines.skip_until(b'\n')?;
            continue;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice::<Line>(&line) {
            Ok(line) if line.action == "interaction.judge" => found(recorded(line, place)),
            Ok(_) => told.other += 1,
            Err(_) => told.bad("a line that is no receipt", &place),
        }
    }
    Ok(())
}

fn recorded(line: Line, place: String) -> Recorded {
    let detail = line.detail;
    Recorded {
        place,
        id: Some(line.object.id),
        at: Some(line.at),
        identity: Some(line.actor.name).filter(|name| name != "anonymous"),
        session: None,
        upstream: detail.upstream,
        address: None,
        agent: None,
        operation: detail.operation,
        model: detail.model,
        what: What::Facts(Box::new(Facts {
            decision: detail.decision,
            reasons: detail.reasons,
            calls: detail.calls,
        })),
    }
}
