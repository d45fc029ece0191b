//! TLS of the gateway, and certificates of those who call.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use stance_gateway::judge::Observe;
use stance_gateway::{Gateway, Settings};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::certificates::{Draft, HOST, IP, MAIL, URI, armour, file};
use crate::rig::{Answer, Rig, Upstream, key, one};
use crate::tokens::{jwk, now, raw};

const PATH: &str = "/models/v1/chat/completions";
const REQUEST: &str = "{\"model\":\"gpt-x\",\"messages\":[]}";
const ANSWER: &str = "{\"object\":\"chat.completion\",\"choices\":[]}";

/// The authority of the gateway's own certificate, and of others.
fn own() -> Draft<'static> {
    Draft::authority("own", 1)
}

fn clients() -> Draft<'static> {
    Draft::authority("clients", 2)
}

fn prod() -> Draft<'static> {
    Draft::authority("prod", 3)
}

pub(crate) fn server(directory: &Path, seed: u8) {
    let names = [(IP, &[127, 0, 0, 1][..])];
    let draft = Draft::by(own(), "gateway", seed, &names);
    file(directory, "server.pem", &draft.pem());
    file(directory, "server.key", &draft.key_pem());
}

/// Settings with TLS; `tls` goes into it and `more` beside it, both with a comma before.
pub(crate) fn settings(upstream: &Upstream, directory: &Path, tls: &str, more: &str) -> String {
    let path = |name: &str| directory.join(name).display().to_string();
    let more = format!(
        ", \"tls\": {{\"certificate\": \"{}\", \"key\": \"{}\"{tls}}}{more}",
        path("server.pem"),
        path("server.key")
    );
    one(upstream, &more)
}

