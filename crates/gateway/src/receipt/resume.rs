//! Where a log ends: found by reading all of it, or from what was signed on.
//!
//! Once a second, with each checkpoint, the writer leaves `resume` beside the log: where the log ends and what appending needs to
//! know, signed with the key of the checkpoints. A start takes that, looks whether the last line that it tells of is there as it
//! was, and reads on from there, so a start costs as much after a billion receipts as after none. What lies before was read when
//! it was written and is not read again: that it is still as it was, `stance audit verify` tells. Without a `resume` that the key
//! signed, all is read, and held against the checkpoints.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use stance_core::digest::hex;
use stance_govern::audit::{Checkpoint, Entry, GENESIS, leaf};
use stance_govern::merkle::{Frontier, Hash};
use stance_govern::signature::PrivateKey;

use super::log::LogError;
use super::writer::{checkpoint_path, file_path, open_file};

/// The file that tells where the log ends.
pub(super) const RESUME: &str = "resume";

/// What is signed names this, so that it is taken for nothing else that the key signs.
const NAME: &str = "stance/receipts/resume";

/// Largest such file.
const LARGEST: u64 = 64 << 10;

/// Longest line that is read back.
const LONGEST: u64 = 4 << 20;

/// Where a log ends, and what appending to it needs to know.
#[derive(Clone, Debug)]
pub(super) struct End {
    /// Which file is the last.
    pub(super) number: u32,
    /// How long it is, as far as it is whole, in bytes and lines, and where its last line begins.
    pub(super) length: u64,
    lines: u64,
    line_at: u64,
    /// Entries in all, the hash of the last, and when that happened.
    pub(super) seq: u64,
    pub(super) last: Hash,
    pub(super) at: Timestamp,
    pub(super) frontier: Frontier,
}

/// As it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    number: u32,
    length: u64,
    lines: u64,
    line_at: u64,
    seq: u64,
    last: String,
    /// In milliseconds since 1970.
    at: i64,
    frontier: String,
}

impl End {
    /// Of a log that has nothing in it.
    fn of_nothing() -> Self {
        Self {
            number: 1,
            length: 0,
            lines: 0,
            line_at: 0,
            seq: 0,
            last: GENESIS,
            at: Timestamp::UNIX_EPOCH,
            frontier: Frontier::default(),
        }
    }

    /// Takes the next entry, whose line has so many bytes.
    pub(super) fn take(&mut self, entry: &Entry, bytes: u64) {
        self.line_at = self.length;
        self.length += bytes;
        self.lines += 1;
        self.seq = entry.seq;
        self.last = entry.hash;
        self.at = entry.at;
        self.frontier.push(leaf(&entry.hash), |_, _| {});
    }

    /// Begins the next file.
    pub(super) const fn turn(&mut self) {
        self.number += 1;
        self.length = 0;
        self.lines = 0;
        self.line_at = 0;
    }

    /// As text that `key` signed.
    pub(super) fn signed(&self, key: &PrivateKey) -> std::io::Result<String> {
        let written = Written {
            number: self.number,
            length: self.length,
            lines: self.lines,
            line_at: self.line_at,
            seq: self.seq,
            last: hex(&self.last),
            at: self.at.as_millisecond(),
            frontier: hex(&self.frontier.to_bytes()),
        };
        let line = serde_json::to_string(&written)? + "\n";
        let note = signature(&line, self.seq).sign(key);
        Ok(line + &note.map_err(std::io::Error::other)?)
    }

    /// Reads it back; `None` where it is not what `key` signed.
    fn read(text: &str, key: &PrivateKey) -> Option<Self> {
        let (line, note) = text.split_at(text.find('\n')? + 1);
        let signed = Checkpoint::verify(note, &[key.public().clone()]).ok()?;
        let written: Written = serde_json::from_str(line).ok()?;
        if signed != signature(line, written.seq) {
            return None;
        }
        let frontier = Frontier::from_bytes(written.seq, &bytes(&written.frontier)?)?;
        Some(Self {
            number: written.number,
            length: written.length,
            lines: written.lines,
            line_at: written.line_at,
            seq: written.seq,
            last: bytes(&written.last)?.try_into().ok()?,
            at: Timestamp::from_millisecond(written.at).ok()?,
            frontier,
        })
    }
}

/// What is signed for a line: its hash, in the form of a checkpoint.
fn signature(line: &str, size: u64) -> Checkpoint {
    Checkpoint {
        origin: NAME.to_owned(),
        size,
        root: Sha256::digest(line).into(),
    }
}

/// Bytes of hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    rest.is_empty().then(|| pairs.iter().map(byte).collect())?
}

