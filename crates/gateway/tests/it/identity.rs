//! Tokens: who is believed to be whom, and what follows.

use hyper::StatusCode;
use serde_json::json;
use stance_gateway::judge::Observe;

use crate::rig::{Answer, Rig, Upstream, key, one};
use crate::tokens::{ISSUER, jwk, now, raw, set, token};

const PATH: &str = "/models/v1/chat/completions";
const REQUEST: &str = "{\"model\":\"gpt-x\",\"messages\":[]}";
const ANSWER: &str = "{\"object\":\"chat.completion\",\"choices\":[]}";

/// The keys of the issuer in a file, and the settings that name it; `more` goes into the issuer.
fn issuer(directory: &tempfile::TempDir, more: &str) -> String {
    let path = directory.path().join("keys.json");
    std::fs::write(&path, set(1, "k1", "sig").to_string()).unwrap();
    format!(
        "\"identity\": {{\"corp\": {{\"issuer\": \"{ISSUER}\", \"audience\": \"stance\", \"jwks\": \"file:{}\"{more}}}}}",
        path.display()
    )
}

async fn upstream() -> Upstream {
    Upstream::start(|_, _| Answer::json(ANSWER)).await
}

async fn status(rig: &Rig, headers: &[(&str, &str)]) -> StatusCode {
    rig.post(PATH, headers, REQUEST).await.status
}

