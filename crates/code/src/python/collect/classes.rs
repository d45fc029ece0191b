//! Classes that are tools, agents, guardrails or evaluators by what they inherit from.

use stance_core::{AssetKind, How, RelationKind};

use super::members::guards;
use super::models::provider_model;
use super::{Collector, Draft, lies_in};
use crate::python::catalogue::{BASES, model_class, root_of, vendor_of_class};
use crate::python::definition::{home_of, name_of};
use crate::python::known::Known;
use crate::python::syntax::{Class, Span, Stmt};

/// Most of a class that is looked at, in bytes.
const CLASS_TEXT: usize = 24 * 1024;

/// How programs ask a model, whichever interface they use.
const ASKS: [&str; 12] = [
    "messages.create",
    "messages.stream",
    "chat.completions",
    "responses.create",
    "generate_content",
    "invoke_model",
    ".converse(",
    "litellm.",
    "completion(",
    "chat.complete(",
    "ollama.chat",
    ".with_raw_response.create",
];

/// Words by which a class tells a model how to call it.
const DESCRIBED: [&str; 8] = [
    "input_schema",
    "args_schema",
    "inputSchema",
    "parameters",
    "description=",
    "description =",
    "description:",
    "api_type",
];

impl Collector<'_> {
    pub(super) fn derived(
        &mut self,
        class: &Class,
        bases: &[Known],
        member: &dyn Fn(&str) -> Option<Known>,
    ) {
        let declared = std::mem::take(&mut self.declared);
        let members = std::mem::take(&mut self.members);
        self.enumeration(class, bases, &members);
        self.table(class, bases, &declared, member);
        if bases.is_empty() && is_guard(&class.name) {
            let derived = Derived {
                name: class.name.clone(),
                span: class.name_span.clone(),
                given: None,
                described: class.documented.clone(),
                about_ai: true,
            };
            self.own(AssetKind::Guardrail, "guardrail", &derived);
        }
        let settings = bases.iter().any(|base| match base {
            Known::Path { path, .. } => path.ends_with("BaseSettings"),
            _ => false,
        });
        if settings {
            // Such a class takes each field from the variable of its name.
            for (name, span) in declared {
                self.variable(&name.to_ascii_uppercase(), How::Configuration, &span);
            }
        }
        let given = match member("name") {
            Some(Known::Text { text, .. }) if (1..=80).contains(&text.len()) => Some(text),
            _ => None,
        };
        let described = match member("description") {
            Some(Known::Text { text, .. }) => Some(text.to_string()),
            _ => class.documented.clone(),
        };
        let derived = Derived {
            name: class.name.clone(),
            span: class.name_span.clone(),
            given: given.map(|text| text.to_string()),
            described,
            about_ai: !self.modules.is_empty(),
        };
        let paths = || {
            bases.iter().filter_map(|base| match base {
                Known::Path { path, .. } => Some(&**path),
                _ => None,
            })
        };
        if paths().any(is_network) && self.networks.len() < 256 {
            self.networks.insert(class.name.clone());
        }
        // Who subclasses a client calls whom it calls.
        for path in paths() {
            if model_class(path).is_some()
                && let Some(vendor) = path.rsplit('.').next().and_then(vendor_of_class)
            {
                let draft = Draft::new(AssetKind::Vendor, vendor, vendor, How::Literal)
                    .relation(RelationKind::Calls);
                self.refer(draft, &class.name_span);
            }
        }
        match paths().find_map(|path| base_of(path)) {
            Some((root, kind)) => self.derived_from(root, kind, &derived),
            None if is_scorer(class, derived.about_ai) || self.is_own_evaluation(class, bases) => {
                self.own(AssetKind::Evaluator, "evaluation", &derived);
            }
            // A loop of the program's own around a model, without any framework.
            None if self.runs_a_model(&derived) => self.own(AssetKind::Agent, "agent", &derived),
            // Another file may tell what its own base is.
            None => {
                let own = bases.iter().find_map(|base| match base {
                    Known::Class(number) => self.classes.get(*number),
                    _ => None,
                });
                let own = own.cloned();
                if own.as_deref().is_some_and(is_agent_base) {
                    self.own_agent(&derived);
                } else if self.is_own_tool(
                    own.as_deref().into_iter().chain(paths().map(name_of)),
                    &derived,
                ) {
                    self.own_tool(&derived);
                } else if let Some(path) = paths().find(|path| is_own_base(path)) {
                    self.hold_class(path, derived);
                }
            }
        }
    }

    /// `class MathEval(Eval)` in a program that asks models: an evaluation of its own, by its own base.
    fn is_own_evaluation(&self, class: &Class, bases: &[Known]) -> bool {
        const ENDS: [&str; 3] = ["Eval", "Evaluator", "Evaluation"];
        let called = |name: &str| ENDS.iter().any(|end| name.ends_with(end));
        let base = |base: &Known| match base {
            Known::Class(number) => self.classes.get(*number).is_some_and(|name| called(name)),
            Known::Path { path, .. } => !path.starts_with('?') && called(name_of(path)),
            _ => false,
        };
        let source = self.place.whole().as_bytes();
        let has = |word: &str| memchr::memmem::find(source, word.as_bytes()).is_some();
        called(&class.name)
            && !ENDS.contains(&class.name.as_str())
            && !class.name.starts_with("Base")
            && bases.iter().any(base)
            && ["prompt", "llm", "LLM", "sampler", "completion"]
                .into_iter()
                .any(has)
    }

    /// The class around a place, by the last head of one before it at the beginning of a line.
    pub(super) fn enclosing_class(&self, span: &Span) -> Option<String> {
        let before = self.place.source().get(..span.start)?;
        let at = before
            .rfind("\nclass ")
            .map(|at| at.saturating_add(7))
            .or_else(|| before.starts_with("class ").then_some(6))?;
        let rest = before.get(at..)?;
        let ends = ["\ndef ", "\nasync def ", "\nif __name__"];
        if ends.iter().any(|end| rest.contains(end)) || self.is_at_margin(before) {
            return None;
        }
        let end = rest.find(|it: char| !(it.is_ascii_alphanumeric() || it == '_'))?;
        rest.get(..end)
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
    }

    /// Whether the line that this text ends in is not indented: such code is in no class.
    fn is_at_margin(&self, before: &str) -> bool {
        let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        let line = self.place.source().get(start..).unwrap_or_default();
        line.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
    }

    /// The source of a class, from its name on, as far as it tells what the class is.
    pub(super) fn class_text(&self, name: &str) -> Option<&str> {
        let source = self.place.whole();
        let start = source.find(&format!("class {name}"))?;
        let text = source.get(start..)?;
        let end = ["\nclass ", "\ndef ", "\nasync def "]
            .iter()
            .filter_map(|next| text.find(next))
            .min();
        let end = end.unwrap_or(text.len()).min(CLASS_TEXT);
        text.get(..text.floor_char_boundary(end))
    }

    /// Whether a class called an agent asks a model itself.
    fn runs_a_model(&self, class: &Derived) -> bool {
        let named = class.name.ends_with("Agent")
            && !["Base", "Abstract", "Mock", "Fake", "Dummy"]
                .iter()
                .any(|start| class.name.starts_with(start));
        named
            && class.about_ai
            && self
                .class_text(&class.name)
                .is_some_and(|text| ASKS.iter().any(|call| text.contains(call)))
    }

    /// Whether a class is a tool of a framework of the program's own: its base is called one, and it says what a
    /// model must know to call it.
    fn is_own_tool<'n>(&self, mut bases: impl Iterator<Item = &'n str>, class: &Derived) -> bool {
        let of_tools = bases.any(is_tool_base);
        of_tools
            && class.name.contains("Tool")
            && !is_tool_base(&class.name)
            && !class.name.starts_with("MCP")
            && self
                .class_text(&class.name)
                .is_some_and(|text| DESCRIBED.iter().any(|word| text.contains(word)))
    }

    fn own_tool(&mut self, class: &Derived) {
        let name = class.given.as_deref().unwrap_or(&class.name);
        let mut draft = Draft::new(
            AssetKind::Tool,
            self.local_key(&class.name),
            name,
            How::Literal,
        )
        .alias(&class.name);
        if let Some(text) = &class.described {
            draft = draft.described(text);
        }
        self.refer(draft, &class.span);
    }

    /// A table with a column of vectors: of SQLAlchemy by its name, of Django by its class.
    fn table(
        &mut self,
        class: &Class,
        bases: &[Known],
        declared: &[(String, Span)],
        member: &dyn Fn(&str) -> Option<Known>,
    ) {
        let column = declared.iter().find(|(name, _)| {
            let known = member(name);
            known.is_some_and(|known| holds_vectors(&known, 4))
        });
        let Some((column, span)) = column else { return };
        let django = bases
            .iter()
            .any(|base| matches!(base, Known::Path { path, .. } if path.ends_with("models.Model")));
        let name = match member("__tablename__") {
            Some(Known::Text { text, .. }) => text.to_string(),
            _ if django => class.name.clone(),
            _ => return,
        };
        self.vector_table(&name, column, span);
    }

    /// The members of an enumeration that is called after models.
    fn enumeration(&mut self, class: &Class, bases: &[Known], members: &[(String, Span)]) {
        let counts = bases.iter().any(|base| match base {
            Known::Path { path, .. } => path.ends_with("Enum"),
            _ => false,
        });
        let of_models = [
            "Model",
            "Models",
            "ModelName",
            "ModelNames",
            "ModelId",
            "ModelIds",
            "LLM",
            "LLMs",
        ]
        .iter()
        .any(|end| class.name.ends_with(end));
        if !counts || !of_models {
            return;
        }
        for (text, span) in members {
            let plausible = text.contains(['-', '.', ':'])
                && text.starts_with(|first: char| first.is_ascii_alphanumeric())
                && text.bytes().any(|byte| byte.is_ascii_digit())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/@".contains(&byte));
            if !plausible || provider_model(text, How::Constant).is_some() {
                continue;
            }
            let vendor = vendor_of_class(&class.name);
            let key = match vendor {
                Some(vendor) => format!("{vendor}/{text}"),
                None => text.clone(),
            };
            let draft = Draft::new(AssetKind::Model, key, text, How::Constant)
                .relation(RelationKind::Calls)
                .vendor(vendor);
            self.refer(draft, span);
        }
    }

    /// A class of the program's own that refuses messages, or scores them.
    fn own(&mut self, kind: AssetKind, role: &str, class: &Derived) {
        let key = self.local_key(&class.name);
        let mut draft = Draft::new(kind, key, &class.name, How::Literal).with("role", role);
        if let Some(text) = &class.described {
            draft = draft.described(text);
        }
        self.refer(draft, &class.span);
    }

    /// A class whose base another file defines.
    pub(super) fn derived_elsewhere(&mut self, base: &str, written: &str, derived: &Derived) {
        if let Some((root, kind)) = base_of(base) {
            self.derived_from(root, kind, derived);
        } else if home_of(written).is_some() && is_agent_base(name_of(written)) {
            self.own_agent(derived);
        }
    }

    /// An agent of a framework of the program's own, in a file that has to do with models.
    fn own_agent(&mut self, class: &Derived) {
        if class.about_ai {
            self.own(AssetKind::Agent, "agent", class);
        }
    }

    fn derived_from(&mut self, root: &'static str, kind: AssetKind, class: &Derived) {
        // Most middleware only keeps an agent going.
        if kind == AssetKind::Guardrail && root == "langchain" && !guards(&class.name) {
            return;
        }
        let name = class.given.as_deref().unwrap_or(&class.name);
        let mut draft = Draft::new(kind, self.local_key(&class.name), name, How::Literal)
            .alias(&class.name)
            .with("framework", root_of(root).map_or(root, |root| root.package));
        if kind == AssetKind::McpServer {
            draft = draft
                .relation(RelationKind::Exposes)
                .with("implemented", true);
        }
        if let Some(text) = &class.described {
            draft = draft.described(text);
        }
        self.refer(draft, &class.span);
    }
}

