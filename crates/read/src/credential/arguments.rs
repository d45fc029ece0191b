//! Credentials on a command line.

use super::{Found, in_setting, in_url, is_known_key, is_placeholder};

/// The credentials among the words of a command, with the index of the word: `--api-key X`,
/// `--token=X`, `KEY=X`, `-H "Authorization: Bearer X"`, addresses with a password.
pub fn in_arguments(words: &[&str]) -> Vec<(usize, Found)> {
    let mut found = Vec::new();
    let mut flag: Option<&str> = None;
    for (index, word) in words.iter().enumerate() {
        let named = flag.take().filter(|_| !word.starts_with('-'));
        if let Some(credential) = in_word(word, named) {
            found.push((index, credential));
        }
        if word.starts_with("--") && !word.contains('=') {
            flag = Some(word.trim_start_matches('-'));
        }
    }
    found
}

fn in_word(word: &str, flag: Option<&str>) -> Option<Found> {
    if let Some(flag) = flag
        && let Some(range) = in_setting(flag, word)
    {
        return Some(Found {
            name: format!("--{flag}"),
            range,
        });
    }
    // `KEY=value` and `--flag=value`; `Name: value` is how headers are given.
    for separator in ["=", ":"] {
        let Some((name, value)) = word.split_once(separator) else {
            continue;
        };
        let bare = name.trim_start_matches('-');
        let is_name = !bare.is_empty()
            && bare
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if is_name
            && !value.starts_with("//")
            && let Some(range) = in_setting(bare, value)
        {
            let lead = name.len().saturating_add(1);
            return Some(Found {
                name: name.to_owned(),
                range: lead.saturating_add(range.start)..lead.saturating_add(range.end),
            });
        }
    }
    if word.contains("://") {
        return in_url(word).into_iter().next();
    }
    (is_known_key(word) && !is_placeholder(word)).then(|| Found {
        name: "argument".to_owned(),
        range: 0..word.len(),
    })
}
