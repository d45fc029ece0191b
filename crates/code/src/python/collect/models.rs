//! Models and data sets of providers and of the hub.

use serde_json::Value as Json;
use stance_core::{AssetKind, How, RelationKind};

use super::judges::role_of;
use super::local::is_builder;
use super::{Collector, Draft, last_part, lies_in};
use crate::default_models;
use crate::python::catalogue::{
    Api, Role, by_constant, dataset_id, model_id, recognise, root_of, routed, vendor_of_class,
    with_provider,
};
use crate::python::known::Known;
use crate::python::sink::{CallSite, Given};
use crate::python::syntax::Span;

/// Fields in which a client object may carry the address it talks to.
const ADDRESSES: [&str; 6] = [
    "base_url",
    "api_base",
    "openai_api_base",
    "azure_endpoint",
    "endpoint",
    "host",
];

impl Collector<'_> {
    /// The model that a call of the catalogue names, where it answers and what it is told.
    pub(super) fn model(&mut self, site: &CallSite<'_>, api: &'static Api) {
        self.messages(site);
        for name in ["tools", "config", "generation_config"] {
            let Some(given) = site.keyword(name) else {
                continue;
            };
            let tools = match &given.value {
                Known::Map(map) if name != "tools" => map.content.get("tools"),
                Known::Object(object) if name != "tools" => object.fields.get("tools"),
                value => Some(value).filter(|_| name == "tools"),
            };
            if let Some(tools) = tools {
                self.tools_of(tools, &given.span);
            }
        }
        if let Some((given, address)) = address_given(site) {
            self.base_address(&address, given.1, &given.0);
        }
        self.vendor_of_client(site, api);
        let spellings = [
            api.keyword,
            "model",
            "model_name",
            "model_id",
            "deployment_name",
            "azure_deployment",
            "repo_id",
            "model_type",
        ];
        let given = site.argument(api.position, api.keyword).or_else(|| {
            let lenient = api.role == Role::Model || api.name.is_empty();
            spellings
                .iter()
                .find_map(|name| site.keyword(name).filter(|_| lenient))
        });
        let Some(given) = given else {
            self.default_model(site, api);
            return;
        };
        self.explained.insert(given.span.start);
        for one in given.value.alternatives() {
            match one {
                Known::Text { text, how } => self.model_text(site, api, given, text, *how, None),
                Known::Environment {
                    variable,
                    default: Some(text),
                } => self.model_text(site, api, given, text, How::Default, Some(variable)),
                Known::Environment { variable, .. } => {
                    let reason = format!("environment variable {variable} without a default");
                    self.unresolved(api, given, &reason, variable);
                }
                Known::Path { path, .. } => {
                    if let Some(draft) = constant_model(path) {
                        let role = role_of(api, site.callee);
                        let draft = draft.with("call", site.callee);
                        let draft = match role {
                            Some(role) => draft.with("role", role),
                            None => draft,
                        };
                        self.refer(draft, &given.span);
                        continue;
                    }
                    let written = self.written(&given.span);
                    let elsewhere = !path.starts_with(['?', '.']) && !path.contains("()");
                    let reason = match elsewhere {
                        true => "defined outside of what was scanned",
                        // A chain of methods alone does not prove whose call it is.
                        false if !lies_in(site.callee, api.root) => continue,
                        false => "argument or computed value",
                    };
                    self.unresolved(api, given, reason, &written);
                }
                _ => {}
            }
        }
    }

    /// A class that is given no model has one that its package documents.
    fn default_model(&mut self, site: &CallSite<'_>, api: &'static Api) {
        let positional = site.arguments.iter().any(|given| given.name.is_none());
        if site.open_ended || positional || address_of(site).is_some() {
            return;
        }
        let Some(name) = default_models::of_python(site.callee) else {
            return;
        };
        let draft = match name.contains('/') {
            true => self.hub_model(name, How::Default),
            false => provider_model(name, How::Default),
        };
        if let Some(draft) = draft {
            let draft = draft.with("call", site.callee);
            let draft = match role_of(api, site.callee) {
                Some(role) => draft.with("role", role),
                None => draft,
            };
            self.refer(draft, &site.callee_span);
        }
    }

    /// A class of a framework says by its name who answers.
    fn vendor_of_client(&mut self, site: &CallSite<'_>, api: &'static Api) {
        let class = last_part(site.callee);
        if api.role != Role::Model || !lies_in(site.callee, api.root) {
            return;
        }
        let own = vendor_of(api.root);
        // A server of one's own that speaks the vendor's protocol is not the vendor.
        let address = address_of(site);
        let elsewhere = |vendor: &str| {
            address
                .as_deref()
                .is_some_and(|at| vendor_at(at) != Some(vendor))
        };
        if let Some(vendor) =
            vendor_of_class(class).filter(|vendor| own != Some(*vendor) && !elsewhere(vendor))
        {
            let draft = Draft::new(AssetKind::Vendor, vendor, vendor, How::Literal)
                .relation(RelationKind::Calls);
            self.refer(draft, &site.callee_span);
        }
    }

    /// A client of a maker that reaches its models in somebody's cloud: `AnthropicBedrock()`.
    pub(super) fn cloud_of_client(&mut self, site: &CallSite<'_>) {
        const CLOUDS: [(&str, &str); 5] = [
            ("AnthropicBedrock", "aws"),
            ("AsyncAnthropicBedrock", "aws"),
            ("AnthropicVertex", "google"),
            ("AsyncAnthropicVertex", "google"),
            ("AnthropicFoundry", "azure"),
        ];
        let last = last_part(site.callee);
        if let Some((_, vendor)) = CLOUDS.iter().find(|(name, _)| *name == last)
            && lies_in(site.callee, "anthropic")
        {
            let draft = Draft::new(AssetKind::Vendor, *vendor, *vendor, How::Literal)
                .relation(RelationKind::Calls);
            self.refer(draft, &site.callee_span);
        }
    }

    fn model_text(
        &mut self,
        site: &CallSite<'_>,
        api: &'static Api,
        given: &Given<'_>,
        text: &str,
        how: How,
        variable: Option<&str>,
    ) {
        let address = address_of(site);
        let at_address = address.as_deref().and_then(vendor_at);
        let draft = match api.role {
            Role::HubModel => self
                .hub_model(text, how)
                .or_else(|| provider_model(text, how).filter(|_| !self.is_own_weights(text))),
            _ => provider_model(text, how)
                .or_else(|| self.named_by_api(site, api, text, how, at_address, address.is_some())),
        };
        let Some(mut draft) = draft else { return };
        draft = draft.with("call", site.callee);
        if api.role == Role::HubModel {
            draft = with_revision(draft, site);
        } else if let Some(role) = role_of(api, site.callee) {
            draft = draft.with("role", role);
        }
        if let Some(address) = &address {
            draft = draft.with("base_url", address.as_str());
        }
        if let Some(variable) = variable {
            draft = draft.with("variable", variable);
        }
        if let Some(Known::Text { text: task, .. }) = task_of(site, api) {
            draft = draft.with("task", &**task);
        }
        self.refer(draft, &given.span);
    }

    /// A model whose name says nothing: it is of whoever answers the call.
    fn named_by_api(
        &self,
        site: &CallSite<'_>,
        api: &'static Api,
        text: &str,
        how: How,
        at_address: Option<&'static str>,
        elsewhere: bool,
    ) -> Option<Draft> {
        let plausible = (1..=120).contains(&text.len())
            && !text.contains(char::is_whitespace)
            && !text.contains(['{', '<', '$'])
            && text.bytes().any(|byte| byte.is_ascii_alphanumeric());
        // A chain of methods on something unknown proves a call, not whose.
        if !plausible || (!lies_in(site.callee, api.root) && elsewhere) {
            return None;
        }
        // One of several names may be another vendor's, whoever speaks the protocol.
        let certain = site
            .argument(api.position, api.keyword)
            .is_none_or(|given| given.value.alternatives().len() < 2);
        let vendor = at_address.or_else(|| {
            let own = vendor_of(api.root).or_else(|| vendor_of_class(last_part(site.callee)));
            (certain && !elsewhere).then_some(own).flatten()
        });
        if !lies_in(site.callee, api.root) && at_address.is_none() {
            return None;
        }
        let prefixed = vendor.is_none().then(|| with_provider(text)).flatten();
        let (vendor, name) = match prefixed {
            Some((vendor, name)) => (Some(vendor), name),
            None => (vendor, text),
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

    fn hub_model(&self, text: &str, how: How) -> Option<Draft> {
        let id = model_id(text)?;
        Some(hub_draft(id, how))
    }

    fn unresolved(&mut self, api: &'static Api, given: &Given<'_>, reason: &str, variable: &str) {
        // What libraries load from the hub is mostly what their callers hand them.
        if api.role != Role::Model || variable.is_empty() {
            return;
        }
        let vendor = vendor_of(api.root);
        let draft = Draft::new(
            AssetKind::Model,
            format!("unresolved/{}#{variable}", self.place.path()),
            variable,
            How::Unresolved,
        )
        .relation(RelationKind::Calls)
        .vendor(vendor)
        .with("unresolved", reason)
        .with("variable", variable);
        self.refer(draft, &given.span);
    }

    /// An expression as the source writes it, for people; empty when it is long.
    pub(super) fn written(&self, span: &Span) -> String {
        let text = self.place.written(span.clone());
        let short = text.len() <= 80 && !text.contains('\n');
        if short {
            text.to_owned()
        } else {
            String::new()
        }
    }

    /// A repository or data set of the hub.
    pub(super) fn hub(&mut self, site: &CallSite<'_>, api: &'static Api) {
        let Some(given) = site.argument(api.position, api.keyword) else {
            return;
        };
        self.explained.insert(given.span.start);
        let kind = match site.keyword("repo_type").map(|it| &it.value) {
            Some(Known::Text { text, .. }) => text.to_string(),
            _ if api.role == Role::HubDataset || api.name == "dataset_info" => "dataset".to_owned(),
            _ => "model".to_owned(),
        };
        let writes = api.name.starts_with("upload") || api.name == "create_repo";
        for one in given.value.alternatives() {
            let (text, how) = match one {
                Known::Text { text, how } => (text, *how),
                Known::Environment {
                    default: Some(text),
                    ..
                } => (text, How::Default),
                _ => continue,
            };
            if kind == "dataset" && is_builder(text) {
                self.data_files(site, text);
                continue;
            }
            let draft = match kind.as_str() {
                "dataset" => dataset_id(text).map(|id| dataset_draft(id, how)),
                "model" => model_id(text).map(|id| hub_draft(id, how)),
                _ => None,
            };
            let Some(mut draft) = draft else { continue };
            draft = draft.with("call", site.callee);
            if writes {
                draft = draft.relation(RelationKind::Writes);
            }
            draft = with_revision(draft, site);
            self.refer(draft, &given.span);
        }
    }
}

/// A model that a router is asked for.
pub(super) fn routed_model(text: &str, how: How) -> Option<Draft> {
    let (vendor, name) = routed(text)?;
    let draft = Draft::new(AssetKind::Model, format!("{vendor}/{name}"), name, how);
    Some(
        draft
            .relation(RelationKind::Calls)
            .vendor(Some(vendor))
            .alias(text),
    )
}

pub(super) fn hub_draft(id: &str, how: How) -> Draft {
    Draft::new(AssetKind::Model, format!("pkg:huggingface/{id}"), id, how)
        .relation(RelationKind::LoadsArtifactFrom)
        .vendor(Some("huggingface"))
}

pub(super) fn dataset_draft(id: &str, how: How) -> Draft {
    Draft::new(
        AssetKind::Dataset,
        format!("pkg:huggingface/datasets/{id}"),
        id,
        how,
    )
    .relation(RelationKind::Reads)
    .vendor(Some("huggingface"))
}

/// The revision that a call asks for; `?` when it is known only at run time.
fn with_revision(draft: Draft, site: &CallSite<'_>) -> Draft {
    let given = ["revision", "code_revision"]
        .iter()
        .find_map(|name| site.keyword(name));
    match given.map(|given| &given.value) {
        Some(Known::Text { text, .. }) => draft.with("revision", &**text),
        Some(Known::Null) => draft,
        Some(_) => draft.with("revision", "?"),
        None if site.open_ended => draft.with("revision", "?"),
        None => draft,
    }
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
    // Whoever serves open weights, it is not who made them.
    .vendor(
        Some(found.vendor)
            .filter(|vendor| *vendor != "meta")
            .or(found.through),
    )
    .alias(text);
    if let Some(through) = found.through {
        draft = draft.with("through", through);
    }
    Some(draft)
}

/// The model of a constant of an SDK: `camel.types.ModelType.GPT_4O`.
fn constant_model(path: &str) -> Option<Draft> {
    let path = path.strip_suffix(".value").unwrap_or(path);
    let (class, constant) = path.rsplit_once('.')?;
    let class = last_part(class);
    if !class.contains("Model") && !class.contains("Embedding") {
        return None;
    }
    let found = by_constant(constant)?;
    let draft = Draft::new(
        AssetKind::Model,
        format!("{}/{}", found.vendor, found.name),
        found.name,
        How::Constant,
    );
    let draft = draft
        .relation(RelationKind::Calls)
        .vendor(Some(found.vendor))
        .alias(&format!("{class}.{constant}"));
    Some(draft)
}

/// The vendor of a module.
pub(super) fn vendor_of(module: &str) -> Option<&'static str> {
    if module == "boto3" {
        return Some("aws");
    }
    root_of(module)
        .map(|root| root.vendor)
        .filter(|vendor| !vendor.is_empty())
}

