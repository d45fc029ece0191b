//! Who a program is for a cloud: credentials that are made without a key in the source.

use stance_code::credentials::signs_in;
use stance_core::fact::Fact;
use stance_core::{AssetKind, How, RelationKind};

use super::{Collector, Draft};
use crate::script::catalogue::last_part;
use crate::script::known::{At, Known};
use crate::script::walk::Site;

/// Most credentials of one file that wait until it is known what the file is about.
const MOST: usize = 32;

impl Collector<'_> {
    /// `new DefaultAzureCredential()`, `new GoogleAuth()`, `fromIni({ profile: "x" })`.
    pub(super) fn signs_in(&mut self, site: &Site<'_>) {
        if self.later.len() >= MOST {
            return;
        }
        let callee = site.callee;
        let known =
            callee.starts_with("@azure/identity.") || callee.starts_with("google-auth-library.");
        if let Some(found) = signs_in(last_part(callee)).filter(|_| known) {
            let key = format!("{}/{}", found.vendor, found.name);
            let draft = Draft::new(AssetKind::Identity, key, found.name, How::Literal)
                .relation(RelationKind::RunsAs)
                .vendor(Some(found.vendor))
                .alias(found.title);
            self.later.push((draft, At::Here(site.callee_span)));
        }
        if callee.starts_with("@aws-sdk/credential-provider")
            && last_part(callee) == "fromIni"
            && let Some(given) = site.option("profile")
            && let Known::Text { text, how, .. } = given.value
        {
            let draft = Draft::new(
                AssetKind::Identity,
                format!("aws/profile/{text}"),
                &**text,
                *how,
            )
            .relation(RelationKind::RunsAs)
            .vendor(Some("aws"));
            self.later.push((draft, given.at.clone()));
        }
    }

    /// What counts when the file has to do with AI, or when nothing else tells the same better.
    pub(super) fn settle_later(&mut self) {
        for (draft, at) in std::mem::take(&mut self.later) {
            let references = || {
                self.facts.iter().filter_map(|fact| match fact {
                    Fact::Reference(it) => Some(it),
                    _ => None,
                })
            };
            let counts = match draft.kind {
                // A client of a store of vectors, of which no call tells what it keeps.
                AssetKind::VectorStore => !references().any(|it| {
                    let technology = it.attributes.get("technology").and_then(|it| it.as_str());
                    it.kind == AssetKind::VectorStore && technology == Some(&*draft.name)
                }),
                _ => !self.packages.is_empty() || references().next().is_some(),
            };
            if counts {
                self.refer(draft, &at);
            }
        }
    }
}
