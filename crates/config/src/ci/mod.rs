//! Pipelines of CI services: the agents that run in them, what those may do and who sets them off,
//! and the steps that train, measure and ship models. A workflow without these is nothing of ours.

mod actions;
mod command;
mod grants;
mod installed;
mod pipeline;
mod strangers;
mod told;
mod tools;

use stance_code::names::{hub_model, provider_model};
use stance_core::asset::AssetKind;
use stance_core::fact::GapReason;
use stance_core::relation::RelationKind;
use stance_read::Inspector;
use stance_read::credential::Page;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::tree::{Node, Notation, Tree};

use crate::draft::{Draft, relate};
use command::Found;
use tools::Agent;

/// The parser of pipelines.
pub(crate) static INSPECTOR: Ci = Ci;

pub(crate) struct Ci;

/// Most agents and steps that are read of one file.
const MOST: usize = 500;

/// Keys under which scripts stand.
const SCRIPTS: &[&str] = &[
    "run",
    "script",
    "before_script",
    "after_script",
    "bash",
    "sh",
    "pwsh",
    "powershell",
    "inlineScript",
    "command",
    "commands",
];

/// Whether a file is a pipeline of a CI service in YAML, by where it has to stand.
fn is_pipeline(input: &Input<'_>) -> bool {
    let path = input.path();
    let name = input.file_name();
    matches!(input.extension(), "yml" | "yaml")
        && (path.starts_with(".github/")
            || path.contains("/.github/")
            || name.contains("gitlab-ci")
            || path.contains(".gitlab/ci/")
            || name.starts_with("azure-pipeline")
            || path.contains(".azuredevops/")
            || path.contains(".azure-pipelines/")
            || path.starts_with(".azdo/")
            || path.contains("/.azdo/")
            || path.contains(".circleci/")
            || path.contains(".buildkite/")
            || path.contains(".woodpecker/")
            || name == ".woodpecker.yml"
            || name == ".travis.yml"
            || name.starts_with("bitbucket-pipelines")
            || name.starts_with("cloudbuild")
            || matches!(name, "action.yml" | "action.yaml"))
}

fn is_jenkins(input: &Input<'_>) -> bool {
    let name = input.file_name();
    name == "Jenkinsfile" || name.starts_with("Jenkinsfile.") || input.extension() == "jenkinsfile"
}

impl Inspector for Ci {
    fn name(&self) -> &'static str {
        "ci pipeline"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.is_text() && (is_pipeline(input) || is_jenkins(input))
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        if is_jenkins(input) {
            let page = Page::new(input.path(), &text, Vec::new());
            let mut reader = Reader::new(&page, facts);
            reader.groovy();
            return;
        }
        let tree = Tree::parse(Notation::Yaml, text.as_str(), &input.options().limits);
        let page = Page::of_tree(input.path(), &text, &tree);
        for document in &tree.documents {
            let mut reader = Reader::new(&page, facts);
            reader.document(document);
            if !reader.told {
                reader.whole(document);
            }
        }
        tree.report("CI pipeline", input.path(), &text, facts);
    }
}

/// What is known about the place of a step.
#[derive(Clone, Default)]
struct Context {
    /// The job it belongs to.
    job: String,
    /// What sets the pipeline off.
    triggers: Vec<String>,
    /// What its token may write.
    writes: Vec<String>,
    /// Whether a condition looks at who asked.
    guarded: bool,
    /// Whether people who may not write can set it off.
    open: bool,
    /// The triggers that anybody can cause.
    open_triggers: Vec<String>,
    /// Whether what runs the agent looks at who asked by itself.
    checks: bool,
    /// Fields of the event that stand in what the agent is told.
    expressions: Vec<String>,
    /// Whether they stand in the script itself, so that the shell reads them too.
    in_script: bool,
}

struct Reader<'p, 'f, 'o> {
    page: &'p Page<'p>,
    facts: &'f mut Facts<'o>,
    left: usize,
    said: bool,
    /// Whether an agent or a step told what the pipeline does.
    told: bool,
}

impl<'p, 'f, 'o> Reader<'p, 'f, 'o> {
    fn new(page: &'p Page<'p>, facts: &'f mut Facts<'o>) -> Self {
        Self {
            page,
            facts,
            left: MOST,
            said: false,
            told: false,
        }
    }

    /// Takes one from what may be told of a file.
    fn may(&mut self, span: &std::ops::Range<usize>) -> bool {
        if self.left == 0 {
            if !self.said {
                self.said = true;
                let detail = format!("more than {MOST} agents and model steps in one pipeline");
                self.facts
                    .gap(GapReason::Limit, detail, self.page.evidence(span.clone()));
            }
            return false;
        }
        self.left = self.left.saturating_sub(1);
        true
    }

