//! The words behind `stance serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

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
