//! Contrast of the stylesheet's colours, in both themes, by WCAG 2.2 (1.4.3 text, 1.4.11 what is not text).

use std::collections::BTreeMap;

use stance_serve::assets;

/// The light and the dark value of every variable that is a colour.
fn colours() -> BTreeMap<String, [[f64; 3]; 2]> {
    let sheet = assets::all()
        .iter()
        .find(|asset| asset.name == "stance.css")
        .map(|asset| String::from_utf8_lossy(asset.bytes))
        .expect("the stylesheet");
    let mut colours = BTreeMap::new();
    for part in sheet.split("--").skip(1) {
        let Some((name, rest)) = part.split_once(":light-dark(#") else {
            continue;
        };
        let (both, _) = rest.split_once(')').expect("the end of light-dark");
        let (light, dark) = both.split_once(",#").expect("two colours");
        colours.insert(name.to_owned(), [channels(light), channels(dark)]);
    }
    assert!(colours.len() > 30, "{}", colours.len());
    colours
}

fn channels(hex: &str) -> [f64; 3] {
    assert_eq!(hex.len(), 6, "{hex}");
    [0, 2, 4]
        .map(|at| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal")) / 255.0)
}

/// Relative luminance as WCAG defines it.
fn luminance(colour: [f64; 3]) -> f64 {
    let linear = colour.map(|channel| {
        if channel <= 0.04045 {
            channel / 12.92
        } else {
            ((channel + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn check(pairs: &[(&str, &str)], least: f64) {
    let colours = colours();
    let mut failures = Vec::new();
    for (front, back) in pairs {
        for (theme, at) in [("light", 0), ("dark", 1)] {
            let ratio = contrast(colours[*front][at], colours[*back][at]);
            if ratio < least {
                failures.push(format!("{front} on {back}, {theme}: {ratio:.2}"));
            }
        }
    }
    assert!(failures.is_empty(), "less than {least}: {failures:#?}");
}

#[test]
fn the_measure_is_that_of_the_standard() {
    let (black, white) = ([0.0; 3], [1.0; 3]);
    assert!((contrast(black, white) - 21.0).abs() < 1e-9);
    assert!((contrast(channels("777777"), white) - 4.48).abs() < 0.01);
}

#[test]
fn text_can_be_read_in_both_themes() {
    let mut pairs = Vec::new();
    for ground in ["bg", "panel", "raised", "sunk", "hover", "line-soft"] {
        for ink in [
            "ink",
            "ink-2",
            "ink-3",
            "accent",
            "accent-deep",
            "good",
            "critical",
        ] {
            // Links and signs of trend do not stand on the ground of gaps in code.
            if ground != "line-soft" || ink.starts_with("ink") {
                pairs.push((ink, ground));
            }
        }
    }
    for tone in [
        "critical", "high", "medium", "low", "info", "good", "accent",
    ] {
        let soft: &'static str = match tone {
            "critical" => "critical-soft",
            "high" => "high-soft",
            "medium" => "medium-soft",
            "low" => "low-soft",
            "info" => "info-soft",
            "good" => "good-soft",
            _ => "accent-soft",
        };
        pairs.extend([(tone, soft), (tone, "panel"), ("ink", soft)]);
    }
    pairs.extend([
        ("accent-deep", "accent-soft"),
        ("ink-3", "accent-soft"),
        ("ink-3", "critical-soft"),
        ("ink-3", "good-soft"),
        ("critical", "accent-soft"),
        ("good", "accent-soft"),
        ("on-accent", "accent"),
        ("on-accent", "accent-deep"),
        ("bg", "ink"),
        // Numbers on the marks of a trend.
        ("panel", "good"),
        ("panel", "critical"),
    ]);
    check(&pairs, 4.5);
}

#[test]
fn shapes_and_edges_stand_out_in_both_themes() {
    let mut pairs = Vec::new();
    for shape in [
        "edge",
        "accent",
        "critical-f",
        "high-f",
        "medium-f",
        "low-f",
        "good-f",
        "info",
    ] {
        pairs.push((shape, "panel"));
    }
    pairs.extend([
        ("edge", "bg"),
        ("edge", "sunk"),
        ("accent", "sunk"),
        ("critical", "sunk"),
        ("critical-f", "critical-soft"),
        ("low-f", "low-soft"),
        ("edge", "line-soft"),
    ]);
    check(&pairs, 3.0);
}
