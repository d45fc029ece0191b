//! Addresses of networks: IPv4, IPv6 (RFC 4291), and hardware addresses.

use std::net::Ipv6Addr;

use super::bytes::is_wordy;
use super::view::View;
use super::{Entity, Kind};

/// What begins with a digit: any of them.
pub(crate) fn find(view: &View<'_>, at: usize) -> Option<Entity> {
    // Before any closer look: the first digits are followed by a dot, a colon or a hyphen.
    let end = view.run(at, 5, |byte| byte.is_ascii_hexdigit());
    match view.byte(end)? {
        b'.' => ip4(view, at),
        b':' => mac(view, at).or_else(|| ip6(view, at)),
        b'-' => mac(view, at),
        _ => None,
    }
}

fn ip4(view: &View<'_>, at: usize) -> Option<Entity> {
    if view.before(at) == Some(b'.') {
        return None;
    }
    let end = ip4_end(view, at)?;
    // A version of more parts, or a part of a name.
    let next = view.byte(end);
    let more = next == Some(b'.') && view.byte(end.saturating_add(1)).is_some_and(is_wordy);
    if more
        || next.is_some_and(|byte| is_wordy(byte) || byte == b'-')
        || view.before(at) == Some(b'-')
    {
        return None;
    }
    let mut stop = end;
    if next == Some(b'/') {
        let bits = view.run(end.saturating_add(1), 3, |byte| byte.is_ascii_digit());
        let text = view.slice(end.saturating_add(1)..bits);
        if text.parse::<u8>().is_ok_and(|bits| bits <= 32) && !view.byte(bits).is_some_and(is_wordy)
        {
            stop = bits;
        }
    }
    Some(Entity::new(Kind::IpAddress, at..stop, 95))
}

/// Where four numbers up to 255 end.
fn ip4_end(view: &View<'_>, at: usize) -> Option<usize> {
    let mut place = at;
    for part in 0..4 {
        let end = view.run(place, 4, |byte| byte.is_ascii_digit());
        let text = view.slice(place..end);
        let value: u16 = text.parse().ok()?;
        if value > 255 || text.len() > 3 || (text.len() > 1 && text.starts_with('0')) {
            return None;
        }
        place = end;
        if part < 3 {
            if view.byte(place) != Some(b'.') {
                return None;
            }
            place = place.saturating_add(1);
        }
    }
    Some(place)
}

/// The address of IPv6 that begins at `at`, with a length of a prefix if one follows.
pub(crate) fn ip6(view: &View<'_>, at: usize) -> Option<Entity> {
    if matches!(view.before(at), Some(b':' | b'.')) {
        return None;
    }
    let end = view.run(at, 46, |byte| {
        byte.is_ascii_hexdigit() || byte == b':' || byte == b'.'
    });
    let mut text = view.slice(at..end);
    // A colon or a dot may end a clause.
    text = text.trim_end_matches('.');
    if text.ends_with(':') && !text.ends_with("::") {
        text = text.trim_end_matches(':');
    }
    if text.bytes().filter(|byte| *byte == b':').count() < 2
        || text.len() < 3
        || text.parse::<Ipv6Addr>().is_err()
    {
        return None;
    }
    // `a::b` is a path in C++ and Rust; a digit, or four groups, tell an address.
    let groups = text.split(':').filter(|group| !group.is_empty()).count();
    let digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let mut stop = at.saturating_add(text.len());
    if view.byte(stop).is_some_and(is_wordy)
        || !(digit || groups >= 4)
        || (groups == 1 && text.len() > 3 && !text.contains(|c: char| c.is_ascii_digit()))
    {
        return None;
    }
    if view.byte(stop) == Some(b'/') {
        let bits = view.run(stop.saturating_add(1), 4, |byte| byte.is_ascii_digit());
        if view
            .slice(stop.saturating_add(1)..bits)
            .parse::<u8>()
            .is_ok_and(|bits| bits <= 128)
        {
            stop = bits;
        }
    } else if view.byte(stop) == Some(b'%') {
        stop = view.run(stop.saturating_add(1), 15, |byte| {
            byte.is_ascii_alphanumeric()
        });
    }
    Some(Entity::new(
        Kind::IpAddress,
        at..stop,
        if groups >= 3 { 95 } else { 75 },
    ))
}

/// Six pairs of hexadecimal digits, one sign throughout.
pub(crate) fn mac(view: &View<'_>, at: usize) -> Option<Entity> {
    let sign = view
        .byte(at.saturating_add(2))
        .filter(|sign| matches!(sign, b':' | b'-'))?;
    for pair in 0..6_usize {
        let place = at.saturating_add(pair.saturating_mul(3));
        let digits = view.byte(place)?.is_ascii_hexdigit()
            && view.byte(place.saturating_add(1))?.is_ascii_hexdigit();
        if !digits || (pair < 5 && view.byte(place.saturating_add(2))? != sign) {
            return None;
        }
    }
    let end = at.saturating_add(17);
    let more = view
        .byte(end)
        .is_some_and(|byte| is_wordy(byte) || byte == sign);
    // All the same stands for none.
    let text = view.slice(at..end);
    let pairs: Vec<&str> = text.split([':', '-']).collect();
    let empty = pairs.windows(2).all(|pair| pair.first() == pair.last());
    (!more && !empty).then(|| Entity::new(Kind::MacAddress, at..end, 95))
}