/// The address that a call, or the client it is made on, was given.
fn address_of(site: &CallSite<'_>) -> Option<String> {
    let own = ADDRESSES
        .iter()
        .find_map(|name| site.keyword(name).map(|given| &given.value));
    let origin = site.origin.as_ref();
    let of_client = || {
        ADDRESSES
            .iter()
            .find_map(|name| origin.and_then(|object| object.fields.get(*name)))
    };
    match own.or_else(of_client)? {
        Known::Text { text, .. } => Some(text.to_string()),
        Known::Environment {
            default: Some(text),
            ..
        } => Some(text.to_string()),
        _ => None,
    }
}

/// The address that a call itself is given, with where it stands and how it is known.
fn address_given(site: &CallSite<'_>) -> Option<((Span, How), String)> {
    let given = ADDRESSES.iter().find_map(|name| site.keyword(name))?;
    match &given.value {
        Known::Text { text, how } => Some(((given.span.clone(), *how), text.to_string())),
        Known::Environment {
            default: Some(text),
            ..
        } => Some(((given.span.clone(), How::Default), text.to_string())),
        _ => None,
    }
}

fn task_of<'s>(site: &CallSite<'s>, api: &Api) -> Option<&'s Known> {
    let given = (api.name == "pipeline").then(|| site.argument(Some(0), "task"));
    given.flatten().map(|given| &given.value)
}

/// Attributes of a model that came along with an agent.
pub(super) fn text_of(known: &Known) -> Option<Json> {
    match known {
        Known::Text { text, .. } => Some(Json::from(&**text)),
        _ => None,
    }
}

/// The vendor that answers at an address.
fn vendor_at(address: &str) -> Option<&'static str> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    stance_read::vendors::of_host(host).map(|vendor| vendor.key)
}
