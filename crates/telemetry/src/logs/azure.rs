//! Azure OpenAI: diagnostic logs of the category `RequestResponse`, from a storage account, an event hub or Log Analytics.
//!
//! Categories from <https://learn.microsoft.com/azure/azure-monitor/reference/supported-logs/microsoft-cognitiveservices-accounts-logs>,
//! columns as Log Analytics has them (`AzureDiagnostics`, `properties_s`). The service logs no words; a gateway in front that
//! does puts them into `backendRequestBody` and `backendResponseBody` (`ApiManagementGatewayLogs`).

use super::record::{begin, body, count, failed, label, map, milliseconds, number};
use super::{Format, Known, Record, time};
use crate::interaction::{Operation, fill};
use crate::limits::Limits;
use crate::message::body as bodies;
use crate::value::Value;

pub(super) const KNOWN: Known = Known {
    format: Format::AzureOpenAi,
    claims,
    read,
    id: &[&["correlationId"], &["CorrelationId"]],
};

const CATEGORIES: [&str; 3] = ["RequestResponse", "AzureOpenAIRequestUsage", "Audit"];

fn claims(value: &Value<'_>) -> bool {
    let category = value.first(&["category", "Category"]).and_then(Value::text);
    let resource = value.first(&["resourceId", "ResourceId", "_ResourceId"]);
    let is_ours = resource.and_then(Value::text).is_some_and(|resource| {
        resource
            .to_ascii_lowercase()
            .contains("/microsoft.cognitiveservices/")
    });
    category.is_some_and(|category| CATEGORIES.contains(&category))
        && (is_ours || value.first(&["properties", "properties_s"]).is_some())
}

fn read(value: &Value<'_>, limits: Limits) -> Record {
    if label(value, &["category", "Category"]).as_deref() == Some("Audit") {
        return Record::Other;
    }
    let properties =
        map(value, "properties", limits).or_else(|| map(value, "properties_s", limits));
    let Some(properties) = properties else {
        return Record::Unknown("a diagnostic log without properties");
    };
    let name = label(value, &["operationName", "OperationName"]).unwrap_or_default();
    let Some(operation) = operation(&name) else {
        return Record::Other;
    };
    let mut interaction = begin(Format::AzureOpenAi);
    interaction.operation = operation;
    interaction.name = label(value, &["correlationId", "CorrelationId"]).unwrap_or_default();
    interaction.start = time::of(value, &["time", "TimeGenerated"]);
    interaction.duration = milliseconds(number(value, &["durationMs", "DurationMs"]));
    interaction.provider = Some("azure.ai.openai".to_owned());
    interaction.asked = label(&properties, &["modelDeploymentName", "modelName"]);
    interaction.answered = label(&properties, &["modelName"]);
    interaction.usage.input = count(&properties, &["promptTokens", "prompt_tokens"]);
    interaction.usage.output = count(
        &properties,
        &["completionTokens", "generatedTokens", "completion_tokens"],
    );
    // The object of the directory that asked; empty when it was a key.
    interaction.identity.user = label(&properties, &["objectId"]);
    interaction.identity.address = label(
        value,
        &["callerIpAddress", "CallerIPAddress", "CallerIpAddress"],
    );
    let resource = label(value, &["resourceId", "ResourceId", "_ResourceId"]);
    interaction.service.name = resource
        .as_deref()
        .and_then(|resource| resource.rsplit('/').next())
        .map(str::to_ascii_lowercase);
    interaction.service.instance = label(value, &["location", "location_s"]);
    let request = body(&properties, "/backendRequestBody")
        .or_else(|| body(&properties, "/backend_request_body"));
    let response = body(&properties, "/backendResponseBody")
        .or_else(|| body(&properties, "/backend_response_body"));
    bodies::sides(&mut interaction, request, response, limits);
    let stream = label(&properties, &["streamType"]).unwrap_or_default();
    interaction.request.stream |= stream.eq_ignore_ascii_case("streaming");
    let status = count(value, &["resultSignature", "ResultSignature"]);
    fill(&mut interaction.failure, failed(status));
    Record::of(interaction)
}

/// The operations of models; `None` for those that manage files, threads and keys.
fn operation(name: &str) -> Option<Operation> {
    let name = name.to_ascii_lowercase();
    if name.contains("embedding") {
        Some(Operation::Embeddings)
    } else if name.contains("image") || name.contains("audio") || name.contains("speech") {
        Some(Operation::Media)
    } else if name.contains("chatcompletion") || name.contains("response") {
        Some(Operation::Chat)
    } else if name.contains("completion") {
        Some(Operation::TextCompletion)
    } else {
        None
    }
}
