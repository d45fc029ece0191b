//! Names of registries and of packages, as they are compared.

use stance_core::fact::Ecosystem;

/// The registry that the Open Source Vulnerability format calls so; a suffix (`Maven:https://…`) is another
/// registry of the same kind.
#[must_use]
pub fn ecosystem(name: &str) -> Option<Ecosystem> {
    let name = name.split(':').next().unwrap_or_default();
    Ecosystem::ALL
        .into_iter()
        .find(|ecosystem| ecosystem.title() == name)
}

/// A name as its registry compares it.
#[must_use]
pub fn normalise(ecosystem: Ecosystem, name: &str) -> String {
    let name = name.trim();
    match ecosystem {
        // PEP 503.
        Ecosystem::Pypi => {
            let mut normal = String::with_capacity(name.len());
            for character in name.chars() {
                match character {
                    '-' | '_' | '.' if normal.ends_with('-') => {}
                    '-' | '_' | '.' => normal.push('-'),
                    other => normal.push(other.to_ascii_lowercase()),
                }
            }
            normal
        }
        Ecosystem::Npm | Ecosystem::Nuget | Ecosystem::Composer => name.to_ascii_lowercase(),
        // Cargo takes either for the other.
        Ecosystem::Cargo => name.to_ascii_lowercase().replace('_', "-"),
        Ecosystem::Golang | Ecosystem::Maven | Ecosystem::Gem => name.to_owned(),
    }
}

/// Registry and normalised name of a purl, its version and qualifiers left out.
#[must_use]
pub fn of_purl(purl: &str) -> Option<(Ecosystem, String)> {
    let rest = purl.strip_prefix("pkg:")?;
    let rest = rest.split(['?', '#']).next()?;
    let (kind, path) = rest.split_once('/')?;
    let ecosystem = Ecosystem::of_name(&kind.to_ascii_lowercase())?;
    let path = path.replace("%40", "@");
    // The version stands behind an `@` that does not begin a scope.
    let path = match path.rfind('@') {
        Some(at) if at > 0 && !path.get(at..).unwrap_or_default().contains('/') => {
            path.get(..at).unwrap_or_default()
        }
        _ => &path,
    };
    let name = match ecosystem {
        Ecosystem::Maven => path.replacen('/', ":", 1),
        _ => path.to_owned(),
    };
    (!name.is_empty()).then(|| (ecosystem, normalise(ecosystem, &name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_their_registries_do() {
        for (ecosystem, name, want) in [
            (Ecosystem::Pypi, "Friendly-.-Bard_x", "friendly-bard-x"),
            (Ecosystem::Npm, "@Scope/Name", "@scope/name"),
            (Ecosystem::Cargo, "async_openai", "async-openai"),
            (Ecosystem::Maven, "org.A:b", "org.A:b"),
            (Ecosystem::Nuget, "Microsoft.ML", "microsoft.ml"),
        ] {
            assert_eq!(normalise(ecosystem, name), want);
        }
        assert_eq!(
            ecosystem("Maven:https://repo.example"),
            Some(Ecosystem::Maven)
        );
        assert_eq!(ecosystem("Debian:12"), None);
    }

    #[test]
    fn purls_name_registry_and_package() {
        for (purl, want) in [
            ("pkg:pypi/Torch@2.1?x=y", Some((Ecosystem::Pypi, "torch"))),
            (
                "pkg:npm/%40scope/name@1.0",
                Some((Ecosystem::Npm, "@scope/name")),
            ),
            ("pkg:npm/@scope/name", Some((Ecosystem::Npm, "@scope/name"))),
            ("pkg:maven/g.h/a@1", Some((Ecosystem::Maven, "g.h:a"))),
            (
                "pkg:golang/github.com/ollama/ollama@v0.1",
                Some((Ecosystem::Golang, "github.com/ollama/ollama")),
            ),
            ("pkg:deb/debian/curl", None),
        ] {
            let got = of_purl(purl);
            let got = got
                .as_ref()
                .map(|(ecosystem, name)| (*ecosystem, name.as_str()));
            assert_eq!(got, want, "{purl}");
        }
    }
}
