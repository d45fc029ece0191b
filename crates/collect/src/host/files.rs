//! Files of a home that Stance reads anyway: configurations of MCP clients, and what tools keep of models.

use std::path::{Path, PathBuf};

use stance_inspect::Source as _;

use crate::FileSource;

/// Longest small file that is read whole, in bytes.
const LONGEST: u64 = 4 << 20;
/// Most entries of one directory.
const ENTRIES: usize = 20_000;

/// Where programs keep the settings of a user, on the three systems.
pub(super) const SETTINGS: [&str; 4] = [
    "",
    ".config",
    "Library/Application Support",
    "AppData/Roaming",
];

/// Editors of the Visual Studio Code family, by the names of their directories.
const EDITORS: [&str; 9] = [
    "Code",
    "Code - Insiders",
    "VSCodium",
    "Cursor",
    "Windsurf",
    "Trae",
    "Kiro",
    "Antigravity",
    "Void",
];

/// Where extensions of those editors keep their MCP servers.
const EXTENSION_SETTINGS: [&str; 3] = [
    "User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
    "User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
    "User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json",
];

/// Directories with a name of their own that stand before a file of a client.
const APPLICATIONS: [&str; 2] = ["Claude", "ClaudeDesktop"];

/// The entries of a directory, in order; none when it cannot be read.
pub(crate) fn children(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .take(ENTRIES)
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}

/// A small regular file as text.
pub(crate) fn read(path: &Path) -> Option<String> {
    // Neither waits for a pipe nor reads more than there was.
    let source = FileSource::open(path, true).ok()?;
    if source.len() > LONGEST {
        return None;
    }
    let mut bytes = vec![0; usize::try_from(source.len()).ok()?];
    let mut filled = 0;
    while filled < bytes.len() {
        match source.read_at(filled as u64, &mut bytes[filled..]) {
            Ok(0) | Err(_) => break,
            Ok(count) => filled += count,
        }
    }
    bytes.truncate(filled);
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Configurations of MCP clients in a home, as far as they exist.
pub(super) fn configurations(home: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut add = |path: PathBuf| {
        if path.is_file() && !found.contains(&path) {
            found.push(path);
        }
    };
    for base in SETTINGS.map(|base| home.join(base)) {
        for file in stance_inspect::agent_configurations() {
            match file.split_once("/*.") {
                None => {
                    add(base.join(file));
                    for application in APPLICATIONS {
                        add(base.join(application).join(file));
                    }
                }
                Some((directory, extension)) => {
                    for path in children(&base.join(directory)) {
                        if path.extension().is_some_and(|it| it == extension) {
                            add(path);
                        }
                    }
                }
            }
        }
        for editor in EDITORS.map(|editor| base.join(editor)) {
            add(editor.join("User/mcp.json"));
            add(editor.join("User/settings.json"));
            for settings in EXTENSION_SETTINGS {
                add(editor.join(settings));
            }
        }
    }
    found
}

/// Files of stores of models, which are known by their paths.
pub(super) fn stores(root: &Path, homes: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut ollama: Vec<PathBuf> = homes.iter().map(|home| home.join(".ollama")).collect();
    ollama.push(root.join("usr/share/ollama/.ollama"));
    ollama.push(root.join("var/lib/ollama"));
    for directory in ollama {
        below(&directory.join("models/manifests"), 4, &mut found, &|_| {
            true
        });
    }
    for home in homes {
        for repository in children(&home.join(".cache/huggingface/hub")) {
            found.extend(
                children(&repository.join("refs"))
                    .into_iter()
                    .filter(|it| it.is_file()),
            );
        }
        for store in [".lmstudio/models", ".cache/lm-studio/models"] {
            below(&home.join(store), 3, &mut found, &|path| {
                path.extension().is_some_and(|it| it == "gguf")
            });
        }
    }
    found
}

/// Files up to a depth, without following links.
fn below(directory: &Path, depth: usize, found: &mut Vec<PathBuf>, wanted: &dyn Fn(&Path) -> bool) {
    for path in children(directory) {
        let Ok(metadata) = std::fs::symlink_metadata(&path) else {
            continue;
        };
        if metadata.is_dir() && depth > 0 {
            below(&path, depth - 1, found, wanted);
        } else if metadata.is_file() && found.len() < ENTRIES && wanted(&path) {
            found.push(path);
        }
    }
}