type Caller = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// A client with a certificate, or none.
fn caller(draft: Option<Draft<'_>>) -> Caller {
    let mut roots = RootCertStore::empty();
    roots.add(own().der().into()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match draft {
        None => builder.with_no_client_auth(),
        Some(draft) => {
            let key = PrivateKeyDer::try_from(draft.key_der()).unwrap();
            builder
                .with_client_auth_cert(vec![draft.der().into()], key)
                .unwrap()
        }
    };
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_only()
        .enable_http1()
        .build();
    Client::builder(TokioExecutor::new()).build(connector)
}

/// The status and the body of an answer; `None` where there is no connection.
async fn ask(caller: &Caller, rig: &Rig, headers: &[(&str, &str)]) -> Option<(StatusCode, String)> {
    let address = rig.base.replace("http://", "https://");
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(format!("{address}{PATH}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from_static(REQUEST.as_bytes())));
    let answer = caller.request(request.unwrap()).await.ok()?;
    let status = answer.status();
    let body = answer.into_body().collect().await.ok()?.to_bytes();
    Some((status, String::from_utf8_lossy(&body).into_owned()))
}

async fn status(draft: Draft<'_>, rig: &Rig) -> Option<StatusCode> {
    ask(&caller(Some(draft)), rig, &[]).await.map(|it| it.0)
}

async fn upstream() -> Upstream {
    Upstream::start(|_, _| Answer::json(ANSWER)).await
}

#[tokio::test]
async fn the_gateway_ends_tls_itself_and_takes_a_new_certificate_while_it_serves() {
    let (directory, upstream) = (tempfile::tempdir().unwrap(), upstream().await);
    server(directory.path(), 10);
    let more = format!(
        ", \"keys\": {{\"team\": {{\"sha256\": \"{}\"}}}}",
        key("virtual")
    );
    let rig = Rig::start(&settings(&upstream, directory.path(), "", &more), Observe).await;
    let held = [("authorization", "Bearer virtual")];
    let (status, _) = ask(&caller(None), &rig, &held).await.unwrap();
    assert_eq!(status, StatusCode::OK);
    let (status, _) = ask(&caller(None), &rig, &[]).await.unwrap();
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(!rig.reload.look().unwrap(), "nothing changed");
    // Another key and a longer name, so that the size of the file differs too.
    let names = [(IP, &[127, 0, 0, 1][..]), (HOST, b"gateway.example.org")];
    let draft = Draft::by(own(), "gateway", 11, &names);
    file(directory.path(), "server.pem", &draft.pem());
    file(directory.path(), "server.key", "no key");
    let told = rig.reload.look().unwrap_err();
    assert_eq!(told[0].place, "tls.key");
    let (status, _) = ask(&caller(None), &rig, &held).await.unwrap();
    assert_eq!(status, StatusCode::OK, "with the certificate of before");
    file(directory.path(), "server.key", &draft.key_pem());
    assert!(rig.reload.look().unwrap());
    let (status, _) = ask(&caller(None), &rig, &held).await.unwrap();
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_certificate_says_who_asks() {
    let (directory, upstream) = (tempfile::tempdir().unwrap(), upstream().await);
    server(directory.path(), 10);
    let ca = file(directory.path(), "clients.pem", &clients().pem());
    let tls = format!(", \"client-ca\": \"{}\"", ca.display());
    let rig = Rig::start(&settings(&upstream, directory.path(), &tls, ""), Observe).await;
    let (status, text) = ask(&caller(None), &rig, &[]).await.unwrap();
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(text.contains("client certificate"), "{text}");
    let host = [(HOST, &b"batch.example.org"[..])];
    let both = [(HOST, &b"x.example.org"[..]), (MAIL, b"ada@example.org")];
    for (draft, name) in [
        (Draft::by(clients(), "batch", 20, &[]), "cert:batch"),
        (
            Draft::by(clients(), "other", 20, &host),
            "cert:batch.example.org",
        ),
        (
            Draft::by(clients(), "other", 20, &both),
            "cert:ada@example.org",
        ),
    ] {
        let (status, _) = ask(&caller(Some(draft)), &rig, &[]).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{name}");
        let receipt = rig.receipts().pop().unwrap();
        assert_eq!(receipt["actor"]["id"], name);
        assert_eq!(receipt["detail"]["proven"], json!([name]));
    }
    let spiffe = [(URI, &b"spiffe://prod/a"[..])];
    let old = Draft {
        until: "250102000000Z",
        ..Draft::by(clients(), "batch", 20, &[])
    };
    let authority = Draft {
        is_authority: true,
        ..Draft::by(clients(), "batch", 20, &[])
    };
    for (draft, what) in [
        (Draft::by(prod(), "batch", 20, &[]), "another authority"),
        (
            Draft::by(
                Draft {
                    seed: 9,
                    ..clients()
                },
                "batch",
                20,
                &[],
            ),
            "its name only",
        ),
        (Draft::authority("batch", 20), "signed by itself"),
        (Draft::by(clients(), "", 20, &[]), "nobody"),
        (Draft::by(clients(), "a\nb", 20, &[]), "a line end"),
        (
            Draft::by(clients(), "batch", 20, &spiffe),
            "a trust domain that is not known",
        ),
        (old, "too old"),
        (authority, "an authority"),
    ] {
        assert_eq!(self::status(draft, &rig).await, None, "{what}");
    }
}

#[tokio::test]
async fn a_certificate_may_be_needed_for_any_connection() {
    let (directory, upstream) = (tempfile::tempdir().unwrap(), upstream().await);
    server(directory.path(), 10);
    let ca = file(directory.path(), "clients.pem", &clients().pem());
    let tls = format!(
        ", \"client-ca\": \"{}\", \"client-certificate\": \"required\"",
        ca.display()
    );
    let rig = Rig::start(&settings(&upstream, directory.path(), &tls, ""), Observe).await;
    assert!(ask(&caller(None), &rig, &[]).await.is_none());
    let draft = Draft::by(clients(), "batch", 20, &[]);
    assert_eq!(status(draft, &rig).await, Some(StatusCode::OK));
}

/// The bundle of a trust domain, as SPIFFE has it.
fn bundle(authority: Draft<'_>) -> String {
    use base64::Engine as _;
    let der = base64::engine::general_purpose::STANDARD.encode(authority.der());
    let x509 = json!({"kty": "OKP", "use": "x509-svid", "x5c": [der]});
    json!({"keys": [x509, jwk(30, "j", "jwt-svid")], "spiffe_sequence": 1}).to_string()
}

#[tokio::test]
async fn workloads_are_known_by_their_spiffe_ids_and_each_domain_vouches_for_its_own() {
    let (directory, upstream) = (tempfile::tempdir().unwrap(), upstream().await);
    server(directory.path(), 10);
    let ca = file(directory.path(), "clients.pem", &clients().pem());
    let path = file(directory.path(), "prod.json", &bundle(prod()));
    let tls = format!(", \"client-ca\": \"{}\"", ca.display());
    let more = format!(
        ", \"spiffe\": {{\"prod\": {{\"bundle\": \"{}\", \"audience\": \"stance\"}}, \"dev\": {{}}}},
        \"identities\": {{\"spiffe://prod/ml/*\": {{}}, \"spiffe://prod/web\": {{\"models\": [\"small\"]}}, \"spiffe://dev/*\": {{}}}}",
        path.display()
    );
    let rig = Rig::start(&settings(&upstream, directory.path(), &tls, &more), Observe).await;
    let id = |text: &'static str| [(URI, text.as_bytes())];
    let train = id("spiffe://prod/ml/train");
    let good = Draft::by(prod(), "", 20, &train);
    assert_eq!(status(good, &rig).await, Some(StatusCode::OK));
    assert_eq!(
        rig.receipts().pop().unwrap()["actor"]["id"],
        "spiffe://prod/ml/train"
    );
    let web = id("spiffe://prod/web");
    let told = status(Draft::by(prod(), "", 20, &web), &rig).await;
    assert_eq!(told, Some(StatusCode::FORBIDDEN), "another model");
    let other = id("spiffe://prod/other");
    let told = status(Draft::by(prod(), "", 20, &other), &rig).await;
    assert_eq!(told, Some(StatusCode::FORBIDDEN), "no entry fits");
    let dev = id("spiffe://dev/a");
    let told = status(Draft::by(clients(), "", 20, &dev), &rig).await;
    assert_eq!(
        told,
        Some(StatusCode::OK),
        "without a bundle, the authorities for all vouch"
    );
    let two = [(URI, &b"spiffe://prod/ml/a"[..]), (URI, b"https://x")];
    let odd = id("spiffe://prod/ml/../web");
    let upper = id("SPIFFE://prod/ml/a");
    let unknown = id("spiffe://test/ml/a");
    let whole = id("spiffe://prod");
    let authority = Draft {
        is_authority: true,
        ..good
    };
    for (draft, what) in [
        (
            Draft::by(clients(), "", 20, &train),
            "another domain's authority",
        ),
        (
            Draft::by(prod(), "", 20, &dev),
            "an authority of another domain",
        ),
        (Draft::by(prod(), "batch", 20, &[]), "no id at all"),
        (Draft::by(prod(), "", 20, &two), "two addresses"),
        (Draft::by(prod(), "", 20, &odd), "dots"),
        (Draft::by(prod(), "", 20, &upper), "another spelling"),
        (Draft::by(prod(), "", 20, &unknown), "an unknown domain"),
        (Draft::by(prod(), "", 20, &whole), "a whole domain"),
        (authority, "an authority"),
    ] {
        assert_eq!(status(draft, &rig).await, None, "{what}");
    }
    // JWT-SVIDs of the same domain.
    let svid = |seed, sub: &str, aud: &str| {
        let claims = json!({"sub": sub, "aud": [aud], "exp": now() + 60}).to_string();
        raw(seed, "{\"alg\":\"EdDSA\",\"kid\":\"j\"}", &claims)
    };
    for (token, expected) in [
        (svid(30, "spiffe://prod/ml/jwt", "stance"), StatusCode::OK),
        (
            svid(30, "spiffe://prod/ml/jwt", "other"),
            StatusCode::UNAUTHORIZED,
        ),
        (
            svid(31, "spiffe://prod/ml/jwt", "stance"),
            StatusCode::UNAUTHORIZED,
        ),
        (
            svid(30, "spiffe://dev/jwt", "stance"),
            StatusCode::UNAUTHORIZED,
        ),
        (
            svid(30, "spiffe://prod/ml//jwt", "stance"),
            StatusCode::UNAUTHORIZED,
        ),
    ] {
        let told = ask(&caller(None), &rig, &[("x-stance-identity", &token)]).await;
        assert_eq!(told.unwrap().0, expected, "{token}");
    }
}

#[tokio::test]
async fn a_connection_does_not_outlive_what_it_was_trusted_for() {
    let (directory, upstream) = (tempfile::tempdir().unwrap(), upstream().await);
    server(directory.path(), 10);
    let path = file(directory.path(), "prod.pem", &prod().pem());
    let more = format!(
        ", \"spiffe\": {{\"prod\": {{\"bundle\": \"{}\"}}}}",
        path.display()
    );
    let rig = Rig::start(&settings(&upstream, directory.path(), "", &more), Observe).await;
    let id = [(URI, &b"spiffe://prod/a"[..])];
    let first = caller(Some(Draft::by(prod(), "", 20, &id)));
    let newer = Draft::authority("prod, the next", 5);
    let second = caller(Some(Draft::by(newer, "", 21, &id)));
    assert_eq!(ask(&first, &rig, &[]).await.unwrap().0, StatusCode::OK);
    assert!(ask(&second, &rig, &[]).await.is_none());
    file(directory.path(), "prod.pem", "nothing");
    assert_eq!(
        rig.reload.look().unwrap_err()[0].place,
        "spiffe.prod.bundle"
    );
    assert_eq!(ask(&first, &rig, &[]).await.unwrap().0, StatusCode::OK);
    file(
        directory.path(),
        "prod.pem",
        &format!("{}{}", prod().pem(), newer.pem()),
    );
    assert!(rig.reload.look().unwrap());
    assert_eq!(
        ask(&first, &rig, &[]).await.unwrap().0,
        StatusCode::OK,
        "both count"
    );
    assert_eq!(ask(&second, &rig, &[]).await.unwrap().0, StatusCode::OK);
    file(directory.path(), "prod.pem", &newer.pem());
    assert!(rig.reload.look().unwrap());
    let (status, text) = ask(&first, &rig, &[]).await.unwrap();
    assert_eq!(
        status,
        StatusCode::UNAUTHORIZED,
        "on the connection that is still there"
    );
    assert!(text.contains("nobody vouches for it any longer"), "{text}");
    assert_eq!(ask(&second, &rig, &[]).await.unwrap().0, StatusCode::OK);
}

#[test]
fn settings_about_identities_that_mean_nothing_are_told() {
    let text = "{
        \"upstreams\": {\"a\": {\"url\": \"http://127.0.0.1:1\", \"auth\": \"none\"}},
        \"tls\": {\"certificate\": \"/gone.pem\", \"key\": \"/gone.key\", \"client-certificate\": \"required\"},
        \"identity\": {\"corp\": {\"issuer\": \"\", \"audience\": [], \"jwks\": \"http://id.example.org/keys\",
            \"algorithms\": [\"HS256\"], \"refresh\": 1, \"leeway\": 9999}},
        \"require\": [\"key\", \"certificate\"], \"anonymous\": true,
        \"identities\": {\"group:ml\": {\"upstreams\": [\"b\"], \"budget-per-day\": 1.0}}
    }";
    let check = |text: &str| -> Vec<String> {
        let settings: Settings = serde_json::from_str(text).unwrap();
        let Err(all) = Gateway::new(settings, Arc::new(Observe), None) else {
            return Vec::new();
        };
        all.into_iter().map(|it| it.place).collect()
    };
    let found = check(text);
    for place in [
        "tls.certificate",
        "tls.client-certificate",
        "identity.corp.issuer",
        "identity.corp.audience",
        "identity.corp.jwks",
        "identity.corp.algorithms",
        "identity.corp.refresh",
        "identity.corp.leeway",
        "require",
        "anonymous",
        "identities.\"group:ml\".upstreams",
        "identities.\"group:ml\".budget-per-day",
    ] {
        assert!(found.iter().any(|it| it == place), "{place} in {found:?}");
    }
    let found = check(&text.replace("\"identity\"", "\"prices\": {\"x\": {\"input\": -1, \"output\": 1}}, \"spiffe\": {\"Prod\": {\"audience\": \"x\"}}, \"identity\""));
    for place in [
        "prices.\"x\".input",
        "spiffe.Prod",
        "spiffe.Prod.bundle",
        "spiffe.Prod.audience",
    ] {
        assert!(found.iter().any(|it| it == place), "{place} in {found:?}");
    }
}

#[tokio::test]
async fn a_certificate_that_was_revoked_counts_no_longer() {
    let (directory, upstream) = (tempfile::tempdir().unwrap(), upstream().await);
    server(directory.path(), 10);
    let both = clients().pem() + &prod().pem();
    let ca = file(directory.path(), "clients.pem", &both);
    let list = directory.path().join("revoked.crl");
    let tls = format!(
        ", \"client-ca\": \"{}\", \"crl\": [\"{}\"]",
        ca.display(),
        list.display()
    );
    let later = "491231000000Z";
    let pem = |der: Vec<u8>| armour("X509 CRL", &der);
    std::fs::write(&list, pem(clients().revokes(&[9], later))).unwrap();
    let rig = Rig::start(&settings(&upstream, directory.path(), &tls, ""), Observe).await;
    let good = Draft::by(clients(), "good", 20, &[]);
    let bad = Draft {
        serial: 9,
        ..Draft::by(clients(), "bad", 21, &[])
    };
    let other = Draft {
        serial: 9,
        ..Draft::by(prod(), "other", 22, &[])
    };
    let open = caller(Some(good));
    assert_eq!(ask(&open, &rig, &[]).await.unwrap().0, StatusCode::OK);
    assert_eq!(status(bad, &rig).await, None);
    assert_eq!(
        status(other, &rig).await,
        Some(StatusCode::OK),
        "its issuer has no list"
    );
    // What is no list leaves the one of before.
    std::fs::write(&list, "gone").unwrap();
    assert_eq!(rig.reload.look().unwrap_err()[0].place, "tls.crl");
    assert_eq!(status(bad, &rig).await, None);
    // In DER, and with another one: also where the connection is there already.
    std::fs::write(&list, clients().revokes(&[9, 7], later)).unwrap();
    assert!(rig.reload.look().unwrap());
    assert_eq!(
        ask(&open, &rig, &[]).await.unwrap().0,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(status(good, &rig).await, None);
    // One that is out of date says nothing, and is not enough.
    std::fs::write(&list, pem(clients().revokes(&[], "250102000000Z"))).unwrap();
    assert!(rig.reload.look().unwrap());
    assert_eq!(status(good, &rig).await, None);
    std::fs::write(&list, pem(clients().revokes(&[], later))).unwrap();
    assert!(rig.reload.look().unwrap());
    assert_eq!(status(bad, &rig).await, Some(StatusCode::OK));
    // A list of which nobody asks for certificates is a mistake.
    let alone = format!(", \"crl\": [\"{}\"]", list.display());
    let wrong: Settings =
        serde_json::from_str(&settings(&upstream, directory.path(), &alone, "")).unwrap();
    assert_eq!(wrong.check()[0].place, "tls.crl");
}
