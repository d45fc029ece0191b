//! The upstreams of an exchange, asked one after the other until one answers.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::HeaderMap;
use hyper::{Method, Request, StatusCode};

use crate::answer;
use crate::caller;
use crate::identity::Caller;
use crate::proxy::{Exchange, Passed, Refused};
use crate::receipt::short;
use crate::settings::fits;
use crate::upstream::Upstream;

impl Exchange {
    /// Asks an upstream, and those after it, until one answers.
    pub(crate) async fn ask(
        &mut self,
        first: &Arc<Upstream>,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        body: &Bytes,
        caller: &Caller,
    ) -> Result<Passed, Refused> {
        let ready = self.ready.clone();
        let mut last = Refused::new(StatusCode::BAD_GATEWAY, "The upstream cannot be reached.");
        // An answer that tells of no room or a failure, which goes on if no other upstream has a better one.
        let mut held: Option<Passed> = None;
        let others = first
            .settings
            .fallback
            .iter()
            .filter(|name| caller.keeps_from_upstream(name).is_none())
            .filter_map(|name| ready.upstreams.get(name))
            .filter(|other| {
                let model = self.receipt.model.as_deref();
                model.is_none_or(|model| fits(&other.settings.models, model))
            })
            .filter(|other| self.is_priced(caller, other))
            .cloned()
            .collect::<Vec<_>>();
        for upstream in std::iter::once(first).chain(&others) {
            let mut headers = headers.clone();
            // Whoever did not say who it is although others do brought a key of the first upstream.
            let mut signs = caller.is_proven() || !ready.identities.are_known();
            if !Arc::ptr_eq(upstream, first) {
                if !upstream.has_key() {
                    // The caller's key is one for another provider.
                    continue;
                }
                caller::without_keys(&mut headers);
                signs = true;
            }
            let Some(uri) = upstream.uri(path) else {
                continue;
            };
            self.receipt.upstream.clone_from(&upstream.name);
            for attempt in 0..=upstream.settings.retries {
                self.receipt.tries = self.receipt.tries.saturating_add(1);
                let mut request = Request::new(Full::new(body.clone()));
                *request.method_mut() = method.clone();
                *request.uri_mut() = uri.clone();
                *request.headers_mut() = headers.clone();
                if signs
                    && upstream
                        .sign(request.headers_mut(), method, &uri, body)
                        .is_none()
                {
                    last.reason = Some("the request cannot be signed".to_owned());
                    break;
                }
                let sent = self.shared.connections.request(request);
                let answer = tokio::time::timeout(upstream.settings.patience(), sent).await;
                let is_last = attempt == upstream.settings.retries;
                let pause = match answer {
                    Ok(Ok(response)) => {
                        let again = is_worth_another_try(response.status());
                        let pause = answer::pause(Some(response.headers()), attempt);
                        let passed = Passed {
                            response,
                            upstream: upstream.clone(),
                        };
                        if !again {
                            return Ok(passed);
                        }
                        held = Some(passed);
                        pause
                    }
                    Ok(Err(error)) => {
                        last.reason = Some(chain(&error));
                        answer::pause(None, attempt)
                    }
                    Err(_) => {
                        last = Refused::new(
                            StatusCode::GATEWAY_TIMEOUT,
                            "The upstream did not answer in time.",
                        );
                        // It may still be at work on it: asking again would make two of it.
                        None
                    }
                };
                // Who is told to come back later than that is not to come back sooner: others are asked, or the caller is told.
                let Some(pause) = pause.filter(|_| !is_last) else {
                    break;
                };
                tokio::time::sleep(pause).await;
            }
        }
        if let Some(held) = held {
            self.receipt.upstream.clone_from(&held.upstream.name);
            return Ok(held);
        }
        Err(last)
    }
}

/// Statuses of an upstream that has no room or fails for now.
fn is_worth_another_try(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504 | 529)
}

/// An error with what caused it.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(": ");
        told.push_str(&error.to_string());
        cause = error.source();
    }
    short(&told)
}
