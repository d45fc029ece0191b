//! Facts besides the words, each in the first dialect that has it.

use super::Source;
use crate::attributes::Attributes;
use crate::interaction::{Agent, Cost, Identity, Interaction, Mcp, Operation, Service, Tool};
use crate::json;
use crate::value::Value;

/// What a resource says about itself.
pub(super) fn service(resource: &Attributes<'_>) -> Service {
    Service {
        name: resource.label(&["service.name"]),
        version: resource.label(&["service.version"]),
        environment: resource.label(&["deployment.environment.name", "deployment.environment"]),
        instance: resource.label(&[
            "service.instance.id",
            "k8s.pod.name",
            "container.id",
            "host.name",
        ]),
        library: None,
    }
}

/// Takes them all.
pub(super) fn facts(source: &Source<'_, '_>, interaction: &mut Interaction) {
    let all = source.attributes;
    interaction.provider = all.label(&[
        "gen_ai.provider.name",
        "gen_ai.system",
        "llm.provider",
        "llm.system",
    ]);
    models(source, interaction);
    interaction.answer = all.label(&["gen_ai.response.id"]);
    interaction.conversation = all.label(&[
        "gen_ai.conversation.id",
        "session.id",
        "langfuse.session.id",
        "traceloop.association.properties.session_id",
        "traceloop.association.properties.conversation_id",
        "traceloop.association.properties.thread_id",
    ]);
    interaction.identity = identity(all);
    interaction.agent = agent(all);
    interaction.workflow = all.label(&["gen_ai.workflow.name", "traceloop.workflow.name"]);
    interaction.data_source = all.label(&["gen_ai.data_source.id"]);
    interaction.mcp = mcp(all);
    interaction.tool = tool(all, &interaction.operation);
    usage(all, interaction);
    interaction.finish_reasons = finish_reasons(source);
    settings(all, interaction);
}

fn models(source: &Source<'_, '_>, interaction: &mut Interaction) {
    let all = source.attributes;
    // OpenInference has the model that answered in `llm.model_name`, and the one that was asked among the parameters.
    let parameters = [
        "llm.invocation_parameters",
        "embedding.invocation_parameters",
    ];
    let asked = || {
        let (_, value) = all.first(&parameters)?;
        let value = json::parse(value.text()?.as_bytes(), source.limits).ok()?;
        value.get("model")?.label()
    };
    interaction.asked = all
        .label(&["gen_ai.request.model", "llm.request.model_name"])
        .or_else(asked)
        .or_else(|| {
            all.label(&[
                "embedding.model_name",
                "reranker.model_name",
                "llm.model_name",
            ])
        });
    interaction.answered = all.label(&[
        "gen_ai.response.model",
        "llm.response.model_name",
        "llm.model_name",
    ]);
}

fn identity(all: &Attributes<'_>) -> Identity {
    Identity {
        user: all.label(&[
            "enduser.id",
            "user.id",
            "user.email",
            "user.name",
            "gen_ai.user",
            "gen_ai.request.user",
            "llm.user",
            "langfuse.user.id",
            "traceloop.association.properties.user_id",
            "metadata.user_api_key_user_email",
            "metadata.user_api_key_user_id",
            "metadata.user_api_key_end_user_id",
        ]),
        key: all.label(&["metadata.user_api_key_alias", "metadata.user_api_key_hash"]),
        group: all.label(&[
            "metadata.user_api_key_team_alias",
            "metadata.user_api_key_team_id",
            "metadata.user_api_key_org_id",
            "traceloop.association.properties.organization_id",
        ]),
        address: all.label(&["client.address", "metadata.requester_ip_address"]),
    }
}

fn agent(all: &Attributes<'_>) -> Option<Agent> {
    let is_agent = all.get("traceloop.span.kind").and_then(Value::text) == Some("agent");
    let entity = || {
        is_agent
            .then(|| all.label(&["traceloop.entity.name"]))
            .flatten()
    };
    let agent = Agent {
        id: all.label(&["gen_ai.agent.id"]),
        name: all
            .label(&["gen_ai.agent.name", "agent.name"])
            .or_else(entity),
        version: all.label(&["gen_ai.agent.version"]),
    };
    (agent != Agent::default()).then_some(agent)
}

