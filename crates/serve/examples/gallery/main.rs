//! Every component of the dashboard on one page, and three pages made of them, with invented content: to look at, and for
//! the tests in a browser.
//!
//! `cargo run -p stance-serve --example gallery -- DIRECTORY` writes the pages and the files that they load; any server of
//! static files shows them.

#![expect(
    clippy::disallowed_methods,
    reason = "it writes files; the pages themselves are values"
)]

mod pages;
mod sample;

use std::path::Path;

use askama::Template as _;
pub(crate) use stance_serve::{assets, draw, format, frame, parts};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "gallery".to_owned());
    let directory = Path::new(&directory);
    for asset in assets::all() {
        let file = directory.join(asset.url.trim_start_matches('/'));
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(file, asset.bytes)?;
    }
    let pages = [
        ("gallery.html", pages::Gallery::new().render()?),
        ("overview.html", pages::Overview::new().render()?),
        ("findings.html", pages::Findings::new().render()?),
        ("asset.html", pages::Asset::new().render()?),
        ("sign-in.html", pages::SignIn::new().render()?),
    ];
    for (name, page) in pages {
        std::fs::write(directory.join(name), page)?;
    }
    Ok(())
}
