//! The fields that matter, and what their changes do. Each field stands here and nowhere else.

use serde_json::Value;

use super::Effect::{self, Neutral, Strengthening, Weakening};
use super::Reading::{
    self, Address, Arguments, Constraint, Danger, Digest, Enabled, Format, Guards,
    Identity as Another, Notice, Pin, Presumed, Protection, Ranked, Reach, Release, Version,
};
use crate::asset::Asset;
use crate::asset::AssetKind::{
    self, Agent, Compute, Dataset, Endpoint, Evaluator, Guardrail, Identity, McpServer, Model,
    Package, Pipeline, Prompt, Repository, Secret, Tool, VectorStore, Vendor,
};

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The kinds of assets it is meant for; none for any. The first row of the table that fits counts.
    pub kinds: &'static [AssetKind],
    /// The attribute.
    pub field: &'static str,
    /// How its values compare.
    pub reading: Reading,
    /// What a weakening change means, in one clause.
    pub weaker: &'static str,
    /// What a strengthening change means.
    pub stronger: &'static str,
    /// Another attribute that tells the same more exactly; where both states have it, this one does not count.
    pub unless: Option<&'static str>,
}

impl Row {
    pub(super) fn judge(
        &self,
        before: Option<&Value>,
        after: Option<&Value>,
    ) -> (Effect, &'static str) {
        let effect = self.reading.compare(before, after);
        let reason = match effect {
            Weakening => self.weaker,
            Strengthening => self.stronger,
            Neutral => "no weaker than before",
        };
        (effect, reason)
    }

    const fn unless(self, better: &'static str) -> Self {
        Self {
            unless: Some(better),
            ..self
        }
    }
}

const fn row(
    kinds: &'static [AssetKind],
    field: &'static str,
    reading: Reading,
    weaker: &'static str,
    stronger: &'static str,
) -> Row {
    Row {
        kinds,
        field,
        reading,
        weaker,
        stronger,
        unless: None,
    }
}

