//! Entry for fuzzers: one reader, any bytes. The first byte chooses the dialect and the framing.

use stance_core::exchange::Part;

use crate::dialect::{Operation, Route};
use crate::filter::{Channel, Filter, Identity};
use crate::frame::{Framing, Splitter};
use crate::json::{Document, encode};
use crate::stream::{Options, Status, Stream, Unreadable};
use crate::{Limits, read_answer, read_request, rpc};

/// The readers, by the name of their fuzz target.
pub const TARGETS: &[&str] = &["body", "frame", "json", "rpc", "stream"];

/// Every dialect.
const OPERATIONS: [Operation; 20] = [
    Operation::ChatCompletions,
    Operation::Completions,
    Operation::FillInTheMiddle,
    Operation::Responses,
    Operation::Embeddings,
    Operation::Messages,
    Operation::CountTokens,
    Operation::Complete,
    Operation::GenerateContent,
    Operation::EmbedContent,
    Operation::Converse,
    Operation::Invoke,
    Operation::CohereChat,
    Operation::CohereChatV1,
    Operation::CohereGenerate,
    Operation::CohereEmbed,
    Operation::CohereRerank,
    Operation::OllamaChat,
    Operation::OllamaGenerate,
    Operation::A2a,
];

const FRAMINGS: [Framing; 4] = [
    Framing::Events,
    Framing::Lines,
    Framing::Messages,
    Framing::Array,
];

/// Runs the reader whose fuzz target is called `target`. `None` when there is no such reader; an error when it broke a
/// promise.
///
/// # Errors
///
/// Which promise.
pub fn run(target: &str, data: &[u8]) -> Option<Result<(), String>> {
    let (head, rest) = data.split_first().unwrap_or((&0, &[]));
    let head = usize::from(*head);
    let pick = |length: usize| head.checked_rem(length).unwrap_or(0);
    let operation = OPERATIONS.get(pick(OPERATIONS.len())).copied();
    let turn = head.checked_div(OPERATIONS.len()).unwrap_or(0);
    let framing = FRAMINGS.iter().cycle().nth(turn).copied();
    let route = Route::new(operation.unwrap_or(Operation::Mcp));
    let framing = framing.unwrap_or(Framing::Events);
    Some(match target {
        "body" => body(&route, rest),
        "frame" => frame(framing, rest),
        "json" => json(rest),
        "rpc" => {
            let limits = Limits::default();
            let _ = rpc::messages(rest, &limits);
            let _ = rpc::read(&Route::a2a(), rest, |id| Some(id.to_owned()), &limits);
            let _ = rpc::batch(rest, &limits);
            if let Ok(Some(fewer)) = rpc::without_tools(rest, &limits, |name| name.len() > 4)
                && let Err(fault) = Document::read(&fewer, &limits)
            {
                return Some(Err(format!("no JSON without some tools: {fault}")));
            }
            body(&Route::mcp(), rest)
        }
        "stream" => stream(&route, framing, rest),
        _ => return None,
    })
}

fn same(one: &[u8], other: &[u8], what: &str) -> Result<(), String> {
    if one == other {
        Ok(())
    } else {
        Err(what.to_owned())
    }
}

fn body(route: &Route, bytes: &[u8]) -> Result<(), String> {
    let limits = Limits::default();
    for read in [read_request, read_answer] {
        let Ok(reading) = read(route, bytes, &limits) else {
            continue;
        };
        same(
            &reading.rewrite(bytes, &mut Identity),
            bytes,
            "a body changed",
        )?;
        let changed = reading.rewrite(bytes, &mut Shout);
        Document::read(&changed, &limits).map_err(|fault| format!("no JSON any more: {fault}"))?;
    }
    Ok(())
}

fn json(bytes: &[u8]) -> Result<(), String> {
    let Ok(document) = Document::read(bytes, &Limits::default()) else {
        return Ok(());
    };
    for text in document.root().strings().take(100) {
        let mut again = Vec::new();
        let told = text.text().unwrap_or_default();
        encode(&told, &mut again);
        let once_more = Document::read(&again, &Limits::default()).map_err(|it| it.to_string())?;
        let read = once_more.root().text().unwrap_or_default().into_owned();
        same(read.as_bytes(), told.as_bytes(), "a text changed")?;
        let _ = text.pointer();
    }
    Ok(())
}

fn frame(framing: Framing, bytes: &[u8]) -> Result<(), String> {
    let mut all = Vec::new();
    for size in [bytes.len().max(1), 1, 3] {
        let mut splitter = Splitter::new(framing, 1 << 16);
        let mut out = Vec::new();
        let mut fault = None;
        for piece in bytes.chunks(size).map(Some).chain([None]) {
            splitter.push(piece.unwrap_or_default());
            while fault.is_none() {
                match splitter.next_frame(piece.is_none()) {
                    Ok(Some(frame)) => out.extend_from_slice(frame.raw),
                    Ok(None) => break,
                    Err(found) => fault = Some(found),
                }
            }
        }
        out.extend_from_slice(&splitter.give_up());
        same(&out, bytes, "frames lost bytes")?;
        all.push(fault);
    }
    let one = all.windows(2).all(|pair| pair.first() == pair.last());
    // How much came at once decides when a frame is seen to be too long.
    let long = bytes.len() > 1 << 16;
    if one || long {
        Ok(())
    } else {
        Err(format!("chunking matters: {all:?}"))
    }
}

fn stream(route: &Route, framing: Framing, bytes: &[u8]) -> Result<(), String> {
    let run = |size: usize, unreadable: Unreadable, filter: &mut dyn Filter| {
        let options = Options {
            unreadable,
            ..Options::default()
        };
        let mut stream = Stream::new(route, framing, options);
        let mut out = Vec::new();
        for piece in bytes.chunks(size) {
            if stream.push(piece, filter, &mut out) == Status::Refused {
                break;
            }
        }
        stream.finish(filter, &mut out);
        out
    };
    let whole = bytes.len().max(1);
    same(
        &run(whole, Unreadable::Pass, &mut Identity),
        bytes,
        "a stream changed",
    )?;
    same(
        &run(1, Unreadable::Pass, &mut Identity),
        bytes,
        "a stream changed",
    )?;
    let refused = run(whole, Unreadable::Refuse, &mut Identity);
    same(
        &run(2, Unreadable::Refuse, &mut Identity),
        &refused,
        "chunking matters",
    )?;
    let shouted = run(whole, Unreadable::Pass, &mut Shout);
    same(
        &run(5, Unreadable::Pass, &mut Shout),
        &shouted,
        "chunking matters",
    )
}

/// Changes every text, and has a last word on every channel.
struct Shout;

impl Filter for Shout {
    fn part(&mut self, part: &Part) -> Option<String> {
        Some(part.text.to_uppercase())
    }

    fn push(&mut self, _: &Channel, text: &str, out: &mut String) {
        out.push_str(&text.to_uppercase());
    }

    fn finish(&mut self, _: &Channel, out: &mut String) {
        out.push('!');
    }
}
