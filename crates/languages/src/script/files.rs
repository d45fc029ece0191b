//! Paths that code puts together, and the texts that it reads from there.

use stance_code::opened::Written;
use stance_core::fact::OpenedFrom;

use super::known::{Known, Object};

/// Deepest expression that is followed.
const DEPTH: u32 = 16;
/// Most parts of a path.
const PARTS: usize = 24;

/// The path of the file that a call reads: `fs.readFileSync(path, "utf8")`, `Bun.file(path)`.
pub(super) fn read<'k>(callee: &str, arguments: &'k [Known]) -> Option<&'k Known> {
    let last = callee.rsplit('.').next().unwrap_or_default();
    let reads = matches!(
        last,
        "readFileSync" | "readFile" | "readTextFile" | "readTextFileSync"
    ) || callee == "Bun.file";
    arguments.first().filter(|_| reads)
}

/// The path of the file that a text comes from, through what is made of it on the way.
pub(super) fn read_by(known: &Known) -> Option<&Known> {
    let Known::Object(object) = known else {
        return None;
    };
    read_within(object, DEPTH)
}

fn read_within(object: &Object, depth: u32) -> Option<&Known> {
    let depth = depth.checked_sub(1)?;
    if let Some(path) = read(&object.callee, &object.arguments) {
        return Some(path);
    }
    let last = object.callee.rsplit('.').next().unwrap_or_default();
    let passes = matches!(
        last,
        "trim" | "toString" | "text" | "replace" | "replaceAll" | "then"
    );
    match &object.origin {
        Some(origin) if passes => read_within(origin, depth),
        _ => None,
    }
}

/// The path that something is, `/` between its parts; none when its end is not known.
pub(super) fn written(known: &Known) -> Option<(OpenedFrom, String)> {
    follow(known, DEPTH)?.path()
}

fn follow(known: &Known, depth: u32) -> Option<Written> {
    let depth = depth.checked_sub(1)?;
    match known {
        Known::Text { text, .. } => Written::of_text(text),
        Known::Path { path, .. } => match &**path {
            "?.__dirname" | "import.meta.dirname" => Some(Written::new(OpenedFrom::Here)),
            "?.__filename" | "import.meta.url" | "import.meta.filename" | "import.meta.path" => {
                Some(Written::source_file())
            }
            "import.meta.dir" => Some(Written::new(OpenedFrom::Here)),
            _ => None,
        },
        Known::Object(object) => {
            let arguments = || object.arguments.iter().take(PARTS);
            let last = object.callee.rsplit('.').next().unwrap_or_default();
            match last {
                "cwd" => Some(Written::new(OpenedFrom::Start)),
                "dirname" => Some(follow(object.arguments.first()?, depth)?.parent()),
                "fileURLToPath" | "normalize" => follow(object.arguments.first()?, depth),
                "join" | "resolve" => Written::joined(arguments().map(|it| follow(it, depth))),
                _ => None,
            }
        }
        _ => None,
    }
}
