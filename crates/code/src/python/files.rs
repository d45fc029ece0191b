//! Paths that code puts together, and the texts that it reads from there.

use std::collections::BTreeMap;

use stance_core::fact::OpenedFrom;

use super::known::{Known, Object};
use super::sink::Given;
use crate::opened::Written;

/// The callee of what `/` or a method makes of a path; no program can write it.
pub(super) const PATH: &str = "?/";
/// The field of a file that is open: its path.
const OPENED: &str = "@opened";
/// The field of a text that a file holds: the path of the file.
const READ: &str = "@read";

/// Deepest expression of a path that is followed.
const DEPTH: u32 = 16;
/// Most parts of a path.
const PARTS: usize = 24;

/// `left / right` where that is a path.
pub(super) fn below(left: &Known, right: &Known) -> Known {
    let named = |known: &Known| matches!(known, Known::Text { .. }) || is_path(known);
    let starts = is_path(left) || matches!(left, Known::Path { .. } | Known::Unknown);
    if starts && named(right) {
        return Known::made(
            PATH,
            None,
            BTreeMap::new(),
            vec![left.clone(), right.clone()],
        );
    }
    Known::Unknown
}

/// Whether something is a path by what it was made with.
fn is_path(known: &Known) -> bool {
    match known {
        Known::Object(object) => makes_path(&object.callee),
        Known::Path {
            path,
            origin: Some(object),
            ..
        } => makes_path(&object.callee) && (path.contains(".parent") || path.contains(".parents")),
        _ => false,
    }
}

fn makes_path(callee: &str) -> bool {
    callee == PATH
        || matches!(
            callee,
            "pathlib.Path"
                | "pathlib.PurePath"
                | "pathlib.PosixPath"
                | "pathlib.Path.cwd"
                | "anyio.Path"
                | "os.path.join"
                | "os.path.dirname"
                | "os.path.abspath"
                | "os.path.realpath"
                | "os.path.normpath"
                | "importlib.resources.files"
                | "importlib_resources.files"
        )
}

/// `path.parents[1]`, as so many steps up.
pub(super) fn above(parents: &Known, steps: i64) -> Option<Known> {
    let Known::Path {
        path,
        origin: Some(object),
        ..
    } = parents
    else {
        return None;
    };
    let whole = path
        .strip_suffix("s")
        .filter(|_| path.ends_with(".parents"))?;
    if !makes_path(&object.callee) || !(0..16).contains(&steps) {
        return None;
    }
    let mut path = whole.to_owned();
    for _ in 0..steps {
        path.push_str(".parent");
    }
    Some(Known::Path {
        path: path.into(),
        origin: Some(std::rc::Rc::clone(object)),
        open: None,
    })
}

