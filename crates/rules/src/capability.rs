//! What tools and servers let an agent do, as far as their names tell: read what is private, read what strangers
//! write, send something out, run commands, write files, remember. What a name does not tell is not claimed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use stance_core::fact::{Fact, McpServer, Reference};
use stance_core::{AssetId, AssetKind, Evidence, How, Snapshot};

/// Something an agent can do with a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Capability {
    /// Reads data of the user or the organisation.
    Private,
    /// Reads text that strangers write.
    Untrusted,
    /// Sends something to others.
    Outward,
    /// Runs commands or code.
    Shell,
    /// Writes files.
    Write,
    /// Writes what a later conversation reads.
    Memory,
}

use Capability::{Memory, Outward, Private, Shell, Untrusted, Write};

/// Tools of libraries, by the name of their class, in small letters and without `Tool` or `Tools` at the end.
const CLASSES: &[(&str, &[Capability])] = &[
    ("bash", &[Shell]),
    ("bravesearch", &[Untrusted]),
    ("duckdb", &[Private]),
    ("duckduckgo", &[Untrusted]),
    ("duckduckgosearch", &[Untrusted]),
    ("duckduckgosearchresults", &[Untrusted]),
    ("duckduckgosearchrun", &[Untrusted]),
    ("edit", &[Write]),
    ("email", &[Outward]),
    ("exa", &[Untrusted]),
    ("file", &[Private, Write]),
    ("fileread", &[Private]),
    ("filesearch", &[Private]),
    ("filewriter", &[Write]),
    ("firecrawl", &[Untrusted]),
    ("firecrawlscrapewebsite", &[Untrusted]),
    ("firecrawlsearch", &[Untrusted]),
    ("github", &[Untrusted, Outward]),
    ("gmail", &[Private, Untrusted, Outward]),
    ("gmailgetmessage", &[Private, Untrusted]),
    ("gmailgetthread", &[Private, Untrusted]),
    ("gmailsearch", &[Private, Untrusted]),
    ("gmailsendmessage", &[Outward]),
    ("gmailtoolkit", &[Private, Untrusted, Outward]),
    ("googlesearch", &[Untrusted]),
    ("googleserperrun", &[Untrusted]),
    ("hackernews", &[Untrusted]),
    ("localshell", &[Shell]),
    ("newspaper4k", &[Untrusted]),
    ("o365searchemails", &[Private, Untrusted]),
    ("o365sendmessage", &[Outward]),
    ("postgres", &[Private]),
    ("python", &[Shell]),
    ("pythonastrepl", &[Shell]),
    ("pythonrepl", &[Shell]),
    ("read", &[Private]),
    ("readfile", &[Private]),
    ("requestsget", &[Untrusted, Outward]),
    ("requestspost", &[Outward]),
    ("scrapewebsite", &[Untrusted, Outward]),
    ("serpapi", &[Untrusted]),
    ("serperdev", &[Untrusted]),
    ("shell", &[Shell]),
    ("slack", &[Private, Outward]),
    ("slackgetmessage", &[Private]),
    ("slacksendmessage", &[Outward]),
    ("sql", &[Private]),
    ("sqldatabasetoolkit", &[Private]),
    ("tavilysearch", &[Untrusted]),
    ("tavilysearchresults", &[Untrusted]),
    ("visitwebpage", &[Untrusted, Outward]),
    ("webfetch", &[Untrusted, Outward]),
    ("websearch", &[Untrusted]),
    ("websitesearch", &[Untrusted]),
    ("write", &[Write]),
    ("writefile", &[Write]),
];

