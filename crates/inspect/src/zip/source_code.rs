//! Program text inside a model: TorchScript, or the modules of a torch package.

use stance_core::Evidence;
use stance_core::fact::{Artifact, Embedded, EmbeddedKind};

use stance_read::text::Text;

/// Most lines of all source files of a model that are kept.
const KEPT: usize = 64;

/// What in a line reaches out of the computation: imports, and names of calls.
const OUTWARD: &[&str] = &[
    "torch.from_file",
    "torch.save",
    "torch.load",
    "torch.hub",
    "aten.from_file",
    "aten.save",
    "ops.debugprims.load",
    "ops.image.read_file",
    "ops.image.write_file",
    "ops.rpc.",
    "os.",
    "shutil.",
    "pickle.",
    "ctypes.",
    "importlib.",
    "subprocess.",
    "socket.",
    "urllib.",
    "requests.",
    "__import__",
    "eval",
    "exec",
    "open",
    "compile",
];

/// Notes that there is source, and each line of it that reaches out of the model.
pub(super) fn look(code: &[u8], name: &str, evidence: &Evidence, outer: &mut Artifact) {
    let text = Text::decode(code);
    let keep = |outer: &mut Artifact, name: &str, detail: String, evidence: Evidence| {
        if outer.embedded.len() < KEPT {
            outer.embedded.push(Embedded {
                kind: EmbeddedKind::Source,
                name: name.to_owned(),
                detail,
                evidence,
            });
        }
    };
    let mut offset = 0_usize;
    for line in text.as_str().split_inclusive('\n') {
        if let Some((at, what)) = outward(line) {
            let start = offset.saturating_add(at);
            let place = text.evidence(&evidence.path, start..start.saturating_add(what.len()));
            keep(outer, what, line.trim().to_owned(), place);
        }
        offset = offset.saturating_add(line.len());
    }
    let detail = format!("{} bytes of source", code.len());
    keep(outer, name, detail, evidence.clone());
}

/// The call or import of a line that reaches out, and where it stands.
fn outward(line: &str) -> Option<(usize, &str)> {
    let code = line.split('#').next().unwrap_or_default();
    let trimmed = code.trim_start();
    let indent = code.len().saturating_sub(trimmed.len());
    if let Some(module) = trimmed.strip_prefix("import ") {
        // TorchScript of old imports its own parts.
        if !module.trim_start().starts_with("__torch__") {
            return Some((indent, trimmed.trim_end()));
        }
    }
    OUTWARD.iter().find_map(|word| {
        code.match_indices(word).find_map(|(at, _)| {
            let before = code.get(..at)?.chars().next_back();
            let is_start = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '.')
                || word.starts_with("aten")
                || word.starts_with("ops.");
            let rest = code.get(at..)?;
            let end = rest.find('(')?;
            let callee = rest.get(..end)?;
            let dotted = callee
                .chars()
                .all(|c| c.is_alphanumeric() || c == '_' || c == '.');
            let whole = word.ends_with('.')
                || word.starts_with("ops.")
                || callee.len() == word.len()
                || callee.as_bytes().get(word.len()) == Some(&b'.');
            (is_start && dotted && whole).then_some((at, callee))
        })
    })
}
