//! Installed applications with AI in them: menus, application directories, command lines of agents.

use std::path::{Path, PathBuf};

use stance_logs::{Catalogue, Category};

use super::files::{children, read};

/// Something installed that the catalogue of services knows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Installed {
    /// Index in the catalogue.
    pub(super) service: usize,
    /// The file or directory that shows it.
    pub(super) path: PathBuf,
    /// What stands there.
    pub(super) shown: String,
}

/// Directories of menu entries, by the freedesktop.org specification and what Flatpak and Snap make of it.
const MENUS: [&str; 4] = [
    "usr/share/applications",
    "usr/local/share/applications",
    "var/lib/flatpak/exports/share/applications",
    "var/lib/snapd/desktop/applications",
];
const HOME_MENUS: [&str; 2] = [
    ".local/share/applications",
    ".local/share/flatpak/exports/share/applications",
];
/// Directories with one directory or bundle per application.
const APPLICATIONS: [&str; 4] = [
    "Applications",
    "Program Files",
    "Program Files (x86)",
    "opt",
];
const HOME_APPLICATIONS: [&str; 2] = ["Applications", "AppData/Local/Programs"];
/// Directories of programs.
const PROGRAMS: [&str; 3] = ["usr/local/bin", "usr/bin", "opt/homebrew/bin"];
const HOME_PROGRAMS: [&str; 7] = [
    ".local/bin",
    "bin",
    ".npm-global/bin",
    ".bun/bin",
    ".cargo/bin",
    ".volta/bin",
    ".opencode/bin",
];

/// Everything installed under a root and in homes.
pub(super) fn all(root: &Path, homes: &[PathBuf]) -> Vec<Installed> {
    let below = |of_root: &[&str], of_home: &[&str]| -> Vec<PathBuf> {
        let system = of_root.iter().map(|directory| root.join(directory));
        let own = homes
            .iter()
            .flat_map(|home| of_home.iter().map(move |directory| home.join(directory)));
        system.chain(own).collect()
    };
    let catalogue = Catalogue::embedded();
    let mut found: Vec<Installed> = Vec::new();
    let mut add = |service: Option<usize>, path: PathBuf, shown: String| {
        if let Some(service) = service {
            found.push(Installed {
                service,
                path,
                shown,
            });
        }
    };
    for directory in below(&MENUS, &HOME_MENUS) {
        for path in children(&directory) {
            if path.extension().is_some_and(|it| it == "desktop")
                && let Some(text) = read(&path)
            {
                let (service, shown) = of_menu(catalogue, &text);
                add(service, path, shown);
            }
        }
    }
    for directory in below(&APPLICATIONS, &HOME_APPLICATIONS) {
        for path in children(&directory) {
            let name = name_of(&path);
            let name = name
                .strip_suffix(".app")
                .or_else(|| name.strip_suffix(".AppImage"))
                .unwrap_or(&name);
            add(
                of_application(catalogue, name),
                path.clone(),
                name.to_owned(),
            );
        }
    }
    for directory in below(&PROGRAMS, &HOME_PROGRAMS) {
        for path in children(&directory) {
            let name = name_of(&path);
            add(of_program(catalogue, &name), path, name);
        }
    }
    found
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// An application by the name under which people install it.
fn of_application(catalogue: &Catalogue, name: &str) -> Option<usize> {
    catalogue.of_process(name).or_else(|| {
        let index = catalogue.of_name(name)?;
        // Names of hosts are no names of applications.
        (!name.contains('.')).then_some(index)
    })
}

/// A program that people start by name: agents, assistants and what runs models. A name alone says little, so its
/// letters must be those of the catalogue.
fn of_program(catalogue: &Catalogue, name: &str) -> Option<usize> {
    let index = catalogue.of_process(name)?;
    let service = catalogue.get(index)?;
    let kinds = [
        Category::Agent,
        Category::CodeAssistant,
        Category::Chat,
        Category::Platform,
        Category::Api,
    ];
    (kinds.contains(&service.category) && service.process.iter().any(|known| known == name))
        .then_some(index)
}

/// The service of a menu entry, by the program it starts or the name it shows.
fn of_menu(catalogue: &Catalogue, text: &str) -> (Option<usize>, String) {
    let value = |key: &str| {
        text.lines()
            .take(400)
            .find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='))
            .map(str::trim)
            .unwrap_or_default()
    };
    let name = value("Name");
    let program = value("Exec");
    let program = program
        .trim_start_matches('"')
        .split(['"', ' '])
        .find(|word| !word.contains('=') && *word != "env" && !word.is_empty())
        .unwrap_or_default();
    let base = program.rsplit('/').next().unwrap_or(program);
    let service = of_application(catalogue, name).or_else(|| of_program(catalogue, base));
    (service, format!("Name={name} Exec={program}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applications_are_found_where_systems_put_them() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let home = root.join("home/ann");
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(
            "usr/share/applications/cursor.desktop",
            "[Desktop Entry]\nName=Cursor\nExec=/opt/x/cursor %F\n",
        );
        write(
            "usr/share/applications/vim.desktop",
            "[Desktop Entry]\nName=Vim\nExec=vim %F\n",
        );
        write("home/ann/.local/bin/claude", "#!/bin/sh\n");
        write("home/ann/.local/bin/Claude-notes", "");
        write("usr/bin/grep", "");
        std::fs::create_dir_all(root.join("Applications/ChatGPT.app")).unwrap();
        std::fs::create_dir_all(root.join("opt/LM Studio")).unwrap();
        let found = all(root, &[home]);
        let catalogue = Catalogue::embedded();
        let mut ids: Vec<&str> = found
            .iter()
            .map(|it| catalogue.get(it.service).unwrap().id.as_str())
            .collect();
        ids.sort_unstable();
        assert_eq!(ids, ["chatgpt", "claude-code", "cursor", "lmstudio"]);
    }
}
