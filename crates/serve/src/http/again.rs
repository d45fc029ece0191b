//! A form that was not taken is shown again: the page on which it stood, with what was typed, and what is wrong beside each field.
//!
//! Forms say nothing of it. The page is asked for once more as the browser would, and the fields are filled in on the way out. A
//! form with `data-once` holds what a new page would not hold (a secret that is shown once) and is left alone.

use std::ops::Range;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, ETAG, HOST, REFERER, USER_AGENT};
use axum::http::{HeaderName, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::markup::{Tag, tags};
use super::{Peer, path_and_query};
use crate::ask::Asked;
use crate::draw::svg::escape;
use crate::error::{ApiError, FieldError};

/// Largest page that is filled in.
const MOST: usize = 8 << 20;

/// What somebody sent by a form.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    /// The path to which it was sent.
    pub(crate) action: String,
    /// The form as it came.
    pub(crate) form: Bytes,
}

/// The page from which a form came, ready to be asked for.
pub(super) struct Origin(Request);

impl Origin {
    /// The page that the browser names; `None` when it is no page of this server, or nothing was sent by a form.
    pub(super) fn of(request: &Request, asked: &Asked) -> Option<Self> {
        let headers = request.headers();
        if request.method() != Method::POST || asked.api {
            return None;
        }
        let referer = headers.get(REFERER)?.to_str().ok()?;
        let (host, path) = referer.split_once("://")?.1.split_once('/')?;
        let target = format!("/{}", path.split('#').next().unwrap_or_default());
        if !host.eq_ignore_ascii_case(&asked.host) || !path_and_query::is_local(&target) {
            return None;
        }
        let mut page = Request::builder().uri(&target).body(Body::empty()).ok()?;
        let forwarded = HeaderName::from_static("x-forwarded-for");
        for name in [COOKIE, HOST, USER_AGENT, forwarded] {
            for value in headers.get_all(&name) {
                page.headers_mut().append(&name, value.clone());
            }
        }
        if let Some(peer) = request.extensions().get::<Peer>() {
            page.extensions_mut().insert(*peer);
        }
        page.extensions_mut().insert(Arc::new(Asked {
            id: asked.id.clone(),
            address: asked.address,
            host: asked.host.clone(),
            path: target.split('?').next().unwrap_or_default().to_owned(),
            target,
            agent: asked.agent.clone(),
            api: false,
            heard: asked.heard,
        }));
        Some(Self(page))
    }

    /// The page with the form filled in, under the status of the error; `None` when the form is not on it.
    pub(super) async fn with(
        self,
        next: Next,
        typed: &Typed,
        error: &ApiError,
    ) -> Option<Response> {
        let address = self.0.uri().path_and_query()?.to_string();
        let page = tokio::spawn(next.run(self.0)).await.ok()?;
        let kind = page.headers().get(CONTENT_TYPE)?.to_str().ok()?;
        if page.status() != StatusCode::OK || !kind.starts_with("text/html") {
            return None;
        }
        let (mut parts, body) = page.into_parts();
        let bytes = axum::body::to_bytes(body, MOST).await.ok()?;
        let html = filled(std::str::from_utf8(&bytes).ok()?, typed, error, &address)?;
        parts.status = error.status;
        parts.headers.remove(ETAG);
        parts.headers.remove(CONTENT_LENGTH);
        Some(Response::from_parts(parts, Body::from(html)))
    }
}

/// Whether the error is one that whoever filled in the form can put right.
pub(super) fn is_about_form(error: &ApiError) -> bool {
    matches!(
        error.status,
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT | StatusCode::BAD_REQUEST
    )
}

/// The fields that were sent, with their values.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn value(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    fn holds(&self, name: &str, value: &str) -> bool {
        self.0
            .iter()
            .any(|(known, sent)| known == name && sent == value)
    }
}

