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
    #[command(flatten)]
    pub(crate) provider: ProviderArguments,
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
