//! What dotted callees say by how they begin and end.

/// Whether a call makes a collection of tools of a library: `TavilyToolSpec(api_key=…)`.
pub(super) fn is_tool_spec(callee: &str) -> bool {
    let last = last_part(callee);
    last.len() > "ToolSpec".len()
        && last.ends_with("ToolSpec")
        && (lies_in(callee, "llama_index") || lies_in(callee, "llama_hub"))
}

/// Whether a callee lies in a module: `openai.OpenAI().x` in `openai`.
pub(super) fn lies_in(callee: &str, module: &str) -> bool {
    callee
        .strip_prefix(module)
        .is_some_and(|rest| rest.starts_with(['.', '(']))
}

/// `googleSearch` as Python spells it.
pub(super) fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

pub(super) fn ends_with_parts(callee: &str, name: &str) -> bool {
    callee
        .strip_suffix(name)
        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

pub(super) fn last_part(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}
