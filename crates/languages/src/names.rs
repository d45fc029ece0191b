//! What names say, in all languages.

use stance_read::description;

/// Longest description that is told, in characters.
const DESCRIPTION: usize = 400;

/// A text for people, not longer than is told.
pub(crate) fn shortened(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(DESCRIPTION) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The attributes of a description: the beginning for people, all of it for rules.
pub(crate) fn description_of(text: &str) -> Vec<(&'static str, String)> {
    let shown = shortened(text);
    let whole = description::beyond(text, &shown).map(str::to_owned);
    let whole = whole.map(|whole| (description::FULL_DESCRIPTION, whole));
    [("description", shown)].into_iter().chain(whole).collect()
}

/// `baseURL` as Python spells it: `base_url`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len().saturating_add(4));
    let mut before_upper = true;
    for character in name.chars() {
        let upper = character.is_ascii_uppercase();
        if upper && !before_upper {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
        before_upper = upper || character == '_';
    }
    snake
}

/// Whether a constant of this name holds what is said to a model.
pub(crate) fn is_prompt_name(name: &str) -> bool {
    let name = snake_case(name);
    let told = [
        "instructions",
        "instruction",
        "system_message",
        "persona",
        "preamble",
    ]
    .iter()
    .any(|word| name.ends_with(word));
    let prompt = name
        .split('_')
        .any(|word| matches!(word, "prompt" | "prompts" | "prompttemplate"))
        || name.ends_with("prompt");
    let about = [
        "_name",
        "_id",
        "_path",
        "_file",
        "_dir",
        "_url",
        "_key",
        "_env",
        "_help",
        "_description",
        "_regex",
        "_pattern",
        "_version",
        "_error",
        "_warning",
        "_msg",
        "_ids",
        "_token",
        "_tokens",
        "_column",
        "_field",
        "_class",
        "_style",
        "_styles",
        "_title",
        "_label",
        "_placeholder",
        "_schema",
        "_type",
    ]
    .iter()
    .any(|end| name.ends_with(end));
    (told || prompt) && !about
}
