//! What names a record of a log for good, so that a log that is read twice tells nothing twice.

use stance_core::digest::sha256_hex;

use super::Known;
use crate::interaction::Interaction;
use crate::value::Value;

/// Characters of a digest: 128 bits.
const LONG: usize = 32;

/// The name of a record: a digest of the id that its log gives it, or of all that it says where it has none. When it began is part
/// of it, since gateways pass on ids that clients made up and use again.
pub(super) fn of(known: &Known, record: &Value<'_>, interaction: &Interaction) -> String {
    let mut said = known.format.word().as_bytes().to_vec();
    let own = known.id.iter().find_map(|names| record.at(names)?.label());
    match own {
        Some(id) => {
            said.push(0);
            said.extend_from_slice(id.as_bytes());
            said.push(0);
            if let Some(start) = interaction.start {
                said.extend_from_slice(&start.as_nanosecond().to_be_bytes());
            }
        }
        None => {
            said.push(1);
            record.spell(&mut said);
        }
    }
    short(&said)
}

/// The name of a line that is no JSON.
pub(super) fn of_line(known: &Known, line: &[u8]) -> String {
    let mut said = known.format.word().as_bytes().to_vec();
    said.push(2);
    said.extend_from_slice(line);
    short(&said)
}

fn short(said: &[u8]) -> String {
    let mut digest = sha256_hex(said);
    digest.truncate(LONG);
    digest
}
