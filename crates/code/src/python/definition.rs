//! What a dotted path says about the thing at its end: its name, and the file of the tree that defines it.

/// The name of what a path ends with: `tool` of `a.b.tool`, `Own` of `sdk.Agent.<Own@src/own.py>`, `run` of
/// `.<Own@src/own.py>().run`.
pub(super) fn name_of(path: &str) -> &str {
    let behind = path.rsplit_once('>').map_or("", |(_, behind)| behind);
    if let Some((_, name)) = behind.rsplit_once('.') {
        return name;
    }
    match inside(path) {
        // A method goes by its own name.
        Some(inside) => {
            let name = inside.split_once('@').map_or(inside, |(name, _)| name);
            name.rsplit('.').next().unwrap_or_default()
        }
        None => path.rsplit('.').next().unwrap_or_default(),
    }
}

/// The file of the tree that defines it, as far as the path tells.
pub(super) fn home_of(path: &str) -> Option<&str> {
    inside(path)?.split_once('@').map(|(_, home)| home)
}

/// What it inherits from outside of the tree, or where it is itself.
pub(super) fn outside_of(path: &str) -> &str {
    path.split_once(".<").map_or(path, |(outside, _)| outside)
}

fn inside(path: &str) -> Option<&str> {
    let (_, rest) = path.split_once(".<")?;
    rest.split_once('>').map(|(inside, _)| inside)
}
