//! Names in settings, and patterns of names.

/// Whether it may stand in a path as it is.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Whether `name` fits one of the patterns, in which `*` stands for any characters; all names fit none.
#[must_use]
pub(crate) fn fits(patterns: &[String], name: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| fits_one(pattern, name))
}

fn fits_one(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    let mut rest = rest;
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_models() {
        let fits = |pattern: &str, name| fits(&[pattern.to_owned()], name);
        assert!(fits("gpt-4o", "gpt-4o"));
        assert!(!fits("gpt-4o", "gpt-4o-mini"));
        assert!(fits("gpt-*", "gpt-4o-mini"));
        assert!(fits("*-mini", "gpt-4o-mini"));
        assert!(fits("g*4*mini", "gpt-4o-mini"));
        assert!(!fits("g*5*mini", "gpt-4o-mini"));
        assert!(!fits("aa*a", "aa"), "no character counts twice");
        assert!(super::fits(&[], "anything"));
    }
}
