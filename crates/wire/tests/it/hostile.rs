//! Bytes that are meant to do harm, made by code.

use stance_wire::frame::Spelling;
use stance_wire::{
    Fault, Framing, Identity, Limits, Options, Route, Status, Stream, Unreadable, fuzzing,
    read_answer, read_request, recognise,
};

use crate::made::ALL;

fn chat() -> Route {
    recognise("POST", "/v1/chat/completions", None).unwrap()
}

fn run(
    route: &Route,
    framing: Framing,
    options: Options,
    bytes: &[u8],
) -> (Status, Vec<u8>, Vec<String>) {
    let mut stream = Stream::new(route, framing, options);
    let mut out = Vec::new();
    for piece in bytes.chunks(1000) {
        stream.push(piece, &mut Identity, &mut out);
    }
    let status = stream.finish(&mut Identity, &mut out);
    let said = stream
        .exchange()
        .unjudged
        .iter()
        .map(|said| said.what.clone())
        .collect();
    (status, out, said)
}

fn pass() -> Options {
    Options {
        unreadable: Unreadable::Pass,
        ..Options::default()
    }
}

#[test]
fn what_cannot_be_read_is_refused_or_said() {
    let good = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n";
    for bad in [
        "{\"choices\":[",
        "not json",
        "{\"a\":\"\\x\"}",
        &"[".repeat(100_000),
    ] {
        let bytes = format!("{good}data: {bad}\n\n{good}");
        let (status, out, said) = run(&chat(), Framing::Events, pass(), bytes.as_bytes());
        assert_eq!((status, out), (Status::Open, bytes.clone().into_bytes()));
        assert!(said[0].starts_with("an event that cannot be read"));
        let (status, out, _) = run(
            &chat(),
            Framing::Events,
            Options::default(),
            bytes.as_bytes(),
        );
        let out = String::from_utf8(out).unwrap();
        assert_eq!(status, Status::Refused);
        assert!(
            out.starts_with(good) && out.ends_with("\"code\":\"content_blocked\"}}\n\n"),
            "{out}"
        );
    }
}

#[test]
fn truncated_streams_of_every_dialect_pass_as_far_as_they_came() {
    for made in ALL {
        let bytes = made.bytes(&["one ", "two"]);
        for length in (0..bytes.len()).step_by(7) {
            let cut = &bytes[..length];
            let (status, out, _) = run(&made.route(), made.framing, pass(), cut);
            assert_eq!(status, Status::Open);
            assert_eq!(out, cut, "{} at {length}", made.name);
        }
    }
}

#[test]
fn damaged_streams_of_every_dialect_pass_or_are_refused() {
    for made in ALL {
        let bytes = made.bytes(&["one ", "two"]);
        for at in (0..bytes.len()).step_by(5) {
            for with in [0_u8, b'"', b'{', 0xff, b'\n'] {
                let mut bad = bytes.clone();
                bad[at] = with;
                let (_, out, _) = run(&made.route(), made.framing, pass(), &bad);
                assert_eq!(out, bad, "{} at {at}", made.name);
                run(&made.route(), made.framing, Options::default(), &bad);
            }
        }
    }
}

#[test]
fn a_frame_without_end_is_given_up() {
    let options = |unreadable| Options {
        unreadable,
        limits: Limits {
            frame: 5000,
            ..Limits::default()
        },
        ..Options::default()
    };
    let bytes = [
        &b"data: {\"choices\":[{\"delta\":{\"content\":\""[..],
        &[b'x'; 20_000],
    ]
    .concat();
    let (status, out, said) = run(&chat(), Framing::Events, options(Unreadable::Pass), &bytes);
    assert_eq!((status, out == bytes), (Status::Open, true));
    assert_eq!(said.len(), 1);
    let (status, out, _) = run(
        &chat(),
        Framing::Events,
        options(Unreadable::Refuse),
        &bytes,
    );
    assert_eq!(status, Status::Refused);
    assert!(out.starts_with(b"data: {\"error\""));
}

#[test]
fn channels_without_end_are_bounded() {
    let bytes: String = (0..3000)
        .map(|at| {
            format!(
                "data: {{\"choices\":[{{\"index\":{at},\"delta\":{{\"content\":\"x\"}}}}]}}\n\n"
            )
        })
        .collect();
    let (status, _, said) = run(
        &chat(),
        Framing::Events,
        Options::default(),
        bytes.as_bytes(),
    );
    assert_eq!(status, Status::Refused);
    assert!(said[0].contains("more than 1024 channels"), "{said:?}");
    let (status, out, said) = run(&chat(), Framing::Events, pass(), bytes.as_bytes());
    assert_eq!(
        (status, out.len(), said.len()),
        (Status::Open, bytes.len(), 1)
    );
}

