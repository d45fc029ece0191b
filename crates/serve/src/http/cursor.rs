//! Where a list goes on: opaque, bounded, and checked.

use serde::Serialize;
use serde::de::DeserializeOwned;
use stance_store::Window;

use crate::encode::{base64url, from_base64url};
use crate::error::ApiError;

/// Most bytes of a cursor.
const MOST: usize = 1024;

/// A cursor that stands for a position, such as the sort key and the number of the last row.
///
/// # Errors
///
/// When the position cannot be written as JSON.
pub fn encode(position: &impl Serialize) -> Result<String, ApiError> {
    let json = serde_json::to_vec(position).map_err(ApiError::internal)?;
    Ok(base64url(&json))
}

/// The slice of a list that a query asks for: where it goes on, nothing for the beginning, and how many, 50 if not given.
///
/// # Errors
///
/// 400 when the cursor is none of ours, 422 when the limit is out of its bounds.
pub fn window(after: &str, limit: Option<usize>) -> Result<Window, ApiError> {
    let after = match after {
        "" => None,
        cursor => Some(decode(cursor)?),
    };
    let limit = limit.unwrap_or(50);
    if !(1..=Window::MOST).contains(&limit) {
        return Err(ApiError::invalid("limit", "1 to 1,000"));
    }
    Ok(Window { after, limit })
}

/// Cuts what was read down to `most` rows, of which one more was asked for, and gives the cursor behind the last of
/// them where there are more.
///
/// # Errors
///
/// When a position cannot be written as JSON.
pub fn cut<T, P: Serialize>(
    rows: &mut Vec<T>,
    most: usize,
    position: impl FnOnce(&T) -> P,
) -> Result<Option<String>, ApiError> {
    let more = rows.len() > most;
    rows.truncate(most);
    let last = rows.last().filter(|_| more);
    last.map(|last| encode(&position(last))).transpose()
}

/// The position of a cursor.
///
/// # Errors
///
/// 400 when it is none of ours.
pub fn decode<T: DeserializeOwned>(cursor: &str) -> Result<T, ApiError> {
    let bytes = (cursor.len() <= MOST)
        .then(|| from_base64url(cursor))
        .flatten();
    bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| {
            ApiError::bad_request(
                "the cursor is none of this list; begin again without it, or take the one that was given",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_comes_back_and_nothing_else_does() {
        let cursor = encode(&("high", 41)).unwrap();
        assert_eq!(
            decode::<(String, i64)>(&cursor).unwrap(),
            ("high".to_owned(), 41)
        );
        for bad in ["", "%%%", "AAAA", &"A".repeat(2000), &cursor[1..]] {
            let error = decode::<(String, i64)>(bad).unwrap_err();
            assert_eq!(error.status(), 400, "{bad}");
        }
    }
}
