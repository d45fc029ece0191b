//! In what a credential stands.

use std::ops::Range;

use memchr::memmem;
use stance_core::fact::SecretPlace;

use crate::input::Input;

/// Tells the place of a credential in one file.
pub(super) enum Places {
    Same(SecretPlace),
    /// A notebook: where its source and output parts begin, in order.
    Notebook(Vec<(usize, SecretPlace)>),
}

impl Places {
    pub(super) fn of(input: &Input<'_>, text: &str) -> Self {
        if is_dot_env(input.file_name()) {
            Self::Same(SecretPlace::DotEnv)
        } else if input.extension() == "ipynb" {
            Self::Notebook(parts(text))
        } else {
            Self::Same(SecretPlace::Text)
        }
    }

    pub(super) fn at(&self, range: &Range<usize>) -> SecretPlace {
        match self {
            Self::Same(place) => *place,
            Self::Notebook(parts) => {
                let index = parts.partition_point(|(start, _)| *start <= range.start);
                index
                    .checked_sub(1)
                    .and_then(|index| parts.get(index))
                    .map_or(SecretPlace::Text, |(_, place)| *place)
            }
        }
    }
}

/// Where the parts of a notebook begin. A quote inside a JSON string is escaped, so the
/// bare key can stand nowhere else.
fn parts(text: &str) -> Vec<(usize, SecretPlace)> {
    let mut parts = Vec::new();
    for (key, place) in [
        ("\"source\"", SecretPlace::NotebookSource),
        ("\"outputs\"", SecretPlace::NotebookOutput),
        ("\"metadata\"", SecretPlace::Text),
    ] {
        for at in memmem::find_iter(text.as_bytes(), key) {
            let behind = text.get(at.saturating_add(key.len())..).unwrap_or_default();
            let escaped = text.get(..at).is_some_and(|before| before.ends_with('\\'));
            if !escaped && behind.trim_start().starts_with(':') {
                parts.push((at, place));
            }
        }
    }
    parts.sort_by_key(|(at, _)| *at);
    // Output entries have metadata of their own: what follows it still is output.
    let mut place = SecretPlace::Text;
    for (_, part) in &mut parts {
        if *part == SecretPlace::Text && place == SecretPlace::NotebookOutput {
            *part = place;
        }
        place = *part;
    }
    parts
}

/// Whether a file of this name holds variables for a program to start with.
pub fn is_dot_env(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let named = lower == ".env"
        || lower.starts_with(".env.")
        || lower == ".envrc"
        || lower == ".dev.vars"
        || lower.ends_with(".env");
    named && !is_template(&lower)
}

/// Whether a file of this name shows which variables there are, for people to copy.
pub fn is_dot_env_template(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.contains("env") && is_template(&lower)
}

fn is_template(lower: &str) -> bool {
    lower.split(['.', '-', '_']).any(|part| {
        matches!(
            part,
            "example" | "examples" | "sample" | "template" | "tmpl" | "dist" | "defaults" | "tpl"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_of_a_program_and_their_template_differ() {
        for name in [
            ".env",
            ".env.local",
            ".env.production",
            "prod.env",
            ".envrc",
        ] {
            assert!(is_dot_env(name), "{name}");
        }
        for name in [
            ".env.example",
            "example.env",
            ".env.local.example",
            ".env.sample",
            "env.template",
        ] {
            assert!(!is_dot_env(name) && is_dot_env_template(name), "{name}");
        }
        assert!(!is_dot_env("environment.py"));
    }
}
