//! Paths that a model file names.

/// Whether a path leaves the directory of the file that names it: it is
/// absolute, climbs up, or has a scheme. Both kinds of slash count, because a
/// loader on Windows takes both.
pub fn escapes(location: &str) -> bool {
    let path = location.trim().replace('\\', "/");
    if leads_away(&path) {
        return true;
    }
    // Some readers decode what is written as in an address.
    if path.contains('%') {
        let once = decoded(&path).replace('\\', "/");
        let twice = decoded(&once).replace('\\', "/");
        if leads_away(&once) || leads_away(&twice) {
            return true;
        }
    }
    false
}

fn leads_away(path: &str) -> bool {
    let scheme = ["file:", "data:", "javascript:"]
        .iter()
        .any(|scheme| path.to_ascii_lowercase().starts_with(scheme));
    let variable = path.starts_with("$HOME")
        || path.starts_with("${")
        || path.starts_with('%') && path.get(1..).is_some_and(|rest| rest.contains("%/"));
    if path.starts_with('/') || path.starts_with('~') || path.contains("://") || scheme || variable
    {
        return true;
    }
    let drive = path.as_bytes().get(1) == Some(&b':')
        && path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    drive || climbs(path)
}

/// A path with `%2e` and the like as the characters they stand for.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether the `..` of a path lead above where it starts.
pub fn climbs(path: &str) -> bool {
    let mut depth = 0_usize;
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match depth.checked_sub(1) {
                Some(up) => depth = up,
                None => return true,
            },
            _ => depth = depth.saturating_add(1),
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::escapes;

    #[test]
    fn paths_that_leave_their_directory() {
        for path in [
            "/etc/passwd",
            "../w",
            "a/../../w",
            "..\\..\\w",
            "C:\\w",
            "file:///w",
            "~/w",
            "%2e%2e/%2e%2e/w",
            "%252e%252e/w",
            "..%2fw",
            "%2fetc/passwd",
            "file:/etc/passwd",
            "$HOME/w",
            "${TMP}/w",
            "%APPDATA%\\w",
        ] {
            assert!(escapes(path), "{path}");
        }
        for path in [
            "weights.bin",
            "data/weights.bin",
            "a/../w",
            "./w",
            "a..b",
            "..w",
            "100%/w",
            "a%20b.bin",
            "w$1.bin",
        ] {
            assert!(!escapes(path), "{path}");
        }
    }
}
