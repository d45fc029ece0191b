//! Files with digests of other files, as `sha256sum` writes them.

use std::collections::BTreeMap;

/// Most digests of one file that are kept.
const MOST: usize = 1000;

/// The digests of a text by the file they are of; `own` is the name of the text's file, which tells
/// what a digest alone is of.
pub(super) fn read(text: &str, own: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let line = line.trim_start_matches('\u{feff}').trim_end();
        let Some((digest, name)) = coreutils(line)
            .or_else(|| bsd(line))
            .or_else(|| alone(line, own))
        else {
            continue;
        };
        if found.len() < MOST && !name.is_empty() && name.len() <= 1024 {
            found.insert(
                name.trim_start_matches("./").to_owned(),
                digest.to_ascii_lowercase(),
            );
        }
    }
    found
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `0f…  name`, `0f… *name`
fn coreutils(line: &str) -> Option<(&str, &str)> {
    let (digest, rest) = line.split_at_checked(64)?;
    let name = rest
        .strip_prefix("  ")
        .or_else(|| rest.strip_prefix(" *"))?;
    is_sha256(digest).then_some((digest, name))
}

/// `SHA256 (name) = 0f…`
fn bsd(line: &str) -> Option<(&str, &str)> {
    let (name, digest) = line.strip_prefix("SHA256 (")?.rsplit_once(") = ")?;
    is_sha256(digest).then_some((digest, name))
}

/// A digest in a file that is called like the one it is of.
fn alone<'t>(line: &'t str, own: &'t str) -> Option<(&'t str, &'t str)> {
    let name = own
        .strip_suffix(".sha256")
        .or_else(|| own.strip_suffix(".sha256sum"))?;
    is_sha256(line).then_some((line, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_common_form_is_read() {
        let (one, other) = ("0a".repeat(32), "FF".repeat(32));
        let text =
            format!("{one}  ./a/w.bin\n{other} *x y.bin\nSHA256 (z (1).bin) = {one}\nabc  no\n");
        let found = read(&text, "SHA256SUMS");
        let names: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(names, ["a/w.bin", "x y.bin", "z (1).bin"]);
        assert_eq!(found["x y.bin"], "ff".repeat(32));
        assert_eq!(read(&one, "w.bin.sha256")["w.bin"], one);
        assert!(read("é".repeat(60).as_str(), "SHA256SUMS").is_empty());
    }
}
