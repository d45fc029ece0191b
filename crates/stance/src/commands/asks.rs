//! `stance gateway asks`: what waits at the gateway on this machine, and at proxies before MCP servers, for somebody's decision.

use std::io::{Read as _, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use serde_json::json;
use stance_core::approval::{Decided, Question};

use crate::Outcome;
use crate::cli::{AsksArguments, AsksCommand, Cli, Said};
use crate::config::{Loaded, Settings};
use crate::output::printable;

/// Where a gateway that runs says how to reach it, for its owner only.
const FILE: &str = "gateway.json";

/// Where proxies before MCP servers do, each in a file of its own.
const PROXIES: &str = "asks";

/// How long a gateway on this machine has to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Longest answer that is read, in bytes.
const LONGEST: u64 = 64 << 20;

/// How a gateway is reached by whoever runs it.
#[derive(Serialize, Deserialize)]
struct Door {
    address: String,
    key: String,
}

#[derive(Default, Serialize, Deserialize)]
struct Listed {
    waiting: Vec<Question>,
    decided: Vec<Ended>,
    #[serde(default)]
    remembers: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct Ended {
    question: Question,
    decided: Decided,
}

/// Where the gateway of this data directory says how it is reached.
pub(super) fn of_gateway(data: &Path) -> PathBuf {
    data.join(FILE)
}

/// Where a proxy of this data directory does, by the name of its log.
pub(super) fn of_proxy(data: &Path, log: &str) -> PathBuf {
    data.join(PROXIES).join(format!("{log}.json"))
}

/// Writes down how a gateway or a proxy is reached.
pub(super) fn open_door(
    path: &Path,
    scheme: &str,
    address: &SocketAddr,
    key: &str,
) -> anyhow::Result<()> {
    let mut near = *address;
    if near.ip().is_unspecified() {
        near.set_ip(match near.is_ipv4() {
            true => std::net::Ipv4Addr::LOCALHOST.into(),
            false => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    let door = Door {
        address: format!("{scheme}://{near}"),
        key: key.to_owned(),
    };
    let told = || format!("cannot write {}", path.display());
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).with_context(told)?;
    }
    // Beside it first: whoever reads it finds all of it, and never with other rights.
    let fresh = path.with_extension(format!("json.{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&fresh).with_context(told)?;
    serde_json::to_writer(&mut file, &door).with_context(told)?;
    file.flush().with_context(told)?;
    std::fs::rename(&fresh, path).with_context(told)
}

/// Takes it away again, unless another one wrote it meanwhile.
pub(super) fn close_door(path: &Path, key: &str) {
    if read_door(path).is_ok_and(|door| door.key == key) {
        let _ = std::fs::remove_file(path);
    }
}

fn read_door(path: &Path) -> anyhow::Result<Door> {
    let text = std::fs::read_to_string(path).with_context(|| {
        format!(
            "no gateway runs with this data directory ({} cannot be read)",
            path.display()
        )
    })?;
    serde_json::from_str(&text).with_context(|| format!("{} cannot be read", path.display()))
}

pub(crate) fn run(cli: &Cli, arguments: &AsksArguments) -> anyhow::Result<Outcome> {
    let loaded = Loaded::find(cli.global.config.as_deref(), Path::new("."))?;
    let data = Settings::resolve(cli, &loaded).data_dir.value;
    let all = everybody(&data)?;
    match &arguments.command {
        None | Some(AsksCommand::List) => list(cli, all, arguments.json),
        Some(AsksCommand::Allow(said)) => say(cli, &all, "allow", said),
        Some(AsksCommand::Deny(said)) => say(cli, &all, "deny", said),
    }
}

/// All that run with this data directory, with what waits there.
fn everybody(data: &Path) -> anyhow::Result<Vec<(Door, Listed)>> {
    let mut all = Vec::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(data.join(PROXIES))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|kind| kind == "json"))
        .collect();
    files.sort();
    for path in files {
        // One that was killed left its file behind.
        let listed = read_door(&path).and_then(|door| Ok((listed(&door)?, door)));
        all.extend(listed.map(|(listed, door)| (door, listed)));
    }
    match read_door(&of_gateway(data)).and_then(|door| Ok((listed(&door)?, door))) {
        Ok((listed, door)) => all.insert(0, (door, listed)),
        // Those that do run are enough.
        Err(_) if !all.is_empty() => {}
        Err(error) => return Err(error),
    }
    Ok(all)
}

fn listed(door: &Door) -> anyhow::Result<Listed> {
    serde_json::from_str(&ask(door, None, "")?).context("the gateway's answer is not one")
}

fn list(cli: &Cli, all: Vec<(Door, Listed)>, as_json: bool) -> anyhow::Result<Outcome> {
    let mut listed = Listed::default();
    for (_, one) in all {
        listed.waiting.extend(one.waiting);
        listed.decided.extend(one.decided);
        listed.remembers = listed.remembers.or(one.remembers);
    }
    listed.waiting.sort_by_key(|question| question.at);
    listed
        .decided
        .sort_by_key(|ended| std::cmp::Reverse(ended.decided.at));
    let mut out = super::stdout(cli);
    if as_json {
        super::print_json(&mut out, &listed)?;
        return Ok(Outcome::Clean);
    }
    let now = jiff::Timestamp::now();
    if listed.waiting.is_empty() {
        writeln!(out, "Nothing waits for a decision.")?;
    }
    for question in &listed.waiting {
        let left = question.deadline.duration_since(now).as_secs().max(0);
        let then = match question.passes_at_deadline {
            true => "passes",
            false => "is refused",
        };
        writeln!(
            out,
            "{}  {} of {} to {}, {} in {left} s",
            question.id.get(..8).unwrap_or_default(),
            question.held.name(),
            printable(question.identity.as_deref().unwrap_or("anonymous")),
            about(question),
            then
        )?;
        for reason in &question.reasons {
            writeln!(
                out,
                "    {} {:.2} {}",
                printable(&reason.rule),
                reason.score.share(),
                printable(&reason.note)
            )?;
        }
        for call in &question.calls {
            let arguments = call.arguments.as_deref().unwrap_or_default();
            writeln!(
                out,
                "    calls {} {}",
                printable(&call.tool),
                printable(arguments)
            )?;
        }
    }
    if cli.global.verbose > 0 {
        for ended in &listed.decided {
            let (question, decided) = (&ended.question, &ended.decided);
            writeln!(
                out,
                "{}  {} {} by {} after {} ms  {}",
                question.id.get(..8).unwrap_or_default(),
                if decided.allowed { "allowed" } else { "denied" },
                decided.way.name(),
                printable(decided.by.as_deref().unwrap_or("nobody")),
                decided.waited_ms,
                about(question)
            )?;
        }
    }
    Ok(Outcome::Clean)
}

fn about(question: &Question) -> String {
    let mut words = vec![question.upstream.as_str(), &question.operation];
    words.extend(question.model.as_deref());
    printable(&words.join(" ")).into_owned()
}

fn say(cli: &Cli, all: &[(Door, Listed)], decision: &str, said: &Said) -> anyhow::Result<Outcome> {
    let mut meant = all.iter().flat_map(|(door, listed)| {
        let meant = listed.waiting.iter();
        meant
            .filter(|question| question.id.starts_with(&said.id))
            .map(move |question| (door, question))
    });
    let (door, question) = match (meant.next(), meant.next()) {
        (Some(meant), None) => meant,
        (None, _) => bail!("no question that waits begins with `{}`", said.id),
        (Some(_), Some(_)) => bail!(
            "several questions begin with `{}`; give more of it",
            said.id
        ),
    };
    let by = said.by.clone().or_else(|| std::env::var("USER").ok());
    let body = json!({
        "decision": decision,
        "by": by,
        "note": said.note,
        "remember": said.remember,
    });
    ask(door, Some(&body.to_string()), &format!("/{}", question.id))?;
    let mut out = super::stdout(cli);
    writeln!(out, "{}: {decision}", question.id)?;
    Ok(Outcome::Clean)
}

/// Asks the gateway; what it refuses is an error in its words.
fn ask(door: &Door, body: Option<&str>, path: &str) -> anyhow::Result<String> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(PATIENCE))
        .build()
        .into();
    let address = format!("{}/-/asks{path}", door.address);
    let key = format!("Bearer {}", door.key);
    let answer = match body {
        None => agent.get(&address).header("authorization", key).call(),
        Some(body) => agent
            .post(&address)
            .header("authorization", key)
            .header("content-type", "application/json")
            .send(body),
    };
    let answer = answer.with_context(|| {
        format!(
            "the gateway at {} does not answer; is it running?",
            door.address
        )
    })?;
    let status = answer.status().as_u16();
    let mut text = String::new();
    answer
        .into_body()
        .into_reader()
        .take(LONGEST)
        .read_to_string(&mut text)
        .context("the gateway's answer broke off")?;
    if status == 200 {
        return Ok(text);
    }
    let told: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    match told
        .pointer("/error/message")
        .and_then(serde_json::Value::as_str)
    {
        Some(message) => bail!("{}", printable(message)),
        None => bail!("the gateway answered {status}"),
    }
}
