//! A client that keeps cookies and follows nothing by itself.

use std::collections::BTreeMap;

use serde_json::Value;
use ureq::http::{HeaderMap, Request};

/// A browser, or a program when it is given a token.
pub(crate) struct Client {
    agent: ureq::Agent,
    url: String,
    pub(crate) cookies: BTreeMap<String, String>,
    /// Headers that go with each request.
    pub(crate) headers: Vec<(String, String)>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// The value of a hidden field.
    pub(crate) fn field(&self, name: &str) -> String {
        let marker = format!("name=\"{name}\" value=\"");
        let rest = self.text.split_once(&marker);
        let (_, rest) = rest.unwrap_or_else(|| panic!("no field {name} in {}", self.text));
        rest.split('"').next().unwrap().to_owned()
    }
}

impl Client {
    pub(crate) fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .build();
        Self {
            agent: config.into(),
            url: url.to_owned(),
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    /// A program with this token.
    pub(crate) fn with_token(url: &str, token: &str) -> Self {
        let mut client = Self::new(url);
        let bearer = format!("Bearer {token}");
        client.headers.push(("authorization".to_owned(), bearer));
        client
    }

    /// What comes as long as it is listened to.
    pub(crate) fn stream(&self, path: &str) -> impl std::io::Read + Send + use<> {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let answer = self
            .agent
            .get(format!("{}{path}", self.url))
            .header("cookie", pairs.join("; "))
            .call()
            .unwrap();
        assert_eq!(answer.status(), 200);
        answer.into_body().into_reader()
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], Vec::new())
    }

    pub(crate) fn get_with(&mut self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, Vec::new())
    }

    /// Sends a form with its own token.
    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf();
        let mut fields = fields.to_vec();
        if let Some(csrf) = &csrf {
            fields.push(("csrf", csrf));
        }
        self.form(path, &fields, &[])
    }

    /// Sends a form as it is.
    pub(crate) fn form(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", escape(value)))
            .collect();
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/x-www-form-urlencoded"));
        self.send("POST", path, &headers, pairs.join("&").into_bytes())
    }

    /// Sends JSON.
    pub(crate) fn json(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        self.json_with(method, path, body, &[])
    }

    pub(crate) fn json_with(
        &mut self,
        method: &str,
        path: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let csrf = self.csrf().unwrap_or_default();
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/json"));
        headers.push(("x-csrf-token", &csrf));
        self.send(method, path, &headers, serde_json::to_vec(body).unwrap())
    }

    /// Signs in, as with the page.
    pub(crate) fn sign_in(&mut self, login: &str, password: &str) {
        let fields = [("login", login), ("password", password)];
        let answer = self.form("/sign-in", &fields, &[]);
        assert_eq!(answer.status, 303, "{}", answer.text);
    }

    /// What the forms of the session carry, from a page.
    pub(crate) fn csrf(&mut self) -> Option<String> {
        if self.cookies.is_empty() {
            return None;
        }
        let page = self.get("/account");
        (page.status == 200).then(|| page.field("csrf"))
    }

    /// Sends anything.
    pub(crate) fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.url)
        };
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header("cookie", cookies.join("; "));
        }
        let request = request.body(body).unwrap();
        let mut response = self.agent.run(request).unwrap();
        let text = response.body_mut().read_to_string().unwrap_or_default();
        let answer = Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text,
        };
        self.keep_cookies(&answer);
        answer
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (pair, attributes) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn escape(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
