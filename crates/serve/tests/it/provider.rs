//! Signing in at an identity provider: a small one that runs in the test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use stance_serve::auth::Provider;
use stance_store::accounts::Role;
use stance_store::audit::{AuditLog as _, AuditQuery};

use crate::harness::{self, Client, Running};

/// An identity provider with one key, which gives for each code what the test says.
struct Fake {
    issuer: String,
    key: SigningKey,
    claims: Mutex<Value>,
    challenge: Mutex<String>,
}

impl Fake {
    fn start() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let fake = Arc::new(Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            key: SigningKey::from_slice(&[7; 32]).unwrap(),
            claims: Mutex::default(),
            challenge: Mutex::default(),
        });
        let answering = fake.clone();
        // Ends with the process of the tests.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answering.answer(stream);
            }
        });
        fake
    }

    fn answer(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut line, mut length) = (String::new(), 0);
        reader.read_line(&mut line).unwrap();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if header.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body = String::from_utf8(body).unwrap();
        let (status, answer) = match line.split(' ').nth(1).unwrap() {
            "/.well-known/openid-configuration" => (
                200,
                json!({
                    "issuer": self.issuer,
                    "authorization_endpoint": format!("{}/authorize", self.issuer),
                    "token_endpoint": format!("{}/token", self.issuer),
                    "jwks_uri": format!("{}/keys", self.issuer),
                }),
            ),
            "/keys" => (200, self.keys()),
            "/token" if self.is_meant(&body) => (200, json!({"id_token": self.token()})),
            _ => (400, json!({"error": "invalid_grant"})),
        };
        let answer = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        stream.write_all((head + &answer).as_bytes()).unwrap();
    }

    /// Whether the code comes from the one who left, with the verifier of the challenge.
    fn is_meant(&self, body: &str) -> bool {
        let field = |name: &str| body.split('&').find_map(|pair| pair.strip_prefix(name));
        let challenge = base64url(&Sha256::digest(field("code_verifier=").unwrap().as_bytes()));
        field("code=") == Some("c0de")
            && field("client_secret=") == Some("s%26cret")
            && challenge == *self.challenge.lock().unwrap()
    }

    fn keys(&self) -> Value {
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = (
            base64url(&point.as_bytes()[1..33]),
            base64url(&point.as_bytes()[33..]),
        );
        json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "k", "x": x, "y": y}]})
    }

    fn token(&self) -> String {
        let header = base64url(br#"{"alg":"ES256","kid":"k"}"#);
        let claims = base64url(self.claims.lock().unwrap().to_string().as_bytes());
        let signature: Signature = self.key.sign(format!("{header}.{claims}").as_bytes());
        format!("{header}.{claims}.{}", base64url(&signature.to_bytes()))
    }
}

fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let digit = |part: &[u8]| {
        let part = format!("{:0<6}", std::str::from_utf8(part).unwrap());
        char::from(DIGITS[usize::from_str_radix(&part, 2).unwrap()])
    };
    bits.as_bytes().chunks(6).map(digit).collect()
}

fn server(fake: &Fake) -> Running {
    let provider = Provider {
        issuer: fake.issuer.clone(),
        client_id: "stance".to_owned(),
        client_secret: Some("s&cret".to_owned()),
        role_claim: "groups".to_owned(),
        roles: vec![
            ("security".to_owned(), Role::Analyst),
            ("staff".to_owned(), Role::Viewer),
        ],
        default_role: None,
    };
    harness::start_with(|settings| settings.provider = Some(provider))
}

