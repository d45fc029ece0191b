//! Scripts inside of components: `<script lang="ts">` of Vue, Svelte and Astro.

use std::ops::Range;

/// Most scripts of one file.
const SCRIPTS: usize = 16;

/// The ranges of the scripts of a component, and whether each is TypeScript.
pub(super) fn scripts(source: &str, extension: &str) -> Vec<(Range<usize>, bool)> {
    let mut found = Vec::new();
    if extension == "astro"
        && let Some(rest) = source.strip_prefix("---")
        && let Some(end) = rest.find("\n---")
    {
        found.push((3..end.saturating_add(3), true));
    }
    let mut at = 0;
    while let Some(start) = source.get(at..).and_then(|rest| rest.find("<script")) {
        let tag = at.saturating_add(start);
        let Some(open) = source.get(tag..).and_then(|rest| rest.find('>')) else {
            break;
        };
        let body = tag.saturating_add(open).saturating_add(1);
        let Some(length) = source.get(body..).and_then(|rest| rest.find("</script")) else {
            break;
        };
        let end = body.saturating_add(length);
        let attributes = source.get(tag..body).unwrap_or_default();
        let typed = attributes.contains("\"ts\"") || attributes.contains("'ts'") || extension == "astro";
        found.push((body..end, typed));
        at = end;
        if found.len() >= SCRIPTS {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_found_with_their_language() {
        let source = "<template></template><script setup lang=\"ts\">a</script><script>b</script>";
        let all = scripts(source, "vue");
        let texts: Vec<(&str, bool)> = all
            .iter()
            .map(|(range, typed)| (&source[range.clone()], *typed))
            .collect();
        assert_eq!(texts, [("a", true), ("b", false)]);
    }
}
