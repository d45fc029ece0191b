//! What people and programs do with sources.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use stance_core::Environment;
use stance_store::sources::{NewRun, NewSource, SourceKind, SourceSettings, Sources as _};
use stance_store::{SourceNumber, Sqlite};

use super::list::kind_of;
use super::options::{OptionError, Options};
use super::view::SourceView;
use crate::ask::{Ask, Input, Path};
use crate::auth::Permission;
use crate::error::ApiError;
use crate::jobs::SCAN;
use crate::jobs::schedule::Schedule;
use crate::record::Teller;
use crate::runs::RunView;
use crate::view::Done;

/// What people say goes before what the clock asks for.
const BY_HAND: i64 = 10;

/// What is said of a source; what is absent stays as it is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(super) struct SourceInput {
    /// `directory`, `git`, `bom`, `logs`, `host` or `push`; needed for a new source, which keeps it.
    #[serde(default)]
    kind: Option<String>,
    /// What people call it; up to 120 characters.
    #[serde(default)]
    name: Option<String>,
    /// What the kind needs: `{"path": "/srv/models"}`; `{"paths": [...], "pseudonymise": true, "since": "30d", "sanctioned": [...]}` for
    /// logs; `{"addresses": [...], "probe": true}` for hosts; `{}` for push.
    #[serde(default)]
    options: Option<Map<String, Value>>,
    /// An interval such as `PT1H` or `30m`, or five fields of cron in UTC; empty for none.
    #[serde(default)]
    schedule: Option<String>,
    /// Whether the schedule is kept.
    #[serde(default)]
    enabled: Option<bool>,
    /// Who owns what is found there, unless somebody says otherwise; empty for nobody.
    #[serde(default)]
    owner: Option<String>,
    /// `production`, `staging`, `development`, `test` or `unknown`.
    #[serde(default)]
    environment: Option<String>,
    /// The revision that was seen; an edit of another one is refused.
    #[serde(default)]
    revision: Option<i64>,
    /// From forms: the path of `options`.
    #[serde(default)]
    #[schemars(skip)]
    path: Option<String>,
    /// From forms: the paths of `options`, one a line.
    #[serde(default)]
    #[schemars(skip)]
    paths: Option<String>,
    /// From forms: the addresses of `options`, one a line.
    #[serde(default)]
    #[schemars(skip)]
    addresses: Option<String>,
    #[serde(default)]
    #[schemars(skip)]
    since: Option<String>,
    /// From forms: the keys of sanctioned vendors and services, one a line.
    #[serde(default)]
    #[schemars(skip)]
    sanctioned: Option<String>,
    #[serde(default)]
    #[schemars(skip)]
    pseudonymise: Option<String>,
    #[serde(default)]
    #[schemars(skip)]
    probe: Option<String>,
    /// Whether a form sent it: an empty field of a form says that there is none.
    #[serde(default)]
    #[schemars(skip)]
    form: Option<String>,
}

