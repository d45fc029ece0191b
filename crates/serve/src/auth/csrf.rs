//! Is a change meant by whoever sits at the browser? Forms carry what only a page of this session could know, and the
//! browser says where the request comes from. Tokens are no browsers and need neither.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::ORIGIN;

use super::{Permission, Person, Principal};
use crate::app::App;
use crate::ask;
use crate::error::ApiError;
use crate::http::named;
use crate::secret;

/// The header in which our script sends it.
const HEADER: &str = "x-csrf-token";

/// Lets a change pass that is meant; the body is read if the token stands there.
pub(crate) async fn check(
    app: &App,
    who: &Principal,
    permission: Permission,
    request: Request,
) -> Result<Request, ApiError> {
    let person = match who {
        Principal::Token(_) => return Ok(request),
        Principal::Nobody => None,
        // Signing in asks nothing of a session that may be there.
        Principal::Person(_) if permission == Permission::Public => None,
        Principal::Person(person) => Some(person),
    };
    from_here(app, &request)?;
    match person {
        // Nobody is nobody: there is nothing that another page could make them do in their name.
        None => Ok(request),
        Some(person) => from_our_page(person, request).await,
    }
}

/// What the browser says about the page that asks; programs say nothing, and have no session to be misused.
fn from_here(app: &App, request: &Request) -> Result<(), ApiError> {
    let elsewhere = || {
        ApiError::forbidden("the request comes from a page of another server, so it was not done")
    };
    if let Some(site) = request.headers().get("sec-fetch-site")
        && site != "same-origin"
        && site != "none"
    {
        return Err(elsewhere());
    }
    let Some(origin) = request.headers().get(ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    let ours = named(request).is_some_and(|named| named == host.to_ascii_lowercase())
        || app
            .settings
            .public_host()
            .is_some_and(|known| known == host);
    if ours { Ok(()) } else { Err(elsewhere()) }
}

async fn from_our_page(person: &Person, request: Request) -> Result<Request, ApiError> {
    let sent = request.headers().get(HEADER);
    if let Some(sent) = sent.and_then(|sent| sent.to_str().ok()) {
        return verdict(person, sent).map(|()| request);
    }
    if ask::media_type(&request) != "application/x-www-form-urlencoded" {
        return Err(stale());
    }
    let (parts, body) = request.into_parts();
    let bytes = ask::body(Request::from_parts(parts.clone(), body)).await?;
    let sent = bytes
        .split(|byte| *byte == b'&')
        .find_map(|pair| pair.strip_prefix(b"csrf="));
    verdict(person, &String::from_utf8_lossy(sent.unwrap_or_default()))?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

fn verdict(person: &Person, sent: &str) -> Result<(), ApiError> {
    if secret::same(&person.csrf, sent) {
        Ok(())
    } else {
        Err(stale())
    }
}

fn stale() -> ApiError {
    ApiError::forbidden(
        "the form is not of this session, perhaps of an older one; load the page again and repeat",
    )
}
