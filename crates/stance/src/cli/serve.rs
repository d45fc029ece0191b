//! The words behind `stance serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use stance_store::accounts::Role;

#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// Where to listen; addresses other than loopback need TLS or a proxy until there is an account
    #[arg(
        long,
        env = "STANCE_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:7878"
    )]
    pub(crate) listen: SocketAddr,
    /// Certificate in PEM, followed by those that signed it
    #[arg(
        long,
        env = "STANCE_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Private key of the certificate in PEM, without a password
    #[arg(
        long,
        env = "STANCE_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub(crate) tls_key: Option<PathBuf>,
    /// A proxy in front does TLS; its X-Forwarded-For is believed, so nobody else may reach this address
    #[arg(long, env = "STANCE_BEHIND_PROXY")]
    pub(crate) behind_proxy: bool,
    /// The address under which people reach the service, such as https://stance.example.org
    #[arg(long, env = "STANCE_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    pub(crate) public_url: Option<String>,
    /// Where the gateway within listens, if stance.toml has upstreams; addresses other than loopback need virtual keys
    #[arg(
        long,
        env = "STANCE_GATEWAY_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:7879"
    )]
    pub(crate) gateway_listen: SocketAddr,
    /// Where telemetry is received as OTLP, over HTTP and gRPC alike, such as 127.0.0.1:4318; may be repeated. Without it
    /// none is. With addresses other than loopback every sender needs a token
    #[arg(
        long = "otlp-listen",
        env = "STANCE_OTLP_LISTEN",
        value_name = "ADDRESS",
        value_delimiter = ','
    )]
    pub(crate) otlp_listen: Vec<SocketAddr>,
    #[command(flatten)]
    pub(crate) provider: ProviderArguments,
    #[command(flatten)]
    pub(crate) notify: NotifyArguments,
}

/// How people and programs are told what happened. Flags and environment only: a `stance.toml` that lies in a tree must not
/// say where findings go.
#[derive(Debug, Args)]
pub(crate) struct NotifyArguments {
    /// Mail server that takes the mail of notifications, such as smtp.example.org; without it none is sent
    #[arg(
        long,
        env = "STANCE_SMTP_HOST",
        value_name = "HOST",
        requires = "mail_from"
    )]
    pub(crate) smtp_host: Option<String>,
    /// Its port; 587 with STARTTLS, 465 with TLS, 25 without
    #[arg(
        long,
        env = "STANCE_SMTP_PORT",
        value_name = "PORT",
        requires = "smtp_host"
    )]
    pub(crate) smtp_port: Option<u16>,
    /// How the connection is protected; none only for a mail server on this machine
    #[arg(
        long,
        env = "STANCE_SMTP_SECURITY",
        value_name = "HOW",
        value_enum,
        default_value = "starttls"
    )]
    pub(crate) smtp_security: SmtpSecurity,
    /// Name of an account there
    #[arg(
        long,
        env = "STANCE_SMTP_USER",
        value_name = "NAME",
        requires = "smtp_password_file"
    )]
    pub(crate) smtp_user: Option<String>,
    /// File with the password of that account
    #[arg(
        long,
        env = "STANCE_SMTP_PASSWORD_FILE",
        value_name = "FILE",
        requires = "smtp_user"
    )]
    pub(crate) smtp_password_file: Option<PathBuf>,
    /// Certificate authority of the mail server in PEM, besides the public ones
    #[arg(
        long,
        env = "STANCE_SMTP_CA",
        value_name = "FILE",
        requires = "smtp_host"
    )]
    pub(crate) smtp_ca: Option<PathBuf>,
    /// Who the mail is from, such as "Stance <stance@example.org>"
    #[arg(
        long,
        env = "STANCE_MAIL_FROM",
        value_name = "ADDRESS",
        requires = "smtp_host"
    )]
    pub(crate) mail_from: Option<String>,
    /// Proxy for webhooks and mail, http://[NAME:PASSWORD@]HOST:PORT; what other variables say of proxies does not count
    #[arg(
        long,
        env = "STANCE_NOTIFY_PROXY",
        hide_env_values = true,
        value_name = "URL",
        value_parser = clap::value_parser!(stance_serve::notify::Proxy)
    )]
    pub(crate) notify_proxy: Option<stance_serve::notify::Proxy>,
    /// Webhooks may go to other machines without TLS: whoever is on the way reads along
    #[arg(long, env = "STANCE_WEBHOOK_PLAIN_HTTP")]
    pub(crate) webhook_plain_http: bool,
    /// Address that webhooks may go to although it is link-local or that of a cloud's metadata; may be repeated
    #[arg(
        long = "webhook-allow",
        env = "STANCE_WEBHOOK_ALLOW",
        value_name = "ADDRESS",
        value_delimiter = ','
    )]
    pub(crate) webhook_allow: Vec<std::net::IpAddr>,
}

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum SmtpSecurity {
    /// STARTTLS, and nothing without it
    Starttls,
    /// TLS from the first byte
    Tls,
    /// Nothing
    None,
}