impl SourceInput {
    /// The options that were given, in JSON or as fields of a form.
    fn options(&self) -> Option<Value> {
        if let Some(options) = &self.options {
            return Some(Value::Object(options.clone()));
        }
        self.form.as_ref()?;
        let mut options = Map::new();
        let lines = |text: &String| -> Value {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.collect()
        };
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                options.insert(name.to_owned(), value);
            }
        };
        let text = |text: &Option<String>| {
            text.as_ref()
                .filter(|text| !text.trim().is_empty())
                .map(|text| Value::from(text.trim()))
        };
        let yes = |text: &Option<String>| text.as_ref().map(|text| Value::from(text == "true"));
        set("path", text(&self.path));
        set("paths", self.paths.as_ref().map(lines));
        set("addresses", self.addresses.as_ref().map(lines));
        set("since", text(&self.since));
        set("sanctioned", self.sanctioned.as_ref().map(lines));
        set("pseudonymise", yes(&self.pseudonymise));
        set("probe", yes(&self.probe));
        Some(Value::Object(options))
    }

    /// What is known of the source, with what was said laid over it.
    fn over(&self, kind: SourceKind, known: &SourceSettings) -> Result<SourceSettings, ApiError> {
        let name = self.name.as_deref().unwrap_or(&known.name).trim();
        if name.is_empty() || name.chars().count() > 120 || name.chars().any(char::is_control) {
            return Err(ApiError::invalid(
                "name",
                "between 1 and 120 characters, on one line",
            ));
        }
        let said = |text: &Option<String>, known: &Option<String>| match text {
            Some(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            None => known.clone(),
        };
        let owner = said(&self.owner, &known.owner);
        if owner
            .as_ref()
            .is_some_and(|owner| owner.chars().count() > 120 || owner.chars().any(char::is_control))
        {
            return Err(ApiError::invalid(
                "owner",
                "at most 120 characters, on one line",
            ));
        }
        let schedule = said(&self.schedule, &known.schedule).filter(|_| kind.is_looked_at());
        if let Some(schedule) = &schedule
            && let Err(error) = schedule.parse::<Schedule>()
        {
            return Err(ApiError::invalid("schedule", error.to_string()));
        }
        let environment = match self.environment.as_deref() {
            Some(text) => text.parse::<Environment>().map_err(|_| {
                let names = Environment::ALL.map(Environment::name).join(", ");
                ApiError::invalid("environment", format!("one of {names}"))
            })?,
            None => known.environment,
        };
        let options = self.options().unwrap_or_else(|| known.options.clone());
        let options = Options::of(kind, &options).map_err(wrong)?;
        Ok(SourceSettings {
            name: name.to_owned(),
            options: options.to_json(),
            schedule,
            enabled: self.enabled.unwrap_or(known.enabled),
            owner,
            environment,
        })
    }
}

fn wrong(error: OptionError) -> ApiError {
    ApiError::invalid(error.field, error.message)
}

/// The settings of a source about which nothing was said.
fn usual() -> SourceSettings {
    SourceSettings {
        name: String::new(),
        options: json!({}),
        schedule: None,
        enabled: true,
        owner: None,
        environment: Environment::default(),
    }
}

/// What the audit log says of a source: no more than the page does.
fn told(settings: &SourceSettings, kind: SourceKind) -> Value {
    json!({
        "name": settings.name,
        "kind": kind.name(),
        "options": settings.options,
        "schedule": settings.schedule,
        "enabled": settings.enabled,
        "owner": settings.owner,
        "environment": settings.environment.name(),
    })
}

pub(super) async fn add(
    ask: Ask,
    Input(input): Input<SourceInput>,
) -> Result<Done<SourceView>, ApiError> {
    let kind = kind_of(input.kind.as_deref().unwrap_or_default())?;
    if kind == SourceKind::Runtime {
        return Err(ApiError::invalid(
            "kind",
            "the service adds this one by itself once something passes at run time",
        ));
    }
    let settings = input.over(kind, &usual())?;
    let options = Options::of(kind, &settings.options).map_err(wrong)?;
    let key = options.key(kind, &settings.name);
    let (teller, actor, now) = (Teller::of(&ask), ask.who.name(), ask.now);
    let runs = kind.is_looked_at() && settings.enabled && ask.who.may(Permission::SourcesRun);
    let status = ask
        .db
        .write(move |store| {
            let new = NewSource {
                key: &key,
                kind,
                settings: &settings,
            };
            let id = store.add_source(&new, now)?;
            let detail = told(&settings, kind);
            teller.tell(store, "source.add", "source", id, detail)?;
            if runs {
                queue(store, id, &actor, &teller, now)?;
            }
            Ok(store.source(id)?)
        })
        .await?;
    ask.bell.ring();
    let view = SourceView::of(status, ask.now);
    let notice = if runs {
        format!("{} was added and is being looked at.", view.name)
    } else {
        format!("{} was added.", view.name)
    };
    Ok(Done::to(format!("/sources/{}", view.id), view)
        .notice(notice)
        .created())
}

