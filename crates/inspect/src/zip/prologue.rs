//! The shell script with which a program for several systems starts: to a shell, the mark of Windows programs opens
//! a text in quotes, and what follows finds or unpacks a loader for the system at hand.

use stance_core::fact::{Embedded, EmbeddedKind};

use stance_read::input::Input;
use stance_read::report::Facts;

/// The name of what is told of it.
pub const PROLOGUE: &str = "prologue";

/// Bytes that are read where the script does not end before.
const MOST: usize = 1 << 20;
/// Bytes of a piece that is read further.
const PIECE: usize = 64 * 1024;
/// Shortest run of letters and signs that is kept: shell between the bytes of a program.
const RUN: usize = 4;

/// The text of the script, line by line, with what is no text left out.
pub(super) fn of(input: &Input<'_>, facts: &mut Facts<'_>) -> Option<Embedded> {
    let mut bytes = input.head().to_vec();
    // Long comments in front of what matters are text as well.
    while bytes.len() < MOST && is_text(bytes.get(bytes.len().saturating_sub(PIECE / 16)..)?) {
        let more = input.read(bytes.len() as u64, PIECE as u64, facts)?;
        if more.is_empty() {
            break;
        }
        bytes.extend(more);
    }
    let mut script = String::new();
    for line in bytes.split(|byte| matches!(byte, b'\n' | b'\r')) {
        // Shells pass over NUL.
        let line: Vec<u8> = line.iter().copied().filter(|byte| *byte != 0).collect();
        let runs = line.split(|byte| !matches!(byte, b' '..=b'~' | b'\t' | 0x80..));
        for run in runs.filter(|run| run.len() >= RUN) {
            script.push_str(&String::from_utf8_lossy(run));
            script.push(' ');
        }
        if script.ends_with(' ') {
            script.pop();
            script.push('\n');
        }
    }
    (!script.is_empty()).then(|| Embedded {
        kind: EmbeddedKind::Source,
        name: PROLOGUE.to_owned(),
        detail: stance_read::redact::redact(&script).into_owned(),
        evidence: input.evidence_at(
            0..bytes.len() as u64,
            "shell script at the start of the program",
        ),
    })
}

/// Whether bytes are text throughout.
fn is_text(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r' | 0x80..))
}
