//! Names that another file of a template holds: parameters of Bicep in the file of parameters beside it, variables
//! of Terraform in any file of the directory.
//!
//! A template leaves what waits for them, a file of values what it knows, and one step over all files puts them
//! together (see `stance_read::link`).

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value as Json;
use stance_code::names::{Model, provider_model};
use stance_core::asset::{AssetId, AssetKind, How};
use stance_core::fact::{Fact, Language, Reference, Value};
use stance_core::relation::{Relation, RelationKind};
use stance_read::credential::Page;
use stance_read::link::{Answer, Argument, KEPT, Module, Named, Settled, Term, Waiting};
use stance_read::report::Facts;

/// Files of Terraform in which variables are usually declared and set.
const TERRAFORM: &[&str] = &[
    "terraform.tfvars",
    "terraform.tfvars.json",
    "main.tfvars.json",
    "variables.tf",
    "variable.tf",
    "vars.tf",
    "inputs.tf",
    "locals.tf",
    "main.tf",
];

/// What one template or file of values leaves.
pub(super) struct Left {
    names: BTreeMap<String, Named>,
    waiting: Vec<Waiting>,
}

/// A deployment of a model, one of whose names is open.
pub(super) struct Deployment<'t> {
    pub(super) model: (&'t str, Range<usize>, bool),
    pub(super) name: Option<(&'t str, Range<usize>, bool)>,
    pub(super) version: Option<String>,
    pub(super) publisher: Option<String>,
    pub(super) sku: Option<String>,
}

impl Left {
    pub(super) const fn new() -> Self {
        Self {
            names: BTreeMap::new(),
            waiting: Vec::new(),
        }
    }

    /// A name with the text it has here.
    pub(super) fn name(&mut self, name: &str, text: &str, span: Range<usize>, page: &Page<'_>) {
        if self.names.len() < KEPT && !text.is_empty() && !text.contains("${") {
            let named = Named {
                term: Term::text(text, How::Default),
                at: Some(Arc::new(page.evidence(span))),
            };
            self.names.entry(name.to_owned()).or_insert(named);
        }
    }

    pub(super) fn wait(&mut self, open: &Deployment<'_>, page: &Page<'_>) {
        if self.waiting.len() >= KEPT {
            return;
        }
        let argument = |name: &str, (text, span, is_open): &(&str, Range<usize>, bool)| Argument {
            name: Some(name.to_owned()),
            term: if *is_open {
                elsewhere(text, page)
            } else {
                Term::text(text, How::Configuration)
            },
            written: (*text).to_owned(),
            at: Arc::new(page.evidence(span.clone())),
        };
        let mut arguments = vec![argument("model", &open.model)];
        arguments.extend(open.name.iter().map(|name| argument("name", name)));
        let mut notes: BTreeMap<&'static str, Json> = BTreeMap::new();
        for (key, value) in [
            ("version", &open.version),
            ("publisher", &open.publisher),
            ("sku", &open.sku),
        ] {
            if let Some(value) = value {
                notes.insert(key, Json::from(value.as_str()));
            }
        }
        let at = Arc::new(page.evidence(open.model.1.clone()));
        self.waiting.push(Waiting {
            callee: Term::Value(Value::Name("deployment".to_owned())),
            arguments,
            open_ended: false,
            assigned: None,
            origin: Vec::new(),
            at,
            notes,
            noted_at: None,
        });
    }

    pub(super) fn leave(self, page: &Page<'_>, facts: &mut Facts<'_>) {
        if self.names.is_empty() && self.waiting.is_empty() {
            return;
        }
        facts.leave(Module {
            path: Arc::clone(page.path),
            language: Language::Configuration,
            whole: true,
            names: self.names,
            all_of: Vec::new(),
            calls: Vec::new(),
            waiting: self.waiting,
            settle,
        });
    }
}

/// A name as the files beside this one may hold it; the first of them that does counts.
fn elsewhere(name: &str, page: &Page<'_>) -> Term {
    let file = page.path.rsplit('/').next().unwrap_or_default();
    let modules: Vec<String> = match file.strip_suffix(".bicep") {
        Some(stem) => vec![
            format!("{stem}.bicepparam"),
            format!("{stem}.parameters.json"),
        ],
        None => TERRAFORM.iter().map(|file| (*file).to_owned()).collect(),
    };
    let one = |module| Term::Import {
        module,
        names: vec![name.to_owned()],
    };
    Term::OneOf(modules.into_iter().map(one).collect())
}

fn settle(path: &Arc<str>, settled: &[Settled<'_>]) -> Vec<Fact> {
    let mut facts = Vec::new();
    for one in settled {
        let text = |wanted: &str| {
            let arguments = one.waiting.arguments.iter().zip(&one.arguments);
            arguments
                .filter(|(argument, _)| argument.name.as_deref() == Some(wanted))
                .find_map(|(argument, answers)| Some((argument, answers.iter().find_map(text_of)?)))
        };
        let deployed = text("name");
        let model = match text("model") {
            Some((argument, name)) => model_of(one.waiting, argument, name, deployed),
            None => unknown(path, one.waiting),
        };
        let model_id = AssetId::new(model.kind, &model.key);
        let place = model.evidence.clone();
        facts.push(Fact::Reference(Box::new(model)));
        if let Some((argument, name)) = deployed {
            let endpoint = Reference {
                kind: AssetKind::Endpoint,
                key: format!("azure/deployment/{name}"),
                name: name.to_owned(),
                aliases: Vec::new(),
                how: How::Default,
                relation: RelationKind::Calls,
                vendor: Some("azure".to_owned()),
                attributes: BTreeMap::from([("role".to_owned(), "deployment".into())]),
                evidence: (*argument.at).clone(),
            };
            facts.push(Fact::Relation(Box::new(Relation {
                from: AssetId::new(endpoint.kind, &endpoint.key),
                to: model_id,
                kind: RelationKind::Serves,
                evidence: place,
            })));
            facts.push(Fact::Reference(Box::new(endpoint)));
        }
    }
    facts
}

fn text_of(answer: &Answer) -> Option<&str> {
    answer.term.as_text().filter(|text| !text.is_empty())
}

fn model_of(
    waiting: &Waiting,
    argument: &Argument,
    name: &str,
    deployed: Option<(&Argument, &str)>,
) -> Reference {
    let model = provider_model(&name.to_ascii_lowercase()).unwrap_or_else(|| Model {
        key: format!("azure/{name}"),
        name: name.to_owned(),
        vendor: Some("azure"),
        through: None,
    });
    let mut attributes = BTreeMap::from([("through".to_owned(), Json::from("azure"))]);
    for (key, value) in &waiting.notes {
        attributes.insert((*key).to_owned(), value.clone());
    }
    if let Some((_, name)) = deployed {
        attributes.insert("deployment".to_owned(), name.into());
    }
    let alias = Some(name.to_owned()).filter(|name| *name != model.name);
    Reference {
        kind: AssetKind::Model,
        key: model.key,
        name: model.name,
        aliases: alias.into_iter().collect(),
        how: How::Default,
        relation: RelationKind::Calls,
        vendor: model.vendor.map(str::to_owned),
        attributes,
        evidence: (*argument.at).clone(),
    }
}

/// A model of which no file tells the name.
fn unknown(path: &Arc<str>, waiting: &Waiting) -> Reference {
    let written = waiting
        .arguments
        .first()
        .map_or("", |argument| argument.written.as_str());
    let why = format!("parameter {written} without a default");
    Reference {
        kind: AssetKind::Model,
        key: format!("unresolved/{path}#model name"),
        name: "model name".to_owned(),
        aliases: Vec::new(),
        how: How::Unresolved,
        relation: RelationKind::Calls,
        vendor: None,
        attributes: BTreeMap::from([
            ("through".to_owned(), Json::from("azure")),
            ("unresolved".to_owned(), Json::from(why)),
        ]),
        evidence: (*waiting.at).clone(),
    }
}