/// A class that may be a tool, an agent or the like by what it inherits from.
#[derive(Clone, Debug)]
pub(super) struct Derived {
    pub(super) name: String,
    pub(super) span: Span,
    /// What it calls itself.
    pub(super) given: Option<String>,
    pub(super) described: Option<String>,
    /// Whether its file imports something of AI.
    pub(super) about_ai: bool,
}

/// Whether a class of the program's own of this name is what its agents inherit from.
fn is_agent_base(name: &str) -> bool {
    matches!(
        name,
        "Agent" | "BaseAgent" | "AbstractAgent" | "AgentBase" | "LLMAgent" | "BaseLLMAgent"
    )
}

/// Whether what inherits from this is a network: a layer, or a model as a whole.
pub(super) fn is_network(base: &str) -> bool {
    matches!(
        base,
        "torch.nn.Module"
            | "torch.nn.modules.Module"
            | "pytorch_lightning.LightningModule"
            | "lightning.LightningModule"
            | "lightning.pytorch.LightningModule"
            | "tensorflow.keras.Model"
            | "keras.Model"
            | "flax.linen.Module"
    )
}

/// Whether a class of this name is what tools inherit from.
fn is_tool_base(name: &str) -> bool {
    name == "Tool"
        || name == "ToolBase"
        || (name.ends_with("Tool") && (name.starts_with("Base") || name.starts_with("Abstract")))
}

