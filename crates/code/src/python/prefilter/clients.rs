//! Signs of clients of services, by what they are made with.

use super::Prefilter;
use crate::python::catalogue::{ROOTS, is_common};

impl Prefilter {
    /// Clients are made with an address, or with a secret that Streamlit keeps.
    pub(super) fn clients(&mut self) {
        for keyword in ["base_url", "api_base", "azure_endpoint"] {
            let address = self.keyword(keyword);
            for root in ROOTS.iter().filter(|root| !is_common(root)) {
                let module = self.module(root.module);
                self.conjunctions.push(vec![module, address]);
            }
        }
        let kept = self.module("streamlit");
        let key = self.keyword("api_key");
        self.conjunctions.push(vec![kept, key]);
        let hub = self.module("llama_hub");
        self.conjunctions.push(vec![hub]);
    }
}
