//! Variables that are keys because they are handed over as such: `Client(api_key=os.environ["X"])`.

use stance_core::{AssetKind, How, RelationKind};
use stance_read::vendors;

use super::{Collector, Draft, last_part};
use crate::python::catalogue::root_of;
use crate::python::known::Known;
use crate::python::sink::CallSite;

impl Collector<'_> {
    pub(super) fn keys_given(&mut self, site: &CallSite<'_>) {
        let credential = matches!(
            last_part(site.callee),
            "AzureKeyCredential" | "AzureNamedKeyCredential"
        );
        for given in site.arguments.iter().take(64) {
            let key = match given.name {
                Some(name) => is_key(name),
                None => credential,
            };
            if !key {
                continue;
            }
            for one in given.value.alternatives() {
                let Known::Environment { variable, .. } = one else {
                    continue;
                };
                let vendor = vendors::of_variable(variable).map(|vendor| vendor.key);
                let vendor = vendor.or_else(|| {
                    let own = root_of(site.callee).map(|root| root.vendor);
                    own.filter(|vendor| !vendor.is_empty())
                });
                let draft = Draft::new(
                    AssetKind::Identity,
                    format!("env:{variable}"),
                    &**variable,
                    How::Literal,
                )
                .relation(RelationKind::RunsAs)
                .vendor(vendor);
                self.refer(draft, &given.span);
            }
        }
    }
}

/// Whether a keyword takes the key of a service.
fn is_key(keyword: &str) -> bool {
    keyword == "api_key"
        || keyword == "apikey"
        || keyword == "api_token"
        || keyword == "hf_token"
        || keyword.ends_with("_api_key")
}
