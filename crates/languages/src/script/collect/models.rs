//! Models of providers and of the hub.

use stance_code::default_models;
use stance_code::models::{model_id, recognise, with_provider};
use stance_core::fact::Ecosystem;
use stance_core::{AssetKind, How, RelationKind};
use stance_read::vendors;

use super::site::Named;
use super::{Collector, Draft};
use crate::script::catalogue::{Api, Task, last_part, module_of};
use crate::script::known::{At, Known};
use crate::script::modules::package_of;
use crate::script::syntax::Span;
use crate::script::walk::{Role, Site};

/// Options in which a model may be named, whatever the call says.
const SPELLINGS: [&str; 8] = [
    "model",
    "modelName",
    "modelId",
    "model_id",
    "deploymentName",
    "azureOpenAIApiDeploymentName",
    "deployment",
    "modelType",
];

/// Options in which a client carries the address that it talks to.
const ADDRESSES: [&str; 7] = [
    "baseURL",
    "baseUrl",
    "basePath",
    "apiUrl",
    "endpoint",
    "host",
    "serverURL",
];

/// Methods of the providers of the AI SDK that name a model.
const PROVIDER_METHODS: [&str; 15] = [
    "chat",
    "responses",
    "completion",
    "languageModel",
    "embedding",
    "embeddingModel",
    "textEmbedding",
    "textEmbeddingModel",
    "image",
    "imageModel",
    "speech",
    "speechModel",
    "transcription",
    "transcriptionModel",
    "messages",
];

