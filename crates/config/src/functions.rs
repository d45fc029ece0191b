//! Lists of functions that a program hands to a model, in a file of their own: `functions.json` beside a prompt.

use stance_core::asset::AssetKind;
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use crate::document::Format;
use crate::draft::Draft;

pub(crate) const FORMAT: Format = Format {
    title: "list of functions",
    loose: true,
    marks: &["\"parameters\"", "\"input_schema\"", "parameters:"],
    read,
};

/// Most functions of one file.
const MOST: usize = 500;

/// A list in which everything is a function with a schema. A record of a conversation holds other things as well.
fn read(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let list = match root.is_object() {
        true => root.get_any(&["tools", "functions"]),
        false => Some(root),
    };
    let Some(items) = list.map(Node::items).filter(|items| !items.is_empty()) else {
        return false;
    };
    let all: Option<Vec<(&Node, &Node)>> = items.iter().take(MOST).map(function).collect();
    let Some(all) = all else { return false };
    for (function, node) in all {
        let name = node.as_str().unwrap_or_default();
        let description = function
            .get("description")
            .and_then(Node::as_str)
            .map(|text| text.chars().take(400).collect::<String>());
        Draft::new(AssetKind::Tool, format!("{}#{name}", page.path), name)
            .relation(RelationKind::Calls)
            .with_some("description", description)
            .add(node.span.clone(), page, facts);
    }
    true
}

/// The function of an entry, and its name.
fn function(item: &Node) -> Option<(&Node, &Node)> {
    let function = item.get("function").unwrap_or(item);
    let schema = function.get_any(&["parameters", "input_schema"])?;
    let typed = schema.get("type").and_then(Node::as_str) == Some("object");
    let node = function.get("name")?;
    let name = node.as_str()?;
    let plain = !name.is_empty()
        && name.len() <= 64
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    (typed && plain).then_some((function, node))
}

#[cfg(test)]
mod tests {
    use crate::testing::told;

    #[test]
    fn a_file_of_functions_names_tools() {
        let list = r#"[{"type": "function", "function": {"name": "find_parts", "description": "Finds.", "parameters": {"type": "object", "properties": {}}}},
 {"name": "book", "input_schema": {"type": "object"}}]"#;
        assert_eq!(
            told("agents/functions.json", list),
            [
                "tool agents/functions.json#find_parts - 1",
                "tool agents/functions.json#book - 2"
            ]
        );
        let record = r#"[{"role": "user", "tools": []}, {"name": "book", "parameters": {"type": "object"}}]"#;
        assert_eq!(told("x.json", record), [] as [&str; 0]);
        let openapi = r#"{"tools": [{"name": "a", "parameters": ["x"]}]}"#;
        assert_eq!(told("x.json", openapi), [] as [&str; 0]);
    }
}
