//! Records of a log: what names them, which format is meant, and where those stand that nobody understands.

use serde_json::{Value, json};
use stance_telemetry::logs::{Format, Read, Reader, Unread};
use stance_telemetry::{Interaction, Limits};

fn read(text: &str, only: Option<Format>) -> (Read, Vec<Interaction>) {
    let mut told = Vec::new();
    let mut reader = Reader::new(Limits::default()).only(only);
    // In pieces that cross every line.
    for piece in text.as_bytes().chunks(11) {
        reader.feed(piece, &mut |it| told.push(it));
    }
    let read = reader.finish(&mut |it| told.push(it));
    (read, told)
}

fn names(text: &str) -> Vec<String> {
    let (_, told) = read(text, None);
    told.into_iter()
        .map(|it| it.record.expect("a name"))
        .collect()
}

fn helicone(id: &str, at: &str) -> Value {
    json!({ "request_id": id, "request_created_at": at, "provider": "OPENAI", "request_model": "wheel-1",
        "request_body": { "messages": [{ "role": "user", "content": "Where is it?" }] }, "response_status": 200 })
}

fn line_of_envoy(tokens: u64) -> Value {
    json!({ "start_time": "2026-11-27T02:00:00Z", "response_code": 200, "duration": 3, "gen_ai.request.model": "wheel-1",
        "gen_ai.usage.input_tokens": tokens, "x-envoy-origin-path": "/v1/chat/completions" })
}

#[test]
fn a_record_has_the_same_name_wherever_it_is_told() {
    let one = helicone("h1", "2026-11-27T02:00:00Z");
    let plain = names(&one.to_string());
    assert_eq!(plain[0].len(), 32);
    for text in [
        format!("{one}\n"),
        json!([one]).to_string(),
        json!({ "message": one.to_string() }).to_string(),
        serde_json::to_string_pretty(&json!({ "records": [one] })).expect("JSON"),
    ] {
        assert_eq!(names(&text), plain, "{text}");
    }
    // It is told again with more in it: the same record.
    let mut more = one.clone();
    more["response_body"] = json!({ "id": "chatcmpl-1" });
    assert_eq!(names(&more.to_string()), plain);
    // Another id, another time of the same id: other records.
    for other in [
        helicone("h2", "2026-11-27T02:00:00Z"),
        helicone("h1", "2026-11-27T02:00:01Z"),
    ] {
        assert_ne!(names(&other.to_string()), plain);
    }
}

#[test]
fn a_record_without_an_id_is_named_by_all_that_it_says() {
    let text = format!(
        "{}\n{}\n{}\n",
        line_of_envoy(4),
        line_of_envoy(4),
        line_of_envoy(5)
    );
    let names = names(&text);
    assert_eq!(names.len(), 3);
    assert_eq!(names[0], names[1]);
    assert_ne!(names[0], names[2]);
}

#[test]
fn lines_of_text_have_names_too() {
    let line = "2026-11-27T02:00:00Z\tinfo\trequest gateway=default/gw listener=http gen_ai.request.model=wheel-1 http.status=200";
    let text = format!("{line}\n{line}\n{line}0\n");
    let names = names(&text);
    assert!(names.len() == 3 && names[0] == names[1] && names[0] != names[2]);
}

#[test]
fn only_the_format_that_is_meant_is_read() {
    let text = helicone("h1", "2026-11-27T02:00:00Z").to_string();
    assert_eq!(read(&text, Some(Format::Helicone)).1.len(), 1);
    let (other, told) = read(&text, Some(Format::Kong));
    assert!(told.is_empty() && other.unknown.values().sum::<u64>() == 1);
    for format in Format::ALL {
        assert_eq!(Format::of_word(format.word()), Some(format));
    }
}

#[test]
fn what_nobody_understands_is_named_by_its_place() {
    let one = helicone("h1", "2026-11-27T02:00:00Z").to_string();
    let text = format!("{one}\nhello\n{{\"a\": 1}}\n[{one}, {{\"b\": 2}}]\n");
    let (told, found) = read(&text, None);
    assert_eq!(found.len(), 2);
    let place = |line, record, why| Unread { line, record, why };
    assert_eq!(
        told.unread,
        [
            place(2, None, "a line that is no JSON"),
            place(3, None, "a record of a format that is not known"),
            place(4, Some(2), "a record of a format that is not known"),
        ]
    );
    let many = "hello\n".repeat(500);
    let (told, _) = read(&many, None);
    assert_eq!(
        (told.unread.len(), told.unknown.values().sum::<u64>()),
        (50, 500)
    );
}

#[test]
fn a_webhook_of_helicone() {
    let record = json!({
        "request_id": "h1", "user_id": "mira", "model": "wheel-1", "provider": "OPENAI",
        "request_body": { "model": "wheel-1", "messages": [{ "role": "user", "content": "Where is it?" }] },
        "response_body": { "id": "chatcmpl-1", "choices": [{ "message": { "role": "assistant", "content": "On its way." } }] },
        "metadata": { "cost": 0.5, "promptTokens": 10, "completionTokens": 5, "totalTokens": 15, "latencyMs": 1500 },
    });
    let (read, told) = read(&record.to_string(), None);
    assert_eq!(read.formats.get(&Format::Helicone), Some(&1));
    let one = &told[0];
    assert_eq!(one.identity.user.as_deref(), Some("mira"));
    assert_eq!((one.usage.input, one.usage.output), (Some(10), Some(5)));
    assert_eq!(one.duration.map(|took| took.as_millis()), Some(1500));
    assert_eq!(one.response.parts[0].text, "On its way.");
}
