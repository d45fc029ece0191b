//! Settings of questions that were checked, with the secret that they name.

use hyper::Uri;

use super::settings::{Ask, address};
use super::signature::Secret;

/// What is needed to ask somebody.
pub(crate) struct Ready {
    pub(crate) settings: Ask,
    pub(super) webhook: Option<Uri>,
    pub(super) secret: Option<Secret>,
}

impl Ready {
    /// Reads the secret from where the settings say.
    ///
    /// # Errors
    ///
    /// The setting, and what is wrong with it.
    pub(crate) fn new(settings: &Ask) -> Result<Self, (&'static str, String)> {
        let webhook = settings.webhook.as_deref().map(address).transpose();
        let secret = settings.secret.as_deref().map(|place| {
            let told = crate::upstream::secret(place)?;
            Secret::parse(&told).map_err(|what| format!("{place}: {what}"))
        });
        Ok(Self {
            settings: settings.clone(),
            webhook: webhook.map_err(|what| ("webhook", what))?,
            secret: secret.transpose().map_err(|what| ("secret", what))?,
        })
    }
}
