//! The first start: nobody is known yet.

use std::net::SocketAddr;

use jiff::SignedDuration;
use stance_store::Accounts as _;
use stance_store::accounts::{Link, NewUser, Role};

use crate::app::App;
use crate::db::Database;
use crate::error::ApiError;
use crate::secret;

/// What the first administrator signs in with, until there are others.
const LOGIN: &str = "admin";

/// How long the link can be used.
const LASTS: SignedDuration = SignedDuration::from_hours(24);

pub(super) async fn has_administrator(db: &Database) -> Result<bool, ApiError> {
    db.read(|store| Ok(store.has_administrator()?)).await
}

/// Makes the first administrator, if need be, and a link to sign in with once; links of earlier starts end.
pub(super) async fn link(app: &App, address: SocketAddr) -> Result<String, ApiError> {
    let secret = secret::new()?;
    let digest = secret::digest(&secret);
    let now = app.clock.now();
    let expires = now.checked_add(LASTS).map_err(ApiError::internal)?;
    app.db
        .write(move |store| {
            let user = match store.credentials(LOGIN)? {
                Some(known) => known.user.id,
                None => store.add_user(
                    &NewUser {
                        login: LOGIN,
                        name: "Administrator",
                        email: None,
                        role: Role::Admin,
                        subject: None,
                    },
                    now,
                )?,
            };
            let link = Link {
                secret: digest,
                user,
                expires,
            };
            Ok(store.add_link(&link, now)?)
        })
        .await?;
    let base = app.settings.base_url(address);
    Ok(format!("{base}/welcome/{secret}"))
}
