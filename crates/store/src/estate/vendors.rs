//! What code declares against what logs saw, by vendor.

use jiff::Timestamp;
use serde::Serialize;
use stance_core::usage::Usage;

use super::{Approval, AssetNumber, SourceNumber};
use crate::Result;

/// Whether a vendor is declared, and whether it was seen in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// In use, and declared nowhere: shadow AI, or a program whose source is elsewhere.
    Shadow,
    /// Declared, and in use.
    Both,
    /// Declared, and not seen: unused, or hidden from what was looked at.
    Unseen,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Shadow, Self::Both, Self::Unseen];

    /// The name in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shadow => "shadow",
            Self::Both => "both",
            Self::Unseen => "unseen",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// A vendor, what declares it, and what was seen of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorUse {
    /// The vendor among the assets.
    pub asset: AssetNumber,
    /// What people call it.
    pub name: String,
    /// Whether it is declared, and whether it was seen in use.
    pub standing: Standing,
    /// Sources whose code, configuration or inventory names it.
    pub declared: Vec<(SourceNumber, String)>,
    /// Sources that saw it in use.
    pub observed: Vec<(SourceNumber, String)>,
    /// Services of it that were seen in use, by name.
    pub services: Vec<String>,
    /// Whether all of its services that were seen may be used: the worst that a source says of it, `no` before
    /// `unknown` before `yes`; `None` where none says anything.
    pub sanctioned: Option<String>,
    /// What people decided about it.
    pub approval: Approval,
    /// People or machines that use it, as far as they are told apart.
    pub users: u64,
    /// Lines that told of it.
    pub requests: u64,
    /// Bytes that went out, where lines tell.
    pub bytes_out: Option<u64>,
    /// Bytes that came back, where lines tell.
    pub bytes_in: Option<u64>,
    /// First time that it was used, where lines tell.
    pub first: Option<Timestamp>,
    /// Last time.
    pub last: Option<Timestamp>,
}

/// Vendors that are declared or in use, and who could have seen them.
pub trait Vendors {
    /// Takes in how much vendors are used, in place of what the source told before. Vendors that it does not see are
    /// left out; what is told of one person twice is added up.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    fn note_usage(&mut self, source: SourceNumber, usage: &[Usage]) -> Result<()>;

    /// Every vendor that some source sees, by name.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn vendors(&self) -> Result<Vec<VendorUse>>;

    /// Who uses a vendor, who sends it most first; a name stands once, whatever sources tell of it.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn vendor_users(&self, vendor: AssetNumber, most: usize) -> Result<Vec<Usage>>;

    /// How many sources that see use, logs and hosts, were looked at with success.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    fn observers(&self) -> Result<u64>;
}
