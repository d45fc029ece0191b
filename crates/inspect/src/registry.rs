//! The list of parsers: one line each, in the crate of the parser.

use crate::Inspector;

/// The parsers of this crate: those of containers, which hand their members to all parsers.
const CONTAINERS: &[&dyn Inspector] = &[
    &crate::compressed::INSPECTOR,
    &crate::pickle_file::INSPECTOR,
    &crate::sealed::INSPECTOR,
    &crate::sevenzip::INSPECTOR,
    &crate::tar::INSPECTOR,
    &crate::zip::INSPECTOR,
    // Last: they add to what the others found.
    &crate::hidden::INSPECTOR,
    &crate::disguise::INSPECTOR,
];

/// What looks at a file that code says to a model.
pub static PROMPTS: [&dyn Inspector; 1] = [&stance_code::instructions::OPENED];

const LISTS: [&[&dyn Inspector]; 6] = [
    stance_code::PARSERS,
    stance_config::PARSERS,
    stance_languages::PARSERS,
    stance_models::PARSERS,
    stance_read::PARSERS,
    CONTAINERS,
];

#[expect(clippy::indexing_slicing, reason = "evaluated when this is compiled")]
const COUNT: usize = {
    let mut count = 0;
    let mut list = 0;
    while list < LISTS.len() {
        count += LISTS[list].len();
        list += 1;
    }
    count
};

/// Every parser, in the order in which they are asked.
#[expect(clippy::indexing_slicing, reason = "evaluated when this is compiled")]
pub static ALL: [&dyn Inspector; COUNT] = {
    let mut all = [CONTAINERS[0]; COUNT];
    let (mut at, mut list) = (0, 0);
    while list < LISTS.len() {
        let mut next = 0;
        while next < LISTS[list].len() {
            all[at] = LISTS[list][next];
            at += 1;
            next += 1;
        }
        list += 1;
    }
    all
};
