//! What the place and the words of a call tell.

use stance_core::fact::{CodeCall, Value};
use stance_core::{Evidence, Scope, Severity};

/// The severity of a weakness that an attacker can only use where the code runs for users: low in
/// tests, documentation and examples.
pub(crate) fn severity_at(evidence: &Evidence, severity: Severity) -> Severity {
    match Scope::of_path(&evidence.path) {
        Scope::Production => severity,
        Scope::Test | Scope::Documentation => severity.min(Severity::Low),
    }
}

/// Whether a revision is a full commit hash, which nobody can move.
pub(crate) fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether an argument is the literal or default `true`.
pub(crate) fn is_on(call: &CodeCall, name: &str) -> bool {
    call.keyword(name).and_then(Value::boolean) == Some(true)
}

/// The last part of a callee: `load` of `torch.load`.
pub(crate) fn last(callee: &str) -> &str {
    callee.rsplit('.').next().unwrap_or_default()
}

/// A callee as the program writes it, for messages: without the mark of what is unknown.
pub(crate) fn shown(callee: &str) -> &str {
    callee.trim_start_matches("?.").trim_start_matches('.')
}

/// Whether the callee is something that the program itself defines.
pub(crate) fn is_own(callee: &str) -> bool {
    callee.starts_with('.')
}

/// What a value says for a person, shortened.
pub(crate) fn in_words(value: &Value) -> Option<String> {
    match value {
        Value::Text { text, .. } => {
            let short: String = text.chars().take(80).collect();
            Some(format!("\"{short}\""))
        }
        Value::Environment { variable, .. } => Some(format!("${variable}")),
        _ => None,
    }
}

/// Whether a value came over the network or from a queue, by the calls it went through.
pub(crate) fn is_received(value: &Value) -> bool {
    const SOURCES: [&str; 13] = [
        "requests.get()",
        "requests.post()",
        "requests.request()",
        "httpx.get()",
        "httpx.post()",
        "urllib.request.urlopen()",
        ".recv()",
        ".recv_pyobj()",
        ".get_object()",
        "request.data",
        "request.body",
        "request.files",
        "request.get_data()",
    ];
    let (Value::Name(path) | Value::Call(path)) = value else {
        return false;
    };
    let called = format!("{path}()");
    SOURCES
        .iter()
        .any(|source| path.contains(source) || called.ends_with(source))
}
