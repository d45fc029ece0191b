//! Keys for examples, made when they are needed, so that none stands in the tree.

/// `length` characters that look drawn at random from `letters`, the same each time.
pub(crate) fn random(letters: &str, length: usize, seed: u64) -> String {
    let letters = letters.as_bytes();
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..length)
        .filter_map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let drawn = usize::try_from(state >> 33).unwrap_or_default();
            let index = drawn.checked_rem(letters.len())?;
            letters.get(index).copied().map(char::from)
        })
        .collect()
}

const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The form of an OpenAI project key.
pub(crate) fn openai() -> String {
    format!(
        "sk-proj-{}T3BlbkFJ{}",
        random(ALNUM, 74, 3),
        random(ALNUM, 74, 5)
    )
}

/// The form of an Anthropic admin key.
pub(crate) fn anthropic_admin() -> String {
    format!("sk-ant-admin01-{}AA", random(ALNUM, 93, 7))
}

/// The form of a Groq key.
pub(crate) fn groq() -> String {
    format!("gsk_{}", random(ALNUM, 52, 11))
}

/// The form of a private key in PEM, with `newline` at the end of each line.
pub(crate) fn private_key(newline: &str) -> String {
    let lines: Vec<String> = (20..34).map(|seed| random(ALNUM, 64, seed)).collect();
    let label = "PRIVATE KEY";
    format!(
        "-----BEGIN {label}-----{newline}{}{newline}-----END {label}-----{newline}",
        lines.join(newline)
    )
}
