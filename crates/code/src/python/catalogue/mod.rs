//! What the analysis knows about the world: modules, calls, names of models.
//! Tables only; a line more is all that a new SDK needs. Whose a variable or an
//! address is, [`stance_read::vendors`] knows.

mod apis;
mod bases;
mod clients;
mod constants;
mod hub;
mod names;
mod roots;
mod routed;

pub(crate) use apis::{APIS, Api, Role};
pub(crate) use bases::{BASES, base_classes, common_base_classes};
pub(crate) use clients::{model_class, vendor_of_class};
pub use constants::by_constant;
pub use hub::model_id;
pub(crate) use hub::{dataset_id, is_publisher, loads_from_hub};
pub use names::{Recognised, beginnings as model_beginnings, recognise, with_provider};
pub(crate) use names::{prefixes as model_prefixes, provider};
pub(crate) use roots::{ROOTS, Root, is_common, root_of};
pub(crate) use routed::{ollama, routed};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vendor_of_the_tables_is_in_the_table_of_vendors() {
        let of_roots = ROOTS.iter().map(|root| root.vendor);
        let named = names::makers();
        for vendor in of_roots.chain(named).filter(|vendor| !vendor.is_empty()) {
            assert!(stance_read::vendors::find(vendor).is_some(), "{vendor}");
        }
    }
}
