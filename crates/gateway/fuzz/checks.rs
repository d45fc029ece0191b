//! What must hold for any bytes: run by the fuzzer, and by a plain test.

use std::sync::LazyLock;

use stance_gateway::judge::{Guarded, Interaction, Judge as _, Ruling, Subject};
use stance_guard::policy::{Policy, Preset};
use stance_wire::{
    Framing, Limits, Options, Route, Status, Stream, read_answer, read_request, recognise,
};

/// Between the request and the answer.
const BETWEEN: &[u8] = b"\n----\n";

static JUDGES: LazyLock<[Guarded; 2]> = LazyLock::new(|| {
    [Preset::Balanced, Preset::Strict].map(|preset| Guarded::new(Policy::preset(preset), (1, 2)))
});

/// The operations, and how their answers come.
const PATHS: [(&str, Framing); 6] = [
    ("/v1/chat/completions", Framing::Events),
    ("/v1/messages", Framing::Events),
    ("/v1/responses", Framing::Events),
    ("/v1beta/models/m:streamGenerateContent", Framing::Array),
    ("/model/m/converse-stream", Framing::Messages),
    ("/api/chat", Framing::Lines),
];

/// A request and its answer, whole or as a stream, under the guard. The first byte says which operation and preset. What comes out
/// is JSON where JSON went in; and of a stream the same, however it is cut, with the same decision for the same rules.
pub(crate) fn judged(data: &[u8]) {
    let Some((&head, rest)) = data.split_first() else {
        return;
    };
    let (path, framing) = PATHS[usize::from(head) % PATHS.len()];
    let judge = &JUDGES[usize::from(head) / PATHS.len() % JUDGES.len()];
    let Some(route) = recognise("POST", path, None) else {
        return;
    };
    let at = rest.windows(BETWEEN.len()).position(|it| it == BETWEEN);
    let (request, answer) = at.map_or((rest, &[][..]), |at| {
        (&rest[..at], &rest[at + BETWEEN.len()..])
    });
    let asked = || {
        let mut interaction = judge.begin(Subject::default());
        asked(&route, request, interaction.as_mut()).then_some(interaction)
    };
    let Some(mut interaction) = asked() else {
        return;
    };
    if let Ok(reading) = read_answer(&route, answer, &Limits::default()) {
        let _ = interaction.answered(&reading.exchange);
        let out = reading.rewrite(answer, interaction.answer());
        assert!(
            read_answer(&route, &out, &Limits::default()).is_ok(),
            "an answer became unreadable"
        );
    }
    let stream = |size: usize| {
        let mut interaction = asked()?;
        let mut stream = Stream::new(&route, framing, Options::default());
        let mut out = Vec::new();
        let mut status = Status::Open;
        for piece in answer.chunks(size.max(1)) {
            status = stream.push(piece, interaction.answer(), &mut out);
            if status == Status::Refused {
                break;
            }
        }
        if status != Status::Refused {
            status = stream.finish(interaction.answer(), &mut out);
        }
        let told = interaction.told();
        let rules: Vec<_> = told
            .reasons
            .iter()
            .map(|it| (it.rule.clone(), it.action))
            .collect();
        Some((out, status, told.decision, rules))
    };
    let whole = stream(answer.len());
    for size in [1, 7, 64] {
        assert_eq!(stream(size), whole, "in pieces of {size}");
    }
}

/// Has a request judged; gives whether it goes on.
fn asked(route: &Route, request: &[u8], interaction: &mut dyn Interaction) -> bool {
    let Ok(reading) = read_request(route, request, &Limits::default()) else {
        // What cannot be read is refused before it is judged.
        return request.is_empty();
    };
    let passes = interaction.request(&reading.exchange) == Ruling::Pass;
    let out = reading.rewrite(request, interaction.asked());
    assert!(
        read_request(route, &out, &Limits::default()).is_ok(),
        "a request became unreadable"
    );
    passes && !interaction.asked().blocks()
}
