//! Sources that are no path: standard input, and addresses that the user gives.
//!
//! Nothing here is reached unless the user names one: a scan of a directory dials nowhere,
//! whatever the directory says.

mod address;
mod client;
mod credentials;
mod remote;
mod s3;
mod signature;
mod spool;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use stance_core::Fact;
use stance_core::fact::GapReason;
use stance_inspect::{Options, Source};

use crate::look::look;
use crate::{Collected, Context};
use address::Address;
use client::Client;
use remote::Remote;
use spool::Spool;

pub use client::RemoteError;

/// What coverage calls the weights of a file behind an address that were not fetched.
const WEIGHTS_LEFT: &str = "weights_not_fetched";

/// What observations of a stream call their source.
const NAME: &str = "stream";

/// A source that is no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard input.
    StandardInput,
    /// An address of HTTP or HTTPS.
    Http(Box<str>),
    /// An object of an S3-compatible store: bucket and key.
    S3(Box<str>, Box<str>),
}

/// How streams are read.
#[derive(Clone, Debug)]
pub struct StreamOptions {
    /// What standard input is called in reports.
    pub stdin_name: String,
    /// Most bytes that are taken from one stream.
    pub most_bytes: u64,
    /// How long one request for a part may take; a whole body may take longer as long as it flows.
    pub timeout: Duration,
    /// Where the S3-compatible store is, when it is not Amazon's.
    pub s3_endpoint: Option<String>,
}

impl Stream {
    /// Understands `-`, `http://…`, `https://…` and `s3://bucket/key`; `None` is a path.
    #[must_use]
    pub fn parse(given: &Path) -> Option<Self> {
        let text = given.to_str()?;
        if text == "-" {
            return Some(Self::StandardInput);
        }
        let (scheme, rest) = text.split_once("://")?;
        match &*scheme.to_ascii_lowercase() {
            "http" | "https" => Some(Self::Http(text.into())),
            "s3" => {
                let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
                Some(Self::S3(bucket.into(), key.into()))
            }
            _ => None,
        }
    }

    /// What it is called in reports: without credentials, query and fragment.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::StandardInput => "standard input".to_owned(),
            Self::Http(text) => {
                Address::parse(text).map_or_else(|_| "address".to_owned(), |a| a.shown())
            }
            Self::S3(bucket, key) => format!("s3://{bucket}/{key}"),
        }
    }

    /// The last part of its path, which stands for the file.
    #[must_use]
    pub fn file_name(&self, options: &StreamOptions) -> String {
        match self {
            Self::StandardInput => options.stdin_name.clone(),
            Self::Http(text) => {
                Address::parse(text).map_or_else(|_| "file".to_owned(), |a| a.file_name())
            }
            Self::S3(bucket, key) => {
                let name = key.rsplit('/').next().unwrap_or_default();
                if name.is_empty() { bucket } else { name }.to_string()
            }
        }
    }

    /// Opens it: takes standard input to its end, asks a server for the first bytes.
    ///
    /// # Errors
    /// When it cannot be opened, as a path that does not exist. What fails later is a gap.
    pub fn open(&self, options: &StreamOptions) -> Result<Opened, RemoteError> {
        let client = match self {
            Self::StandardInput => {
                let spool = Spool::fill(std::io::stdin().lock(), options.most_bytes)?;
                return Ok(Opened(match spool {
                    Some(spool) => Bytes::Whole(spool, false),
                    None => Bytes::TooMany(options.most_bytes),
                }));
            }
            Self::Http(text) => Client::new(Address::parse(text)?, None, options)?,
            Self::S3(bucket, key) => s3::client(bucket, key, options)?,
        };
        Ok(Opened(match Remote::open(client, options)? {
            remote::Opened::Ranges(remote) => Bytes::Parts(remote),
            remote::Opened::Whole(spool) => Bytes::Whole(spool, true),
        }))
    }
}

/// A stream that was opened.
pub struct Opened(Bytes);

enum Bytes {
    /// All of it, and whether it came over the network.
    Whole(Spool, bool),
    Parts(Box<Remote>),
    /// More than the allowed number came.
    TooMany(u64),
}

impl Opened {
    /// Looks at it as at a file called `name`.
    #[must_use]
    pub fn collect(&self, name: &Arc<str>, context: &Context<'_>) -> Collected {
        let mut collected = Collected::default();
        match &self.0 {
            Bytes::Whole(spool, transferred) => {
                see(name, spool, &context.options, context, &mut collected);
                if *transferred {
                    collected.coverage.bytes_transferred = spool.len();
                }
            }
            Bytes::Parts(remote) => {
                let options = sparing(&context.options);
                see(name, &**remote, &options, context, &mut collected);
                if options.limits != context.options.limits && has_tensors(&collected) {
                    collected.coverage.skip(WEIGHTS_LEFT);
                }
                collected.coverage.bytes_transferred = remote.transferred();
                // Parsers pass over a failure here and there; it is told in any case.
                if let Some((reason, detail)) = remote.trouble() {
                    collected.gap(NAME, name, reason, detail);
                }
            }
            Bytes::TooMany(most) => {
                collected.coverage.files += 1;
                let detail = format!("more than {most} bytes came; --max-transfer allows more");
                collected.gap(NAME, name, GapReason::TooLarge, detail);
            }
        }
        collected
    }
}

/// What is asked of a file whose every byte has to be fetched: its structure, and its weights only when
/// somebody asked for all of them or for the hash, which fetches them in any case.
fn sparing<'o>(options: &Options<'o>) -> Options<'o> {
    let mut sparing = *options;
    if !options.hash && options.limits.tensor_bytes < u64::MAX {
        sparing.limits.tensor_bytes = 0;
        sparing.limits.tensor_heads = 0;
    }
    sparing
}

/// Whether a model with weights was seen.
fn has_tensors(collected: &Collected) -> bool {
    collected.observations.iter().any(|seen| {
        matches!(&seen.fact, Fact::Artifact(artifact) if artifact.tensors.is_some_and(|count| count > 0))
    })
}

fn see(
    name: &Arc<str>,
    source: &dyn Source,
    options: &Options<'_>,
    context: &Context<'_>,
    collected: &mut Collected,
) {
    match look(name, source, options, context.progress) {
        Some(report) => {
            collected.take(NAME, report);
            collected.link(NAME);
        }
        None => {
            collected.coverage.files += 1;
            collected.gap(NAME, name, GapReason::Defect, crate::BROKEN);
        }
    }
}
