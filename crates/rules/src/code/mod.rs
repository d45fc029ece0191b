//! Rules about source code that loads models and talks to them.

rules! {
    agent_code_execution,
    dangerous_deserialization_flag,
    exec_model_output,
    gradio_share,
    keras_unsafe_load,
    mcp_server_exposed,
    model_endpoint_http,
    numpy_allow_pickle,
    pickle_load,
    prompt_tracing,
    tls_verification_off,
    torch_hub_load,
    torch_load_unsafe,
    trust_remote_code,
    unpinned_model_revision,
    yaml_unsafe_load,
}
