//! Extensions of editors and browsers that the catalogue of services knows, or that reach for AI services.

use std::path::{Path, PathBuf};

use serde_json::Value;
use stance_logs::Catalogue;

use super::files::{SETTINGS, children, read};

/// An installed extension.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Extension {
    /// Index in the catalogue.
    pub(super) service: usize,
    /// Its id: `publisher.name`, or 32 letters.
    pub(super) id: String,
    /// The name it gives itself, where that was read.
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    /// The program it extends.
    pub(super) inside: &'static str,
    /// Whether only the pages it works on tell what it has to do with the service.
    pub(super) by_pages: bool,
    pub(super) path: PathBuf,
}

/// Editors of the Visual Studio Code family and where they keep extensions, below a home.
const EDITORS: [(&str, &str); 11] = [
    ("VS Code", ".vscode/extensions"),
    ("VS Code Insiders", ".vscode-insiders/extensions"),
    ("VS Code Server", ".vscode-server/extensions"),
    ("VSCodium", ".vscode-oss/extensions"),
    ("Cursor", ".cursor/extensions"),
    ("Cursor Server", ".cursor-server/extensions"),
    ("Windsurf", ".windsurf/extensions"),
    ("Antigravity", ".antigravity/extensions"),
    ("Trae", ".trae/extensions"),
    ("Kiro", ".kiro/extensions"),
    ("Positron", ".positron/extensions"),
];

/// Browsers of the Chromium family and where they keep profiles, below a home.
const CHROMIUM: [(&str, &str); 20] = [
    ("Chrome", ".config/google-chrome"),
    ("Chrome", "Library/Application Support/Google/Chrome"),
    ("Chrome", "AppData/Local/Google/Chrome/User Data"),
    ("Chrome", ".var/app/com.google.Chrome/config/google-chrome"),
    ("Chromium", ".config/chromium"),
    ("Chromium", "snap/chromium/common/chromium"),
    ("Chromium", "Library/Application Support/Chromium"),
    ("Chromium", "AppData/Local/Chromium/User Data"),
    ("Edge", ".config/microsoft-edge"),
    ("Edge", "Library/Application Support/Microsoft Edge"),
    ("Edge", "AppData/Local/Microsoft/Edge/User Data"),
    ("Brave", ".config/BraveSoftware/Brave-Browser"),
    (
        "Brave",
        "Library/Application Support/BraveSoftware/Brave-Browser",
    ),
    (
        "Brave",
        "AppData/Local/BraveSoftware/Brave-Browser/User Data",
    ),
    ("Vivaldi", ".config/vivaldi"),
    ("Vivaldi", "Library/Application Support/Vivaldi"),
    ("Vivaldi", "AppData/Local/Vivaldi/User Data"),
    ("Arc", "Library/Application Support/Arc/User Data"),
    ("Opera", ".config/opera"),
    (
        "Opera",
        "Library/Application Support/com.operasoftware.Opera",
    ),
];

/// Where Firefox keeps profiles, below a home.
const FIREFOX: [&str; 4] = [
    ".mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    "Library/Application Support/Firefox/Profiles",
    "AppData/Roaming/Mozilla/Firefox/Profiles",
];

/// Directories of plug-ins of the JetBrains family whose names the catalogue does not have: directory, service.
const JETBRAINS: [(&str, &str); 2] = [
    ("github-copilot-intellij", "copilot"),
    ("ml-llm", "jetbrains-ai"),
];

/// Every extension of a home that has to do with AI.
pub(super) fn all(home: &Path) -> Vec<Extension> {
    let catalogue = Catalogue::embedded();
    let mut found = Vec::new();
    for (inside, directory) in EDITORS {
        for path in children(&home.join(directory)) {
            found.extend(of_editor(catalogue, inside, &path));
        }
    }
    for (inside, directory) in CHROMIUM {
        let user_data = home.join(directory);
        // Opera has its one profile there itself.
        for profile in children(&user_data).into_iter().chain([user_data.clone()]) {
            for path in children(&profile.join("Extensions")) {
                found.extend(of_chromium(catalogue, inside, &path));
            }
        }
    }
    for directory in FIREFOX {
        for profile in children(&home.join(directory)) {
            found.extend(of_firefox(catalogue, &profile.join("extensions.json")));
        }
    }
    found.extend(of_jetbrains(catalogue, home));
    found
}

/// An extension by its directory, `publisher.name-1.2.3`.
fn of_editor(catalogue: &Catalogue, inside: &'static str, path: &Path) -> Option<Extension> {
    let directory = path.file_name()?.to_str()?;
    let (id, version) = directory
        .match_indices('-')
        .find(|(at, _)| directory[at + 1..].starts_with(|it: char| it.is_ascii_digit()))
        .map_or((directory, None), |(at, _)| {
            (&directory[..at], Some(directory[at + 1..].to_owned()))
        });
    Some(Extension {
        service: catalogue.of_extension(id)?,
        id: id.to_owned(),
        name: None,
        version,
        inside,
        by_pages: false,
        path: path.to_owned(),
    })
}

/// An extension by its id; one that the catalogue does not have by the pages it works on.
fn of_chromium(catalogue: &Catalogue, inside: &'static str, path: &Path) -> Option<Extension> {
    let id = path.file_name()?.to_str()?;
    if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let newest = children(path).into_iter().next_back()?;
    let manifest = newest.join("manifest.json");
    let value: Option<Value> = read(&manifest).and_then(|text| serde_json::from_str(&text).ok());
    let text = |key: &str| {
        let found = value.as_ref()?.get(key)?.as_str()?;
        // A name that stands in a file of translations is not told by its key.
        (!found.starts_with("__MSG_")).then(|| found.chars().take(80).collect::<String>())
    };
    let known = catalogue.of_extension(id);
    let service = known.or_else(|| of_pages(catalogue, value.as_ref()?))?;
    Some(Extension {
        service,
        id: id.to_owned(),
        name: text("name"),
        version: text("version"),
        inside,
        by_pages: known.is_none(),
        path: manifest,
    })
}

