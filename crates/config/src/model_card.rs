//! The front matter of model and data set cards: what a model started from and learned from.
//!
//! See <https://huggingface.co/docs/hub/model-cards#model-card-metadata>.

use stance_code::names::{hub_dataset, hub_model};
use stance_core::asset::AssetKind;
use stance_core::relation::RelationKind;
use stance_read::Inspector;
use stance_read::credential::Page;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::tree::{Node, Notation, Tree};

use crate::draft::{Draft, relate};

/// The parser of cards.
pub(crate) static INSPECTOR: Card = Card;

pub(crate) struct Card;

/// Most entries of one list.
const MOST: usize = 200;

impl Inspector for Card {
    fn name(&self) -> &'static str {
        "card front matter"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.extension() == "md"
            && input.head().starts_with(b"---")
            && [
                "base_model:",
                "library_name:",
                "pipeline_tag:",
                "model-index:",
            ]
            .iter()
            .any(|key| memchr::memmem::find(input.head(), key.as_bytes()).is_some())
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let content = text.as_str();
        let Some(end) = content.get(3..).and_then(|rest| rest.find("\n---")) else {
            return;
        };
        let front = content.get(..end.saturating_add(4)).unwrap_or_default();
        let tree = Tree::parse(Notation::Yaml, front, &input.options().limits);
        let page = Page::of_tree(input.path(), &text, &tree);
        let Some(root) = tree.root() else { return };
        // Only a card that says what its model is called has one of its own.
        let named = root
            .get("model-index")
            .map(Node::items)
            .unwrap_or_default()
            .first()
            .and_then(|index| index.get("name"))
            .or_else(|| root.get("model_name"));
        let own = named.and_then(|node| {
            let name = node.as_str().filter(|name| !name.is_empty())?;
            let licence = root
                .get("license")
                .and_then(Node::as_str)
                .map(str::to_owned);
            let id = Draft::new(AssetKind::Model, format!("{}#{name}", page.path), name)
                .relation(RelationKind::Contains)
                .with_some("licence", licence)
                .with_some("task", root.get("pipeline_tag").and_then(Node::as_str))
                .add(node.span.clone(), &page, facts);
            Some(id)
        });
        let list = |key: &str| -> Vec<&Node> {
            match root.get(key) {
                Some(node) if node.is_array() => node.items().iter().take(MOST).collect(),
                Some(node) => vec![node],
                None => Vec::new(),
            }
        };
        for node in list("base_model") {
            if let Some(text) = node.as_str()
                && let Some(model) = hub_model(text)
            {
                let how = root
                    .get("base_model_relation")
                    .and_then(Node::as_str)
                    .map(str::to_owned);
                let id = Draft::model(model, text)
                    .role("base")
                    .with_some("relation", how)
                    .add(node.span.clone(), &page, facts);
                if let Some(own) = &own {
                    relate(
                        own,
                        RelationKind::FineTunedFrom,
                        &id,
                        node.span.clone(),
                        &page,
                        facts,
                    );
                }
            }
        }
        for node in list("datasets") {
            if let Some(id) = node.as_str().and_then(hub_dataset) {
                let id = Draft::dataset(id)
                    .role("training")
                    .add(node.span.clone(), &page, facts);
                if let Some(own) = &own {
                    relate(
                        own,
                        RelationKind::TrainedOn,
                        &id,
                        node.span.clone(),
                        &page,
                        facts,
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{relations, told};

    #[test]
    fn a_card_tells_lineage() {
        let card = "---\nlibrary_name: peft\nbase_model: org/m-7b\ndatasets:\n- lab/d\nmodel-index:\n- name: m-7b-sft\n---\n# x\n";
        assert_eq!(
            told("README.md", card),
            [
                "model README.md#m-7b-sft - 7",
                "model pkg:huggingface/org/m-7b base 3",
                "dataset pkg:huggingface/datasets/lab/d training 5"
            ]
        );
        assert_eq!(relations("README.md", card).len(), 2);
        assert_eq!(told("README.md", "# base_model: x\n"), [] as [&str; 0]);
    }
}
