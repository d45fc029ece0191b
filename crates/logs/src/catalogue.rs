//! The catalogue of AI services: who offers them, under which names they are met.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde::Serialize;
use stance_core::table::BuildTableHasher;
use stance_read::Limits;
use stance_read::tree::{Node, Notation, Tree};

const FILES: [&str; 8] = [
    include_str!("../catalogue/agent.yaml"),
    include_str!("../catalogue/api.yaml"),
    include_str!("../catalogue/chat.yaml"),
    include_str!("../catalogue/code.yaml"),
    include_str!("../catalogue/media.yaml"),
    include_str!("../catalogue/meeting.yaml"),
    include_str!("../catalogue/platform.yaml"),
    include_str!("../catalogue/writing.yaml"),
];

/// Vendors who sell nothing but AI, so that their name on a bill says enough.
const MERCHANTS: [&str; 17] = [
    "anthropic",
    "assemblyai",
    "cohere",
    "deepgram",
    "deepseek",
    "elevenlabs",
    "huggingface",
    "langchain",
    "mistral",
    "openai",
    "openrouter",
    "perplexity",
    "pinecone",
    "replicate",
    "runpod",
    "stability",
    "xai",
];

/// The longest host name that is looked up, in bytes (RFC 1035, section 2.3.4).
const LONGEST_HOST: usize = 255;

/// What a service does for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// It acts by itself, or agents are built with it.
    Agent,
    /// Models for programs.
    Api,
    /// People talk to it.
    Chat,
    /// It writes, completes or reviews code.
    CodeAssistant,
    /// Models and data are shared there.
    Hub,
    /// It makes or changes images.
    Image,
    /// It listens in on meetings.
    Notetaker,
    /// It watches what AI applications do.
    Observability,
    /// Models are trained, tuned or run there.
    Platform,
    /// It answers from what it finds.
    Search,
    /// It translates.
    Translation,
    /// It stores what is searched by embedding.
    VectorStore,
    /// It makes or changes videos.
    Video,
    /// It speaks, transcribes or makes music.
    Voice,
    /// It writes texts and slides.
    Writing,
}

impl Category {
    /// All categories.
    pub const ALL: [Self; 15] = [
        Self::Agent,
        Self::Api,
        Self::Chat,
        Self::CodeAssistant,
        Self::Hub,
        Self::Image,
        Self::Notetaker,
        Self::Observability,
        Self::Platform,
        Self::Search,
        Self::Translation,
        Self::VectorStore,
        Self::Video,
        Self::Voice,
        Self::Writing,
    ];

    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Api => "api",
            Self::Chat => "chat",
            Self::CodeAssistant => "code-assistant",
            Self::Hub => "hub",
            Self::Image => "image",
            Self::Notetaker => "notetaker",
            Self::Observability => "observability",
            Self::Platform => "platform",
            Self::Search => "search",
            Self::Translation => "translation",
            Self::VectorStore => "vector-store",
            Self::Video => "video",
            Self::Voice => "voice",
            Self::Writing => "writing",
        }
    }

    /// What people usually hand over to a service of this kind.
    #[must_use]
    pub const fn receives(self) -> &'static str {
        match self {
            Self::Agent => "tasks, files and access to other services",
            Self::Api => "what programs send",
            Self::Chat | Self::Search => "questions and files",
            Self::CodeAssistant => "source code",
            Self::Hub | Self::Platform => "models and data",
            Self::Image | Self::Video => "descriptions, images and footage",
            Self::Notetaker => "meetings, their sound and their words",
            Self::Observability => "prompts and answers of applications",
            Self::Translation | Self::Writing => "texts and documents",
            Self::VectorStore => "documents and their embeddings",
            Self::Voice => "speech",
        }
    }
}

/// Whether what is handed over trains models, unless somebody says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trains {
    /// It does.
    Yes,
    /// It does, until a setting says no.
    OptOut,
    /// It does not.
    No,
    /// The catalogue does not know.
    #[default]
    Unknown,
}