/// The page with the form filled in. `address` is its own: the script puts it where that of the form stands.
fn filled(page: &str, typed: &Typed, error: &ApiError, address: &str) -> Option<String> {
    let fields = Fields(serde_html_form::from_bytes(&typed.form).ok()?);
    let mut tags: Vec<Tag<'_>> = tags(page).collect();
    let form = form(&tags, typed, &fields)?;
    let mut writing = Writing::of(page);
    open(&mut tags, form.start, address, &mut writing);
    let inside = tags.get_mut(form)?;
    let (beside, above): (Vec<_>, Vec<_>) = error
        .fields
        .iter()
        .partition(|wrong| inside.iter().any(|tag| takes(tag, &wrong.field)));
    writing.behind(inside.first()?.at.end, notice(error, &above));
    let ends: Vec<(String, usize)> = inside
        .iter()
        .filter(|tag| tag.name.starts_with('/'))
        .map(|tag| (tag.name.to_owned(), tag.at.end))
        .collect();
    let end_of = |name: &str, from: usize| {
        let found = ends
            .iter()
            .find(|(end, at)| *at > from && end.get(1..) == Some(name));
        found.map_or(from, |(_, at)| *at)
    };
    let mut choice: Option<String> = None;
    let mut focused = false;
    for tag in inside {
        let at = tag.at.clone();
        match tag.name {
            "option" => {
                let Some(name) = &choice else { continue };
                let chosen = fields.holds(name, tag.get("value").unwrap_or_default());
                tag.remove("selected");
                if chosen {
                    tag.set("selected", None);
                }
                writing.put(at, &tag.write());
            }
            "/select" => choice = None,
            "input" | "textarea" | "select" => {
                let name = tag.get("name").unwrap_or_default().to_owned();
                let wrong: Vec<&&FieldError> = beside
                    .iter()
                    .filter(|wrong| wrong.field == name && takes(tag, &name))
                    .collect();
                if !wrong.is_empty() {
                    mark(tag, &name, !focused);
                    focused = true;
                }
                fill(tag, &name, &fields);
                writing.put(at.clone(), &tag.write());
                let end = if tag.name == "input" {
                    at.end
                } else {
                    end_of(tag.name, at.end)
                };
                if tag.name == "select" && fields.value(&name).is_some() {
                    choice = Some(name.clone());
                }
                if let ("textarea", Some(value)) = (tag.name, fields.value(&name)) {
                    writing.put(
                        at.end..end.saturating_sub("</textarea>".len()),
                        &escape(value),
                    );
                }
                let said: Vec<&str> = wrong.iter().map(|wrong| wrong.message.as_str()).collect();
                if !said.is_empty() {
                    let said = escape(&said.join("; "));
                    writing.behind(
                        end,
                        format!(
                            "<p class=\"error\" id=\"wrong-{}\">{said}</p>",
                            escape(&name)
                        ),
                    );
                }
            }
            _ => {}
        }
    }
    Some(writing.finish())
}