/// Leaves for the provider; gives the state, and sets the claims with which the provider will answer.
fn leave(browser: &mut Client, fake: &Fake, groups: &[&str]) -> String {
    let left = browser.get("/sign-in/provider?next=/account");
    assert_eq!(left.status, 303, "{}", left.text);
    let address = left.header("location").to_owned();
    assert!(
        address.starts_with(&format!("{}/authorize?", fake.issuer)),
        "{address}"
    );
    let parameter = |name: &str| {
        let pair = address
            .split(['?', '&'])
            .find_map(|pair| pair.strip_prefix(name));
        pair.unwrap().to_owned()
    };
    assert_eq!(parameter("code_challenge_method="), "S256");
    *fake.challenge.lock().unwrap() = parameter("code_challenge=");
    let now = jiff::Timestamp::now().as_second();
    *fake.claims.lock().unwrap() = json!({
        "iss": fake.issuer, "aud": "stance", "sub": "42", "iat": now, "exp": now + 300,
        "nonce": parameter("nonce="), "preferred_username": "ada", "name": "Ada L.", "groups": groups,
    });
    parameter("state=")
}

fn arrive(browser: &mut Client, state: &str) -> harness::Answer {
    browser.get(&format!("/sign-in/provider/return?code=c0de&state={state}"))
}

#[test]
fn somebody_the_provider_knows_comes_in_with_the_role_it_says() {
    let fake = Fake::start();
    let server = server(&fake);
    // Somebody else here has that name already, and stays somebody else.
    server.user("ada", Role::Admin);
    let mut browser = server.client();
    assert!(
        browser
            .get("/sign-in")
            .text
            .contains("/sign-in/provider?next=")
    );
    let state = leave(&mut browser, &fake, &["staff", "security"]);
    let arrived = arrive(&mut browser, &state);
    assert_eq!(
        (arrived.status, arrived.header("location")),
        (303, "/account"),
        "{}",
        arrived.text
    );
    let account = browser.get("/api/v1/account").json();
    assert_eq!(
        (&account["login"], &account["role"]),
        (&json!("ada-1"), &json!("analyst"))
    );
    assert_eq!(
        arrive(&mut browser, &state).status,
        403,
        "a journey counts once"
    );
    let mut again = server.client();
    let state = leave(&mut again, &fake, &["staff"]);
    assert_eq!(arrive(&mut again, &state).status, 303);
    let after = again.get("/api/v1/account").json();
    assert_eq!(
        (&after["id"], &after["role"]),
        (&account["id"], &json!("viewer"))
    );
    assert_eq!(
        browser.get("/api/v1/account").json()["role"],
        "viewer",
        "at once, everywhere"
    );
    let told = server.store(|store| store.audit_entries(&AuditQuery::default(), 100));
    let actions: Vec<&str> = told.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        ["user.add", "session.begin", "user.change", "session.begin"]
    );
    assert!(!server.log().contains("c0de"), "no code in the log");
}

#[test]
fn whoever_did_not_begin_here_or_has_no_role_stays_outside() {
    let fake = Fake::start();
    let server = server(&fake);
    let (mut browser, mut other) = (server.client(), server.client());
    let state = leave(&mut browser, &fake, &["security"]);
    assert_eq!(arrive(&mut other, &state).status, 403, "another browser");
    assert_eq!(arrive(&mut browser, "other").status, 403, "another state");
    let denied = browser.get(&format!(
        "/sign-in/provider/return?error=access_denied&state={state}"
    ));
    assert_eq!(denied.status, 403);
    assert!(denied.text.contains("access_denied"));
    let state = leave(&mut browser, &fake, &["strangers"]);
    assert_eq!(arrive(&mut browser, &state).status, 403, "no role");
    let state = leave(&mut browser, &fake, &["security"]);
    fake.claims.lock().unwrap()["nonce"] = json!("other");
    assert_eq!(
        arrive(&mut browser, &state).status,
        403,
        "a token of another sign-in"
    );
    let state = leave(&mut browser, &fake, &["security"]);
    *fake.challenge.lock().unwrap() = "other".to_owned();
    assert_eq!(
        arrive(&mut browser, &state).status,
        503,
        "the provider refuses the code"
    );
    assert_eq!(browser.get("/api/v1/account").status, 401);
}

#[test]
fn without_a_provider_there_is_none() {
    let server = harness::start();
    let mut browser = server.client();
    assert_eq!(browser.get("/sign-in/provider").status, 404);
    assert!(!browser.get("/sign-in").text.contains("/sign-in/provider"));
}
