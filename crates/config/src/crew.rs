//! What a crew reads from its files: agents, each with a role, and tasks, each with what is to be done. See
//! <https://docs.crewai.com/concepts/agents> and <https://docs.crewai.com/concepts/tasks>.

use stance_code::names::provider_model_with_prefix;
use stance_core::asset::AssetKind;
use stance_core::digest;
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::{Entry, Node};

use crate::document::Format;
use crate::draft::{Draft, relate};

pub(crate) const AGENTS: Format = Format {
    title: "agents of a crew",
    loose: false,
    marks: &["backstory"],
    read: agents,
};

pub(crate) const TASKS: Format = Format {
    title: "tasks of a crew",
    loose: false,
    marks: &["expected_output"],
    read: tasks,
};

/// Most agents or tasks of one file.
const MOST: usize = 1000;

/// The entries that have all of `keys`, each under the name that the code knows it by.
fn named<'n>(root: &'n Node, keys: &'static [&'static str]) -> impl Iterator<Item = &'n Entry> {
    root.entries()
        .iter()
        .filter(|entry| !entry.shadowed)
        .take(MOST)
        .filter(|entry| keys.iter().all(|key| entry.value.get(key).is_some()))
}

fn agents(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let mut found = false;
    for entry in named(root, &["role", "goal", "backstory"]) {
        let own = &entry.value;
        found = true;
        let title = own
            .get("role")
            .and_then(Node::as_str)
            .map(|text| text.trim().to_owned());
        let tools: Vec<&str> = own
            .get("tools")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::as_str)
            .take(64)
            .collect();
        let id = Draft::new(
            AssetKind::Agent,
            format!("{}#{}", page.path, entry.key),
            entry.key.to_string(),
        )
        .relation(RelationKind::Contains)
        .with("framework", "crewai")
        .with_some("title", title.filter(|title| title.len() <= 200))
        .with_some("tools", Some(tools).filter(|tools| !tools.is_empty()))
        .add(entry.key_span.clone(), page, facts);
        // Role, goal and backstory are what the model is told of who it is.
        let told: Vec<&str> = ["role", "goal", "backstory"]
            .iter()
            .filter_map(|key| own.get(key)?.as_str())
            .map(str::trim)
            .collect();
        let length: usize = told.iter().map(|text| text.chars().count()).sum();
        Draft::new(
            AssetKind::Prompt,
            format!("{}#{}", page.path, entry.key),
            entry.key.to_string(),
        )
        .relation(RelationKind::Contains)
        .with("framework", "crewai")
        .with("length", length)
        .with(digest::TEXT, digest::text(&told.join("\n")))
        .with("agent", &*entry.key)
        .add(entry.key_span.clone(), page, facts);
        if let Some(node) = own.get("llm")
            && let Some(text) = node.as_str()
            && let Some(model) = provider_model_with_prefix(text)
        {
            let model = Draft::model(model, text)
                .relation(RelationKind::Calls)
                .role("chat")
                .add(node.span.clone(), page, facts);
            relate(
                &id,
                RelationKind::Calls,
                &model,
                node.span.clone(),
                page,
                facts,
            );
        }
    }
    found
}

/// What a task says is told to the model of its agent, word for word.
fn tasks(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    let mut found = false;
    for entry in named(root, &["description", "expected_output"]) {
        let own = &entry.value;
        let Some(text) = own.get("description").and_then(Node::as_str) else {
            continue;
        };
        found = true;
        let agent = own.get("agent").and_then(Node::as_str);
        Draft::new(
            AssetKind::Prompt,
            format!("{}#{}", page.path, entry.key),
            entry.key.to_string(),
        )
        .relation(RelationKind::Contains)
        .with("framework", "crewai")
        .with("length", text.trim().chars().count())
        .with(digest::TEXT, digest::text(text))
        .with_some("agent", agent)
        .add(entry.key_span.clone(), page, facts);
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::testing::{references, told};

    #[test]
    fn a_crew_names_its_agents() {
        let text = "researcher:\n  role: >\n    Senior researcher\n  goal: g\n  backstory: b\n  llm: openai/gpt-4o\ntask:\n  description: backstory\n";
        assert_eq!(
            told("config/agents.yaml", text),
            [
                "agent config/agents.yaml#researcher - 1",
                "prompt config/agents.yaml#researcher - 1",
                "model openai/gpt-4o chat 6"
            ]
        );
    }

    #[test]
    fn tasks_of_a_crew_are_prompts_under_their_names() {
        let text = "research_task:\n  description: >\n    Find out what {topic} is about.\n  expected_output: >\n    Ten points\n  agent: researcher\nreport_task:\n  description: Write it up.\n  expected_output: A page\nsettings:\n  description: no task\n";
        assert_eq!(
            told("config/tasks.yaml", text),
            [
                "prompt config/tasks.yaml#research_task - 1",
                "prompt config/tasks.yaml#report_task - 7"
            ]
        );
        let first = &references("config/tasks.yaml", text)[0];
        assert_eq!(first.name, "research_task");
        assert_eq!(first.attributes["agent"], "researcher");
        // A case of an evaluation is a row, not a task under a name.
        let case = "- description: a\n  expected_output: b\n";
        assert_eq!(told("cases.yaml", case), [] as [&str; 0]);
    }
}
