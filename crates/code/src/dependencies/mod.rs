//! Manifests and lock files: which packages an application needs.
//!
//! The inventory is one of AI, so a package belongs into it when it is AI by nature, when its
//! name is a hair's breadth from one that is, or when it comes from an address in place of a
//! registry. Of a lock file only AI packages count that the project itself asks for; it tells
//! their exact versions; where it does not tell which those are, the manifest beside it does. Every other package whose version or constraint is told is a fact of
//! another kind: advisories may know it.

mod along;
mod asked;
mod cargo;
mod collect;
mod conda;
mod go;
mod gradle;
mod installs;
mod maven;
mod npm;
mod npm_lock;
mod others;
mod parents;
mod pipfile;
mod provided;
mod pyproject;
mod python_lock;
mod requirement;
mod requirements;
mod setup_cfg;
mod setup_py;
pub mod similar;
mod xml;

#[cfg(test)]
mod registries_tests;
#[cfg(test)]
mod tests;

use collect::Collect;
pub(crate) use installs::INSPECTOR as INSTALLS;
use stance_core::Observation;

use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;

/// Settles what the files of a tree say about packages together: which ones only come along with others, and by which
/// name an import goes.
pub fn settle(observations: &mut [Observation]) {
    parents::settle(observations);
    along::settle(observations);
    provided::settle(observations);
}

/// Reads manifests and lock files of Python, JavaScript, Go, Rust, Java, Ruby, PHP and .NET.
pub(crate) static INSPECTOR: Dependencies = Dependencies;

pub(crate) struct Dependencies;

/// A kind of file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Requirements,
    Pyproject,
    PythonLock,
    Pipfile,
    PipfileLock,
    SetupCfg,
    SetupPy,
    Conda,
    PackageJson,
    PackageLock,
    YarnLock,
    PnpmLock,
    BunLock,
    CondaLock,
    GoMod,
    CargoToml,
    CargoLock,
    Pom,
    Gradle,
    GradleCatalogue,
    GradleLock,
    Gemfile,
    Gemspec,
    GemfileLock,
    ComposerJson,
    ComposerLock,
    NugetLock,
    Dotnet,
}

impl Kind {
    fn of(input: &Input<'_>) -> Option<Self> {
        let name = input.file_name();
        Some(match name {
            "pyproject.toml" => Self::Pyproject,
            "uv.lock" | "poetry.lock" | "pdm.lock" | "pylock.toml" => Self::PythonLock,
            "Pipfile" => Self::Pipfile,
            "Pipfile.lock" => Self::PipfileLock,
            "setup.cfg" => Self::SetupCfg,
            "setup.py" => Self::SetupPy,
            "environment.yml" | "environment.yaml" | "conda.yml" | "conda.yaml" => Self::Conda,
            "package.json" => Self::PackageJson,
            "package-lock.json" | "npm-shrinkwrap.json" => Self::PackageLock,
            "yarn.lock" => Self::YarnLock,
            "pnpm-lock.yaml" => Self::PnpmLock,
            "bun.lock" => Self::BunLock,
            "conda-lock.yml" | "conda-lock.yaml" => Self::CondaLock,
            "go.mod" => Self::GoMod,
            "Cargo.toml" => Self::CargoToml,
            "Cargo.lock" => Self::CargoLock,
            "pom.xml" => Self::Pom,
            "build.gradle" | "build.gradle.kts" => Self::Gradle,
            "gradle.lockfile" | "buildscript-gradle.lockfile" => Self::GradleLock,
            "Gemfile" | "gems.rb" => Self::Gemfile,
            "composer.json" => Self::ComposerJson,
            "Gemfile.lock" | "gems.locked" => Self::GemfileLock,
            "composer.lock" => Self::ComposerLock,
            "packages.lock.json" => Self::NugetLock,
            "packages.config" | "Directory.Packages.props" => Self::Dotnet,
            _ if matches!(input.extension(), "csproj" | "fsproj" | "vbproj") => Self::Dotnet,
            _ if input.extension() == "gemspec" => Self::Gemspec,
            _ if name.ends_with(".versions.toml") => Self::GradleCatalogue,
            _ => {
                let text = matches!(input.extension(), "txt" | "in" | "pip");
                let lower = name.to_ascii_lowercase();
                let inside = input
                    .path()
                    .rsplit('/')
                    .nth(1)
                    .is_some_and(|directory| directory == "requirements");
                if text
                    && (lower.contains("requirements") || lower.contains("constraints") || inside)
                {
                    Self::Requirements
                } else {
                    return None;
                }
            }
        })
    }
}

impl Inspector for Dependencies {
    fn name(&self) -> &'static str {
        "dependencies"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.is_text() && Kind::of(input).is_some()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(kind) = Kind::of(input) else { return };
        let Some(text) = input.text(facts) else {
            return;
        };
        let mut to = Collect::new(input, &text, facts);
        match kind {
            Kind::Requirements => requirements::read(&mut to),
            Kind::Pyproject => pyproject::read(&mut to),
            Kind::PythonLock => python_lock::read(&mut to),
            Kind::Pipfile => pipfile::read(&mut to),
            Kind::PipfileLock => pipfile::read_lock(&mut to),
            Kind::SetupCfg => setup_cfg::read(&mut to),
            Kind::SetupPy => setup_py::read(&mut to),
            Kind::Conda => conda::read(&mut to),
            Kind::PackageJson => npm::read(&mut to),
            Kind::PackageLock => npm_lock::read_npm(&mut to),
            Kind::YarnLock => npm_lock::read_yarn(&mut to),
            Kind::PnpmLock => npm_lock::read_pnpm(&mut to),
            Kind::BunLock => others::read_bun(&mut to),
            Kind::CondaLock => conda::read_lock(&mut to),
            Kind::GoMod => go::read(&mut to),
            Kind::CargoToml => cargo::read(&mut to),
            Kind::CargoLock => cargo::read_lock(&mut to),
            Kind::Pom => maven::read(&mut to),
            Kind::Gradle => gradle::read(&mut to),
            Kind::GradleCatalogue => gradle::read_catalogue(&mut to),
            Kind::GradleLock => gradle::read_lock(&mut to),
            Kind::Gemfile => asked::read_gemfile(&mut to),
            Kind::Gemspec => asked::read_gemspec(&mut to),
            Kind::ComposerJson => asked::read_composer(&mut to),
            Kind::GemfileLock => others::read_gems(&mut to),
            Kind::ComposerLock => others::read_composer(&mut to),
            Kind::NugetLock => others::read_nuget_lock(&mut to),
            Kind::Dotnet => others::read_dotnet(&mut to),
        }
    }
}
