//! Versions that a manifest of Maven has from its parents in the tree: their properties and what they manage.
//!
//! See <https://maven.apache.org/pom.html#Inheritance>.

use std::collections::BTreeMap;
use std::sync::Arc;

use stance_core::Observation;
use stance_core::fact::{Dependency, Ecosystem, Fact, Inheritance, Manifest};

use super::maven::resolve_with;

/// Most parents one above the other.
const DEPTH: usize = 16;

/// Lists of versions that name one for all packages of a group, and whose packages all have the version of the list.
const LISTS: &[(&str, &str)] = &[(
    "org.springframework.ai:",
    "org.springframework.ai:spring-ai-bom",
)];

/// Fills in versions that stand in the parents of a manifest.
pub(super) fn settle(observations: &mut [Observation]) {
    let mut manifests: BTreeMap<Arc<str>, Manifest> = BTreeMap::new();
    for seen in observations.iter() {
        if let Fact::Manifest(manifest) = &seen.fact
            && manifest.inheritance.is_some()
        {
            manifests.insert(Arc::clone(&seen.subject), Manifest::clone(manifest));
        }
    }
    if manifests.is_empty() {
        return;
    }
    for seen in observations.iter_mut() {
        let (Fact::Dependency(package) | Fact::OtherPackage(package)) = &mut seen.fact else {
            continue;
        };
        if package.ecosystem == Ecosystem::Maven
            && package.version.is_none()
            && package.constraint.is_empty()
        {
            fill(package, &seen.subject, &manifests);
        }
    }
}

fn fill(package: &mut Dependency, path: &Arc<str>, manifests: &BTreeMap<Arc<str>, Manifest>) {
    let chain = chain(path, manifests);
    let Some(own) = chain.first() else { return };
    let Some(written) = own.open.get(&package.name) else {
        return;
    };
    let managed = |name: &str| chain.iter().find_map(|one| one.managed.get(name)).cloned();
    let version = Some(written.clone())
        .filter(|written| !written.is_empty())
        .or_else(|| managed(&package.name))
        .or_else(|| {
            let list = LISTS
                .iter()
                .find(|(group, _)| package.name.starts_with(group));
            managed(list?.1)
        });
    // The nearest that sets a property counts.
    let property = |name: &str| {
        chain
            .iter()
            .find_map(|one| one.properties.get(name))
            .cloned()
    };
    let Some(version) = version.and_then(|version| resolve_with(&version, property)) else {
        return;
    };
    if version.starts_with(['[', '(']) {
        package.constraint = version;
    } else {
        package.version = Some(version);
    }
}

/// What a manifest and its parents say, the nearest first.
fn chain<'m>(path: &Arc<str>, manifests: &'m BTreeMap<Arc<str>, Manifest>) -> Vec<&'m Inheritance> {
    let mut chain: Vec<&Inheritance> = Vec::new();
    let mut at: Option<Arc<str>> = Some(Arc::clone(path));
    while let Some(path) = at.take() {
        let own = manifests
            .get(&path)
            .and_then(|it| it.inheritance.as_deref());
        let Some(own) = own.filter(|_| chain.len() < DEPTH) else {
            break;
        };
        chain.push(own);
        let Some((relative, name)) = &own.parent else {
            break;
        };
        let above = resolved(&path, relative);
        // A directory means the manifest in it; another project of that place is no parent.
        for candidate in [above.clone(), above.map(|it| format!("{it}/pom.xml"))] {
            let found = candidate
                .as_deref()
                .and_then(|it| manifests.get_key_value(it));
            if let Some((path, manifest)) = found
                && manifest.name.as_deref() == Some(name)
            {
                at = Some(Arc::clone(path));
                break;
            }
        }
    }
    chain
}

/// A path relative to the directory of a file; none when it leaves the tree.
fn resolved(file: &str, relative: &str) -> Option<String> {
    let directory = file.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut parts: Vec<&str> = directory
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use stance_core::{Fact, Observation};
    use stance_read::{Bytes, Interests, Limits, Options};

    /// `subject name version` of the packages of a tree.
    fn packages(files: &[(&str, &str)]) -> Vec<String> {
        let interests = Interests::default();
        let options = Options {
            limits: Limits::default(),
            hash: false,
            interests: &interests,
            parsers: crate::PARSERS,
        };
        let mut all: Vec<Observation> = Vec::new();
        for (path, content) in files {
            let report = stance_read::scan(*path, &Bytes(content.as_bytes()), &options);
            all.extend(report.facts.into_iter().map(|(subject, fact)| Observation {
                source: "directory",
                subject,
                fact,
            }));
        }
        super::super::settle(&mut all);
        let told = all.iter().filter_map(|seen| match &seen.fact {
            Fact::Dependency(it) => Some(format!(
                "{} {} {}",
                seen.subject,
                it.name,
                it.version.as_deref().unwrap_or("-")
            )),
            _ => None,
        });
        told.collect()
    }

    const TOP: &str = "<project><groupId>dev.acme</groupId><artifactId>top</artifactId><version>1</version><properties><l4j.version>1.2.3</l4j.version><spring-ai.version>1.0.1</spring-ai.version></properties><dependencyManagement><dependencies><dependency><groupId>dev.langchain4j</groupId><artifactId>langchain4j</artifactId><version>${l4j.version}</version></dependency><dependency><groupId>org.springframework.ai</groupId><artifactId>spring-ai-bom</artifactId><version>${spring-ai.version}</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement></project>";

    fn child(parent: &str) -> String {
        format!(
            "<project><parent>{parent}</parent><artifactId>app</artifactId><properties><l4j.version>1.3.0</l4j.version></properties><dependencies><dependency><groupId>dev.langchain4j</groupId><artifactId>langchain4j</artifactId></dependency><dependency><groupId>org.springframework.ai</groupId><artifactId>spring-ai-starter-model-openai</artifactId></dependency></dependencies></project>"
        )
    }

    #[test]
    fn versions_come_from_the_parents_in_the_tree_and_the_nearest_property_counts() {
        let own =
            child("<groupId>dev.acme</groupId><artifactId>top</artifactId><version>1</version>");
        let all = packages(&[("pom.xml", TOP), ("app/pom.xml", &own)]);
        let below: Vec<&String> = all.iter().filter(|it| it.starts_with("app/")).collect();
        assert_eq!(
            below,
            [
                "app/pom.xml dev.langchain4j:langchain4j 1.3.0",
                "app/pom.xml org.springframework.ai:spring-ai-starter-model-openai 1.0.1",
            ]
        );
    }

    #[test]
    fn a_parent_of_a_registry_or_of_another_name_tells_nothing() {
        for parent in [
            "<groupId>dev.other</groupId><artifactId>top</artifactId><version>1</version>",
            "<groupId>dev.acme</groupId><artifactId>top</artifactId><version>1</version><relativePath/>",
        ] {
            let all = packages(&[("pom.xml", TOP), ("app/pom.xml", &child(parent))]);
            let open = all
                .iter()
                .filter(|it| it.starts_with("app/") && it.ends_with(" -"));
            assert_eq!(open.count(), 2, "{all:?}");
        }
    }
}