fn mcp(all: &Attributes<'_>) -> Option<Mcp> {
    let mcp = Mcp {
        method: all.label(&["mcp.method.name"]),
        session: all.label(&["mcp.session.id"]),
        protocol: all.label(&["mcp.protocol.version"]),
        resource: all.label(&["mcp.resource.uri"]),
        prompt: all.label(&["gen_ai.prompt.name", "mcp.prompt.name"]),
        request: all.label(&["jsonrpc.request.id", "mcp.request.id"]),
        server: all.label(&["mcp.provider.name", "mcp.server.name"]),
    };
    // Prompts and requests have names outside of the protocol too.
    let any = mcp.method.is_some()
        || mcp.session.is_some()
        || mcp.protocol.is_some()
        || mcp.resource.is_some();
    any.then_some(mcp)
}

fn tool(all: &Attributes<'_>, operation: &Operation) -> Option<Tool> {
    let entity = || {
        let is_tool = all.get("traceloop.span.kind").and_then(Value::text) == Some("tool");
        is_tool
            .then(|| all.label(&["traceloop.entity.name"]))
            .flatten()
    };
    let is_run = *operation == Operation::ExecuteTool;
    let name = all
        .label(&["gen_ai.tool.name", "tool.name", "mcp.tool.name"])
        .or_else(entity)
        .filter(|_| is_run)?;
    Some(Tool {
        name,
        call: all.label(&["gen_ai.tool.call.id", "tool.id", "tool_call.id"]),
        kind: all.label(&["gen_ai.tool.type"]),
        description: all.label(&["gen_ai.tool.description", "tool.description"]),
    })
}

fn usage(all: &Attributes<'_>, interaction: &mut Interaction) {
    let usage = &mut interaction.usage;
    usage.input = all.count(&[
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "llm.token_count.prompt",
        "llm.usage.prompt_tokens",
    ]);
    usage.output = all.count(&[
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "llm.token_count.completion",
        "llm.usage.completion_tokens",
    ]);
    usage.cached = all.count(&[
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "llm.token_count.prompt_details.cache_read",
    ]);
    usage.reasoning = all.count(&[
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "llm.token_count.completion_details.reasoning",
    ]);
    interaction.cost = Cost::dollars(all.number(&[
        "llm.cost.total",
        "gen_ai.usage.cost",
        "gen_ai.cost.total_cost",
    ]));
}

fn finish_reasons(source: &Source<'_, '_>) -> Vec<String> {
    let all = source.attributes;
    let names = [
        "gen_ai.response.finish_reasons",
        "llm.finish_reason",
        "llm.response.finish_reason",
        "llm.response.stop_reason",
        "anthropic.message.stop_reason",
    ];
    let Some((_, value)) = all.first(&names) else {
        return Vec::new();
    };
    match value {
        Value::List(items) => items.iter().filter_map(Value::label).collect(),
        // LiteLLM writes the list as JSON.
        Value::Text(text) if text.starts_with('[') => {
            let list = json::parse(text.as_bytes(), source.limits).unwrap_or_default();
            list.items().iter().filter_map(Value::label).collect()
        }
        value => value.label().into_iter().collect(),
    }
}

fn settings(all: &Attributes<'_>, interaction: &mut Interaction) {
    let request = &mut interaction.request;
    request.model.clone_from(&interaction.asked);
    request.limit = all.count(&["gen_ai.request.max_tokens", "llm.request.max_tokens"]);
    request.answers = all.count(&["gen_ai.request.choice.count"]);
    let streaming = [
        "gen_ai.request.stream",
        "gen_ai.is_streaming",
        "llm.is_streaming",
    ];
    let truth = |name: &&str| all.get(name).and_then(Value::truth) == Some(true);
    request.stream = streaming.iter().any(truth);
    let response = &mut interaction.response;
    response.model.clone_from(&interaction.answered);
    response.usage = interaction.usage;
    response.ended = interaction.finish_reasons.first().cloned();
}
