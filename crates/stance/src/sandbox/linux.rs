//! Landlock, seccomp and limits, as far as the kernel has them.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, PathBeneath, PathFd,
    Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetStatus,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::calls;

/// Address space, in bytes: far more than a scan takes, far less than a machine has.
pub(super) const MEMORY: u64 = 8 << 30;

/// Confines this process and gives what the kernel does not have of it.
pub(super) fn confine(readable: &[PathBuf], memory: u64) -> anyhow::Result<Vec<String>> {
    limit(Resource::As, memory)?;
    limit(Resource::Core, 0)?;
    let mut missing = Vec::new();
    match landlock(readable)? {
        RulesetStatus::FullyEnforced => {}
        RulesetStatus::PartiallyEnforced => {
            missing.push("this kernel has only a part of Landlock".to_owned());
        }
        RulesetStatus::NotEnforced => missing.push("this kernel has no Landlock".to_owned()),
    }
    if let Err(error) = calls::restrict() {
        missing.push(format!("system calls cannot be restricted: {error}"));
    }
    Ok(missing)
}

fn limit(resource: Resource, most: u64) -> anyhow::Result<()> {
    let now = getrlimit(resource);
    let lower = |known: Option<u64>| Some(known.map_or(most, |known| known.min(most)));
    let new = Rlimit {
        current: lower(now.current),
        maximum: lower(now.maximum),
    };
    setrlimit(resource, new).context("cannot limit the memory of the sandbox")
}

fn landlock(readable: &[PathBuf]) -> anyhow::Result<RulesetStatus> {
    // Version 4 is the first that also refuses connections.
    let version = ABI::V4;
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(version))?
        .handle_access(AccessNet::from_all(version))?
        .create()?;
    for path in readable {
        ruleset = allow(ruleset, path)?;
        // What git ignores in the scanned tree is also said above it.
        for above in path.ancestors().skip(1) {
            for name in [".gitignore", ".git/info/exclude"] {
                let file = above.join(name);
                if file.is_file() {
                    ruleset = allow(ruleset, &file)?;
                }
            }
        }
    }
    Ok(ruleset.restrict_self()?.ruleset)
}

fn allow(
    ruleset: landlock::RulesetCreated,
    path: &Path,
) -> anyhow::Result<landlock::RulesetCreated> {
    let access = if path.is_dir() {
        AccessFs::ReadFile | AccessFs::ReadDir
    } else {
        AccessFs::ReadFile.into()
    };
    let opened = PathFd::new(path).with_context(|| format!("cannot open {}", path.display()))?;
    Ok(ruleset.add_rule(PathBeneath::new(opened, access))?)
}
