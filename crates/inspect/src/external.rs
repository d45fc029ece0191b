//! Paths that a model file names.

/// Whether a path leaves the directory of the file that names it: it is
/// absolute, climbs up, or has a scheme. Both kinds of slash count, because a
/// loader on Windows takes both.
pub(crate) fn escapes(location: &str) -> bool {
    let path = location.trim().replace('\\', "/");
    if path.starts_with('/') || path.starts_with('~') || path.contains("://") {
        return true;
    }
    let drive = path.as_bytes().get(1) == Some(&b':')
        && path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    drive || climbs(&path)
}

/// Whether the `..` of a path lead above where it starts.
pub(crate) fn climbs(path: &str) -> bool {
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
        ] {
            assert!(!escapes(path), "{path}");
        }
    }
}
