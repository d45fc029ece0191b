//! `config.json`: what the outputs of a model mean, and how long its inputs may be.

use serde_json::Value;

/// Longest `config.json`, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// Most labels.
const MOST_LABELS: usize = 1_000;

/// Names by which models for attacks on prompts call them.
const ATTACKS: [&str; 10] = [
    "injection",
    "prompt_injection",
    "prompt-injection",
    "jailbreak",
    "malicious",
    "attack",
    "unsafe",
    "harmful",
    "indirect_injection",
    "injection_attempt",
];

/// Why a model's labels cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelsError {
    /// It is no JSON, or too long.
    #[error("config.json {0}")]
    File(String),
    /// It does not name the outputs of the model.
    #[error("config.json has no `id2label` that names each output of the model")]
    Unnamed,
    /// None of them is known to mean an attack.
    #[error("set `label` to the output that means an attack: the model has {0}")]
    Ambiguous(String),
    /// The settings name one that is not there.
    #[error("the model has no label {name:?}: it has {known}")]
    Unknown {
        /// What was named.
        name: String,
        /// What there is.
        known: String,
    },
}

/// What the outputs mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    names: Vec<String>,
    attacks: Vec<usize>,
    several: bool,
    positions: Option<usize>,
}

impl Labels {
    /// Reads `config.json`. `wanted` are the labels that mean an attack; without any, they are known by their names.
    ///
    /// # Errors
    ///
    /// [`LabelsError`] where the outputs have no names, or it is not clear which of them is an attack.
    pub fn read(json: &[u8], wanted: &[String]) -> Result<Self, LabelsError> {
        if json.len() > MOST_BYTES {
            return Err(LabelsError::File(format!(
                "is larger than {} MiB",
                MOST_BYTES >> 20
            )));
        }
        let value: Value = serde_json::from_slice(json)
            .map_err(|error| LabelsError::File(format!("is no JSON: {error}")))?;
        let map = value.get("id2label").and_then(Value::as_object);
        let map = map.filter(|map| !map.is_empty() && map.len() <= MOST_LABELS);
        let map = map.ok_or(LabelsError::Unnamed)?;
        let names: Option<Vec<String>> = (0..map.len())
            .map(|at| {
                Some(
                    map.get(&at.to_string())?
                        .as_str()?
                        .chars()
                        .take(200)
                        .collect(),
                )
            })
            .collect();
        let names = names.ok_or(LabelsError::Unnamed)?;
        let known = || {
            let all: Vec<String> = names.iter().take(20).map(|it| format!("{it:?}")).collect();
            all.join(", ")
        };
        let mut attacks = Vec::new();
        for name in wanted {
            let at = names.iter().position(|it| it.eq_ignore_ascii_case(name));
            attacks.push(at.ok_or_else(|| LabelsError::Unknown {
                name: name.clone(),
                known: known(),
            })?);
        }
        if wanted.is_empty() {
            let is_attack = |name: &str| ATTACKS.iter().any(|it| it.eq_ignore_ascii_case(name));
            attacks = (0..names.len())
                .filter(|at| names.get(*at).is_some_and(|it| is_attack(it)))
                .collect();
        }
        attacks.sort_unstable();
        attacks.dedup();
        // Where all of them are attacks, a score would always be 1.
        if attacks.is_empty() || attacks.len() == names.len() && names.len() > 1 {
            return Err(LabelsError::Ambiguous(known()));
        }
        Ok(Self {
            several: value.get("problem_type").and_then(Value::as_str)
                == Some("multi_label_classification"),
            positions: positions(&value),
            names,
            attacks,
        })
    }

    /// How many outputs there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// How many tokens the model takes at once, where it says so.
    #[must_use]
    pub const fn positions(&self) -> Option<usize> {
        self.positions
    }

    /// The names of the labels that mean an attack.
    #[must_use]
    pub fn attacks(&self) -> Vec<&str> {
        let all = self.attacks.iter();
        all.filter_map(|at| self.names.get(*at).map(String::as_str))
            .collect()
    }

