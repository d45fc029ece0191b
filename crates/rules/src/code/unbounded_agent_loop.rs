use stance_core::fact::{CodeCall, Value};
use stance_core::{Scope, Severity};
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # Agent that may go on for ever
    ///
    /// ## What it finds
    /// An agent whose bound on steps is taken away or set to 200 and more: `max_iterations=None` of LangChain,
    /// `recursion_limit` of LangGraph, `max_turns` of OpenAI's and Anthropic's SDKs, `max_iter` of CrewAI, `maxSteps` and
    /// `stepCountIs` of Vercel's AI SDK. And one that has no bound unless it is given: teams of AutoGen without
    /// `termination_condition` and `max_turns`, `LoopAgent` of Google's ADK without `max_iterations`, and agents of
    /// Anthropic's SDK that ask nobody before they act and have neither `max_turns` nor `max_budget_usd`.
    ///
    /// ## Why it matters
    /// A model that misunderstands a tool's answer calls it again, and each turn costs money and may write something.
    /// Somebody who can make it loop on purpose has a way to run up the bill.
    ///
    /// ## Example
    /// ```python
    /// executor = AgentExecutor(agent=agent, tools=tools, max_iterations=None)
    /// ```
    ///
    /// ## Fix
    /// Set a bound a little above what the task needs, a limit on time, and a budget of tokens for a user and a day.
    ///
    /// ## References
    /// - OWASP Top 10 for LLM Applications, Unbounded Consumption
    UnboundedAgentLoop {
        id: "code/unbounded-agent-loop",
        severity: Low,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM10",
            "owasp-llm-2026:LLM06",
            "mitre-atlas:AML.T0034.002",
            "nist-ai-rmf-1.0:MANAGE 1.4",
        ],
        bad: [
            crate::text!("a.ts", "import { generateText, stepCountIs } from 'ai';\nawait generateText({ model, prompt: 'x', stopWhen: stepCountIs(1000) });\n"),
            crate::text!("a.py", "from claude_agent_sdk import ClaudeAgentOptions\no = ClaudeAgentOptions(permission_mode='bypassPermissions')\n"),
            crate::text!("a.py", "from google.adk.agents import LoopAgent\nloop = LoopAgent(name='x', sub_agents=[])\n"),
            crate::text!("a.py", "from autogen_agentchat.teams import RoundRobinGroupChat\nteam = RoundRobinGroupChat([a, b])\n"),
            crate::text!("a.py", "from langchain.agents import AgentExecutor\ne = AgentExecutor(agent=a, tools=[], max_iterations=None)\n"),
            crate::text!("a.py", "from langgraph.prebuilt import create_react_agent\ng = create_react_agent('openai:gpt-4o', [])\ng.invoke({'x': 1}, {'recursion_limit': 1000})\n"),
            crate::text!("a.py", "from agents import Agent, Runner\nRunner.run_sync(Agent(name='a'), 'x', max_turns=1000)\n"),
        ],
        good: [
            crate::text!("a.ts", "import { generateText, stepCountIs } from 'ai';\nawait generateText({ model, prompt: 'x', stopWhen: stepCountIs(10) });\n"),
            crate::text!("a.py", "from google.adk.agents import LoopAgent\nloop = LoopAgent(name='x', sub_agents=[], max_iterations=5)\n"),
            crate::text!("a.py", "from autogen_agentchat.teams import RoundRobinGroupChat, SelectorGroupChat\nteam = RoundRobinGroupChat([a, b], termination_condition=done)\nother = SelectorGroupChat([a, b], model, max_turns=10)\n"),
            crate::text!("a.py", "from langchain.agents import AgentExecutor\ne = AgentExecutor(agent=a, tools=[], max_iterations=15)\n"),
            crate::text!("a.py", "from langgraph.prebuilt import create_react_agent\ng = create_react_agent('openai:gpt-4o', [])\ng.invoke({'x': 1}, {'recursion_limit': 50})\n"),
            crate::text!("a.py", "from ours import Runner\nRunner.run('x', max_turns=1000)\n"),
        ],
    }
}

