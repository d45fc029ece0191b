//! How much a vendor is used, as logs tell it. It stands beside the inventory: it grows with every line, and that is no
//! change of what there is.

use jiff::Timestamp;

use crate::asset::AssetId;

/// The use of a vendor by one person or machine, or by whoever was not told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The vendor.
    pub vendor: AssetId,
    /// Who: a name of a line, an address, or a pseudonym; `None` where lines do not tell.
    pub person: Option<String>,
    /// Lines that told of it.
    pub requests: u64,
    /// Bytes that went out, where lines tell.
    pub bytes_out: Option<u64>,
    /// Bytes that came back, where lines tell.
    pub bytes_in: Option<u64>,
    /// First time, where lines tell.
    pub first: Option<Timestamp>,
    /// Last time, where lines tell.
    pub last: Option<Timestamp>,
}
