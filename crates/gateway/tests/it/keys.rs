//! Virtual keys: who may do what, and how much.

use hyper::StatusCode;
use stance_gateway::judge::Observe;

use crate::rig::{Answer, Rig, Upstream, key};

const REQUEST: &str = "{\"model\":\"gpt-x\",\"messages\":[]}";
const ANSWER: &str = "{\"object\":\"chat.completion\",\"choices\":[],\"usage\":{\"prompt_tokens\":60,\"completion_tokens\":40}}";

fn settings(upstream: &Upstream, rules: &str) -> String {
    // The provider's key comes from a file, as it does for a user.
    let path = std::env::temp_dir().join(format!("stance-gateway-key-{}", std::process::id()));
    std::fs::write(&path, "real-key\n").unwrap();
    format!(
        "{{\"upstreams\": {{
            \"a\": {{\"url\": \"http://{0}\", \"key\": \"file:{1}\", \"models\": [\"gpt-*\"]}},
            \"b\": {{\"url\": \"http://{0}\"}}
         }}, \"keys\": {{\"team\": {{\"sha256\": \"{2}\"{rules}}}}}}}",
        upstream.address,
        path.display(),
        key("virtual-key"),
    )
}

const HELD: [(&str, &str); 1] = [("authorization", "Bearer virtual-key")];

#[tokio::test]
async fn a_virtual_key_stands_for_the_real_one_and_never_leaves() {
    let upstream = Upstream::start(|_, _| Answer::json(ANSWER)).await;
    let rig = Rig::start(&settings(&upstream, ""), Observe).await;
    let told = rig.post("/a/v1/chat/completions", &HELD, REQUEST).await;
    assert_eq!(told.status, StatusCode::OK);
    let asked = &upstream.asked()[0];
    assert_eq!(asked.headers["authorization"], "Bearer real-key");
    let told = rig
        .post(
            "/a/v1/chat/completions?alt=sse&key=virtual-key",
            &[],
            REQUEST,
        )
        .await;
    assert_eq!(told.status, StatusCode::OK, "in the query, as Gemini's do");
    let asked = upstream.last_asked();
    assert_eq!(asked.path, "/v1/chat/completions?alt=sse");
    assert_eq!(asked.headers["authorization"], "Bearer real-key");
    let receipt = rig.receipts().pop().unwrap();
    assert_eq!(receipt["actor"]["id"], "team");
    assert_eq!(
        receipt["object"]["id"],
        told.headers["x-stance-interaction"].to_str().unwrap()
    );
    for word in ["real-key", "virtual-key"] {
        assert!(!receipt.to_string().contains(word));
    }
}

#[tokio::test]
async fn who_has_no_key_or_asks_for_what_it_may_not_is_refused() {
    let upstream = Upstream::start(|_, _| Answer::json(ANSWER)).await;
    let rules = ", \"upstreams\": [\"a\"], \"models\": [\"*-x\"]";
    let rig = Rig::start(&settings(&upstream, rules), Observe).await;
    let path = "/a/v1/chat/completions";
    for headers in [&[][..], &[("authorization", "Bearer guessed")][..]] {
        let told = rig.post(path, headers, REQUEST).await;
        assert_eq!(told.status, StatusCode::UNAUTHORIZED);
    }
    let told = rig.post("/b/v1/chat/completions", &HELD, REQUEST).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    for model in ["gpt-y", "claude-x"] {
        let told = rig
            .post(path, &HELD, &REQUEST.replace("gpt-x", model))
            .await;
        assert_eq!(told.status, StatusCode::FORBIDDEN, "{model}");
    }
    let told = rig.post("/c/v1/chat/completions", &HELD, REQUEST).await;
    assert_eq!(told.status, StatusCode::NOT_FOUND);
    assert!(told.text().contains("a, b"));
    assert!(upstream.asked().is_empty());
    assert_eq!(
        rig.receipts().len(),
        6,
        "what is refused leaves a receipt too"
    );
    let told = rig.post(path, &HELD, REQUEST).await;
    assert_eq!(told.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_not_judged_is_held_against_lists_of_models_too() {
    let upstream = Upstream::start(|_, _| Answer::json(ANSWER)).await;
    let rig = Rig::start(&settings(&upstream, ", \"models\": [\"*-x\"]"), Observe).await;
    let form = |model: &str| {
        format!(
            "--b7\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n--b7\r\n\
             Content-Disposition: form-data; name=\"model\"\r\n\r\n{model}\r\n--b7--\r\n"
        )
    };
    let image = |model: &str| format!("{{\"prompt\": \"a cat\", \"model\": \"{model}\"}}");
    for (path, body, is_allowed) in [
        ("/a/v1/images/generations", image("gpt-image-x"), true),
        ("/a/v1/images/generations", image("dall-e-3"), false),
        ("/a/v1/audio/transcriptions", form("gpt-audio-x"), true),
        ("/a/v1/audio/transcriptions", form("whisper-1"), false),
        ("/a/v1/files", "--b7\r\n\r\n--b7--".to_owned(), true),
    ] {
        let told = rig.post(path, &HELD, &body).await;
        let expected = match is_allowed {
            true => StatusCode::OK,
            false => StatusCode::FORBIDDEN,
        };
        assert_eq!(told.status, expected, "{path} {body}");
        let receipt = rig.receipts().pop().unwrap();
        assert!(receipt["detail"]["unjudged_count"].as_u64() >= Some(1));
    }
}

#[tokio::test]
async fn a_key_has_its_rate_and_its_tokens() {
    let upstream = Upstream::start(|_, _| Answer::json(ANSWER)).await;
    let path = "/a/v1/chat/completions";
    let rig = Rig::start(
        &settings(&upstream, ", \"requests-per-minute\": 2"),
        Observe,
    )
    .await;
    for expected in [
        StatusCode::OK,
        StatusCode::OK,
        StatusCode::TOO_MANY_REQUESTS,
    ] {
        let told = rig.post(path, &HELD, REQUEST).await;
        assert_eq!(told.status, expected);
        if expected != StatusCode::OK {
            let after: u64 = told.headers["retry-after"]
                .to_str()
                .unwrap()
                .parse()
                .unwrap();
            assert!((1..=30).contains(&after));
        }
    }
    let rig = Rig::start(&settings(&upstream, ", \"tokens-per-day\": 150"), Observe).await;
    for expected in [
        StatusCode::OK,
        StatusCode::OK,
        StatusCode::TOO_MANY_REQUESTS,
    ] {
        assert_eq!(rig.post(path, &HELD, REQUEST).await.status, expected);
    }
}