/// Finds where the log in `directory` ends. What is torn at the end of its last file lies behind that.
pub(super) fn find(directory: &Path, key: Option<&PrivateKey>) -> Result<End, LogError> {
    let resumed = key.and_then(|key| {
        let mut text = String::new();
        let file = File::open(directory.join(RESUME)).ok()?;
        file.take(LARGEST).read_to_string(&mut text).ok()?;
        End::read(&text, key)
    });
    let mut reading = match resumed {
        Some(end) => Reading::after(directory, end)?,
        None => Reading::of_all(directory, key)?,
    };
    loop {
        let is_last = !file_path(directory, reading.end.number + 1).exists();
        reading.file(is_last)?;
        if is_last {
            break;
        }
        reading.end.turn();
    }
    reading.is_all_there()?;
    Ok(reading.end)
}

/// A log that is read.
struct Reading<'d> {
    directory: &'d Path,
    end: End,
    /// What checkpoints say of sizes that the log had.
    checkpoints: Vec<Checkpoint>,
}

impl<'d> Reading<'d> {
    /// From the first line on.
    fn of_all(directory: &'d Path, key: Option<&PrivateKey>) -> Result<Self, LogError> {
        let mut checkpoints = Vec::new();
        for number in 1.. {
            if number > 1 && !file_path(directory, number).exists() {
                break;
            }
            // One by another key says nothing here: the key may have been changed.
            if let Some(key) = key
                && let Ok(note) = std::fs::read_to_string(checkpoint_path(directory, number))
                && let Ok(checkpoint) = Checkpoint::verify(&note, &[key.public().clone()])
            {
                checkpoints.push(checkpoint);
            }
        }
        Ok(Self {
            directory,
            end: End::of_nothing(),
            checkpoints,
        })
    }

    /// From what was signed on, if the last line that it tells of is there as it was.
    fn after(directory: &'d Path, end: End) -> Result<Self, LogError> {
        let path = file_path(directory, end.number);
        let fails = |error| LogError::File {
            path: path.clone(),
            error,
        };
        let mut file = open_file(&path).map_err(fails)?;
        let length = file.metadata().map_err(fails)?.len();
        if length < end.length {
            return Err(LogError::Shorter {
                path,
                signed: end.seq,
            });
        }
        if end.lines > 0 {
            file.seek(SeekFrom::Start(end.line_at)).map_err(fails)?;
            let mut line = Vec::new();
            let bytes = end.length.saturating_sub(end.line_at);
            file.take(bytes.min(LONGEST))
                .read_to_end(&mut line)
                .map_err(fails)?;
            let entry = line
                .strip_suffix(b"\n")
                .and_then(|line| std::str::from_utf8(line).ok())
                .and_then(|line| Entry::from_line(line).ok())
                .filter(|entry| entry.hash == end.last && entry.computed_hash() == end.last);
            if entry.is_none() {
                return Err(LogError::Broken {
                    path,
                    line: end.lines,
                    what: "it is not the line that was signed".to_owned(),
                });
            }
        }
        Ok(Self {
            directory,
            end,
            checkpoints: Vec::new(),
        })
    }

    /// Reads the file at hand to its end. Only of the last may the last line be torn: nobody was ever told that it is there.
    fn file(&mut self, is_last: bool) -> Result<(), LogError> {
        let path = file_path(self.directory, self.end.number);
        let fails = |error| LogError::File {
            path: path.clone(),
            error,
        };
        let mut file = open_file(&path).map_err(fails)?;
        file.seek(SeekFrom::Start(self.end.length)).map_err(fails)?;
        let mut reader = BufReader::new(file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = reader
                .by_ref()
                .take(LONGEST)
                .read_until(b'\n', &mut line)
                .map_err(fails)? as u64;
            if read == 0 {
                return Ok(());
            }
            let is_whole = line.pop_if(|last| *last == b'\n').is_some();
            if !is_whole && is_last && read < LONGEST {
                return Ok(());
            }
            let taken = match is_whole {
                true => self.line(&line, read),
                false => Err("it does not end"),
            };
            taken.map_err(|what| LogError::Broken {
                path: path.clone(),
                line: self.end.lines + 1,
                what: what.to_owned(),
            })?;
        }
    }

