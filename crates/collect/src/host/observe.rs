//! From what was seen on a host to observations.

use stance_core::AssetId;
use stance_core::asset::AssetKind;
use stance_core::fact::GapReason;
use stance_core::relation::RelationKind;
use stance_logs as logs;
use stance_services::process::{self, Match, Role};
use stance_services::{Access, Catalogue, Purpose};

use super::address::Address;
use super::applications::Installed;
use super::extensions::Extension;
use super::facts::{self, NAME, Seen};
use super::listeners::{Exposure, Listener};
use super::probe::{Asked, Found};
use super::processes::Process;
use super::shown;
use crate::Collected;

/// Most models of one service that become assets.
const MODELS: usize = 64;

/// An address that was asked.
pub(super) struct At<'a> {
    pub(super) address: &'a Address,
    /// Whether the user named it with its port, and so expects an answer.
    pub(super) expected: bool,
    pub(super) listener: Option<&'a Listener>,
    pub(super) process: Option<&'a Process>,
}

/// The service that a process runs, by id.
pub(super) fn service_of(process: &Process) -> Option<String> {
    process::of_command(Catalogue::embedded(), &process.words)
        .filter(|it| it.role == Role::Service)
        .map(|it| it.id)
}

/// A running process, if it has to do with AI.
pub(super) fn process(process: &Process, all: &mut Collected) {
    let path = format!("/proc/{}/cmdline", process.pid);
    let command = stance_read::redact::shown(&process.command());
    let known = process::of_command(Catalogue::embedded(), &process.words);
    let desktop = || {
        let catalogue = logs::Catalogue::embedded();
        let name = process.name();
        let service = catalogue.get(catalogue.of_process(&name)?)?;
        service.process.contains(&name).then_some(service)
    };
    let seen = match &known {
        Some(Match {
            role: Role::McpServer,
            name,
            ..
        }) => Seen::new(
            AssetKind::McpServer,
            format!("process/{name}"),
            name,
            &path,
            &command,
        )
        .with("transport", "stdio")
        .with("command", command.as_str()),
        Some(Match { id, name, .. }) => {
            let vendor = Catalogue::embedded()
                .get(id)
                .and_then(|it| it.vendor.as_deref());
            Seen::new(
                AssetKind::Application,
                format!("process/{id}"),
                name,
                &path,
                &command,
            )
            .vendor(vendor)
            .with("product", id.as_str())
            .with("command", command.as_str())
        }
        None => {
            let Some(service) = desktop() else {
                return;
            };
            Seen::new(
                AssetKind::Application,
                format!("process/{}", service.id),
                &service.name,
                &path,
                &command,
            )
            .vendor(Some(&service.vendor))
            .with("product", service.id.as_str())
            .with("category", service.category.name())
            .with("command", command.as_str())
        }
    };
    let seen = seen
        .with("role", "process")
        .with("process", process.name())
        .with("pid", process.pid)
        .with("user", process.user.as_str());
    let id = seen.id();
    all.observations.push(seen.observation());
    let models = known.map(|it| it.models).unwrap_or_default();
    // Which service runs a model that stands in arguments is known by the process.
    serves(
        &id,
        None,
        &models,
        &path,
        &command,
        RelationKind::LoadsArtifactFrom,
        all,
    );
}

fn serves(
    from: &AssetId,
    service: Option<&str>,
    models: &[String],
    path: &str,
    excerpt: &str,
    kind: RelationKind,
    all: &mut Collected,
) {
    for name in models.iter().take(MODELS) {
        let (key, name) = facts::model(service, &stance_read::redact::shown(name));
        let seen = Seen::new(AssetKind::Model, key, name, path, excerpt)
            .with_some("through", service)
            .with("role", "served");
        let to = seen.id();
        all.observations.push(seen.observation());
        let at = facts::evidence(path, excerpt);
        all.observations.push(facts::related(from, kind, &to, &at));
    }
}

/// A listener that nobody may ask without being told to.
pub(super) fn not_asked(listener: &Listener, process: Option<&Process>, all: &mut Collected) {
    let usual = Catalogue::embedded().ports().contains(&listener.port);
    let runs = process.and_then(service_of);
    if !usual && runs.is_none() {
        return;
    }
    let Some(ip) = listener.bound.first() else {
        return;
    };
    let address = Address::of_ip(*ip, listener.port);
    let what = runs.map_or_else(String::new, |id| format!(" and belongs to {id}"));
    let detail = format!(
        "it listens{what}, at an address other than loopback, and was not asked; `--address {address}` asks it"
    );
    let path = format!("{address}").into();
    all.gap(NAME, &path, GapReason::Special, detail);
}

/// What became of asking an address.
pub(super) fn asked(at: &At<'_>, asked: Asked, all: &mut Collected) {
    match asked {
        Asked::Service(found) => service(at, &found, all),
        Asked::NotHttp if at.listener.is_none() => {
            let detail =
                "it takes connections and gives no answer that is HTTP, so what it is is not known";
            let path = format!("{}", at.address).into();
            all.gap(NAME, &path, GapReason::Malformed, detail);
        }
        Asked::NotHttp => {
            // A process that runs an AI service is one, even where it does not answer.
            if let Some(id) = at.process.and_then(service_of) {
                let detail = format!("it belongs to {id} and gives no answer that is HTTP");
                let path = format!("{}", at.address).into();
                all.gap(NAME, &path, GapReason::Malformed, detail);
            }
        }
        Asked::Closed if at.expected => {
            let detail = "nobody answers there, or the way there is closed";
            let path = format!("{}", at.address).into();
            all.gap(NAME, &path, GapReason::Unreadable, detail);
        }
        Asked::Closed | Asked::Other => {}
    }
}