/// Where people sign in, besides here. Flags and environment only: a `stance.toml` that lies in a tree must not say who
/// comes in.
#[derive(Debug, Args)]
pub(crate) struct ProviderArguments {
    /// Issuer of the OpenID Connect provider where people sign in, such as https://id.example.org
    #[arg(
        long,
        env = "STANCE_OIDC_ISSUER",
        value_name = "URL",
        requires = "oidc_client_id"
    )]
    pub(crate) oidc_issuer: Option<String>,
    /// How this service is registered there; its redirect address is /sign-in/provider/return
    #[arg(
        long,
        env = "STANCE_OIDC_CLIENT_ID",
        value_name = "ID",
        requires = "oidc_issuer"
    )]
    pub(crate) oidc_client_id: Option<String>,
    /// File with the secret of that registration, if it has one
    #[arg(
        long,
        env = "STANCE_OIDC_CLIENT_SECRET_FILE",
        value_name = "FILE",
        requires = "oidc_issuer"
    )]
    pub(crate) oidc_client_secret_file: Option<PathBuf>,
    /// Claim that tells the role: a word or a list of words; dots lead deeper
    #[arg(
        long,
        env = "STANCE_OIDC_ROLE_CLAIM",
        value_name = "CLAIM",
        default_value = "groups"
    )]
    pub(crate) oidc_role_claim: String,
    /// Which word of the claim means which role, such as security-team=analyst; may be repeated, the first that fits counts
    #[arg(
        long = "oidc-role",
        env = "STANCE_OIDC_ROLE",
        value_name = "WORD=ROLE",
        value_delimiter = ',',
        value_parser = role_of_word,
        requires = "oidc_issuer"
    )]
    pub(crate) oidc_roles: Vec<(String, Role)>,
    /// Role of those about whom no word says anything; without it they do not come in
    #[arg(
        long,
        env = "STANCE_OIDC_DEFAULT_ROLE",
        value_name = "ROLE",
        requires = "oidc_issuer"
    )]
    pub(crate) oidc_default_role: Option<Role>,
}

fn role_of_word(given: &str) -> Result<(String, Role), String> {
    let (word, role) = given
        .rsplit_once('=')
        .filter(|(word, _)| !word.is_empty())
        .ok_or("write WORD=ROLE, such as security-team=analyst")?;
    Ok((word.to_owned(), role.parse()?))
}

/// Scheme, host and port; nothing behind, since the service has the whole host.
fn public_url(given: &str) -> Result<String, String> {
    let url = given.trim_end_matches('/');
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    match host {
        Some(host)
            if !host.is_empty()
                && host
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-.:[]".contains(c)) =>
        {
            Ok(url.to_ascii_lowercase())
        }
        _ => Err("an address is `https://` and a host, such as https://stance.example.org, without a path".to_owned()),
    }
}
