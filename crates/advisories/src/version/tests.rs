use std::cmp::Ordering;

use proptest::prelude::*;
use stance_core::fact::Ecosystem;

use super::Version;

fn version(ecosystem: Ecosystem, text: &str) -> Version {
    Version::parse(ecosystem, text).unwrap_or_else(|| panic!("{ecosystem:?} {text}"))
}

/// Each text is a version that comes before the next.
fn ascends(ecosystem: Ecosystem, texts: &str) {
    let texts: Vec<&str> = texts.split_whitespace().collect();
    for (at, low) in texts.iter().enumerate() {
        for high in texts.iter().skip(at + 1) {
            let (a, b) = (version(ecosystem, low), version(ecosystem, high));
            assert_eq!(a.cmp(&b), Ordering::Less, "{low} < {high}");
            assert_eq!(b.cmp(&a), Ordering::Greater, "{high} > {low}");
        }
    }
}

/// Each pair is one version.
fn same(ecosystem: Ecosystem, pairs: &str) {
    for pair in pairs.split_whitespace() {
        let (a, b) = pair.split_once('=').unwrap();
        assert_eq!(version(ecosystem, a), version(ecosystem, b), "{pair}");
    }
}

#[test]
fn python() {
    ascends(
        Ecosystem::Pypi,
        "1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 \
         1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0.post456.dev34 1.0.post456 1.1.dev1 1.2 \
         1.2+123abc 1.2+123456 1.2.r32 1.2.1 1!1.0",
    );
    same(
        Ecosystem::Pypi,
        "1.0=1.0.0 v1.0=1 1.0-rc.1=1.0rc1 1.0c1=1.0RC1 1.0-1=1.0.post1 1.0.ALPHA=1a0",
    );
    // What is older than the rules comes first.
    ascends(Ecosystem::Pypi, "2004d 0.0.1");
}

#[test]
fn semantic_versions() {
    for ecosystem in [Ecosystem::Npm, Ecosystem::Cargo] {
        // The example of semver.org, section 11.
        ascends(
            ecosystem,
            "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 2.0.0 \
             2.1.0 2.1.1 10.0.0",
        );
        same(
            ecosystem,
            "1.0.0=1.0.0+build v1.2.3=1.2.3 1.2=1.2.0 1.0.0-alpha.01=1.0.0-alpha.1",
        );
    }
    assert_eq!(Version::parse(Ecosystem::Npm, "latest"), None);
    assert_eq!(Version::parse(Ecosystem::Npm, "1.2.3.4"), None);
}

#[test]
fn go() {
    // The order of golang.org/x/mod/semver, with the three forms of pseudo-versions.
    ascends(
        Ecosystem::Golang,
        "v0.0.0-20170915032832-14c0d48ead0c v0.0.0-20200101000000-abcdef012345 v0.1.0 v1.0.0-alpha v1.0.0-alpha.1 \
         v1.0.0-beta.2 v1.0.0-beta.11 v1.0.0-rc.1 v1.0.0-rc.1.0.20200101000000-abcdef012345 v1.0.0 \
         v1.0.1-0.20200101000000-abcdef012345 v1.0.1 v1.2.0",
    );
    same(
        Ecosystem::Golang,
        "v2.0.0+incompatible=2.0.0 go1.21.0=1.21.0 go1.21rc2=1.21.0-rc.2",
    );
}

#[test]
fn maven() {
    // The lists of Maven's own test of its order.
    ascends(
        Ecosystem::Maven,
        "1-alpha2snapshot 1-alpha2 1-alpha-123 1-beta-2 1-beta123 1-m2 1-m11 1-rc 1-cr2 1-rc123 1-SNAPSHOT 1 1-sp \
         1-sp2 1-sp123 1-abc 1-def 1-pom-1 1-1-snapshot 1-1 1-2 1-123",
    );
    ascends(
        Ecosystem::Maven,
        "2.0 2.0.a 2-1 2.0.2 2.0.123 2.1.0 2.1-1 2.1.0.1 2.2 2.123",
    );
    ascends(
        Ecosystem::Maven,
        "11.a2 11.a11 11.b2 11.b11 11.m2 11.m11 11 11.a 11b 11c 11m",
    );
    ascends(
        Ecosystem::Maven,
        "2.0.1-xyz 2.0.1-123 2.0.1-789 2.1.0 6.1.0 6.1.0.1 20190126.230843",
    );
    same(
        Ecosystem::Maven,
        "1=1.0 1=1-0 1.0=1.0-0 1=1-ga 1=1-final 1-cr1=1-rc1 1a1=1-alpha-1 1.0.0X1=1.0.0-x1 1x=1.0.0-x \
         1=1.RELEASE 1alpha1=1a1 1m3=1milestone3",
    );
}

#[test]
fn gems() {
    // From the tests of RubyGems.
    ascends(
        Ecosystem::Gem,
        "0.0.beta 0.beta.1 1.8.2.a9 1.8.2.a10 1.8.2.b 1.8.2 1.9.3.alpha.5 1.9.3 2.0.0.rc2 2.0.0 10.0",
    );
    ascends(Ecosystem::Gem, "5.a 5.0.0.rc2 5.x 5");
    same(
        Ecosystem::Gem,
        "1=1.0.0 1.2.b1=1.2.b.1 1.0-a=1.0.pre.a 0.beta.1=0.0.beta.1",
    );
    assert_eq!(Version::parse(Ecosystem::Gem, "junk"), None);
}

#[test]
fn nuget() {
    ascends(
        Ecosystem::Nuget,
        "1.0.0-alpha 1.0.0-alpha.2 1.0.0-alpha.11 1.0.0-Beta 1.0.0-rc.1 1.0 1.0.0.1 1.0.1 1.10",
    );
    same(
        Ecosystem::Nuget,
        "1=1.0.0.0 1.0.0-BETA=1.0.0-beta 1.0.0=1.0.0+git 1.01=1.1",
    );
}

#[test]
fn packagist() {
    ascends(
        Ecosystem::Composer,
        "1.0.0-dev 1.0.0-alpha1 1.0.0-alpha2 1.0.0-beta1 1.0.0-RC1 1.0.0-rc10 1.0.0 1.0.0-p1 1.0.1 1.10.0",
    );
    same(
        Ecosystem::Composer,
        "1=1.0.0.0 v1.2=1.2.0 1.0.0-b2=1.0.0-beta2 1.0-RC.1=1.0.0rc1",
    );
    assert_eq!(Version::parse(Ecosystem::Composer, "dev-master"), None);
}

proptest! {
    /// Any text of any registry has its place in one order, and nothing breaks.
    #[test]
    fn every_order_is_one(
        texts in prop::collection::vec("[0-9a-zA-Z.+_-]{1,12}|[0-9]{1,3}(\\.[0-9]{1,2}){0,3}(-?(a|rc|beta|x|SNAPSHOT)\\.?[0-9]?)?", 3),
        which in 0_usize..8,
    ) {
        let ecosystem = Ecosystem::ALL[which];
        let versions: Vec<Version> = texts.iter().filter_map(|text| Version::parse(ecosystem, text)).collect();
        for a in &versions {
            prop_assert_eq!(a.cmp(a), Ordering::Equal);
            for b in &versions {
                prop_assert_eq!(a.cmp(b), b.cmp(a).reverse());
                // Maven's own order is not transitive for words between numbers.
                if ecosystem != Ecosystem::Maven {
                    for c in &versions {
                        if a <= b && b <= c {
                            prop_assert!(a <= c, "{a:?} {b:?} {c:?}");
                        }
                    }
                }
            }
        }
    }
}
