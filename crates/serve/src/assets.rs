//! The files that pages load: the stylesheet, the script and the icons, compiled in and named by what they hold.
//!
//! An address carries a hash of the content, so a browser may keep a file for ever and still gets the new one the moment
//! the program is replaced.

use std::fmt::Write as _;
use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

/// One file.
#[derive(Debug)]
pub struct Asset {
    /// Its name, `stance.css`.
    pub name: &'static str,
    /// What it is, for `Content-Type`.
    pub content_type: &'static str,
    /// What it holds.
    pub bytes: &'static [u8],
    /// The first 12 hexadecimal digits of the SHA-256 of the bytes.
    pub hash: String,
    /// Its address, `/assets/<hash>/<name>`.
    pub url: String,
}

/// The route under which they are served, in axum's notation.
pub const ROUTE: &str = "/assets/{hash}/{name}";

static ALL: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    [
        asset(
            "stance.css",
            "text/css; charset=utf-8",
            include_bytes!("../assets/stance.css"),
        ),
        asset(
            "stance.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/stance.js"),
        ),
        asset(
            "icons.svg",
            "image/svg+xml",
            include_bytes!("../assets/icons.svg"),
        ),
        asset(
            "icon.svg",
            "image/svg+xml",
            include_bytes!("../assets/icon.svg"),
        ),
    ]
});

fn asset(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let mut hash = String::with_capacity(12);
    for byte in Sha256::digest(bytes).iter().take(6) {
        let _ = write!(hash, "{byte:02x}");
    }
    let url = format!("/assets/{hash}/{name}");
    Asset {
        name,
        content_type,
        bytes,
        hash,
        url,
    }
}

/// All of them.
#[must_use]
pub fn all() -> &'static [Asset] {
    &*ALL
}

/// The file of this name and hash; another hash is another version, which is not here.
#[must_use]
pub fn find(hash: &str, name: &str) -> Option<&'static Asset> {
    all()
        .iter()
        .find(|asset| asset.name == name && asset.hash == hash)
}

/// The address of the file of this name; the name itself when there is no such file.
#[must_use]
pub fn url(name: &str) -> &str {
    all()
        .iter()
        .find(|asset| asset.name == name)
        .map_or(name, |asset| asset.url.as_str())
}

/// The address of the sprite; its symbols are the menu's, those of acts, and one for each kind of asset.
#[must_use]
pub fn icons() -> &'static str {
    url("icons.svg")
}
