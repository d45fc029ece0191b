use stance_core::fact::{Ecosystem, Reach};

use super::Constraint;
use crate::advisory::{Affected, Event};
use crate::version::Version;
use crate::windows::Windows;

/// Asserts which versions a constraint allows: those before the bar, not those behind it.
fn allows(ecosystem: Ecosystem, text: &str, versions: &str) {
    let constraint = Constraint::parse(ecosystem, text).unwrap_or_else(|| panic!("{text}"));
    let (inside, outside) = versions.split_once('|').unwrap();
    for (list, want) in [(inside, true), (outside, false)] {
        for version in list.split_whitespace() {
            let parsed = Version::parse(ecosystem, version).unwrap();
            assert_eq!(constraint.allows(&parsed), want, "{text} {version}");
        }
    }
}

#[test]
fn python() {
    for (text, versions) in [
        (">=1.0,<2.0", "1.0 1.9.9 | 0.9 2.0"),
        ("==1.4.*", "1.4 1.4.9 1.4.0a1 | 1.3 1.5 1.5.dev1"),
        ("~=2.2", "2.2 2.9 | 2.1 3.0 3.0a1"),
        ("~=1.4.5", "1.4.5 1.4.9 | 1.4.4 1.5"),
        ("== 1.0", "1.0 1.0.0 1.0+local | 1.0.1"),
        ("!=1.5,>1", "1.1 2 | 1 0.9"),
        ("^1.2", "1.2 1.9 | 1.1 2.0"),
        ("^0.2.3", "0.2.3 0.2.9 | 0.3.0"),
        ("~1.2", "1.2.9 | 1.3"),
        ("<1 || >=2,<3", "0.5 2.5 | 1.5 3"),
        ("", "0.1 9 | "),
        ("*", "0.1 9 | "),
    ] {
        allows(Ecosystem::Pypi, text, versions);
    }
    assert_eq!(Constraint::parse(Ecosystem::Pypi, "latest"), None);
}

/// From the tables of node-semver's documentation.
#[test]
fn npm() {
    for (text, versions) in [
        ("1.2 - 2.3.4", "1.2.0 2.3.4 | 1.1.9 2.3.5"),
        ("1.2.3 - 2.3", "1.2.3 2.3.9 | 1.2.2 2.4.0"),
        ("*", "0.0.1 99.0.0 | "),
        ("", "0.0.1 | "),
        ("1.x", "1.0.0 1.99.0 | 2.0.0 0.9.0"),
        ("1.2.x", "1.2.0 1.2.9 | 1.3.0"),
        ("1", "1.0.0 1.9.9 | 2.0.0"),
        ("~1.2.3", "1.2.3 1.2.9 | 1.2.2 1.3.0"),
        ("~1.2", "1.2.0 | 1.3.0"),
        ("~1", "1.9.9 | 2.0.0"),
        ("~0.2.3", "0.2.3 | 0.3.0"),
        ("^1.2.3", "1.2.3 1.9.9 | 1.2.2 2.0.0 2.0.0-beta.1"),
        ("^0.2.3", "0.2.3 0.2.9 | 0.3.0"),
        ("^0.0.3", "0.0.3 | 0.0.4"),
        ("^1.2.x", "1.2.0 1.9.0 | 2.0.0"),
        ("^0.0.x", "0.0.0 0.0.9 | 0.1.0"),
        ("^0.0", "0.0.9 | 0.1.0"),
        ("^1.x", "1.9.0 | 2.0.0"),
        ("^0.x", "0.0.1 0.9.0 | 1.0.0"),
        (">= 1.2.7 <1.3.0", "1.2.7 1.2.99 | 1.2.6 1.3.0"),
        ("1.2.7 || >=1.2.9 <2.0.0", "1.2.7 1.2.9 1.4.6 | 1.2.8 2.0.0"),
        (">1", "2.0.0 | 1.9.9 1.0.0"),
        (">1.2", "1.3.0 | 1.2.9"),
        ("<=1.2", "1.2.9 | 1.3.0"),
        ("=v1.2.3", "1.2.3 | 1.2.4"),
        ("^1.2.3-beta.2", "1.2.3-beta.4 1.5.0 | 1.2.3-beta.1 2.0.0"),
    ] {
        allows(Ecosystem::Npm, text, versions);
    }
    for none in ["latest", "next", "git://x", ">=2.0.0 <1.0.0"] {
        assert_eq!(Constraint::parse(Ecosystem::Npm, none), None, "{none}");
    }
}

