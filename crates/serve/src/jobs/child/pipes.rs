//! What a child writes, read to its end whatever it is, and kept within bounds.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read};
use std::sync::mpsc::Sender;

use serde_json::Value;
use stance_core::evidence::is_invisible;

/// Bytes of the log that are kept, the last ones.
const LOG: usize = 64 << 10;
/// Longest line of the log.
const LINE: u64 = 8 << 10;

/// Begins a line that tells how far the scanner is, and is no part of the log.
pub(crate) const PROGRESS: &str = "\u{1e}progress ";

/// Everything, or `None` when it is more than `most` bytes: the rest is not waited for.
pub(super) fn all(mut pipe: impl Read, most: usize) -> Option<Vec<u8>> {
    let mut kept = Vec::new();
    let mut taken = pipe.by_ref().take(most as u64 + 1);
    // A pipe that breaks ends what was read; whether it is whole shows when it is parsed.
    let _ = taken.read_to_end(&mut kept);
    (kept.len() <= most).then_some(kept)
}

/// The last lines, without what could forge others.
pub(super) fn tail(pipe: impl Read, progress: &Sender<Value>) -> String {
    let mut pipe = BufReader::new(pipe);
    let mut kept: VecDeque<String> = VecDeque::new();
    let mut bytes = 0;
    let mut cut = false;
    loop {
        let mut line = Vec::new();
        match pipe.by_ref().take(LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        if let Some(told) = text.strip_prefix(PROGRESS) {
            if let Ok(told) = serde_json::from_str(told) {
                let _ = progress.send(told);
            }
            continue;
        }
        let text = shown(text);
        bytes += text.len() + 1;
        kept.push_back(text);
        while bytes > LOG {
            let Some(first) = kept.pop_front() else { break };
            bytes -= first.len() + 1;
            cut = true;
        }
    }
    if cut {
        kept.push_front("…".to_owned());
    }
    Vec::from(kept).join("\n")
}

fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_invisible(character) && character != '\t' {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn the_last_lines_are_kept_and_progress_is_told_apart() {
        let (send, progress) = mpsc::channel();
        let mut text = "first\n".repeat(20_000);
        text.push_str(
            "\u{1e}progress {\"files\": 3}\n\u{1e}progress nonsense\nlast \u{1b}[31mred\n",
        );
        let log = tail(text.as_bytes(), &send);
        assert!(log.len() <= LOG + 16, "{}", log.len());
        assert!(log.starts_with("…\nfirst") && log.ends_with("last \\u{1b}[31mred"));
        assert_eq!(
            progress.try_iter().collect::<Vec<_>>(),
            [serde_json::json!({"files": 3})]
        );
    }

    #[test]
    fn a_line_without_end_is_cut_into_pieces() {
        let (send, _progress) = mpsc::channel();
        let log = tail(std::io::repeat(b'x').take(1 << 20), &send);
        assert!(log.len() <= LOG + 16);
    }

    #[test]
    fn too_much_is_nothing() {
        assert_eq!(all(&b"12345"[..], 5).as_deref(), Some(&b"12345"[..]));
        assert_eq!(all(&b"123456"[..], 5), None);
    }
}
