//! What a source imports: AI packages, and the vendors whose modules of them are used.

use std::ops::Range;

use stance_core::fact::{Import, Reference};
use stance_core::{AssetKind, How, RelationKind};
use stance_read::vendors;

use super::catalogue::PACKAGES;
use super::scan::Scan;
use super::tokens::{Dialect, Kind};

/// Words for vendors in names of modules that are not their keys.
const WORDS: [(&str, &str); 16] = [
    ("amazonai", "aws"),
    ("azureopenai", "azure"),
    ("bedrock", "aws"),
    ("bedrockconverse", "aws"),
    ("gemini", "google"),
    ("googleai", "google"),
    ("googlegenai", "google"),
    ("googleaigemini", "google"),
    ("mistralai", "mistral"),
    ("ollamaai", "ollama"),
    ("openaiofficial", "openai"),
    ("vertex", "google"),
    ("vertexai", "google"),
    ("vertexaigemini", "google"),
    ("watsonx", "ibm"),
    ("watsonxai", "ibm"),
];

/// Parts of names of methods that register the service of a vendor; the first that fits counts.
pub(super) const CALLED: [(&str, &str); 14] = [
    ("AzureOpenAI", "azure"),
    ("DefaultAzureConfig", "azure"),
    ("AzureChatCompletion", "azure"),
    ("AzureTextCompletion", "azure"),
    ("AzureAI", "azure"),
    ("OpenAI", "openai"),
    ("Anthropic", "anthropic"),
    ("Bedrock", "aws"),
    ("Gemini", "google"),
    ("GoogleAI", "google"),
    ("VertexAI", "google"),
    ("HuggingFace", "huggingface"),
    ("Mistral", "mistral"),
    ("Ollama", "ollama"),
];

/// Keys of vendors that are words of any program as well.
const COMMON: [&str; 16] = [
    "arcade",
    "cursor",
    "factory",
    "galileo",
    "github",
    "gradient",
    "inception",
    "lambda",
    "meta",
    "modal",
    "morph",
    "parallel",
    "scale",
    "vercel",
    "writer",
    "you",
];

/// How an import counts that is of AI by what its path says alone.
pub(super) const ANY: &str = "*";

/// Whether the parts of a module's path say that it is about models, their agents or their protocol.
fn says_ai(path: &str) -> bool {
    path.split(['.', '/', ':', '\\', '-', '_']).any(|part| {
        matches!(
            part.to_ascii_lowercase().as_str(),
            "genai"
                | "langchain"
                | "langchain4j"
                | "langgraph"
                | "llm"
                | "llms"
                | "mcp"
                | "modelcontextprotocol"
                | "openai"
                | "semantickernel"
        )
    })
}

/// The vendor that a part of a module's path names as a whole: `openai` of `rig::providers::openai`.
pub(super) fn vendor_of_part(part: &str) -> Option<&'static str> {
    let part = part.to_ascii_lowercase().replace(['_', '-'], "");
    if let Some((_, vendor)) = WORDS.iter().find(|(word, _)| *word == part) {
        return Some(vendor);
    }
    if part.len() < 3 || COMMON.contains(&&*part) {
        return None;
    }
    vendors::find(&part).map(|vendor| vendor.key)
}