/// Whether a class of this name looks at messages and may refuse them.
fn is_guard(name: &str) -> bool {
    [
        "Guardrail",
        "Guardrails",
        "Safeguard",
        "ContentFilter",
        "ContentModerator",
    ]
    .iter()
    .any(|end| name.ends_with(end))
}

/// Whether a class scores answers: it is called so, and its objects are called with what a model was asked or said.
/// Other programs evaluate expressions and conditions.
fn is_scorer(class: &Class, about_ai: bool) -> bool {
    const GIVEN: [&str; 20] = [
        "answer",
        "answers",
        "completion",
        "context",
        "conversation",
        "ground_truth",
        "messages",
        "output",
        "outputs",
        "prediction",
        "predictions",
        "prompt",
        "queries",
        "query",
        "question",
        "reference",
        "references",
        "response",
        "responses",
        "tool_calls",
    ];
    class.name.ends_with("Evaluator")
        && class.body.iter().any(|statement| match statement {
            Stmt::Function(method) if method.name == "__call__" => {
                method.parameters.iter().any(|parameter| {
                    about_ai && parameter.name == "data_path" || GIVEN.contains(&&*parameter.name)
                })
            }
            _ => false,
        })
}

/// What a class is that inherits from `path`.
fn base_of(path: &str) -> Option<(&'static str, AssetKind)> {
    let path = path.trim_end_matches(".[]");
    let last = path.rsplit('.').next().unwrap_or_default();
    let found = BASES
        .iter()
        .find(|(root, names, _)| lies_in(path, root) && names.contains(&last));
    found.map(|(root, _, kind)| (*root, *kind))
}

