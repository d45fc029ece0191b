//! Constants: prompts, registries of models, names of data sets; and the
//! variables that hold keys.

use std::collections::BTreeMap;

use stance_core::digest;
use stance_core::{AssetKind, How, RelationKind};

use super::models::provider_model;
use super::{Collector, Draft, last_part};
use crate::python::known::{Known, Nested};
use crate::python::syntax::Span;
use stance_read::credential::{is_placeholder, opens_a_service};
use stance_read::{stores, vendors};

/// Shortest text that is taken for a prompt, in bytes.
const PROMPT: usize = 60;
/// The same where the text shows by itself that it is one.
const SHORT: usize = 24;

impl Collector<'_> {
    pub(super) fn constant_value(
        &mut self,
        name: &str,
        value: &Known,
        span: &Span,
        in_class: bool,
    ) {
        match value {
            Known::Text { text, how } => {
                let long = text.len() >= PROMPT.saturating_mul(2);
                let spoken = long && (addresses_a_model(text) || is_template(name, text));
                if (is_prompt_name(name) && is_long_enough(name, text)) || spoken {
                    let draft =
                        Draft::new(AssetKind::Prompt, self.local_key(name), name, How::Constant)
                            .with("length", text.chars().count())
                            .with(digest::TEXT, digest::text(text));
                    self.refer(draft, span);
                }
                let how = match how {
                    How::Default => How::Default,
                    _ if in_class => How::Default,
                    _ => How::Constant,
                };
                // `NEON_CONNECTION_STRING = "your-connection-string"`: a secret that whoever runs it puts in.
                let asked =
                    !in_class && !text.is_empty() && opens_a_service(name) && is_placeholder(text);
                if asked && vendors::of_variable(name).is_none() {
                    self.variable(name, How::Constant, span);
                }
                self.address_constant(name, text, how, span);
                self.by_name(name, value, how, span);
            }
            Known::Object(object) => {
                let template = last_part(&object.callee.replace("().", ".")).to_owned();
                let made = object.callee.contains("PromptTemplate")
                    && [
                        "PromptTemplate",
                        "ChatPromptTemplate",
                        "FewShotPromptTemplate",
                        "from_template",
                        "from_messages",
                    ]
                    .contains(&template.as_str());
                if made && is_prompt_name(name) {
                    let draft =
                        Draft::new(AssetKind::Prompt, self.local_key(name), name, How::Constant);
                    self.refer(draft, span);
                }
            }
            Known::List(list) if name.to_ascii_lowercase().contains("tool") => {
                for one in &list.content {
                    self.tool_definition(one, span);
                }
            }
            Known::Map(map) if starts_a_server(name, map) => {
                self.connect(name, &|field| map.content.get(field), span);
            }
            // `MCP_SERVERS = {"docs": {"command": "npx", …}}`
            Known::Map(map) if is_server_name(name) && holds_servers(map) => {
                for (name, entry) in map.content.iter().take(64) {
                    if let Known::Map(entry) = entry {
                        self.connect(name, &|field| entry.content.get(field), span);
                    }
                }
            }
            Known::Map(_) if describes_a_tool(name) => {
                self.tool_definition(value, span);
            }
            // `PROMPTS = {"summary": "You are …"}`
            Known::Map(map) if is_prompt_name(name) => {
                let texts = map.content.values().filter_map(|one| match one {
                    Known::Text { text, .. } if is_long_enough(name, text) => Some(&**text),
                    _ => None,
                });
                let texts: Vec<&str> = texts.take(256).collect();
                if let Some(longest) = texts.iter().map(|text| text.chars().count()).max() {
                    let draft =
                        Draft::new(AssetKind::Prompt, self.local_key(name), name, How::Constant)
                            .with("length", longest)
                            .with(digest::TEXT, digest::text(&texts.join("\n")))
                            .with("entries", texts.len());
                    self.refer(draft, span);
                }
            }
            Known::List(list) if name.to_ascii_lowercase().contains("model") => {
                for one in &list.content {
                    let parts = match one {
                        // Pairs of a model and something about it.
                        Known::List(parts) => &parts.content[..],
                        one => std::slice::from_ref(one),
                    };
                    for part in parts.iter().take(8) {
                        if let Known::Text { text, .. } = part
                            && let Some(draft) = provider_model(text, How::Constant)
                        {
                            self.refer(draft, span);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// A prompt that is put together, or stands inside of a function.
    pub(super) fn written_prompt(&mut self, name: &str, text: &str, span: &Span, local: bool) {
        let long = text.len() >= PROMPT.saturating_mul(2);
        let named = is_prompt_name(name) && is_long_enough(name, text);
        let speaks = addresses_a_model(text);
        // What functions call a prompt may be a question to the user.
        let template = long && is_template(name, text);
        let asked = name.to_ascii_lowercase().contains("prompt");
        if named && (!local || (long && asked) || speaks) || long && speaks || template {
            let draft = Draft::new(AssetKind::Prompt, self.local_key(name), name, How::Constant)
                .with("length", text.chars().count())
                .with(digest::TEXT, digest::text(text));
            self.refer(draft, span);
        }
    }

    /// A text that is nothing but the name of a known variable for a key.
    pub(super) fn named_variable(&mut self, text: &str, span: &Span) {
        if vendors::of_variable(text).is_some() || stores::of_variable(text).is_some() {
            self.variable(text, How::Constant, span);
        }
    }

    /// A variable that holds a key, known or by its name.
    pub(super) fn variable(&mut self, variable: &str, how: How, span: &Span) {
        if let Some(store) = stores::of_variable(variable) {
            self.store_variable(variable, store, span);
            return;
        }
        let vendor = vendors::of_variable(variable).map(|vendor| vendor.key);
        if vendor.is_none() && !opens_a_service(variable) {
            return;
        }
        let draft = Draft::new(
            AssetKind::Identity,
            format!("env:{variable}"),
            variable,
            how,
        )
        .relation(RelationKind::RunsAs)
        .vendor(vendor);
        self.refer(draft, span);
    }
}

impl Collector<'_> {
    /// What a variable of the environment is unless somebody sets it.
    pub(super) fn default_of(&mut self, variable: &str, default: &str, span: &Span) {
        let upper = variable.to_ascii_uppercase();
        if default.starts_with("http") {
            self.address_constant(&upper, default, How::Default, span);
            return;
        }
        if let Some(draft) = provider_model(default, How::Default) {
            if draft.name.len() >= 4 || upper.contains("MODEL") {
                self.refer(draft.with("variable", variable), span);
            }
            return;
        }
        let model = [
            "MODEL",
            "MODEL_NAME",
            "MODEL_ID",
            "LLM",
            "DEPLOYMENT",
            "DEPLOYMENT_NAME",
        ]
        .iter()
        .any(|end| {
            upper
                .strip_suffix(end)
                .is_some_and(|before| before.is_empty() || before.ends_with('_'))
        });
        let plausible = (4..=80).contains(&default.len())
            && default.starts_with(|first: char| first.is_ascii_alphanumeric())
            && default.contains(['-', ':', '.'])
            && default.bytes().any(|byte| byte.is_ascii_alphabetic())
            && default
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
        if model && plausible && self.addresses.len() < 64 {
            let first = upper.split('_').next().unwrap_or_default();
            let whose = vendors::find(&first.to_ascii_lowercase());
            let draft = Draft::new(AssetKind::Model, default, default, How::Default)
                .relation(RelationKind::Calls)
                .vendor(whose.map(|vendor| vendor.key))
                .with("variable", variable);
            self.addresses.push((draft, span.clone()));
        }
    }
}

/// Whether a template is one of what is asked, rather than of a page or a message to people.
fn is_template(name: &str, text: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let text = text.trim_start();
    let asked = [
        "Context", "context", "Question", "question", "Answer", "answer", "Respond", "respond",
        "judge", "grade",
    ];
    let found = asked.iter().filter(|word| text.contains(**word)).count();
    name.split('_')
        .any(|word| matches!(word, "template" | "tmpl"))
        && !name.contains("html")
        && !text.starts_with('<')
        && (text.contains('{') || text.contains("%("))
        && found >= 2
}

/// Programs that start servers written by others.
const LAUNCHERS: [&str; 10] = [
    "bun", "bunx", "deno", "docker", "node", "npx", "python", "python3", "uv", "uvx",
];

/// Whether a variable is called after servers of the Model Context Protocol.
fn is_server_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("mcp") || name.contains("server")
}

/// Whether an entry says how a server is started.
fn is_launch(map: &BTreeMap<String, Known>) -> bool {
    let launcher = matches!(map.get("command"), Some(Known::Text { text, .. }) if {
        let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
        LAUNCHERS.contains(&last)
    });
    launcher && matches!(map.get("args"), Some(Known::List(list)) if !list.content.is_empty())
}

/// Whether a dictionary under this name starts a server: `search_server = {"command": "npx", "args": [...]}`.
fn starts_a_server(name: &str, map: &Nested<BTreeMap<String, Known>>) -> bool {
    let named = || {
        match map.content.get("args") {
        Some(Known::List(list)) => list.content.iter().any(
            |one| matches!(one, Known::Text { text, .. } if text.contains("mcp") || text.contains("server-")),
        ),
        _ => false,
    }
    };
    is_launch(&map.content) && (is_server_name(name) || named())
}

/// Whether each entry of a dictionary starts a server.
fn holds_servers(map: &Nested<BTreeMap<String, Known>>) -> bool {
    !map.content.is_empty()
        && map
            .content
            .values()
            .all(|one| matches!(one, Known::Map(entry) if is_launch(&entry.content)))
}

/// Whether a dictionary of this name tells what a tool takes.
fn describes_a_tool(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["tool", "tool_spec", "tool_schema", "tool_definition"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// Whether a text is no mere label; what speaks to a model, or has holes under the name of a template, may be short.
fn is_long_enough(name: &str, text: &str) -> bool {
    let template = || {
        let name = name.to_ascii_lowercase();
        name.contains("prompt") && name.contains("template") && text.contains(['{', '\n'])
    };
    text.contains(' ')
        && (text.len() >= PROMPT || text.len() >= SHORT && (addresses_a_model(text) || template()))
}

/// Whether a text tells somebody who they are, as prompts do.
fn addresses_a_model(text: &str) -> bool {
    let text = text.trim_start();
    ["You are ", "You're a", "Act as a"]
        .iter()
        .any(|start| text.starts_with(start))
}

/// Whether a constant of this name holds what is said to a model.
pub(super) fn is_prompt_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let told = [
        "instructions",
        "instruction",
        "system_message",
        "system_messages",
        "human_message",
        "user_message",
        "persona",
    ]
    .iter()
    .any(|word| name.ends_with(word))
        || name.contains("system_message_");
    let prompt = name
        .split('_')
        .any(|word| matches!(word, "prompt" | "prompts" | "prompttemplate" | "instr"))
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
        "_docstring",
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
    ]
    .iter()
    .any(|end| name.ends_with(end));
    (told || prompt) && !about
}