/// What a call makes of a path or of an open file, where that is followed: another path, a file, what is in it.
pub(super) fn opened(callee: &str, base: Option<&Known>, arguments: &[Given<'_>]) -> Option<Known> {
    let unnamed = || {
        arguments
            .iter()
            .filter(|given| given.name.is_none())
            .map(|given| &given.value)
    };
    let first = || {
        let named = |name: &str| arguments.iter().find(|given| given.name == Some(name));
        let named = ["file", "filename", "name"].into_iter().find_map(named);
        unnamed().next().or(named.map(|given| &given.value))
    };
    let with = |field: &str, path: Known| {
        let fields = [(field.to_owned(), path)].into_iter().collect();
        Some(Known::made(callee, None, fields, Vec::new()))
    };
    match callee {
        "open" | "io.open" | "codecs.open" | "aiofiles.open" | "anyio.open_file" => {
            return with(OPENED, first()?.clone());
        }
        "importlib.resources.read_text"
        | "pkgutil.get_data"
        | "importlib.resources.read_binary" => {
            let package = Known::made(
                "importlib.resources.files",
                None,
                BTreeMap::new(),
                vec![first()?.clone()],
            );
            return with(READ, below(&package, unnamed().nth(1)?));
        }
        _ => {}
    }
    let base = base?;
    let method = callee.rsplit('.').next().unwrap_or_default();
    if is_path(base) {
        return match method {
            "read_text" | "read_bytes" => with(READ, base.clone()),
            "open" => with(OPENED, base.clone()),
            "resolve" | "absolute" | "expanduser" | "as_posix" => Some(base.clone()),
            "joinpath" => {
                let parts = [base].into_iter().chain(unnamed()).take(PARTS).cloned();
                Some(Known::made(PATH, None, BTreeMap::new(), parts.collect()))
            }
            "with_name" => {
                let parts = vec![directory(base.clone()), first()?.clone()];
                Some(Known::made(PATH, None, BTreeMap::new(), parts))
            }
            _ => None,
        };
    }
    match (base, method) {
        (Known::Object(object), "read" | "readlines") => {
            with(READ, object.fields.get(OPENED)?.clone())
        }
        (
            Known::Object(object),
            "strip" | "lstrip" | "rstrip" | "decode" | "format" | "format_map" | "replace"
            | "render" | "substitute" | "safe_substitute" | "removeprefix" | "removesuffix",
        ) => with(READ, read(&Known::Object(object.clone()))?.clone()),
        // A template of an environment: in some directory.
        (_, "get_template") => match first()? {
            file @ Known::Text { text, .. } if text.contains('.') => {
                with(READ, below(&Known::Unknown, file))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The path of the file that a text comes from, through what is made of it on the way.
pub(super) fn read(known: &Known) -> Option<&Known> {
    read_within(known, 4)
}

fn read_within(known: &Known, depth: u32) -> Option<&Known> {
    let depth = depth.checked_sub(1)?;
    let Known::Object(object) = known else {
        return None;
    };
    if let Some(path) = object.fields.get(READ) {
        return Some(path);
    }
    let last = object.callee.rsplit('.').next().unwrap_or_default();
    let passes = matches!(
        last,
        "Template"
            | "from_template"
            | "dedent"
            | "cleandoc"
            | "str"
            | "from_string"
            | "PromptTemplate"
            | "SystemMessage"
            | "SystemMessagePromptTemplate"
    );
    let parts = object.unnamed.iter().chain(object.fields.values());
    parts
        .filter(|_| passes)
        .find_map(|part| read_within(part, depth))
}

fn directory(path: Known) -> Known {
    Known::made("os.path.dirname", None, BTreeMap::new(), vec![path])
}

/// The path that something is, `/` between its parts; none when its end is not known.
pub(super) fn written(known: &Known) -> Option<(OpenedFrom, String)> {
    follow(known, DEPTH)?.path()
}

fn follow(known: &Known, depth: u32) -> Option<Written> {
    let depth = depth.checked_sub(1)?;
    match known {
        Known::Text { text, .. } => Written::of_text(text),
        // What is set from outside, unless it is not.
        Known::Environment {
            default: Some(text),
            ..
        } => Written::of_text(text),
        Known::Path { path, .. } if path.ends_with(".__file__") => Some(Written::source_file()),
        Known::Path { path, .. }
            if path.ends_with(".__package__") || path.ends_with(".__name__") =>
        {
            Some(Written::new(OpenedFrom::Here))
        }
        Known::Path {
            path,
            origin: Some(object),
            ..
        } => {
            let rest = path.strip_prefix(&*object.callee)?.strip_prefix("()")?;
            let mut written = made(object, depth)?;
            for step in rest.split('.').filter(|step| !step.is_empty()) {
                match step {
                    "parent" => written = written.parent(),
                    _ => return None,
                }
            }
            Some(written)
        }
        Known::Object(object) => made(object, depth),
        // `f"{directory}/system.md"`
        Known::Joined(all) => {
            let mut parts = all.content.iter();
            let first = follow(parts.next()?, depth);
            let rest = parts.map(|part| match part {
                Known::Text { text, .. } => Written::of_text(text.strip_prefix('/')?),
                _ => None,
            });
            Written::joined([first].into_iter().chain(rest))
        }
        _ => None,
    }
}

fn made(object: &Object, depth: u32) -> Option<Written> {
    let first = object.unnamed.first();
    match &*object.callee {
        "os.path.dirname" => Some(follow(first?, depth)?.parent()),
        "pathlib.Path.cwd" | "os.getcwd" => Some(Written::new(OpenedFrom::Start)),
        "importlib.resources.files" | "importlib_resources.files" => match first? {
            Known::Text { text, .. } => Some(Written::of_package(text)),
            other => follow(other, depth),
        },
        callee if makes_path(callee) || callee == "os.fspath" => {
            let parts = object.unnamed.iter().take(PARTS);
            Written::joined(parts.map(|part| follow(part, depth)))
        }
        _ => None,
    }
}