/// Every field that matters.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    // What guards.
    row(&[], "guardrails", Guards, "a guardrail is off", "a guardrail more looks at it"),
    row(&[Guardrail, Evaluator], "disabled", Danger, "it is switched off", "it is switched on"),
    row(&[], "enabled", Enabled, "it is switched off", "it is switched on"),
    row(&[Guardrail], "fail_open", Danger, "it lets everything pass when it fails", "it refuses when it fails"),
    row(&[Guardrail], "mode", Ranked(&["off", "log", "warn", "", "ask", "redact", "block"]), "it refuses less", "it refuses more"),
    row(&[], "sandbox", Protection, "what it runs is no longer confined", "what it runs is confined"),
    row(&[], "logging", Protection, "what it does is no longer recorded", "what it does is recorded"),
    row(&[], "approval", Protection, "nobody is asked any more before it acts", "somebody is asked before it acts"),
    row(&[], "unattended", Danger, "it acts without asking", "it asks before it acts"),
    row(&[], "author_checked", Protection, "who started it is no longer checked", "who started it is checked"),
    // How it is reached, and by whom.
    row(&[], "authentication", Ranked(&["none", "", "unknown", "required"]), "whoever reaches it may use it", "it asks who one is"),
    row(&[], "exposure", Ranked(&["public", "all interfaces", "network", "", "loopback"]), "more people can reach it", "fewer people can reach it"),
    row(&[], "address", Address, "it answers at another address or without TLS", "it answers behind TLS or on the machine only"),
    row(&[], "url", Address, "what is sent goes elsewhere, or unprotected", "what is sent is protected, or stays on the machine"),
    row(&[], "base_url", Address, "what is sent goes elsewhere, or unprotected", "what is sent is protected, or stays on the machine"),
    row(&[], "tls", Enabled, "the way to it is not protected", "the way to it is protected"),
    row(&[], "tls_verification", Enabled, "nobody checks who answers", "who answers is checked"),
    row(&[], "egress", Reach, "it can send to more places", "it can send to fewer places"),
    row(&[McpServer], "transport", Ranked(&["websocket", "sse", "http", "", "stdio"]), "it is reached over the network, or over one that is no longer maintained", "it is reached more closely"),
    row(&[], "open_to", Reach, "more people can start it", "fewer people can start it"),
    row(&[], "open_triggers", Reach, "more that strangers do starts it", "less that strangers do starts it"),
    row(&[Agent], "prompt_expressions", Reach, "more that others write becomes part of its prompt", "less that others write becomes part of its prompt"),
    row(&[Agent], "expressions_in_script", Danger, "what others write becomes part of a script", "nothing that others write becomes part of a script"),
    // What it may do.
    row(&[], "permissions", Reach, "it may do more", "it may do less"),
    row(&[], "write_permissions", Reach, "it may change more", "it may change less"),
    row(&[Identity], "roles", Reach, "it may do more", "it may do less"),
    row(&[Agent, McpServer], "tools", Reach, "it can use more tools", "it can use fewer tools"),
    row(&[Agent], "agents", Reach, "it can hand work over to more agents", "it can hand work over to fewer agents"),
    row(&[Agent], "mcp_config", Another, "its servers come from another file", ""),
    row(&[McpServer], "resources", Reach, "it gives access to more", "it gives access to less"),
    row(&[McpServer, Tool, Agent, Endpoint], "disabled", Protection, "it is in use again", "it is not in use"),
    row(&[Compute], "privileged", Danger, "it has the rights of its host", "it no longer has the rights of its host"),
    row(&[Tool], "read_only", Protection, "it no longer says that it only reads", "it says that it only reads"),
    row(&[Tool], "destructive", Presumed, "it may delete or overwrite", "it says that it deletes nothing"),
    row(&[Tool], "open_world", Presumed, "it reaches out of the organisation", "it stays inside"),
    row(&[Tool], "annotations", Another, "what it says of its effects is not what was judged", "").unless("read_only"),
    // What it is.
    row(&[], "trust_remote_code", Danger, "code from the repository of the model runs", "code from the repository of the model no longer runs"),
    row(&[Model, Dataset], "revision", Pin, "what is fetched is not what was judged, or may change by itself", "what is fetched cannot change by itself"),
    row(&[], "sha256", Another, "it is not the file that was judged", ""),
    row(&[], "digest", Another, "it is not the image that was judged", ""),
    row(&[Model], "size", Another, "it is not the file that was judged", "").unless("sha256"),
    row(&[Model], "format", Format, "loading it runs what the file says", "loading it runs no code"),
    row(&[Model], "signature", Ranked(&["not valid", "damaged", "by ", "", "not checked", "by nobody who is trusted", "verified"]), "nobody trusted answers for this file any more, or somebody else does", "somebody answers for this file"),
    row(&[Model], "architecture", Another, "it is another model under the same name", ""),
    row(&[Model], "deployment", Another, "another deployment answers", ""),
    row(&[Agent], "model", Another, "another model decides", ""),
    row(&[], "vendor", Another, "somebody else provides it", ""),
    row(&[Model, Dataset, Package], "licence", Another, "its terms are not those that were checked", ""),
    row(&[Dataset], "sensitive_data", Reach, "more that is sensitive lies in it", "less that is sensitive lies in it"),
    row(&[Model, Dataset, Repository], "private", Protection, "anybody can read it", "only those who may can read it"),
    row(&[Prompt, Tool, Agent, Guardrail], "description", Another, "what models read of it is not what was judged", ""),
    row(&[Prompt, Tool], "parameters", Another, "what it takes is not what was judged", ""),
    row(&[], "text_sha256", Digest, "its text is not the one that was judged", ""),
    row(&[], "description_sha256", Digest, "what models read of it is not what was judged", ""),
    row(&[Prompt], "length", Another, "it is not the text that was judged", "").unless("text_sha256"),
    row(&[Prompt], "computed", Danger, "what is filled in when it runs becomes part of it", "it is a text of its own"),
    row(&[McpServer], "command", Another, "another program is started", ""),
    row(&[McpServer], "arguments", Arguments, "it is started in another way", "the version that is started is fixed"),
    row(&[McpServer], "package", Another, "another package is run", ""),
    row(&[Package], "version", Version, "an older version, or no longer one that is fixed", "its version is fixed"),
    row(&[Package], "constraint", Constraint, "more versions are allowed", "fewer versions are allowed").unless("version"),
    row(&[Compute, Agent], "version", Version, "another version that is no newer one, or no longer one that is fixed", "its version is fixed"),
    row(&[McpServer, Endpoint, VectorStore], "version", Release, "an older version", ""),
    row(&[Repository], "remote", Another, "it comes from another place", ""),
    // What people say of it.
    row(&[], "sanctioned", Protection, "it is no longer sanctioned", "it is sanctioned"),
    row(&[], "owner", Protection, "nobody answers for it any more", "somebody answers for it"),
    row(&[], "environment", Notice, "", ""),
    row(&[], "sensitivity", Notice, "", ""),
    row(&[], "criticality", Notice, "", ""),
    row(&[], "purpose", Notice, "", ""),
];

