//! What a decision costs in a session of realistic size, and what it costs to read a part into one.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

use std::hint::black_box;
use std::time::Instant;

use serde_json::json;
use stance_core::exchange::{Origin, Part};
use stance_guard::flow::capability::Described;
use stance_guard::flow::catalogue::schema::{Limits as SchemaLimits, Schema};
use stance_guard::flow::{Call, Capability, Key, Limits, Session, Source, decide};
use stance_guard::policy::{Policy, Preset};

const ROUNDS: usize = 2000;

fn part(origin: Origin, call: usize, text: String) -> Part {
    Part {
        origin,
        pointer: String::new(),
        tool: None,
        call: Some(call.to_string()),
        text,
    }
}

/// Some 4 KiB as tools give back: records, prose, addresses, some orders.
fn result(at: usize) -> String {
    let mut text = String::new();
    for line in 0..40 {
        let number = at * 1000 + line;
        text += &format!(
            "Record {number}: Anna{number}@corp.example wrote about order {number}77, total 12.50. Please reply soon and send the \
             signed papers to the office.\n"
        );
    }
    text
}

fn time(name: &str, mut each: impl FnMut()) {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            each();
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "{name:<44} median {:>8.1} µs   p99 {:>8.1} µs",
        times[ROUNDS / 2],
        times[ROUNDS * 99 / 100]
    );
}

fn main() {
    let policy = Policy::preset(Preset::Balanced);
    for results in [1, 10, 50] {
        let mut session = Session::new(Key(1, 2), Limits::default());
        let user = "Read the new records, then reply to Anna that the papers are on their way.";
        session.observe(
            &part(Origin::User, 0, user.to_owned()),
            Source::default(),
            &[],
        );
        for at in 0..results {
            let part = part(Origin::ToolResult, at, result(at));
            session.observe(&part, Source::default(), &[]);
        }
        let capability = Capability::of(&Described {
            name: "send_email",
            description: "Sends an e-mail to the given recipients.",
            ..Described::default()
        });
        let arguments = json!({
            "to": ["Anna3@corp.example"],
            "subject": "Your papers",
            "body": "Hello Anna, the signed papers are on their way and should arrive on Friday. Best regards",
        });
        let call = Call {
            tool: "send_email",
            server: Some("mail"),
            arguments: &arguments,
            capability: &capability,
            identity: Some("bot"),
        };
        let kib = results * result(0).len() / 1024;
        time(&format!("decision after {kib} KiB of results"), || {
            black_box(decide::decide(
                black_box(&session),
                black_box(&call),
                &policy,
            ));
        });
        if results == 10 {
            let mut at = 100;
            let size = result(0).len() as f64 / 1024.0;
            time(&format!("reading a result of {size:.1} KiB"), || {
                at += 1;
                let part = part(Origin::ToolResult, at, result(at % 7));
                let mut session = session.clone();
                session.observe(black_box(&part), Source::default(), &[]);
                black_box(&session);
            });
            time("of which copying the session", || {
                black_box(session.clone());
            });
            let stored = serde_json::to_string(&session).unwrap_or_default();
            println!(
                "a session of {kib} KiB remembers {} entries, {} KiB as JSON",
                session.remembered(),
                stored.len() / 1024
            );
        }
    }
    let schema = json!({
        "type": "object", "required": ["to", "body"], "additionalProperties": false,
        "properties": {
            "to": {"type": "array", "items": {"type": "string", "pattern": "^[^@ ]+@[^@ ]+$"}},
            "subject": {"type": "string", "maxLength": 200}, "body": {"type": "string"}
        }
    });
    let arguments =
        json!({"to": ["anna@corp.example"], "subject": "Papers", "body": "On their way"});
    if let Ok(schema) = Schema::new(&schema, SchemaLimits::default()) {
        time("arguments against a schema", || {
            black_box(schema.check(black_box(&arguments)));
        });
    }
}
