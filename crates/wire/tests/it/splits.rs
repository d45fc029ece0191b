//! What a filter does to a stream is the same for all splits of its texts and of its bytes.

use stance_wire::{Filter, Framing, Identity, Options, Status, Stream};

use crate::filters::{Blocker, Hoarder, REDACTED, Redactor, Seen};
use crate::made::{ALL, Made};
use crate::walk;

/// Built here, so that it stands nowhere else.
fn marker() -> String {
    ["mar", "ma", "marker"].concat()
}

fn text(made: &Made) -> String {
    let words = format!("a \u{00e9}\u{1f600} mar {} end ma", marker());
    if made.key.kind == stance_wire::ChannelKind::Arguments {
        format!("{{\"q\": \"{words}\\\\n\"}}")
    } else {
        format!("{words}\n")
    }
}

fn run(made: &Made, pieces: &[Vec<u8>], filter: &mut dyn Filter) -> Vec<u8> {
    let mut stream = Stream::new(&made.route(), made.framing, Options::default());
    let mut out = Vec::new();
    for piece in pieces {
        assert_eq!(
            stream.push(piece, filter, &mut out),
            Status::Open,
            "{}",
            made.name
        );
    }
    assert_eq!(stream.finish(filter, &mut out), Status::Open);
    let lost = stream
        .exchange()
        .unjudged
        .iter()
        .find(|said| said.what.contains("held back"));
    assert_eq!(lost, None, "{}", made.name);
    out
}

/// What the channel of the fixture says.
fn said(made: &Made, bytes: &[u8]) -> String {
    let all = walk::stream(made.route().operation, made.framing, bytes);
    all.channels.get(&made.key).cloned().unwrap_or_default()
}

fn splits(text: &str) -> impl Iterator<Item = (&str, &str)> {
    (0..=text.len())
        .filter(|at| text.is_char_boundary(*at))
        .map(|at| text.split_at(at))
}

#[test]
fn fixtures_pass_as_they_are() {
    for made in ALL {
        let text = text(made);
        let pieces: Vec<&str> = text.split_inclusive(' ').collect();
        let bytes = made.bytes(&pieces);
        let mut seen = Seen::default();
        assert_eq!(
            run(made, std::slice::from_ref(&bytes), &mut seen),
            bytes,
            "{}",
            made.name
        );
        assert_eq!(seen.channels[&made.key], text, "{}", made.name);
        assert!(seen.finished.contains(&made.key), "{}", made.name);
        let single: Vec<Vec<u8>> = bytes.iter().map(|byte| vec![*byte]).collect();
        assert_eq!(run(made, &single, &mut Identity), bytes, "{}", made.name);
        for at in 0..bytes.len() {
            let (one, two) = bytes.split_at(at);
            let halves = [one.to_vec(), two.to_vec()];
            assert_eq!(
                run(made, &halves, &mut Identity),
                bytes,
                "{} at {at}",
                made.name
            );
        }
    }
}

#[test]
fn the_tool_of_arguments_is_told() {
    for made in ALL {
        let mut seen = Seen::default();
        run(made, &[made.bytes(&["{}"])], &mut seen);
        let named = [
            "chat, arguments",
            "messages, arguments",
            "responses, arguments",
        ];
        let tool = seen.tools.get(&made.key).map(String::as_str);
        assert_eq!(
            tool,
            named.contains(&made.name).then_some("f"),
            "{}",
            made.name
        );
    }
}

#[test]
fn a_marker_is_taken_out_wherever_the_text_is_split() {
    for made in ALL {
        let text = text(made);
        let clean = text.replace(&marker(), REDACTED);
        for (one, two) in splits(&text) {
            let events = made.events(&[one, two]);
            let out = run(made, &events, &mut Redactor::new(&marker()));
            assert_eq!(said(made, &out), clean, "{}: {one:?}", made.name);
            let found = String::from_utf8_lossy(&out).contains(&marker());
            assert!(!found || made.target.contains("/invoke"), "{}", made.name);
            // The same for bytes that come otherwise.
            let single: Vec<Vec<u8>> = events.concat().iter().map(|byte| vec![*byte]).collect();
            assert_eq!(run(made, &single, &mut Redactor::new(&marker())), out);
        }
        let characters: Vec<String> = text.chars().map(String::from).collect();
        let characters: Vec<&str> = characters.iter().map(String::as_str).collect();
        let out = run(
            made,
            &made.events(&characters),
            &mut Redactor::new(&marker()),
        );
        assert_eq!(said(made, &out), clean, "{}", made.name);
    }
}

#[test]
fn nothing_of_a_marker_leaves_early() {
    for made in ALL {
        let text = text(made);
        let clean = text.replace(&marker(), REDACTED);
        for (one, two) in splits(&text) {
            let mut filter = Redactor::new(&marker());
            let mut stream = Stream::new(&made.route(), made.framing, Options::default());
            let mut out = Vec::new();
            for event in made.events(&[one, two]) {
                stream.push(&event, &mut filter, &mut out);
                let mut so_far = out.clone();
                if made.framing == Framing::Array && !so_far.ends_with(b"]") {
                    so_far.push(b']');
                }
                let said = said(made, &so_far);
                assert!(clean.starts_with(&said), "{}: {said:?}", made.name);
            }
        }
    }
}

