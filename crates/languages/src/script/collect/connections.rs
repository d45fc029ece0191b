//! Servers of the Model Context Protocol that the program connects to.

use stance_code::mcp::package_of_command;
use stance_core::fact::{Fact, McpServer, McpTransport};
use stance_core::{AssetKind, How};
use stance_read::credential::{in_arguments, in_url, masked};

use super::agents::described;
use super::{Collector, Draft, is_name, short};
use crate::script::catalogue::Api;
use crate::script::known::{At, Known};
use crate::script::syntax::Span;
use crate::script::walk::Site;

impl Collector<'_> {
    /// Servers by name, as in `{ docs: { url: "https://…" } }`.
    pub(super) fn mcp_client(&mut self, site: &Site<'_>, api: &'static Api) {
        let mut found = site.option(api.option).map(|it| it.value.clone());
        for given in site.arguments {
            if found.is_none() {
                // Options of options: `query({ prompt, options: { mcpServers } })`.
                found = given
                    .value
                    .entry("options")
                    .and_then(|options| options.entry(api.option))
                    .cloned();
            }
        }
        if let Some(options) = site.option("options") {
            self.options_of_agent(options.value);
        }
        let Some(Known::Map(servers)) = found else {
            return;
        };
        for entry in servers.content.iter().take(256) {
            if let Known::Map(_) = entry.value {
                let value = entry.value.clone();
                self.connect(&entry.name, &|field| value.entry(field), &entry.at);
            }
        }
    }

    /// A server that gets its name by an assignment: `settings.mcpServers["docs"] = { command: "npx", … }`.
    pub(super) fn assigned_server(&mut self, name: &str, value: &Known, span: Span) {
        if let Known::Map(_) = value
            && is_name(name)
        {
            self.connect(name, &|field| value.entry(field), &At::Here(span));
        }
    }

    /// What `query` of the agent SDK is told of its model and sub-agents.
    fn options_of_agent(&mut self, options: &Known) {
        if let Some(Known::Text { text, how, at }) = options.entry("model")
            && let Some(draft) = super::models::provider_model(text, *how)
        {
            self.refer(draft.with("role", "chat"), at);
        }
        if let Some(Known::Map(agents)) = options.entry("agents") {
            for entry in agents.content.iter().take(64) {
                let draft = Draft::new(
                    AssetKind::Agent,
                    self.local_key(&entry.name),
                    &*entry.name,
                    How::Literal,
                )
                .with("role", "sub-agent");
                self.refer(described(draft, &entry.value), &entry.at);
            }
        }
    }

    /// One server, by the arguments of a call.
    pub(super) fn mcp_connection(&mut self, site: &Site<'_>) {
        let named = ["name", "serverLabel", "serverName"]
            .iter()
            .find_map(|name| site.option(name)?.value.as_text().map(str::to_owned));
        let assigned = site.assigned.filter(|name| {
            // What a variable for any server is called says nothing of this one.
            !matches!(
                *name,
                "transport" | "client" | "mcpClient" | "clientTransport" | "server"
            )
        });
        let name = named
            .or_else(|| assigned.map(str::to_owned))
            .or_else(|| what_is_run(site))
            .unwrap_or_else(|| site.assigned.unwrap_or(short(site.callee)).to_owned());
        let at = At::Here(site.callee_span);
        if let Some(Known::Text { text, .. }) = site.positional(0).map(|it| it.value)
            && text.contains("://")
        {
            let url = Known::text(text, How::Literal, at.clone());
            self.connect(&name, &|field| (field == "url").then_some(&url), &at);
            return;
        }
        let options = site
            .arguments
            .iter()
            .find(|it| matches!(it.value, Known::Map(_)));
        let Some(options) = options.map(|it| it.value.clone()) else {
            return;
        };
        let inner = options
            .entry("transport")
            .filter(|it| matches!(it, Known::Map(_)));
        let inner = inner.cloned().unwrap_or(options);
        self.connect(&name, &|field| inner.entry(field), &at);
    }

    fn connect<'k>(&mut self, name: &str, field: &dyn Fn(&str) -> Option<&'k Known>, at: &At) {
        let text = |name: &str| field(name).and_then(Known::as_text).map(str::to_owned);
        let full = text("fullCommand");
        let mut words: Vec<String> = match &full {
            Some(full) => full.split_whitespace().map(str::to_owned).collect(),
            None => text("command").into_iter().collect(),
        };
        let url = ["url", "serverUrl", "server_url"]
            .iter()
            .find_map(|name| text(name));
        let kind = text("transport").or_else(|| text("type"));
        let transport = match kind.as_deref() {
            Some("stdio") => McpTransport::Stdio,
            Some("sse") => McpTransport::Sse,
            Some("http" | "streamable_http" | "streamable-http" | "streamableHttp") => {
                McpTransport::Http
            }
            Some("websocket" | "ws") => McpTransport::Websocket,
            _ if !words.is_empty() => McpTransport::Stdio,
            _ if url.is_some() => McpTransport::Http,
            _ => return,
        };
        if words.is_empty() && url.is_none() {
            return;
        }
        if let Some(Known::List(list)) = field("args") {
            words.extend(
                list.content
                    .iter()
                    .map(|one| one.as_text().unwrap_or("?").to_owned()),
            );
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let evidence = self.evidence(at);
        let package = package_of_command(&words, evidence.clone());
        let arguments = words.get(1..).unwrap_or_default();
        let secrets = in_arguments(arguments);
        let shown = arguments.iter().enumerate().map(|(index, word)| {
            let here = secrets.iter().filter(|(at, _)| *at == index);
            let secrets: Vec<_> = here.map(|(_, found)| found.range.clone()).collect();
            masked(word, &secrets)
        });
        let server = McpServer {
            name: name.to_owned(),
            // The program itself is the client.
            client: String::new(),
            transport,
            arguments: shown.collect(),
            command: words.first().map(|word| (*word).to_owned()),
            url: url.map(|url| {
                let secrets: Vec<_> = in_url(&url).into_iter().map(|found| found.range).collect();
                masked(&url, &secrets)
            }),
            package,
            environment: Vec::new(),
            headers: Vec::new(),
            credentials: Vec::new(),
            auto_approved: Vec::new(),
            disabled: false,
            evidence,
        };
        self.facts.push(Fact::McpServer(Box::new(server)));
    }
}

/// What the command of a connection runs: the script, or the package behind a runner.
fn what_is_run(site: &Site<'_>) -> Option<String> {
    let arguments = site.option("args")?;
    let Known::List(list) = arguments.value else {
        return None;
    };
    let words = list.content.iter().filter_map(Known::as_text);
    let word = words
        .into_iter()
        .find(|word| !word.starts_with('-') && !matches!(*word, "run" | "exec" | "dlx"))?;
    let word = word.trim_start_matches("./");
    // A package without its version.
    let word = match word.rfind('@') {
        Some(at) if at > 0 => word.get(..at)?,
        _ => word,
    };
    (!word.is_empty()).then(|| word.to_owned())
}
