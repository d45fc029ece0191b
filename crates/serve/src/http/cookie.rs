//! Our cookies.

use axum::http::HeaderValue;

use crate::encode::{base64url, from_base64url};
use crate::server::Settings;

/// The secret of the session.
pub(crate) const SESSION: &str = "stance";
/// What the last action did.
pub(crate) const FLASH: &str = "flash";

/// Bytes of a notice that are kept.
const NOTICE: usize = 600;

/// The name as the browser has it: over TLS it is bound to this host.
fn name(settings: &Settings, name: &str) -> String {
    if settings.is_secure() {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

/// The value of a cookie.
pub(crate) fn get<'a>(
    settings: &Settings,
    cookies: impl IntoIterator<Item = &'a HeaderValue>,
    wanted: &str,
) -> Option<String> {
    let wanted = name(settings, wanted);
    plain(cookies, &wanted)
}

/// The value of a cookie that has the same name everywhere.
pub(crate) fn plain<'a>(
    cookies: impl IntoIterator<Item = &'a HeaderValue>,
    wanted: &str,
) -> Option<String> {
    let mut pairs = cookies
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value.to_owned())
}

/// Sets the cookie of a session.
pub(crate) fn set_session(settings: &Settings, secret: &str, seconds: i64) -> HeaderValue {
    set(settings, SESSION, secret, "Strict", seconds)
}

/// Keeps a notice for the next page.
pub(crate) fn set_flash(settings: &Settings, notice: &str) -> HeaderValue {
    let end = notice.floor_char_boundary(NOTICE);
    let notice = notice.get(..end).unwrap_or_default();
    set(settings, FLASH, &base64url(notice.as_bytes()), "Strict", 60)
}

/// The notice that was kept.
pub(crate) fn flash<'a>(
    settings: &Settings,
    cookies: impl IntoIterator<Item = &'a HeaderValue>,
) -> Option<String> {
    let kept = get(settings, cookies, FLASH)?;
    String::from_utf8(from_base64url(&kept)?).ok()
}

/// Takes a cookie away.
pub(crate) fn remove(settings: &Settings, cookie: &str) -> HeaderValue {
    set(settings, cookie, "", "Strict", 0)
}

/// Sets a cookie that scripts do not see.
pub(crate) fn set(
    settings: &Settings,
    cookie: &str,
    value: &str,
    same_site: &str,
    seconds: i64,
) -> HeaderValue {
    let secure = if settings.is_secure() { "; Secure" } else { "" };
    let name = name(settings, cookie);
    let cookie = format!(
        "{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}"
    );
    HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static(""))
}
