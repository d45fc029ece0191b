//! Agents that a file describes: a name, what they are told, and a model or the word that they are one. Frameworks
//! agree about that much (declarative agents of Semantic Kernel and Foundry, agents of Docker, processes in YAML).

use stance_code::names::provider_model_with_prefix;
use stance_core::asset::AssetKind;
use stance_core::digest;
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::{Entry, Node};

use crate::document::Format;
use crate::draft::Draft;

pub(crate) const FORMAT: Format = Format {
    title: "agents",
    loose: true,
    marks: &[
        "instructions",
        "instruction:",
        "\"instruction\"",
        "system_prompt",
        "systemPrompt",
    ],
    read,
};

/// Keys under which an agent is told who it is.
const TOLD: &[&str] = &[
    "instructions",
    "instruction",
    "system_prompt",
    "systemPrompt",
];
/// Most agents of one file.
const MOST: usize = 200;
/// Shortest text that is taken for instructions, in characters.
const SHORTEST: usize = 20;

fn read(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let mut found = 0_usize;
    let mut open: Vec<(Option<&Entry>, &Node)> = vec![(None, root)];
    while let Some((entry, node)) = open.pop() {
        if found < MOST && agent(entry, node, page, facts) {
            found = found.saturating_add(1);
        }
        let below = node.entries().iter().rev().filter(|it| !it.shadowed);
        open.extend(below.map(|it| (Some(it), &it.value)));
        open.extend(node.items().iter().rev().map(|it| (None, it)));
    }
    found > 0
}

fn agent(entry: Option<&Entry>, node: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let Some((key, told, text)) = TOLD.iter().find_map(|key| {
        let node = node.get(key)?;
        Some((*key, node, node.as_str()?))
    }) else {
        return false;
    };
    let text_of = |key: &str| node.get(key).and_then(Node::as_str);
    let says = ["type", "kind"]
        .iter()
        .filter_map(|key| text_of(key))
        .any(|it| it.to_ascii_lowercase().contains("agent"));
    let model = node.get("model");
    let prose = text.chars().count() >= SHORTEST && text.contains(' ');
    if !prose || !(says || model.is_some()) {
        return false;
    }
    let own = node.get("name").filter(|it| {
        it.as_str()
            .is_some_and(|text| (1..=80).contains(&text.len()))
    });
    let (name, at) = match (own.and_then(|it| Some((it, it.as_str()?))), entry) {
        (Some((node, name)), _) => (name, node.span.clone()),
        (None, Some(entry)) if &*entry.key != "agent" => (&*entry.key, entry.key_span.clone()),
        _ => return false,
    };
    Draft::new(AssetKind::Agent, format!("{}#{name}", page.path), name)
        .relation(RelationKind::Contains)
        .add(at, page, facts);
    let prompt = format!("{name} {key}");
    Draft::new(AssetKind::Prompt, format!("{}#{prompt}", page.path), prompt)
        .relation(RelationKind::Contains)
        .alias(name)
        .with("length", text.chars().count())
        .with(digest::TEXT, digest::text(text))
        .add(told.span.clone(), page, facts);
    // `model: gpt-4o`, `model: {id: gpt-4o}`
    let model = model.map(|model| model.get_any(&["id", "name", "model"]).unwrap_or(model));
    if let Some((node, text)) = model.and_then(|it| Some((it, it.as_str()?)))
        && let Some(model) = provider_model_with_prefix(text)
    {
        Draft::model(model, text)
            .relation(RelationKind::Calls)
            .role("chat")
            .add(node.span.clone(), page, facts);
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::testing::told;

    #[test]
    fn what_a_file_tells_an_agent_makes_it_one() {
        let text = "workflow:\n  nodes:\n    - id: n\n      agent:\n        type: chat_completion_agent\n        name: Writer\n        instructions: Write a short text about the product.\nagents:\n  root:\n    model: openai/gpt-4o\n    instruction: |\n      You help people with their bills.\n";
        assert_eq!(
            told("process.yaml", text),
            [
                "agent process.yaml#Writer - 6",
                "prompt process.yaml#Writer instructions - 7",
                "agent process.yaml#root - 9",
                "prompt process.yaml#root instruction - 12",
                "model openai/gpt-4o chat 10",
            ]
        );
        // Instructions for people are none of an agent.
        let other = "name: bug\ninstructions: Fill in all of the fields below, please.\n";
        assert_eq!(told("form.yaml", other), [] as [&str; 0]);
    }
}