#[test]
fn what_is_held_back_goes_out_before_its_channel_ends() {
    for made in ALL {
        let text = text(made);
        let pieces: Vec<&str> = text.split_inclusive(' ').collect();
        let out = run(made, &[made.bytes(&pieces)], &mut Hoarder::default());
        assert!(out == made.bytes(&pieces), "{}", made.name);
        assert_eq!(said(made, &out), text, "{}", made.name);
        let plain = walk::stream(made.route().operation, made.framing, &made.bytes(&pieces));
        let held = walk::stream(made.route().operation, made.framing, &out);
        assert_eq!(held.usage, plain.usage, "{}", made.name);
        assert_eq!(held.ended, plain.ended, "{}", made.name);
        // What was made to carry it is no stranger to this reader.
        let mut seen = Seen::default();
        assert_eq!(run(made, std::slice::from_ref(&out), &mut seen), out);
        assert_eq!(seen.channels[&made.key], text, "{}", made.name);
        assert_eq!(
            seen.finished.iter().filter(|key| **key == made.key).count(),
            1,
            "{}",
            made.name
        );
    }
}

#[test]
fn what_is_held_back_goes_out_where_no_event_ends_the_stream() {
    for made in ALL {
        let events = made.events(&["abc ", "def"]);
        // All but what comes after the words.
        let mut seen = Seen::default();
        let mut until = 0;
        let mut stream = Stream::new(&made.route(), made.framing, Options::default());
        for event in &events {
            stream.push(event, &mut seen, &mut Vec::new());
            until += 1;
            if seen
                .channels
                .get(&made.key)
                .is_some_and(|text| text == "abc def")
            {
                break;
            }
        }
        let out = run(made, &events[..until], &mut Hoarder::default());
        let mut out = out;
        if made.framing == Framing::Array {
            out.push(b']');
        }
        assert_eq!(said(made, &out), "abc def", "{}", made.name);
    }
}

#[test]
fn a_blocked_stream_ends_in_the_error_of_its_dialect() {
    for made in ALL {
        let text = text(made);
        let events = made.events(&[&text]);
        let mut filter = Blocker::new(&marker());
        let options = Options {
            message: "Withheld.".to_owned(),
            ..Options::default()
        };
        let mut stream = Stream::new(&made.route(), made.framing, options);
        let mut out = Vec::new();
        for event in &events {
            stream.push(event, &mut filter, &mut out);
        }
        assert_eq!(
            stream.finish(&mut filter, &mut out),
            Status::Refused,
            "{}",
            made.name
        );
        let sent = String::from_utf8_lossy(&out).into_owned();
        assert!(sent.contains("Withheld."), "{}: {sent}", made.name);
        assert!(!sent.contains("[DONE]"), "{}", made.name);
        assert!(!sent.contains(&marker()), "{}", made.name);
        let mark = match made.target {
            "/v1/messages" | "/v1/complete" => "event: error\ndata: {\"type\":\"error\"",
            "/v1/responses" => "event: error\ndata: {\"type\":\"error\",\"code\"",
            "/v2/chat" => "\"finish_reason\":\"ERROR\"",
            "/v1/chat" => "\"finish_reason\":\"ERROR\"",
            "/api/chat" | "/api/generate" => "{\"error\":\"Withheld.\"}\n",
            "a2a" => "data: {\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{",
            target if target.starts_with("/model/") => ":exception-type",
            target if target.starts_with("/v1beta") => "\"status\":\"PERMISSION_DENIED\"",
            _ => "data: {\"error\":{",
        };
        assert!(sent.contains(mark), "{}: {sent}", made.name);
        assert_eq!(
            walk::stream(made.route().operation, made.framing, &out)
                .channels
                .get(&made.key),
            None.or(said_empty(made)).as_ref()
        );
    }
}

/// Blocks that begin with an empty text say so.
fn said_empty(made: &Made) -> Option<String> {
    let begins = made.target == "/v1/messages" || made.name == "invoke, anthropic";
    (begins && made.key.kind != stance_wire::ChannelKind::Arguments).then(String::new)
}

#[test]
fn what_blocks_at_the_very_end_is_not_followed_by_anything() {
    /// Knows only at the end.
    #[derive(Default)]
    struct Late(bool);
    impl Filter for Late {
        fn part(&mut self, _: &stance_core::exchange::Part) -> Option<String> {
            None
        }
        fn push(&mut self, _: &stance_wire::Channel, _: &str, _: &mut String) {}
        fn finish(&mut self, _: &stance_wire::Channel, _: &mut String) {
            self.0 = true;
        }
        fn blocks(&self) -> bool {
            self.0
        }
    }
    for made in ALL.iter().filter(|made| made.name == "chat, content") {
        let events = made.events(&["words"]);
        // Without the events that end the answers.
        let words: Vec<Vec<u8>> = [&events[..3], &events[events.len() - 1..]].concat();
        let mut late = Late::default();
        let mut stream = Stream::new(&made.route(), made.framing, Options::default());
        let mut out = Vec::new();
        for event in &words {
            stream.push(event, &mut late, &mut out);
        }
        assert_eq!(stream.status(), Status::Refused);
        let out = String::from_utf8(out).unwrap();
        assert!(out.ends_with("\"code\":\"content_blocked\"}}\n\n"), "{out}");
        assert!(!out.contains("words") && !out.contains("[DONE]"), "{out}");
    }
}