    /// How likely an attack is by these outputs, 0 to 1, and the likeliest of the labels that mean one. One output alone, or
    /// several that do not exclude each other, go through the logistic function; else all go through softmax, and what means an
    /// attack is added up. `None` where they are not as many as the labels, or no numbers.
    #[must_use]
    pub fn score(&self, outputs: &[f32]) -> Option<(f32, &str)> {
        if outputs.len() != self.names.len() || !outputs.iter().all(|it| it.is_finite()) {
            return None;
        }
        let highest = outputs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let is_alone = self.several || outputs.len() == 1;
        let shares: Vec<f32> = match is_alone {
            true => outputs.iter().map(|it| 1.0 / (1.0 + (-it).exp())).collect(),
            false => {
                let raised: Vec<f32> = outputs.iter().map(|it| (it - highest).exp()).collect();
                let sum: f32 = raised.iter().sum();
                raised.iter().map(|it| it / sum).collect()
            }
        };
        let attacks = self
            .attacks
            .iter()
            .filter_map(|at| Some((*at, *shares.get(*at)?)));
        let (best, most) = attacks
            .clone()
            .max_by(|one, other| one.1.total_cmp(&other.1))?;
        let score = match is_alone {
            true => most,
            false => attacks.map(|(_, share)| share).sum(),
        };
        Some((score.clamp(0.0, 1.0), self.names.get(best)?))
    }
}

/// The positions that a model has, less those that its kind leaves unused.
fn positions(config: &Value) -> Option<usize> {
    let all = usize::try_from(config.get("max_position_embeddings")?.as_u64()?).ok()?;
    let kind = config
        .get("model_type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    // Those that come from RoBERTa begin to count behind the number of the padding.
    let unused = ["roberta", "camembert", "longformer", "mpnet"]
        .iter()
        .any(|it| kind.contains(it));
    Some(all.saturating_sub(if unused { 2 } else { 0 })).filter(|it| *it > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str, wanted: &[&str]) -> Result<Labels, LabelsError> {
        let wanted: Vec<String> = wanted.iter().map(|it| (*it).to_owned()).collect();
        Labels::read(json.as_bytes(), &wanted)
    }

    #[test]
    fn attacks_are_known_by_their_names_or_said() {
        let labels = read(r#"{"id2label": {"0": "SAFE", "1": "INJECTION"}}"#, &[]).unwrap();
        assert_eq!(labels.attacks(), ["INJECTION"]);
        let (score, label) = labels.score(&[0.0, 2.0]).unwrap();
        assert!((score - 0.880_797).abs() < 1e-5);
        assert_eq!(label, "INJECTION");
        let two = r#"{"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}"#;
        let error = read(two, &[]).unwrap_err().to_string();
        assert!(error.contains(r#""LABEL_0", "LABEL_1""#), "{error}");
        assert_eq!(read(two, &["label_1"]).unwrap().attacks(), ["LABEL_1"]);
        assert!(
            read(two, &["LABEL_2"])
                .unwrap_err()
                .to_string()
                .contains("LABEL_2")
        );
        let three = r#"{"id2label": {"0": "BENIGN", "1": "INJECTION", "2": "JAILBREAK"}}"#;
        let labels = read(three, &[]).unwrap();
        let (score, label) = labels.score(&[0.0, 0.0, 1.0]).unwrap();
        assert!((score - 0.788_058).abs() < 1e-5, "{score}");
        assert_eq!(label, "JAILBREAK");
    }

    #[test]
    fn outputs_that_are_no_numbers_have_no_score() {
        let labels = read(r#"{"id2label": {"0": "SAFE", "1": "INJECTION"}}"#, &[]).unwrap();
        assert_eq!(labels.score(&[f32::NAN, 0.0]), None);
        assert_eq!(labels.score(&[0.0]), None);
    }

    #[test]
    fn positions_that_roberta_leaves_unused_are_not_counted() {
        let json = r#"{"model_type": "xlm-roberta", "max_position_embeddings": 514,
            "id2label": {"0": "SAFE", "1": "INJECTION"}}"#;
        assert_eq!(read(json, &[]).unwrap().positions(), Some(512));
    }
}
