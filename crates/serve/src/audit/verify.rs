//! The whole log, held against itself and its signed checkpoints.

use std::sync::atomic::{AtomicBool, Ordering};

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_govern::audit::Verifier;
use stance_store::audit::{AuditKey, AuditLog as _};

use crate::ask::Ask;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::view::{Page, View};

/// Most entries that are verified for a page; a larger log is for the command line.
const MOST: u64 = 5_000_000;

/// Faults that are told.
const FAULTS: usize = 20;

/// Whether somebody has the log verified: one at a time, so that pages still find a thread that reads.
static BUSY: AtomicBool = AtomicBool::new(false);

/// Ends the turn however the work ends.
struct Turn;

impl Turn {
    fn take() -> Option<Self> {
        (!BUSY.swap(true, Ordering::AcqRel)).then_some(Self)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        BUSY.store(false, Ordering::Release);
    }
}

/// What a pass over the whole log showed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Verdict {
    /// Whether nothing is wrong.
    holds: bool,
    /// How many entries were read.
    entries: u64,
    /// How many stored checkpoints hold.
    checkpoints: u64,
    /// Up to which entry the last of them speaks.
    signed: Option<u64>,
    /// The root of the Merkle tree over all entries, in hexadecimal digits.
    root: Option<String>,
    /// What is wrong, at most 20 things.
    faults: Vec<String>,
    /// How many more things are wrong.
    more: u64,
    /// When it was verified.
    #[schemars(with = "String", extend("format" = "date-time"))]
    at: Timestamp,
}

pub(super) async fn verify(ask: Ask) -> Result<View<Verdict>, ApiError> {
    let Some(turn) = Turn::take() else {
        return Err(ApiError::too_many(
            10,
            "the log is being verified already; ask again in a moment",
        ));
    };
    let directory = ask.settings.data_dir.clone();
    let at = ask.now;
    let verdict = ask
        .db
        .read(move |store| {
            let _turn = turn;
            let size = store.audit_status()?.size;
            if size > MOST {
                return Err(ApiError::conflict(format!(
                    "the log has {size} entries, and {MOST} are verified here at most; run `stance audit verify`"
                )));
            }
            let keys: Vec<_> = AuditKey::public(&directory)?.into_iter().collect();
            let report = store.audit_verify(Verifier::default(), &keys, true)?;
            let hidden = report.faults.len().saturating_sub(FAULTS) as u64;
            Ok(Verdict {
                holds: report.holds(),
                entries: report.entries,
                checkpoints: report.stored.0,
                signed: report.stored.1,
                root: report.root.map(|root| stance_core::digest::hex(&root)),
                faults: report
                    .faults
                    .iter()
                    .take(FAULTS)
                    .map(ToString::to_string)
                    .collect(),
                more: report.more_faults.saturating_add(hidden),
                at,
            })
        })
        .await?;
    Ok(View(verdict))
}

#[derive(Template)]
#[template(path = "audit/verify.html")]
struct VerdictPage<'a> {
    frame: Frame,
    view: &'a Verdict,
}

impl Page for Verdict {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.page("Verification", Section::Audit);
        VerdictPage {
            frame: frame.under("Audit log", "/audit"),
            view: self,
        }
        .render()
    }
}
