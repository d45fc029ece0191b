//! A line that was not understood, as it can be shown.

/// Characters that are shown.
const MOST: usize = 120;

/// Words as long as this, with digits and letters, may be secrets.
const SECRET: usize = 20;

/// The start of a line without what could be secret: queries, passwords in addresses, long random words. Characters
/// that do not show are spelled out.
#[must_use]
pub fn redacted(line: &[u8]) -> String {
    let line = line.get(..line.len().min(2048)).unwrap_or_default();
    let text = String::from_utf8_lossy(line);
    let mut shown = String::new();
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            shown.push(' ');
        }
        shown.push_str(&word_redacted(word));
        if shown.len() > MOST.saturating_mul(2) {
            break;
        }
    }
    let cut: String = shown.chars().take(MOST).collect();
    let end = if cut.len() < shown.len() || text.len() > shown.len().saturating_add(MOST) {
        "…"
    } else {
        ""
    };
    format!("{}{end}", stance_core::evidence::shorten(&cut))
}

fn word_redacted(word: &str) -> String {
    let (word, query) = match word.find('?') {
        Some(at) => (word.get(..at).unwrap_or_default(), "?…"),
        None => (word, ""),
    };
    let mut out = String::new();
    let mut run = String::new();
    let mut flush = |run: &mut String| {
        let mixed = run.bytes().any(|byte| byte.is_ascii_digit())
            && run.bytes().any(|byte| byte.is_ascii_alphabetic());
        if run.len() >= SECRET && mixed {
            out.push('…');
        } else {
            out.push_str(run);
        }
        run.clear();
    };
    for character in word.chars() {
        if character.is_alphanumeric() || matches!(character, '_' | '-' | '+') {
            run.push(character);
        } else {
            run.push(character);
            // A mark belongs to the word before it only for the order.
            let mark = run.pop();
            flush(&mut run);
            run.extend(mark);
            let mut single = std::mem::take(&mut run);
            flush(&mut single);
        }
    }
    flush(&mut run);
    // `scheme://user:password@host`
    if let (Some(scheme), Some(at)) = (out.find("://"), out.rfind('@'))
        && scheme < at
    {
        let front = out
            .get(..scheme.saturating_add(3))
            .unwrap_or_default()
            .to_owned();
        let back = out.get(at..).unwrap_or_default().to_owned();
        out = format!("{front}…{back}");
    }
    out.push_str(query);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_shown() {
        let shown = redacted(
            b"GET https://bob:hunter2@x.example/p?token=abc k=AKIA1234567890ABCDEF123 \x1b[2J end",
        );
        assert_eq!(shown, "GET https://…@x.example/p?… k=… \\u{1b}[2J end");
        assert!(redacted(&[b'x'; 100_000]).chars().count() <= MOST + 1);
    }
}
