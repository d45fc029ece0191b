//! Evaluations of a program's own, and documents that are loaded to be searched.

use stance_core::{AssetKind, How, RelationKind};

use super::scan::Scan;
use super::tokens::Dialect;

impl Scan<'_> {
    /// `class CoherenceEval : PromptScoreEval`: an evaluation by what it inherits from.
    pub(super) fn own_evaluation(&mut self, word: &str, at: usize) {
        if word != "class"
            || !matches!(
                self.dialect,
                Dialect::CSharp | Dialect::Java | Dialect::Kotlin
            )
        {
            return;
        }
        let name_at = at.saturating_add(1);
        let Some(name) = self
            .word(name_at)
            .filter(|name| is_evaluation(name) && !is_general(name))
        else {
            return;
        };
        let name = name.to_owned();
        let by_base = (1..12_usize)
            .map(|ahead| name_at.saturating_add(ahead))
            .take_while(|it| self.sign(*it) != Some(b'{'))
            .any(|it| {
                self.word(it)
                    .is_some_and(|base| base != name && is_evaluation(base))
            });
        let Some(span) = self
            .tokens
            .get(name_at)
            .map(|it| it.at.clone())
            .filter(|_| by_base)
        else {
            return;
        };
        let key = format!("{}#{name}", self.path);
        let mut draft = self.draft(AssetKind::Evaluator, key, &name, How::Literal);
        draft.relation = RelationKind::Contains;
        self.refer(draft, &[("role", "evaluation".into())], span);
    }

    /// `loadDocument(toPath("terms.txt"), parser)`: a file that answers are looked up in.
    pub(super) fn loaded_document(&mut self, word: &str, at: usize) {
        let loads = matches!(
            word,
            "loadDocument" | "loadDocuments" | "loadDocumentsRecursively"
        );
        if !loads || self.sign(at.saturating_add(1)) != Some(b'(') {
            return;
        }
        let found = (2..14_usize)
            .map(|ahead| at.saturating_add(ahead))
            .take_while(|it| self.sign(*it) != Some(b';'))
            .find_map(|it| Some((it, self.string(it)?)));
        // `getResource("classpath:terms.txt")` a line before.
        let before = || {
            (1..30_usize)
                .filter_map(|back| at.checked_sub(back))
                .find_map(|it| Some((it, self.string(it)?)))
                .filter(|(_, (text, _))| text.starts_with("classpath:"))
        };
        let Some((place, (text, true))) = found.or_else(before) else {
            return;
        };
        let text = text.trim_start_matches("classpath:");
        let path = text.trim_start_matches(['/', '.']);
        let readable = (3..200).contains(&path.len())
            && !path.contains(char::is_whitespace)
            && !path.contains("://");
        let Some(span) = self
            .tokens
            .get(place)
            .map(|it| it.at.clone())
            .filter(|_| readable)
        else {
            return;
        };
        let mut draft = self.draft(
            AssetKind::Dataset,
            format!("file/{path}"),
            path,
            How::Literal,
        );
        draft.relation = RelationKind::Reads;
        if let Some(last) = path.rsplit('/').next().filter(|last| *last != path) {
            draft.aliases.push(last.to_owned());
        }
        self.refer(draft, &[("role", "documents".into())], span);
    }
}

fn is_evaluation(name: &str) -> bool {
    ["Eval", "Evaluator", "Evaluation"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// Whether a class is what others inherit from.
fn is_general(name: &str) -> bool {
    ["Eval", "Evaluator", "IEvaluator", "Evaluation"].contains(&name)
        || name.starts_with("Base")
        || name.starts_with("Abstract")
}
