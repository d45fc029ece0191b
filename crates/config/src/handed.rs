//! Variables that infrastructure hands to programs: keys of AI services, their addresses, deployments of models.

use std::ops::Range;

use stance_core::asset::AssetKind;
use stance_core::relation::RelationKind;
use stance_read::address::{Address, is_variable};
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;
use stance_read::vendors;

use crate::draft::Draft;

/// Most variables that are told of one document.
const MOST: usize = 500;

/// Tells the variables anywhere below: entries under a name of capitals, and `{ name: NAME, value: … }`. Gives how
/// many are of AI.
pub(crate) fn below(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> usize {
    let mut count = 0_usize;
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if let Some(name) = node.get("name")
            && let Some(text) = name.as_str().filter(|text| is_name(text))
            && node.entries().len() <= 4
        {
            let value = node.get("value");
            let given = value.is_some()
                || node
                    .get_any(&[
                        "valueFrom",
                        "value_from",
                        "secretRef",
                        "secret_name",
                        "secret",
                    ])
                    .is_some();
            if given && count < MOST && variable(text, &name.span, value, page, facts) {
                count = count.saturating_add(1);
            }
        }
        for entry in node.entries().iter().filter(|entry| !entry.shadowed) {
            if is_name(&entry.key)
                && !entry.value.is_object()
                && !entry.value.is_array()
                && count < MOST
                && variable(&entry.key, &entry.key_span, Some(&entry.value), page, facts)
            {
                count = count.saturating_add(1);
            }
        }
        open.extend(node.entries().iter().rev().map(|entry| &entry.value));
        open.extend(node.items().iter().rev());
    }
    count
}

/// The account of the cluster that a pod runs as.
pub(crate) fn account(pod: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    let Some(node) = pod.get("serviceAccountName") else {
        return;
    };
    let named = node
        .as_str()
        .filter(|name| !name.is_empty() && !name.contains(['{', '$']));
    if let Some(name) = named {
        let key = format!("kubernetes/serviceaccount/{name}");
        Draft::new(AssetKind::Identity, key, name)
            .relation(RelationKind::RunsAs)
            .role("service account")
            .add(node.span.clone(), page, facts);
    }
}

/// Tells one variable; whether it is of AI.
pub(crate) fn variable(
    name: &str,
    place: &Range<usize>,
    value: Option<&Node>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) -> bool {
    let text = value.and_then(Node::as_str);
    let owner = vendors::of_variable(name).filter(|_| !vendors::is_common(name));
    if let Some(vendor) = owner {
        Draft::new(AssetKind::Identity, format!("env:{name}"), name)
            .relation(RelationKind::RunsAs)
            .vendor(Some(vendor.key))
            .with("source", "infrastructure")
            .add(place.clone(), page, facts);
        return true;
    }
    if is_variable(name) {
        let known = text.and_then(Address::of);
        let at = value
            .filter(|_| known.is_some())
            .map_or(place, |node| &node.span);
        let draft = match known {
            Some(address) => Draft::new(AssetKind::Endpoint, &address.url, &address.url)
                .vendor(address.vendor)
                .alias(&address.host)
                .with("variable", name),
            None => {
                let why = format!("environment variable {name}");
                let draft = Draft::new(AssetKind::Endpoint, format!("env:{name}"), name);
                draft
                    .how(stance_core::How::Unresolved)
                    .with("unresolved", why)
            }
        };
        draft.add(at.clone(), page, facts);
        return true;
    }
    // A deployment has the name that somebody gave it.
    if name.contains("OPENAI")
        && (name.ends_with("_DEPLOYMENT") || name.ends_with("_DEPLOYMENT_NAME"))
        && let (Some(text), Some(node)) = (text, value)
        && is_deployment(text)
        && stance_code::names::provider_model(text).is_none()
    {
        crate::infrastructure::azure_deployment(text)
            .with("variable", name)
            .add(node.span.clone(), page, facts);
        return true;
    }
    false
}

/// Whether a name is one of capitals, as variables have.
pub(crate) fn is_name(name: &str) -> bool {
    name.contains('_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether a text may be what somebody called a deployment, rather than a place to put that.
fn is_deployment(text: &str) -> bool {
    (2..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && !text.to_ascii_lowercase().starts_with("your")
}

#[cfg(test)]
mod tests {
    use crate::testing::told;

    #[test]
    fn variables_of_a_manifest_are_told() {
        let text = "apiVersion: v1\nkind: ConfigMap\ndata:\n  AZURE_OPENAI_BASE: https://mine.openai.azure.com/\n  AZURE_OPENAI_KEY: \"\"\n  AZURE_OPENAI_DEPLOYMENT: ball\n  DATABASE_URL: https://db.internal\n---\napiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      serviceAccountName: ball-sa\n      containers:\n      - name: ball\n        image: registry.dev/ball:1\n        env:\n        - name: OPENAI_BASE_URL\n          valueFrom: {configMapKeyRef: {name: c, key: OPENAI_BASE_URL}}\n        - name: LANG\n          value: en\n";
        assert_eq!(
            told("deploy.yaml", text),
            [
                "endpoint https://mine.openai.azure.com - 4",
                "identity env:AZURE_OPENAI_KEY - 5",
                "endpoint azure/deployment/ball deployment 6",
                "endpoint env:OPENAI_BASE_URL - 19",
                "identity kubernetes/serviceaccount/ball-sa service account 14",
            ]
        );
        // Nothing of AI: nor is its account.
        let other = "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {serviceAccountName: x, containers: [{name: a, image: b, env: [{name: DB_URL, value: c}]}]}}}\n";
        assert_eq!(told("deploy.yaml", other), [] as [&str; 0]);
    }

    #[test]
    fn templates_of_clouds_hand_over_the_same() {
        let bicep = "module app './app.bicep' = {\n  params: {\n    appSettings: {\n      AZURE_OPENAI_ENDPOINT: ai.outputs.endpoint\n      OPENAI_API_KEY: key\n      LANG: 'en'\n    }\n    env: [\n      {\n        name: 'AZURE_SEARCH_ENDPOINT'\n        value: search\n      }\n    ]\n  }\n}\n";
        let all = told("main.bicep", bicep);
        for one in [
            "endpoint env:AZURE_OPENAI_ENDPOINT - 4",
            "identity env:OPENAI_API_KEY - 5",
            "endpoint env:AZURE_SEARCH_ENDPOINT - 10",
        ] {
            assert!(all.contains(&one.to_owned()), "{one}: {all:?}");
        }
        let terraform = "resource \"azurerm_linux_web_app\" \"app\" {\n  app_settings = {\n    OPENAI_API_KEY = var.key\n    AZURE_OPENAI_ENDPOINT = azurerm_cognitive_account.ai.endpoint\n  }\n}\n";
        let all = told("main.tf", terraform);
        assert!(
            all.contains(&"identity env:OPENAI_API_KEY - 3".to_owned()),
            "{all:?}"
        );
    }
}
