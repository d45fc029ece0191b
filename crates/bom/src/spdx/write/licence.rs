//! Licences: known ones by their expression, others by the text that names them.

use serde_json::Value;

use super::{NO_LICENCE, Writer};
use crate::bill::{Licence, Part};

impl Writer<'_> {
    pub(super) fn licence(&mut self, part: &Part) {
        let mut to: Vec<String> = Vec::new();
        for licence in &part.licences {
            to.push(self.expression(licence));
        }
        if !to.is_empty() {
            self.relation(
                &part.reference,
                "declared_licence",
                "hasDeclaredLicense",
                to,
                false,
            );
        } else if part.is_model() {
            // The profile wants both relations of every model, and has a word for not knowing.
            self.relation(
                &part.reference,
                "declared_licence",
                "hasDeclaredLicense",
                vec![NO_LICENCE.to_owned()],
                false,
            );
        }
        if part.is_model() {
            self.profiles.insert("simpleLicensing");
            self.relation(
                &part.reference,
                "concluded_licence",
                "hasConcludedLicense",
                vec![NO_LICENCE.to_owned()],
                false,
            );
        }
    }

    pub(super) fn expression(&mut self, licence: &Licence) -> String {
        if let Some(id) = self.licences.get(licence) {
            return id.clone();
        }
        self.profiles.insert("simpleLicensing");
        let id = self.id(&format!("licence/{}", licence.text()));
        let mut members = self.element("simplelicensing_LicenseExpression", &id);
        let expression = match licence {
            Licence::Id(text) | Licence::Expression(text) => text.clone(),
            Licence::Name(name) => {
                members.insert("name".to_owned(), name.clone().into());
                let legal = |one: char| one.is_ascii_alphanumeric() || matches!(one, '.' | '-');
                let name: String = name
                    .chars()
                    .map(|one| if legal(one) { one } else { '-' })
                    .collect();
                format!("LicenseRef-{name}")
            }
        };
        members.insert(
            "simplelicensing_licenseExpression".to_owned(),
            expression.into(),
        );
        self.elements.push(Value::Object(members));
        self.licences.insert(licence.clone(), id.clone());
        id
    }
}
