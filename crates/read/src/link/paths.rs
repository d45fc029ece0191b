//! Which file an import means: the only place that knows languages.

use std::collections::HashMap;

use stance_core::fact::Language;

use super::Module;

/// Directories below which a project keeps its modules, besides its own.
const ROOTS: [&str; 5] = ["", "src", "lib", "app", "python"];
/// Most directories above a file that are asked.
const ANCESTORS: usize = 24;
/// Most files of one name that are compared when only the end of a path is known.
const SAME_NAME: usize = 64;

/// The modules of a tree by their paths without ending.
pub(super) struct Paths<'m> {
    by_stem: HashMap<(Language, &'m str), usize>,
    /// By the last part of the stem.
    by_name: HashMap<(Language, &'m str), Vec<usize>>,
    stems: Vec<&'m str>,
}

impl<'m> Paths<'m> {
    pub(super) fn new(modules: &'m [Module]) -> Self {
        let mut paths = Self {
            by_stem: HashMap::new(),
            by_name: HashMap::new(),
            stems: Vec::new(),
        };
        for (number, module) in modules.iter().enumerate() {
            let stem = stem(&module.path);
            paths.stems.push(stem);
            // Of `a.ts` and `a.js`, or `a.py` and `a/__init__.py`, the first in order counts.
            paths
                .by_stem
                .entry((module.language, stem))
                .or_insert(number);
            let name = stem.rsplit('/').next().unwrap_or_default();
            let same = paths.by_name.entry((module.language, name)).or_default();
            if same.len() < SAME_NAME {
                same.push(number);
            }
        }
        paths
    }

    fn at(&self, language: Language, stem: &str) -> Option<usize> {
        self.by_stem.get(&(language, stem)).copied()
    }

    /// The module that `importer` means, and the names inside of it that the import goes on with.
    pub(super) fn find(
        &self,
        importer: &Module,
        number: usize,
        import: &str,
    ) -> Option<(usize, Vec<String>)> {
        match importer.language {
            Language::Python => self.python(&importer.path, number, import),
            Language::JavaScript => self.javascript(&importer.path, import),
            Language::Configuration => self
                .at(
                    importer.language,
                    &joined(parent(&importer.path), &[import]),
                )
                .map(|found| (found, Vec::new())),
            // Their files are told one by one.
            _ => None,
        }
    }

    /// `..a.b`, `a.b.c`: the longest beginning that is a module counts.
    fn python(&self, importer: &str, own: usize, import: &str) -> Option<(usize, Vec<String>)> {
        let dots = import
            .len()
            .saturating_sub(import.trim_start_matches('.').len());
        let parts: Vec<&str> = import
            .trim_start_matches('.')
            .split('.')
            .filter(|part| !part.is_empty())
            .take(16)
            .collect();
        let below = |directory: &str, least: usize| {
            (least..=parts.len()).rev().find_map(|taken| {
                let stem = joined(directory, parts.get(..taken)?);
                let found = self.at(Language::Python, &stem)?;
                // A module does not import itself, but for a package that names what it holds.
                (found != own || dots > 0).then(|| (found, rest(&parts, taken)))
            })
        };
        if dots > 0 {
            let mut directory = parent(importer);
            for _ in 1..dots {
                directory = parent(directory);
            }
            return below(directory, 0);
        }
        let mut directory = parent(importer);
        for nth in 0..ANCESTORS {
            // What lies beside a file of a package is not found by its bare name.
            let package = nth == 0
                && self
                    .at(Language::Python, directory)
                    .is_some_and(|it| it != own);
            for root in ROOTS {
                if package && !directory.is_empty() {
                    break;
                }
                if let Some(found) = below(&joined(directory, &[root]), 1) {
                    return Some(found);
                }
            }
            if directory.is_empty() {
                break;
            }
            directory = parent(directory);
        }
        // A package of another part of the tree: by the end of its path, when only one has it.
        (2..=parts.len()).rev().find_map(|taken| {
            let end = joined("", parts.get(..taken)?);
            let name = parts.get(taken.checked_sub(1)?)?;
            let same = self.by_name.get(&(Language::Python, *name))?;
            let mut fitting = same.iter().filter(|number| {
                self.stems
                    .get(**number)
                    .and_then(|stem| stem.strip_suffix(end.as_str()))
                    .is_some_and(|before| before.ends_with('/'))
            });
            let found = *fitting.next()?;
            (fitting.next().is_none() && found != own).then(|| (found, rest(&parts, taken)))
        })
    }

    /// `./a`, `../a/b.js`, `@/a`, `~/a`: with or without ending, a directory for its `index`.
    fn javascript(&self, importer: &str, import: &str) -> Option<(usize, Vec<String>)> {
        let found = |stem: &str| {
            self.at(Language::JavaScript, stem)
                .map(|it| (it, Vec::new()))
        };
        let wanted = without_ending(import);
        if import.starts_with('.') {
            let mut directory = parent(importer).to_owned();
            for part in wanted.split('/').take(64) {
                match part {
                    "." | "" => {}
                    ".." => directory = parent(&directory).to_owned(),
                    part => directory = joined(&directory, &[part]),
                }
            }
            // A directory, or the file that speaks for it.
            return found(&directory).or_else(|| found(stem(&directory)));
        }
        let inside = wanted
            .strip_prefix("@/")
            .or_else(|| wanted.strip_prefix("~/"))
            .or_else(|| wanted.strip_prefix("src/"))?;
        let mut directory = parent(importer);
        for _ in 0..ANCESTORS {
            for root in ROOTS {
                if let Some(found) = found(&joined(directory, &[root, inside])) {
                    return Some(found);
                }
            }
            if directory.is_empty() {
                break;
            }
            directory = parent(directory);
        }
        None
    }
}

fn rest(parts: &[&str], taken: usize) -> Vec<String> {
    let rest = parts.get(taken..).unwrap_or_default();
    rest.iter().map(|part| (*part).to_owned()).collect()
}

fn joined(directory: &str, parts: &[&str]) -> String {
    let mut path = directory.to_owned();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(part);
    }
    path
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// The path under which a module is imported: without ending, a package by its directory.
fn stem(path: &str) -> &str {
    let path = without_ending(path);
    for package in ["__init__", "index"] {
        if path == package {
            return "";
        }
        if let Some(directory) = path
            .strip_suffix(package)
            .and_then(|before| before.strip_suffix('/'))
        {
            return directory;
        }
    }
    path
}

fn without_ending(path: &str) -> &str {
    [
        ".d.ts", ".py", ".pyw", ".ipynb", ".tsx", ".ts", ".mts", ".cts", ".jsx", ".js", ".mjs",
        ".cjs", ".vue", ".svelte",
    ]
    .iter()
    .find_map(|ending| path.strip_suffix(ending))
    .unwrap_or(path)
}