/// What it means that an asset of a kind appears or vanishes; kinds without a row do so neutrally.
#[derive(Clone, Copy, Debug)]
pub struct ExistenceRow {
    /// The kind.
    pub kind: AssetKind,
    /// What appearing does, and why.
    pub appears: (Effect, &'static str),
    /// What vanishing does, and why.
    pub vanishes: (Effect, &'static str),
    /// An attribute that makes appearing neutral where it is on.
    pub harmless: Option<&'static str>,
}

impl ExistenceRow {
    pub(super) fn of(&self, asset: &Asset, appeared: bool) -> (Effect, &'static str) {
        if !appeared {
            return self.vanishes;
        }
        let value = self.harmless.and_then(|name| asset.attributes.get(name));
        match value {
            Some(Value::Bool(true)) => (Neutral, ""),
            Some(Value::String(word)) if word == "loopback" => (Neutral, ""),
            _ => self.appears,
        }
    }
}

const fn existence(
    kind: AssetKind,
    appears: (Effect, &'static str),
    vanishes: (Effect, &'static str),
    harmless: Option<&'static str>,
) -> ExistenceRow {
    ExistenceRow {
        kind,
        appears,
        vanishes,
        harmless,
    }
}

/// Kinds whose coming and going matters.
#[rustfmt::skip]
pub const EXISTENCE: &[ExistenceRow] = &[
    existence(Guardrail, (Strengthening, "a guardrail more"), (Weakening, "a guardrail less"), None),
    existence(Evaluator, (Strengthening, "answers are scored"), (Weakening, "answers are no longer scored by it"), None),
    existence(McpServer, (Weakening, "agents can reach one server more"), (Strengthening, "agents can reach one server less"), Some("disabled")),
    existence(Tool, (Weakening, "models can make one thing more happen"), (Strengthening, "models can make one thing less happen"), Some("read_only")),
    existence(Endpoint, (Weakening, "one address more is reached or can be reached"), (Strengthening, "one address less"), Some("exposure")),
    existence(Vendor, (Weakening, "data can go to a vendor that nobody sanctioned"), (Strengthening, "data goes to one vendor less"), Some("sanctioned")),
    existence(Identity, (Weakening, "one account or credential more is used"), (Strengthening, "one account or credential less is used"), None),
    existence(Secret, (Weakening, "one credential more lies open"), (Strengthening, "one credential less lies open"), None),
    existence(Model, (Neutral, "it is new and not approved yet"), (Neutral, "it is gone"), None),
    existence(Agent, (Neutral, "it is new and not approved yet"), (Neutral, "it is gone"), None),
    existence(Dataset, (Neutral, "it is new and not approved yet"), (Neutral, "it is gone"), None),
    existence(Prompt, (Neutral, "it is new and not approved yet"), (Neutral, "it is gone"), None),
    existence(Pipeline, (Neutral, "it is new and not approved yet"), (Neutral, "it is gone"), None),
];