#[test]
fn what_is_not_judged_is_listed_within_a_limit() {
    let many: Vec<String> = (0..5000).map(|at| format!("\"f{at}\":\"x\"")).collect();
    let body = format!("{{{}}}", many.join(","));
    let reading = read_request(&chat(), body.as_bytes(), &Limits::default()).unwrap();
    let said = &reading.exchange.unjudged;
    assert_eq!(said.len(), 257);
    assert_eq!(said[256].what, "more than can be listed");
}

#[test]
fn whole_bodies_that_are_no_json_are_faults() {
    let limits = Limits::default();
    for bad in [&b""[..], b"<html>", b"{\"model\":", b"\xff\xfe{}"] {
        assert!(matches!(
            read_request(&chat(), bad, &limits),
            Err(Fault::Json { .. })
        ));
        assert!(matches!(
            read_answer(&chat(), bad, &limits),
            Err(Fault::Json { .. })
        ));
    }
    // Any JSON is read by any dialect.
    for odd in [
        "null",
        "[]",
        "3",
        "\"x\"",
        "{\"messages\":3,\"choices\":{},\"content\":[[[]]],\"input\":[null,{}],\"contents\":[[]]}",
    ] {
        for made in ALL {
            read_request(&made.route(), odd.as_bytes(), &limits).unwrap();
            read_answer(&made.route(), odd.as_bytes(), &limits).unwrap();
        }
    }
}

#[test]
fn bytes_that_are_no_utf8_are_said_and_pass() {
    let body = b"{\"messages\":[{\"role\":\"user\",\"content\":\"a\xff\"}]}";
    let reading = read_request(&chat(), body, &Limits::default()).unwrap();
    assert_eq!(reading.exchange.parts[0].text, "a\u{fffd}");
    assert_eq!(reading.exchange.unjudged[0].what, "bytes that are no UTF-8");
    assert_eq!(&*reading.rewrite(body, &mut Identity), body);
}

#[test]
fn a_role_that_stands_twice_is_said() {
    let body = br#"{"messages":[{"role":"system","content":"x","role":"user"}]}"#;
    let reading = read_request(&chat(), body, &Limits::default()).unwrap();
    assert_eq!(reading.exchange.unjudged[0].pointer, "/messages/0/role");
}

#[test]
fn base64_that_is_none_is_an_event_that_cannot_be_read() {
    let route = recognise("POST", "/model/m/invoke-with-response-stream", None).unwrap();
    let mut bytes = Vec::new();
    let mut spelling = Spelling::default();
    spelling.write(
        Framing::Messages,
        Some("chunk"),
        br#"{"bytes":"%%%"}"#,
        &mut bytes,
    );
    let (status, out, said) = run(&route, Framing::Messages, pass(), &bytes);
    assert_eq!((status, out, said.len()), (Status::Open, bytes.clone(), 1));
    let (status, ..) = run(&route, Framing::Messages, Options::default(), &bytes);
    assert_eq!(status, Status::Refused);
}

/// Inputs of the fuzz targets that once were interesting, and some that are made here.
#[test]
fn the_fuzz_targets_hold() {
    let mut inputs: Vec<Vec<u8>> = vec![
        Vec::new(),
        vec![0xff; 64],
        b"data: {}\r\n\r\n".to_vec(),
        b"[[[[{\"a\":[1,2]}".to_vec(),
    ];
    for made in ALL {
        let bytes = made.bytes(&["one ", "two"]);
        inputs.push(bytes.clone());
        inputs.extend((1..bytes.len()).step_by(31).map(|at| bytes[at..].to_vec()));
    }
    for target in fuzzing::TARGETS {
        for input in &inputs {
            for head in 0..80_u8 {
                let data = [&[head][..], input].concat();
                if let Err(broken) = fuzzing::run(target, &data).unwrap() {
                    panic!(
                        "{target} {head}: {broken}: {:?}",
                        String::from_utf8_lossy(input)
                    );
                }
                if head > 2 && *target != "stream" && *target != "body" {
                    break;
                }
            }
        }
    }
    assert!(fuzzing::run("nothing", b"").is_none());
}