    fn document(&mut self, document: &Node) {
        let context = Context {
            triggers: actions::triggers(document),
            writes: actions::writes(document),
            open_triggers: strangers::open_triggers(document),
            ..Context::default()
        };
        if let Some(jobs) = document.get("jobs").filter(|jobs| jobs.is_object()) {
            for job in jobs.entries().iter().filter(|job| !job.shadowed) {
                let mut context = context.clone();
                context.job = job.key.to_string();
                if job.value.get("permissions").is_some() {
                    context.writes = actions::writes(&job.value);
                }
                context.guarded =
                    actions::is_guarded(&job.value) || strangers::checks_rights(&job.value);
                self.steps(&job.value, &context);
            }
            return;
        }
        for entry in document.entries() {
            let mut context = context.clone();
            context.job = entry.key.to_string();
            self.steps(&entry.value, &context);
        }
        for item in document.items() {
            self.steps(item, &context);
        }
    }

    /// The workflow itself, where none of its steps told what it does.
    fn whole(&mut self, document: &Node) {
        let file = self.page.path.rsplit('/').next().unwrap_or_default();
        let title = document.get("name").and_then(Node::as_str);
        let Some(role) = pipeline::purpose(file, title.unwrap_or_default()) else {
            return;
        };
        let Some(place) = pipeline::first_setting(self.page.text.as_str()) else {
            return;
        };
        Draft::new(
            AssetKind::Pipeline,
            self.page.path.to_string(),
            title.unwrap_or(file),
        )
        .relation(RelationKind::Contains)
        .role(role)
        .alias(file)
        .add(place, self.page, self.facts);
    }

    /// Steps anywhere below: every service nests them in its own way.
    fn steps(&mut self, below: &Node, context: &Context) {
        let mut open = vec![below];
        while let Some(node) = open.pop() {
            if let Some(uses) = node.get("uses") {
                self.action(uses, node, context);
            }
            for entry in node.entries().iter().rev().filter(|entry| !entry.shadowed) {
                if SCRIPTS.contains(&&*entry.key) {
                    self.script_node(&entry.value, node, context);
                }
                open.push(&entry.value);
            }
            open.extend(node.items().iter().rev());
        }
    }

    fn script_node(&mut self, node: &Node, step: &Node, context: &Context) {
        let mut context = context.clone();
        context.guarded |= actions::is_guarded(step);
        if let Some(script) = node.as_str() {
            self.script(script, node.span.clone(), Some(step), &context);
            crate::shell::tell(node.span.clone(), self.page, self.facts);
        }
        for item in node.items() {
            if let Some(script) = item.as_str() {
                self.script(script, item.span.clone(), Some(step), &context);
                crate::shell::tell(item.span.clone(), self.page, self.facts);
            }
        }
    }

    fn script(
        &mut self,
        script: &str,
        span: std::ops::Range<usize>,
        step: Option<&Node>,
        context: &Context,
    ) {
        let mut from = span.start;
        for (written, found) in command::of_script(script) {
            let rest = self
                .page
                .text
                .as_str()
                .get(from..span.end)
                .unwrap_or_default();
            let place = match rest.find(&written) {
                Some(at) => {
                    let start = from.saturating_add(at);
                    from = start.saturating_add(written.len());
                    start..from
                }
                None => span.clone(),
            };
            if !self.may(&place) {
                return;
            }
            self.told |= !matches!(found, Found::Package(_));
            match found {
                Found::Step(name, role) => self.step(name, role, place, context),
                Found::Package(package) => self.package(&package, place),
                Found::Agent(agent, words) => {
                    let key = format!("{}#{}", self.page.path, agent.client);
                    let draft = Draft::new(AssetKind::Agent, key, agent.client);
                    let mut context = context.clone();
                    if let Some(step) = step {
                        context.expressions = strangers::of_words(&words, step);
                        context.in_script = words.iter().any(|word| word.contains("${{"));
                    }
                    self.agent(agent, draft, &words, place, &context);
                }
            }
        }
    }

    /// An agent with what its arguments say.
    fn agent(
        &mut self,
        agent: &'static Agent,
        draft: Draft,
        words: &[String],
        place: std::ops::Range<usize>,
        context: &Context,
    ) {
        let tools = grants::allowed(words);
        let servers = command::flag(words, &["--mcp-config", "--additional-mcp-config"]);
        let path = servers.filter(|text| !text.trim_start().starts_with('{'));
        let mut draft = draft
            .relation(RelationKind::DependsOn)
            .vendor(Some(agent.vendor).filter(|vendor| !vendor.is_empty()))
            .role("ci")
            .with_some("mcp_config", path);
        if !context.job.is_empty() {
            draft = draft.with("job", context.job.as_str());
        }
        for (name, list) in [
            ("tools", &tools),
            ("triggers", &context.triggers),
            ("write_permissions", &context.writes),
            ("prompt_expressions", &context.expressions),
        ] {
            if !list.is_empty() {
                draft = draft.with(name, list.clone());
            }
        }
        if context.guarded {
            draft = draft.with("author_checked", true);
        }
        if context.in_script && !context.expressions.is_empty() {
            draft = draft.with("expressions_in_script", true);
        }
        if !context.open_triggers.is_empty() {
            draft = draft.with("open_triggers", context.open_triggers.clone());
            if !context.guarded && (context.open || !context.checks) {
                draft = draft.with("open_to", "anyone");
            }
        }
        let id = draft.add(place.clone(), self.page, self.facts);
        if let Some(written) = command::flag(words, &["--model", "-m"])
            && let Some(model) = provider_model(written)
        {
            let model =
                Draft::model(model, written)
                    .role("chat")
                    .add(place.clone(), self.page, self.facts);
            relate(
                &id,
                RelationKind::Calls,
                &model,
                place.clone(),
                self.page,
                self.facts,
            );
        }
        if let Some(inline) = servers.filter(|text| text.trim_start().starts_with('{')) {
            let evidence = self.page.evidence(place.clone());
            stance_code::mcp::declared_inside(agent.client, inline, &evidence, self.facts);
        }
        let inline = servers.unwrap_or_default();
        told::mcp_tools(&tools, inline, &place, self.page, self.facts);
        grants::of_words(agent, words, place, context.open, self.page, self.facts);
    }

