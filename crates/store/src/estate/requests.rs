//! What somebody asks for and somebody else decides: accepted risks, attestations, announced changes.

use jiff::Timestamp;
use serde::Serialize;

use super::{AttestationNumber, Decision, ExpectedNumber, WaiverNumber};
use crate::Result;

/// Where something that was asked for stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// It waits for a decision.
    Requested,
    /// It holds. An attestation or announced change whose time is over stays approved: it was.
    Approved,
    /// It was refused.
    Rejected,
    /// Who asked took it back.
    Withdrawn,
    /// Its last day passed before anybody decided.
    Lapsed,
    /// It held, and its time is over; only waivers say so.
    Expired,
}

impl RequestState {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Requested,
        Self::Approved,
        Self::Rejected,
        Self::Withdrawn,
        Self::Lapsed,
        Self::Expired,
    ];

    /// The name in the database and in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
            Self::Expired => "expired",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Something that was asked for, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Request {
    /// A risk to accept.
    Waiver(WaiverNumber),
    /// A control to answer for.
    Attestation(AttestationNumber),
    /// A change that was announced.
    Expected(ExpectedNumber),
}

impl Request {
    /// Its number among those of its kind.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Waiver(it) => it.0,
            Self::Attestation(it) => it.0,
            Self::Expected(it) => it.0,
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn what(self) -> &'static str {
        match self {
            Self::Waiver(_) => "waiver",
            Self::Attestation(_) => "attestation",
            Self::Expected(_) => "announced change",
        }
    }
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.what(), self.number())
    }
}

impl From<WaiverNumber> for Request {
    fn from(number: WaiverNumber) -> Self {
        Self::Waiver(number)
    }
}

impl From<AttestationNumber> for Request {
    fn from(number: AttestationNumber) -> Self {
        Self::Attestation(number)
    }
}

impl From<ExpectedNumber> for Request {
    fn from(number: ExpectedNumber) -> Self {
        Self::Expected(number)
    }
}

/// What everything that was asked for has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Why.
    pub reason: String,
    /// Who asks.
    pub requester: String,
    /// When they asked; nothing for changes that were announced before this was kept.
    pub requested: Option<Timestamp>,
    /// Until when it holds.
    pub expires: Timestamp,
    /// Where it stands.
    pub state: RequestState,
    /// Who approved, refused or took it back.
    pub decider: Option<String>,
    /// When; for what lapsed, when that was noticed.
    pub decided: Option<Timestamp>,
    /// What they said.
    pub note: Option<String>,
    /// The number of the one that this one asks for again.
    pub renews: Option<i64>,
    /// The number of the one that asks for this one again.
    pub renewed: Option<i64>,
}

/// What somebody asks for and somebody else decides.
pub trait Requests {
    /// What was asked for.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn request(&self, request: impl Into<Request>) -> Result<Option<Asked>>;

    /// Approves or refuses what waits; who asked and refuses takes it back.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::OwnRequest`] when the one who asked approves; [`crate::StoreError::Decided`] when it waits
    /// no more; when its last day is past and it would be approved.
    fn decide_request(
        &mut self,
        request: impl Into<Request>,
        approve: bool,
        note: &str,
        decision: &Decision<'_>,
    ) -> Result<()>;

    /// Asks for the same again until another time, and gives the new request: for what lapsed or expired, for an
    /// attestation that holds, and for what one's own that still waits, which is taken back.
    ///
    /// # Errors
    ///
    /// [`crate::StoreError::Decided`] when it holds, was refused or was taken back; when it was asked for again
    /// already; and those of asking.
    fn renew_request(
        &mut self,
        request: impl Into<Request>,
        expires: Timestamp,
        decision: &Decision<'_>,
    ) -> Result<Request>;

    /// Ends what is over: what nobody decided lapses; findings of accepted risks count again. Gives what ended.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn end_requests(&mut self, now: Timestamp) -> Result<Vec<Request>>;
}
