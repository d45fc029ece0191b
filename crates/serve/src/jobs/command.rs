//! From a source to the words with which this program looks at it.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Settings;
use crate::sources::options::Options;

/// What a scanner inherits of the environment: no credential of the server, nor a flag.
const INHERITED: [&str; 9] = [
    "PATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "LC_ALL",
    "TZ",
    "XDG_DATA_HOME",
    "XDG_CONFIG_HOME",
    "SYSTEMROOT",
];

/// Asks the scanner to tell how far it is.
const PROGRESS: &str = "STANCE_INTERNAL_PROGRESS";
/// Asks it to end with the process that started it.
const TIED: &str = "STANCE_INTERNAL_TIED";

/// The words that look at a source; `None` for one that is not looked at by a child.
#[must_use]
pub fn command_line(options: &Options, settings: &Settings) -> Option<Vec<OsString>> {
    let mut words: Vec<OsString> = Vec::new();
    let mut paths: Vec<OsString> = Vec::new();
    let mut say = |all: &[&str]| words.extend(all.iter().map(OsString::from));
    match options {
        Options::Tree(tree) => {
            say(&["scan", "--format", "json-v1", "--no-store", "--quiet"]);
            if settings.sandbox {
                say(&["--sandbox=try"]);
            }
            paths.push((&tree.path).into());
        }
        Options::Logs(logs) => {
            say(&[
                "discover", "logs", "--format", "json", "--by", "user", "--quiet",
            ]);
            if let Some(since) = &logs.since {
                say(&[&format!("--since={since}")]);
            }
            for key in &logs.sanctioned {
                say(&[&format!("--sanctioned={key}")]);
            }
            if logs.pseudonymise {
                say(&["--pseudonymise"]);
                let mut key = OsString::from("--pseudonym-key=");
                key.push(key_file(settings));
                words.push(key);
            }
            paths.extend(logs.paths.iter().map(OsString::from));
        }
        Options::Host(host) => {
            say(&["discover", "host", "--format", "json-v1", "--quiet"]);
            if !host.probe && host.addresses.is_empty() {
                say(&["--no-probe"]);
            }
            for address in &host.addresses {
                say(&[&format!("--address={address}")]);
            }
        }
        Options::Bom(_) | Options::Push => return None,
    }
    words.extend([
        "--data-dir".into(),
        settings.data_dir.clone().into_os_string(),
    ]);
    if !paths.is_empty() {
        // Whatever a path looks like, it is no flag.
        words.push("--".into());
        words.extend(paths);
    }
    Some(words)
}

/// The scanner with these words, in an environment of its own.
pub(super) fn command(words: &[OsString], settings: &Settings) -> Command {
    let mut command = Command::new(&settings.scanner);
    command.args(words).env_clear();
    for name in INHERITED {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.env(PROGRESS, "1").env(TIED, "1");
    command
}

/// Where the key is with which people in logs are made unknown.
fn key_file(settings: &Settings) -> PathBuf {
    settings.data_dir.join("pseudonym.key")
}

/// Makes sure that there is such a key, readable by its owner only.
pub(super) fn ensure_key(settings: &Settings) -> std::io::Result<()> {
    let path = key_file(settings);
    if path.is_file() {
        return Ok(());
    }
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(std::io::Error::other)?;
    let key = stance_core::digest::hex(&random);
    let fresh = path.with_extension("new");
    write_private(&fresh, key.as_bytes())?;
    std::fs::rename(&fresh, &path)
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use stance_store::sources::SourceKind;

    use super::*;

    fn words(kind: SourceKind, options: &serde_json::Value) -> String {
        let settings = Settings {
            sandbox: true,
            ..Settings::new("stance".into(), "/data".into())
        };
        let options = Options::of(kind, options).unwrap();
        let words = command_line(&options, &settings).unwrap();
        words.join(" ".as_ref()).into_string().unwrap()
    }

    #[test]
    fn paths_stand_where_they_cannot_be_flags() {
        assert_eq!(
            words(SourceKind::Git, &json!({"path": "/srv/app"})),
            "scan --format json-v1 --no-store --quiet --sandbox=try --data-dir /data -- /srv/app"
        );
        assert_eq!(
            words(
                SourceKind::Logs,
                &json!({"paths": ["/a", "/b"], "since": "30d"})
            ),
            "discover logs --format json --by user --quiet --since=30d --pseudonymise \
             --pseudonym-key=/data/pseudonym.key --data-dir /data -- /a /b"
        );
        assert_eq!(
            words(SourceKind::Host, &json!({"addresses": ["h:1"]})),
            "discover host --format json-v1 --quiet --address=h:1 --data-dir /data"
        );
        assert_eq!(
            words(SourceKind::Host, &json!({"probe": false})),
            "discover host --format json-v1 --quiet --no-probe --data-dir /data"
        );
    }
}
