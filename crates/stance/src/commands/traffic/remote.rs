//! Logs to a service that runs.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use stance_serve::telemetry::LogTaken;

use crate::cli::ImportArguments;
use crate::commands::push::{Sending, address, token};

/// A service, and how it is spoken to.
pub(super) struct Remote {
    endpoint: String,
    token: String,
    tries: u32,
}

impl Remote {
    pub(super) fn new(server: &str, arguments: &ImportArguments) -> anyhow::Result<Self> {
        let server = address::server(server)?;
        let mut endpoint = format!(
            "{server}/api/v1/traffic/logs?lenient=true&format={}",
            arguments.format
        );
        if let Some(service) = &arguments.service {
            endpoint.push_str(&format!("&service={}", address::encoded(service)));
        }
        let Some(file) = &arguments.token_file else {
            anyhow::bail!("name the file with the token: `--token-file FILE`");
        };
        Ok(Self {
            endpoint,
            token: token(file)?,
            tries: arguments.tries,
        })
    }

    /// Sends a piece until the service has it.
    pub(super) fn send(&self, body: &[u8], note: &mut dyn FnMut(&str)) -> anyhow::Result<LogTaken> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(body)?;
        let packed = packer.finish()?;
        let sending = Sending {
            endpoint: &self.endpoint,
            token: &self.token,
            document: &packed,
            tries: self.tries,
            answer: "interactions",
        };
        let answer = sending.send(note)?;
        Ok(serde_json::from_value(answer)?)
    }
}
