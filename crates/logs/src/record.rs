//! What a whole JSON record tells, whatever product wrote it.

use serde_json::Value;

use crate::catalogue::Catalogue;
use crate::format::Format;

/// What a record tells, owned: it was worth parsing.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) service: Option<usize>,
    pub(crate) time: String,
    pub(crate) user: String,
    pub(crate) sent: Option<u64>,
    pub(crate) received: Option<u64>,
    /// A model or scope that it names.
    pub(crate) detail: Option<String>,
}

const TIME: &[&str] = &[
    "/eventTime",
    "/ts",
    "/query_timestamp",
    "/timestamp",
    "/time",
    "/T",
    "/createdDateTime",
    "/activityDateTime",
    "/CreationTime",
    "/TimeGenerated",
    "/id/time",
    "/startTime",
    "/installDate",
    "/datetime",
    "/event/datetime",
    "/event/time",
    "/date",
    "/@timestamp",
];

const USER: &[&str] = &[
    "/userIdentity/userName",
    "/userIdentity/sessionContext/sessionIssuer/userName",
    "/userIdentity/arn",
    "/userIdentity/principalId",
    "/userIdentity/type",
    "/initiatedBy/user/userPrincipalName",
    "/properties/initiatedBy/user/userPrincipalName",
    "/userPrincipalName",
    "/UserPrincipalName",
    "/properties/userPrincipalName",
    "/protoPayload/authenticationInfo/principalEmail",
    "/actor/email",
    "/principalDisplayName",
    "/principalId",
    "/user/name",
    "/user",
    "/username",
    "/UserId",
    "/login",
    "/ologin",
    "/event/user",
    "/event/login",
    "/identity",
    "/id.orig_h",
    "/srcids/instance",
    "/srcaddr",
    "/client",
    "/src_ip",
    "/source/ip",
    "/cip",
    "/IP",
    "/callerIpAddress",
];

const HOST: &[&str] = &[
    "/query",
    "/server_name",
    "/query_name",
    "/QH",
    "/tls/sni",
    "/tls/client/server_name",
    "/dns/rrname",
    "/dns/queries/0/rrname",
    "/dns/question/name",
    "/http/hostname",
    "/host",
    "/url",
    "/url/domain",
    "/destination/domain",
    "/event/hostname",
    "/event/url",
    "/sni",
    "/domain",
    "/hostname",
    "/protoPayload/serviceName",
    "/dest_domain",
];

const NAME: &[&str] = &[
    "/appDisplayName",
    "/AppDisplayName",
    "/properties/appDisplayName",
    "/clientDisplayName",
    "/displayName",
    "/applicationName",
    "/appName",
    "/app",
    "/event/appname",
    "/name",
    "/publisherName",
];

const SENT: &[&str] = &[
    "/request_body_len",
    "/orig_bytes",
    "/bytes_sent",
    "/uploadedBytes",
    "/requestsize",
    "/reqdatasize",
    "/event/requestsize",
    "/client_bytes",
];

const RECEIVED: &[&str] = &[
    "/response_body_len",
    "/resp_bytes",
    "/bytes_received",
    "/downloadedBytes",
    "/responsesize",
    "/respdatasize",
    "/event/responsesize",
    "/server_bytes",
];

/// Reads a record; `None` when it is no JSON, or names nothing that could be looked up.
pub(crate) fn told(
    record: &[u8],
    format: Format,
    path: &str,
    catalogue: &Catalogue,
) -> Option<Told> {
    let value: Value = serde_json::from_slice(record).ok()?;
    let mut told = Told {
        time: first(&value, TIME),
        user: first(&value, USER),
        sent: number(&value, SENT),
        received: number(&value, RECEIVED),
        ..Told::default()
    };
    match format {
        Format::CloudTrail => cloud_trail(&value, told, catalogue),
        Format::Extensions => extension(&value, path, told, catalogue),
        Format::GoogleOauth => google(&value, told, catalogue),
        _ => {
            let host = first(&value, HOST);
            let mut name = first(&value, NAME);
            // An audit record of Entra names what was consented to among its targets.
            let targets = ["/targetResources", "/properties/targetResources"];
            let target = targets.iter().find_map(|path| at(&value, path)?.as_array());
            if let Some(target) = target.and_then(|all| all.iter().find(|one| is_application(one)))
            {
                name = first(target, &["/displayName"]);
            }
            let resource = first(&value, &["/resourceId", "/ResourceId"]);
            told.service = catalogue
                .of_host(crate::event::host(host.as_bytes()))
                .or_else(|| catalogue.of_name(&name))
                .or_else(|| azure(&resource, catalogue));
            told.detail = value
                .get("scope")
                .and_then(Value::as_str)
                .map(|scope| scope.trim().to_owned());
            let about_nothing = matches!(
                format,
                Format::ZeekJson | Format::Route53 | Format::Suricata
            );
            // Other events of Suricata have no host.
            let is_event = value.get("event_type").is_some();
            let named = !host.is_empty() || !name.is_empty() || !resource.is_empty();
            (named || about_nothing || is_event).then_some(told)
        }
    }
}