/// Names of functions, as words with `_` between them; a whole name, or its beginning before another word.
const FUNCTIONS: &[(&str, &[Capability])] = &[
    ("add_comment_to_issue", &[Outward]),
    ("add_issue_comment", &[Outward]),
    ("add_memory", &[Memory]),
    ("apply_patch", &[Write]),
    ("bash", &[Shell]),
    ("brave_search", &[Untrusted]),
    ("browse_internet", &[Untrusted, Outward]),
    ("browse_page", &[Untrusted, Outward]),
    ("browse_url", &[Untrusted, Outward]),
    ("browse_web", &[Untrusted, Outward]),
    ("crawl_page", &[Untrusted, Outward]),
    ("crawl_site", &[Untrusted, Outward]),
    ("crawl_url", &[Untrusted, Outward]),
    ("crawl_website", &[Untrusted, Outward]),
    ("create_issue_comment", &[Outward]),
    ("create_tweet", &[Outward]),
    ("customer_lookup", &[Private]),
    ("duckduckgo_search", &[Untrusted]),
    ("edit_file", &[Write]),
    ("exec_command", &[Shell]),
    ("execute_bash", &[Shell]),
    ("execute_command", &[Shell]),
    ("execute_python", &[Shell]),
    ("execute_shell", &[Shell]),
    ("execute_sql", &[Private]),
    ("fetch_emails", &[Private, Untrusted]),
    ("fetch_page", &[Untrusted, Outward]),
    ("fetch_url", &[Untrusted, Outward]),
    ("fetch_webpage", &[Untrusted, Outward]),
    ("fetch_website", &[Untrusted, Outward]),
    ("get_calendar_events", &[Private]),
    ("get_customer", &[Private]),
    ("get_emails", &[Private, Untrusted]),
    ("get_unread_emails", &[Private, Untrusted]),
    ("gmail_search", &[Private, Untrusted]),
    ("gmail_send", &[Outward]),
    ("google_search", &[Untrusted]),
    ("internet_search", &[Untrusted]),
    ("list_calendar_events", &[Private]),
    ("list_emails", &[Private, Untrusted]),
    ("local_shell", &[Shell]),
    ("manage_memory", &[Memory]),
    ("memorize", &[Memory]),
    ("post_comment", &[Outward]),
    ("post_message", &[Outward]),
    ("post_tweet", &[Outward]),
    ("publish_post", &[Outward]),
    ("python_repl", &[Shell]),
    ("query_database", &[Private]),
    ("query_db", &[Private]),
    ("read_email", &[Private, Untrusted]),
    ("read_emails", &[Private, Untrusted]),
    ("read_file", &[Private]),
    ("read_files", &[Private]),
    ("read_inbox", &[Private, Untrusted]),
    ("read_url", &[Untrusted, Outward]),
    ("read_webpage", &[Untrusted, Outward]),
    ("remember", &[Memory]),
    ("reply_to_email", &[Outward]),
    ("run_bash", &[Shell]),
    ("run_command", &[Shell]),
    ("run_python", &[Shell]),
    ("run_shell", &[Shell]),
    ("run_shell_command", &[Shell]),
    ("run_sql", &[Private]),
    ("run_sql_query", &[Private]),
    ("run_terminal_command", &[Shell]),
    ("save_file", &[Write]),
    ("save_memory", &[Memory]),
    ("save_to_memory", &[Memory]),
    ("scrape_page", &[Untrusted, Outward]),
    ("scrape_site", &[Untrusted, Outward]),
    ("scrape_url", &[Untrusted, Outward]),
    ("scrape_web", &[Untrusted, Outward]),
    ("scrape_webpage", &[Untrusted, Outward]),
    ("scrape_webpages", &[Untrusted, Outward]),
    ("scrape_website", &[Untrusted, Outward]),
    ("search_email", &[Private, Untrusted]),
    ("search_emails", &[Private, Untrusted]),
    ("search_gmail", &[Private, Untrusted]),
    ("search_internet", &[Untrusted]),
    ("search_the_web", &[Untrusted]),
    ("search_web", &[Untrusted]),
    ("send_email", &[Outward]),
    ("send_mail", &[Outward]),
    ("send_slack_message", &[Outward]),
    ("send_sms", &[Outward]),
    ("send_telegram_message", &[Outward]),
    ("send_tweet", &[Outward]),
    ("send_webhook", &[Outward]),
    ("send_whatsapp_message", &[Outward]),
    ("shell", &[Shell]),
    ("shell_command", &[Shell]),
    ("sql_query", &[Private]),
    ("store_memory", &[Memory]),
    ("tavily_search", &[Untrusted]),
    ("update_memory", &[Memory]),
    ("visit_webpage", &[Untrusted, Outward]),
    ("web_search", &[Untrusted]),
    ("write_file", &[Write]),
    ("write_to_file", &[Write]),
];

/// What a tool of this name lets an agent do.
pub(crate) fn of_tool(name: &str) -> &'static [Capability] {
    let class = name.starts_with(|first: char| first.is_ascii_uppercase());
    if class {
        let lower = name.to_ascii_lowercase();
        let plain = lower.trim_end_matches('s');
        let plain = plain.strip_suffix("tool").unwrap_or(&lower);
        return find(CLASSES, plain);
    }
    let words = snake(name);
    let plain = words.strip_suffix("_tool").unwrap_or(&words);
    find(FUNCTIONS, plain)
}

fn find(table: &'static [(&str, &[Capability])], name: &str) -> &'static [Capability] {
    let found = table.iter().find(|(known, _)| *known == name);
    found.map_or(&[], |(_, capabilities)| capabilities)
}

/// `fetchUrl` and `fetch-url` as `fetch_url`.
fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len().saturating_add(4));
    let mut before_small = false;
    for character in name.chars() {
        if character.is_ascii_uppercase() && before_small {
            out.push('_');
        }
        before_small = character.is_ascii_lowercase() || character.is_ascii_digit();
        out.push(match character {
            '-' | '.' | ' ' => '_',
            other => other.to_ascii_lowercase(),
        });
    }
    out
}

