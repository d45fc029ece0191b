//! Agents that blocks set up by arguments, and what they are told: modules take the same arguments as the resources
//! inside them (`foundation_model`, `instruction`, `agent_name`).

use stance_core::AssetKind;
use stance_core::digest;
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::{Entry, Node};

use crate::draft::Draft;

/// Shortest text that is taken for an instruction, in characters.
const SHORTEST: usize = 20;
/// Most instructions of one block.
const MOST: usize = 100;

/// Adds the prompts that stand in a block, and for a module the agent that they make of it.
pub(super) fn add(label: &str, root: &Node, module: bool, page: &Page<'_>, facts: &mut Facts<'_>) {
    let mut prompts: Vec<&Entry> = Vec::new();
    let mut model = false;
    let mut name: Option<&Node> = None;
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        for entry in node.entries() {
            let key = entry.key.to_ascii_lowercase();
            if is_prompt(&key) && is_prose(&entry.value) && prompts.len() < MOST {
                prompts.push(entry);
            }
            model |= key.ends_with("foundation_model") || key.ends_with("model_source");
            model |= matches!(&*key, "supervisor_model" | "agent_model");
            if matches!(
                &*key,
                "agent_name" | "supervisor_name" | "collaborator_name" | "assistant_name"
            ) && entry.value.as_str().is_some_and(|it| !it.contains("${"))
            {
                name = Some(&entry.value);
            }
            open.push(&entry.value);
        }
        open.extend(node.items());
    }
    prompts.sort_by_key(|entry| entry.key_span.start);
    let Some(first) = prompts.first() else { return };
    for entry in &prompts {
        let name = format!("{label} {}", entry.key);
        let text = entry.value.as_str().unwrap_or_default();
        Draft::new(AssetKind::Prompt, format!("{}#{name}", page.path), name)
            .relation(RelationKind::Contains)
            .alias(&entry.key)
            .with("length", text.chars().count())
            .with(digest::TEXT, digest::text(text))
            .add(entry.value.span.clone(), page, facts);
    }
    let instructs = prompts
        .iter()
        .any(|entry| entry.key.contains("instruction"));
    if module && instructs && (model || name.is_some()) {
        let told = name.and_then(Node::as_str).unwrap_or(label);
        let place = name.map_or(first.key_span.clone(), |node| node.span.clone());
        Draft::new(AssetKind::Agent, format!("{}#{label}", page.path), told)
            .relation(RelationKind::Contains)
            .alias(label)
            .role("agent")
            .add(place, page, facts);
    }
}

fn is_prompt(key: &str) -> bool {
    matches!(
        key,
        "instruction"
            | "instructions"
            | "system_prompt"
            | "system_instruction"
            | "system_instructions"
            | "base_prompt_template"
            | "prompt_template"
    ) || key.ends_with("_instruction")
        || key.ends_with("_instructions")
        || key.ends_with("_system_prompt")
}

/// Whether a value is a text for a model: words, and not an expression for one.
fn is_prose(node: &Node) -> bool {
    node.as_str()
        .is_some_and(|text| text.len() >= SHORTEST && text.contains(' ') && !text.starts_with("${"))
}

#[cfg(test)]
mod tests {
    use crate::testing::told;

    #[test]
    fn a_module_that_is_told_what_to_do_is_an_agent() {
        let text = "module \"helper\" {\n  source = \"../..\"\n  foundation_model = \"anthropic.claude-v2\"\n  instruction = \"You answer questions about cars to a customer.\"\n  collaborator_name = \"CarAgent\"\n}\nmodule \"network\" {\n  source = \"./network\"\n  build_instruction = \"short\"\n}\n";
        let all = told("main.tf", text);
        assert!(
            all.contains(&"prompt main.tf#helper instruction - 4".to_owned()),
            "{all:?}"
        );
        assert!(
            all.contains(&"agent main.tf#helper agent 5".to_owned()),
            "{all:?}"
        );
        assert!(!all.iter().any(|it| it.contains("network")), "{all:?}");
    }
}
