//! The second factor: codes that follow from the time (RFC 6238) with HMAC-SHA-1, six digits, thirty seconds, which is
//! what every authenticator knows.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use qrcodegen::{QrCode, QrCodeEcc};
use sha1::Sha1;

use crate::encode::{base32, from_base32};
use crate::error::ApiError;
use crate::http::path_and_query::escape;
use crate::secret;

/// Seconds of a time step.
const STEP: i64 = 30;

/// Codes of so many steps before and after count: clocks differ.
const DRIFT: i64 = 1;

/// A new secret in Base32, of 160 bits as RFC 4226, section 4, recommends.
///
/// # Errors
///
/// When the system has no randomness.
pub(crate) fn new_secret() -> Result<String, ApiError> {
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).map_err(ApiError::internal)?;
    Ok(base32(&bytes))
}

/// The time step whose code this is, if it is one of about now.
pub(crate) fn step_of(secret: &str, code: &str, now: Timestamp) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let key = from_base32(secret)?;
    let present = now.as_second().div_euclid(STEP);
    (present - DRIFT..=present + DRIFT).rfind(|step| secret::same(&code_of(&key, *step), &code))
}

/// For tests: the code that an authenticator with this secret shows at a time.
#[must_use]
pub fn code_for_tests(secret: &str, now: Timestamp) -> Option<String> {
    let step = now.as_second().div_euclid(STEP);
    Some(code_of(&from_base32(secret)?, step))
}

/// The code of a time step (RFC 4226, section 5.3).
fn code_of(key: &[u8], step: i64) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key) else {
        return String::new();
    };
    mac.update(&step.to_be_bytes());
    let mark = mac.finalize().into_bytes();
    let offset = usize::from(mark.last().copied().unwrap_or_default() & 0x0f);
    let mut bytes = [0; 4];
    for (to, from) in bytes.iter_mut().zip(mark.iter().skip(offset)) {
        *to = *from;
    }
    let number = u32::from_be_bytes(bytes) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// What an authenticator reads.
pub(crate) fn uri(secret: &str, login: &str, host: &str) -> String {
    let label = escape(&format!("Stance {host}:{login}"));
    format!("otpauth://totp/{label}?secret={secret}&issuer=Stance&digits=6&period=30")
}

/// The address for the telephone: the sides of the drawing in modules, and its dark modules as an SVG path.
pub(crate) fn drawing(uri: &str) -> Option<(i32, String)> {
    let code = QrCode::encode_text(uri, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in 0..code.size() {
            if code.get_module(x, y) {
                path.push_str(&format!("M{} {}h1v1h-1z", x + 4, y + 4));
            }
        }
    }
    Some((code.size() + 8, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, its last six digits.
    #[test]
    fn the_examples_of_the_standard() {
        let secret = base32(b"12345678901234567890");
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            let now = Timestamp::from_second(second).unwrap();
            assert_eq!(step_of(&secret, code, now), Some(second / 30), "{second}");
        }
    }

    #[test]
    fn a_code_counts_for_its_neighbours_only() {
        let secret = new_secret().unwrap();
        let key = from_base32(&secret).unwrap();
        let now = Timestamp::from_second(3_000_000).unwrap();
        let step = 3_000_000 / 30;
        assert_eq!(
            step_of(&secret, &code_of(&key, step - 1), now),
            Some(step - 1)
        );
        assert_eq!(step_of(&secret, &code_of(&key, step - 2), now), None);
        assert_eq!(step_of(&secret, "", now), None);
    }
}