static SERVERS: LazyLock<BTreeMap<&'static str, Vec<Capability>>> = LazyLock::new(|| {
    include_str!("../tables/mcp_servers.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, words)| {
            let all = words.split(' ').filter_map(|word| match word {
                "private" => Some(Private),
                "untrusted" => Some(Untrusted),
                "outward" => Some(Outward),
                "shell" => Some(Shell),
                "write" => Some(Write),
                "memory" => Some(Memory),
                _ => None,
            });
            (name, all.collect())
        })
        .collect()
});

/// What a well-known MCP server lets an agent do.
pub(crate) fn of_server(server: &McpServer) -> &'static [Capability] {
    let package = server.package.as_ref().map(|package| package.name.as_str());
    let host = server.url.as_deref().and_then(|url| {
        let (_, rest) = url.split_once("://")?;
        rest.split(['/', '?', ':']).next()
    });
    let found = package.or(host).and_then(|name| SERVERS.get(name));
    found.map_or(&[], Vec::as_slice)
}

/// One agent with what its tools let it do, each with the tool that does.
pub(crate) struct Able<'s> {
    /// Its asset.
    pub(crate) id: AssetId,
    /// What people call it.
    pub(crate) name: String,
    /// Where it is made or configured.
    pub(crate) evidence: &'s Evidence,
    /// By capability the first tool or server that gives it, with its place where that is another.
    tools: BTreeMap<Capability, (String, Option<&'s Evidence>)>,
}

impl<'s> Able<'s> {
    /// The tool that lets it do this.
    pub(crate) fn tool(&self, capability: Capability) -> Option<&(String, Option<&'s Evidence>)> {
        self.tools.get(&capability)
    }

    fn give(&mut self, name: &str, all: &[Capability], evidence: Option<&'s Evidence>) {
        for capability in all {
            self.tools
                .entry(*capability)
                .or_insert_with(|| (name.to_owned(), evidence));
        }
    }
}

/// The agents of a tree that have tools which tell something: those that code makes, and the clients whose files
/// configure servers.
pub(crate) fn agents(snapshot: &Snapshot) -> Vec<Able<'_>> {
    let mut found = Vec::new();
    let mut clients: BTreeMap<(&str, &str), Able<'_>> = BTreeMap::new();
    for observation in &snapshot.observations {
        match &observation.fact {
            Fact::Reference(reference) => found.extend(of_code(reference)),
            Fact::McpServer(server) if !server.disabled && !server.client.is_empty() => {
                let client = clients
                    .entry((&server.evidence.path, &server.client))
                    .or_insert_with(|| Able {
                        id: AssetId::new(AssetKind::Agent, &server.client),
                        name: server.client.clone(),
                        evidence: &server.evidence,
                        tools: BTreeMap::new(),
                    });
                client.give(&server.name, of_server(server), Some(&server.evidence));
            }
            _ => {}
        }
    }
    found.extend(clients.into_values());
    found.retain(|able| !able.tools.is_empty());
    found
}

fn of_code(reference: &Reference) -> Option<Able<'_>> {
    if reference.kind != AssetKind::Agent || matches!(reference.how, How::Import | How::Unresolved)
    {
        return None;
    }
    let role = reference.attributes.get("role").and_then(|it| it.as_str());
    // What an agent in CI may do stands in rules of their own.
    let tools = reference
        .attributes
        .get("tools")
        .filter(|_| role != Some("ci"))?;
    let mut able = Able {
        id: AssetId::new(AssetKind::Agent, &reference.key),
        name: reference.name.clone(),
        evidence: &reference.evidence,
        tools: BTreeMap::new(),
    };
    for name in tools.as_array()?.iter().filter_map(|name| name.as_str()) {
        able.give(name, of_tool(name), None);
    }
    Some(able)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_a_tool_does_or_nothing() {
        for (name, want) in [
            ("send_email", &[Outward][..]),
            ("sendEmail", &[Outward]),
            ("send-email", &[Outward]),
            ("fetch_url_tool", &[Untrusted, Outward]),
            ("WebSearchTool", &[Untrusted]),
            ("TavilySearch", &[Untrusted]),
            ("read_file", &[Private]),
            ("send_answer", &[]),
            ("search", &[]),
            ("get_weather", &[]),
            ("ShellTool", &[Shell]),
            ("Shellfish", &[]),
            ("DuckDuckGoTools", &[Untrusted]),
            ("TavilySearchResults", &[Untrusted]),
            ("Bash", &[Shell]),
            ("WebFetch", &[Untrusted, Outward]),
            ("Writer", &[]),
        ] {
            assert_eq!(of_tool(name), want, "{name}");
        }
    }

    #[test]
    fn every_server_of_the_table_can_do_something() {
        assert!(SERVERS.values().all(|all| !all.is_empty()));
        let lines = include_str!("../tables/mcp_servers.tsv").lines();
        assert_eq!(
            lines.filter(|line| !line.starts_with('#')).count(),
            SERVERS.len()
        );
    }
}
