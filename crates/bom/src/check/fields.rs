//! The fields of the OWASP AIBOM list. Names, tiers, weights of categories and places are those of the list; how to
//! add a field is said in our words.

use std::fmt;

use serde::Serialize;

/// How much a field matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Without it nobody can tell what the bill is about.
    Critical,
    /// Needed to judge a model.
    Important,
    /// Good to know.
    Supplementary,
}

impl Tier {
    /// All, the most important first.
    pub const ALL: [Self; 3] = [Self::Critical, Self::Important, Self::Supplementary];

    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Important => "important",
            Self::Supplementary => "supplementary",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a field belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// The document.
    RequiredFields,
    /// Purpose, supplier, domain.
    Metadata,
    /// The component as any other.
    ComponentBasic,
    /// The model card.
    ComponentModelCard,
    /// Where more is to be had.
    ExternalReferences,
}

impl Category {
    /// All, in the order of the list.
    pub const ALL: [Self; 5] = [
        Self::RequiredFields,
        Self::Metadata,
        Self::ComponentBasic,
        Self::ComponentModelCard,
        Self::ExternalReferences,
    ];

    /// Points of the category, of 100 in all.
    #[must_use]
    pub const fn weight(self) -> f64 {
        match self {
            Self::RequiredFields | Self::Metadata | Self::ComponentBasic => 20.0,
            Self::ComponentModelCard => 30.0,
            Self::ExternalReferences => 10.0,
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::RequiredFields => "document",
            Self::Metadata => "purpose and supplier",
            Self::ComponentBasic => "component",
            Self::ComponentModelCard => "model card",
            Self::ExternalReferences => "references",
        }
    }
}

/// A field of the list.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in the list.
    pub id: &'static str,
    /// Its tier.
    pub tier: Tier,
    /// Its category.
    pub category: Category,
    /// Whether only the header of a GGUF file tells it.
    pub gguf: bool,
    /// Where it stands in CycloneDX.
    pub place: &'static str,
    /// How to add it.
    pub add: &'static str,
}

macro_rules! fields {
    ($($id:literal $tier:ident $category:ident $(($gguf:ident))? $place:literal $add:literal)*) => {
        /// All 48.
        pub const FIELDS: &[Field] = &[$(Field {
            id: $id,
            tier: Tier::$tier,
            category: Category::$category,
            gguf: fields!(@gguf $($gguf)?),
            place: $place,
            add: $add,
        },)*];
    };
    (@gguf) => { false };
    (@gguf gguf) => { true };
}

