//! What each kind of source needs to be looked at.

use std::path::Path;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stance_store::sources::SourceKind;

/// Longest path, address or name.
const LONGEST: usize = 4096;
/// Most paths, homes or addresses of one source.
const MOST: usize = 64;
/// Most vendors and services that are sanctioned.
const MOST_SANCTIONED: usize = 512;

/// What a source needs, by its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Options {
    /// A directory or file, or a working copy of git.
    Tree(Tree),
    /// A bill of materials.
    Bom(Tree),
    /// Log files.
    Logs(Logs),
    /// A host.
    Host(Host),
    /// Nothing: others send, or the service sees it pass.
    Push,
}

/// A place in the file system of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    /// An absolute path.
    pub path: String,
}

/// Log files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    /// Absolute paths of files and directories.
    pub paths: Vec<String>,
    /// Whether people are known by a keyed hash only.
    #[serde(default = "yes")]
    pub pseudonymise: bool,
    /// How far back lines count, such as `30d`; all of them when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Keys of the vendors and services that may be used, such as `openai`; the rules say nothing of the others while
    /// it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sanctioned: Vec<String>,
}

/// This machine, or addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Asks these, instead of looking at this machine.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// Whether what listens on this machine is asked what it is, with GET requests.
    #[serde(default = "yes")]
    pub probe: bool,
}

const fn yes() -> bool {
    true
}

/// What is wrong with an option.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct OptionError {
    /// Which one.
    pub field: &'static str,
    /// What is wrong, and what would be right.
    pub message: String,
}

fn wrong(field: &'static str, message: impl Into<String>) -> OptionError {
    OptionError {
        field,
        message: message.into(),
    }
}

impl Options {
    /// Those of a source of this kind.
    ///
    /// # Errors
    ///
    /// Which one is missing, unknown or of no use.
    pub fn of(kind: SourceKind, options: &Value) -> Result<Self, OptionError> {
        fn read<T: serde::de::DeserializeOwned>(options: &Value) -> Result<T, OptionError> {
            T::deserialize(options.clone()).map_err(|error| wrong("options", error.to_string()))
        }
        Ok(match kind {
            SourceKind::Directory | SourceKind::Git => Self::Tree(tree(read(options)?)?),
            SourceKind::Bom => Self::Bom(tree(read(options)?)?),
            SourceKind::Logs => Self::Logs(logs(read(options)?)?),
            SourceKind::Host => Self::Host(host(read(options)?)?),
            SourceKind::Push | SourceKind::Runtime => Self::Push,
        })
    }

    /// As they are kept.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let json = match self {
            Self::Tree(tree) | Self::Bom(tree) => serde_json::to_value(tree),
            Self::Logs(logs) => serde_json::to_value(logs),
            Self::Host(host) => serde_json::to_value(host),
            Self::Push => Ok(Value::Object(serde_json::Map::new())),
        };
        json.unwrap_or_default()
    }

    /// What names the source for good.
    #[must_use]
    pub fn key(&self, kind: SourceKind, name: &str) -> String {
        match self {
            Self::Tree(tree) => format!("path:{}", tree.path),
            Self::Bom(tree) => format!("bom:{}", tree.path),
            Self::Logs(logs) => format!("logs:{}", logs.paths.join("\n")),
            Self::Host(host) if host.addresses.is_empty() => "host:this machine".to_owned(),
            Self::Host(host) => format!("host:{}", host.addresses.join("\n")),
            Self::Push => push_key(name, kind),
        }
    }

    /// Where it looks, in a line.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Tree(tree) | Self::Bom(tree) => tree.path.clone(),
            Self::Logs(logs) => logs.paths.join(", "),
            Self::Host(host) if host.addresses.is_empty() => "this machine".to_owned(),
            Self::Host(host) => host.addresses.join(", "),
            Self::Push => "pushed by others".to_owned(),
        }
    }
}

fn push_key(name: &str, kind: SourceKind) -> String {
    format!("{}:{name}", kind.name())
}

fn tree(tree: Tree) -> Result<Tree, OptionError> {
    Ok(Tree {
        path: path("path", &tree.path)?,
    })
}