impl Collector<'_> {
    /// The model that a call of the catalogue names.
    pub(super) fn model(&mut self, site: &Site<'_>, api: &'static Api, proven: bool) {
        let named = site.named(api).or_else(|| {
            let lenient = api.task == Task::Model;
            let mut all = SPELLINGS.iter().filter(|_| lenient);
            all.find_map(|name| site.option(name))
        });
        let vendor = vendor_of(site.callee).filter(|_| proven);
        if let Some(named) = named {
            self.model_value(site, &named, api, vendor, proven);
        } else if let Some(name) =
            default_models::of_javascript(site.callee).filter(|_| proven && !site.open_ended)
        {
            if let Some(draft) = provider_model(name, How::Default) {
                let draft = draft.with("call", site.callee).with("role", api.purpose);
                self.refer(draft, &At::Here(site.callee_span));
            }
        } else if proven && api.position.is_some_and(|at| at < site.arguments.len()) {
            self.open |= site.arguments.iter().any(|it| it.value.is_open());
        }
        self.described_tools(site);
        for option in ["system", "instructions"] {
            self.prompt_of(site, option, short_of(site));
        }
    }

    fn model_value(
        &mut self,
        site: &Site<'_>,
        named: &Named<'_>,
        api: &'static Api,
        vendor: Option<&'static str>,
        proven: bool,
    ) {
        for one in named.value.alternatives() {
            match one {
                Known::Text { text, how, at } => {
                    if let At::Here(span) = at {
                        self.explained.insert(span.start);
                    }
                    self.model_text(site, named, api, (text, *how, None), vendor, proven);
                }
                Known::Environment {
                    variable,
                    default: Some(text),
                } => {
                    let given = (&**text, How::Default, Some(&**variable));
                    self.model_text(site, named, api, given, vendor, proven);
                }
                Known::Environment { variable, .. } => {
                    let why = format!("environment variable {variable} without a default");
                    self.unresolved(named, variable, &why, vendor);
                }
                Known::Open(_) if !self.is_settled() => self.open = true,
                Known::Open(term) if proven => {
                    let name = stance_read::link::dotted(term);
                    let name = name.trim_start_matches(['?', '.']);
                    self.unresolved(named, name, "argument or computed value", vendor);
                }
                _ => {}
            }
        }
    }

    fn model_text(
        &mut self,
        site: &Site<'_>,
        named: &Named<'_>,
        api: &'static Api,
        (text, how, variable): (&str, How, Option<&str>),
        vendor: Option<&'static str>,
        proven: bool,
    ) {
        let address = address_of(site);
        let draft = if api.task == Task::HubModel {
            model_id(text)
                .map(|id| hub_draft(id, how))
                .or_else(|| provider_model(text, how))
        } else {
            let by_address = address.as_deref().and_then(vendor_at);
            let elsewhere = address.is_some() && by_address.is_none();
            let vendor = by_address.or(vendor).filter(|_| !elsewhere);
            provider_model(text, how).or_else(|| {
                let known = proven || by_address.is_some();
                known.then(|| of_vendor(text, how, vendor)).flatten()
            })
        };
        let Some(mut draft) = draft else { return };
        draft = draft.with("call", site.callee.trim_start_matches("?."));
        if !api.purpose.is_empty() {
            draft = draft.with("role", api.purpose);
        }
        if let Some(address) = address {
            draft = draft.with("base_url", address);
        }
        if let Some(variable) = variable {
            draft = draft.with("variable", variable);
        }
        self.refer(draft, &named.at);
    }

    fn unresolved(
        &mut self,
        named: &Named<'_>,
        name: &str,
        why: &str,
        vendor: Option<&'static str>,
    ) {
        if name.is_empty() {
            return;
        }
        let draft = Draft::new(
            AssetKind::Model,
            format!("unresolved/{}#{name}", self.path()),
            name,
            How::Unresolved,
        )
        .relation(RelationKind::Calls)
        .vendor(vendor)
        .with("unresolved", why);
        self.refer(draft, &named.at);
    }

    /// `openai("gpt-4o")` of the AI SDK, and `createOpenAI(...)("gpt-4o")`; whether it was one.
    pub(super) fn provider_model_call(&mut self, site: &Site<'_>) -> bool {
        let Some(purpose) = provider_call(site.callee) else {
            return false;
        };
        let vendor = vendor_of(site.callee);
        let Some(named) = site.positional(0) else {
            return true;
        };
        let address = address_of(site);
        for one in named.value.alternatives() {
            let (text, how, variable) = match one {
                Known::Text { text, how, at } => {
                    if let At::Here(span) = at {
                        self.explained.insert(span.start);
                    }
                    (text, *how, None)
                }
                Known::Environment {
                    variable,
                    default: Some(text),
                } => (text, How::Default, Some(variable)),
                Known::Environment { variable, .. } => {
                    let why = format!("environment variable {variable} without a default");
                    self.unresolved(&named, variable, &why, vendor);
                    continue;
                }
                Known::Open(_) if !self.is_settled() => {
                    self.open = true;
                    continue;
                }
                _ => continue,
            };
            let by_address = address.as_deref().and_then(vendor_at);
            let elsewhere = address.is_some() && by_address.is_none();
            let owner = by_address.or(vendor).filter(|_| !elsewhere);
            let draft = provider_model(text, how).or_else(|| of_vendor(text, how, owner));
            let Some(mut draft) = draft else { continue };
            draft = draft.with("call", site.callee).with("role", purpose);
            if let Some(address) = &address {
                draft = draft.with("base_url", address.as_str());
            }
            if let Some(variable) = variable {
                draft = draft.with("variable", &**variable);
            }
            self.refer(draft, &named.at);
        }
        true
    }

    /// A text that by itself is the name of a provider's model.
    pub(super) fn named_model(&mut self, text: &str, role: Role<'_>, span: Span) {
        if self.explained.contains(&span.start) {
            return;
        }
        let (how, place) = match role {
            Role::Argument(callee) if callee.to_ascii_lowercase().contains("model") => {
                (How::Literal, callee)
            }
            // What a page shows until somebody chooses: `useState("x")` of React, `ref("x")` of Vue.
            Role::Argument("default" | "useState" | "useLocalStorage" | "ref" | "signal") => {
                (How::Default, "model")
            }
            Role::Argument(_) | Role::Element => return,
            Role::Entry(name) | Role::Assigned(name) => (How::Constant, name),
            Role::Default(name) => (How::Default, name),
        };
        let place = place.to_ascii_lowercase();
        let about = [
            "help",
            "description",
            "title",
            "label",
            "message",
            "text",
            "content",
            "encoding",
            "placeholder",
            "href",
            "src",
            "alt",
            "name_for_human",
            "classname",
            "slug",
            "family",
        ];
        if about.contains(&place.as_str()) {
            return;
        }
        // Agents of Anthropic's libraries take their models by first names.
        if matches!(text, "opus" | "sonnet" | "haiku")
            && place == "model"
            && self
                .packages
                .iter()
                .any(|(name, _)| name.starts_with("@anthropic-ai/"))
        {
            let key = format!("anthropic/{text}");
            let draft = Draft::new(AssetKind::Model, key, text, how)
                .relation(RelationKind::Calls)
                .vendor(Some("anthropic"));
            self.refer(draft, &At::Here(span));
            return;
        }
        let Some(draft) = provider_model(text, how) else {
            return;
        };
        // `o1` may be anything unless a model is asked for.
        let short = draft.name.len() < 4 && draft.name == text && !place.contains("model");
        if !short {
            self.refer(draft, &At::Here(span));
        }
    }

    /// `.option("--model <name>", "which model", "gpt-4o")` of commander and its like.
    pub(super) fn option_default(&mut self, site: &Site<'_>) {
        if !matches!(
            last_part(site.callee),
            "option" | "requiredOption" | "argument"
        ) {
            return;
        }
        let Some(flag) = site
            .positional(0)
            .and_then(|it| it.value.as_text().map(str::to_owned))
        else {
            return;
        };
        let given = site.option("default").or_else(|| site.positional(2));
        if let Some(given) = given
            && flag.to_ascii_lowercase().contains("model")
            && let Some(text) = given.value.as_text()
            && let Some(draft) = provider_model(text, How::Default)
        {
            let at = given.at.clone();
            self.refer(draft, &at);
        }
    }
}

