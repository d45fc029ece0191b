//! Who a program is for a cloud: credentials that are made without a key in the source.

use stance_core::{AssetKind, How, RelationKind};

use super::paths::lies_in;
use super::{Collector, Draft, last_part};
use crate::credentials::{SignIn, signs_in};
use crate::python::catalogue::{is_common, root_of};
use crate::python::known::Known;
use crate::python::sink::{CallSite, Given};

impl Collector<'_> {
    /// `DefaultAzureCredential()`, `google.auth.default()`, `boto3.Session(profile_name="x")`, in source that uses AI.
    pub(super) fn signs_in(&mut self, site: &CallSite<'_>) {
        let azure = lies_in(site.callee, "azure.identity") || lies_in(site.callee, "msal");
        let found = match site.callee {
            "google.auth.default" => signs_in("google.auth.default"),
            callee if azure && !callee.contains("()") => signs_in(last_part(callee)),
            _ => None,
        };
        if let Some(SignIn {
            vendor,
            name,
            title,
        }) = found
            && self.uses_ai()
        {
            let draft = Draft::new(
                AssetKind::Identity,
                format!("{vendor}/{name}"),
                name,
                How::Literal,
            )
            .relation(RelationKind::RunsAs)
            .vendor(Some(vendor))
            .alias(title);
            self.refer(draft, &site.callee_span);
        }
        let session = matches!(
            site.callee,
            "boto3.Session" | "boto3.session.Session" | "aioboto3.Session"
        );
        if let Some(given) = site
            .keyword("profile_name")
            .filter(|_| session && self.uses_ai())
        {
            self.profile(given);
        }
    }

    fn profile(&mut self, given: &Given<'_>) {
        for one in given.value.alternatives() {
            let (name, how) = match one {
                Known::Text { text, how } => (text, *how),
                Known::Environment {
                    default: Some(text),
                    ..
                } => (text, How::Default),
                _ => continue,
            };
            if !name.is_empty() && name.len() < 80 {
                let draft = Draft::new(
                    AssetKind::Identity,
                    format!("aws/profile/{name}"),
                    &**name,
                    how,
                )
                .relation(RelationKind::RunsAs)
                .vendor(Some("aws"));
                self.refer(draft, &given.span);
            }
        }
    }

    /// Whether a module is imported that only programs have which use AI, or one of a cloud of which a service of AI
    /// was called.
    fn uses_ai(&self) -> bool {
        let imported = self
            .modules
            .iter()
            .filter_map(|(module, _)| root_of(module));
        imported.into_iter().any(|root| !is_common(root)) || !self.used.is_empty()
    }

    /// Secrets in the headers of a request: `headers={"Authorization": f"Bearer {os.environ['X']}"}`.
    pub(super) fn headers_given(&mut self, site: &CallSite<'_>) {
        for name in ["headers", "default_headers", "extra_headers"] {
            let Some(given) = site.keyword(name) else {
                continue;
            };
            let Known::Map(map) = &given.value else {
                continue;
            };
            let secret = map.content.iter().filter(|(key, _)| opens(key));
            for (_, value) in secret.take(8) {
                for one in value.alternatives() {
                    self.variables_in(one, given);
                }
            }
        }
    }

    fn variables_in(&mut self, known: &Known, given: &Given<'_>) {
        match known {
            Known::Environment { variable, .. } => {
                let variable = variable.to_string();
                self.given_secret(&variable, None, given);
            }
            Known::Joined(parts) => {
                for part in parts.content.iter().take(16) {
                    if let Known::Environment { variable, .. } = part {
                        let variable = variable.to_string();
                        self.given_secret(&variable, None, given);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a header lets its sender in.
fn opens(header: &str) -> bool {
    let header = header.to_ascii_lowercase();
    header == "authorization"
        || [
            "api-key",
            "apikey",
            "api_key",
            "-token",
            "subscription-key",
            "-auth",
        ]
        .iter()
        .any(|end| header.ends_with(end))
}