impl Scan<'_> {
    pub(super) fn find_imports(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            let first = at;
            at = at.saturating_add(1);
            let path = match (self.dialect, self.word(first)) {
                (Dialect::Go, Some("import")) => {
                    // One, or several in parentheses.
                    let several = self.sign(at) == Some(b'(');
                    while let Some(token) = self.tokens.get(at) {
                        match &token.kind {
                            Kind::Text { text, .. } => {
                                self.import(text, token.at.clone());
                                if !several {
                                    break;
                                }
                            }
                            Kind::Sign(b')') => break,
                            Kind::Sign(b'(' | b'.') | Kind::Word => {}
                            Kind::Sign(_) => break,
                        }
                        at = at.saturating_add(1);
                    }
                    continue;
                }
                (Dialect::Java | Dialect::Kotlin, Some("import"))
                | (Dialect::CSharp, Some("using"))
                | (Dialect::Rust | Dialect::Php, Some("use")) => self.dotted(&mut at),
                (Dialect::Ruby, Some("require")) => match self.string(at) {
                    Some((text, true)) => text.to_owned(),
                    _ => continue,
                },
                // A path that is written out needs no import.
                (Dialect::Rust, Some(_)) if self.sign(at) == Some(b':') => {
                    self.word(first).unwrap_or_default().to_owned()
                }
                (
                    Dialect::Ruby | Dialect::Php,
                    Some(name @ ("OpenAI" | "RubyLLM" | "Anthropic" | "Langchain")),
                ) if self.sign(at) == Some(b':') && self.dialect == Dialect::Ruby => match name {
                    "RubyLLM" => "ruby_llm".to_owned(),
                    other => other.to_ascii_lowercase(),
                },
                _ => continue,
            };
            let span = self.tokens.get(first).map(|it| it.at.clone());
            self.import(&path, span.unwrap_or_default());
        }
    }

    /// `a.b.C`, `A\B`, `a::b` from `at` on.
    fn dotted(&self, at: &mut usize) -> String {
        let mut path = String::new();
        while let Some(token) = self.tokens.get(*at) {
            match &token.kind {
                Kind::Word => match self.word(*at) {
                    Some("static" | "function" | "const" | "global") => {}
                    Some(word) => {
                        if path
                            .as_bytes()
                            .last()
                            .is_some_and(u8::is_ascii_alphanumeric)
                        {
                            return path;
                        }
                        path.push_str(word);
                    }
                    None => return path,
                },
                Kind::Sign(b'.') => path.push('.'),
                Kind::Sign(b'\\') if !path.is_empty() => path.push('\\'),
                Kind::Sign(b':') => path.push(':'),
                _ => return path,
            }
            *at = (*at).saturating_add(1);
            if path.len() > 200 {
                return path;
            }
        }
        path
    }

    fn import(&mut self, path: &str, span: Range<usize>) {
        let language = self.language;
        let found = PACKAGES.iter().find(|package| {
            package.language == language
                && path.strip_prefix(package.begins()).is_some_and(|rest| {
                    rest.is_empty()
                        || package.import.ends_with(['.', '*'])
                        || rest.starts_with(['.', '/', ':', '\\'])
                        || (language == "java"
                            && rest.starts_with(|it: char| it.is_ascii_lowercase()))
                        || (language == "go" && rest.starts_with('-'))
                })
        });
        let Some(package) = found else {
            // A module that no table knows may say what it is about: `com.acme.mcp.server.Tool`.
            if says_ai(path) && !self.known.contains(&ANY) {
                self.known.push(ANY);
            }
            return;
        };
        let lower = path.to_ascii_lowercase();
        self.measures |= lower
            .split(['.', '/', ':', '\\'])
            .any(|part| matches!(part, "evaluation" | "evaluators" | "evaluator"));
        self.vendors_of_path(path.strip_prefix(package.begins()).unwrap_or(path), &span);
        let family = package.import.ends_with('*');
        if self.known.contains(&package.import) && !family {
            return;
        }
        if !self.known.contains(&package.import) {
            self.known.push(package.import);
        }
        self.imports.push(Import {
            module: path.trim_end_matches([':', '.', '\\']).to_owned(),
            evidence: self.text.evidence(self.path, span.clone()),
        });
        let name = package
            .purl
            .split_once('/')
            .map_or(package.purl, |(_, name)| name);
        let kind = package.purl.split('/').next().unwrap_or_default();
        // `rig_qdrant::` of a family of packages is `rig-qdrant`.
        let crate_name = path.split(':').next().unwrap_or_default().replace('_', "-");
        let name = if name == "*" { &*crate_name } else { name };
        // Names of NuGet are the same in any case, as manifests tell them.
        let purl = match kind {
            "nuget" => package.purl.to_ascii_lowercase(),
            _ => package.purl.replace('*', &crate_name),
        };
        self.refer(
            Reference {
                relation: RelationKind::DependsOn,
                ..self.draft(AssetKind::Package, format!("pkg:{purl}"), name, How::Import)
            },
            &[("ecosystem", kind.into())],
            span.clone(),
        );
        if !package.vendor.is_empty() {
            self.refer(
                Reference {
                    relation: RelationKind::Calls,
                    ..self.draft(
                        AssetKind::Vendor,
                        package.vendor.to_owned(),
                        package.vendor,
                        How::Import,
                    )
                },
                &[],
                span,
            );
        }
    }

    /// The vendors whose modules a path goes through: `github.com/tmc/langchaingo/llms/openai`.
    fn vendors_of_path(&mut self, rest: &str, span: &Range<usize>) {
        let mut before = String::new();
        for part in rest
            .split(['.', '/', ':', '\\'])
            .filter(|it| !it.is_empty())
        {
            // Where stores stand, the name is that of a library.
            let stores = before.contains("store")
                || before.contains("vector")
                || matches!(&*before, "retriever" | "indexer");
            if stores {
                self.store_modules.push(part.to_owned());
            } else if let Some(vendor) = vendor_of_part(part) {
                self.vendor(vendor, span.clone());
            }
            part.to_ascii_lowercase().clone_into(&mut before);
        }
    }

    /// `providers::openai::Client`, where only `providers` is imported; `Langchain::LLM::Ollama` of Ruby.
    pub(super) fn vendor_of_module(&mut self, word: &str, at: usize) {
        let holds = match self.dialect {
            Dialect::Rust => word == "providers",
            Dialect::Ruby => matches!(word, "LLM" | "Providers"),
            _ => false,
        };
        if !holds {
            return;
        }
        let part = at.saturating_add(3);
        let vendor = self.word(part).and_then(vendor_of_part);
        if let (Some(b':'), Some(vendor), Some(token)) = (
            self.sign(part.saturating_sub(1)),
            vendor,
            self.tokens.get(part),
        ) {
            let span = token.at.clone();
            self.vendor(vendor, span);
        }
    }

    /// `AddAzureOpenAIChatCompletion(`: methods of C# that register a service are called after its vendor.
    pub(super) fn vendor_of_call(&mut self, word: &str, at: usize) {
        let called = self.sign(self.behind_parameters(at.saturating_add(1))) == Some(b'(');
        let method = at.checked_sub(1).and_then(|it| self.sign(it)) == Some(b'.');
        let registers = ["Add", "Use", "With"].iter().any(|it| word.starts_with(it));
        let made = self.dialect == Dialect::Go && word == "DefaultAzureConfig";
        if !(called && method) || !(made || self.dialect == Dialect::CSharp && registers) {
            return;
        }
        let found = CALLED.iter().find(|(part, _)| word.contains(part));
        if let (Some((part, vendor)), Some(token)) = (found, self.tokens.get(at)) {
            let span = token.at.clone();
            let alias =
                matches!(*part, "AzureOpenAI" | "DefaultAzureConfig").then_some("azure-openai");
            self.vendor_called(vendor, alias, span);
        }
    }

    /// A vendor, with what people call the one of its services that is meant.
    fn vendor_called(&mut self, vendor: &'static str, alias: Option<&str>, span: Range<usize>) {
        let mut draft = self.draft(AssetKind::Vendor, vendor.to_owned(), vendor, How::Import);
        draft.relation = RelationKind::Calls;
        draft.aliases.extend(alias.map(str::to_owned));
        self.refer(draft, &[], span);
    }

    fn vendor(&mut self, vendor: &'static str, span: Range<usize>) {
        let draft = self.draft(AssetKind::Vendor, vendor.to_owned(), vendor, How::Import);
        let draft = Reference {
            relation: RelationKind::Calls,
            ..draft
        };
        self.refer(draft, &[], span);
    }
}