impl Trains {
    /// The name used in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::OptOut => "opt-out",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// One AI service.
#[derive(Clone, Debug, Serialize)]
pub struct Service {
    /// Short key: `chatgpt`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Who offers it, by the key that assets carry: `openai`.
    pub vendor: String,
    /// What it does.
    pub category: Category,
    /// Where it answers; subdomains count as well.
    pub domains: Vec<String>,
    /// Whether what it is given trains models by default.
    pub trains: Trains,
    /// What else is known of what happens to data.
    pub handling: Option<String>,
    /// Where the vendor sits, ISO 3166 (`UK` for Great Britain).
    pub country: Option<String>,
    /// Category of what could be used in its place; its own when not given.
    pub alternative: Category,
    /// Names under which it asks for access to accounts.
    pub oauth: Vec<String>,
    /// Names of its processes.
    pub process: Vec<String>,
    /// Ids of its extensions for browsers and editors.
    pub extension: Vec<String>,
}

/// All services, and the ways to look one up.
#[derive(Debug, Default)]
pub struct Catalogue {
    services: Vec<Service>,
    domains: HashMap<Vec<u8>, usize, BuildTableHasher>,
    /// Hashes of reversed domains; most hosts are none, and this tells so in one pass.
    ends: HashMap<u64, (), BuildTableHasher>,
    names: HashMap<String, usize>,
    processes: HashMap<String, usize>,
    extensions: HashMap<String, usize>,
    /// Names of vendors, with the service that stands for them.
    vendors: HashMap<String, usize>,
    /// All names and domains, in one pass.
    words: OnceLock<Option<AhoCorasick>>,
}

static EMBEDDED: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut catalogue = Catalogue::default();
    for text in FILES {
        catalogue.add(text);
    }
    catalogue
});

impl Catalogue {
    /// The catalogue that comes with Stance.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    fn add(&mut self, text: &str) {
        let tree = Tree::parse(Notation::Yaml, text, &Limits::default());
        for node in tree.root().map(Node::items).unwrap_or_default() {
            if let Some(service) = service(node) {
                self.insert(service);
            }
        }
    }

    fn insert(&mut self, service: Service) {
        let index = self.services.len();
        for domain in &service.domains {
            let mut hash = HASH;
            for byte in domain.bytes().rev() {
                hash = step(hash, byte);
            }
            self.ends.insert(hash, ());
            self.domains.insert(domain.clone().into_bytes(), index);
        }
        self.names
            .entry(service.name.to_lowercase())
            .or_insert(index);
        for name in &service.oauth {
            self.names.insert(name.to_lowercase(), index);
        }
        for name in &service.process {
            self.processes.insert(name.to_lowercase(), index);
        }
        for id in &service.extension {
            self.extensions.insert(id.to_lowercase(), index);
        }
        if MERCHANTS.contains(&service.vendor.as_str())
            && matches!(
                service.category,
                Category::Api | Category::Platform | Category::Voice
            )
            && let Some(vendor) = stance_read::vendors::find(&service.vendor)
        {
            self.vendors
                .entry(vendor.title.to_lowercase())
                .or_insert(index);
            self.vendors.entry(vendor.key.to_owned()).or_insert(index);
        }
        self.services.push(service);
    }

    /// One search for everything by which a record can name a service.
    fn all_words(&self) -> Option<AhoCorasick> {
        let domains = self.services.iter().flat_map(|service| &service.domains);
        // A name counts from the start of a value on.
        let names = self.names.keys().chain(self.extensions.keys());
        let names = names.map(|name| format!("\"{name}"));
        // Names with a region inside, and resources of Azure.
        let more = [
            ".amazonaws.com",
            "aiplatform.googleapis.com",
            "microsoft.cognitiveservices",
            "microsoft.machinelearningservices",
        ];
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(domains.cloned().chain(names).chain(more.map(str::to_owned)))
            .ok()
    }

    /// Whether a record may name a service; most do not, and need not be parsed.
    pub(crate) fn may_name(&self, record: &[u8]) -> bool {
        // Characters that are written by their number could spell any name.
        self.words
            .get_or_init(|| self.all_words())
            .as_ref()
            .is_none_or(|words| words.is_match(record))
            || memchr::memmem::find(record, b"\\u").is_some()
    }

    /// Every service, in the order of the files.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The service at an index that one of the other methods gave.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Service> {
        self.services.get(index)
    }

    /// The service that answers at a host name, in any case, with or without the dot at its end.
    #[must_use]
    pub fn of_host(&self, host: &[u8]) -> Option<usize> {
        let host = host.strip_suffix(b".").unwrap_or(host);
        if host.len() > LONGEST_HOST {
            return None;
        }
        // From the end to the front, one look-up at each dot: the longest end that is known wins.
        let mut hash = HASH;
        let mut found = None;
        for (at, byte) in host.iter().enumerate().rev() {
            let byte = byte.to_ascii_lowercase();
            if byte == b'.' && self.ends.contains_key(&hash) {
                found = self.end(host.get(at.saturating_add(1)..)).or(found);
            }
            hash = step(hash, byte);
        }
        if self.ends.contains_key(&hash) {
            found = self.end(Some(host)).or(found);
        }
        found.or_else(|| self.regional(host))
    }

    fn end(&self, host: Option<&[u8]>) -> Option<usize> {
        self.domains.get(&host?.to_ascii_lowercase()).copied()
    }

    /// Services whose region stands inside the name: `bedrock-runtime.eu-west-1.amazonaws.com`,
    /// `europe-west4-aiplatform.googleapis.com`.
    fn regional(&self, host: &[u8]) -> Option<usize> {
        const AWS: &[u8] = b".amazonaws.com";
        const GOOGLE: &[u8] = b"-aiplatform.googleapis.com";
        let ends = |end: &[u8]| {
            host.len() > end.len()
                && host
                    .get(host.len().saturating_sub(end.len())..)
                    .is_some_and(|tail| tail.eq_ignore_ascii_case(end))
        };
        if ends(AWS) {
            let front = host.get(..host.len().saturating_sub(AWS.len()))?;
            return front.split(|byte| *byte == b'.').find_map(|label| {
                let name = [&label.to_ascii_lowercase(), AWS].concat();
                self.domains.get(&name).copied()
            });
        }
        if ends(GOOGLE) {
            return self
                .domains
                .get(b"aiplatform.googleapis.com".as_slice())
                .copied();
        }
        None
    }

    /// The service that asks for access under this name; a word or two around it do no harm:
    /// `Otter.ai for Business`.
    #[must_use]
    pub fn of_name(&self, name: &str) -> Option<usize> {
        let name = name.trim().to_lowercase();
        if name.len() > LONGEST_HOST {
            return None;
        }
        if let Some(index) = self.names.get(&name) {
            return Some(*index);
        }
        // Whole words from the front, the longest first; one short word alone says too little.
        let mut rest = name.as_str();
        while let Some((front, _)) = rest.rsplit_once([' ', '(', ',', '*', ':', '/', '|']) {
            rest = front.trim_end();
            if rest.len() >= 5
                && let Some(index) = self.names.get(rest)
            {
                return Some(*index);
            }
        }
        self.of_host(name.as_bytes())
    }

    /// The service that stands for a merchant who is named as a vendor is: `ANTHROPIC PBC`, `OPENAI *API`. Which of its
    /// services was paid for the name does not tell.
    #[must_use]
    pub fn of_merchant(&self, name: &str) -> Option<usize> {
        let name = name.trim().to_lowercase().replace('-', " ");
        // `OPENAI *CHATGPT SUBSCR` names the service behind the vendor.
        if let Some(found) = self.of_name(&name) {
            return Some(found);
        }
        if let Some((_, behind)) = name.split_once([' ', '*'])
            && let Some(found) = self.of_name(behind.trim_start_matches(['*', ' ']))
        {
            return Some(found);
        }
        let first = name
            .split([' ', '*', ',', '.', '/', '-'])
            .find(|word| !word.is_empty())?;
        self.vendors
            .get(&name)
            .or_else(|| self.vendors.get(first))
            .copied()
    }

    /// The service behind a process name.
    #[must_use]
    pub fn of_process(&self, name: &str) -> Option<usize> {
        self.processes.get(&name.to_lowercase()).copied()
    }

    /// The service behind the id of a browser or editor extension.
    #[must_use]
    pub fn of_extension(&self, id: &str) -> Option<usize> {
        self.extensions.get(&id.to_lowercase()).copied()
    }
}

