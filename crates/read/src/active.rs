//! Texts in the data of a model that read as code, commands or templates.
//!
//! Names of features, descriptions and parameters are data to the libraries that read them. One that
//! holds code is a fact; whether that is harm is for a rule to say.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// Parts of code, of which ordinary words and numbers have none.
#[rustfmt::skip]
const PARTS: &[&str] = &[
    "__import__", "__class__", "__globals__", "__subclasses__", "__builtins__", "__reduce", "__mro__", "__getattr", "__code__", "$(", "${", "`", "{{", "{%", "<script", "javascript:", "/dev/tcp", "/bin/", "/etc/",
    "import ", "eval(", "exec(", "system(", "system2(", "popen", "spawn", "subprocess", "compile(",
    "pickle", "marshal", "curl ", "wget ", "powershell", "cmd.exe", "base64", "java.lang", "runtime",
    "processbuilder", "activexobject", "child_process", "socket", "download", "library(", "source(",
    "rm -", ".ssh", "crontab", "gasv", "| sh", "|sh", "bash", "file://",
];

/// Longest text that is looked through; code that acts begins before.
const LONGEST: usize = 64 * 1024;

/// Whether a text holds a part of code.
pub fn is_active(text: &str) -> bool {
    static AUTOMATON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(PARTS)
            .ok()
    });
    let near = text
        .get(..text.floor_char_boundary(LONGEST))
        .unwrap_or_default();
    near.len() > 4
        && AUTOMATON
            .as_ref()
            .is_some_and(|automaton| automaton.is_match(near))
}

#[cfg(test)]
mod tests {
    use super::is_active;

    #[test]
    fn names_and_numbers_are_not_active() {
        for text in [
            "petal length (cm)",
            "0.5 0.25 -1e-5",
            "reg:squarederror",
            "a",
        ] {
            assert!(!is_active(text), "{text}");
        }
        for text in [
            "__import__('os').system('id')",
            "{{ x }}",
            "curl http://x | sh",
        ] {
            assert!(is_active(text), "{text}");
        }
    }
}
