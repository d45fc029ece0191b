//! Lock files of Ruby, PHP and .NET, project files of .NET, `bun.lock`.

use stance_core::fact::Ecosystem;

use super::collect::{Collect, Package};
use super::pyproject::entries;
use super::xml;
use stance_read::tree::{Node, Notation};

fn locked(name: &str, version: &str) -> Package {
    Package {
        name: name.to_owned(),
        version: Some(version.to_owned()),
        locked: true,
        ..Package::default()
    }
}

/// `Gemfile.lock`: gems stand four spaces deep below `specs:`, what they need six; what the application asks
/// for stands below `DEPENDENCIES`.
pub(super) fn read_gems(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    let asked: Vec<&str> = text
        .split_once("\nDEPENDENCIES\n")
        .map(|(_, rest)| rest)
        .unwrap_or_default()
        .lines()
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next())
        .map(|name| name.trim_end_matches('!'))
        .collect();
    let mut section = "";
    let mut start = 0_usize;
    for raw in text.split_inclusive('\n') {
        let from = start;
        start = start.saturating_add(raw.len());
        let line = raw.trim_end();
        if !line.starts_with(' ') {
            section = line;
        } else if section == "GEM"
            && line.starts_with("    ")
            && !line.starts_with("     ")
            && let Some((name, version)) = line.trim().split_once(" (")
        {
            // `1.2.3-x86_64-linux` is a build of 1.2.3.
            let version = version.trim_end_matches(')').split('-').next();
            let mut package = locked(name, version.unwrap_or_default());
            package.direct = Some(asked.contains(&name));
            to.package(
                Ecosystem::Gem,
                package,
                from..from.saturating_add(line.len()),
            );
        }
    }
}

/// `composer.lock`.
pub(super) fn read_composer(to: &mut Collect<'_, '_>) {
    let tree = to.tree(Notation::Json, "composer.lock");
    let Some(root) = tree.root() else { return };
    for (section, development) in [("packages", false), ("packages-dev", true)] {
        for node in root.get(section).map(Node::items).unwrap_or_default() {
            let text = |key: &str| node.get(key).and_then(Node::as_str);
            if let (Some(name), Some(version)) = (text("name"), text("version")) {
                let mut package = locked(&name.to_lowercase(), version);
                package.development = development;
                let place = node
                    .get("name")
                    .map_or(node.span.clone(), |name| name.span.clone());
                to.package(Ecosystem::Composer, package, place);
            }
        }
    }
}

/// `packages.lock.json` of NuGet.
pub(super) fn read_nuget_lock(to: &mut Collect<'_, '_>) {
    let tree = to.tree(Notation::Json, "packages.lock.json");
    let Some(root) = tree.root() else { return };
    for framework in entries(root.get("dependencies")) {
        for entry in entries(Some(&framework.value)) {
            let text = |key: &str| entry.value.get(key).and_then(Node::as_str);
            if let Some(version) = text("resolved") {
                let mut package = locked(&entry.key.to_lowercase(), version);
                package.hashed = text("contentHash").is_some();
                package.direct = text("type").map(|kind| kind == "Direct");
                to.package(Ecosystem::Nuget, package, entry.key_span.clone());
            }
        }
    }
}

/// `*.csproj` and its kin, `Directory.Packages.props`, `packages.config`. NuGet takes the lowest version that
/// fits, so a bare version is the one that is installed.
pub(super) fn read_dotnet(to: &mut Collect<'_, '_>) {
    let text = to.text.as_str();
    let root = match xml::parse(text) {
        Ok(root) => root,
        Err((reason, limit, at)) => {
            to.stopped("project file", reason, limit, at);
            return;
        }
    };
    if matches!(to.input.extension(), "csproj" | "fsproj" | "vbproj") {
        // A project is called after its file.
        let file = to.input.file_name();
        let name = file
            .rsplit_once('.')
            .map_or(file, |(name, _)| name)
            .to_owned();
        to.manifest(Ecosystem::Nuget, Some(&name), None, Vec::new(), None);
    }
    for (element, name, version) in [
        ("PackageReference", "Include", "Version"),
        ("PackageVersion", "Include", "Version"),
        ("package", "id", "version"),
    ] {
        for found in root.all(element) {
            let Some(name) = found.attribute(name) else {
                continue;
            };
            let version = found.attribute(version).or_else(|| found.text_of(version));
            // One that is empty or a property stands elsewhere: what is asked for is known without it.
            let version = version.filter(|it| !it.contains('$')).unwrap_or_default();
            let range = version.starts_with(['[', '(']);
            let package = Package {
                name: name.to_lowercase(),
                constraint: if range {
                    version.to_owned()
                } else {
                    String::new()
                },
                version: (!range && !version.is_empty() && !version.contains('*'))
                    .then(|| version.to_owned()),
                ..Package::default()
            };
            to.package(Ecosystem::Nuget, package, found.span.clone());
        }
    }
}

/// `bun.lock`: `"name": ["name@1.2.3", …]` below `packages`, what is asked for below `workspaces`.
pub(super) fn read_bun(to: &mut Collect<'_, '_>) {
    let tree = to.tree(Notation::Json, "bun.lock");
    let Some(root) = tree.root() else { return };
    let workspaces = root.get("workspaces");
    let asked = |sections: &[&str], name: &str| {
        entries(workspaces).any(|workspace| {
            let mut sections = sections.iter();
            sections.any(|section| {
                let section = workspace.value.get(section);
                section.is_some_and(|section| section.get(name).is_some())
            })
        })
    };
    for entry in entries(root.get("packages")) {
        let first = entry.value.items().first().and_then(Node::as_str);
        let Some((name, version)) = first.and_then(|first| {
            let at = first.rfind('@').filter(|at| *at > 0)?;
            Some((first.get(..at)?, first.get(at.saturating_add(1)..)?))
        }) else {
            continue;
        };
        if !version.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let main = asked(
            &["dependencies", "optionalDependencies", "peerDependencies"],
            name,
        );
        let development = asked(&["devDependencies"], name);
        let mut package = locked(&name.to_lowercase(), version);
        package.direct = Some(*entry.key == *name && (main || development));
        package.development = development && !main;
        package.hashed = entry
            .value
            .items()
            .iter()
            .any(|item| item.as_str().is_some_and(|text| text.starts_with("sha")));
        to.package(Ecosystem::Npm, package, entry.key_span.clone());
    }
}
