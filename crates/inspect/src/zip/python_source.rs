//! Plain Python in a container that its loader imports: modules of a torch
//! package, handlers of a TorchServe archive.
//!
//! Whole libraries are packaged like that, so only calls that start programs,
//! run text as code or open connections are kept, with whether they run as soon
//! as the module is imported.

use stance_core::Evidence;
use stance_core::evidence::shorten;
use stance_core::fact::{Artifact, Embedded, EmbeddedKind};

use stance_read::text::Text;

/// In the detail of a call: it runs when the module is imported.
pub const ON_IMPORT: &str = "on import: ";

/// Most calls of all modules that are kept.
const KEPT: usize = 64;

/// Callees, or what callees start with where a dot ends it.
const CALLEES: &[&str] = &[
    "os.system",
    "os.popen",
    "os.exec",
    "os.spawn",
    "os.posix_spawn",
    "posix.system",
    "nt.system",
    "subprocess.",
    "commands.getoutput",
    "pty.spawn",
    "socket.socket",
    "socket.create_connection",
    "ctypes.",
    "marshal.loads",
    "runpy.",
    "__import__",
    "eval",
    "exec",
];

/// Notes the module, and each call in it that reaches for the system.
pub(super) fn look(code: &[u8], name: &str, evidence: &Evidence, outer: &mut Artifact) {
    let text = Text::decode(code);
    let mut keep = |name: &str, detail: String, evidence: Evidence| {
        if outer.embedded.len() < KEPT {
            outer.embedded.push(Embedded {
                kind: EmbeddedKind::Source,
                name: name.to_owned(),
                detail,
                evidence,
            });
        }
    };
    // How far the innermost function that is open is indented.
    let mut function: Option<usize> = None;
    let mut quoted = None;
    let mut offset = 0_usize;
    for line in text.as_str().split_inclusive('\n') {
        let start = offset;
        offset = offset.saturating_add(line.len());
        let was_quoted = quoted.is_some();
        quoted = quote_after(line, quoted);
        let trimmed = line.trim_start();
        if was_quoted || trimmed.trim_end().is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let indent = line.len().saturating_sub(trimmed.len());
        if function.is_some_and(|open| indent <= open) {
            function = None;
        }
        if let Some((at, callee)) = call(without_comment(line)) {
            let from = start.saturating_add(at);
            let place = text.evidence(&evidence.path, from..from.saturating_add(callee.len()));
            let when = if function.is_none() { ON_IMPORT } else { "" };
            keep(
                callee,
                shorten(&format!("{when}{}", trimmed.trim_end())),
                place,
            );
        }
        if function.is_none() && (trimmed.starts_with("def ") || trimmed.starts_with("async def "))
        {
            function = Some(indent);
        }
    }
    keep(
        name,
        format!("{} bytes of source", code.len()),
        evidence.clone(),
    );
}

/// The line up to a comment; where a quote stands before the mark, it may be part of a text.
fn without_comment(line: &str) -> &str {
    match line.split_once('#') {
        Some((code, _)) if !code.contains(['"', '\'']) => code,
        _ => line,
    }
}

/// The long quote that is open behind a line.
fn quote_after(line: &str, mut open: Option<&'static str>) -> Option<&'static str> {
    let mut rest = line;
    loop {
        let next = match open {
            Some(quote) => rest.find(quote).map(|at| (at, quote)),
            None => ["\"\"\"", "'''"]
                .into_iter()
                .filter_map(|quote| rest.find(quote).map(|at| (at, quote)))
                .min(),
        };
        let Some((at, quote)) = next else {
            return open;
        };
        open = if open.is_some() { None } else { Some(quote) };
        rest = rest.get(at.saturating_add(3)..).unwrap_or_default();
    }
}

/// The first call of a line that counts, and where it stands.
fn call(line: &str) -> Option<(usize, &str)> {
    CALLEES.iter().find_map(|word| {
        line.match_indices(word).find_map(|(at, _)| {
            let before = line.get(..at)?.chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '"' | '\'')) {
                return None;
            }
            let rest = line.get(at..)?;
            let callee = rest.get(..rest.find('(')?)?.trim_end();
            let dotted = callee
                .chars()
                .all(|c| c.is_alphanumeric() || c == '_' || c == '.');
            let open = word.ends_with('.') || matches!(*word, "os.exec" | "os.spawn");
            (dotted && (open || callee == *word)).then_some((at, callee))
        })
    })
}
