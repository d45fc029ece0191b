//! The settings, and what would go.

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_store::retention::{Passing, Retention as _};
use stance_store::{Sqlite, Traffic as _};

use crate::ask::Ask;
use crate::auth::Permission;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::view::{Page, View};

/// What would go is counted so far.
const MOST: u64 = 10_000;

/// For how long what passes is kept.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RetentionView {
    /// Counts up with every edit.
    pub(super) revision: i64,
    /// Each kind of thing that passes.
    kinds: Vec<KindView>,
    /// Most interactions that are kept; when there are more, the oldest go at once.
    traffic_rows: u64,
    /// How many there are.
    interactions: u64,
    /// Bytes of the database.
    bytes: u64,
    /// Bytes of it that are free, and used for what comes.
    free: u64,
    /// Whether what is free is given back to the system bit by bit.
    gives_back: bool,
    #[serde(skip)]
    may_change: bool,
}

/// A kind of thing that passes.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct KindView {
    /// `runs`, `logs`, `jobs`, `deliveries`, `changes`, `score`, `traffic`, `words` or `traffic_sums`.
    name: &'static str,
    /// For how many days it is kept.
    days: u16,
    /// The fewest days.
    least: u16,
    /// The most.
    most: u16,
    /// How much would go now, counted to 10,000.
    would_go: u64,
    /// The oldest of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<Timestamp>,
}

impl KindView {
    fn title(&self) -> &'static str {
        match self.name {
            "runs" => "Runs",
            "logs" => "Logs of runs",
            "jobs" => "Jobs",
            "deliveries" => "Deliveries",
            "changes" => "Decided changes",
            "traffic" => "Interactions",
            "words" => "Words of interactions",
            "traffic_sums" => "Figures of interactions",
            _ => "Score in detail",
        }
    }

    fn hint(&self) -> &'static str {
        match self.name {
            "runs" => {
                "Looks at sources. The last one of each, and the last that succeeded, always stay."
            }
            "logs" => "What scanners wrote; what they found stays.",
            "jobs" => "What the service did by itself.",
            "deliveries" => "Messages of notifications, and their tries.",
            "changes" => {
                "Drift that was decided; the decision stays in the audit log. A year at least."
            }
            "traffic" => "What passed at run time, one by one.",
            "words" => {
                "Only there where keeping them is switched on. The interaction stays without them."
            }
            "traffic_sums" => {
                "Hours and days, by identity, model, tool and rule. They stay when the interactions are gone. Minutes are \
                 kept for two days."
            }
            _ => "Every movement; later one point a day stays.",
        }
    }

    /// How much would go, in words.
    fn goes(&self) -> String {
        match self.would_go {
            0 => "nothing".to_owned(),
            MOST => "10,000 and more".to_owned(),
            many => crate::format::count(many),
        }
    }
}

pub(super) async fn show(ask: Ask) -> Result<View<RetentionView>, ApiError> {
    seen(&ask).await.map(View)
}

/// As it is now.
pub(super) async fn seen(ask: &Ask) -> Result<RetentionView, ApiError> {
    let (now, may_change) = (ask.now, ask.who.may(Permission::SettingsManage));
    ask.db.read(move |store| of(store, now, may_change)).await
}

fn of(store: &Sqlite, now: Timestamp, may_change: bool) -> Result<RetentionView, ApiError> {
    let settings = store.retention()?;
    let mut kinds = Vec::new();
    for passing in Passing::ALL {
        let old = store.old(passing, settings.before(passing, now), MOST)?;
        let (least, most) = passing.bounds();
        kinds.push(KindView {
            name: passing.name(),
            days: settings.days(passing),
            least,
            most,
            would_go: old.count,
            oldest: old.oldest,
        });
    }
    let space = store.space()?;
    Ok(RetentionView {
        revision: settings.revision,
        kinds,
        traffic_rows: settings.rows,
        interactions: store.traffic_size()?.rows,
        bytes: space.bytes,
        free: space.free,
        gives_back: space.gives_back,
        may_change,
    })
}

#[derive(Template)]
#[template(path = "settings/retention.html")]
struct RetentionPage<'a> {
    frame: Frame,
    view: &'a RetentionView,
}

impl Page for RetentionView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.page("Retention", Section::Settings);
        RetentionPage { frame, view: self }.render()
    }
}
