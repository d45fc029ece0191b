//! Frames of streams.

use proptest::prelude::*;
use stance_wire::Fault;
use stance_wire::frame::{Framing, Spelling, Splitter};
use stance_wire::json::Edits;

/// The frames of a stream that comes in pieces: their bytes together, and names and data.
type Told = (Vec<u8>, Vec<(Option<String>, String)>);

fn split<'a>(framing: Framing, pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Told, Fault> {
    let mut splitter = Splitter::new(framing, 1 << 20);
    let mut raw = Vec::new();
    let mut told = Vec::new();
    let mut take = |splitter: &mut Splitter, last: bool| -> Result<(), Fault> {
        while let Some(frame) = splitter.next_frame(last)? {
            raw.extend_from_slice(frame.raw);
            if let Some(data) = &frame.data {
                let name = frame.name.as_deref().map(str::to_owned);
                told.push((name, String::from_utf8_lossy(data).into_owned()));
            }
        }
        Ok(())
    };
    for piece in pieces {
        splitter.push(piece);
        take(&mut splitter, false)?;
    }
    take(&mut splitter, true)?;
    Ok((raw, told))
}

fn data(told: &Told) -> Vec<&str> {
    told.1.iter().map(|(_, data)| data.as_str()).collect()
}

#[test]
fn events_end_in_all_kinds_of_lines() {
    for newline in ["\n", "\r\n", "\r"] {
        let text = ": hello\nretry: 5\n\nevent: a\ndata: {\"x\":1}\nid: 7\n\ndata:two\ndata\ndata: three\n\n: only a comment\n\n\ndata: \u{e9}\u{1f600}\n\ndata: no end";
        let text = format!("\u{feff}{}", text.replace('\n', newline));
        let whole = split(Framing::Events, [text.as_bytes()]).unwrap();
        assert_eq!(whole.0, text.as_bytes());
        assert_eq!(
            data(&whole),
            ["{\"x\":1}", "two\n\nthree", "\u{e9}\u{1f600}", "no end"]
        );
        assert_eq!(whole.1[0].0.as_deref(), Some("a"));
        assert_eq!(whole.1[1].0, None);
        let single = split(Framing::Events, text.as_bytes().chunks(1)).unwrap();
        assert_eq!(single, whole, "{newline:?}");
    }
}

#[test]
fn an_event_goes_on_before_the_next_one_comes() {
    for newline in ["\n", "\r\n", "\r"] {
        let mut splitter = Splitter::new(Framing::Events, 100);
        splitter.push(format!("data: 1{newline}{newline}").as_bytes());
        let frame = splitter.next_frame(false).unwrap().unwrap();
        assert_eq!(frame.data.as_deref(), Some(&b"1"[..]), "{newline:?}");
        assert!(splitter.next_frame(false).unwrap().is_none());
    }
}

