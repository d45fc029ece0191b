//! What is asked and answered: pieces, sizes, tokens, cost and times.

use stance_core::exchange::{Origin, Usage};
use stance_core::traffic::{Piece, Seen};

use super::Random;
use super::programs::Program;

/// A piece without its words.
pub(super) fn piece(origin: Origin, answer: bool, pointer: &str, bytes: u64) -> Piece {
    Piece {
        origin,
        answer,
        pointer: pointer.to_owned(),
        tool: None,
        call: None,
        bytes,
        text: None,
    }
}

/// The pieces of a request.
pub(super) fn asked(random: &mut Random, program: &Program) -> Vec<Piece> {
    match program.operation {
        "embeddings" => vec![piece(
            Origin::Document,
            false,
            "/input/0",
            900 + random.below(3_000),
        )],
        "tools/call" => vec![piece(
            Origin::ToolArguments,
            false,
            "/params/arguments",
            40 + random.below(200),
        )],
        _ => {
            let mut pieces = vec![
                piece(Origin::Operator, false, "/messages/0/content", 1_840),
                piece(
                    Origin::User,
                    false,
                    "/messages/1/content",
                    60 + random.below(600),
                ),
            ];
            if random.below(3) == 0 {
                let mut result = piece(
                    Origin::ToolResult,
                    false,
                    "/messages/3/content",
                    400 + random.below(6_000),
                );
                result.tool = program.tools.first().map(|tool| (*tool).to_owned());
                result.call = Some(format!("call_{}", random.below(90_000) + 10_000));
                pieces.push(result);
            }
            pieces
        }
    }
}

/// The pieces of the answer, and the tools that it calls.
pub(super) fn answered(random: &mut Random, program: &Program, seen: &mut Seen) {
    let is_chat = !matches!(program.operation, "embeddings" | "tools/call");
    seen.stream = is_chat && random.below(4) > 0;
    if !program.model.is_empty() {
        seen.model = Some(program.model.to_owned());
        seen.answered = seen.model.clone();
        seen.provider = Some(program.place.to_owned());
    }
    if is_chat {
        seen.pieces.push(piece(
            Origin::Model,
            true,
            "/choices/0/message/content",
            120 + random.below(1_600),
        ));
    }
    let calls = program.operation == "tools/call" || (is_chat && random.below(5) < 2);
    if let (true, Some(tool)) = (calls, random.pick(program.tools)) {
        seen.calls.push((*tool).to_owned());
        if is_chat {
            let mut arguments = piece(
                Origin::ToolArguments,
                true,
                "/choices/0/message/tool_calls/0/function/arguments",
                30 + random.below(160),
            );
            arguments.tool = Some((*tool).to_owned());
            seen.pieces.push(arguments);
        }
    }
}

/// Sizes, tokens, cost and times.
pub(super) fn used(random: &mut Random, program: &Program, seen: &mut Seen) {
    let bytes = |answer: bool| -> u64 {
        let pieces = seen.pieces.iter().filter(|piece| piece.answer == answer);
        pieces.map(|piece| piece.bytes).sum()
    };
    let (request, answer) = (bytes(false), bytes(true));
    (seen.request_bytes, seen.answer_bytes) = (request + 420, answer + 260);
    if !program.model.is_empty() {
        let tokens_out = (program.operation != "embeddings").then_some(answer / 4 + 8);
        seen.usage = Usage {
            input: Some(request / 4 + 20),
            output: tokens_out,
            cached: (request > 3_000).then_some(request / 8),
            reasoning: None,
        };
        seen.cost = program.price.map(|(of_request, of_answer)| {
            (request / 4 * of_request + tokens_out.unwrap_or(0) * of_answer) / 1_000
        });
    }
    let first = 90_000 + random.below(500_000);
    let slow = if random.below(40) == 0 { 9 } else { 1 };
    seen.first_byte_us = Some(first * slow);
    seen.total_us = Some(first * slow + answer * (900 + random.below(400)));
    seen.judging_us = Some(28 + request / 60 + random.below(70) * slow);
}
