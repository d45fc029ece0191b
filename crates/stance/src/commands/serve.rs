//! `stance serve`: the service, until it is told to stop.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use stance_serve::auth::Provider;
use stance_serve::notify::{Relay, Security};
use stance_serve::server::{TlsFiles, told_to_stop};
use stance_serve::{Clock, Log, Server};

use super::gateway::settings_file;
use super::runtime::Runtime;
use crate::Outcome;
use crate::cli::{Cli, NotifyArguments, ProviderArguments, ServeArguments, SmtpSecurity};
use crate::config::Settings;
use crate::scan::load;

pub(crate) fn run(cli: &Cli, arguments: &ServeArguments) -> anyhow::Result<Outcome> {
    let loaded = load(cli, &[PathBuf::from(".")])?;
    let directory = Settings::resolve(cli, &loaded).data_dir.value;
    serve(cli, arguments, directory, true)
}

/// Serves what lies in a directory; with the gateway that a file of settings has, if that counts.
pub(crate) fn serve(
    cli: &Cli,
    arguments: &ServeArguments,
    directory: PathBuf,
    with_file: bool,
) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no threads for the service")?;
    let scanner = std::env::current_exe().context("cannot find this program to scan with it")?;
    let mut settings = settings(arguments, directory.clone())?;
    settings.jobs = Some(stance_serve::jobs::Settings::new(scanner, directory));
    runtime.block_on(async {
        let stop = told_to_stop();
        let log = Log::stderr();
        let server = Server::start(settings, Clock::system(), log.clone()).await?;
        if let Err(error) = tell(cli, &server) {
            // Nobody reads it; those who use the service are no less there. The link itself is no matter for a log.
            let more = serde_json::json!({"cause": error.to_string(), "first_link": server.first_link().is_some()});
            let what = "the address could not be told on standard output; the link of the first administrator, if there \
                        is one, is told by a start that has one";
            log.say("warning", what, &more);
        }
        let path = with_file.then(|| settings_file(cli).ok()).flatten();
        let runtime = Runtime::start(cli, arguments, path, &server, &log).await?;
        let stop = async {
            stop.await;
            runtime.end().await;
        };
        server.run(stop).await?;
        Ok(Outcome::Clean)
    })
}

fn settings(
    arguments: &ServeArguments,
    directory: PathBuf,
) -> anyhow::Result<stance_serve::Settings> {
    let mut settings = stance_serve::Settings::new(arguments.listen, directory);
    settings.behind_proxy = arguments.behind_proxy;
    settings.public_url.clone_from(&arguments.public_url);
    settings.tls = arguments
        .tls_cert
        .clone()
        .zip(arguments.tls_key.clone())
        .map(|(certificate, key)| TlsFiles { certificate, key });
    settings.provider = provider(&arguments.provider)?;
    settings.notify = notify(&arguments.notify)?;
    Ok(settings)
}

/// Where people sign in, besides here.
fn provider(arguments: &ProviderArguments) -> anyhow::Result<Option<Provider>> {
    let (Some(issuer), Some(client_id)) = (&arguments.oidc_issuer, &arguments.oidc_client_id)
    else {
        return Ok(None);
    };
    let client_secret = arguments
        .oidc_client_secret_file
        .as_ref()
        .map(|file| {
            let secret = std::fs::read_to_string(file).with_context(|| {
                format!("cannot read the secret of the provider {}", file.display())
            })?;
            anyhow::Ok(secret.trim().to_owned())
        })
        .transpose()?;
    Ok(Some(Provider {
        issuer: issuer.clone(),
        client_id: client_id.clone(),
        client_secret,
        role_claim: arguments.oidc_role_claim.clone(),
        roles: arguments.oidc_roles.clone(),
        default_role: arguments.oidc_default_role,
    }))
}

/// How people and programs are told what happened.
fn notify(arguments: &NotifyArguments) -> anyhow::Result<stance_serve::notify::Settings> {
    let mut settings = stance_serve::notify::Settings {
        proxy: arguments.notify_proxy.clone(),
        plain_http: arguments.webhook_plain_http,
        allowed: arguments.webhook_allow.clone(),
        ..stance_serve::notify::Settings::default()
    };
    let (Some(host), Some(from)) = (&arguments.smtp_host, &arguments.mail_from) else {
        return Ok(settings);
    };
    let security = match arguments.smtp_security {
        SmtpSecurity::Starttls => Security::StartTls,
        SmtpSecurity::Tls => Security::Tls,
        SmtpSecurity::None => Security::None,
    };
    let read = |file: &PathBuf, what: &str| {
        std::fs::read(file).with_context(|| format!("cannot read {what} {}", file.display()))
    };
    let account = match (&arguments.smtp_user, &arguments.smtp_password_file) {
        (Some(name), Some(file)) => {
            let password = read(file, "the password of the mail server")?;
            let password = String::from_utf8(password)
                .with_context(|| format!("{} is no text", file.display()))?;
            Some((
                name.clone(),
                password.trim_end_matches(['\r', '\n']).to_owned(),
            ))
        }
        _ => None,
    };
    let authority = arguments
        .smtp_ca
        .as_ref()
        .map(|file| read(file, "the certificate authority"))
        .transpose()?;
    let relay = Relay {
        host: host.clone(),
        port: arguments.smtp_port.unwrap_or(security.port()),
        security,
        account,
        from: from.clone(),
        authority,
    };
    relay.check().map_err(anyhow::Error::msg)?;
    settings.relay = Some(relay);
    Ok(settings)
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
