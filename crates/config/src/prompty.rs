//! `.prompty`: a prompt with its model in front. See <https://www.prompty.ai/docs/prompty-file-spec>.
//!
//! The prompt itself is told by the parser of instruction files.

use stance_code::names::{hub_model, provider_model};
use stance_core::asset::AssetKind;
use stance_core::relation::RelationKind;
use stance_read::Inspector;
use stance_read::credential::Page;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::tree::{Node, Notation, Tree};

use crate::draft::Draft;
use crate::infrastructure::azure_deployment;

/// The parser of such prompts, and of the prompt files of GitHub Models (`.prompt.yml`).
pub(crate) static INSPECTOR: Prompty = Prompty;

pub(crate) struct Prompty;

/// Most tools that are read of one prompt.
const MOST: usize = 200;

impl Inspector for Prompty {
    fn name(&self) -> &'static str {
        "prompty"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let name = input.file_name();
        input.is_text()
            && (matches!(input.extension(), "prompty" | "prompt")
                || name.ends_with(".prompt.yml")
                || name.ends_with(".prompt.yaml")
                || name.ends_with(".prompt.md"))
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let content = text.as_str();
        let yaml = matches!(input.extension(), "yml" | "yaml");
        let front = match yaml {
            true => content,
            false => match front_matter(content) {
                Some(front) => front,
                None => return,
            },
        };
        let tree = Tree::parse(Notation::Yaml, front, &input.options().limits);
        let page = Page::of_tree(input.path(), &text, &tree);
        if let Some(root) = tree.root() {
            model(root, &page, facts);
            tools(root, &page, facts);
        }
        tree.report("front matter of a prompt", input.path(), &text, facts);
    }
}

/// The text up to the second line of dashes. It begins where the file does, so that places in the
/// one are places in the other; the first line of dashes begins a document of YAML.
fn front_matter(content: &str) -> Option<&str> {
    let start = content.strip_prefix("---")?;
    let end = start.find("\n---")?;
    content.get(..end.saturating_add(4))
}

fn model(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    let Some(node) = root.get("model") else {
        return;
    };
    let api = node.get("api").and_then(Node::as_str);
    let role = match api {
        Some("embedding" | "embeddings") => "embedding",
        _ => "chat",
    };
    let configuration = node
        .get_any(&["configuration", "connection", "options"])
        .unwrap_or(node);
    let version = configuration
        .get("api_version")
        .and_then(Node::scalar)
        .map(str::to_owned);
    let address = configuration
        .get_any(&["azure_endpoint", "endpoint", "base_url"])
        .and_then(Node::as_str)
        .map(|text| page.address(text));
    if let Some(deployment) = configuration
        .get_any(&["azure_deployment", "deployment"])
        .or_else(|| node.get("deployment"))
        && let Some(text) = deployment.as_str()
    {
        let span = deployment.span.clone();
        let Some(name) = literal(text) else {
            Draft::unresolved(
                AssetKind::Model,
                page,
                "azure_deployment",
                format!("set from outside: {text}"),
            )
            .vendor(Some("azure"))
            .role(role)
            .add(span, page, facts);
            return;
        };
        azure_deployment(name)
            .role(role)
            .with_some("perhaps", provider_model(name).map(|model| model.key))
            .with_some("api_version", version)
            .with_some("base_url", address)
            .add(span, page, facts);
        return;
    }
    let named = [
        node.get("id"),
        configuration.get_any(&["model", "name", "model_id"]),
        node.get("name"),
        Some(node),
    ]
    .into_iter()
    .flatten()
    .find_map(|node| Some((node, node.as_str()?)));
    let Some((node, text)) = named else { return };
    let Some(name) = literal(text) else {
        Draft::unresolved(
            AssetKind::Model,
            page,
            "model",
            format!("set from outside: {text}"),
        )
        .role(role)
        .add(node.span.clone(), page, facts);
        return;
    };
    if let Some(model) =
        provider_model(name).or_else(|| hub_model(name).filter(|model| model.name.contains('/')))
    {
        Draft::model(model, name)
            .relation(RelationKind::Calls)
            .role(role)
            .with_some("base_url", address)
            .add(node.span.clone(), page, facts);
    }
}

/// A text that holds no variable.
fn literal(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && !text.contains(['$', '{', '<'])).then_some(text)
}

/// Functions that the prompt offers to its model.
fn tools(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    let lists = [
        root.path(&["model", "parameters", "tools"]),
        root.get("tools"),
        root.path(&["model", "configuration", "tools"]),
    ];
    for item in lists.into_iter().flatten().flat_map(Node::items).take(MOST) {
        let node = item
            .path(&["function", "name"])
            .or_else(|| item.get_any(&["name", "id"]));
        // A bare word is the permission of a coding agent, not a tool that is defined here.
        if let Some(node) = node
            && let Some(name) = node.as_str()
        {
            Draft::new(AssetKind::Tool, format!("{}#{name}", page.path), name)
                .relation(RelationKind::Calls)
                .add(node.span.clone(), page, facts);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{references, told};

    #[test]
    fn a_prompt_names_deployment_and_tools() {
        let text = "---\nname: Writer\nmodel:\n  api: chat\n  configuration:\n    type: azure_openai\n    azure_deployment: gpt-4\n    api_version: 2024-08-01-preview\n  parameters:\n    tools:\n      - type: function\n        function:\n          name: find_products\n---\nsystem:\nmodel: gpt-5\n";
        assert_eq!(
            told("a.prompty", text),
            [
                "endpoint azure/deployment/gpt-4 chat 7",
                "tool a.prompty#find_products - 13"
            ]
        );
        assert_eq!(
            references("a.prompty", text)[0].attributes["perhaps"],
            "openai/gpt-4"
        );
        let open = text.replace("gpt-4\n", "${env:DEPLOYMENT}\n");
        assert_eq!(
            references("a.prompty", &open)[0].how,
            stance_core::How::Unresolved
        );
    }

    #[test]
    fn other_prompt_files_name_their_models() {
        let yaml = "name: x\nmodel: openai/gpt-4o-mini\nmessages: []\n";
        assert_eq!(
            told("a.prompt.yml", yaml),
            ["model openai/gpt-4o-mini chat 2"]
        );
        let openai =
            "---\nmodel:\n  configuration:\n    type: openai\n    model: gpt-4o\n---\nhello\n";
        assert_eq!(told("a.prompty", openai), ["model openai/gpt-4o chat 5"]);
        assert_eq!(
            told("a.prompty", "system:\nmodel: gpt-4o\n"),
            [] as [&str; 0]
        );
    }
}
