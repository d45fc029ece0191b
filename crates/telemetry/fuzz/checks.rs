//! What must hold for any bytes: run by the fuzzer, and by a plain test on captures and what is made of them.

use stance_telemetry::logs::Reader;
use stance_telemetry::{Interaction, Limits, genai, otlp};

fn limits() -> Limits {
    Limits {
        bytes: 1 << 20,
        values: 20_000,
        records: 1000,
        ..Limits::default()
    }
}

/// Every signal in every encoding: reading ends, and what is read can be told.
pub(crate) fn otlp(data: &[u8]) {
    let limits = limits();
    for export in [
        otlp::protobuf::traces(data, limits),
        otlp::json::traces(data, limits),
    ]
    .into_iter()
    .flatten()
    {
        let read = genai::traces(&export, limits);
        let told = read.interactions.len() as u64;
        assert_eq!(told + read.passed + read.folded, export.len() as u64);
        read.interactions.iter().for_each(tell);
    }
    for export in [
        otlp::protobuf::logs(data, limits),
        otlp::json::logs(data, limits),
    ]
    .into_iter()
    .flatten()
    {
        genai::logs(&export, limits)
            .interactions
            .iter()
            .for_each(tell);
    }
    for export in [
        otlp::protobuf::metrics(data, limits),
        otlp::json::metrics(data, limits),
    ]
    .into_iter()
    .flatten()
    {
        let _ = genai::metrics(&export);
    }
}

fn tell(interaction: &Interaction) {
    let limits = limits();
    for exchange in [&interaction.request, &interaction.response] {
        assert!(exchange.parts.len() <= limits.parts);
        assert!(
            exchange
                .parts
                .iter()
                .all(|part| part.text.len() <= limits.text)
        );
    }
    let _ = interaction.not_judged();
}

/// A log: what it tells does not depend on how it comes.
pub(crate) fn log(data: &[u8]) {
    let read = |piece: usize| {
        let mut told = Vec::new();
        let mut reader = Reader::new(limits());
        for piece in data.chunks(piece.max(1)) {
            reader.feed(piece, &mut |interaction| told.push(interaction));
        }
        let read = reader.finish(&mut |interaction| told.push(interaction));
        (read, told)
    };
    let whole = read(data.len());
    assert_eq!(whole, read(7));
}

/// A frame of gRPC.
pub(crate) fn grpc(data: &[u8]) {
    if let Ok(Some(frame)) = otlp::grpc::unframe(data, limits()) {
        assert_eq!(frame.message.len() + 5, data.len());
    }
    let framed = otlp::grpc::frame(data);
    let frame = otlp::grpc::unframe(&framed, Limits::default());
    assert_eq!(frame.ok().flatten().map(|frame| frame.message), Some(data));
}
