//! Containers that a script starts, and tasks by which it measures models.

use std::ops::Range;

use stance_code::mcp::package_of_command;
use stance_code::served;
use stance_core::asset::AssetKind;
use stance_core::fact::{Fact, Service, ServiceSource, Setting};
use stance_core::relation::RelationKind;

use super::flags::measures;
use super::words::Word;
use super::{Script, Told};
use crate::draft::Draft;

impl Script<'_, '_, '_> {
    /// The container that a command runs: `docker run -p 8080:80 ghcr.io/…`.
    pub(super) fn container(&mut self, texts: &[&str], words: &[Word]) {
        let Some(at) = texts
            .windows(2)
            .position(|pair| matches!(pair, ["docker" | "podman" | "nerdctl", "run"]))
        else {
            return;
        };
        let (Some(texts), Some(words)) = (texts.get(at..), words.get(at..)) else {
            return;
        };
        let Some(first) = words.first() else { return };
        let Some(image) = package_of_command(texts, self.page.evidence(first.span.clone())) else {
            return;
        };
        let Some(word) = words.iter().find(|word| word.text.contains(&*image.name)) else {
            return;
        };
        let Some(left) = self.left.checked_sub(1) else {
            return;
        };
        self.left = left;
        let given = |short: &str, long: &str| -> Vec<(String, Range<usize>)> {
            let pairs = texts.windows(2).zip(words.iter().skip(1)).take(256);
            let found = pairs.filter_map(|(pair, word)| match pair {
                [flag, value] if *flag == short || *flag == long => {
                    Some(((*value).to_owned(), word.span.clone()))
                }
                _ => None,
            });
            found.collect()
        };
        let name = given("--name", "--name").into_iter().next();
        let last = image.name.rsplit('/').next().unwrap_or_default().to_owned();
        let service = Service {
            source: ServiceSource::Script,
            name: name.map_or(last, |(name, _)| name),
            image: Some(image),
            command: Vec::new(),
            ports: given("-p", "--publish")
                .into_iter()
                .take(32)
                .map(|(value, span)| Setting {
                    name: "port".to_owned(),
                    value,
                    inline_credential: false,
                    evidence: self.page.evidence(span),
                })
                .collect(),
            environment: Vec::new(),
            mounts: Vec::new(),
            host_network: false,
            privileges: Vec::new(),
            evidence: self.page.evidence(word.span.clone()),
        };
        served::add_mcp_server(&service, self.page, self.facts);
        self.facts
            .add(self.page.path, Fact::Service(Box::new(service)));
    }

    /// The tasks by which a command measures a model.
    pub(super) fn tasks(&mut self, texts: &[&str], words: &[Word]) {
        let Some((program, at)) = measures(texts) else {
            return;
        };
        let Some(word) = words.get(at) else { return };
        let Told::Known(all) = self.value(&word.text) else {
            return;
        };
        for task in all.split(',').map(str::trim).take(64) {
            // `suite|task|shots|truncate` of lighteval.
            let name = task.split('|').nth(1).unwrap_or(task);
            let plain = (1..=80).contains(&name.len())
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
            if !plain {
                continue;
            }
            let key = format!("{}#{name}", self.page.path);
            let draft = Draft::new(AssetKind::Evaluator, key, name)
                .alias(program)
                .with("framework", program);
            self.tell(draft, word.span.clone(), None, RelationKind::Reads);
        }
    }
}