/// The AI service whose pages an extension works on. One that works on many others is no companion of it.
fn of_pages(catalogue: &Catalogue, manifest: &Value) -> Option<usize> {
    let list = |value: Option<&Value>| -> Vec<String> {
        let items = value.and_then(Value::as_array).into_iter().flatten();
        items
            .filter_map(Value::as_str)
            .take(256)
            .map(str::to_owned)
            .collect()
    };
    let mut patterns = list(manifest.get("host_permissions"));
    patterns.extend(list(manifest.get("permissions")));
    let scripts = manifest.get("content_scripts").and_then(Value::as_array);
    for script in scripts.into_iter().flatten().take(64) {
        patterns.extend(list(script.get("matches")));
    }
    let hosts: Vec<String> = patterns
        .iter()
        .filter_map(|pattern| {
            let (_, rest) = pattern.split_once("://")?;
            let host = rest.split('/').next()?;
            Some(host.trim_start_matches("*.").to_owned())
        })
        .filter(|host| !host.is_empty() && host != "*")
        .collect();
    if hosts.len() < patterns.iter().filter(|it| it.contains("://")).count() {
        return None;
    }
    let known: Vec<usize> = hosts
        .iter()
        .filter_map(|host| catalogue.of_host(host.as_bytes()))
        .collect();
    (known.len() * 2 >= hosts.len()).then(|| known.first().copied())?
}

fn of_firefox(catalogue: &Catalogue, list: &Path) -> Vec<Extension> {
    let value: Option<Value> = read(list).and_then(|text| serde_json::from_str(&text).ok());
    let addons = value
        .as_ref()
        .and_then(|value| value.get("addons"))
        .and_then(Value::as_array);
    let one = |addon: &Value| {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let id = text(addon.get("id"))?;
        let name = text(addon.get("defaultLocale").and_then(|it| it.get("name")));
        let service = catalogue
            .of_extension(&id)
            .or_else(|| catalogue.of_name(name.as_deref()?))?;
        Some(Extension {
            service,
            id,
            name,
            version: text(addon.get("version")),
            inside: "Firefox",
            by_pages: false,
            path: list.to_owned(),
        })
    };
    addons.into_iter().flatten().filter_map(one).collect()
}

fn of_jetbrains(catalogue: &Catalogue, home: &Path) -> Vec<Extension> {
    let mut found = Vec::new();
    let bases = SETTINGS.iter().copied().chain([".local/share"]);
    for base in bases.filter(|base| !base.is_empty()) {
        for product in children(&home.join(base).join("JetBrains")) {
            let plugins = children(&product.join("plugins"));
            for path in plugins.into_iter().chain(children(&product)) {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let service = JETBRAINS
                    .iter()
                    .find(|(directory, _)| *directory == name)
                    .and_then(|(_, id)| catalogue.services().iter().position(|it| it.id == *id));
                if let Some(service) = service {
                    found.push(Extension {
                        service,
                        id: name.into_owned(),
                        name: None,
                        version: None,
                        inside: "JetBrains",
                        by_pages: false,
                        path,
                    });
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_found_in_every_kind_of_profile() {
        let directory = tempfile::tempdir().unwrap();
        let home = directory.path();
        let write = |path: &str, text: &str| {
            let path = home.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(
            ".cursor/extensions/saoudrizwan.claude-dev-3.36.1-universal/package.json",
            "{}",
        );
        write(
            ".vscode/extensions/ms-python.python-2026.1.0/package.json",
            "{}",
        );
        write(".vscode/extensions/extensions.json", "[]");
        // Known by its id, whatever it says of itself.
        write(
            "Library/Application Support/Google/Chrome/Profile 1/Extensions/kbfnbcaeplbcioakkpcpgfkobkghlhen/14.0_0/manifest.json",
            "{\"name\": \"__MSG_name__\", \"version\": \"14.0\"}",
        );
        write(
            ".mozilla/firefox/x.default/extensions.json",
            r#"{"addons": [{"id": "grammarly@x", "version": "8.9", "defaultLocale": {"name": "Grammarly"}},
                {"id": "uBlock0@raymondhill.net", "version": "1", "defaultLocale": {"name": "uBlock Origin"}}, 7]}"#,
        );
        write(
            ".local/share/JetBrains/IdeaIC2026.1/github-copilot-intellij/lib/a.jar",
            "",
        );
        let found = all(home);
        let mut told: Vec<(&str, &str)> =
            found.iter().map(|it| (it.inside, it.id.as_str())).collect();
        told.sort_unstable();
        assert_eq!(
            told,
            [
                ("Chrome", "kbfnbcaeplbcioakkpcpgfkobkghlhen"),
                ("Cursor", "saoudrizwan.claude-dev"),
                ("Firefox", "grammarly@x"),
                ("JetBrains", "github-copilot-intellij"),
            ]
        );
        let cursor = found.iter().find(|it| it.inside == "Cursor").unwrap();
        assert_eq!(cursor.version.as_deref(), Some("3.36.1-universal"));
        let chrome = found.iter().find(|it| it.inside == "Chrome").unwrap();
        assert_eq!(chrome.name, None);
    }
}
