//! Texts that are nothing but the name of a model or data set, wherever they stand.

use stance_core::How;

use super::models::{hub_draft, provider_model, routed_model};
use super::{Collector, Draft};
use crate::python::catalogue::{is_publisher, loads_from_hub, model_id, recognise};
use crate::python::known::Known;
use crate::python::sink::TextRole;
use crate::python::syntax::Span;

impl Collector<'_> {
    /// A text that by itself is the name of a provider's model.
    pub(super) fn named_model(&mut self, text: &str, role: TextRole<'_>, span: &Span) {
        if self.explained.contains(&span.start) {
            return;
        }
        let (how, place) = match role {
            TextRole::Argument(Some(name)) => (How::Literal, name),
            TextRole::Entry(key) => (How::Constant, key.unwrap_or_default()),
            TextRole::Assigned | TextRole::Key => (How::Constant, "model"),
            TextRole::Default => (How::Default, "model"),
            // `["google-vertex:gemini-2.5-flash"]`
            TextRole::Element if recognise(text).is_some_and(|it| it.name != text) => {
                (How::Constant, "model")
            }
            TextRole::Argument(None) | TextRole::Element => return,
        };
        let place = place.to_ascii_lowercase();
        if [
            "help",
            "description",
            "title",
            "label",
            "message",
            "text",
            "content",
            "encoding",
        ]
        .contains(&place.as_str())
        {
            return;
        }
        if self.is_own_weights(text) {
            return;
        }
        // `{"gpt2-medium": 24}` in a file that loads from the hub
        if matches!(role, TextRole::Key)
            && text.len() > 4
            && !text.contains('/')
            && self.perhaps.len() < 256
            && let Some(id) = model_id(text)
        {
            self.perhaps.push((hub_draft(id, how), span.clone()));
            return;
        }
        if let Some(draft) = self.open_weights(text, how) {
            self.refer(draft, span);
            return;
        }
        let asked = place.contains("model") || place == "llm";
        let Some(draft) =
            provider_model(text, how).or_else(|| asked.then(|| routed_model(text, how)).flatten())
        else {
            return;
        };
        // `o1` may be anything unless a model is asked for.
        let short = draft.name.len() < 4 && !place.contains("model");
        if !short {
            self.refer(draft, span);
        }
    }

    /// Whether a name that is none of the hub is of weights that the program keeps itself: `gemma-7b-own-words`.
    pub(super) fn is_own_weights(&self, text: &str) -> bool {
        text.starts_with("gemma-")
            && text.matches('-').count() > 2
            && self.modules.iter().any(|(it, _)| loads_from_hub(it))
    }

    /// Weights that somebody publishes on the hub under the name of a family that providers serve as well, in a file
    /// that loads from the hub: `google/gemma-7b`.
    fn open_weights(&self, text: &str, how: How) -> Option<Draft> {
        let (_, name) = text.split_once('/')?;
        let open = ["gemma-", "deepseek-", "llama-", "jina-", "kimi-", "glm-"]
            .iter()
            .any(|family| name.starts_with(family));
        let loads = || self.modules.iter().any(|(it, _)| loads_from_hub(it));
        let id = model_id(text).filter(|id| open && is_publisher(id))?;
        loads().then(|| hub_draft(id, how))
    }

    /// A text under the keyword or key of a model or data set: `{"model": "org/name"}`.
    pub(super) fn keyed(&mut self, text: &str, role: TextRole<'_>, span: &Span) {
        let (name, how) = match role {
            TextRole::Argument(Some(name)) => (name, How::Literal),
            TextRole::Entry(Some(key)) => (key, How::Constant),
            _ => return,
        };
        if text.contains('/') && !self.explained.contains(&span.start) {
            self.by_name(name, &Known::text(text, how), how, span);
        }
    }
}
