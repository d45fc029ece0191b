//! What somebody answers for, as pages and programs see it.

use schemars::JsonSchema;
use serde::Serialize;
use stance_core::control;
use stance_store::{Attestation, Claim, RequestState};

use crate::parts::Address;
use crate::people::People;
use crate::requests::{AskedView, Asking};
use crate::rule::control_text;

/// A person's word about a control.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct AttestationView {
    #[serde(flatten)]
    pub(crate) asked: AskedView,
    /// The control, `framework:id`.
    pub(crate) control: String,
    /// `met` or `not_applicable`.
    pub(crate) claim: &'static str,
    /// Address of what proves it.
    pub(crate) evidence: Option<String>,
    #[serde(skip)]
    pub(crate) may_withdraw: bool,
}

impl AttestationView {
    /// An attestation as whoever asks may deal with it.
    pub(super) fn of(it: Attestation, people: &People, asking: &Asking) -> Self {
        let asked = AskedView::of(it.number, it.asked, people, asking);
        let holds = asked.state == RequestState::Approved.name() && !asked.over;
        Self {
            claim: it.claim.name(),
            evidence: it.evidence,
            may_withdraw: holds && (asked.own || asking.may_approve),
            control: it.control,
            asked,
        }
    }

    /// What is said, in words.
    pub(crate) fn says(&self) -> &'static str {
        match Claim::named(self.claim) {
            Some(Claim::NotApplicable) => "not applicable",
            _ => "met",
        }
    }

    /// Where it stands, in words.
    pub(crate) fn stands(&self) -> &'static str {
        match RequestState::named(self.asked.state) {
            Some(RequestState::Approved) if self.asked.over => "stale",
            Some(RequestState::Approved) => "attested",
            _ => self.asked.state,
        }
    }

    /// The page of its control.
    pub(crate) fn href(&self) -> String {
        Address::new("/compliance/control")
            .with("id", &self.control)
            .to_string()
    }

    /// Framework and id of its control for people, with its title.
    pub(crate) fn about(&self) -> String {
        let text = control_text(&self.control);
        let title = control::find(&self.control).map_or("", |it| it.title);
        format!("{} {title}", text.label).trim().to_owned()
    }
}
