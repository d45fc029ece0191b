//! What Keras writes beside a graph: the configuration of each layer as JSON.

use stance_core::fact::GapReason;

use super::File;
use crate::keras::config;
use stance_read::protobuf::{Broken, Message, Value};
use stance_read::tree::Notation;
use stance_read::window::LARGEST;

impl File<'_, '_> {
    /// A file `keras_metadata.pb`.
    pub(super) fn read_keras_metadata(&mut self, mut message: Message) -> Result<(), Broken> {
        while let Some(field) = message.next(&mut self.window)? {
            if let (1, Value::Bytes(object)) = (field.number, field.value) {
                self.read_object(object, 5)?;
            }
        }
        Ok(())
    }

    /// The objects of a SavedModel, which hold the same up to TensorFlow 2.4.
    pub(super) fn read_objects(&mut self, mut message: Message) -> Result<(), Broken> {
        while let Some(field) = message.next(&mut self.window)? {
            let (1, Value::Bytes(mut object)) = (field.number, field.value) else {
                continue;
            };
            while let Some(field) = object.next(&mut self.window)? {
                if let (4, Value::Bytes(user)) = (field.number, field.value) {
                    self.read_object(user, 3)?;
                }
            }
        }
        Ok(())
    }

    /// An object whose field `number` is JSON.
    fn read_object(&mut self, mut object: Message, number: u32) -> Result<(), Broken> {
        while let Some(field) = object.next(&mut self.window)? {
            if let Value::Bytes(text) = field.value
                && field.number == number
                && text.length() > 2
            {
                self.read_config(text)?;
            }
        }
        Ok(())
    }

    fn read_config(&mut self, place: Message) -> Result<(), Broken> {
        if place.length() > LARGEST as u64 {
            self.gap(
                GapReason::TooLarge,
                format!(
                    "of a Keras configuration of {} bytes only {LARGEST} are read",
                    place.length()
                ),
                place.at,
            );
        }
        let text = place.text(&mut self.window, LARGEST)?;
        if !text.contains("class_name") {
            return Ok(());
        }
        let file = &*self;
        let evidence = |node: &stance_read::tree::Node, seen: &str| {
            let start = place.at.saturating_add(node.span.start as u64);
            let end = place.at.saturating_add(node.span.end as u64);
            file.evidence(start..end, seen)
        };
        let (found, error) = config::walk_text(
            Notation::Json,
            &text,
            &file.input.options().limits,
            &evidence,
        );
        if let Some(error) = error {
            self.gap(
                error.reason,
                format!("Keras configuration: {error}"),
                place.at,
            );
        }
        for embedded in found {
            let key = (
                embedded.kind,
                embedded.name.clone(),
                embedded.detail.clone(),
            );
            if self.told.insert(key) {
                self.artifact.embedded.push(embedded);
            }
        }
        Ok(())
    }
}