#[test]
fn lines_and_arrays() {
    let text = "{\"a\":1}\r\n\n{\"b\":2}\n{\"c\":3}";
    let told = split(Framing::Lines, [text.as_bytes()]).unwrap();
    assert_eq!(data(&told), ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"]);
    assert_eq!(
        told,
        split(Framing::Lines, text.as_bytes().chunks(1)).unwrap()
    );
    let text = " [{\"a\":\"]}\\\"{\"}\n,\r\n{\"b\":[{}]} ] ";
    let told = split(Framing::Array, [text.as_bytes()]).unwrap();
    assert_eq!(told.0, text.as_bytes());
    assert_eq!(data(&told), ["{\"a\":\"]}\\\"{\"}", "{\"b\":[{}]}"]);
    let single = split(Framing::Array, text.as_bytes().chunks(1)).unwrap();
    assert_eq!((single.0, single.1), told);
    assert_eq!(
        split(Framing::Array, [&b"[1]"[..]]),
        Err(Fault::Array { at: 1 })
    );
    assert_eq!(
        split(Framing::Array, [&b"[{\"a\":"[..]]),
        Err(Fault::Truncated)
    );
    assert_eq!(
        data(&split(Framing::Array, [&b"{\"error\":{}}"[..]]).unwrap()),
        ["{\"error\":{}}"]
    );
}

#[test]
fn data_on_several_lines_is_rewritten_in_place() {
    for newline in ["\n", "\r\n", "\r"] {
        let text = "\u{feff}: c\nid: 1\ndata: {\ndata:  \"a\": \"x\"\nevent: e\ndata: }\n\n"
            .replace('\n', newline);
        let mut splitter = Splitter::new(Framing::Events, 1000);
        splitter.push(text.as_bytes());
        let frame = splitter.next_frame(false).unwrap().unwrap();
        let data = frame.data.clone().unwrap();
        assert_eq!(&*data, b"{\n \"a\": \"x\"\n}");
        let mut edits = Edits::default();
        edits.replace_text(8..11, "yy");
        let mut out = Vec::new();
        frame.rewrite(edits, &mut out);
        let expected = "\u{feff}: c\nid: 1\ndata: {\ndata:  \"a\": \"yy\"\ndata: }\nevent: e\n\n"
            .replace('\n', newline);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}

fn message(name: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Spelling::default().write(Framing::Messages, Some(name), payload, &mut out);
    out
}

#[test]
fn messages_have_the_bytes_that_others_write() {
    // As recorded of Bedrock.
    let bytes = message(
        "messageStart",
        br#"{"p":"abcdefghijklmnopqrst","role":"assistant"}"#,
    );
    assert_eq!(bytes[..12], *b"\x00\x00\x00\x91\x00\x00\x00R\x0c!\xe1\x11");
    assert_eq!(bytes[bytes.len() - 4..], *b"\xbf\x0f\x96H");
}

#[test]
fn messages_that_lie_are_refused() {
    let good = message("chunk", b"{}");
    let told = split(Framing::Messages, [&good[..]]).unwrap();
    assert_eq!(told.1, [(Some("chunk".to_owned()), "{}".to_owned())]);
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert_eq!(
            split(Framing::Messages, [&bad[..]]),
            Err(Fault::Checksum),
            "byte {at}"
        );
    }
    for length in 1..good.len() {
        assert_eq!(
            split(Framing::Messages, [&good[..length]]),
            Err(Fault::Truncated),
            "{length}"
        );
    }
    let prelude = |total: u32, headers: u32| {
        let mut out = [total.to_be_bytes(), headers.to_be_bytes()].concat();
        let sum = crc32fast::hash(&out);
        out.extend_from_slice(&sum.to_be_bytes());
        out.extend_from_slice(&[0; 8]);
        out
    };
    assert_eq!(
        split(Framing::Messages, [&prelude(u32::MAX, 0)[..]]),
        Err(Fault::Frame { limit: 1 << 20 })
    );
    assert_eq!(
        split(Framing::Messages, [&prelude(15, 0)[..]]),
        Err(Fault::Lengths)
    );
    assert_eq!(
        split(Framing::Messages, [&prelude(20, 5)[..]]),
        Err(Fault::Lengths)
    );
    assert_eq!(
        split(Framing::Messages, [&prelude(20, u32::MAX)[..]]),
        Err(Fault::Lengths)
    );
    // Headers whose lengths lead out of them.
    for headers in [&b"\x09:a"[..], b"\x01a\x07\xff\xff", b"\x01a\x63", b"\x01a"] {
        let total = u32::try_from(16 + headers.len()).unwrap();
        let mut out = [
            total.to_be_bytes(),
            u32::try_from(headers.len()).unwrap().to_be_bytes(),
        ]
        .concat();
        let sum = crc32fast::hash(&out);
        out.extend_from_slice(&sum.to_be_bytes());
        out.extend_from_slice(headers);
        let sum = crc32fast::hash(&out);
        out.extend_from_slice(&sum.to_be_bytes());
        assert_eq!(split(Framing::Messages, [&out[..]]), Err(Fault::Lengths));
    }
}

#[test]
fn frames_without_end_stop_at_the_limit() {
    for (framing, start) in [
        (Framing::Events, &b"data: "[..]),
        (Framing::Lines, b"{"),
        (Framing::Array, b"[{\""),
    ] {
        let mut splitter = Splitter::new(framing, 1000);
        splitter.push(start);
        let mut result = Ok(None);
        for _ in 0..300 {
            splitter.push(b"xxxxxxxx");
            result = splitter
                .next_frame(false)
                .map(|frame| frame.map(|frame| frame.raw.len()));
            if result.is_err() {
                break;
            }
        }
        assert_eq!(result, Err(Fault::Frame { limit: 1000 }), "{framing:?}");
        assert!(splitter.waiting().len() <= 1020);
    }
}

#[test]
fn content_types_are_told() {
    assert_eq!(
        Framing::of("text/event-stream; charset=utf-8"),
        Some(Framing::Events)
    );
    assert_eq!(Framing::of("application/X-NDJSON"), Some(Framing::Lines));
    assert_eq!(Framing::of("application/json"), None);
    for framing in [Framing::Events, Framing::Lines, Framing::Messages] {
        assert_eq!(Framing::of(framing.content_type()), Some(framing));
    }
}

fn bits() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "data: ",
        "data:",
        "event: x",
        "id",
        ":",
        "\n",
        "\r",
        "\r\n",
        "{\"a\":1}",
        "[DONE]",
        "[",
        "]",
        ",",
        " ",
        "\u{feff}",
        "\u{e9}",
    ]);
    prop::collection::vec(words, 0..40).prop_map(|words| words.concat().into_bytes())
}

proptest! {
    #[test]
    fn any_chunking_is_the_same(bytes in bits(), size in 1_usize..9) {
        for framing in [Framing::Events, Framing::Lines, Framing::Array] {
            let whole = split(framing, [&bytes[..]]);
            let pieces = split(framing, bytes.chunks(size));
            if let Ok((raw, _)) = &whole {
                prop_assert_eq!(raw, &bytes);
            }
            prop_assert_eq!(whole, pieces);
        }
    }
}