fields! {
    "bomFormat" Critical RequiredFields "bomFormat" "Write \"CycloneDX\", so that readers know what they have."
    "specVersion" Critical RequiredFields "specVersion" "Name the edition whose rules the document keeps, such as \"1.6\"."
    "serialNumber" Critical RequiredFields "serialNumber" "Give the document a UUID as urn:uuid, so that others can refer to it."
    "version" Critical RequiredFields "version" "Count the revisions of the document from 1."
    "primaryPurpose" Critical Metadata "modelCard.modelParameters.task" "Say what the model is for, as the pipeline tag of its card does: text-generation, image-classification."
    "suppliedBy" Critical Metadata "component.supplier.name" "Name the organisation that publishes the model."
    "standardCompliance" Supplementary Metadata "properties: standardCompliance" "Name the standards that the model was built or assessed by."
    "domain" Supplementary Metadata "properties: domain" "Name the field of use, such as health or finance."
    "autonomyType" Supplementary Metadata "properties: autonomyType" "Say whether it decides without a person: yes, no."
    "name" Critical ComponentBasic "component.name" "Name the model."
    "type" Critical ComponentBasic "component.type" "Use the type machine-learning-model, so that models are not taken for libraries."
    "component_version" Critical ComponentBasic "component.version" "Pin the model to a version, tag or commit, and write that here."
    "purl" Important ComponentBasic "component.purl" "Give the package URL, such as pkg:huggingface/org/name@revision."
    "description" Important ComponentBasic "component.description" "Describe the model in a sentence."
    "licenses" Important ComponentBasic "component.licenses" "State the licence, as an SPDX identifier where it has one."
    "external_references" Supplementary ComponentBasic "component.externalReferences" "Link to where the model, its card or its source is to be had."
    "datasets" Important ComponentModelCard "modelCard.modelParameters.datasets" "List the datasets that the model learned from, best as references to data components."
    "typeOfModel" Important ComponentModelCard "modelCard.modelParameters.modelArchitecture" "Name the architecture that its configuration names."
    "intendedUse" Important ComponentModelCard "modelCard.considerations.useCases" "Say what the model is meant to be used for."
    "technicalLimitations" Important ComponentModelCard "modelCard.considerations.technicalLimitations" "Say where the model is known to fail."
    "ethicalConsiderations" Important ComponentModelCard "modelCard.considerations.ethicalConsiderations" "Name the risks to people, and what is done about them."
    "safetyRiskAssessment" Important ComponentModelCard "properties: safetyRiskAssessment" "State the outcome of the risk assessment: serious, high, medium or low."
    "energyConsumption" Important ComponentModelCard "modelCard.considerations.environmentalConsiderations" "State what training and use cost in energy."
    "hyperparameter" Important ComponentModelCard "modelCard.properties: hyperparameter" "List the settings that shaped the model: layers, context length, learning rate."
    "modelExplainability" Supplementary ComponentModelCard "modelCard.properties: modelExplainability" "Say how an answer of the model can be explained."
    "energyQuantity" Supplementary ComponentModelCard "environmentalConsiderations: activityEnergyCost.value" "Give the amount of energy."
    "energyUnit" Supplementary ComponentModelCard "environmentalConsiderations: activityEnergyCost.unit" "Give its unit, kWh."
    "informationAboutTraining" Supplementary ComponentModelCard "properties: informationAboutTraining" "Describe how the model was trained."
    "informationAboutApplication" Supplementary ComponentModelCard "properties: informationAboutApplication" "Describe how the model is to be built into an application."
    "metric" Supplementary ComponentModelCard "modelCard.quantitativeAnalysis.performanceMetrics" "Give the figures that the model was evaluated by."
    "metricDecisionThreshold" Supplementary ComponentModelCard "properties: metricDecisionThreshold" "Give the thresholds from which on its answers count."
    "modelDataPreprocessing" Supplementary ComponentModelCard "properties: modelDataPreprocessing" "Say what is done to data before the model sees it."
    "useSensitivePersonalInformation" Supplementary ComponentModelCard "properties: useSensitivePersonalInformation" "Say whether personal data was used: yes, no."
    "vocab_size" Supplementary ComponentModelCard (gguf) "modelCard.properties: vocabSize" "Copy the size of the vocabulary from the header of the model."
    "tokenizer_class" Supplementary ComponentModelCard (gguf) "modelCard.properties: tokenizerClass" "Name the tokenizer."
    "context_length" Supplementary ComponentModelCard (gguf) "modelCard.properties: contextLength" "Copy the context length from the header of the model."
    "embedding_length" Supplementary ComponentModelCard (gguf) "modelCard.properties: embeddingLength" "Copy the width of the embeddings from the header of the model."
    "block_count" Supplementary ComponentModelCard (gguf) "modelCard.properties: blockCount" "Copy the number of layers from the header of the model."
    "attention_head_count" Supplementary ComponentModelCard (gguf) "modelCard.properties: attentionHeadCount" "Copy the number of attention heads from the header of the model."
    "attention_head_count_kv" Supplementary ComponentModelCard (gguf) "modelCard.properties: attentionHeadCountKV" "Copy the number of key-value heads from the header of the model."
    "feed_forward_length" Supplementary ComponentModelCard (gguf) "modelCard.properties: feedForwardLength" "Copy the width of the feed-forward layers from the header of the model."
    "rope_dimension_count" Supplementary ComponentModelCard (gguf) "modelCard.properties: ropeDimensionCount" "Copy the rotary dimensions from the header of the model."
    "quantization_version" Supplementary ComponentModelCard (gguf) "modelCard.properties: quantizationVersion" "Copy the quantisation version from the header of the model."
    "quantization_file_type" Supplementary ComponentModelCard (gguf) "modelCard.properties: quantizationFileType" "Name the quantisation, such as Q4_K_M."
    "downloadLocation" Important ExternalReferences "externalReferences: distribution" "Link to where the model is downloaded from."
    "paper" Supplementary ExternalReferences "externalReferences: documentation" "Link to the paper or documentation of the model."
    "vcs" Supplementary ExternalReferences "externalReferences: vcs" "Link to the repository of its source."
    "website" Supplementary ExternalReferences "externalReferences: website" "Link to its home page."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_as_many_fields_as_published() {
        let of = |tier: Tier| FIELDS.iter().filter(|field| field.tier == tier).count();
        assert_eq!(
            (
                of(Tier::Critical),
                of(Tier::Important),
                of(Tier::Supplementary)
            ),
            (9, 12, 27)
        );
        assert_eq!(FIELDS.iter().filter(|field| field.gguf).count(), 11);
        let sum: f64 = Category::ALL.into_iter().map(Category::weight).sum();
        assert_eq!(sum, 100.0);
        let mut ids: Vec<&str> = FIELDS.iter().map(|field| field.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 48);
    }
}