    fn line(&mut self, line: &[u8], read: u64) -> Result<(), &'static str> {
        let text = std::str::from_utf8(line).map_err(|_| "it is no text")?;
        let entry = Entry::from_line(text)?;
        if entry.seq != self.end.seq + 1 || entry.previous != self.end.last {
            return Err("it does not follow on what is before it");
        }
        if entry.computed_hash() != entry.hash {
            return Err("its hash is not that of its content");
        }
        self.end.take(&entry, read);
        let mut signed = self.checkpoints.iter().filter(|it| it.size == entry.seq);
        if signed.any(|checkpoint| checkpoint.root != self.end.frontier.root()) {
            return Err("up to it, this is not the log that was signed");
        }
        Ok(())
    }

    /// Whether there is as much as was signed.
    fn is_all_there(&self) -> Result<(), LogError> {
        let signed = self.checkpoints.iter().map(|it| it.size).max();
        match signed.filter(|signed| *signed > self.end.seq) {
            Some(signed) => Err(LogError::Shorter {
                path: file_path(self.directory, self.end.number),
                signed,
            }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Receipt;
    use super::super::log::Log;
    use super::*;
    use crate::settings::Receipts;

    fn key() -> PrivateKey {
        PrivateKey::ed25519(&[7; 32]).unwrap()
    }

    fn open(directory: &Path) -> Result<Log, LogError> {
        Log::open(directory, &Receipts::default(), Some(key()))
    }

    /// Opens the log, writes so many receipts and closes it again.
    fn write(directory: &Path, count: u32) {
        let log = open(directory).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        for number in 0..count {
            let receipt = Receipt {
                id: format!("{number:016x}"),
                ..Receipt::default()
            };
            let entry = receipt.entry("2026-11-27T00:00:00Z".parse().unwrap());
            runtime.block_on(log.write(entry)).unwrap();
        }
    }

    fn seqs(directory: &Path) -> Vec<u64> {
        let text = std::fs::read_to_string(file_path(directory, 1)).unwrap();
        text.lines()
            .map(|line| Entry::from_line(line).unwrap().seq)
            .collect()
    }

    /// Changes a byte of the line with this number, and gives what the file was.
    fn spoil(directory: &Path, number: usize) -> String {
        let path = file_path(directory, 1);
        let text = std::fs::read_to_string(&path).unwrap();
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        lines[number] = lines[number].replacen("anonymous", "anonymouz", 1);
        std::fs::write(path, lines.concat()).unwrap();
        text
    }

    #[test]
    fn a_start_reads_what_came_since_the_last_that_was_signed() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        write(directory, 5);
        // Not read again, so not seen here; `audit verify` sees it.
        spoil(directory, 1);
        write(directory, 3);
        let before = std::fs::read(directory.join(RESUME)).unwrap();
        write(directory, 2);
        // What came after it is read, and appended to.
        std::fs::write(directory.join(RESUME), before).unwrap();
        write(directory, 1);
        assert_eq!(seqs(directory), (1..=11).collect::<Vec<_>>());
        let lines = std::fs::read_to_string(file_path(directory, 1)).unwrap();
        let note = std::fs::read_to_string(checkpoint_path(directory, 1)).unwrap();
        let checkpoint = Checkpoint::verify(&note, &[key().public().clone()]).unwrap();
        let mut frontier = Frontier::default();
        for line in lines.lines() {
            frontier.push(leaf(&Entry::from_line(line).unwrap().hash), |_, _| {});
        }
        assert_eq!((checkpoint.size, checkpoint.root), (11, frontier.root()));
    }

    #[test]
    fn what_is_missing_or_changed_at_the_end_is_seen() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        write(directory, 4);
        let whole = spoil(directory, 3);
        assert!(matches!(
            open(directory),
            Err(LogError::Broken { line: 4, .. })
        ));
        let path = file_path(directory, 1);
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(matches!(
            open(directory),
            Err(LogError::Shorter { signed: 4, .. })
        ));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(open(directory), Err(LogError::Shorter { .. })));
        std::fs::write(&path, whole).unwrap();
        assert!(open(directory).is_ok());
    }

    #[test]
    fn without_what_the_key_signed_all_is_read_and_held_against_the_checkpoints() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        write(directory, 4);
        let path = directory.join(RESUME);
        let signed = std::fs::read_to_string(&path).unwrap();
        // Somebody else's, one that says something else, and none.
        let other = PrivateKey::ed25519(&[8; 32]).unwrap();
        let end = End::read(&signed, &key()).unwrap();
        assert!(End::read(&end.signed(&other).unwrap(), &key()).is_none());
        let forged = signed.replacen("\"lines\":4", "\"lines\":3", 1);
        assert!(signed != forged && End::read(&forged, &key()).is_none());
        std::fs::write(&path, forged).unwrap();
        let whole = spoil(directory, 1);
        assert!(matches!(
            open(directory),
            Err(LogError::Broken { line: 2, .. })
        ));
        std::fs::remove_file(&path).unwrap();
        // Whole lines that are missing at the end are so many fewer than were signed.
        let three: String = whole.split_inclusive('\n').take(3).collect();
        std::fs::write(file_path(directory, 1), three).unwrap();
        assert!(matches!(
            open(directory),
            Err(LogError::Shorter { signed: 4, .. })
        ));
        std::fs::write(file_path(directory, 1), whole).unwrap();
        write(directory, 1);
        assert_eq!(seqs(directory), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn files_before_the_last_may_be_elsewhere() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        write(directory, 3);
        // As if the first file were full.
        let text = std::fs::read_to_string(directory.join(RESUME)).unwrap();
        let mut end = End::read(&text, &key()).unwrap();
        end.turn();
        std::fs::write(directory.join(RESUME), end.signed(&key()).unwrap()).unwrap();
        std::fs::rename(file_path(directory, 1), directory.join("elsewhere")).unwrap();
        write(directory, 2);
        let text = std::fs::read_to_string(file_path(directory, 2)).unwrap();
        let first = Entry::from_line(text.lines().next().unwrap()).unwrap();
        assert_eq!((first.seq, text.lines().count()), (4, 2));
        assert!(!file_path(directory, 1).exists());
    }
}