fn exposure(at: &At<'_>) -> Exposure {
    match at.listener {
        Some(listener) => listener.exposure(),
        None if at.address.is_loopback() => Exposure::Loopback,
        None => Exposure::Network,
    }
}

fn service(at: &At<'_>, found: &Found, all: &mut Collected) {
    let identity = &found.identity;
    let (path, text) = &found.shown;
    let place = format!("{}{path}", found.root);
    let possible = || {
        let names: Vec<&str> = identity.perhaps.iter().map(|it| it.name.as_str()).collect();
        format!("perhaps {}", names.join(" or "))
    };
    let name = identity.name().map_or_else(possible, str::to_owned);
    let service = identity.service();
    let (kind, key) = match service.map(|it| it.purpose) {
        Some(Purpose::Store) => (AssetKind::VectorStore, found.root.clone()),
        Some(Purpose::Protocol) => (AssetKind::McpServer, format!("{}{path}", found.root)),
        _ => (AssetKind::Endpoint, found.root.clone()),
    };
    let transport =
        (kind == AssetKind::McpServer).then_some(if path == "/sse" { "sse" } else { "http" });
    let speaks: Vec<String> = identity.speaks.iter().map(|it| it.id.clone()).collect();
    let perhaps: Vec<String> = identity.perhaps.iter().map(|it| it.name.clone()).collect();
    let models: Vec<String> = identity
        .models
        .iter()
        .take(MODELS)
        .map(|name| stance_read::redact::shown(name))
        .collect();
    let authenticated = match identity.access {
        Access::Open => Some(false),
        Access::Required => Some(true),
        Access::Unknown => None,
    };
    let seen = Seen::new(kind, key, name, &place, text)
        .relation(RelationKind::Exposes)
        .vendor(identity.product.and_then(|it| it.vendor.as_deref()))
        .with("role", "service")
        .with("address", format!("{}", at.address))
        .with("url", found.root.as_str())
        .with_some("product", identity.product.map(|it| it.id.as_str()))
        .with("confidence", identity.confidence.to_string())
        .with_some("purpose", service.map(|it| it.purpose.name()))
        .with_some(
            "version",
            identity.version.as_deref().filter(|it| !it.is_empty()),
        )
        .with("authentication", identity.access.name())
        .with_some("authenticated", authenticated)
        .with_some("authentication_seen_at", identity.access_path.as_deref())
        .with("exposure", exposure(at).name())
        .with_list("speaks", speaks)
        .with_list("perhaps", perhaps)
        .with_list("models", models)
        .with_list("seen_at", identity.shown_at.clone())
        .with_some("transport", transport)
        .with_some("process", at.process.map(Process::name))
        .with_some("pid", at.process.map(|it| it.pid))
        .with_some("user", at.process.map(|it| it.user.clone()));
    let id = seen.id();
    all.observations.push(seen.observation());
    let product = identity.product.map(|it| it.id.as_str());
    serves(
        &id,
        product,
        &identity.models,
        &place,
        text,
        RelationKind::Serves,
        all,
    );
    if found.cut {
        let detail = "it is slow or breaks off, so not everything was asked; what is said about it may be less than it is";
        all.gap(NAME, &place.into(), GapReason::Limit, detail);
    }
}

/// The organisation behind an AI service that is used here, so that what is not sanctioned can be told.
fn vendor(service: &logs::Service, signal: &str, path: &str, excerpt: &str, all: &mut Collected) {
    let seen = Seen::new(
        AssetKind::Vendor,
        service.vendor.as_str(),
        service.vendor.as_str(),
        path,
        excerpt,
    )
    .relation(RelationKind::Calls)
    .with("service", service.id.as_str())
    .with("title", service.name.as_str())
    .with("signals", vec![signal.to_owned()])
    .with("trains", service.trains.name());
    all.observations.push(seen.observation());
}

/// An installed application.
pub(super) fn installed(found: &Installed, all: &mut Collected) {
    let Some(service) = logs::Catalogue::embedded().get(found.service) else {
        return;
    };
    let seen = Seen::new(
        AssetKind::Application,
        format!("installed/{}", service.id),
        &service.name,
        &shown(&found.path),
        &found.shown,
    )
    .vendor(Some(&service.vendor))
    .with("role", "installed")
    .with("category", service.category.name())
    .with("trains", service.trains.name());
    all.observations.push(seen.observation());
    vendor(service, "installed", &shown(&found.path), &found.shown, all);
}

/// An extension of an editor or a browser.
pub(super) fn extension(found: &Extension, all: &mut Collected) {
    let Some(service) = logs::Catalogue::embedded().get(found.service) else {
        return;
    };
    let name = found.name.clone().unwrap_or_else(|| service.name.clone());
    let seen = Seen::new(
        AssetKind::Application,
        format!(
            "extension/{}/{}",
            found.inside.to_lowercase().replace(' ', "-"),
            found.id.to_lowercase()
        ),
        stance_read::redact::shown(&name),
        &shown(&found.path),
        &found.id,
    )
    .vendor(Some(&service.vendor))
    .with("role", "extension")
    .with("inside", found.inside)
    .with("service", service.id.as_str())
    .with("category", service.category.name())
    .with_some("version", found.version.as_deref())
    .with("confidence", if found.by_pages { "medium" } else { "high" });
    all.observations.push(seen.observation());
    // An extension for the pages of a service need not be by it.
    if !found.by_pages {
        vendor(service, "extension", &shown(&found.path), &found.id, all);
    }
}
