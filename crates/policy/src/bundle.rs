//! One version of a policy: its compiled sources, what is said about its rules, and what is wrong with its METADATA.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::fault::Fault;
use crate::language::{Language, Policy};
use crate::limits::Limits;
use crate::metadata::{self, About, Block};
use crate::source::{Source, Version};

/// One version of a policy.
#[derive(Clone)]
pub struct Bundle {
    /// The sources it was compiled from.
    pub sources: Arc<[Source]>,
    /// The compiled policy.
    pub policy: Arc<dyn Policy>,
    /// What is said about its rules, by full name.
    pub abouts: BTreeMap<String, About>,
    /// The METADATA blocks of each module, in the order of the modules.
    pub blocks: Vec<Vec<Block>>,
    /// What is wrong with METADATA blocks; the rules work all the same.
    pub metadata: Vec<Fault>,
}

impl fmt::Debug for Bundle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Bundle")
            .field("sources", &self.sources.len())
            .field("rules", &self.abouts.len())
            .finish_non_exhaustive()
    }
}

impl Bundle {
    /// Compiles sources of a language and reads what is said about their rules.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the sources.
    pub fn compile(
        language: &dyn Language,
        sources: &[Source],
        data: Value,
        version: Version,
        limits: &Limits,
    ) -> Result<Self, Vec<Fault>> {
        let policy = language.compile(sources, data, version, limits)?;
        let (mut blocks, mut faults) = (Vec::new(), Vec::new());
        for (source, module) in sources.iter().zip(policy.modules()) {
            let tokens = crate::lexer::lex(&source.text);
            let (read, wrong) = metadata::read(source, &tokens, module, limits);
            blocks.push(read);
            faults.extend(wrong);
        }
        let pairs: Vec<_> = policy
            .modules()
            .iter()
            .zip(blocks.iter().map(Vec::as_slice))
            .collect();
        let abouts = metadata::abouts(&pairs);
        Ok(Self {
            sources: sources.into(),
            policy: Arc::clone(&policy),
            abouts,
            blocks,
            metadata: faults,
        })
    }
}
