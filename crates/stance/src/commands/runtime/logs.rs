//! Logs that are sent to the service, to the receiver.

use stance_receiver::{BoxFuture, Log, LogRefused, Receiver};
use stance_serve::telemetry::{self, LogTaken, Logs, SentLog, UnreadRecord};
use stance_telemetry::logs::Format;

/// The receiver as what reads logs.
pub(super) struct Reading(pub(super) Receiver);

impl Logs for Reading {
    fn formats(&self) -> Vec<&'static str> {
        Format::ALL.into_iter().map(Format::word).collect()
    }

    fn take(&self, sent: SentLog) -> BoxFuture<'_, Result<LogTaken, telemetry::LogRefused>> {
        Box::pin(async move {
            let log = Log {
                format: sent.format.as_deref().and_then(Format::of_word),
                service: sent.service,
                packed: sent.packed,
                body: sent.body,
            };
            match self.0.take_log(log).await {
                Ok(taken) => Ok(told(taken)),
                Err(LogRefused::Later(why)) => Err(telemetry::LogRefused::Later(why)),
                Err(LogRefused::TooLarge(_)) => Err(telemetry::LogRefused::TooLarge),
                Err(LogRefused::Bad(why)) => Err(telemetry::LogRefused::Bad(why)),
            }
        })
    }
}

/// What became of a log, in the words of the service.
pub(in crate::commands) fn told(taken: stance_receiver::LogTaken) -> LogTaken {
    LogTaken {
        interactions: taken.interactions,
        new: taken.new,
        waiting: taken.waiting,
        formats: taken
            .formats
            .into_iter()
            .map(|(format, count)| (format.word().to_owned(), count))
            .collect(),
        other: taken.other,
        unknown: taken
            .unknown
            .into_iter()
            .map(|(why, count)| (why.to_owned(), count))
            .collect(),
        unread: taken
            .unread
            .into_iter()
            .map(|one| UnreadRecord {
                line: one.line,
                record: one.record,
                why: one.why.to_owned(),
            })
            .collect(),
    }
}