/// Whether a base of another file is by its name one of tools, agents and the like.
fn is_own_base(path: &str) -> bool {
    let last = path
        .trim_end_matches(".[]")
        .rsplit('.')
        .next()
        .unwrap_or_default();
    path.contains('.')
        && !path.starts_with('?')
        && [
            "Tool",
            "Agent",
            "AgentBase",
            "ToolBase",
            "Toolkit",
            "Guardrail",
            "Evaluator",
            "Metric",
            "Middleware",
        ]
        .iter()
        .any(|end| last.ends_with(end))
}

/// Whether a column is of pgvector's types: `mapped_column(Vector(1536))`, `VectorField(dimensions=1536)`.
pub(super) fn holds_vectors(known: &Known, depth: u32) -> bool {
    let (Some(depth), Known::Object(object)) = (depth.checked_sub(1), known) else {
        return false;
    };
    let own = object.callee.starts_with("pgvector.")
        && [
            "Vector",
            "VECTOR",
            "HALFVEC",
            "VectorField",
            "HalfVectorField",
            "SPARSEVEC",
        ]
        .iter()
        .any(|name| super::last_part(&object.callee) == *name);
    let mut parts = object.unnamed.iter().chain(object.fields.values());
    own || parts.any(|part| holds_vectors(part, depth))
}
