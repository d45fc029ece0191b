//! Answers of the gateway itself: in the form that a client of the dialect expects, or as a page for a person.

use std::collections::BTreeMap;

use bytes::Bytes;
use hyper::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderValue,
    REFERRER_POLICY, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};
use stance_wire::Route;

use crate::body::Body;
use crate::proxy::{Exchange, Refused};
use crate::settings::fits;

/// For whom an answer is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    pub(crate) route: Option<Route>,
    /// Whether a person looks at it.
    pub(crate) is_page: bool,
}

impl Form {
    /// An error of the gateway. `message` is for the caller, and never has words of the exchange.
    pub(crate) fn refuse(&self, status: StatusCode, message: &str) -> Response<Body> {
        if self.is_page {
            return page(status, "This request was not passed on", &[message]);
        }
        let text = match &self.route {
            Some(route) => stance_wire::refusal(route, message),
            None => serde_json::json!({"error": {"message": message, "type": "gateway", "code": status.as_u16()}}).to_string(),
        };
        let mut response = Response::new(Body::whole(Bytes::from(text)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }

    /// As [`Form::refuse`], with when it is worth asking again.
    pub(crate) fn later(&self, message: &str, seconds: u64) -> Response<Body> {
        let mut response = self.refuse(StatusCode::TOO_MANY_REQUESTS, message);
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
        response
    }
}

impl Exchange {
    /// What a caller is told, with what the settings add, what to use instead, and what to name when asking about it.
    pub(crate) fn told(&self, message: &str) -> String {
        let settings = &self.ready.settings;
        let mut told = message.to_owned();
        let instead = instead(&settings.alternatives, self.receipt.model.as_deref());
        for more in settings.message.as_deref().into_iter().chain(instead) {
            told.push(' ');
            told.push_str(more);
        }
        told.push_str(&format!(" Interaction: {}.", self.receipt.id));
        told
    }

    /// A refusal by a rule of the gateway's settings.
    pub(crate) fn forbidden(&self, message: &str, rule: &str) -> Refused {
        let told = self.told(message);
        Refused::new(
            StatusCode::FORBIDDEN,
            format!("{told} Rule: gateway.{rule}."),
        )
    }

    /// For whom its answer is.
    pub(crate) fn form(&self) -> Form {
        Form {
            route: self.route.clone(),
            is_page: self.is_page,
        }
    }
}

/// What to use instead of a model, by the pattern that says most.
fn instead<'s>(alternatives: &'s BTreeMap<String, String>, model: Option<&str>) -> Option<&'s str> {
    let fitting = alternatives.iter().filter(|(pattern, _)| match model {
        Some(model) => fits(std::slice::from_ref(*pattern), model),
        None => *pattern == "*",
    });
    let longest = fitting.max_by_key(|(pattern, _)| pattern.len());
    longest.map(|(_, instead)| instead.as_str())
}

/// An answer of which there can be no receipt.
pub(crate) fn unrecorded(form: &Form) -> Response<Body> {
    form.refuse(
        StatusCode::SERVICE_UNAVAILABLE,
        "This exchange could not be recorded, so it does not pass.",
    )
}

/// Whether a person looks at the answer: browsers ask for HTML by name, client libraries do not.
pub(crate) fn is_for_a_person(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|kind| kind.split(';').next())
        .any(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
}

/// What stands at the root: what this is, for whoever comes by.
pub(crate) fn welcome<'n>(
    headers: &HeaderMap,
    upstreams: impl Iterator<Item = &'n str>,
) -> Response<Body> {
    let names: Vec<&str> = upstreams.collect();
    let title = "This is a gateway of Stance";
    let what = "It stands between applications and model providers: it judges every exchange by policy, and leaves a \
                receipt of each.";
    let how = format!(
        "Set it as the base URL of a client library, with the name of an upstream first in the path: {}.",
        names.join(", ")
    );
    if is_for_a_person(headers) {
        return page(StatusCode::OK, title, &[what, &how]);
    }
    let mut response = Response::new(Body::whole(Bytes::from(format!(
        "{title}. {what}\n{how}\n"
    ))));
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

/// The answer of JSON-RPC to these requests; over HTTP it is no error.
pub(crate) fn refuse_ids(ids: &[String], message: &str) -> Response<Body> {
    let text = stance_wire::rpc::refusal(ids, message);
    let mut response = Response::new(Body::whole(Bytes::from(text)));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A page that needs nothing from anywhere, and may do nothing.
fn page(status: StatusCode, title: &str, paragraphs: &[&str]) -> Response<Body> {
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<h1>{title}</h1>\n",
        title = escaped(title)
    );
    for paragraph in paragraphs {
        text.push_str(&format!("<p>{}</p>\n", escaped(paragraph)));
    }
    text.push_str("</html>\n");
    let mut response = Response::new(Body::whole(Bytes::from(text)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A text in which nothing is markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_ask_for_pages_and_libraries_do_not() {
        let asks = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, value.parse().unwrap());
            is_for_a_person(&headers)
        };
        assert!(asks(
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        ));
        assert!(asks("application/json, Text/HTML;q=0.1"));
        assert!(!asks("*/*") && !asks("application/json") && !asks("text/event-stream"));
        assert!(!is_for_a_person(&HeaderMap::new()));
    }

    #[test]
    fn nothing_in_a_page_is_markup_but_its_own() {
        assert_eq!(
            escaped("<img src=x onerror='a'>&\""),
            "&lt;img src=x onerror=&#39;a&#39;&gt;&amp;&quot;"
        );
    }
}