    fn step(&mut self, name: &str, role: &str, place: std::ops::Range<usize>, context: &Context) {
        let kind = match role {
            "evaluation" => AssetKind::Evaluator,
            _ => AssetKind::Pipeline,
        };
        Draft::new(kind, format!("{}#{name}", self.page.path), name)
            .relation(RelationKind::Contains)
            .role(role)
            .with_some(
                "job",
                Some(context.job.as_str()).filter(|job| !job.is_empty()),
            )
            .add(place, self.page, self.facts);
    }

    fn action(&mut self, uses: &Node, step: &Node, context: &Context) {
        let Some(written) = uses.as_str() else { return };
        let (action, version) = match written.split_once('@') {
            Some((action, version)) => (action, Some(version)),
            None => (written, None),
        };
        if self.calls_agents(action, uses) {
            return;
        }
        if let Some((name, role)) = tools::STEP_ACTIONS.iter().find(|(name, _)| *name == action) {
            self.told = true;
            if self.may(&uses.span) {
                self.step(name, role, uses.span.clone(), context);
            }
            return;
        }
        if action == "actions/ai-inference" {
            if let Some(node) = step.path(&["with", "model"])
                && let Some(text) = node.as_str()
                && let Some(model) = provider_model(text).or_else(|| hub_model(text))
            {
                Draft::model(model, text)
                    .role("chat")
                    .with("through", "github")
                    .add(node.span.clone(), self.page, self.facts);
            }
            return;
        }
        let known = tools::AGENTS
            .iter()
            .find(|agent| agent.actions.contains(&action));
        let Some(agent) = known else { return };
        self.told = true;
        if !self.may(&uses.span) {
            return;
        }
        let mut draft = Draft::new(AssetKind::Agent, format!("pkg:github/{action}"), action)
            .alias(agent.client)
            .alias(action.rsplit('/').next().unwrap_or_default())
            .with_some("version", version);
        if let Some(version) = version {
            draft = draft.alias(&format!("{action}@{version}"));
        }
        let mut context = context.clone();
        context.guarded |= actions::is_guarded(step);
        let with = step.get("with");
        context.open = with.is_some_and(grants::is_open);
        context.checks = !agent.unchecked.contains(&action);
        context.expressions = with
            .map(|with| strangers::of_inputs(with, step))
            .unwrap_or_default();
        let arguments = with.and_then(|with| with.get_any(&["claude_args", "codex-args", "args"]));
        let mut words = command::words(arguments.and_then(Node::as_str).unwrap_or_default());
        if let Some(with) = with {
            words.extend(actions::as_words(with));
            words.extend(actions::tools_of_settings(agent, with));
        }
        self.agent(agent, draft, &words, uses.span.clone(), &context);
        if let Some(with) = with {
            actions::settings(agent, with, self.page, self.facts);
            told::prompts(with, &context.job, self.page, self.facts);
            grants::of_inputs(agent, with, self.page, self.facts);
        }
    }

    /// A Jenkinsfile: the scripts between its quotes, and the credentials it asks for.
    fn groovy(&mut self) {
        let text = self.page.text.as_str();
        let mut start = 0_usize;
        for line in text.split_inclusive('\n') {
            let trimmed = line.trim_start();
            if !trimmed.starts_with("//") && !trimmed.starts_with('*') {
                let plain = trimmed
                    .trim_start_matches(|c: char| c.is_ascii_alphabetic())
                    .trim_start_matches(['(', ' ']);
                let shell = ["sh", "bat", "powershell", "pwsh"]
                    .iter()
                    .any(|word| trimmed.starts_with(word));
                let script = if shell {
                    plain.trim_matches(['\'', '"', ')', '\n'])
                } else {
                    trimmed
                };
                self.script(
                    script,
                    start..start.saturating_add(line.len()),
                    None,
                    &Context::default(),
                );
                actions::jenkins_credential(line, start, self.page, self.facts);
            }
            start = start.saturating_add(line.len());
        }
    }
}

#[cfg(test)]
mod tests;
