//! Variables that are keys because they are handed over as such: `Client(api_key=os.environ["X"])`.

use std::rc::Rc;

use stance_core::{AssetKind, How, RelationKind};
use stance_read::credential::names_credential;
use stance_read::link::Term;
use stance_read::vendors;

use super::{Collector, Draft, last_part, lies_in};
use crate::python::catalogue::{Role, is_common, root_of};
use crate::python::known::Known;
use crate::python::sink::{CallSite, Given, TextRole};
use crate::python::syntax::Span;

impl Collector<'_> {
    pub(super) fn keys_given(&mut self, site: &CallSite<'_>) {
        let credential = matches!(
            last_part(site.callee),
            "AzureKeyCredential" | "AzureNamedKeyCredential"
        );
        let store = self
            .api_of(site.callee)
            .is_some_and(|api| api.role == Role::VectorStore);
        // `from_connection_string(os.environ["MONGODB_URI"])`
        let connected = store && last_part(site.callee) == "from_connection_string";
        // What clients of a known package call a secret is one, whatever the variable is called.
        let known = root_of(site.callee).is_some_and(|root| !is_common(root));
        for given in site.arguments.iter().take(64) {
            let key = match given.name {
                Some(name) => {
                    is_key(name) || store && opens_a_store(name) || known && names_credential(name)
                }
                None => credential || connected,
            };
            if !key {
                continue;
            }
            for one in given.value.alternatives() {
                let secret = kept_secret(one);
                let variable = match one {
                    Known::Environment { variable, .. } => variable,
                    _ => match &secret {
                        Some(name) => name,
                        None => continue,
                    },
                };
                let own = root_of(site.callee).map(|root| root.vendor);
                self.given_secret(variable, own, given);
            }
        }
    }

    /// A variable whose value was handed over as a secret, to a client of the vendor `own` where that is known.
    pub(super) fn given_secret(
        &mut self,
        variable: &str,
        own: Option<&'static str>,
        given: &Given<'_>,
    ) {
        let vendor = vendors::of_variable(variable).map(|vendor| vendor.key);
        let vendor = vendor.or(own.filter(|vendor| !vendor.is_empty()));
        let draft = Draft::new(
            AssetKind::Identity,
            format!("env:{variable}"),
            variable,
            How::Literal,
        )
        .relation(RelationKind::RunsAs)
        .vendor(vendor);
        self.refer(draft, &given.span);
    }
}

/// A secret that Streamlit keeps, which it hands out as a variable as well: `st.secrets.openai_key`.
///
/// See <https://docs.streamlit.io/develop/concepts/connections/secrets-management>.
fn kept_secret(known: &Known) -> Option<Rc<str>> {
    let Known::Path { path, open, .. } = known else {
        return None;
    };
    let name = path.strip_prefix("streamlit.secrets.")?;
    let name = match (name, open.as_deref()) {
        ("[]", Some(Term::Member(_, key))) => key.as_str(),
        (name, _) => name,
    };
    let plain = (3..=80).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    plain.then(|| name.into())
}

impl Collector<'_> {
    /// The address that a client of a known package is made for: `OpenAI(base_url="http://localhost:8000/v1")`.
    pub(super) fn addresses_given(&mut self, site: &CallSite<'_>) {
        if root_of(site.callee).is_none_or(is_common) {
            return;
        }
        // Clients that are made for one server: `get_client(url="http://127.0.0.1:2024")` of LangGraph.
        let url = lies_in(site.callee, "langgraph_sdk") || lies_in(site.callee, "langgraph.pregel");
        let names = ["base_url", "api_base", "azure_endpoint", "endpoint_url"].into_iter();
        for name in names.chain(url.then_some("url")) {
            let Some(given) = site.keyword(name) else {
                continue;
            };
            for one in given.value.alternatives() {
                match one {
                    Known::Text { text, how } => self.base_address(text, *how, &given.span),
                    Known::Environment {
                        default: Some(text),
                        ..
                    } => self.base_address(text, How::Default, &given.span),
                    _ => {}
                }
            }
        }
    }

    /// `HttpClient(host="api.trychroma.com")`: the host of a vendor's service.
    pub(super) fn hosts_given(&mut self, site: &CallSite<'_>) {
        if root_of(site.callee).is_none_or(is_common) {
            return;
        }
        let Some(given) = site.keyword("host") else {
            return;
        };
        for one in given.value.alternatives() {
            if let Known::Text { text, how } = one
                && !text.contains('/')
                && vendors::of_host(text).is_some()
            {
                self.base_address(&format!("https://{text}"), *how, &given.span);
            }
        }
    }

    /// An address of somebody's service that a variable, parameter or argument gets.
    pub(super) fn service_address(&mut self, text: &str, role: TextRole<'_>, span: &Span) {
        let (name, how) = match role {
            TextRole::Assigned => ("", How::Constant),
            TextRole::Default => ("", How::Default),
            TextRole::Entry(key) => (key.unwrap_or_default(), How::Constant),
            TextRole::Argument(Some(name)) => (name, How::Literal),
            TextRole::Argument(None) | TextRole::Element | TextRole::Key => return,
        };
        if text.starts_with("http") && !self.explained.contains(&span.start) {
            self.address_constant(name, text, how, span);
        }
    }
}

/// Whether a keyword of a store takes what lets somebody in.
fn opens_a_store(keyword: &str) -> bool {
    ["password", "connection_string", "secret", "token"]
        .iter()
        .any(|end| keyword.ends_with(end))
}

/// Whether a keyword takes the key of a service.
fn is_key(keyword: &str) -> bool {
    keyword == "api_key"
        || keyword == "apikey"
        || keyword == "api_token"
        || keyword == "hf_token"
        || keyword.ends_with("_api_key")
}
