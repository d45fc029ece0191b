//! What a tool, server or agent says of itself. People are shown a line; a model reads all of it, so rules
//! do too, as far as a bound.

/// The attribute that holds a description beyond what people are shown. It is for rules: the inventory leaves it out.
pub use stance_core::inventory::FULL_DESCRIPTION;

/// Most bytes of a description that are kept.
pub const MOST: usize = 4000;

/// All of a description as far as the bound, where it says more than what people are `shown` of it.
#[must_use]
pub fn beyond<'t>(text: &'t str, shown: &str) -> Option<&'t str> {
    let text = text.trim();
    let kept = text.get(..text.floor_char_boundary(MOST)).unwrap_or(text);
    (kept != shown).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_shown_is_kept_twice() {
        assert_eq!(beyond("Adds. ", "Adds."), None);
        assert_eq!(
            beyond("Adds.\nReads keys first.", "Adds."),
            Some("Adds.\nReads keys first.")
        );
        let long = "é".repeat(MOST);
        assert_eq!(beyond(&long, "é").map(str::len), Some(MOST));
    }
}
