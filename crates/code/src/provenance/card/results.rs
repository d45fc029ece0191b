//! How well a model does, as its card tells it: `metric=value on dataset`, one after the other.

use stance_read::tree::Node;

/// Most results of one card.
const MOST: usize = 24;

/// Longest name of a metric or dataset that is kept, in characters.
const LONGEST: usize = 80;

/// A name without what parts the results.
fn name(text: &str) -> String {
    text.chars()
        .map(|one| if matches!(one, ';' | '=') { ' ' } else { one })
        .take(LONGEST)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// The results of `model-index`.
///
/// See <https://huggingface.co/docs/hub/model-cards#evaluation-results>.
pub(super) fn of_index(root: &Node) -> Option<String> {
    let models = root.get("model-index").map(Node::items).unwrap_or_default();
    let mut all = Vec::new();
    for result in models
        .iter()
        .flat_map(|model| model.get("results").map(Node::items).unwrap_or_default())
    {
        let dataset = result.get("dataset").and_then(|dataset| {
            let named = dataset.get_any(&["name", "type"]).unwrap_or(dataset);
            named.as_str().map(name).filter(|name| !name.is_empty())
        });
        for metric in result.get("metrics").map(Node::items).unwrap_or_default() {
            let kind = metric.get_any(&["type", "name"]).and_then(Node::as_str);
            let value = metric.get("value").and_then(Node::scalar);
            if let (Some(kind), Some(value)) = (kind, value)
                && is_value(value)
            {
                let on = dataset
                    .as_ref()
                    .map(|dataset| format!(" on {dataset}"))
                    .unwrap_or_default();
                all.push(format!("{}={}{on}", name(kind), value.trim()));
            }
        }
    }
    join(all)
}

/// The results that the trainer of `transformers` writes into the cards it makes: a list below one
/// sentence, an entry for each metric.
pub(super) fn of_text(body: &str) -> Option<String> {
    let mut lines = body.lines();
    lines.find(|line| line.contains("the following results on the evaluation set"))?;
    let mut all = Vec::new();
    for line in lines.skip_while(|line| line.trim().is_empty()) {
        let Some(entry) = line.trim().strip_prefix(['-', '*']) else {
            break;
        };
        if let Some((kind, value)) = entry.split_once(':')
            && is_value(value)
        {
            all.push(format!("{}={}", name(kind), value.trim()));
        }
    }
    join(all)
}

/// Whether a text is a figure, perhaps in per cent: what else stands there is a placeholder or a remark.
fn is_value(text: &str) -> bool {
    let text = text.trim();
    let text = text.strip_suffix('%').unwrap_or(text).trim_end();
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn join(mut all: Vec<String>) -> Option<String> {
    all.truncate(MOST);
    (!all.is_empty()).then(|| all.join("; "))
}