impl Rule for UnboundedAgentLoop {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.AgentExecutor(max_iterations)",
            "*.initialize_agent(max_iterations)",
            "*.invoke(recursion_limit)",
            "*.ainvoke(recursion_limit)",
            "*.stream(recursion_limit)",
            "*.astream(recursion_limit)",
            "agents.Runner.run(max_turns)",
            "agents.Runner.run_sync(max_turns)",
            "claude_agent_sdk.ClaudeAgentOptions(max_turns)",
            "crewai.Agent(max_iter)",
            "*.invoke(recursionLimit)",
            "*.stream(recursionLimit)",
            "ai.generateText(maxSteps)",
            "ai.streamText(maxSteps)",
            "ai.stepCountIs",
            "@openai/agents.run(maxTurns)",
            "autogen_agentchat.teams.RoundRobinGroupChat",
            "autogen_agentchat.teams.SelectorGroupChat",
            "autogen_agentchat.teams.Swarm",
            "google.adk.agents.LoopAgent",
            "google.adk.agents.loop_agent.LoopAgent",
            "claude_agent_sdk.ClaudeAgentOptions",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        // A test ends with the test.
        if Scope::of_path(&call.evidence.path) == Scope::Test {
            return;
        }
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::Low);
        cx.report(&call.evidence, what).severity(severity);
    }
}

/// Why something has no bound that has none unless it is given.
fn never_bounded(call: &CodeCall) -> Option<&'static str> {
    if call.open_ended {
        return None;
    }
    let given = |name: &str| call.keyword(name).is_some_and(|value| *value != Value::Null);
    match crate::calls::last(&call.callee) {
        // The second argument of most is the condition.
        "RoundRobinGroupChat" | "SelectorGroupChat" | "Swarm" => {
            let second = usize::from(call.callee.ends_with("SelectorGroupChat")).saturating_add(1);
            let bounded = given("termination_condition") || given("max_turns") || call.positional(second).is_some();
            (!bounded).then_some("has neither `termination_condition` nor `max_turns` and never ends by itself")
        }
        "LoopAgent" => (!given("max_iterations")).then_some("has no `max_iterations`"),
        "ClaudeAgentOptions" => {
            let alone = call.keyword("permission_mode").and_then(Value::text) == Some("bypassPermissions");
            let bounded = given("max_turns") || given("max_budget_usd");
            (alone && !bounded).then_some("asks nobody and has neither `max_turns` nor `max_budget_usd`")
        }
        _ => None,
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    let large = |value: &Value| match value {
        Value::Integer(number) if *number >= 200 => Some(number.to_string()),
        _ => None,
    };
    let name = crate::calls::shown(&call.callee);
    if let Some(value) = call.keyword("max_iterations") {
        let bound = match value {
            Value::Null => Some("None".to_owned()),
            other => large(other),
        }?;
        return Some(format!("`{name}` has the bound `max_iterations={bound}`"));
    }
    if let Some(why) = never_bounded(call) {
        return Some(format!("`{name}` {why}"));
    }
    if call.callee == "ai.stepCountIs" {
        let bound = call.positional(0).and_then(large)?;
        return Some(format!("the agent stops after {bound} steps and no earlier: `stepCountIs`"));
    }
    for key in ["max_turns", "max_iter", "max_steps", "recursion_limit"] {
        if let Some(bound) = call.keyword(key).and_then(large) {
            return Some(format!("`{name}` has the bound `{key}={bound}`"));
        }
    }
    let config = call.argument(1, "config")?;
    let Value::Map(config) = config else { return None };
    let bound = config.get("recursion_limit").and_then(large)?;
    Some(format!("`{name}` has the bound `recursion_limit={bound}`"))
}
