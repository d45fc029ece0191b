//! What waits, and what was decided lately.

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::approval::{Decided, Question};

use crate::ask::Ask;
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::view::{Page, View};

/// What waits at the gateway of this service.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ApprovalsView {
    /// Whether a gateway runs in this service.
    gateway: bool,
    /// What waits, the oldest first.
    waiting: Vec<QuestionView>,
    /// What was decided since the service started, the newest first, up to 100.
    decided: Vec<DecidedView>,
    /// For how many seconds a decision may count for the same identity, tools and rules; none where each counts once.
    remembers: Option<u64>,
    #[serde(skip)]
    may_decide: bool,
}

/// A question.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct QuestionView {
    /// What names it.
    id: String,
    /// What names the interaction, as in its receipt.
    interaction: String,
    /// Since when it waits.
    #[schemars(with = "String", extend("format" = "date-time"))]
    at: Timestamp,
    /// Until when.
    #[schemars(with = "String", extend("format" = "date-time"))]
    deadline: Timestamp,
    /// Whether it passes then if nobody decides; otherwise it is refused.
    passes_at_deadline: bool,
    /// request or answer.
    held: &'static str,
    /// Who asked; none where nobody knows.
    identity: Option<String>,
    /// Which upstream it is for.
    upstream: String,
    /// What is asked for.
    operation: String,
    /// The model that is asked.
    model: Option<String>,
    /// The rules that ask.
    reasons: Vec<ReasonView>,
    /// The tools that would be called.
    calls: Vec<CallView>,
}

/// A rule that asks.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ReasonView {
    /// The rule.
    rule: String,
    /// How sure it is, 0 to 1.
    score: f32,
    /// One clause about it, without words of the interaction.
    note: String,
}

/// A call of a tool.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CallView {
    /// The tool.
    tool: String,
    /// What it would be given, where that is shown.
    arguments: Option<String>,
}

/// What became of a question.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DecidedView {
    /// The question.
    question: QuestionView,
    /// Whether it went on.
    allowed: bool,
    /// person, webhook, remembered, deadline, full, withdrawn or ended.
    way: &'static str,
    /// Who decided, where anybody did.
    by: Option<String>,
    /// What they said.
    note: Option<String>,
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    at: Timestamp,
    /// How long it waited, in milliseconds.
    waited_ms: u64,
}

impl From<Question> for QuestionView {
    fn from(it: Question) -> Self {
        Self {
            id: it.id,
            interaction: it.interaction,
            at: it.at,
            deadline: it.deadline,
            passes_at_deadline: it.passes_at_deadline,
            held: it.held.name(),
            identity: it.identity,
            upstream: it.upstream,
            operation: it.operation,
            model: it.model,
            reasons: it
                .reasons
                .into_iter()
                .map(|reason| ReasonView {
                    rule: reason.rule,
                    score: reason.score.share(),
                    note: reason.note,
                })
                .collect(),
            calls: it
                .calls
                .into_iter()
                .map(|call| CallView {
                    tool: call.tool,
                    arguments: call.arguments,
                })
                .collect(),
        }
    }
}

impl QuestionView {
    fn who(&self) -> &str {
        self.identity.as_deref().unwrap_or("anonymous")
    }

    /// Whether decisions about it can count again: somebody is known to whom.
    fn is_known(&self) -> bool {
        self.identity.is_some()
    }
}

impl DecidedView {
    fn of((question, decided): (Question, Decided)) -> Self {
        Self {
            question: question.into(),
            allowed: decided.allowed,
            way: decided.way.name(),
            by: decided.by,
            note: decided.note,
            at: decided.at,
            waited_ms: decided.waited_ms,
        }
    }

    fn state(&self) -> &'static str {
        match self.allowed {
            true => "approved",
            false => "rejected",
        }
    }

    /// Who or what decided, in words.
    fn decider(&self) -> String {
        let said = match self.way {
            "deadline" => "Nobody, in time",
            "full" => "Nobody: too many waited",
            "withdrawn" => "Nobody: the caller went away",
            "ended" => "Nobody: new settings, or the end",
            _ => "",
        };
        match (&self.by, said) {
            (Some(by), _) if self.way == "remembered" => format!("{by}, before"),
            (Some(by), _) => by.clone(),
            (None, said) => said.to_owned(),
        }
    }
}

pub(super) async fn list(ask: Ask) -> Result<View<ApprovalsView>, ApiError> {
    let desk = ask.desk.get();
    Ok(View(ApprovalsView {
        gateway: desk.is_some(),
        waiting: desk
            .map(|desk| desk.waiting())
            .unwrap_or_default()
            .into_iter()
            .map(QuestionView::from)
            .collect(),
        decided: desk
            .map(|desk| desk.decided())
            .unwrap_or_default()
            .into_iter()
            .map(DecidedView::of)
            .collect(),
        remembers: desk.and_then(|desk| desk.remembers()),
        may_decide: ask.who.may(Permission::DecisionsApprove),
    }))
}

#[derive(Template)]
#[template(path = "approvals/list.html")]
struct ApprovalsPage<'a> {
    frame: Frame,
    view: &'a ApprovalsView,
}

impl Page for ApprovalsView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame
            .page("Approvals", Section::Changes)
            .under("Changes", "/changes");
        ApprovalsPage { frame, view: self }.render()
    }
}
