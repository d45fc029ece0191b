//! Names of modules, as imports write them.

/// Whether an import means a file of the same tree, by the usual spellings.
pub(super) fn is_relative(module: &str) -> bool {
    module.starts_with("./")
        || module.starts_with("../")
        || module == "."
        || module == ".."
        || module.starts_with("@/")
        || module.starts_with("~/")
        || module.starts_with('#')
}

/// A module as callees are told: without `node:` and the ending of a file.
pub(super) fn path_of_module(module: &str) -> &str {
    let module = module.strip_prefix("node:").unwrap_or(module);
    let module = module.strip_prefix("npm:").unwrap_or(module);
    if !module.contains('/') {
        return module;
    }
    [".js", ".mjs", ".cjs"]
        .iter()
        .find_map(|ending| module.strip_suffix(ending))
        .unwrap_or(module)
}

/// The package that a module belongs to: `@scope/name` of `@scope/name/part`.
pub(super) fn package_of(module: &str) -> &str {
    let module = path_of_module(module);
    let parts = if module.starts_with('@') { 2 } else { 1 };
    let end = module.match_indices('/').nth(parts - 1);
    let name = end.map_or(module, |(end, _)| module.get(..end).unwrap_or(module));
    // `npm:package@1.2`
    match name.get(1..).and_then(|rest| rest.find('@')) {
        Some(at) => name.get(..at.saturating_add(1)).unwrap_or(name),
        None => name,
    }
}
