//! Telemetry and logs of gateways, as `stance-telemetry` reads them.

use std::io::Read as Bytes;

use jiff::Timestamp;
use stance_telemetry::logs::Reader;
use stance_telemetry::{Interaction, Joiner, Limits, genai, otlp};

use super::source::Read;
use super::{Recorded, What};

/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

/// Interactions that wait for what belongs to them: in a file, events stand near their spans.
const WAITING: usize = 4_096;

/// What reads spans or events.
struct Joining<'f> {
    joiner: Joiner,
    count: u64,
    found: &'f mut dyn FnMut(Recorded),
}

impl Joining<'_> {
    fn take(&mut self, interaction: Interaction) {
        // Files have no clock: what belongs together is told by ids, and nothing waits by time.
        if let Some(ready) = self.joiner.push(interaction, Timestamp::UNIX_EPOCH) {
            self.give(ready);
        }
    }

    fn give(&mut self, interaction: Interaction) {
        self.count += 1;
        (self.found)(recorded(interaction, self.count));
    }

    fn finish(mut self) {
        for interaction in self.joiner.finish() {
            self.give(interaction);
        }
    }
}

fn joining(found: &mut dyn FnMut(Recorded)) -> Joining<'_> {
    Joining {
        joiner: Joiner::new(WAITING),
        count: 0,
        found,
    }
}

/// Lines or one document.
pub(super) fn read(
    mut stream: impl Bytes,
    told: &mut Read,
    found: &mut dyn FnMut(Recorded),
) -> std::io::Result<()> {
    let mut joining = joining(found);
    let mut reader = Reader::new(Limits::default());
    let mut piece = vec![0; PIECE];
    let ended = loop {
        match stream.read(&mut piece) {
            Ok(0) => break Ok(()),
            Ok(count) => reader.feed(piece.get(..count).unwrap_or_default(), &mut |it| {
                joining.take(it);
            }),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    let read = reader.finish(&mut |it| joining.take(it));
    joining.finish();
    told.format = read
        .formats
        .iter()
        .max_by_key(|(_, count)| **count)
        .map(|(format, _)| format.name());
    told.other += read.other;
    for (why, count) in read.unknown {
        let entry = told
            .bad
            .entry(why.to_owned())
            .or_insert_with(|| (0, String::new()));
        entry.0 += count;
    }
    ended
}

/// One request of OTLP in protobuf: spans or log records.
pub(super) fn protobuf(body: &[u8], told: &mut Read, found: &mut dyn FnMut(Recorded)) {
    let limits = Limits::default();
    let read = match otlp::protobuf::traces(body, limits) {
        Ok(export) => {
            let read = genai::traces(&export, limits);
            // Both have the same shape at the outside: what has no spans may have records.
            match read.interactions.is_empty() {
                true => otlp::protobuf::logs(body, limits)
                    .map_or(read, |export| genai::logs(&export, limits)),
                false => read,
            }
        }
        Err(_) => match otlp::protobuf::logs(body, limits) {
            Ok(export) => genai::logs(&export, limits),
            Err(refused) => return told.bad(format!("no OTLP in protobuf: {refused}"), ""),
        },
    };
    told.other += read.passed;
    for _ in 0..read.rejected.count {
        told.bad(read.rejected.reason.clone(), "");
    }
    let mut joining = joining(found);
    for interaction in read.interactions {
        joining.take(interaction);
    }
    joining.finish();
}

fn recorded(it: Interaction, number: u64) -> Recorded {
    let missing = it
        .not_judged()
        .into_iter()
        .map(|gap| gap.what)
        .collect::<Vec<_>>();
    let id = it
        .span
        .map(|span| span.to_string())
        .or_else(|| it.answer.clone());
    let mut request = it.request;
    if request.model.is_none() {
        request.model.clone_from(&it.asked);
    }
    Recorded {
        place: format!("#{number}"),
        id,
        at: it.start,
        identity: it.identity.name().map(str::to_owned),
        session: it.conversation,
        agent: it
            .agent
            .and_then(|agent| agent.name.or(agent.id))
            .or_else(|| it.service.name.clone()),
        upstream: it.provider.or(it.service.name).unwrap_or_default(),
        address: None,
        operation: it.operation.name().to_owned(),
        model: it.asked.or(it.answered),
        what: What::Words {
            request: Box::new(request),
            answer: Box::new(it.response),
            usage: it.usage,
            missing,
        },
    }
}
