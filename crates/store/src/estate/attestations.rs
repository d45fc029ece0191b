//! What people answer for where rules say nothing: that a control is met, or does not concern the organisation.

use jiff::Timestamp;
use serde::Serialize;

use super::{Asked, AttestationNumber, Decision, RequestState};
use crate::Result;

/// What somebody says of a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// It is met.
    Met,
    /// It does not concern this organisation.
    NotApplicable,
}

impl Claim {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Met, Self::NotApplicable];

    /// The name in the database and in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// The claim of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|claim| claim.name() == name)
    }
}

/// What somebody wants to answer for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttestation {
    /// The control, `framework:id`.
    pub control: String,
    /// What is said of it.
    pub claim: Claim,
    /// Why.
    pub reason: String,
    /// Address of what proves it.
    pub evidence: Option<String>,
    /// Until when it holds.
    pub expires: Timestamp,
}

/// What somebody answers for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attestation {
    /// Its number.
    pub number: AttestationNumber,
    /// The control, `framework:id`.
    pub control: String,
    /// What is said of it.
    pub claim: Claim,
    /// Address of what proves it.
    pub evidence: Option<String>,
    /// What is said, and what became of it.
    #[serde(flatten)]
    pub asked: Asked,
}

/// Which attestations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttestationQuery {
    /// Of this control.
    pub control: Option<String>,
    /// In this state.
    pub state: Option<RequestState>,
}

/// What people answer for.
pub trait Attestations {
    /// Says something of a control, for somebody else to approve. It counts for nothing until then.
    ///
    /// # Errors
    ///
    /// When the database cannot be written, the time is past, or another attestation of the control waits.
    fn attest(
        &mut self,
        new: &NewAttestation,
        decision: &Decision<'_>,
    ) -> Result<AttestationNumber>;

    /// Takes back an attestation that holds, with a reason.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::Decided`] when it was not approved, or is taken back already.
    fn withdraw_attestation(
        &mut self,
        attestation: AttestationNumber,
        note: &str,
        decision: &Decision<'_>,
    ) -> Result<()>;

    /// One attestation.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn attestation(&self, attestation: AttestationNumber) -> Result<Option<Attestation>>;

    /// Attestations that fit, the newest first.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn attestations(&self, query: &AttestationQuery, most: usize) -> Result<Vec<Attestation>>;

    /// Of each control that has an approved attestation, the one that holds longest, be it over or not.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn standing_attestations(&self) -> Result<Vec<Attestation>>;
}
