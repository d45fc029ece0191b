//! Servers of the Model Context Protocol: implemented here, or connected to.

use stance_core::fact::{Fact, McpServer, McpTransport};
use stance_core::{AssetKind, How, RelationKind};

use super::held::Decorated;
use super::{Collector, Draft, last_part, lies_in};
use crate::mcp::package;
use crate::python::catalogue::Api;
use crate::python::known::Known;
use crate::python::sink::{CallSite, Given};
use crate::python::syntax::Span;
use stance_read::credential::{in_arguments, in_url, masked};

impl Collector<'_> {
    /// A server that this program is.
    pub(super) fn mcp_server(&mut self, site: &CallSite<'_>, api: &'static Api) {
        if !lies_in(site.callee, api.root) {
            return;
        }
        let given = site.argument(api.position, api.keyword);
        let (name, how) = match given.map(|given| &given.value) {
            Some(Known::Text { text, how }) if (1..=120).contains(&text.len()) => {
                (text.to_string(), *how)
            }
            _ => (
                site.assigned.unwrap_or(last_part(site.callee)).to_owned(),
                How::Literal,
            ),
        };
        let mut draft = Draft::new(AssetKind::McpServer, self.local_key(&name), &name, how)
            .relation(RelationKind::Exposes)
            .with("implemented", true);
        // People call a server by its package as often as by the name it gives itself.
        let mut parts = self.place.path().rsplit('/');
        if let (Some(_), Some(package)) = (parts.next(), parts.next())
            && !matches!(package, "src" | "app" | "server")
        {
            let package = package.to_owned();
            draft = draft.alias(&package);
        }
        for (keyword, attribute) in [("host", "host"), ("transport", "transport")] {
            if let Some(Known::Text { text, .. }) = site.keyword(keyword).map(|it| &it.value) {
                draft = draft.with(attribute, &**text);
            }
        }
        self.refer(draft, &site.callee_span);
        // What it offers follows from a description of an interface that only the run knows.
        let of = match api.name {
            "FastMCP.from_openapi" => "an OpenAPI document",
            "FastMCP.from_fastapi" => "the routes of an application",
            _ => return,
        };
        let key = format!("unresolved/{}#tools", self.place.path());
        let draft = Draft::new(AssetKind::Tool, key, "tools", How::Unresolved)
            .relation(RelationKind::Exposes)
            .with("protocol", "mcp")
            .with("server", name.as_str())
            .with("unresolved", format!("made of {of} at run time"));
        self.refer(draft, &site.callee_span);
    }

    /// A function that a server offers as a resource, by its address.
    pub(super) fn resource(&mut self, site: &CallSite<'_>, function: &Decorated) -> bool {
        let Some((object, "resource")) = site.callee.rsplit_once('.') else {
            return false;
        };
        let object = last_part(object)
            .trim_end_matches("()")
            .to_ascii_lowercase();
        if !object.contains("mcp") {
            return false;
        }
        let given = site.argument(Some(0), "uri").map(|given| &given.value);
        let name = match given {
            Some(Known::Text { text, .. }) => text.to_string(),
            _ => function.name.clone(),
        };
        if self.resources.len() < 128 {
            self.resources.push(name);
        }
        true
    }

    /// Says of the server of the file which resources it offers, when there is just one.
    pub(super) fn settle_resources(&mut self) {
        if self.resources.is_empty() {
            return;
        }
        let resources = std::mem::take(&mut self.resources);
        let mut servers = self.facts.iter_mut().filter_map(|fact| match fact {
            Fact::Reference(reference) if reference.kind == AssetKind::McpServer => Some(reference),
            _ => None,
        });
        if let (Some(server), None) = (servers.next(), servers.next()) {
            server
                .attributes
                .insert("resources".to_owned(), resources.into());
        }
    }

    /// Servers by name, as in `{"docs": {"url": "https://…"}}`.
    pub(super) fn mcp_client(&mut self, site: &CallSite<'_>, api: &'static Api) {
        let Some(given) = site.argument(api.position, api.keyword) else {
            return;
        };
        let Known::Map(servers) = &given.value else {
            return;
        };
        for (name, entry) in servers.content.iter().take(256) {
            let fields = match entry {
                Known::Map(entry) => &entry.content,
                // `{"docs": StreamableHttpConnection(url="https://…")}`
                Known::Object(object) => &object.fields,
                _ => continue,
            };
            // The line of the name, when it stands in the argument as written.
            let source = self.place.source();
            let written = source.get(given.span.clone()).unwrap_or_default();
            let span = ['"', '\'']
                .iter()
                .find_map(|quote| written.find(&format!("{quote}{name}{quote}")))
                .map(|at| {
                    let start = given.span.start.saturating_add(at);
                    start..start.saturating_add(name.len()).saturating_add(2)
                });
            let span = span.unwrap_or_else(|| given.span.clone());
            self.connect(name, &|field| fields.get(field), &span);
        }
    }

    /// One server, by the arguments of a call.
    pub(super) fn mcp_connection(&mut self, site: &CallSite<'_>, api: &'static Api) {
        let Some(given) = site.argument(api.position, api.keyword) else {
            return;
        };
        let last = last_part(site.callee);
        let name = match site.keyword("name").map(|it| &it.value) {
            Some(Known::Text { text, .. }) => text.to_string(),
            _ => {
                // A variable tells most when it is called after the server, not after what it is.
                let assigned = site.assigned.filter(|name| !is_plumbing(name));
                let told = || self.server_name(site, given);
                let any = || site.assigned.map(str::to_owned);
                assigned
                    .map(str::to_owned)
                    .or_else(told)
                    .or_else(any)
                    .unwrap_or_else(|| last.to_owned())
            }
        };
        match &given.value {
            Known::Map(map) => {
                self.connect(&name, &|field| map.content.get(field), &site.callee_span);
            }
            Known::Object(object) => {
                // The parameters are a call of their own and reported there.
                let _ = object;
            }
            Known::Text { text, .. } if !text.is_empty() => {
                let remote = text.contains("://");
                let known = given.value.clone();
                let wanted = if remote { "url" } else { "command" };
                self.connect(
                    &name,
                    &|field| match field {
                        _ if field == wanted => Some(&known),
                        "command" | "url" => None,
                        _ => site.keyword(field).map(|it| &it.value),
                    },
                    &site.callee_span,
                );
            }
            _ => {}
        }
    }

    /// What to call a server that has no name: by its package, or by where it answers.
    fn server_name(&self, site: &CallSite<'_>, given: &Given<'_>) -> Option<String> {
        let fields = match &given.value {
            Known::Map(map) => Some(&map.content),
            _ => None,
        };
        let field = |name: &str| {
            let own = site.keyword(name).map(|given| &given.value);
            own.or_else(|| fields.and_then(|fields| fields.get(name)))
        };
        let text = |known: Option<&Known>| match known {
            Some(Known::Text { text, .. }) => Some(text.to_string()),
            _ => None,
        };
        let url =
            text(field("url")).or_else(|| text(Some(&given.value)).filter(|it| it.contains("://")));
        if let Some(url) = url {
            let (_, rest) = url.split_once("://")?;
            let host = rest.split(['/', '?']).next().unwrap_or_default();
            return Some(host.rsplit('@').next().unwrap_or_default().to_owned());
        }
        let mut words = vec![text(field("command")).or_else(|| text(Some(&given.value)))?];
        if let Some(Known::List(list)) = field("args") {
            let all = list.content.iter().map(|one| text(Some(one)));
            words.extend(all.map(|one| one.unwrap_or_else(|| "?".to_owned())));
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let at = self.place.evidence(site.callee_span.clone());
        let package = package::of_command(&words).and_then(|run| run.build(at));
        if let Some(package) = package {
            return Some(package.name);
        }
        // The script that an interpreter runs.
        let script = words
            .iter()
            .skip(1)
            .find(|word| !word.starts_with('-') && **word != "?")?;
        let file = script.rsplit(['/', '\\']).next().unwrap_or_default();
        Some(file.split('.').next().unwrap_or_default().to_owned()).filter(|name| !name.is_empty())
    }

    pub(super) fn connect<'k>(
        &mut self,
        name: &str,
        field: &dyn Fn(&str) -> Option<&'k Known>,
        span: &Span,
    ) {
        let text = |name: &str| match field(name) {
            Some(Known::Text { text, .. }) => Some(text.to_string()),
            _ => None,
        };
        let command = text("command");
        let url = text("url").or_else(|| text("server_url"));
        let transport = match text("transport").or_else(|| text("type")).as_deref() {
            Some("stdio") => McpTransport::Stdio,
            Some("sse") => McpTransport::Sse,
            Some("http" | "streamable_http" | "streamable-http") => McpTransport::Http,
            Some("websocket") => McpTransport::Websocket,
            _ if command.is_some() => McpTransport::Stdio,
            _ if url.is_some() => McpTransport::Http,
            _ => return,
        };
        let mut words: Vec<String> = command.iter().cloned().collect();
        if let Some(Known::List(list)) = field("args") {
            words.extend(list.content.iter().map(|one| match one {
                Known::Text { text, .. } => text.to_string(),
                _ => "?".to_owned(),
            }));
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let evidence = self.place.evidence(span.clone());
        let package = package::of_command(&words).and_then(|run| run.build(evidence.clone()));
        let server = McpServer {
            name: name.to_owned(),
            // The program itself is the client.
            client: String::new(),
            transport,
            arguments: shown(words.get(1..).unwrap_or_default()),
            command,
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

/// Whether a variable is called after what it is, rather than after the server.
fn is_plumbing(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words = [
        "mcp",
        "server",
        "servers",
        "client",
        "session",
        "params",
        "parameters",
        "connection",
        "connections",
        "config",
        "tools",
        "toolset",
        "toolsets",
        "transport",
        "stdio",
        "sse",
        "http",
        "self",
        "collection",
        "adapter",
    ];
    name.split('_')
        .all(|word| word.is_empty() || words.contains(&word))
}

/// Arguments with the credentials in them masked.
fn shown(words: &[&str]) -> Vec<String> {
    let found = in_arguments(words);
    let masked = words.iter().enumerate().map(|(index, word)| {
        let here = found.iter().filter(|(at, _)| *at == index);
        let secrets: Vec<_> = here.map(|(_, found)| found.range.clone()).collect();
        masked(word, &secrets)
    });
    masked.collect()
}
