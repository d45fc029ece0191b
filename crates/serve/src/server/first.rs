//! The first start: nobody is known yet.

use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};
use stance_store::accounts::{Link, NewUser, Role, UserId};
use stance_store::{Accounts as _, Sqlite};

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

/// The account that the link is for: an administrator who has no way in yet, or a new one. A name that somebody else has,
/// or that was disabled, is left to them.
fn administrator(store: &mut Sqlite, now: Timestamp) -> Result<UserId, ApiError> {
    for number in 1.. {
        let login = match number {
            1 => LOGIN.to_owned(),
            _ => format!("{LOGIN}-{number}"),
        };
        match store.credentials(&login)? {
            Some(known) if known.user.role == Role::Admin && !known.user.disabled => {
                return Ok(known.user.id);
            }
            Some(_) => {}
            None => {
                let new = NewUser {
                    login: &login,
                    name: "Administrator",
                    email: None,
                    role: Role::Admin,
                    subject: None,
                };
                return Ok(store.add_user(&new, now)?);
            }
        }
    }
    Err(ApiError::internal("no name is left for an administrator"))
}

/// Makes the first administrator, if need be, and a link to sign in with once; links of earlier starts end.
pub(super) async fn link(app: &App, address: SocketAddr) -> Result<String, ApiError> {
    let secret = secret::new()?;
    let digest = secret::digest(&secret);
    let now = app.clock.now();
    let expires = now.checked_add(LASTS).map_err(ApiError::internal)?;
    app.db
        .write(move |store| {
            let user = administrator(store, now)?;
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
