//! Addresses of mail: the local part that people use (RFC 5321 without quotes), and a domain.

use super::bytes::goes_on;
use super::view::View;
use super::{Entity, Kind, web};

/// Longest local part (RFC 5321, 4.5.3.1.1).
const LOCAL: usize = 64;

/// The address whose local part begins at `at`.
pub(crate) fn find(view: &View<'_>, at: usize) -> Option<Entity> {
    let sign = view.run(at, LOCAL.saturating_add(1), is_local);
    if sign == at
        || sign.saturating_sub(at) > LOCAL
        || view.byte(sign) != Some(b'@')
        || view.before(sign) == Some(b'.')
    {
        return None;
    }
    let host = sign.saturating_add(1);
    let end = web::host_end(view, host)?;
    let name = view.slice(host..end);
    let (_, last) = name.rsplit_once('.')?;
    let formed = last.len() >= 2
        && (last.bytes().all(|byte| byte.is_ascii_alphabetic())
            || last.starts_with("xn--")
            || !last.is_ascii())
        && !web::is_file(last);
    // `git@github.com:owner/repo` names a repository.
    let repository = view.byte(end) == Some(b':')
        && view
            .byte(end.saturating_add(1))
            .is_some_and(|b| b.is_ascii_alphabetic());
    let known = web::is_top_level(last);
    (formed && !repository).then(|| Entity::new(Kind::Email, at..end, if known { 99 } else { 80 }))
}

/// Signs that quote or assign are left out, though the standard allows them: `to=ann@…` begins at `ann`.
fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | b'~')
        || goes_on(byte)
}
