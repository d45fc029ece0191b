//! `stance serve`: the service, until it is told to stop.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use stance_serve::server::{TlsFiles, told_to_stop};
use stance_serve::{Clock, Log, Server};

use crate::Outcome;
use crate::cli::{Cli, ServeArguments};
use crate::config::Settings;
use crate::scan::load;

pub(crate) fn run(cli: &Cli, arguments: &ServeArguments) -> anyhow::Result<Outcome> {
    let loaded = load(cli, &[PathBuf::from(".")])?;
    let directory = Settings::resolve(cli, &loaded).data_dir.value;
    serve(cli, arguments, directory)
}

/// Serves what lies in a directory.
pub(crate) fn serve(
    cli: &Cli,
    arguments: &ServeArguments,
    directory: PathBuf,
) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no threads for the service")?;
    let scanner = std::env::current_exe().context("cannot find this program to scan with it")?;
    let mut settings = settings(arguments, directory.clone());
    settings.jobs = Some(stance_serve::jobs::Settings::new(scanner, directory));
    runtime.block_on(async {
        let server = Server::start(settings, Clock::system(), Log::stderr()).await?;
        tell(cli, &server)?;
        server.run(told_to_stop()).await?;
        Ok(Outcome::Clean)
    })
}

fn settings(arguments: &ServeArguments, directory: PathBuf) -> stance_serve::Settings {
    let mut settings = stance_serve::Settings::new(arguments.listen, directory);
    settings.behind_proxy = arguments.behind_proxy;
    settings.public_url.clone_from(&arguments.public_url);
    settings.tls = arguments
        .tls_cert
        .clone()
        .zip(arguments.tls_key.clone())
        .map(|(certificate, key)| TlsFiles { certificate, key });
    settings
}

/// Where it is, and how the first administrator comes in.
fn tell(cli: &Cli, server: &Server) -> anyhow::Result<()> {
    let mut out = super::stdout(cli);
    writeln!(out, "Stance serves on {}", server.url())?;
    if let Some(link) = server.first_link() {
        writeln!(
            out,
            "Nobody can sign in yet. Open this once, within a day, to set the password of the administrator:\n\n  {link}\n"
        )?;
    }
    out.flush()?;
    Ok(())
}
