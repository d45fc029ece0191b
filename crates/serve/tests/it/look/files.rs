//! The files that pages load.

use stance_serve::assets;

fn text(name: &str) -> String {
    let asset = assets::all()
        .iter()
        .find(|asset| asset.name == name)
        .expect("an asset of this name");
    String::from_utf8(asset.bytes.to_vec()).expect("UTF-8")
}

#[test]
fn an_address_finds_its_file_and_another_hash_does_not() {
    for asset in assets::all() {
        assert_eq!(asset.url, format!("/assets/{}/{}", asset.hash, asset.name));
        let found = assets::find(&asset.hash, asset.name).expect("itself");
        assert_eq!(found.bytes, asset.bytes);
        assert!(assets::find("000000000000", asset.name).is_none());
    }
    assert!(assets::find("", "../Cargo.toml").is_none());
}

#[test]
fn what_a_page_loads_is_small() {
    assert!(
        text("stance.css").len() <= 30_000,
        "{}",
        text("stance.css").len()
    );
    assert!(text("stance.js").lines().count() < 500);
    let all: usize = assets::all().iter().map(|asset| asset.bytes.len()).sum();
    assert!(all <= 60_000, "{all}");
}

#[test]
fn the_script_makes_no_markup_of_strings_and_the_sheet_loads_nothing_from_elsewhere() {
    let script = text("stance.js");
    for sink in [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "DOMParser",
        "setAttribute(\"style",
        ".style.",
        "setAttribute(\"on",
        "http://",
        "https://",
    ] {
        assert!(!script.contains(sink), "{sink}");
    }
    let sheet = text("stance.css");
    assert!(!sheet.contains("@import"));
    assert!(!sheet.contains("//"), "an address");
    assert_eq!(
        sheet.matches("url(").count(),
        1,
        "only the pattern in the page"
    );
}

#[test]
fn every_kind_of_asset_and_every_entry_of_the_menu_has_its_symbol() {
    let icons = text("icons.svg");
    let kinds = stance_core::AssetKind::ALL
        .into_iter()
        .map(stance_core::AssetKind::name);
    let sections = stance_serve::frame::Section::ALL
        .into_iter()
        .map(stance_serve::frame::Section::icon);
    for name in kinds.chain(sections) {
        assert!(icons.contains(&format!(r#"<symbol id="{name}""#)), "{name}");
    }
}