fn short_of<'s>(site: &'s Site<'_>) -> &'s str {
    site.assigned.unwrap_or_else(|| super::short(site.callee))
}

/// What a call of a provider of the AI SDK makes, if it is one.
fn provider_call(callee: &str) -> Option<&'static str> {
    let module = module_of(callee);
    let package = package_of(module);
    let provider = package.strip_prefix("@ai-sdk/").is_some_and(|name| {
        !matches!(
            name,
            "react"
                | "vue"
                | "svelte"
                | "angular"
                | "rsc"
                | "mcp"
                | "provider"
                | "provider-utils"
                | "ui-utils"
                | "solid"
                | "codemod"
                | "devtools"
        )
    }) || package == "@openrouter/ai-sdk-provider"
        || package.ends_with("-ai-provider")
        || package.ends_with("ai-provider-v2");
    if !provider {
        return None;
    }
    let rest = callee.get(module.len()..)?.strip_prefix('.')?;
    let mut parts = rest.split('.');
    let first = parts.next()?;
    let method = parts.next();
    if parts.next().is_some() {
        return None;
    }
    let made = first.ends_with("()");
    let name = first.trim_end_matches("()");
    // `createOpenAI({...})` alone names no model.
    if name.starts_with("create") && !made {
        return None;
    }
    if !made && name.starts_with(|first: char| first.is_ascii_uppercase()) {
        return None;
    }
    match method {
        None => Some("chat"),
        Some(method) if PROVIDER_METHODS.contains(&method) => Some(match method {
            "embedding" | "embeddingModel" | "textEmbedding" | "textEmbeddingModel" => "embedding",
            "image" | "imageModel" | "speech" | "speechModel" | "transcription"
            | "transcriptionModel" => "media",
            _ => "chat",
        }),
        Some(_) => None,
    }
}

/// The vendor behind the package that a callee lies in.
pub(super) fn vendor_of(callee: &str) -> Option<&'static str> {
    let package = package_of(module_of(callee));
    let vendor = vendors::of_package(Ecosystem::Npm, package)?;
    Some(vendor.key)
}

/// A model whose name says whose it is.
pub(super) fn provider_model(text: &str, how: How) -> Option<Draft> {
    let found = recognise(text)?;
    let mut draft = Draft::new(
        AssetKind::Model,
        format!("{}/{}", found.vendor, found.name),
        found.name,
        how,
    )
    .relation(RelationKind::Calls)
    .vendor(Some(found.vendor))
    .alias(text);
    if let Some(through) = found.through {
        draft = draft.with("through", through);
    }
    Some(draft)
}

/// A model whose name says nothing: it is of whoever answers the call.
fn of_vendor(text: &str, how: How, vendor: Option<&'static str>) -> Option<Draft> {
    let plausible = (1..=120).contains(&text.len())
        && !text.contains(char::is_whitespace)
        && !text.contains(['{', '<', '$', '\\'])
        && text.bytes().any(|byte| byte.is_ascii_alphanumeric());
    if !plausible {
        return None;
    }
    let (vendor, name) = match with_provider(text) {
        Some((other, name)) if vendor.is_none() => (Some(other), name),
        _ => (vendor, text),
    };
    let key = match vendor {
        Some(vendor) => format!("{vendor}/{name}"),
        None => name.to_owned(),
    };
    Some(
        Draft::new(AssetKind::Model, key, name, how)
            .relation(RelationKind::Calls)
            .vendor(vendor)
            .alias(text),
    )
}

/// A model that only can be one, with its provider: `groq/anything-7b`.
pub(super) fn with_vendor(text: &str, how: How) -> Option<Draft> {
    let (vendor, name) = with_provider(text)?;
    Some(
        Draft::new(AssetKind::Model, format!("{vendor}/{name}"), name, how)
            .relation(RelationKind::Calls)
            .vendor(Some(vendor))
            .alias(text),
    )
}

fn hub_draft(id: &str, how: How) -> Draft {
    Draft::new(AssetKind::Model, format!("pkg:huggingface/{id}"), id, how)
        .relation(RelationKind::LoadsArtifactFrom)
        .vendor(Some("huggingface"))
}

/// The address that a call, or the client it is made on, was given.
fn address_of(site: &Site<'_>) -> Option<String> {
    let own = ADDRESSES.iter().find_map(|name| {
        let option = site.option(name)?;
        option.value.as_text().map(str::to_owned)
    });
    own.or_else(|| {
        let mut origin = site.known.origin();
        while let Some(object) = origin {
            let found = ADDRESSES
                .iter()
                .find_map(|name| object.option(name)?.as_text());
            if let Some(found) = found {
                return Some(found.to_owned());
            }
            origin = object.origin.as_ref();
        }
        None
    })
}

/// The vendor that answers at an address.
fn vendor_at(address: &str) -> Option<&'static str> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    vendors::of_host(host).map(|vendor| vendor.key)
}
