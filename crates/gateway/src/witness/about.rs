//! What is known of an exchange besides its receipt.

use hyper::header::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use stance_core::traffic::{Seen, Teller};

use super::Pieces;
use crate::judge::Interaction;
use crate::receipt::Receipt;

/// What is gathered for a witness.
#[derive(Debug, Default)]
pub(crate) struct About {
    /// What the caller says that its exchanges belong together by.
    pub(crate) session: Option<String>,
    /// The trace that the request belongs to.
    pub(crate) trace: Option<String>,
    /// Who serves the model.
    pub(crate) provider: Option<&'static str>,
    /// The id that the provider gave its answer.
    pub(crate) answer: Option<String>,
    pub(crate) pieces: Pieces,
}

impl About {
    pub(crate) fn new(words: bool) -> Self {
        Self {
            pieces: Pieces::new(words),
            ..Self::default()
        }
    }

    /// The record of an exchange that is over `now`.
    pub(crate) fn seen(
        self,
        receipt: &Receipt,
        interaction: Option<&dyn Interaction>,
        now: Timestamp,
    ) -> Seen {
        let pieces = self.pieces.finish(&|text| match interaction {
            Some(interaction) => interaction.kept(text),
            None => text.to_owned(),
        });
        let took = i64::try_from(receipt.total_us).unwrap_or(i64::MAX);
        let began = now
            .checked_sub(SignedDuration::from_micros(took))
            .unwrap_or(now);
        Seen {
            place: receipt.upstream.clone(),
            operation: receipt.operation.clone(),
            provider: self.provider.map(str::to_owned),
            identity: receipt.identity.clone(),
            session: self.session,
            trace: self.trace,
            model: receipt.model.clone(),
            answered: receipt.answered.clone(),
            answer: self.answer,
            stream: receipt.stream,
            status: Some(receipt.status).filter(|status| *status > 0),
            decision: receipt.decision,
            reasons: receipt.reasons.clone(),
            policy: receipt.policy.clone(),
            unjudged: receipt.unjudged.clone(),
            unjudged_count: receipt.unjudged_count,
            pieces,
            tools: receipt.tools,
            calls: receipt.calls.clone(),
            request_bytes: receipt.request_bytes,
            answer_bytes: receipt.answer_bytes,
            usage: receipt.usage,
            cost: receipt.cost_microdollars,
            error: receipt.error.clone(),
            first_byte_us: Some(receipt.first_byte_us),
            total_us: Some(receipt.total_us),
            judging_us: Some(receipt.judging_us),
            ..Seen::new(receipt.id.clone(), began, Teller::Gateway)
        }
    }
}

/// The trace of a request, from its `traceparent` (W3C Trace Context, section 3.2): 32 lower-case hexadecimal digits.
pub(crate) fn trace(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("traceparent")?.to_str().ok()?;
    let mut parts = value.trim().split('-');
    let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length: usize| {
        text.len() == length
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
            && text.bytes().any(|byte| byte != b'0')
    };
    let is_known = version.len() == 2 && version != "ff";
    (is_known && is_hex(trace, 32) && is_hex(span, 16)).then(|| trace.to_owned())
}

/// Who serves models at a host, in the words of OpenTelemetry's `gen_ai.provider.name`; where it is one of the best known.
pub(crate) fn provider(host: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 14] = [
        ("api.openai.com", "openai"),
        (".openai.azure.com", "azure.ai.openai"),
        (".services.ai.azure.com", "azure.ai.inference"),
        ("api.anthropic.com", "anthropic"),
        ("generativelanguage.googleapis.com", "gcp.gemini"),
        ("aiplatform.googleapis.com", "gcp.vertex_ai"),
        (".amazonaws.com", "aws.bedrock"),
        ("api.cohere.com", "cohere"),
        ("api.mistral.ai", "mistral_ai"),
        ("api.groq.com", "groq"),
        ("api.deepseek.com", "deepseek"),
        ("api.x.ai", "x_ai"),
        ("api.perplexity.ai", "perplexity"),
        ("openrouter.ai", "openrouter"),
    ];
    let host = host.to_ascii_lowercase();
    KNOWN
        .iter()
        .find(|(end, _)| host.ends_with(end))
        .map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_one_that_follows_the_specification() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", value.parse().unwrap());
            trace(&headers)
        };
        let (trace, span) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        assert_eq!(of(&format!("00-{trace}-{span}-01")).as_deref(), Some(trace));
        assert_eq!(
            of(&format!("01-{trace}-{span}-01-more")).as_deref(),
            Some(trace)
        );
        for wrong in [
            format!("ff-{trace}-{span}-01"),
            format!("00-{}-{span}-01", "0".repeat(32)),
            format!("00-{}-{span}-01", trace.to_uppercase()),
            format!("00-{trace}"),
            String::new(),
        ] {
            assert_eq!(of(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_best_known_providers_have_their_names() {
        assert_eq!(provider("api.openai.com"), Some("openai"));
        assert_eq!(provider("mine.OpenAI.azure.com"), Some("azure.ai.openai"));
        assert_eq!(
            provider("bedrock-runtime.eu-central-1.amazonaws.com"),
            Some("aws.bedrock")
        );
        assert_eq!(provider("127.0.0.1"), None);
    }
}
