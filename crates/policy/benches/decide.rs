//! How long a decision in line takes, and forty rules over one asset: `cargo bench -p stance-policy --bench decide`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures time and prints it"
)]

use std::time::Instant;

use serde_json::json;
use stance_policy::rego::Rego;
use stance_policy::{Asked, Bundle, Limits, Source, Version};

const GATE: &str = r#"package gateway
import rego.v1

default decision := {"action": "allow"}

decision := {"action": "deny", "rule": "no-shell"} if {
	input.tool == "shell"
	not input.identity.team == "platform"
} else := {"action": "ask", "rule": "large"} if {
	input.tokens > 10000
}
"#;

fn main() {
    let input = json!({
        "tool": "search", "tokens": 120, "model": "m-1",
        "identity": {"name": "app", "team": "web"},
    });
    measure(
        "one decision, on the caller's stack",
        GATE,
        "data.gateway.decision",
        &input,
        true,
    );
    measure(
        "one decision, on a thread of its own",
        GATE,
        "data.gateway.decision",
        &input,
        false,
    );
    let mut forty = String::from("package p\nimport rego.v1\n");
    for number in 0..40 {
        forty.push_str(&format!(
            "deny contains msg if {{\n\tsome port in input.ports\n\tport == {number}\n\tmsg := sprintf(\"port %d\", [port])\n}}\n"
        ));
    }
    let asset = json!({"ports": [1, 22, 80, 443, 8080], "name": "x"});
    measure(
        "forty rules over one asset",
        &forty,
        "data.p.deny",
        &asset,
        true,
    );
}

fn measure(name: &str, text: &str, rule: &str, input: &serde_json::Value, here: bool) {
    let sources = [Source::new("bench.rego", text)];
    let compiled = Bundle::compile(&Rego, &sources, json!({}), Version::V1, &Limits::default());
    let Ok(bundle) = compiled else {
        println!("{name}: does not compile: {compiled:?}");
        return;
    };
    let rules = [rule.to_owned()];
    let asked = Asked {
        here,
        ..Asked::new(&rules, Some(input))
    };
    let mut times = Vec::new();
    for _ in 0..20_000 {
        let start = Instant::now();
        let done = bundle.policy.evaluate(&asked);
        times.push(start.elapsed().as_nanos());
        assert!(done.is_ok_and(|it| it.values.len() == 1));
    }
    times.sort_unstable();
    println!(
        "{name}: median {} ns, 99 % within {} ns",
        times[times.len() / 2],
        times[times.len() * 99 / 100]
    );
}
