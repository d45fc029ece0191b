//! The nouns of a bill of materials, the same whatever standard it is written in.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use stance_core::AssetKind;

/// A bill: what something consists of and needs, and what is known of each part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Bill {
    /// The number of this bill, `urn:uuid:...` or an address; a new one gets its own from its content when it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// When it was made, RFC 3339 in UTC, where that is to be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// What made it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Part>,
    /// Its parts, in order of reference.
    pub parts: Vec<Part>,
    /// How they hang together, in order.
    pub relations: Vec<Link>,
    /// What was not looked at when it was made, by reason, with how many times.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub gaps: BTreeMap<String, u64>,
    /// Whether its maker says that nothing is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completeness: Option<Completeness>,
    /// What else is said of the bill as a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
}

/// A program that made a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tool {
    /// What it is called.
    pub name: String,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Whether something is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Completeness {
    /// The maker says that everything is there.
    Complete,
    /// Something is known to be missing.
    Incomplete,
    /// The maker does not know.
    Unknown,
}

/// One part: a model, a dataset, a package, a service and so on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Part {
    /// Its name inside of the bill, by which relations speak of it.
    pub reference: String,
    /// What it is in the words of CycloneDX: `machine-learning-model`, `data`, `library`, `service` ...
    pub class: String,
    /// What it is in our words, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub kind: Option<AssetKind>,
    /// What people call it.
    pub name: String,
    /// Its version, or the revision of a repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it is, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who supplies it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier: Option<String>,
    /// Its package URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    /// Digests of its content.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<Hash>,
    /// Its licences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub licences: Vec<Licence>,
    /// What its model card says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// What is known of it as data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// What is known of it as a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// What it was made from: base models, the first one next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ancestors: Vec<Ancestor>,
    /// Where it was seen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// Where more is to be had.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<ExternalLink>,
    /// What no member above says, by name, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
}

/// A digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Hash {
    /// The algorithm as CycloneDX spells it: `SHA-256`.
    pub algorithm: String,
    /// The digest in lower-case hexadecimal.
    pub value: String,
}

/// A licence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Licence {
    /// An identifier of the SPDX list.
    Id(String),
    /// An expression of them.
    Expression(String),
    /// Any other name.
    Name(String),
}

impl Licence {
    /// What a file writes, as exactly as that can be known.
    #[must_use]
    pub fn of(written: &str) -> Self {
        match crate::licence::id_of(written) {
            Some(id) => Self::Id(id.to_owned()),
            None if crate::licence::is_expression(written) => Self::Expression(written.to_owned()),
            None => Self::Name(written.to_owned()),
        }
    }

    /// The name, whichever it is.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Id(text) | Self::Expression(text) | Self::Name(text) => text,
        }
    }
}

/// What a model card says; what it does not say is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Card {
    /// How it learned: `supervised`, `self-supervised` ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approach: Option<String>,
    /// What it is for: `text-generation`, `chat` ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// `transformer`, `convolutional neural network` ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture_family: Option<String>,
    /// `LlamaForCausalLM`, `gpt2` ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// What it learned from or was evaluated with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<DatasetUse>,
    /// Formats that go in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
    /// Formats that come out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<String>,
    /// How well it does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<Metric>,
    /// Who it is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// What it is meant for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub use_cases: Vec<String>,
    /// What it cannot do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limitations: Vec<String>,
    /// What one gains at the price of another.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tradeoffs: Vec<String>,
    /// What harm it could do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<String>,
    /// Whom it could put at a disadvantage.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fairness: Vec<String>,
    /// What it costs in energy, in the words of its maker.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub energy: Vec<String>,
    /// What else it says, by name: `genai:aibom:modelcard:contextLength` ...
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
}

/// A dataset that a model card names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DatasetUse {
    /// Another part of the bill, by its reference.
    Part(String),
    /// A name.
    Named(String),
}

/// A figure of merit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Metric {
    /// What was measured: `accuracy`.
    pub kind: String,
    /// What came out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// On what: a dataset, a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slice: Option<String>,
}

/// What is known of a part as data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Data {
    /// `dataset`, `configuration`, `source-code`, `definition` or `other`.
    pub kind: String,
    /// How confidential it is, in the words of its owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classification: Option<String>,
    /// What in it is sensitive, as it was seen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<String>,
    /// Where its content is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who keeps it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub custodians: Vec<String>,
    /// Who answers for its quality.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stewards: Vec<String>,
    /// Who owns it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
}

/// What is known of a part as a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Service {
    /// Its addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<String>,
    /// Whether it asks who calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authenticated: Option<bool>,
    /// Whether calling it leaves one's own zone of trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crosses_boundary: Option<bool>,
    /// What data goes to and from it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flows: Vec<Flow>,
}

/// Data that goes to or from a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Flow {
    /// `inbound`, `outbound`, `bi-directional` or `unknown`, as the service sees it.
    pub direction: String,
    /// How confidential the data is.
    pub classification: String,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Something that a part was made from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Ancestor {
    /// What people call it.
    pub name: String,
    /// The part of the bill that it is, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Its package URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
}

/// A place where a part was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Place {
    /// The file.
    pub path: String,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The byte, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

/// An address at which more is to be had.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct ExternalLink {
    /// What is there, as CycloneDX spells it: `distribution`, `vcs`, `documentation`, `model-card` ...
    pub kind: String,
    /// The address.
    pub url: String,
}

/// A named value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Property {
    /// The name, with its namespace: `stance:scope`.
    pub name: String,
    /// The value.
    pub value: String,
}

impl Property {
    /// A property.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

/// What one part has to do with another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Link {
    /// The one that acts, by its reference.
    pub from: String,
    /// The relation: `depends_on`, `trained_on` ...; what only another standard says keeps its word.
    pub kind: String,
    /// The one acted upon, by its reference.
    pub to: String,
}

impl Bill {
    /// The subject and all parts.
    pub fn all(&self) -> impl Iterator<Item = &Part> {
        self.subject.iter().chain(&self.parts)
    }

    /// The models.
    pub fn models(&self) -> impl Iterator<Item = &Part> {
        self.all().filter(|part| part.is_model())
    }
}

impl Part {
    /// Whether it is a model.
    #[must_use]
    pub fn is_model(&self) -> bool {
        self.class == "machine-learning-model"
    }

    /// Whether it is reached over an interface.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.class == "service"
    }

    /// What people call its kind.
    #[must_use]
    pub fn kind_name(&self) -> &str {
        match self.kind {
            Some(kind) => kind.name(),
            None => match &*self.class {
                "machine-learning-model" => "model",
                "data" => "data",
                "library" | "framework" => "package",
                class => class,
            },
        }
    }

    /// The value of a property.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&str> {
        let found = self.properties.iter().find(|one| one.name == name);
        found.map(|one| &*one.value)
    }
}

impl Card {
    /// Whether it says nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
