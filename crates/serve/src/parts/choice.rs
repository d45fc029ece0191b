//! A value of a filter that has to be one of a few names.

use crate::error::ApiError;

/// The one of these that a field names; none where it names none.
///
/// # Errors
///
/// 422 with all of their names where it names another.
pub(crate) fn one_of<T: Copy, const N: usize>(
    field: &str,
    given: Option<&str>,
    all: [T; N],
    name: fn(T) -> &'static str,
) -> Result<Option<T>, ApiError> {
    let Some(given) = given else {
        return Ok(None);
    };
    match all.into_iter().find(|one| name(*one) == given) {
        Some(found) => Ok(Some(found)),
        None => {
            let names = all.map(name).join(", ");
            Err(ApiError::invalid(field, format!("one of {names}")))
        }
    }
}
