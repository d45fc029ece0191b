//! The section `[discover]`: which services may be used, and what in the place of others.

use std::collections::BTreeMap;
use std::ops::Range;

use stance_logs::{Catalogue, Category};

use super::file::File;

/// Keys of the vendors and services that may be used.
pub(crate) fn sanctioned(file: &File) -> Vec<String> {
    let names = file.discover.sanctioned.as_ref();
    let names = names.into_iter().flat_map(|names| names.get_ref());
    names.filter_map(|name| key(name)).collect()
}

/// The key behind a name: of a vendor, else of a service. Neither capitals nor blanks and hyphens matter.
pub(crate) fn key(name: &str) -> Option<String> {
    let wanted = squeezed(name);
    let services = Catalogue::embedded().services();
    let vendor = services
        .iter()
        .find(|service| squeezed(&service.vendor) == wanted);
    let own = || {
        services
            .iter()
            .find(|service| squeezed(&service.id) == wanted || squeezed(&service.name) == wanted)
    };
    vendor
        .map(|service| service.vendor.clone())
        .or_else(|| own().map(|service| service.id.clone()))
}

fn squeezed(name: &str) -> String {
    name.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// What is to be used in the place of others, by category.
pub(crate) fn alternatives(file: &File) -> BTreeMap<String, String> {
    let said = file.discover.alternatives.iter();
    said.map(|(category, what)| (category.get_ref().clone(), what.clone()))
        .collect()
}

/// A name that no service has would silently sanction nothing.
pub(crate) fn check(file: &File) -> Result<(), (Range<usize>, String)> {
    if let Some(names) = &file.discover.sanctioned {
        for name in names.get_ref() {
            check_name(name).map_err(|message| (names.span(), message))?;
        }
    }
    for category in file.discover.alternatives.keys() {
        let name = category.get_ref();
        if !Category::ALL.iter().any(|known| known.name() == name) {
            let all = Category::ALL.map(Category::name);
            let hint = nearest(name, all.into_iter()).map_or_else(
                || format!("use one of {}", all.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            return Err((
                category.span(),
                format!("alternatives: `{name}` is no category; {hint}"),
            ));
        }
    }
    Ok(())
}

/// Whether a name is that of a vendor or service of the catalogue; what is wrong with it otherwise.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    if key(name).is_some() {
        return Ok(());
    }
    let wanted = name.trim().to_lowercase();
    let all = || {
        let services = Catalogue::embedded().services().iter();
        services.flat_map(|service| [&*service.vendor, &*service.id, &*service.name])
    };
    let hint = nearest(&wanted, all()).map_or_else(
        || "name it by its vendor, such as `openai`, or by its own name".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Err(format!(
        "sanctioned: the catalogue has no vendor or service `{name}`; {hint}"
    ))
}

fn nearest<'n>(name: &str, all: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    all.map(|known| (strsim::jaro_winkler(name, &known.to_lowercase()), known))
        .filter(|(likeness, _)| *likeness > 0.84)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, known)| known)
}