const HASH: u64 = 0xcbf2_9ce4_8422_2325;

const fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(0x0100_0000_01b3)
}

fn service(node: &Node) -> Option<Service> {
    let text = |key: &str| node.get(key).and_then(Node::scalar).map(str::to_owned);
    let list = |key: &str| -> Vec<String> {
        let items = node.get(key).map(Node::items).unwrap_or_default();
        items
            .iter()
            .filter_map(Node::scalar)
            .map(str::to_owned)
            .collect()
    };
    let category = |key: &str| {
        let name = text(key)?;
        Category::ALL
            .into_iter()
            .find(|category| category.name() == name)
    };
    let own = category("category")?;
    Some(Service {
        id: text("id")?,
        name: text("name")?,
        vendor: text("vendor")?,
        category: own,
        domains: list("domains"),
        trains: match text("trains").as_deref() {
            Some("yes") => Trains::Yes,
            Some("opt-out") => Trains::OptOut,
            Some("no") => Trains::No,
            _ => Trains::Unknown,
        },
        handling: text("handling"),
        country: text("country"),
        alternative: category("alternative").unwrap_or(own),
        oauth: list("oauth"),
        process: list("process"),
        extension: list("extension"),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_catalogue_has_its_form() {
        let all = Catalogue::embedded();
        // Every entry of the files was understood.
        let written: usize = FILES
            .iter()
            .map(|text| text.matches("- id: ").count())
            .sum();
        assert_eq!(all.services().len(), written);
        assert!(written >= 300, "{written}");
        let ids: HashSet<&str> = all.services().iter().map(|service| &*service.id).collect();
        assert_eq!(ids.len(), written);
        let domains = all.services().iter().flat_map(|service| &service.domains);
        let mut seen = HashSet::new();
        for domain in domains {
            assert!(seen.insert(domain), "{domain} twice");
            assert_eq!(domain, &domain.to_lowercase());
            let labels: Vec<&str> = domain.split('.').collect();
            assert!(
                labels.len() >= 2 && labels.iter().all(|label| !label.is_empty()),
                "{domain}"
            );
            // A suffix under which anybody can have a name is nobody's.
            let shared = [
                "co.uk",
                "com.cn",
                "com.au",
                "co.jp",
                "github.io",
                "azure.com",
                "googleapis.com",
                "amazonaws.com",
                "cloudfront.net",
                "azurewebsites.net",
                "vercel.app",
                "herokuapp.com",
                "google.com",
                "microsoft.com",
                "githubusercontent.com",
                "oraclecloud.com",
            ];
            assert!(!shared.contains(&domain.as_str()), "{domain}");
        }
        for service in all.services() {
            assert!(!service.domains.is_empty(), "{}", service.id);
        }
    }

    #[test]
    fn hosts_are_known_by_their_end() {
        let all = Catalogue::embedded();
        let id = |host: &str| {
            all.of_host(host.as_bytes())
                .map(|at| all.services()[at].id.as_str())
        };
        assert_eq!(id("chatgpt.com"), Some("chatgpt"));
        assert_eq!(id("AB.Chat.OpenAI.com."), Some("chatgpt"));
        assert_eq!(id("api.openai.com"), Some("openai-api"));
        assert_eq!(id("acme.openai.azure.com"), Some("azure-openai"));
        assert_eq!(
            id("bedrock-runtime.us-east-1.amazonaws.com"),
            Some("bedrock")
        );
        assert_eq!(
            id("vpce-1.bedrock-runtime.eu-west-1.vpce.amazonaws.com"),
            Some("bedrock")
        );
        assert_eq!(id("europe-west4-aiplatform.googleapis.com"), Some("vertex"));
        for other in [
            "notchatgpt.com",
            "chatgpt.com.evil.example",
            "s3.amazonaws.com",
            "com",
            "",
            ".",
            "storage.googleapis.com",
        ] {
            assert_eq!(id(other), None, "{other}");
        }
    }

    #[test]
    fn every_vendor_of_the_table_that_is_met_has_the_same_key_in_both() {
        let all = Catalogue::embedded();
        let mut wrong = Vec::new();
        for vendor in stance_read::vendors::all() {
            for domain in &vendor.domains {
                let Some(index) = all.of_host(domain.as_bytes()) else {
                    continue;
                };
                let service = &all.services()[index];
                if service.vendor != vendor.key {
                    wrong.push(format!("{domain}: {} and {}", vendor.key, service.vendor));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        // What code declares most can be observed.
        for key in [
            "openai",
            "anthropic",
            "google",
            "aws",
            "azure",
            "mistral",
            "cohere",
            "huggingface",
            "groq",
            "together",
            "fireworks",
            "replicate",
            "deepseek",
            "xai",
            "perplexity",
            "openrouter",
            "pinecone",
            "langchain",
            "wandb",
            "elevenlabs",
            "databricks",
            "nvidia",
        ] {
            let mut services = all.services().iter();
            assert!(services.any(|service| service.vendor == key), "{key}");
        }
    }

    #[test]
    fn merchants_and_applications_of_firewalls_are_known_by_service_or_vendor() {
        let all = Catalogue::embedded();
        let id = |name: &str| {
            let found = all.of_name(name).or_else(|| all.of_merchant(name));
            found.map(|at| all.services()[at].id.as_str())
        };
        assert_eq!(id("OPENAI *CHATGPT SUBSCR"), Some("chatgpt"));
        assert_eq!(id("openai-chatgpt"), Some("chatgpt"));
        assert_eq!(id("claude-base"), Some("claude"));
        assert_eq!(id("openai-base"), Some("openai-api"));
        assert_eq!(id("ANTHROPIC, PBC"), Some("anthropic-api"));
        assert_eq!(id("GOOGLE *YouTube"), None);
        assert_eq!(id("AMAZON MKTPL"), None);
        assert_eq!(id("web-browsing"), None);
    }

    #[test]
    fn names_are_known_with_words_behind_them() {
        let all = Catalogue::embedded();
        let id = |name: &str| all.of_name(name).map(|at| all.services()[at].id.as_str());
        assert_eq!(id("Otter.ai for Business"), Some("otter"));
        assert_eq!(id("ANTHROPIC"), None);
        assert_eq!(id("fireflies.ai"), Some("fireflies"));
        assert_eq!(id("Make it so"), None);
        assert_eq!(id("Notionally"), None);
    }
}