pub(super) async fn edit(
    ask: Ask,
    Path(id): Path<i64>,
    Input(input): Input<SourceInput>,
) -> Result<Done<SourceView>, ApiError> {
    let (teller, id, now) = (Teller::of(&ask), SourceNumber(id), ask.now);
    let status = ask
        .db
        .write(move |store| {
            let known = store.source(id)?.source;
            if known.removed.is_some() {
                return Err(ApiError::not_found(format_args!("source {id}")));
            }
            let settings = input.over(known.kind, &known.settings)?;
            let before = Options::of(known.kind, &known.settings.options).map_err(wrong)?;
            let after = Options::of(known.kind, &settings.options).map_err(wrong)?;
            // The key of what is pushed is the name with which it was added, whatever people call it since.
            if known.kind.is_looked_at() && before.key(known.kind, "") != after.key(known.kind, "")
            {
                return Err(ApiError::invalid(
                    "options",
                    "another place is another source: its history would be that of something else; add it beside this one",
                ));
            }
            let revision = input.revision.unwrap_or(known.revision);
            store.edit_source(id, &settings, revision, now)?;
            let detail = json!({"before": told(&known.settings, known.kind), "after": told(&settings, known.kind)});
            teller.tell(store, "source.edit", "source", id, detail)?;
            Ok(store.source(id)?)
        })
        .await?;
    ask.bell.ring();
    let view = SourceView::of(status, ask.now);
    Ok(Done::to(format!("/sources/{id}"), view).notice("The change is kept."))
}

pub(super) async fn remove(ask: Ask, Path(id): Path<i64>) -> Result<Done<SourceView>, ApiError> {
    let (teller, id, now) = (Teller::of(&ask), SourceNumber(id), ask.now);
    let status = ask
        .db
        .write(move |store| {
            let known = store.source(id)?.source;
            store.remove_source(id, now)?;
            let detail = told(&known.settings, known.kind);
            teller.tell(store, "source.remove", "source", id, detail)?;
            Ok(store.source(id)?)
        })
        .await?;
    let view = SourceView::of(status, ask.now);
    let notice = format!("{} was removed; its history stays.", view.name);
    Ok(Done::to("/sources", view).notice(notice))
}

pub(super) async fn run(ask: Ask, Path(id): Path<i64>) -> Result<Done<RunView>, ApiError> {
    let (teller, actor, now) = (Teller::of(&ask), ask.who.name(), ask.now);
    let id = SourceNumber(id);
    let (run, new) = ask
        .db
        .write(move |store| {
            let source = store.source(id)?.source;
            if !source.kind.is_looked_at() {
                return Err(ApiError::conflict(
                    "this source is told by others; there is nothing to look at from here",
                ));
            }
            let (run, new) = queue(store, id, &actor, &teller, now)?;
            Ok((store.run(run)?, new))
        })
        .await?;
    ask.bell.ring();
    let notice = if new {
        "The source is being looked at."
    } else {
        "A look at the source is under way already."
    };
    let view = RunView::from(run);
    Ok(Done::to(format!("/runs/{}", view.id), view).notice(notice))
}

/// Asks for a look at a source in somebody's name; gives the run, and whether it is new.
pub(crate) fn queue(
    store: &mut Sqlite,
    source: SourceNumber,
    actor: &str,
    teller: &Teller,
    now: jiff::Timestamp,
) -> Result<(stance_store::RunNumber, bool), ApiError> {
    let new = NewRun {
        source,
        cause: "person",
        actor: Some(actor),
        job: SCAN,
        priority: BY_HAND,
    };
    let asked = store.ask_run(&new, now)?;
    if asked.new {
        let detail = json!({"source": source.0});
        teller.tell(store, "run.ask", "run", asked.run, detail)?;
    }
    Ok((asked.run, asked.new))
}
