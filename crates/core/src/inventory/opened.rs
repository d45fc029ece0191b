//! Which file of the tree a source file opens.

use std::collections::HashMap;
use std::sync::Arc;

use crate::fact::{Opened, OpenedFrom};

/// Most files of one name that are compared.
const SAME_NAME: usize = 256;
/// Most directories above a source file from which a path is tried.
const ANCESTORS: usize = 24;

/// The files of a tree whose text may be said to a model, by their paths.
#[derive(Debug, Default)]
pub struct Tree {
    files: HashMap<Arc<str>, ()>,
    by_name: HashMap<String, Vec<Arc<str>>>,
    by_stem: HashMap<String, Vec<Arc<str>>>,
}

impl Tree {
    /// Whether a file of this name may hold such a text, rather than code or bytes.
    #[must_use]
    pub fn may_hold_a_prompt(path: &str) -> bool {
        let name = name_of(path);
        match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => matches!(
                extension.to_ascii_lowercase().as_str(),
                "md" | "mdx"
                    | "txt"
                    | "text"
                    | "prompt"
                    | "prompty"
                    | "jinja"
                    | "jinja2"
                    | "j2"
                    | "tmpl"
                    | "tpl"
                    | "template"
                    | "hbs"
                    | "handlebars"
                    | "mustache"
                    | "liquid"
                    | "poml"
                    | "xml"
                    | "rst"
                    | "system"
                    | "st"
            ),
            _ => !name.starts_with('.'),
        }
    }

    /// A tree of these files; those that hold no such text are left out.
    #[must_use]
    pub fn new(files: impl IntoIterator<Item = Arc<str>>) -> Self {
        let mut all: Vec<Arc<str>> = files
            .into_iter()
            .filter(|path| Self::may_hold_a_prompt(path))
            .collect();
        all.sort();
        let mut tree = Self::default();
        for path in all {
            let name = name_of(&path);
            let stem = stem_of(name);
            for (index, key) in [(&mut tree.by_name, name), (&mut tree.by_stem, stem)] {
                let same = index.entry(key.to_owned()).or_default();
                if same.len() < SAME_NAME {
                    same.push(Arc::clone(&path));
                }
            }
            tree.files.insert(path, ());
        }
        tree
    }

    /// The one file that is meant; none when no file or more than one may be.
    #[must_use]
    pub fn find(&self, opened: &Opened) -> Option<&Arc<str>> {
        let source: &str = &opened.evidence.path;
        let here = parent(source);
        match opened.from {
            OpenedFrom::Here => self.at(here, &opened.path),
            OpenedFrom::Start => {
                let mut directory = here;
                for _ in 0..ANCESTORS {
                    if let Some(found) = self.at(directory, &opened.path) {
                        return Some(found);
                    }
                    if directory.is_empty() {
                        break;
                    }
                    directory = parent(directory);
                }
                self.ending(source, &opened.path)
            }
            OpenedFrom::Elsewhere => self.ending(source, &opened.path),
            OpenedFrom::Stem => {
                let same = self.by_stem.get(name_of(&opened.path))?;
                let fits = |path: &&Arc<str>| {
                    let directory = parent(path);
                    let stem = stem_of(name_of(path)).len();
                    let whole = path.len().saturating_sub(name_of(path).len());
                    let without = path.get(..whole.saturating_add(stem)).unwrap_or_default();
                    ends_with_parts(without, &opened.path)
                        && directory
                            .split('/')
                            .any(|part| part.to_ascii_lowercase().contains("prompt"))
                };
                nearest(source, same.iter().filter(fits))
            }
        }
    }

    fn at(&self, directory: &str, path: &str) -> Option<&Arc<str>> {
        let wanted = below(directory, path)?;
        self.files.get_key_value(&*wanted).map(|(path, ())| path)
    }

    /// The file whose path ends so, when there is one, or one that is nearer than all others.
    fn ending(&self, source: &str, path: &str) -> Option<&Arc<str>> {
        let wanted = below("", path)?;
        let same = self.by_name.get(name_of(&wanted))?;
        let fits = same.iter().filter(|file| ends_with_parts(file, &wanted));
        nearest(source, fits)
    }
}

/// The one that shares more directories with `source` than any other.
fn nearest<'p>(source: &str, files: impl Iterator<Item = &'p Arc<str>>) -> Option<&'p Arc<str>> {
    let mut best: Option<(usize, &Arc<str>)> = None;
    let mut tied = false;
    for file in files {
        let own = parent(source).split('/');
        let shared = own.zip(parent(file).split('/'));
        let shared = shared.take_while(|(one, other)| one == other).count();
        match best {
            Some((most, _)) if most > shared => {}
            Some((most, _)) if most == shared => tied = true,
            _ => {
                best = Some((shared, file));
                tied = false;
            }
        }
    }
    best.filter(|_| !tied).map(|(_, file)| file)
}

/// A path from a directory, with its `.` and `..` followed; none when it leaves the tree.
fn below(directory: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = directory
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn ends_with_parts(path: &str, end: &str) -> bool {
    path.strip_suffix(end)
        .is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn stem_of(name: &str) -> &str {
    match name.split_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Evidence;

    fn found(files: &[&str], source: &str, path: &str, from: OpenedFrom) -> Option<String> {
        let tree = Tree::new(files.iter().map(|path| Arc::from(*path)));
        let opened = Opened {
            path: path.to_owned(),
            from,
            evidence: Evidence::file(source),
        };
        tree.find(&opened).map(ToString::to_string)
    }

    #[test]
    fn a_path_is_found_from_the_source_file_from_above_it_and_by_its_end() {
        let files = [
            "app/text/system.md",
            "app/agents/text/system.md",
            "text/plan.md",
            "lib/one/role.txt",
            "lib/two/role.txt",
            "lib/one/prompts/judge.v2.jinja2",
            "app/main.py",
        ];
        let find = |path: &str, from| found(&files, "app/agents/run.py", path, from);
        let some = |path: &str| Some(path.to_owned());
        use OpenedFrom::{Elsewhere, Here, Start, Stem};
        assert_eq!(
            find("text/system.md", Here),
            some("app/agents/text/system.md")
        );
        assert_eq!(find("../text/system.md", Here), some("app/text/system.md"));
        assert_eq!(find("text/plan.md", Here), None);
        assert_eq!(find("./text/plan.md", Start), some("text/plan.md"));
        assert_eq!(find("../../../x.md", Here), None);
        // Two files of that name: the nearer one, or none.
        assert_eq!(
            find("system.md", Elsewhere),
            some("app/agents/text/system.md")
        );
        assert_eq!(find("role.txt", Elsewhere), None);
        let near = found(&files, "lib/two/a.py", "role.txt", Elsewhere);
        assert_eq!(near, some("lib/two/role.txt"));
        assert_eq!(find("judge", Stem), some("lib/one/prompts/judge.v2.jinja2"));
        // A stem alone is a name of a prompt only among prompts, and code is no prompt.
        assert_eq!(find("plan", Stem), None);
        assert_eq!(find("app/main.py", Start), None);
    }
}
