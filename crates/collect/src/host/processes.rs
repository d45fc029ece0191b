//! Running processes, as `/proc` tells (Linux).

use std::collections::{BTreeMap, HashMap};
use std::io::Read as _;
use std::path::Path;

use stance_read::credential::mask;
use stance_read::redact::redact;

/// Longest command line that is read, in bytes.
const LONGEST: u64 = 64 << 10;
/// Most words of one.
const WORDS: usize = 512;
/// Most processes that are looked at.
const MOST: usize = 32_768;

/// A running process.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Process {
    pub(super) pid: u32,
    /// Who runs it: a name, or the number where there is no name.
    pub(super) user: String,
    /// Its command line as it was given; holds secrets, so it is never told.
    pub(super) words: Vec<String>,
}

impl Process {
    /// The command line without secrets.
    pub(super) fn command(&self) -> String {
        let mut shown: Vec<String> = Vec::new();
        let mut hides = false;
        for word in &self.words {
            if hides && !word.starts_with('-') {
                shown.push(mask(word));
                hides = false;
                continue;
            }
            hides = word.starts_with('-') && is_secret_flag(word);
            match word.split_once('=') {
                Some((flag, value)) if hides => {
                    shown.push(format!("{flag}={}", mask(value)));
                    hides = false;
                }
                _ => shown.push(word.clone()),
            }
        }
        redact(&shown.join(" ")).into_owned()
    }

    /// What it is called: the program, or the script or module that an interpreter runs.
    pub(super) fn name(&self) -> String {
        stance_services::process::name(&self.words)
    }
}

/// Whether the value of a flag is not to be told.
fn is_secret_flag(word: &str) -> bool {
    let flag = word.split('=').next().unwrap_or(word).to_lowercase();
    let counts = [
        "tokens",
        "max-token",
        "tokenizer",
        "token-limit",
        "key-cache",
    ];
    !counts.iter().any(|count| flag.contains(count))
        && [
            "key",
            "token",
            "secret",
            "password",
            "passwd",
            "credential",
            "auth",
        ]
        .iter()
        .any(|name| flag.contains(name))
}

/// What `/proc` told.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) processes: Vec<Process>,
    /// Which process has which socket open.
    pub(super) sockets: HashMap<u64, u32>,
    /// Processes whose open files the system does not show.
    pub(super) closed: usize,
}

/// Reads the table of processes. `Err` when there is none.
pub(super) fn all(proc: &Path, users: &BTreeMap<u32, String>) -> std::io::Result<Table> {
    let mut table = Table::default();
    for entry in std::fs::read_dir(proc)?.flatten().take(MOST) {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let directory = entry.path();
        let Some(words) = words(&directory.join("cmdline")) else {
            continue;
        };
        let uid = uid(&directory);
        let user = uid.map_or_else(
            || "?".to_owned(),
            |uid| users.get(&uid).cloned().unwrap_or_else(|| uid.to_string()),
        );
        match std::fs::read_dir(directory.join("fd")) {
            Ok(open) => {
                for file in open.flatten() {
                    if let Some(inode) = socket(&file.path()) {
                        table.sockets.entry(inode).or_insert(pid);
                    }
                }
            }
            Err(_) => table.closed += 1,
        }
        table.processes.push(Process { pid, user, words });
    }
    table.processes.sort_by_key(|process| process.pid);
    Ok(table)
}

/// The command line; `None` for kernel threads and processes that are gone.
fn words(path: &Path) -> Option<Vec<String>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(LONGEST).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    // A process that renames itself often writes one text with spaces instead of words.
    let separator = if text.trim_end_matches('\0').contains('\0') {
        '\0'
    } else {
        ' '
    };
    let words: Vec<String> = text
        .trim_end_matches('\0')
        .split(separator)
        .take(WORDS)
        .map(str::to_owned)
        .collect();
    words
        .first()
        .is_some_and(|word| !word.is_empty())
        .then_some(words)
}

fn uid(directory: &Path) -> Option<u32> {
    let status = std::fs::read_to_string(directory.join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The inode of a socket behind an open file.
fn socket(path: &Path) -> Option<u64> {
    let target = std::fs::read_link(path).ok()?;
    target
        .to_str()?
        .strip_prefix("socket:[")?
        .strip_suffix(']')?
        .parse()
        .ok()
}

/// User names by number, of a file in the format of `passwd(5)`.
pub(super) fn users(passwd: &Path) -> BTreeMap<u32, String> {
    let text = std::fs::read_to_string(passwd).unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            Some((fields.nth(1)?.parse().ok()?, name.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(line: &str) -> Process {
        Process {
            pid: 1,
            user: "a".to_owned(),
            words: line.split(' ').map(str::to_owned).collect(),
        }
    }

    #[test]
    fn secrets_in_arguments_are_not_told() {
        for line in [
            "vllm serve m --api-key hunter2-hunter2",
            "vllm serve m --api-key=hunter2-hunter2",
            "server --admin-token hunter2-hunter2 -v",
            "x --password hunter2-hunter2",
        ] {
            let told = process(line).command();
            assert!(!told.contains("hunter2-hunter2"), "{told}");
        }
        let told = process("vllm serve m --max-tokens 4096 --tokenizer org/t --port 80").command();
        assert_eq!(
            told,
            "vllm serve m --max-tokens 4096 --tokenizer org/t --port 80"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_table_of_processes_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let proc = directory.path();
        for (pid, line) in [
            ("7", "ollama\0serve\0"),
            ("8", "nginx: worker process\0"),
            ("9", ""),
        ] {
            std::fs::create_dir_all(proc.join(pid).join("fd")).unwrap();
            std::fs::write(proc.join(pid).join("cmdline"), line).unwrap();
            std::fs::write(
                proc.join(pid).join("status"),
                "Name:\tx\nUid:\t1000\t1000\n",
            )
            .unwrap();
        }
        std::os::unix::fs::symlink("socket:[4711]", proc.join("7/fd/3")).unwrap();
        std::fs::write(proc.join("version"), "not a process").unwrap();
        std::fs::write(
            proc.join("passwd"),
            "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n",
        )
        .unwrap();
        let table = all(proc, &users(&proc.join("passwd"))).unwrap();
        assert_eq!(table.processes.len(), 2);
        assert_eq!(table.processes[0].words, ["ollama", "serve"]);
        assert_eq!(table.processes[0].user, "ann");
        assert_eq!(table.processes[1].words, ["nginx:", "worker", "process"]);
        assert_eq!(table.sockets.get(&4711), Some(&7));
    }
}
