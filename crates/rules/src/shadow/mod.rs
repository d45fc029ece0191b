//! Rules about AI that is used without anybody having decided on it.

rules! {
    unsanctioned_service,
}
