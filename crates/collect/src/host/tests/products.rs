//! Products as they answer: bodies in the shape that their sources and documentation give.

use stance_services::Access;

use super::{NOT_FOUND, PAGE, Route, found, product};

#[rustfmt::skip]
#[test]
fn products_are_known_by_their_answers() {
    let products: Vec<(&str, &str, Access, &[Route], Route)> = vec![
        ("ollama", "0.13.1", Access::Open, &[
            ("/", 200, "", "Ollama is running"),
            ("/api/version", 200, "", r#"{"version":"0.13.1"}"#),
            ("/api/tags", 200, "", r#"{"models":[{"name":"qwen3:8b","model":"qwen3:8b","size":1,"digest":"ab","details":{"format":"gguf"}}]}"#),
            ("/api/ps", 200, "", r#"{"models":[]}"#),
            ("/v1/models", 200, "", r#"{"object":"list","data":[{"id":"qwen3:8b","object":"model","created":1,"owned_by":"library"}]}"#),
        ], ("", 404, "", "404 page not found")),
        ("vllm", "0.11.2", Access::Open, &[
            ("/health", 200, "", ""),
            ("/version", 200, "", r#"{"version":"0.11.2"}"#),
            ("/v1/models", 200, "", r#"{"object":"list","data":[{"id":"org/m","object":"model","created":1,"owned_by":"vllm","root":"org/m","parent":null,"max_model_len":4096,"permission":[]}]}"#),
            ("/metrics", 200, "", "# HELP vllm:num_requests_running x\nvllm:num_requests_running 0\n"),
        ], NOT_FOUND),
        ("vllm", "0.11.2", Access::Required, &[
            ("/version", 200, "", r#"{"version":"0.11.2"}"#),
            ("/v1/models", 401, "", r#"{"error":"Unauthorized"}"#),
            ("/metrics", 200, "", "vllm:num_requests_running 0\n"),
        ], NOT_FOUND),
        ("sglang", "0.5.5", Access::Open, &[
            ("/v1/models", 200, "", r#"{"object":"list","data":[{"id":"org/m","object":"model","created":1,"owned_by":"sglang","root":"org/m","max_model_len":4096}]}"#),
            ("/get_model_info", 200, "", r#"{"model_path":"org/m","tokenizer_path":"org/m","is_generation":true}"#),
            ("/get_server_info", 200, "", r#"{"model_path":"org/m","version":"0.5.5"}"#),
            ("/metrics", 200, "", "sglang:num_running_reqs 0\n"),
        ], NOT_FOUND),
        ("tgi", "3.3.4", Access::Open, &[
            ("/info", 200, "", r#"{"model_id":"org/m","model_sha":null,"model_pipeline_tag":"text-generation","max_concurrent_requests":128,"max_best_of":2,"max_stop_sequences":4,"max_input_tokens":1,"max_total_tokens":2048,"router":"text-generation-router","version":"3.3.4","sha":null,"docker_label":null}"#),
            ("/v1/models", 200, "", r#"{"object":"list","data":[{"id":"org/m","object":"model","created":0,"owned_by":"org/m"}]}"#),
            ("/health", 200, "", ""), ("/", 200, "", ""),
            ("/metrics", 200, "", "tgi_queue_size 0\n"),
        ], ("", 404, "", "")),
        ("tei", "1.8.3", Access::Open, &[
            ("/info", 200, "", r#"{"model_id":"org/e","model_sha":null,"model_dtype":"float16","model_type":{"embedding":{"pooling":"cls"}},"max_concurrent_requests":512,"max_input_length":512,"max_batch_tokens":16384,"auto_truncate":true,"version":"1.8.3"}"#),
            ("/health", 200, "", ""),
            ("/metrics", 200, "", "te_request_count 1\n"),
        ], ("", 404, "", "")),
        ("llama-cpp", "b7100-abc1234", Access::Open, &[
            ("/health", 200, "Server: llama.cpp\r\n", r#"{"status":"ok"}"#),
            ("/v1/models", 200, "Server: llama.cpp\r\n", r#"{"models":[{"name":"q.gguf"}],"object":"list","data":[{"id":"q.gguf","object":"model","created":1,"owned_by":"llamacpp","meta":{"n_vocab":1}}]}"#),
            ("/api/tags", 200, "Server: llama.cpp\r\n", r#"{"models":[{"name":"q.gguf","model":"q.gguf","digest":"","details":{}}]}"#),
            ("/props", 200, "Server: llama.cpp\r\n", r#"{"default_generation_settings":{"n_ctx":4096},"total_slots":1,"model_path":"/m/q.gguf","build_info":"b7100-abc1234"}"#),
        ], ("", 404, "Server: llama.cpp\r\n", r#"{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}"#)),
        ("lm-studio", "", Access::Open, &[
            ("/v1/models", 200, "", r#"{"data":[{"id":"qwen3-8b","object":"model","owned_by":"organization_owner"}],"object":"list"}"#),
            ("/api/v0/models", 200, "", r#"{"data":[{"id":"qwen3-8b","object":"model","type":"llm","compatibility_type":"gguf","state":"loaded"}],"object":"list"}"#),
        ], ("", 200, "", r#"{"error":"Unexpected endpoint or method. (GET {path})"}"#)),
        ("koboldcpp", "1.101", Access::Open, &[
            ("/", 200, "Server: ConcedoLlamaForKoboldServer\r\n", "<html><title>KoboldAI Lite</title></html>"),
            ("/api/extra/version", 200, "", r#"{"result":"KoboldCpp","version":"1.101","protected":false,"llm":true}"#),
            ("/api/v1/model", 200, "", r#"{"result":"koboldcpp/q"}"#),
            ("/api/tags", 200, "", r#"{"models":[{"name":"koboldcpp","model":"koboldcpp/q:latest","digest":"b5","details":{"format":"gguf"}}]}"#),
            ("/api/version", 200, "", r#"{"version":"0.7.0"}"#),
            ("/api/ps", 200, "", r#"{"models":[]}"#),
            ("/props", 200, "", r#"{"default_generation_settings":{},"total_slots":1,"chat_template":"","model_path":"q"}"#),
            ("/sdapi/v1/sd-models", 200, "", r#"[{"title":"x","model_name":"x"}]"#),
            ("/sdapi/v1/options", 200, "", r#"{"samples_format":"png","sd_model_checkpoint":"x"}"#),
            ("/system_stats", 200, "", r#"{"system":{"python_version":"3.11"},"devices":[]}"#),
            ("/v1/models", 200, "", r#"{"object":"list","data":[{"id":"koboldcpp/q","object":"model","created":1,"owned_by":"koboldcpp","permission":[],"root":"koboldcpp"}]}"#),
        ], ("", 404, "Server: ConcedoLlamaForKoboldServer\r\n", "Error: KoboldCpp HTTP Server is running, but this endpoint does not exist. Please check the URL.")),
        ("text-generation-webui", "", Access::Open, &[
            ("/v1/models", 200, "", r#"{"object":"list","data":[{"id":"q","object":"model","created":0,"owned_by":"user"}]}"#),
            ("/v1/internal/health", 200, "", r#"{"status":"ok"}"#),
            ("/v1/internal/model/info", 200, "", r#"{"model_name":"q","lora_names":[]}"#),
        ], NOT_FOUND),
        ("localai", "v3.7.0", Access::Open, &[
            ("/", 200, "", "<html><title>LocalAI</title></html>"),
            ("/readyz", 200, "", ""), ("/healthz", 200, "", ""),
            ("/version", 200, "", r#"{"version":"v3.7.0 (abc)"}"#),
            ("/.well-known/localai.json", 200, "", r#"{"version":"v3.7.0","endpoints":{}}"#),
            ("/v1/models", 200, "", r#"{"object":"list","data":[{"id":"q","object":"model"}]}"#),
            ("/api/tags", 200, "", r#"{"models":[{"name":"q:latest","model":"q:latest","digest":"","details":{}}]}"#),
            ("/api/version", 200, "", r#"{"version":"0.9.0"}"#),
            ("/api/ps", 200, "", r#"{"models":[]}"#),
        ], ("", 404, "", r#"{"error":{"code":404,"message":"Resource not found","type":""}}"#)),
        ("triton", "2.62.0", Access::Open, &[
            ("/v2", 200, "", r#"{"name":"triton","version":"2.62.0","extensions":["classification"]}"#),
            ("/v2/health/ready", 200, "", ""), ("/v2/health/live", 200, "", ""),
            ("/v2/models/stats", 200, "", r#"{"model_stats":[{"name":"resnet","version":"1"}]}"#),
        ], ("", 404, "", "")),
        ("torchserve", "", Access::Open, &[
            ("/ping", 200, "", r#"{"status":"Healthy"}"#),
            ("/models", 200, "", r#"{"models":[{"modelName":"m","modelUrl":"m.mar"}]}"#),
        ], ("", 404, "", r#"{"code":404,"type":"ResourceNotFoundException","message":"Requested resource is not found, please refer to API document."}"#)),
        ("tensorflow-serving", "", Access::Open, &[
            ("/v1/models/stance", 404, "", r#"{"error":"Servable not found for request: Latest(stance)"}"#),
        ], ("", 400, "", r#"{ "error": "Malformed request: GET {path}" }"#)),
        ("ray", "2.51.0", Access::Open, &[
            ("/", 200, "", "<html><title>Ray Dashboard</title></html>"),
            ("/api/version", 200, "", r#"{"version":"4","ray_version":"2.51.0","ray_commit":"abc","session_name":"s"}"#),
            ("/api/cluster_status", 200, "", r#"{"result":true,"msg":"Got it","data":{}}"#),
        ], PAGE),
        ("mlflow", "3.6.0", Access::Open, &[
            ("/", 200, "", "<html><title>MLflow</title></html>"),
            ("/version", 200, "", "3.6.0"), ("/health", 200, "", "OK"),
            ("/api/2.0/mlflow/experiments/search?max_results=1", 200, "", r#"{"experiments":[{"experiment_id":"0","name":"Default"}]}"#),
        ], PAGE),
        ("jupyter", "2.17.0", Access::Required, &[
            ("/", 302, "Location: /lab?\r\nServer: TornadoServer/6.5\r\n", ""),
            ("/api", 200, "Server: TornadoServer/6.5\r\n", r#"{"version": "2.17.0"}"#),
            ("/api/status", 403, "Server: TornadoServer/6.5\r\n", r#"{"message": "Forbidden", "reason": null}"#),
            ("/api/kernelspecs", 403, "", r#"{"message": "Forbidden", "reason": null}"#),
            ("/login", 200, "", "<title>Jupyter Server</title><input type=password name=password>"),
        ], PAGE),
        ("jupyter", "2.17.0", Access::Open, &[
            ("/api", 200, "Server: TornadoServer/6.5\r\n", r#"{"version": "2.17.0"}"#),
            ("/api/status", 200, "", r#"{"started":"2026-01-01T00:00:00Z","last_activity":"x","connections":0,"kernels":0}"#),
            ("/api/kernelspecs", 200, "", r#"{"default":"python3","kernelspecs":{"python3":{}}}"#),
        ], PAGE),
        ("gradio", "5.49.1", Access::Open, &[
            ("/", 200, "", "<html><script>window.gradio_config = {}</script></html>"),
            ("/config", 200, "", r#"{"version":"5.49.1","mode":"blocks","app_id":1,"components":[]}"#),
            ("/gradio_api/info", 200, "", r#"{"named_endpoints":{},"unnamed_endpoints":{}}"#),
        ], NOT_FOUND),
        ("gradio", "", Access::Required, &[
            ("/", 200, "", "<html><script>window.gradio_config = {\"auth_required\":true}</script></html>"),
            ("/config", 401, "", r#"{"detail":"Not authenticated"}"#),
            ("/login_check", 401, "", r#"{"detail":"Not authenticated"}"#),
        ], NOT_FOUND),
        ("streamlit", "", Access::Open, &[
            ("/_stcore/health", 200, "", "ok"),
            ("/_stcore/host-config", 200, "", r#"{"allowedOrigins":["https://*.streamlit.app"],"useExternalAuthToken":false}"#),
        ], ("", 200, "", "<html><title>Streamlit</title></html>")),
        ("open-webui", "0.6.36", Access::Required, &[
            ("/api/config", 200, "", r#"{"status":true,"name":"Open WebUI","version":"0.6.36","features":{"auth":true}}"#),
            ("/api/version", 200, "", r#"{"version":"0.6.36"}"#),
            ("/health", 200, "", r#"{"status":true}"#),
            ("/manifest.json", 200, "", r#"{"name":"Open WebUI"}"#),
        ], ("", 200, "", "<html><title>Open WebUI</title></html>")),
        ("langflow", "1.6.7", Access::Required, &[
            ("/api/v1/version", 200, "", r#"{"version":"1.6.7","main_version":"1.6.7","package":"Langflow"}"#),
            ("/health", 200, "", r#"{"status":"ok"}"#),
            ("/api/v1/config", 200, "", r#"{"frontend_timeout":0,"auto_saving":true,"auto_saving_interval":1000}"#),
            ("/api/v1/flows/", 403, "", r#"{"detail":"Not authenticated"}"#),
        ], ("", 200, "", "<html><title>Langflow</title></html>")),
        ("flowise", "3.0.11", Access::Required, &[
            ("/api/v1/ping", 200, "", "pong"),
            ("/api/v1/version", 200, "", r#"{"version":"3.0.11"}"#),
            ("/api/v1/chatflows", 401, "", r#"{"error":"Unauthorized Access"}"#),
        ], ("", 200, "", "<html><title>Flowise - Build AI Agents, Visually</title></html>")),
        ("n8n", "", Access::Required, &[
            ("/healthz", 200, "", r#"{"status":"ok"}"#),
            ("/rest/settings", 200, "", r#"{"data":{"settingsMode":"public","userManagement":{"quota":-1}}}"#),
            ("/rest/workflows", 401, "", r#"{"status":"error","message":"Unauthorized"}"#),
        ], ("", 200, "", "<html><title>n8n.io - Workflow Automation</title></html>")),
        ("comfyui", "0.3.68", Access::Open, &[
            ("/", 200, "", "<html><title>ComfyUI</title></html>"),
            ("/system_stats", 200, "", r#"{"system":{"os":"posix","comfyui_version":"0.3.68","python_version":"3.12"},"devices":[]}"#),
            ("/queue", 200, "", r#"{"queue_running":[],"queue_pending":[]}"#),
        ], ("", 404, "", "404: Not Found")),
        ("automatic1111", "", Access::Open, &[
            ("/", 200, "", "<html><title>Stable Diffusion</title><script>window.gradio_config = {}</script></html>"),
            ("/config", 200, "", r#"{"version":"3.41.2","mode":"blocks","components":[],"x":"txt2img sd_model_checkpoint"}"#),
            ("/app_id", 200, "", r#"{"app_id":"1"}"#),
            ("/internal/ping", 200, "", "{}"),
            ("/sdapi/v1/sd-models", 200, "", r#"[{"title":"v1.safetensors","model_name":"v1"}]"#),
        ], NOT_FOUND),
        ("qdrant", "1.16.0", Access::Open, &[
            ("/", 200, "", r#"{"title":"qdrant - vector search engine","version":"1.16.0","commit":"ab"}"#),
            ("/collections", 200, "", r#"{"result":{"collections":[]},"status":"ok","time":0.1}"#),
            ("/healthz", 200, "", "healthz check passed"),
        ], ("", 404, "", "")),
        ("qdrant", "1.16.0", Access::Required, &[
            ("/", 200, "", r#"{"title":"qdrant - vector search engine","version":"1.16.0","commit":"ab"}"#),
            ("/collections", 401, "", "Must provide an API key or an Authorization bearer token"),
            ("/healthz", 200, "", "healthz check passed"),
        ], ("", 401, "", "Must provide an API key or an Authorization bearer token")),
        ("weaviate", "1.34.0", Access::Open, &[
            ("/v1/meta", 200, "", r#"{"hostname":"http://[::]:8080","modules":{},"version":"1.34.0"}"#),
            ("/v1/schema", 200, "", r#"{"classes":[]}"#),
            ("/v1", 200, "", r#"{"links":[{"href":"/v1/meta","name":"Meta"}]}"#),
        ], ("", 404, "", r#"{"code":404,"message":"path was not found"}"#)),
        ("chroma", "1.3.0", Access::Open, &[
            ("/api/v2/heartbeat", 200, "", r#"{"nanosecond heartbeat":1}"#),
            ("/api/v2/version", 200, "", "\"1.3.0\""),
            ("/api/v2/pre-flight-checks", 200, "", r#"{"max_batch_size":5461}"#),
            ("/api/v2/tenants/default_tenant/databases/default_database/collections", 200, "", "[]"),
        ], ("", 404, "", "")),
        ("milvus", "", Access::Open, &[
            ("/healthz", 200, "", "OK"),
            ("/webui/", 200, "", "<html><title>Milvus WebUI</title></html>"),
            ("/metrics", 200, "", "milvus_proxy_req_count 1\n"),
            ("/v1/vector/collections", 200, "", r#"{"code":200,"data":[]}"#),
        ], ("", 404, "", "404 page not found")),
        ("litellm", "1.80.0", Access::Required, &[
            ("/", 200, "", "<html><title>LiteLLM API - Swagger UI</title></html>"),
            ("/health/liveliness", 200, "", "\"I'm alive!\""),
            ("/health/readiness", 200, "", r#"{"status":"healthy","db":"Not connected","litellm_version":"1.80.0"}"#),
            ("/v1/models", 401, "", r#"{"error":{"message":"Authentication Error, No api key passed in.","type":"auth_error","code":"401"}}"#),
        ], NOT_FOUND),
        ("dify", "1.9.2", Access::Required, &[
            ("/", 200, "X-Version: 1.9.2\r\nX-Env: PRODUCTION\r\n", "<html><title>Dify</title></html>"),
            ("/console/api/setup", 200, "X-Version: 1.9.2\r\n", r#"{"step":"finished","setup_at":"2026-01-01"}"#),
            ("/console/api/apps", 401, "", r#"{"code":"unauthorized"}"#),
        ], NOT_FOUND),
        ("anythingllm", "", Access::Unknown, &[
            ("/api/ping", 200, "", r#"{"online":true}"#),
            ("/api/setup-complete", 200, "", r#"{"results":{"RequiresAuth":false}}"#),
        ], ("", 200, "", "<html><title>AnythingLLM | Your personal LLM</title></html>")),
        ("xinference", "1.13.0", Access::Open, &[
            ("/", 200, "", "<html><title>Xinference</title></html>"),
            ("/v1/cluster/auth", 200, "", r#"{"auth":false}"#),
            ("/v1/cluster/version", 200, "", r#"{"version":"1.13.0","full-revisionid":"ab"}"#),
            ("/v1/models", 200, "", r#"{"object":"list","data":[]}"#),
        ], NOT_FOUND),
    ];
    for (product_id, version, access, routes, otherwise) in products {
        let port = product(routes, otherwise);
        let Some(identity) = found(port) else {
            panic!("{product_id} was not identified");
        };
        let told = identity.product.map(|it| it.id.as_str());
        assert_eq!(told, Some(product_id), "{:?}", identity.shown_at);
        let (told_version, told_access) = (identity.version, identity.access);
        assert_eq!(told_version.unwrap_or_default(), version, "version of {product_id}");
        assert_eq!(told_access, access, "authentication of {product_id}");
    }
}
