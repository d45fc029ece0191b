use stance_core::fact::{Fact, GapReason, Service};

use stance_read::{Bytes, Interests, Limits, Options};

fn facts(text: &str) -> Vec<Fact> {
    let interests = Interests::default();
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: crate::PARSERS,
    };
    let report = stance_read::scan("docker-compose.gpu.yml", &Bytes(text.as_bytes()), &options);
    report.facts.into_iter().map(|(_, fact)| fact).collect()
}

fn services(text: &str) -> Vec<Service> {
    facts(text)
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::Service(service) => Some(*service),
            _ => None,
        })
        .collect()
}

#[test]
fn services_are_read_in_short_and_long_form() {
    let text = r#"
x-env: &env
  LOG: info
services:
  llm:
    image: ${REGISTRY:-ghcr.io}/vllm/vllm-openai:v0.6.2
    command: --model "Qwen/Qwen2.5-7B" --port 8000
    privileged: true
    network_mode: host
    ports:
      - "8000:8000"
      - target: 9000
        published: "9001"
        host_ip: 127.0.0.1
      - 7000
    environment:
      <<: *env
      VLLM_API_KEY: ${KEY}
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
      - models:/models
      - type: bind
        source: ./data
        target: /data
  app:
    build: .
    environment:
      - OPENAI_API_KEY=a8f3k2m9x7c4v1b6
      - EMPTY
models:
  small:
    model: ai/smollm2
"#;
    let all = facts(text);
    let found = services(text);
    let llm = &found[0];
    let image = llm.image.as_ref().unwrap();
    assert_eq!(
        (image.name.as_str(), image.pinned),
        ("ghcr.io/vllm/vllm-openai", true)
    );
    assert_eq!(
        llm.command,
        ["--model", "Qwen/Qwen2.5-7B", "--port", "8000"]
    );
    let ports: Vec<&str> = llm.ports.iter().map(|port| port.value.as_str()).collect();
    assert_eq!(ports, ["8000:8000", "127.0.0.1:9001:9000", "7000"]);
    let names: Vec<&str> = llm.environment.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["VLLM_API_KEY", "LOG"]);
    let mounts: Vec<&str> = llm.mounts.iter().map(|mount| mount.name.as_str()).collect();
    assert_eq!(mounts, ["/var/run/docker.sock", "./data"]);
    assert!(llm.host_network && llm.privileges.len() == 1);
    assert_eq!(llm.evidence.place(), "docker-compose.gpu.yml:6:12");

    assert_eq!(found[1].image, None);
    assert!(found[1].environment[0].inline_credential);
    assert!(!format!("{all:?}").contains("a8f3k2m9x7c4v1b6"));

    let models: Vec<&str> = all
        .iter()
        .filter_map(|fact| match fact {
            Fact::Reference(reference) if reference.kind == stance_core::AssetKind::Model => {
                Some(reference.key.as_str())
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        models,
        ["pkg:huggingface/Qwen/Qwen2.5-7B", "pkg:docker/ai/smollm2"]
    );
}

#[test]
fn what_came_before_a_mistake_stays() {
    let text = "services:\n  a:\n    image: ollama/ollama\n  b:\n    image: [\n  c: }\n";
    assert_eq!(services(text)[0].name, "a");
    assert!(
        facts(text)
            .iter()
            .any(|fact| matches!(fact, Fact::Gap(gap) if gap.reason == GapReason::Malformed))
    );
}

#[test]
fn billion_laughs_end_in_a_gap() {
    let mut text = String::from("services:\n  a:\n    image: ollama/ollama\nx0: &x0 [l, l]\n");
    for level in 1..60 {
        let before = level - 1;
        text += &format!(
            "x{level}: &x{level} [{}]\n",
            format!("*x{before},").repeat(9)
        );
    }
    assert_eq!(services(&text).len(), 1);
    assert!(
        facts(&text)
            .iter()
            .any(|fact| matches!(fact, Fact::Gap(gap) if gap.reason == GapReason::Limit))
    );
}

#[test]
fn images_of_mcp_servers_are_mcp_servers() {
    let text = "services:\n  graph:\n    image: mcp/neo4j-cypher:latest\n  tickets:\n    image: ghcr.io/acme/tickets-mcp-server:1.2.3\n  db:\n    image: acme/mcpd:1\n";
    let servers = facts(text).into_iter().filter_map(|fact| match fact {
        Fact::Reference(it) if it.kind == stance_core::AssetKind::McpServer => {
            Some(format!("{} {}", it.name, it.aliases.join(" ")))
        }
        _ => None,
    });
    let servers: Vec<String> = servers.collect();
    assert_eq!(
        servers,
        [
            "graph mcp/neo4j-cypher",
            "tickets ghcr.io/acme/tickets-mcp-server"
        ]
    );
}

#[test]
fn a_gateway_tells_its_servers_and_services_their_models() {
    use stance_core::AssetKind;
    let text = "services:\n  app:\n    environment:\n      - OPENAI_MODEL_NAME=gpt-4.1\n      - MODEL_TIMEOUT=gpt-free\n    models:\n      gemma:\n        endpoint_var: MODEL_RUNNER_URL\n  gateway:\n    image: docker/mcp-gateway:latest\n    command:\n      - --servers=duckduckgo,github\n      - --tools=search\nmodels:\n  gemma:\n    model: ai/gemma3-qat\n";
    let found: Vec<String> = facts(text)
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::Reference(it)
                if matches!(
                    it.kind,
                    AssetKind::McpServer | AssetKind::Model | AssetKind::Endpoint
                ) =>
            {
                Some(format!("{} {}", it.kind, it.name))
            }
            _ => None,
        })
        .collect();
    for wanted in [
        "model gpt-4.1",
        "model ai/gemma3-qat",
        "mcp_server duckduckgo",
        "mcp_server github",
        "endpoint MODEL_RUNNER_URL",
    ] {
        assert!(found.contains(&wanted.to_owned()), "{wanted}: {found:?}");
    }
    assert_eq!(found.len(), 5, "{found:?}");
}
