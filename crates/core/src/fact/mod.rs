//! What can be seen in bytes: the vocabulary between parsers and rules.
//!
//! A fact says what is there, never whether that is good: judging is the work
//! of rules. A parser that gives up says so with a [`Gap`].

mod artifact;
mod code;
mod comparison;
mod config;
mod package;
mod signature;
mod tensor;
mod text;
mod weights;

use serde::Serialize;

use crate::relation::Relation;

pub use artifact::{
    Anomaly, AnomalyKind, Artifact, ArtifactFormat, CarriedCode, CodeRead, CodeRuns, Embedded,
    EmbeddedKind, External, PickleCall, PickleEnd, PickleGlobal, PickleOrigin, PickleStep,
    PickleTrace, Provenance, ProvenanceKind,
};
pub use code::{Argument, Code, CodeCall, Import, Language, Reference, Value};
pub use comparison::{
    ChangeNature, ChangeSign, ChangeSignKind, Comparison, NotCompared, Reshaped, RowChange,
    TensorChange,
};
pub use config::{
    AgentPermission, Build, Inheritance, Manifest, McpServer, McpTransport, PackageIndex, Service,
    ServiceSource, Setting,
};
pub use package::{AdvisoryState, Dependency, Ecosystem, Flaw, Reach, Vulnerable};
pub use signature::{Signature, SignatureState};
pub use tensor::{Shard, Tensor, TensorNames};
pub use text::{
    Allow, Gap, GapReason, Hidden, Instructions, InstructionsKind, Opened, OpenedFrom, Secret,
    SecretPlace, Sensitive,
};
pub use weights::{TensorSign, TensorSignKind};

/// One thing seen in one subject.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// A model or data file.
    Artifact(Box<Artifact>),
    /// What a source file imports and calls.
    Code(Box<Code>),
    /// A place that names an asset which is not there itself.
    Reference(Box<Reference>),
    /// A manifest that names an application or library.
    Manifest(Box<Manifest>),
    /// What two assets have to do with each other, told by one file: a model that started from another.
    Relation(Box<Relation>),
    /// A package that is needed.
    Dependency(Box<Dependency>),
    /// A package that is needed and no AI itself: the inventory leaves it out, advisories may know it.
    OtherPackage(Box<Dependency>),
    /// A package with published flaws.
    Vulnerable(Box<Vulnerable>),
    /// What packages were held against.
    AdvisoryState(Box<AdvisoryState>),
    /// An MCP server that a client configuration declares.
    McpServer(Box<McpServer>),
    /// Something an agent may do without being asked.
    AgentPermission(Box<AgentPermission>),
    /// A container or image definition.
    Service(Box<Service>),
    /// Instructions that an agent or model reads.
    Instructions(Box<Instructions>),
    /// A file that code reads for what it says to a model.
    Opened(Box<Opened>),
    /// A credential value.
    Secret(Box<Secret>),
    /// What data is about, as a sample of it shows.
    Sensitive(Box<Sensitive>),
    /// Something beside model files that tells where they come from.
    Provenance(Box<Provenance>),
    /// A signature over a model, as it was judged.
    Signature(Box<Signature>),
    /// Two versions of one model, held against each other.
    Comparison(Box<Comparison>),
    /// A comment that allows a rule at a place.
    Allow(Box<Allow>),
    /// Something that was not looked at, and why.
    Gap(Box<Gap>),
}