/// The form that was sent: the first of this address that has every field. Some pages have several of one address.
fn form(tags: &[Tag<'_>], typed: &Typed, fields: &Fields) -> Option<Range<usize>> {
    let starts = tags.iter().enumerate().filter(|(_, tag)| {
        tag.name == "form"
            && tag
                .get("action")
                .is_some_and(|action| action == typed.action)
            && tag.get("data-once").is_none()
    });
    starts
        .filter_map(|(start, _)| {
            let length = tags
                .get(start..)?
                .iter()
                .position(|tag| tag.name == "/form")?;
            Some(start..start + length)
        })
        .find(|form| {
            let inside = tags.get(form.clone()).unwrap_or_default();
            fields
                .0
                .iter()
                .all(|(name, _)| inside.iter().any(|tag| tag.get("name") == Some(name)))
        })
}

/// Opens what the form is folded away in, and notes the address of the page.
fn open(tags: &mut [Tag<'_>], form: usize, address: &str, writing: &mut Writing<'_>) {
    let mut folded = Vec::new();
    for (index, tag) in tags.iter().enumerate().take(form) {
        match tag.name {
            "body" | "details" => folded.push(index),
            "/details" => drop(folded.pop()),
            _ => {}
        }
    }
    for index in folded {
        let Some(tag) = tags.get_mut(index) else {
            continue;
        };
        if tag.name == "body" {
            tag.set("data-address", Some(address));
        } else {
            tag.set("open", None);
        }
        writing.put(tag.at.clone(), &tag.write());
    }
}

/// Whether an error can stand beside this.
fn takes(tag: &Tag<'_>, field: &str) -> bool {
    let kind = tag.get("type").unwrap_or("text");
    matches!(tag.name, "input" | "textarea" | "select")
        && tag.get("name") == Some(field)
        && !matches!(kind, "hidden" | "checkbox" | "radio")
}

/// Marks a field that is wrong, and goes to the first.
fn mark(tag: &mut Tag<'_>, name: &str, first: bool) {
    let described = tag.get("aria-describedby").unwrap_or_default();
    let described = format!("wrong-{name} {described}");
    tag.set("aria-describedby", Some(described.trim_end()));
    tag.set("aria-invalid", Some("true"));
    if first {
        tag.set("autofocus", None);
    }
}

/// What was typed; passwords are typed once more.
fn fill(tag: &mut Tag<'_>, name: &str, fields: &Fields) {
    if tag.name != "input" {
        return;
    }
    let kind = tag.get("type").unwrap_or("text");
    match kind {
        "hidden" | "password" | "file" | "submit" => {}
        "checkbox" | "radio" => {
            let ticked = fields.holds(name, tag.get("value").unwrap_or("on"));
            tag.remove("checked");
            if ticked {
                tag.set("checked", None);
            }
        }
        _ => {
            if let Some(value) = fields.value(name) {
                tag.set("value", Some(value));
            }
        }
    }
}

/// What stands against the form as a whole.
fn notice(error: &ApiError, above: &[&FieldError]) -> String {
    let said = if above.is_empty() && !error.fields.is_empty() {
        return String::new();
    } else if error.fields.is_empty() {
        error.detail.clone()
    } else {
        let said: Vec<String> = above
            .iter()
            .map(|wrong| format!("{}: {}", wrong.field, wrong.message))
            .collect();
        said.join("; ")
    };
    format!(
        "<div class=\"flash bad\" role=\"alert\"><p>{}</p></div>",
        escape(&said)
    )
}

/// A page while it is written anew, from its beginning to its end.
struct Writing<'a> {
    page: &'a str,
    done: usize,
    text: String,
    waiting: Vec<(usize, String)>,
}

impl<'a> Writing<'a> {
    fn of(page: &'a str) -> Self {
        Self {
            page,
            done: 0,
            text: String::with_capacity(page.len() + 1024),
            waiting: Vec::new(),
        }
    }

    /// Puts a text in the place of what stands there.
    fn put(&mut self, at: Range<usize>, text: &str) {
        self.copy(at.start);
        self.text.push_str(text);
        self.done = at.end.max(self.done);
    }

    /// Puts a text behind a place that comes later.
    fn behind(&mut self, at: usize, text: String) {
        self.waiting.push((at, text));
    }

    fn copy(&mut self, to: usize) {
        for (at, text) in std::mem::take(&mut self.waiting) {
            if at <= to {
                self.text
                    .push_str(self.page.get(self.done..at).unwrap_or_default());
                self.text.push_str(&text);
                self.done = at.max(self.done);
            } else {
                self.waiting.push((at, text));
            }
        }
        self.text
            .push_str(self.page.get(self.done..to).unwrap_or_default());
        self.done = to.max(self.done);
    }

    fn finish(mut self) -> String {
        self.copy(self.page.len());
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<body class=\"app\"><form action=\"/x/1\"><input name=\"other\"></form>\
        <details class=\"more\"><summary>Edit</summary><form method=\"post\" action=\"/x/1\"><input type=\"hidden\" name=\"csrf\" value=\"t\">\
        <input id=\"f-name\" name=\"name\" value=\"before\" aria-describedby=\"f-name-say\"><p id=\"f-name-say\">hint</p>\
        <input type=\"password\" name=\"password\"><textarea name=\"why\">old</textarea>\
        <select name=\"role\"><option value=\"a\" selected>A</option><option value=\"b\">B</option></select>\
        <input type=\"checkbox\" name=\"scopes\" value=\"one\" checked><input type=\"checkbox\" name=\"scopes\" value=\"two\"></form></details></body>";

    fn again(form: &'static str, error: &ApiError) -> Option<String> {
        let typed = Typed {
            action: "/x/1".to_owned(),
            form: Bytes::from_static(form.as_bytes()),
        };
        filled(PAGE, &typed, error, "/page?a=1")
    }

    #[test]
    fn what_was_typed_stands_there_again_with_what_is_wrong() {
        let form =
            "csrf=t&name=%3Cb%3E&password=secret&why=because+%3C%2Ftextarea%3E&role=b&scopes=two";
        let page =
            again(form, &ApiError::invalid("name", "on one <line>")).expect("the form is there");
        assert_eq!(
            page,
            PAGE.replace("<body class=\"app\">", "<body class=\"app\" data-address=\"/page?a=1\">")
                .replace("<details class=\"more\">", "<details class=\"more\" open>")
                .replace(
                    "<input id=\"f-name\" name=\"name\" value=\"before\" aria-describedby=\"f-name-say\">",
                    "<input id=\"f-name\" name=\"name\" aria-describedby=\"wrong-name f-name-say\" aria-invalid=\"true\" autofocus value=\"&lt;b&gt;\">\
                     <p class=\"error\" id=\"wrong-name\">on one &lt;line&gt;</p>"
                )
                .replace(">old<", ">because &lt;/textarea&gt;<")
                .replace(" selected", "")
                .replace("value=\"b\"", "value=\"b\" selected")
                .replace(" checked", "")
                .replace("value=\"two\"", "value=\"two\" checked")
        );
    }

    #[test]
    fn what_belongs_to_no_field_stands_above() {
        let form = "csrf=t&name=x&password=&why=&role=a";
        let page = again(form, &ApiError::conflict("somebody & else")).expect("the form is there");
        assert!(page.contains("name=\"csrf\" value=\"t\">"), "{page}");
        assert!(page.contains("action=\"/x/1\"><div class=\"flash bad\" role=\"alert\"><p>somebody &amp; else</p></div><input type=\"hidden\""), "{page}");
        let page =
            again(form, &ApiError::invalid("scopes", "one at least")).expect("the form is there");
        assert!(page.contains("<p>scopes: one at least</p></div>"), "{page}");
    }

    #[test]
    fn another_form_is_not_touched() {
        assert_eq!(again("csrf=t&unknown=1", &ApiError::conflict("x")), None);
    }
}