#[tokio::test]
async fn a_token_says_who_asks_and_never_leaves() {
    let (directory, upstream) = (tempfile::tempdir().unwrap(), upstream().await);
    let secret = directory.path().join("real");
    std::fs::write(&secret, "real-key").unwrap();
    let settings = format!(
        "{{\"upstreams\": {{
            \"models\": {{\"url\": \"http://{0}\", \"key\": \"file:{1}\"}},
            \"own\": {{\"url\": \"http://{0}\"}}
        }}, {2}}}",
        upstream.address,
        secret.display(),
        issuer(&directory, "")
    );
    let rig = Rig::start(&settings, Observe).await;
    let good = token(1, "k1", json!({}));
    let bearer = format!("Bearer {good}");
    let in_header = [("authorization", bearer.as_str())];
    assert_eq!(status(&rig, &in_header).await, StatusCode::OK);
    assert_eq!(
        upstream.last_asked().headers["authorization"],
        "Bearer real-key"
    );
    let beside = [
        ("x-stance-identity", good.as_str()),
        ("authorization", "Bearer theirs"),
    ];
    let told = rig.post("/own/v1/chat/completions", &beside, REQUEST).await;
    assert_eq!(told.status, StatusCode::OK);
    let asked = upstream.last_asked();
    assert_eq!(
        asked.headers["authorization"], "Bearer theirs",
        "the provider's key passes"
    );
    let told = rig
        .post("/own/v1/chat/completions", &in_header, REQUEST)
        .await;
    assert_eq!(told.status, StatusCode::OK);
    assert!(!upstream.last_asked().headers.contains_key("authorization"));
    for asked in upstream.asked() {
        assert!(!format!("{:?}", asked.headers).contains(&good[..40]));
        assert!(!asked.headers.contains_key("x-stance-identity"));
    }
    let receipt = rig.receipts().pop().unwrap();
    let name = format!("jwt:{ISSUER}#ada");
    assert_eq!(receipt["actor"]["id"], name.as_str());
    assert_eq!(receipt["detail"]["proven"], json!([name]));
    assert_eq!(status(&rig, &[]).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn hostile_tokens_do_not_come_in() {
    let (directory, upstream) = (tempfile::tempdir().unwrap(), upstream().await);
    let settings = one(&upstream, &format!(", {}", issuer(&directory, "")));
    let rig = Rig::start(&settings, Observe).await;
    let good = token(1, "k1", json!({}));
    let (unsigned, signature) = good.rsplit_once('.').unwrap();
    let (header, claims) = unsigned.split_once('.').unwrap();
    let none = stance_govern::token::base64url(b"{\"alg\":\"none\"}");
    let own = json!({"alg": "EdDSA", "jwk": jwk(9, "k1", "sig")}).to_string();
    let plain = |claims: &str| raw(1, "{\"alg\":\"EdDSA\",\"kid\":\"k1\"}", claims);
    let mut table = vec![
        ("none", format!("{none}.{claims}.")),
        (
            "none with a signature",
            format!("{none}.{claims}.{signature}"),
        ),
        ("no signature", format!("{header}.{claims}.")),
        ("another key", token(2, "k1", json!({}))),
        ("another kid", token(2, "k2", json!({}))),
        ("a path for a kid", token(1, "../../k1", json!({}))),
        (
            "its own key in the header",
            raw(
                9,
                &own,
                &json!({"iss": ISSUER, "aud": "stance", "sub": "ada", "exp": now() + 300})
                    .to_string(),
            ),
        ),
        (
            "a shared secret",
            raw(
                1,
                "{\"alg\":\"HS256\",\"kid\":\"k1\"}",
                &json!({"iss": ISSUER, "aud": "stance", "sub": "ada", "exp": now() + 300})
                    .to_string(),
            ),
        ),
        (
            "a claim twice",
            plain(&format!(
                "{{\"iss\":\"{ISSUER}\",\"aud\":\"stance\",\"exp\":{0},\"sub\":\"ada\",\"sub\":\"root\"}}",
                now() + 300
            )),
        ),
        (
            "a header twice",
            raw(1, "{\"alg\":\"EdDSA\",\"alg\":\"EdDSA\"}", "{}"),
        ),
        (
            "another kind",
            raw(
                1,
                "{\"alg\":\"EdDSA\",\"typ\":\"logout+jwt\"}",
                &json!({"iss": ISSUER, "aud": "stance", "sub": "ada", "exp": now() + 300})
                    .to_string(),
            ),
        ),
        ("no token", "eyJhbGciOiJub25lIn0.x.y".to_owned()),
        (
            "too long",
            token(1, "k1", json!({"pad": "x".repeat(20_000)})),
        ),
    ];
    for (what, more) in [
        ("another issuer", json!({"iss": "https://id.example.org/"})),
        ("another audience", json!({"aud": "other"})),
        ("no audience", json!({"aud": null})),
        ("too old", json!({"exp": now() - 61})),
        ("no end", json!({"exp": null})),
        ("of the future", json!({"nbf": now() + 300})),
        ("nobody", json!({"sub": ""})),
        ("somebody with a line end", json!({"sub": "ada\nroot"})),
        ("a list of people", json!({"sub": ["ada"]})),
    ] {
        table.push((what, token(1, "k1", more)));
    }
    assert_eq!(
        status(&rig, &[("x-stance-identity", good.as_str())]).await,
        StatusCode::OK
    );
    for (what, token) in &table {
        let bearer = format!("Bearer {token}");
        for headers in [
            ("authorization", bearer.as_str()),
            ("x-stance-identity", token.as_str()),
        ] {
            let told = rig.post(PATH, &[headers], REQUEST).await;
            assert_eq!(told.status, StatusCode::UNAUTHORIZED, "{what}");
            assert!(!told.text().contains("root"), "{what}");
        }
    }
    let twice = [
        ("x-stance-identity", good.as_str()),
        ("x-stance-identity", good.as_str()),
    ];
    assert_eq!(status(&rig, &twice).await, StatusCode::UNAUTHORIZED);
    assert_eq!(upstream.asked().len(), 1);
    for receipt in rig.receipts().iter().skip(1) {
        assert_eq!(receipt["actor"]["id"], "anonymous");
    }
}

#[tokio::test]
async fn a_key_and_a_token_may_be_needed_together() {
    let (directory, upstream) = (tempfile::tempdir().unwrap(), upstream().await);
    let more = format!(
        ", \"keys\": {{\"team\": {{\"sha256\": \"{}\"}}}}, \"require\": [\"key\", \"jwt\"], {}",
        key("virtual"),
        issuer(&directory, "")
    );
    let rig = Rig::start(&one(&upstream, &more), Observe).await;
    let good = token(1, "k1", json!({}));
    let held = ("authorization", "Bearer virtual");
    assert_eq!(status(&rig, &[held]).await, StatusCode::UNAUTHORIZED);
    let told = rig
        .post(PATH, &[("x-stance-identity", &good)], REQUEST)
        .await;
    assert_eq!(told.status, StatusCode::UNAUTHORIZED);
    assert!(told.text().contains("one of its own keys"));
    let both = [held, ("x-stance-identity", good.as_str())];
    assert_eq!(status(&rig, &both).await, StatusCode::OK);
    let bearer = format!("Bearer {good}");
    let both = [("x-api-key", "virtual"), ("authorization", bearer.as_str())];
    assert_eq!(status(&rig, &both).await, StatusCode::OK);
    let receipt = rig.receipts().pop().unwrap();
    let name = format!("jwt:{ISSUER}#ada");
    assert_eq!(receipt["detail"]["proven"], json!(["key:team", name]));
    let bad = token(2, "k1", json!({}));
    let bad = [held, ("x-stance-identity", bad.as_str())];
    assert_eq!(status(&rig, &bad).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn groups_and_names_have_what_fits_them_and_whoever_fits_nothing_may_do_nothing() {
    let (directory, upstream) = (tempfile::tempdir().unwrap(), upstream().await);
    let claims = ", \"claim\": \"email\", \"groups-claim\": \"realm.groups\", \"required\": {\"tenant\": \"x\"}";
    let more = format!(
        ", \"identities\": {{
            \"group:ml\": {{\"models\": [\"gpt-*\"], \"requests-per-minute\": 2}},
            \"jwt:*#*@example.org\": {{\"upstreams\": [\"models\"]}},
            \"group:none\": {{\"models\": [\"nothing\"]}}
        }}, {}",
        issuer(&directory, claims)
    );
    let rig = Rig::start(&one(&upstream, &more), Observe).await;
    let ask = async |claims: serde_json::Value, model: &str| {
        let token = token(1, "k1", claims);
        let request = REQUEST.replace("gpt-x", model);
        rig.post(PATH, &[("x-stance-identity", &token)], &request)
            .await
    };
    let who = |mail: &str, groups: serde_json::Value| json!({"email": mail, "tenant": "x", "realm": {"groups": groups}});
    let told = ask(who("ada@example.org", json!([])), "any").await;
    assert_eq!(told.status, StatusCode::OK);
    let told = ask(who("eve@example.com", json!(["other"])), "any").await;
    assert_eq!(told.status, StatusCode::FORBIDDEN, "{}", told.text());
    let told = ask(json!({"email": "ada@example.org", "tenant": "y"}), "any").await;
    assert_eq!(told.status, StatusCode::UNAUTHORIZED);
    let told = ask(
        json!({"email": "ada@example.org", "tenant": "x", "email_verified": false}),
        "any",
    )
    .await;
    assert_eq!(told.status, StatusCode::UNAUTHORIZED);
    let told = ask(who("ada@example.org", json!(["none"])), "gpt-x").await;
    assert_eq!(told.status, StatusCode::FORBIDDEN, "all that fit hold");
    assert!(told.text().contains("group:none"), "{}", told.text());
    // A group is counted together.
    let told = ask(who("a@example.com", json!(["ml"])), "claude").await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    let told = ask(who("b@example.com", json!("ml")), "gpt-x").await;
    assert_eq!(told.status, StatusCode::OK);
    let told = ask(who("c@example.com", json!(["ml"])), "gpt-x").await;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn keys_at_an_address_are_had_once_and_again_when_the_issuer_has_a_new_one() {
    let upstream = upstream().await;
    // The second answer has a newer key.
    let keys = Upstream::start(|_, number| {
        let set = match number {
            0 => set(1, "k1", "sig"),
            _ => set(2, "k2", "sig"),
        };
        Answer::json(&set.to_string())
    })
    .await;
    let settings = |more: &str| {
        let address = keys.address;
        let more = format!(
            ", \"identity\": {{\"corp\": {{\"issuer\": \"{ISSUER}\", \"audience\": [\"stance\"], \"jwks\": \"http://{address}/keys\"{more}}}}}",
        );
        one(&upstream, &more)
    };
    let rig = Rig::start(&settings(""), Observe).await;
    let ask = async |seed, kid| {
        let token = token(seed, kid, json!({}));
        status(&rig, &[("x-stance-identity", &token)]).await
    };
    assert!(
        keys.asked().is_empty(),
        "nobody is dialled before there is a token"
    );
    for _ in 0..3 {
        assert_eq!(ask(1, "k1").await, StatusCode::OK);
    }
    assert_eq!(keys.asked().len(), 1);
    let settings = serde_json::from_str(&settings(", \"leeway\": 10")).unwrap();
    rig.reload
        .take(settings, std::sync::Arc::new(Observe))
        .unwrap();
    assert_eq!(ask(1, "k1").await, StatusCode::OK);
    assert_eq!(
        keys.asked().len(),
        1,
        "new settings know the keys of before"
    );
    assert_eq!(ask(2, "k2").await, StatusCode::OK, "a key that is newer");
    assert_eq!(keys.asked().len(), 2);
    for kid in ["x1", "x2", "x3"] {
        assert_eq!(ask(2, kid).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(keys.asked().len(), 2, "strangers do not make it ask");
    assert_eq!(
        ask(1, "k1").await,
        StatusCode::UNAUTHORIZED,
        "it is no key any more"
    );
}

#[tokio::test]
async fn without_keys_no_token_is_believed() {
    let upstream = upstream().await;
    let keys = Upstream::start(|_, _| Answer::status(503)).await;
    let more = format!(
        ", \"identity\": {{\"corp\": {{\"issuer\": \"{ISSUER}\", \"audience\": \"stance\", \"jwks\": \"http://{}/keys\"}}}}",
        keys.address
    );
    let rig = Rig::start(&one(&upstream, &more), Observe).await;
    let good = token(1, "k1", json!({}));
    let told = rig
        .post(PATH, &[("x-stance-identity", &good)], REQUEST)
        .await;
    assert_eq!(told.status, StatusCode::UNAUTHORIZED);
    let receipt = rig.receipts().pop().unwrap();
    let error = receipt["detail"]["error"].as_str().unwrap();
    assert!(error.contains("503"), "{error}");
    assert!(upstream.asked().is_empty());
}
