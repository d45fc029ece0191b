//! Rules about how AI services are configured and run.

rules! {
    browser_model_key,
    container_inline_credential,
    endpoint_plain_http,
    inference_server_exposed,
    privileged_ai_container,
    prompt_tracing_third_party,
    trust_remote_code,
    unauthenticated_service,
    unpinned_image,
    unpinned_model_revision,
}
