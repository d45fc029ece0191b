//! Amazon Bedrock: model invocation logs, from S3 or CloudWatch.
//!
//! Fields from <https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html>: `schemaType`
//! `ModelInvocationLog`, `input.inputBodyJson`, `output.outputBodyJson`; bodies over 100 KB stand in an object of S3 of their
//! own, and are not judged.

use stance_core::exchange::Unjudged;

use super::record::{begin, body, count, label};
use super::{Format, Known, Record, time};
use crate::interaction::{Failure, Interaction, Operation, Service};
use crate::limits::Limits;
use crate::message::body as bodies;
use crate::value::Value;

pub(super) const KNOWN: Known = Known {
    format: Format::Bedrock,
    claims,
    read,
    id: &[&["requestId"]],
};

fn claims(value: &Value<'_>) -> bool {
    value.get("schemaType").and_then(Value::text) == Some("ModelInvocationLog")
}

fn read(value: &Value<'_>, limits: Limits) -> Record {
    let mut interaction = begin(Format::Bedrock);
    interaction.name = label(value, &["requestId"]).unwrap_or_default();
    interaction.start = time::of(value, &["timestamp"]);
    interaction.provider = Some("aws.bedrock".to_owned());
    let model = label(value, &["modelId"]);
    interaction.operation = operation(value, model.as_deref().unwrap_or_default());
    interaction.asked = model.map(|model| {
        // Profiles and models by ARN: the last part is the name.
        let name = model.rsplit('/').next().unwrap_or_default();
        name.to_owned()
    });
    let identity = value.get("identity").unwrap_or(&Value::Null);
    interaction.identity.user = label(identity, &["arn"]);
    interaction.identity.group = label(value, &["accountId"]);
    interaction.service = Service {
        name: label(value, &["accountId"]),
        instance: label(value, &["region"]),
        ..Service::default()
    };
    let metadata = value.get("requestMetadata").unwrap_or(&Value::Null);
    interaction.conversation = label(metadata, &["sessionId", "session_id", "conversationId"]);
    let input = value.get("input").unwrap_or(&Value::Null);
    let output = value.get("output").unwrap_or(&Value::Null);
    let usage = &mut interaction.usage;
    usage.input = count(input, &["inputTokenCount"]);
    usage.cached = count(input, &["cacheReadInputTokenCount"]);
    usage.output = count(output, &["outputTokenCount"]);
    bodies::sides(
        &mut interaction,
        body(value, "/input/inputBodyJson"),
        body(value, "/output/outputBodyJson"),
        limits,
    );
    elsewhere(
        &mut interaction,
        input,
        "/input/inputBodyS3Path",
        "inputBodyS3Path",
    );
    elsewhere(
        &mut interaction,
        output,
        "/output/outputBodyS3Path",
        "outputBodyS3Path",
    );
    if let Some(code) = label(value, &["errorCode"]) {
        interaction.failure = Some(Failure {
            kind: code,
            message: label(value, &["errorMessage"]).unwrap_or_default(),
            status: None,
        });
    }
    Record::of(interaction)
}

/// `Converse` and `InvokeModel` say how, not what: vectors are told by the model.
fn operation(value: &Value<'_>, model: &str) -> Operation {
    let is_vectors = model.contains("embed")
        || value
            .at(&["output", "outputBodyJson", "embedding"])
            .is_some()
        || value
            .at(&["output", "outputBodyJson", "embeddings"])
            .is_some();
    if is_vectors {
        Operation::Embeddings
    } else if model.contains("rerank") {
        Operation::Rerank
    } else {
        Operation::Chat
    }
}

fn elsewhere(interaction: &mut Interaction, side: &Value<'_>, pointer: &str, name: &str) {
    if side.get(name).is_some_and(|path| !path.is_empty()) {
        interaction.unjudged.push(Unjudged {
            pointer: pointer.to_owned(),
            what: "a body that is kept in an object of its own".to_owned(),
        });
    }
}