fn cloud_trail(value: &Value, mut told: Told, catalogue: &Catalogue) -> Option<Told> {
    let source = value.get("eventSource")?.as_str()?;
    told.service = catalogue.of_host(source.as_bytes());
    let model = [
        "/requestParameters/modelId",
        "/requestParameters/endpointName",
    ]
    .iter()
    .find_map(|path| at(value, path)?.as_str());
    told.detail = model.map(str::to_owned);
    Some(told)
}

fn extension(value: &Value, path: &str, mut told: Told, catalogue: &Catalogue) -> Option<Told> {
    let mut id = first(
        value,
        &[
            "/identifier/id",
            "/extension_id",
            "/extensionId",
            "/id",
            "/browser_specific_settings/gecko/id",
            "/applications/gecko/id",
        ],
    );
    let mut name = first(
        value,
        &[
            "/defaultLocale/name",
            "/displayName",
            "/name",
            "/manifest/name",
        ],
    );
    if let Some(publisher) = value.get("publisher").and_then(Value::as_str)
        && let Some(own) = value.get("name").and_then(Value::as_str)
    {
        // The manifest of an extension for an editor.
        id = format!("{publisher}.{own}");
    }
    if name.starts_with("__MSG_") || name.starts_with('%') {
        // It stands in the translations.
        name.clear();
    }
    let by_path = path
        .split(['/', '\\'])
        .find_map(|part| catalogue.of_extension(unversioned(part)));
    told.service = catalogue
        .of_extension(&id)
        .or(by_path)
        .or_else(|| catalogue.of_name(&name));
    let in_browser = value.get("manifest_version").is_some();
    (!id.is_empty() || !name.is_empty() || by_path.is_some() || in_browser).then_some(told)
}

/// The id in the name of a directory of an extension, `github.copilot-1.2.3`.
fn unversioned(part: &str) -> &str {
    match part.rsplit_once('-') {
        Some((id, version)) if version.starts_with(|c: char| c.is_ascii_digit()) => id,
        _ => part,
    }
}

/// An activity of the Reports interface of Google Workspace: names and values of parameters as lists.
fn google(value: &Value, mut told: Told, catalogue: &Catalogue) -> Option<Told> {
    let events = value.get("events")?.as_array()?;
    let parameters = events
        .iter()
        .filter_map(|event| event.get("parameters")?.as_array())
        .flatten();
    let mut named = false;
    for parameter in parameters {
        let text = || parameter.get("value").and_then(Value::as_str);
        match parameter.get("name").and_then(Value::as_str) {
            Some("app_name") => {
                named = true;
                told.service = text().and_then(|name| catalogue.of_name(name));
            }
            Some("scope") => {
                let scopes = parameter.get("multiValue").and_then(Value::as_array);
                let scopes: Vec<&str> = scopes
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                told.detail = Some(scopes.join(" ")).filter(|scopes| !scopes.is_empty());
            }
            _ => {}
        }
    }
    // Activities of other kinds, such as logins, name no application.
    (named || value.get("kind").is_some()).then_some(told)
}

fn is_application(target: &Value) -> bool {
    let kind = target.get("type").and_then(Value::as_str);
    matches!(kind, Some("ServicePrincipal" | "Application"))
}

/// The AI services of Azure name the resource in their own logs.
fn azure(resource: &str, catalogue: &Catalogue) -> Option<usize> {
    let resource = resource.to_ascii_lowercase();
    let host: &[u8] = if resource.contains("/microsoft.cognitiveservices/accounts/") {
        b"cognitiveservices.azure.com"
    } else if resource.contains("/microsoft.machinelearningservices/") {
        b"azureml.ms"
    } else {
        return None;
    };
    catalogue.of_host(host)
}

/// What stands at a path; as [`Value::pointer`], without its escapes, for which it allocates.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let mut value = value;
    for part in path.split('/').skip(1) {
        value = match value {
            Value::Object(map) => map.get(part)?,
            Value::Array(list) => list.get(part.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

fn first(value: &Value, paths: &[&str]) -> String {
    paths
        .iter()
        .find_map(|path| match at(value, path)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
        .unwrap_or_default()
}

fn number(value: &Value, paths: &[&str]) -> Option<u64> {
    paths.iter().find_map(|path| {
        let value = at(value, path)?;
        // Some products write numbers as text.
        value
            .as_u64()
            .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
    })
}