fn logs(logs: Logs) -> Result<Logs, OptionError> {
    if logs.paths.is_empty() || logs.paths.len() > MOST {
        return Err(wrong(
            "paths",
            format!("name 1 to {MOST} files or directories"),
        ));
    }
    if let Some(since) = &logs.since {
        let span: Option<jiff::Span> = since.parse().ok();
        let back = span.and_then(|span| {
            span.to_duration(jiff::SpanRelativeTo::days_are_24_hours())
                .ok()
        });
        if back.is_none_or(|back| back <= SignedDuration::ZERO) {
            return Err(wrong("since", "say how far back, such as `30d` or `12h`"));
        }
    }
    let is_key = |text: &String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        !text.is_empty() && text.len() <= 100 && !text.starts_with('-') && text.chars().all(plain)
    };
    if logs.sanctioned.len() > MOST_SANCTIONED || !logs.sanctioned.iter().all(is_key) {
        return Err(wrong(
            "sanctioned",
            format!("at most {MOST_SANCTIONED} keys of vendors or services, such as openai"),
        ));
    }
    let paths = logs.paths.iter().map(|one| path("paths", one));
    Ok(Logs {
        paths: paths.collect::<Result<_, _>>()?,
        ..logs
    })
}

fn host(host: Host) -> Result<Host, OptionError> {
    if host.addresses.len() > MOST {
        return Err(wrong("addresses", format!("at most {MOST} addresses")));
    }
    for address in &host.addresses {
        let plain = address.chars().all(|c| c.is_ascii_graphic() && c != ',');
        if address.is_empty() || address.len() > 300 || address.starts_with('-') || !plain {
            return Err(wrong(
                "addresses",
                "an address is HOST, HOST:PORT or http(s)://HOST:PORT",
            ));
        }
    }
    Ok(host)
}

/// An absolute path, without what leads up and without a slash at its end.
fn path(field: &'static str, text: &str) -> Result<String, OptionError> {
    let text = text.trim();
    if text.len() > LONGEST || text.chars().any(char::is_control) {
        return Err(wrong(field, "that is no path"));
    }
    let path = Path::new(text);
    if !path.is_absolute() {
        return Err(wrong(
            field,
            "write the whole path on the server, such as /srv/models",
        ));
    }
    if path
        .components()
        .any(|part| part == std::path::Component::ParentDir)
    {
        return Err(wrong(field, "write the path without `..`"));
    }
    let plain: std::path::PathBuf = path.components().collect();
    Ok(plain.display().to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn options_are_read_back_as_they_are_kept() {
        for (kind, options, key) in [
            (
                SourceKind::Directory,
                json!({"path": "/srv/models/"}),
                "path:/srv/models",
            ),
            (
                SourceKind::Git,
                json!({"path": "/srv//app"}),
                "path:/srv/app",
            ),
            (
                SourceKind::Bom,
                json!({"path": "/srv/bom.json"}),
                "bom:/srv/bom.json",
            ),
            (
                SourceKind::Logs,
                json!({"paths": ["/var/log/squid"]}),
                "logs:/var/log/squid",
            ),
            (SourceKind::Host, json!({}), "host:this machine"),
            (SourceKind::Host, json!({"addresses": ["a:1"]}), "host:a:1"),
            (SourceKind::Push, json!({}), "push:ci"),
        ] {
            let read = Options::of(kind, &options).unwrap();
            assert_eq!(Options::of(kind, &read.to_json()).unwrap(), read);
            assert_eq!(read.key(kind, "ci"), key);
        }
    }

    #[test]
    fn what_is_of_no_use_is_refused_by_name() {
        for (kind, options, field) in [
            (SourceKind::Directory, json!({}), "options"),
            (SourceKind::Directory, json!({"path": "models"}), "path"),
            (SourceKind::Directory, json!({"path": "-rf"}), "path"),
            (SourceKind::Directory, json!({"path": "/a/../b"}), "path"),
            (SourceKind::Directory, json!({"path": "/a\u{0}b"}), "path"),
            (
                SourceKind::Directory,
                json!({"path": "/a", "shell": "rm"}),
                "options",
            ),
            (SourceKind::Logs, json!({"paths": []}), "paths"),
            (
                SourceKind::Logs,
                json!({"paths": ["/a"], "since": "never"}),
                "since",
            ),
            (
                SourceKind::Logs,
                json!({"paths": ["/a"], "sanctioned": ["--config=/etc/passwd"]}),
                "sanctioned",
            ),
            (
                SourceKind::Logs,
                json!({"paths": ["/a"], "since": "-3d"}),
                "since",
            ),
            (
                SourceKind::Host,
                json!({"addresses": ["--root"]}),
                "addresses",
            ),
            (SourceKind::Host, json!({"addresses": ["a b"]}), "addresses"),
        ] {
            let error = Options::of(kind, &options).unwrap_err();
            assert_eq!(error.field, field, "{options}");
        }
    }
}
