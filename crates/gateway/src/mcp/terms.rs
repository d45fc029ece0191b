//! What the messages of a session are held to.

use std::sync::Arc;

use stance_wire::Limits;

use crate::hold;
use crate::judge::Subject;
use crate::proxy::new_id;
use crate::receipt::{Receipt, short};
use crate::settings::Unreadable;

/// What a session is held to.
#[derive(Clone)]
pub(crate) struct Terms {
    /// The name of the server.
    pub(crate) server: String,
    /// Who asks.
    pub(crate) identity: Option<String>,
    /// What its exchanges belong together by.
    pub(crate) session: Option<String>,
    /// What is done with what cannot be read.
    pub(crate) unreadable: Unreadable,
    /// What one message may cost.
    pub(crate) limits: Limits,
    /// What is added to what a refused caller is told.
    pub(crate) message: Option<String>,
    /// The status that receipts tell, where there is one.
    pub(crate) status: u16,
    /// Who is asked where a rule asks; without it, what a rule asks about is stopped.
    pub(crate) ask: Option<Arc<hold::Ready>>,
}

impl Terms {
    /// A receipt of what begins now.
    pub(super) fn receipt(&self, method: &str) -> Receipt {
        Receipt {
            id: new_id(),
            identity: self.identity.clone(),
            upstream: self.server.clone(),
            tries: 1,
            operation: short(&format!("mcp.{method}")),
            status: self.status,
            ..Receipt::default()
        }
    }

    pub(super) fn subject(&self, receipt: &Receipt) -> Subject {
        Subject {
            identity: self.identity.clone(),
            upstream: self.server.clone(),
            operation: receipt.operation.clone(),
            id: receipt.id.clone(),
            session: self.session.clone(),
            ..Subject::default()
        }
    }

    pub(super) fn told(&self, message: &str) -> String {
        match &self.message {
            Some(more) => format!("{message} {more}"),
            None => message.to_owned(),
        }
    }
}
