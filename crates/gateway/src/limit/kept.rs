//! What was used, on disk: one small file, written as a whole beside the old one and put in its place.
//!
//! Made from receipts it could be as well, but those of a month are gigabytes, and people move them away. The file has a line's
//! worth for each name that used something in this month.

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{MOST, Used};

/// The form of the file.
const VERSION: u32 = 1;

/// Most bytes of a file that is read.
const LARGEST: u64 = 64 << 20;

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be used for what was spent: {what}; move it away to begin anew", path = path.display())]
pub struct KeptError {
    path: PathBuf,
    what: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    used: BTreeMap<String, Line>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    day: Date,
    tokens: u64,
    day_microdollars: u64,
    month_microdollars: u64,
}

/// What the file says; nothing where there is none.
pub(super) fn read(path: &Path) -> Result<HashMap<String, Used>, KeptError> {
    let wrong = |what: String| KeptError {
        path: path.to_owned(),
        what,
    };
    let bytes = match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(error) => return Err(wrong(error.to_string())),
        Ok(meta) if meta.len() > LARGEST => return Err(wrong("it is too large".to_owned())),
        Ok(_) => std::fs::read(path).map_err(|error| wrong(error.to_string()))?,
    };
    let file: File = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    if file.version != VERSION {
        return Err(wrong(format!("its version is {}", file.version)));
    }
    if file.used.len() > MOST {
        return Err(wrong("it has too many names".to_owned()));
    }
    let used = |line: Line| Used {
        day: line.day,
        tokens: line.tokens,
        day_micros: line.day_microdollars,
        month_micros: line.month_microdollars,
        held: 0,
    };
    let all = file.used.into_iter();
    Ok(all.map(|(name, line)| (name, used(line))).collect())
}

/// Writes all of it, or leaves what is there.
pub(super) fn write(path: &Path, all: &[(String, Used)]) -> std::io::Result<()> {
    let line = |used: &Used| Line {
        day: used.day,
        tokens: used.tokens,
        day_microdollars: used.day_micros,
        month_microdollars: used.month_micros,
    };
    let file = File {
        version: VERSION,
        used: all
            .iter()
            .map(|(name, used)| (name.clone(), line(used)))
            .collect(),
    };
    let bytes = serde_json::to_vec(&file).map_err(std::io::Error::other)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut out = options.open(&beside)?;
    out.write_all(&bytes)?;
    out.sync_data()?;
    std::fs::rename(beside, path)
}