#[test]
fn cargo_gems_composer_maven_and_nuget() {
    allows(Ecosystem::Cargo, "1.2.3", "1.2.3 1.9.0 | 2.0.0 1.2.2");
    allows(Ecosystem::Cargo, "0.2", "0.2.0 0.2.9 | 0.3.0");
    allows(Ecosystem::Cargo, "0.0", "0.0.9 | 0.1.0");
    allows(Ecosystem::Cargo, "=1.2.3", "1.2.3 | 1.2.4");
    allows(Ecosystem::Cargo, ">=1.2, <1.5", "1.4.9 | 1.5.0");
    allows(Ecosystem::Cargo, "1.*", "1.9.0 | 2.0.0");
    allows(Ecosystem::Gem, "~> 2.2", "2.2 2.9 | 3.0 2.1 3.0.a");
    allows(Ecosystem::Gem, "~> 2.2.0", "2.2.9 | 2.3");
    allows(Ecosystem::Gem, ">= 1.0, < 2", "1.5 | 2 0.9");
    allows(
        Ecosystem::Composer,
        "^1.2 || ^2.0",
        "1.9.0 2.5.0 | 3.0.0 1.1.0",
    );
    allows(Ecosystem::Composer, "~1.2", "1.2.0 1.9.0 | 2.0.0");
    allows(Ecosystem::Composer, "~1.2.3", "1.2.9 | 1.3.0");
    allows(
        Ecosystem::Maven,
        "[1.0,2.0)",
        "1.0 1.9 2.0-alpha-1 | 2.0 0.9",
    );
    allows(Ecosystem::Maven, "(,1.0],[1.2,)", "0.9 1.0 1.2 | 1.1");
    allows(Ecosystem::Nuget, "[1.0]", "1.0.0 | 1.0.1");
}

#[test]
fn what_is_allowed_is_held_against_what_is_affected() {
    let windows = Windows::of(&Affected {
        ecosystem: Ecosystem::Pypi,
        name: "x".to_owned(),
        versions: Vec::new(),
        ranges: vec![
            vec![
                Event::Introduced("1.0".to_owned()),
                Event::Fixed("1.5".to_owned()),
            ],
            vec![
                Event::Introduced("2.0".to_owned()),
                Event::LastAffected("2.3".to_owned()),
            ],
        ],
    });
    for (text, want) in [
        ("==1.4", Some(Reach::All)),
        (">=1.1,<1.5", Some(Reach::All)),
        ("==1.1 || ==2.3", Some(Reach::All)),
        ("~=1.4.0", Some(Reach::All)),
        (">=0.9,<1.5", Some(Reach::Newest)),
        (">=1.9,<=2.3", Some(Reach::Newest)),
        (">=1.1", Some(Reach::Some)),
        (">=1.1,<2.0", Some(Reach::Some)),
        (">=2.4", None),
        ("==1.5", None),
        ("<1.0", None),
    ] {
        let constraint = Constraint::parse(Ecosystem::Pypi, text).unwrap();
        assert_eq!(constraint.reach(&windows), want, "{text}");
    }
}

#[test]
fn hostile_constraints_end() {
    for text in [
        "||".repeat(100_000),
        ">=".repeat(100_000),
        ">=1,".repeat(100_000),
        "[1,".repeat(100_000),
        "9".repeat(100_000),
    ] {
        for ecosystem in Ecosystem::ALL {
            let _ = Constraint::parse(ecosystem, &text);
        }
    }
}
