//! Which call of which package names which kind of asset: the table `script_calls.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a call names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// A model of a provider.
    Model,
    /// A model of the hub.
    HubModel,
    Agent,
    /// An agent whose name is that of what gets the compiled graph.
    Graph,
    Tool,
    McpServer,
    /// Servers by name that the program connects to.
    McpClient,
    /// One server that the program connects to.
    McpConnection,
    Store,
    Dataset,
    RemotePrompt,
    /// A prompt by name, an agent when it is given tools.
    Prompt,
    Guardrail,
    Evaluator,
    Pipeline,
}

/// A call that names an asset.
#[derive(Debug)]
pub(super) struct Api {
    modules: Vec<&'static str>,
    /// How the callee ends.
    pub name: &'static str,
    pub task: Task,
    /// The position of the argument, when it has one.
    pub position: Option<usize>,
    /// The option of an argument that is an object.
    pub option: &'static str,
    /// What a model is there for, or which technology a store is of.
    pub purpose: &'static str,
}

struct Table {
    apis: Vec<Api>,
    by_last: HashMap<&'static str, Vec<usize>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        apis: Vec::new(),
        by_last: HashMap::new(),
    };
    let lines = include_str!("../../tables/script_calls.tsv").lines();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let mut fields = line.split('\t');
        let mut next = || fields.next().unwrap_or_default();
        let (modules, names) = (next(), next());
        let task = match next() {
            "model" => Task::Model,
            "hub-model" => Task::HubModel,
            "agent" => Task::Agent,
            "graph" => Task::Graph,
            "tool" => Task::Tool,
            "mcp-server" => Task::McpServer,
            "mcp-client" => Task::McpClient,
            "mcp-connection" => Task::McpConnection,
            "store" => Task::Store,
            "dataset" => Task::Dataset,
            "remote-prompt" => Task::RemotePrompt,
            "prompt" => Task::Prompt,
            "guardrail" => Task::Guardrail,
            "evaluator" => Task::Evaluator,
            "pipeline" => Task::Pipeline,
            _ => continue,
        };
        let position = next().parse().ok();
        let (option, purpose) = (next(), next());
        for name in names.split(' ') {
            let number = table.apis.len();
            table
                .by_last
                .entry(last_part(name))
                .or_default()
                .push(number);
            table.apis.push(Api {
                modules: modules.split(' ').collect(),
                name,
                task,
                position,
                option,
                purpose,
            });
        }
    }
    table
});

/// The call that a callee is, and whether its package is known: a chain of methods on something unknown that only
/// calls of models have is one as well.
pub(super) fn api_of(callee: &str) -> Option<(&'static Api, bool)> {
    let table = &*TABLE;
    let candidates = table.by_last.get(last_part(callee))?;
    let all = || {
        candidates
            .iter()
            .filter_map(|number| table.apis.get(*number))
    };
    let exact = all().find(|api| {
        ends_with_parts(callee, api.name) && api.modules.iter().any(|it| lies_in(callee, it))
    });
    if let Some(api) = exact {
        return Some((api, true));
    }
    let chain = all().find(|api| {
        api.task == Task::Model
            && api.name.contains('.')
            && api
                .name
                .starts_with(|first: char| first.is_ascii_lowercase())
            && !callee.starts_with('.')
            && ends_with_parts(callee, api.name)
            && outside(callee, api.name)
    });
    chain.map(|api| (api, false))
}

/// Whether a call is one of the table by its last part, so that the rest of its path decides.
pub(super) fn may_be(callee: &str) -> bool {
    TABLE.by_last.contains_key(last_part(callee))
}

/// Whether what comes before the chain of methods may be a client that was handed over: nothing that is imported
/// from a package that we know to be another.
fn outside(callee: &str, name: &str) -> bool {
    let before = callee.strip_suffix(name).unwrap_or_default();
    before.starts_with(['?', '.', '/', '@', '~', '#']) || before.contains("()")
}

/// Whether a callee lies in a module: `openai.OpenAI().x` in `openai`.
fn lies_in(callee: &str, module: &str) -> bool {
    if let Some(prefix) = module.strip_suffix('*') {
        return callee.starts_with(prefix);
    }
    callee
        .strip_prefix(module)
        .is_some_and(|rest| rest.starts_with(['.', '(', '/']))
}

pub(super) fn ends_with_parts(callee: &str, name: &str) -> bool {
    callee
        .strip_suffix(name)
        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

pub(super) fn last_part(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

/// The module that a callee begins with: up to the first dot behind the package.
pub(super) fn module_of(callee: &str) -> &str {
    let slash = callee
        .find(['.', '('])
        .map_or(callee, |_| callee)
        .rfind('/')
        .map_or(0, |at| at.saturating_add(1));
    let rest = callee.get(slash..).unwrap_or_default();
    let end = rest
        .find(['.', '('])
        .map_or(callee.len(), |at| slash.saturating_add(at));
    callee.get(..end).unwrap_or(callee)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callee_is_found_by_its_package_or_by_a_chain_that_only_models_have() {
        for (callee, want) in [
            (
                "openai.OpenAI().chat.completions.create",
                Some((Task::Model, true)),
            ),
            (
                "?.client.chat.completions.create",
                Some((Task::Model, false)),
            ),
            ("@mastra/core/agent.Agent", Some((Task::Agent, true))),
            ("@other/agent.Agent", None),
            ("?.Agent", None),
            ("left-pad.completions.create", None),
            (
                "@modelcontextprotocol/sdk/server/mcp.McpServer",
                Some((Task::McpServer, true)),
            ),
        ] {
            let found = api_of(callee).map(|(api, known)| (api.task, known));
            assert_eq!(found, want, "{callee}");
        }
        assert_eq!(
            module_of("@mastra/core/agent.Agent().x"),
            "@mastra/core/agent"
        );
        assert_eq!(module_of("openai.OpenAI"), "openai");
    }
}
