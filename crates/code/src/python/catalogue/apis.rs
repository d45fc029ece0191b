//! Which argument of which call names which kind of asset: one line each.

/// What a call names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A model of a provider.
    Model,
    /// A model of the hub, or a local directory.
    HubModel,
    /// A data set of the hub, or a local directory.
    HubDataset,
    /// A repository of the hub, whose kind `repo_type` tells.
    HubRepository,
    /// A collection, index or store of vectors.
    VectorStore,
    /// A data set of a tracing or evaluation service.
    Dataset,
    /// A prompt kept by a service.
    RemotePrompt,
    /// An agent; the argument is its name, and `model` its model.
    Agent,
    /// A server of the Model Context Protocol that this program implements.
    McpServer,
    /// A tool that is described by hand.
    Tool,
    /// A prompt that is described by hand.
    McpPrompt,
    /// MCP servers that this program connects to, as a dictionary by name.
    McpClient,
    /// An MCP server that this program starts or connects to, by its arguments.
    McpConnection,
    /// A decorator that makes a function a tool.
    ToolDecorator,
    /// A decorator that makes a function a prompt.
    PromptDecorator,
    /// A decorator that makes a function a guardrail.
    GuardrailDecorator,
    /// A decorator of a function that makes an agent.
    AgentDecorator,
    /// Something that scores answers; the argument names it, `evaluators` and `metrics` are lists of such.
    Evaluator,
    /// Something that looks at what goes in or comes out and may refuse it.
    Guardrail,
    /// A tool that a library brings.
    LibraryTool,
    /// A message to the system.
    SystemPrompt,
    /// Steps from documents or questions to answers that are put together in code.
    Pipeline,
    /// A decorator of a function that is a pipeline.
    PipelineDecorator,
    /// Files of data; the argument is a path, or a list of them.
    DataFiles,
    /// A data set that the call is called after: `load_iris`, `datasets.MNIST`.
    NamedDataset,
    /// A model that the call is called after, of a library that brings its weights: `models.resnet18`.
    NamedModel,
    /// A model that is always the same; the keyword is its name.
    FixedModel,
    /// A model of classic learning that the program trains: `RandomForestClassifier`.
    Estimator,
}

/// A call that names an asset.
pub(crate) struct Api {
    /// Module that the callee lies in.
    pub root: &'static str,
    /// How the callee ends.
    pub name: &'static str,
    /// What it names.
    pub role: Role,
    /// The position of the argument, when it has one.
    pub position: Option<usize>,
    /// The keyword of the argument.
    pub keyword: &'static str,
}

macro_rules! apis {
    ($($root:literal, $($name:literal)|+, $role:ident, $position:tt, $keyword:literal;)+) => {
        /// All of them; the first that fits counts.
        pub(crate) const APIS: &[Api] = &[
            $($(Api {
                root: $root,
                name: $name,
                role: Role::$role,
                position: apis!(@ $position),
                keyword: $keyword,
            },)+)+
        ];
    };
    (@ _) => { None };
    (@ $position:literal) => { Some($position) };
}

apis! {
    // OpenAI and those who speak its protocol.
    "openai", "chat.completions.create" | "chat.completions.with_raw_response.create" | "responses.with_raw_response.create" | "completions.create" | "chat.completions.parse" | "chat.completions.stream" | "responses.create" | "responses.parse" | "responses.stream" | "embeddings.create" | "images.generate" | "images.edit" | "audio.speech.create" | "audio.transcriptions.create" | "audio.translations.create" | "moderations.create" | "beta.assistants.create" | "realtime.connect" | "fine_tuning.jobs.create" | "ChatCompletion.create" | "Completion.create" | "Embedding.create", Model, _, "model";
    "groq", "chat.completions.create" | "audio.transcriptions.create", Model, _, "model";
    "together", "chat.completions.create" | "completions.create" | "embeddings.create", Model, _, "model";
    "cerebras", "chat.completions.create", Model, _, "model";
    "fireworks", "chat.completions.create", Model, _, "model";
    "zhipuai", "chat.completions.create", Model, _, "model";
    "litellm", "completion" | "acompletion" | "embedding" | "aembedding" | "responses" | "image_generation" | "text_completion", Model, 0, "model";
    "anthropic", "messages.create" | "messages.with_raw_response.create" | "messages.stream" | "messages.parse" | "messages.count_tokens" | "messages.batches.create" | "completions.create", Model, _, "model";
    "claude_agent_sdk", "ClaudeAgentOptions", Model, _, "model";
    "google.genai", "models.generate_content" | "models.generate_content_stream" | "models.embed_content" | "models.generate_images" | "chats.create" | "live.connect" | "models.count_tokens" | "models.generate_videos" | "caches.create", Model, _, "model";
    "google.generativeai", "GenerativeModel", Model, 0, "model_name";
    "google.generativeai", "embed_content", Model, _, "model";
    "vertexai", "GenerativeModel", Model, 0, "model_name";
    "vertexai", "TextEmbeddingModel.from_pretrained" | "TextGenerationModel.from_pretrained" | "ChatModel.from_pretrained" | "ImageGenerationModel.from_pretrained", Model, 0, "model_name";
    "mistralai", "chat.complete" | "chat.stream" | "chat.complete_async" | "chat.stream_async" | "embeddings.create" | "fim.complete" | "ocr.process" | "agents.create", Model, _, "model";
    "cohere", "chat" | "chat_stream" | "embed" | "rerank" | "generate", Model, _, "model";
    "replicate", "run" | "stream" | "async_run", Model, 0, "ref";
    "voyageai", "embed" | "rerank", Model, _, "model";
    "ollama", "chat" | "generate" | "embed" | "embeddings" | "pull", Model, 0, "model";
    "dashscope", "Generation.call" | "TextEmbedding.call", Model, 0, "model";
    "ibm_watsonx_ai", "ModelInference" | "Model", Model, _, "model_id";
    "azure.ai.inference", "complete" | "embed", Model, _, "model";
    "boto3", "invoke_model" | "invoke_model_with_response_stream" | "converse" | "converse_stream", Model, _, "modelId";
    "boto3", "invoke_endpoint", Model, _, "EndpointName";
    "vertexai", "rag.create_corpus", VectorStore, _, "display_name";
    "vertexai", "rag.RagResource" | "RagResource", VectorStore, _, "rag_corpus";
    "boto3", "create_knowledge_base", VectorStore, _, "name";
    "boto3", "retrieve_and_generate" | "retrieve_and_generate_stream", VectorStore, _, "knowledgeBaseId";
    "deepgram", "PrerecordedOptions" | "LiveOptions", Model, _, "model";
    "elevenlabs", "text_to_speech.convert" | "generate", Model, _, "model_id";
    // Frameworks on top of them.
    "langchain", "init_chat_model" | "init_embeddings", Model, 0, "model";
    "langchain_classic", "init_chat_model" | "init_embeddings", Model, 0, "model";
    "langchain", "ChatOpenAI" | "ChatAnthropic" | "OpenAI" | "OpenAIEmbeddings" | "ChatCohere" | "AzureChatOpenAI", Model, _, "model";
    "langchain_openai", "ChatOpenAI" | "OpenAI" | "OpenAIEmbeddings" | "AzureOpenAIEmbeddings" | "AzureChatOpenAI" | "AzureOpenAI", Model, _, "model";
    "langchain_anthropic", "ChatAnthropic" | "AnthropicLLM", Model, _, "model";
    "langchain_google_genai", "ChatGoogleGenerativeAI" | "GoogleGenerativeAI" | "GoogleGenerativeAIEmbeddings", Model, _, "model";
    "langchain_google_vertexai", "ChatVertexAI" | "VertexAI" | "VertexAIEmbeddings", Model, 0, "model";
    "langchain_mistralai", "ChatMistralAI" | "MistralAIEmbeddings", Model, _, "model";
    "langchain_cohere", "ChatCohere" | "CohereEmbeddings" | "CohereRerank", Model, _, "model";
    "langchain_groq", "ChatGroq", Model, _, "model";
    "langchain_together", "ChatTogether" | "Together" | "TogetherEmbeddings", Model, _, "model";
    "langchain_fireworks", "ChatFireworks" | "Fireworks" | "FireworksEmbeddings", Model, _, "model";
    "langchain_baseten", "ChatBaseten" | "BasetenEmbeddings", Model, _, "model";
    "langchain_aws", "ChatBedrock" | "ChatBedrockConverse" | "BedrockLLM" | "BedrockEmbeddings", Model, _, "model_id";
    "langchain_ollama", "ChatOllama" | "OllamaLLM" | "OllamaEmbeddings", Model, _, "model";
    "langchain_nvidia_ai_endpoints", "ChatNVIDIA" | "NVIDIAEmbeddings", Model, _, "model";
    "langchain_xai", "ChatXAI", Model, _, "model";
    "langchain_deepseek", "ChatDeepSeek", Model, _, "model";
    "langchain_perplexity", "ChatPerplexity", Model, _, "model";
    "langchain_voyageai", "VoyageAIEmbeddings", Model, _, "model";
    "langchain_huggingface", "HuggingFaceEmbeddings", HubModel, _, "model_name";
    "langchain_huggingface", "HuggingFaceEndpoint", HubModel, _, "repo_id";
    "langchain_huggingface", "HuggingFacePipeline.from_model_id", HubModel, _, "model_id";
    "langchain_community", "HuggingFaceEmbeddings" | "HuggingFaceBgeEmbeddings" | "HuggingFaceInstructEmbeddings" | "SentenceTransformerEmbeddings", HubModel, _, "model_name";
    "langchain_community", "HuggingFaceHub" | "HuggingFaceEndpoint", HubModel, _, "repo_id";
    "langchain_community", "ChatOpenAI" | "OpenAI" | "OpenAIEmbeddings" | "ChatAnthropic" | "ChatOllama" | "Ollama" | "OllamaEmbeddings" | "ChatCohere" | "Replicate", Model, _, "model";
    "langchain_community", "BedrockEmbeddings" | "BedrockChat" | "Bedrock", Model, _, "model_id";
    "llama_index", "OpenAI" | "Anthropic" | "Gemini" | "GoogleGenAI" | "MistralAI" | "Groq" | "Ollama" | "OpenAIEmbedding" | "AzureOpenAI" | "Cohere" | "OpenAILike", Model, _, "model";
    "llama_index", "HuggingFaceEmbedding" | "HuggingFaceLLM", HubModel, _, "model_name";
    "crewai", "LLM", Model, 0, "model";
    "pydantic_ai", "OpenAIModel" | "OpenAIChatModel" | "OpenAIResponsesModel" | "AnthropicModel" | "GeminiModel" | "GoogleModel" | "GroqModel" | "MistralModel" | "CohereModel" | "BedrockConverseModel", Model, 0, "model_name";
    "agents", "OpenAIChatCompletionsModel" | "OpenAIResponsesModel" | "LitellmModel", Model, _, "model";
    "smolagents", "LiteLLMModel" | "OpenAIServerModel" | "OpenAIModel" | "AzureOpenAIServerModel", Model, 0, "model_id";
    "smolagents", "InferenceClientModel" | "HfApiModel" | "TransformersModel" | "MLXModel" | "VLLMModel", HubModel, 0, "model_id";
    "autogen_ext", "OpenAIChatCompletionClient" | "AzureOpenAIChatCompletionClient" | "AnthropicChatCompletionClient" | "OllamaChatCompletionClient", Model, _, "model";
    "haystack", "OpenAIGenerator" | "OpenAIChatGenerator" | "OpenAITextEmbedder" | "OpenAIDocumentEmbedder" | "AnthropicChatGenerator" | "AzureOpenAIChatGenerator", Model, _, "model";
    "haystack", "SentenceTransformersTextEmbedder" | "SentenceTransformersDocumentEmbedder" | "HuggingFaceLocalGenerator" | "TransformersSimilarityRanker", HubModel, _, "model";
    "camel", "ModelFactory.create" | "OpenAIEmbedding" | "MistralEmbedding", Model, _, "model_type";
    "dspy", "LM" | "OpenAI" | "AzureOpenAI" | "Claude" | "Cohere" | "Google" | "GoogleVertexAI" | "GROQ" | "Groq" | "Mistral" | "OllamaLocal" | "Together" | "AWSAnthropic" | "AWSMistral" | "Databricks" | "Watsonx", Model, 0, "model";
    "dspy", "HFModel" | "HFClientTGI" | "HFClientVLLM" | "HFClientSGLang" | "ChatModuleClient" | "Anyscale", HubModel, 0, "model";
    "dspy", "Embedder", Model, 0, "model";
    "dspy", "QdrantRM" | "ChromadbRM" | "MilvusRM" | "WeaviateRM" | "PineconeRM" | "FaissRM" | "LancedbRM" | "EpsillaRM" | "ClarifaiRM" | "MongoDBAtlasRM" | "AzureAISearchRM" | "DeeplakeRM", VectorStore, 0, "collection_name";
    "semantic_kernel", "OpenAIChatCompletion" | "OpenAITextEmbedding", Model, _, "ai_model_id";
    "semantic_kernel", "AzureChatCompletion", Model, _, "deployment_name";
    "google.adk", "LiteLlm", Model, 0, "model";
    "agno", "OpenAIChat" | "Claude" | "Gemini" | "Groq" | "OpenAIResponses", Model, 0, "id";
    "strands", "BedrockModel" | "AnthropicModel" | "OpenAIModel", Model, _, "model_id";
    // The hub and local models.
    "transformers", "from_pretrained", HubModel, 0, "pretrained_model_name_or_path";
    "transformers", "pipeline", HubModel, 1, "model";
    "transformers", "load_tool", HubModel, 0, "repo_id";
    "diffusers", "from_pretrained", HubModel, 0, "pretrained_model_name_or_path";
    "diffusers", "load_lora_weights" | "load_textual_inversion", HubModel, 0, "pretrained_model_name_or_path_or_dict";
    "peft", "from_pretrained", HubModel, 1, "model_id";
    "trl", "SFTTrainer" | "DPOTrainer" | "GRPOTrainer" | "RewardTrainer" | "KTOTrainer", HubModel, 0, "model";
    "trl", "from_pretrained", HubModel, 0, "pretrained_model_name_or_path";
    "unsloth", "from_pretrained", HubModel, 0, "model_name";
    "sentence_transformers", "SentenceTransformer" | "CrossEncoder" | "SparseEncoder", HubModel, 0, "model_name_or_path";
    "optimum", "from_pretrained", HubModel, 0, "model_id";
    "optimum", "GPTQQuantizer", HubDataset, 1, "dataset";
    "transformers", "GPTQConfig", HubDataset, _, "dataset";
    "auto_gptq", "from_pretrained" | "from_quantized", HubModel, 0, "pretrained_model_name_or_path";
    "awq", "from_pretrained" | "from_quantized", HubModel, 0, "pretrained_model_name_or_path";
    "liger_kernel", "from_pretrained", HubModel, 0, "pretrained_model_name_or_path";
    "timm", "create_model", Model, 0, "model_name";
    "faster_whisper", "WhisperModel", HubModel, 0, "model_size_or_path";
    "mlx_lm", "load", HubModel, 0, "path_or_hf_repo";
    "vllm", "LLM", HubModel, 0, "model";
    "vllm", "AsyncEngineArgs" | "EngineArgs", HubModel, _, "model";
    "sglang", "Engine", HubModel, _, "model_path";
    "llama_cpp", "Llama.from_pretrained", HubModel, 0, "repo_id";
    "ctransformers", "from_pretrained", HubModel, 0, "model_path_or_repo_id";
    "spacy", "load", Model, 0, "name";
    "torch", "hub.load", HubModel, 0, "repo_or_dir";
    "tensorflow_hub", "load" | "KerasLayer", HubModel, 0, "handle";
    "huggingface_hub", "snapshot_download" | "hf_hub_download" | "hf_hub_url" | "model_info" | "dataset_info" | "upload_folder" | "upload_file" | "create_repo", HubRepository, 0, "repo_id";
    "huggingface_hub", "InferenceClient" | "AsyncInferenceClient", HubModel, 0, "model";
    "huggingface_hub", "chat.completions.create" | "chat_completion" | "text_generation" | "feature_extraction", HubModel, _, "model";
    "datasets", "load_dataset" | "load_dataset_builder", HubDataset, 0, "path";
    "tensorflow_datasets", "load", Dataset, 0, "name";
    "torchvision", "hub.load", HubModel, 0, "repo_or_dir";
    "datasets", "load_from_disk", DataFiles, 0, "dataset_path";
    // Models of speech, vision and language that libraries bring.
    "whisper", "load_model", Model, 0, "name";
    "whisperx", "load_model", Model, 0, "whisper_arch";
    "mlx_whisper", "transcribe", HubModel, _, "path_or_hf_repo";
    "ultralytics", "YOLO" | "RTDETR" | "SAM" | "FastSAM" | "NAS" | "YOLOWorld", Model, 0, "model";
    "open_clip", "create_model_and_transforms" | "create_model" | "create_model_from_pretrained", Model, 0, "model_name";
    "clip", "load", Model, 0, "name";
    "TTS", "TTS", Model, 0, "model_name";
    "pyannote", "from_pretrained", HubModel, 0, "checkpoint";
    "speechbrain", "from_hparams", HubModel, _, "source";
    "setfit", "from_pretrained", HubModel, 0, "pretrained_model_name_or_path";
    "gliner", "from_pretrained", HubModel, 0, "model_id";
    "chronos", "from_pretrained", HubModel, 0, "pretrained_model_name_or_path";
    "modelscope", "from_pretrained" | "snapshot_download", HubModel, 0, "model_id";
    "FlagEmbedding", "FlagModel" | "BGEM3FlagModel" | "FlagReranker" | "FlagAutoModel.from_finetuned", HubModel, 0, "model_name_or_path";
    "fastembed", "TextEmbedding" | "SparseTextEmbedding" | "LateInteractionTextEmbedding" | "ImageEmbedding", HubModel, 0, "model_name";
    "ragatouille", "RAGPretrainedModel.from_pretrained", HubModel, 0, "pretrained_model_name_or_path";
    "mlx_vlm", "load", HubModel, 0, "path_or_hf_repo";
    "keras_hub", "from_preset", Model, 0, "preset";
    "keras_nlp", "from_preset", Model, 0, "preset";
    "flair", "load", Model, 0, "model_path";
    "gensim", "downloader.load", Model, 0, "name";
    "sagemaker", "JumpStartModel" | "JumpStartEstimator", Model, _, "model_id";
    "torchvision", "get_model", Model, 0, "name";
    "torchvision", "models.resnet18" | "models.resnet34" | "models.resnet50" | "models.resnet101" | "models.resnet152" | "models.vgg16" | "models.vgg19" | "models.alexnet" | "models.densenet121" | "models.mobilenet_v2" | "models.mobilenet_v3_large" | "models.mobilenet_v3_small" | "models.efficientnet_b0" | "models.inception_v3" | "models.googlenet" | "models.squeezenet1_1" | "models.vit_b_16" | "models.swin_t" | "models.convnext_tiny" | "models.detection.fasterrcnn_resnet50_fpn" | "models.detection.maskrcnn_resnet50_fpn" | "models.segmentation.deeplabv3_resnet50", NamedModel, _, "";
    "torchvision", "resnet18" | "resnet34" | "resnet50" | "resnet101" | "vgg16" | "vgg19" | "mobilenet_v2" | "efficientnet_b0" | "fasterrcnn_resnet50_fpn" | "maskrcnn_resnet50_fpn", NamedModel, _, "";
    "tensorflow", "VGG16" | "VGG19" | "ResNet50" | "ResNet101" | "ResNet50V2" | "InceptionV3" | "Xception" | "MobileNet" | "MobileNetV2" | "MobileNetV3Small" | "MobileNetV3Large" | "DenseNet121" | "EfficientNetB0" | "EfficientNetV2B0" | "NASNetMobile", NamedModel, _, "";
    "keras", "VGG16" | "VGG19" | "ResNet50" | "ResNet101" | "ResNet50V2" | "InceptionV3" | "Xception" | "MobileNet" | "MobileNetV2" | "MobileNetV3Small" | "MobileNetV3Large" | "DenseNet121" | "EfficientNetB0" | "EfficientNetV2B0" | "NASNetMobile", NamedModel, _, "";
    "livekit", "silero.VAD.load", FixedModel, _, "silero-vad";
    "livekit", "MultilingualModel" | "EnglishModel", FixedModel, _, "turn-detector";
    "pipecat", "SileroVADAnalyzer", FixedModel, _, "silero-vad";
    "chromadb", "DefaultEmbeddingFunction" | "ONNXMiniLM_L6_V2", FixedModel, _, "all-MiniLM-L6-v2";
    "chromadb", "SentenceTransformerEmbeddingFunction", HubModel, 0, "model_name";
    "chromadb", "OpenAIEmbeddingFunction" | "CohereEmbeddingFunction" | "GoogleGenerativeAiEmbeddingFunction" | "OllamaEmbeddingFunction" | "JinaEmbeddingFunction" | "VoyageAIEmbeddingFunction", Model, _, "model_name";
    "silero_vad", "load_silero_vad", FixedModel, _, "silero-vad";
    "vaderSentiment", "SentimentIntensityAnalyzer", FixedModel, _, "vader";
    // Classic learning.
    "sklearn", "LogisticRegression" | "LinearRegression" | "Ridge" | "Lasso" | "ElasticNet" | "SGDClassifier" | "SGDRegressor" | "Perceptron" | "RandomForestClassifier" | "RandomForestRegressor" | "ExtraTreesClassifier" | "ExtraTreesRegressor" | "GradientBoostingClassifier" | "GradientBoostingRegressor" | "HistGradientBoostingClassifier" | "HistGradientBoostingRegressor" | "AdaBoostClassifier" | "AdaBoostRegressor" | "BaggingClassifier" | "VotingClassifier" | "StackingClassifier" | "DecisionTreeClassifier" | "DecisionTreeRegressor" | "KNeighborsClassifier" | "KNeighborsRegressor" | "SVC" | "SVR" | "LinearSVC" | "LinearSVR" | "NuSVC" | "OneClassSVM" | "GaussianNB" | "MultinomialNB" | "BernoulliNB" | "ComplementNB" | "MLPClassifier" | "MLPRegressor" | "GaussianProcessClassifier" | "GaussianProcessRegressor" | "IsolationForest" | "LocalOutlierFactor" | "KMeans" | "MiniBatchKMeans" | "DBSCAN" | "HDBSCAN" | "GaussianMixture" | "LinearDiscriminantAnalysis" | "QuadraticDiscriminantAnalysis", Estimator, _, "";
    "xgboost", "XGBClassifier" | "XGBRegressor" | "XGBRanker" | "XGBRFClassifier", Estimator, _, "";
    "lightgbm", "LGBMClassifier" | "LGBMRegressor" | "LGBMRanker", Estimator, _, "";
    "catboost", "CatBoostClassifier" | "CatBoostRegressor" | "CatBoost", Estimator, _, "";
    "prophet", "Prophet", Estimator, _, "";
    // Data.
    "pandas", "read_csv" | "read_parquet" | "read_json" | "read_excel" | "read_feather" | "read_pickle" | "read_table" | "read_orc", DataFiles, 0, "filepath_or_buffer";
    "polars", "read_csv" | "read_parquet" | "read_json" | "read_ndjson" | "scan_csv" | "scan_parquet", DataFiles, 0, "source";
    "dask", "read_csv" | "read_parquet", DataFiles, 0, "urlpath";
    "crewai", "PDFKnowledgeSource" | "CSVKnowledgeSource" | "JSONKnowledgeSource" | "ExcelKnowledgeSource" | "TextFileKnowledgeSource" | "CrewDoclingSource", DataFiles, _, "file_paths";
    "llama_index", "SimpleDirectoryReader", DataFiles, 0, "input_dir";
    "langchain_community", "TextLoader" | "CSVLoader" | "PyPDFLoader" | "PyMuPDFLoader" | "JSONLoader" | "UnstructuredFileLoader" | "UnstructuredMarkdownLoader" | "UnstructuredPDFLoader" | "Docx2txtLoader" | "BSHTMLLoader", DataFiles, 0, "file_path";
    "langchain_community", "DirectoryLoader" | "PyPDFDirectoryLoader", DataFiles, 0, "path";
    "langchain", "TextLoader" | "CSVLoader" | "PyPDFLoader", DataFiles, 0, "file_path";
    "torchvision", "datasets.ImageFolder" | "datasets.DatasetFolder" | "ImageFolder", DataFiles, 0, "root";
    "torchvision", "datasets.MNIST" | "datasets.FashionMNIST" | "datasets.KMNIST" | "datasets.EMNIST" | "datasets.CIFAR10" | "datasets.CIFAR100" | "datasets.ImageNet" | "datasets.SVHN" | "datasets.STL10" | "datasets.CelebA" | "datasets.CocoDetection" | "datasets.VOCDetection" | "datasets.VOCSegmentation" | "datasets.Food101" | "datasets.OxfordIIITPet" | "datasets.Flowers102" | "datasets.Cityscapes" | "datasets.LSUN" | "datasets.Places365" | "datasets.Kinetics" | "datasets.Caltech101" | "datasets.Caltech256" | "datasets.EuroSAT" | "datasets.GTSRB" | "datasets.StanfordCars" | "datasets.FGVCAircraft" | "datasets.DTD" | "datasets.Omniglot" | "datasets.USPS" | "MNIST" | "FashionMNIST" | "CIFAR10" | "CIFAR100", NamedDataset, _, "";
    "torchaudio", "datasets.LIBRISPEECH" | "datasets.SPEECHCOMMANDS" | "datasets.LJSPEECH" | "datasets.YESNO", NamedDataset, _, "";
    "torchtext", "datasets.IMDB" | "datasets.AG_NEWS" | "datasets.WikiText2" | "datasets.Multi30k", NamedDataset, _, "";
    "keras", "mnist.load_data" | "fashion_mnist.load_data" | "cifar10.load_data" | "cifar100.load_data" | "imdb.load_data" | "reuters.load_data" | "boston_housing.load_data" | "california_housing.load_data", NamedDataset, _, "";
    "tensorflow", "mnist.load_data" | "fashion_mnist.load_data" | "cifar10.load_data" | "cifar100.load_data" | "imdb.load_data" | "reuters.load_data" | "boston_housing.load_data" | "california_housing.load_data", NamedDataset, _, "";
    "tensorflow", "image_dataset_from_directory" | "text_dataset_from_directory", DataFiles, 0, "directory";
    "keras", "image_dataset_from_directory" | "text_dataset_from_directory", DataFiles, 0, "directory";
    "sklearn", "load_iris" | "load_digits" | "load_wine" | "load_breast_cancer" | "load_diabetes" | "load_linnerud" | "fetch_california_housing" | "fetch_20newsgroups" | "fetch_20newsgroups_vectorized" | "fetch_covtype" | "fetch_kddcup99" | "fetch_lfw_people" | "fetch_olivetti_faces" | "fetch_rcv1" | "load_boston", NamedDataset, _, "";
    "sklearn", "fetch_openml", Dataset, 0, "name";
    "seaborn", "load_dataset", Dataset, 0, "name";
    "kagglehub", "dataset_download", Dataset, 0, "handle";
    "kagglehub", "model_download", Model, 0, "handle";
    "opendatasets", "download", DataFiles, 0, "dataset_id_or_url";
    // Stores of vectors.
    "pinecone", "Index", VectorStore, 0, "name";
    "pinecone", "create_index", VectorStore, 0, "name";
    "chromadb", "get_or_create_collection" | "create_collection" | "get_collection", VectorStore, 0, "name";
    "qdrant_client", "create_collection" | "recreate_collection" | "query_points" | "upsert" | "search", VectorStore, 0, "collection_name";
    "weaviate", "collections.create" | "collections.get" | "collections.use", VectorStore, 0, "name";
    "pymilvus", "Collection", VectorStore, 0, "name";
    "pymilvus", "create_collection", VectorStore, 0, "collection_name";
    "lancedb", "create_table" | "open_table", VectorStore, 0, "name";
    "langchain_pinecone", "PineconeVectorStore" | "PineconeVectorStore.from_documents" | "PineconeVectorStore.from_existing_index", VectorStore, _, "index_name";
    "langchain_chroma", "Chroma" | "Chroma.from_documents" | "Chroma.from_texts", VectorStore, _, "collection_name";
    "langchain_qdrant", "QdrantVectorStore" | "QdrantVectorStore.from_documents" | "QdrantVectorStore.from_existing_collection", VectorStore, _, "collection_name";
    "langchain_weaviate", "WeaviateVectorStore" | "WeaviateVectorStore.from_documents", VectorStore, _, "index_name";
    "langchain_milvus", "Milvus" | "Milvus.from_documents", VectorStore, _, "collection_name";
    "langchain_postgres", "PGVector" | "PGVector.from_documents", VectorStore, _, "collection_name";
    "langchain_community", "FAISS.from_documents" | "FAISS.from_texts" | "FAISS.load_local" | "Chroma" | "Chroma.from_documents" | "Chroma.from_texts", VectorStore, _, "collection_name";
    "faiss", "IndexFlatL2" | "IndexFlatIP" | "IndexIVFFlat" | "IndexHNSWFlat" | "read_index", VectorStore, _, "name";
    // Services that keep data sets and prompts.
    "langsmith", "create_dataset" | "read_dataset" | "has_dataset" | "list_examples" | "create_examples" | "create_example", Dataset, _, "dataset_name";
    "langsmith", "evaluate" | "aevaluate", Dataset, _, "data";
    "langsmith", "pull_prompt" | "push_prompt", RemotePrompt, 0, "prompt_identifier";
    "langchain", "hub.pull", RemotePrompt, 0, "owner_repo_commit";
    "langchainhub", "pull", RemotePrompt, 0, "owner_repo_commit";
    "langfuse", "get_prompt", RemotePrompt, 0, "name";
    "langfuse", "get_dataset" | "create_dataset", Dataset, 0, "name";
    "mlflow", "genai.load_prompt", RemotePrompt, 0, "name_or_uri";
    "llama_index", "VectorStoreIndex" | "VectorStoreIndex.from_documents", VectorStore, _, "index_name";
    "llama_index", "PGVectorStore" | "PGVectorStore.from_params", VectorStore, _, "table_name";
    "llama_index", "QdrantVectorStore" | "ChromaVectorStore" | "MilvusVectorStore", VectorStore, _, "collection_name";
    "llama_index", "PineconeVectorStore" | "WeaviateVectorStore" | "ElasticsearchStore" | "AzureAISearchVectorStore" | "RedisVectorStore" | "LanceDBVectorStore" | "FaissVectorStore" | "MongoDBAtlasVectorSearch" | "OpensearchVectorStore", VectorStore, _, "index_name";
    "langchain_community", "PGVector" | "PGVector.from_documents" | "Milvus" | "Milvus.from_documents" | "Qdrant.from_documents" | "Weaviate.from_documents", VectorStore, _, "collection_name";
    "langchain_community", "AzureSearch" | "ElasticsearchStore" | "Pinecone.from_documents" | "Pinecone.from_existing_index" | "Redis.from_documents" | "OpenSearchVectorSearch" | "MongoDBAtlasVectorSearch" | "SupabaseVectorStore" | "DocArrayInMemorySearch.from_documents" | "SKLearnVectorStore.from_documents" | "LanceDB.from_documents", VectorStore, _, "index_name";
    "langchain", "FAISS.from_documents" | "FAISS.from_texts" | "FAISS.load_local" | "Chroma" | "Chroma.from_documents" | "Chroma.from_texts", VectorStore, _, "collection_name";
    "langchain", "Pinecone.from_documents" | "Pinecone.from_existing_index", VectorStore, _, "index_name";
    "langchain_core", "InMemoryVectorStore" | "InMemoryVectorStore.from_documents" | "InMemoryVectorStore.from_texts", VectorStore, _, "collection_name";
    "langchain_mongodb", "MongoDBAtlasVectorSearch" | "MongoDBAtlasVectorSearch.from_documents", VectorStore, _, "index_name";
    "langchain_elasticsearch", "ElasticsearchStore" | "ElasticsearchStore.from_documents", VectorStore, _, "index_name";
    "langchain_pinecone", "PineconeVectorStore.from_texts", VectorStore, _, "index_name";
    "azure.search.documents", "SearchClient" | "SearchIndexClient.create_index", VectorStore, 1, "index_name";
    "azure.search.documents", "SearchIndex", VectorStore, _, "name";
    "haystack", "InMemoryDocumentStore", VectorStore, _, "index";
    "haystack_integrations", "QdrantDocumentStore" | "ChromaDocumentStore" | "PineconeDocumentStore" | "WeaviateDocumentStore" | "PgvectorDocumentStore" | "ElasticsearchDocumentStore" | "OpenSearchDocumentStore", VectorStore, _, "index";
    "langchain_mongodb", "MongoDBAtlasVectorSearch.from_connection_string", VectorStore, _, "index_name";
    "autogen", "FalkorGraphQueryEngine" | "Neo4jGraphQueryEngine", VectorStore, 0, "name";
    // Clients alone: they tell which product it is, where no call of theirs tells what is kept in it.
    "pinecone", "Pinecone" | "PineconeAsyncio" | "PineconeGRPC" | "init", VectorStore, _, "";
    "chromadb", "Client" | "PersistentClient" | "HttpClient" | "AsyncHttpClient" | "EphemeralClient" | "CloudClient", VectorStore, _, "";
    "qdrant_client", "QdrantClient" | "AsyncQdrantClient", VectorStore, _, "";
    "weaviate", "Client" | "connect_to_local" | "connect_to_weaviate_cloud" | "connect_to_wcs" | "connect_to_custom" | "connect_to_embedded" | "use_async_with_local" | "use_async_with_weaviate_cloud", VectorStore, _, "";
    "pymilvus", "MilvusClient" | "AsyncMilvusClient" | "connections.connect", VectorStore, _, "";
    "lancedb", "connect" | "connect_async", VectorStore, _, "";
    "opensearchpy", "OpenSearch" | "AsyncOpenSearch", VectorStore, _, "";
    "elasticsearch", "Elasticsearch" | "AsyncElasticsearch", VectorStore, _, "";
    "azure.search.documents", "SearchIndexClient" | "SearchIndexerClient", VectorStore, _, "";
    "redisvl", "AsyncSearchIndex" | "SearchIndex" | "SearchIndex.from_dict" | "SearchIndex.from_yaml" | "SearchIndex.from_existing" | "AsyncSearchIndex.from_dict" | "AsyncSearchIndex.from_yaml", VectorStore, _, "";
    "pgvector", "register_vector" | "register_vector_async", VectorStore, _, "";
    "typesense", "Client", VectorStore, _, "";
    "marqo", "Client", VectorStore, _, "";
    "vespa", "Vespa", VectorStore, _, "";
    "vecs", "create_client" | "Client", VectorStore, _, "";
    "astrapy", "DataAPIClient", VectorStore, _, "";
    "redisvl", "SemanticCache" | "SemanticRouter", VectorStore, 0, "name";
    "vecs", "get_or_create_collection" | "create_collection" | "get_collection", VectorStore, 0, "name";
    "marqo", "index" | "create_index", VectorStore, 0, "index_name";
    "astrapy", "create_collection" | "get_collection", VectorStore, 0, "name";
    "turbopuffer", "namespace" | "Namespace", VectorStore, 0, "namespace";
    "upstash_vector", "Index" | "AsyncIndex", VectorStore, _, "index_name";
    "google.cloud.aiplatform", "MatchingEngineIndex" | "MatchingEngineIndexEndpoint" | "MatchingEngineIndex.create_tree_ah_index" | "MatchingEngineIndex.create_brute_force_index", VectorStore, 0, "index_name";
    "langchain_google_vertexai", "VectorSearchVectorStore.from_components" | "VectorSearchVectorStore" | "VertexAISearchRetriever", VectorStore, _, "index_id";
    "google.cloud.discoveryengine", "SearchServiceClient" | "DocumentServiceClient" | "DataStoreServiceClient", VectorStore, _, "";
    "langchain_redis", "RedisVectorStore" | "RedisConfig" | "RedisVectorStore.from_documents" | "RedisVectorStore.from_texts" | "RedisVectorStore.from_existing_index", VectorStore, _, "index_name";
    "langchain_astradb", "AstraDBVectorStore" | "AstraDBVectorStore.from_documents", VectorStore, _, "collection_name";
    "langchain_azure_ai", "AzureAISearchVectorStore", VectorStore, _, "index_name";
    "langchain_community", "Redis" | "Redis.from_texts" | "Redis.from_existing_index" | "DeepLake" | "Annoy.from_documents" | "Clickhouse" | "TiDBVectorStore" | "Neo4jVector.from_documents" | "Neo4jVector.from_existing_graph" | "Neo4jVector.from_existing_index" | "SKLearnVectorStore" | "Typesense.from_documents" | "SurrealDBStore" | "Vectara" | "Rockset", VectorStore, _, "index_name";
    "langchain_neo4j", "Neo4jVector" | "Neo4jVector.from_documents" | "Neo4jVector.from_existing_graph" | "Neo4jVector.from_existing_index", VectorStore, _, "index_name";
    "haystack_integrations", "AzureAISearchDocumentStore" | "MongoDBAtlasDocumentStore" | "AstraDocumentStore" | "MilvusDocumentStore" | "FAISSDocumentStore", VectorStore, _, "index_name";
    "semantic_kernel", "AzureAISearchStore" | "AzureAISearchCollection" | "QdrantStore" | "QdrantCollection" | "RedisStore" | "PineconeStore" | "WeaviateStore" | "PostgresStore" | "InMemoryStore" | "InMemoryVectorStore" | "ChromaStore" | "AzureAISearchMemoryStore" | "VolatileMemoryStore", VectorStore, _, "collection_name";
    "pgvector", "Vector" | "VECTOR" | "HALFVEC" | "VectorField" | "HalfVectorField", VectorStore, _, "name";
    "pydantic_evals", "Dataset", Dataset, _, "name";
    // Evaluators.
    "langsmith", "evaluate" | "aevaluate", Evaluator, _, "evaluators";
    "azure.ai.evaluation", "evaluate", Evaluator, _, "evaluators";
    "promptflow", "evals.evaluate.evaluate" | "evals.evaluate", Evaluator, _, "evaluators";
    "ragas", "evaluate", Evaluator, _, "metrics";
    "deepeval", "evaluate" | "assert_test", Evaluator, _, "metrics";
    "mlflow", "genai.evaluate", Evaluator, _, "scorers";
    "ragas", "Faithfulness" | "AnswerRelevancy" | "ResponseRelevancy" | "ContextPrecision" | "ContextRecall" | "LLMContextRecall" | "FactualCorrectness" | "SemanticSimilarity" | "AspectCritic" | "AnswerCorrectness", Evaluator, _, "name";
    "deepeval", "AnswerRelevancyMetric" | "FaithfulnessMetric" | "ContextualRelevancyMetric" | "ContextualPrecisionMetric" | "ContextualRecallMetric" | "HallucinationMetric" | "BiasMetric" | "ToxicityMetric" | "SummarizationMetric" | "ToolCorrectnessMetric" | "TaskCompletionMetric", Evaluator, _, "";
    "deepeval", "GEval" | "DAGMetric", Evaluator, _, "name";
    "openevals", "create_llm_as_judge" | "create_async_llm_as_judge", Evaluator, _, "feedback_key";
    "azure.ai.evaluation", "GroundednessEvaluator" | "RelevanceEvaluator" | "CoherenceEvaluator" | "FluencyEvaluator" | "SimilarityEvaluator" | "RetrievalEvaluator" | "QAEvaluator" | "ContentSafetyEvaluator" | "ViolenceEvaluator" | "SexualEvaluator" | "SelfHarmEvaluator" | "HateUnfairnessEvaluator" | "ProtectedMaterialEvaluator" | "IndirectAttackEvaluator" | "F1ScoreEvaluator" | "BleuScoreEvaluator" | "RougeScoreEvaluator" | "GroundednessProEvaluator" | "IntentResolutionEvaluator" | "TaskAdherenceEvaluator" | "ToolCallAccuracyEvaluator", Evaluator, _, "";
    "promptflow", "GroundednessEvaluator" | "RelevanceEvaluator" | "CoherenceEvaluator" | "FluencyEvaluator" | "SimilarityEvaluator" | "QAEvaluator" | "ContentSafetyEvaluator" | "ChatEvaluator" | "ViolenceEvaluator" | "HateUnfairnessEvaluator", Evaluator, _, "";
    "llama_index", "FaithfulnessEvaluator" | "RelevancyEvaluator" | "CorrectnessEvaluator" | "SemanticSimilarityEvaluator" | "GuidelineEvaluator" | "RetrieverEvaluator.from_metric_names" | "AnswerRelevancyEvaluator" | "ContextRelevancyEvaluator" | "PairwiseComparisonEvaluator", Evaluator, _, "";
    "langchain", "load_evaluator", Evaluator, 0, "evaluator";
    "autoevals", "Factuality" | "ClosedQA" | "LLMClassifier" | "Battle" | "Humor" | "Security" | "Sql" | "Summary" | "Translation", Evaluator, _, "name";
    "phoenix", "HallucinationEvaluator" | "QAEvaluator" | "RelevanceEvaluator" | "ToxicityEvaluator", Evaluator, _, "";
    "haystack", "FaithfulnessEvaluator" | "ContextRelevanceEvaluator" | "SASEvaluator" | "LLMEvaluator" | "DocumentMRREvaluator" | "DocumentRecallEvaluator" | "AnswerExactMatchEvaluator", Evaluator, _, "";
    "pydantic_evals", "LLMJudge" | "IsInstance" | "EqualsExpected", Evaluator, _, "";
    // Guardrails.
    "agents", "input_guardrail" | "output_guardrail" | "tool_input_guardrail" | "tool_output_guardrail", GuardrailDecorator, _, "name";
    "pydantic_ai", "Agent().output_validator" | "Agent().result_validator", GuardrailDecorator, _, "";
    "agents", "InputGuardrail" | "OutputGuardrail", Guardrail, _, "name";
    "guardrails", "Guard" | "Guard.from_string" | "Guard.from_rail" | "Guard.from_pydantic" | "Guard.for_string" | "Guard.for_pydantic" | "AsyncGuard", Guardrail, _, "name";
    "nemoguardrails", "LLMRails" | "RunnableRails", Guardrail, _, "";
    "llm_guard", "PromptInjection" | "Toxicity" | "Anonymize" | "BanTopics" | "Secrets" | "TokenLimit" | "Deanonymize" | "NoRefusal" | "Relevance" | "Sensitive" | "BanSubstrings" | "Language" | "Bias", Guardrail, _, "";
    "presidio_analyzer", "AnalyzerEngine", Guardrail, _, "";
    "presidio_anonymizer", "AnonymizerEngine", Guardrail, _, "";
    "azure.ai.contentsafety", "ContentSafetyClient", Guardrail, _, "";
    "crewai", "LLMGuardrail" | "HallucinationGuardrail", Guardrail, _, "";
    "azure.ai.evaluation", "RedTeam" | "AdversarialSimulator" | "Simulator", Evaluator, _, "";
    "azure.ai.evaluation", "red_team.RedTeam", Evaluator, _, "";
    "google.adk", "AgentEvaluator.evaluate" | "AgentEvaluator.evaluate_eval_set", Evaluator, _, "";
    "evaluate", "load", Evaluator, 0, "path";
    "datasets", "load_metric", Evaluator, 0, "path";
    "sentence_transformers", "InformationRetrievalEvaluator" | "EmbeddingSimilarityEvaluator" | "BinaryClassificationEvaluator" | "TripletEvaluator" | "RerankingEvaluator" | "ParaphraseMiningEvaluator" | "TranslationEvaluator" | "MSEEvaluator" | "LabelAccuracyEvaluator" | "NanoBEIREvaluator" | "CrossEncoderRerankingEvaluator" | "CrossEncoderNanoBEIREvaluator" | "CrossEncoderClassificationEvaluator" | "CrossEncoderCorrelationEvaluator", Evaluator, _, "";
    "dspy", "Evaluate" | "evaluate.Evaluate", Evaluator, _, "metric";
    "dspy", "SemanticF1" | "CompleteAndGrounded" | "evaluate.SemanticF1", Evaluator, _, "";
    "strands_evals", "OutputEvaluator" | "TrajectoryEvaluator" | "HelpfulnessEvaluator" | "FaithfulnessEvaluator" | "ToolSelectionAccuracyEvaluator", Evaluator, _, "";
    "lm_eval", "simple_evaluate", Evaluator, _, "tasks";
    "trulens", "Feedback", Evaluator, _, "name";
    "trulens_eval", "Feedback", Evaluator, _, "name";
    "ragas", "LLMContextPrecisionWithReference" | "LLMContextPrecisionWithoutReference" | "NoiseSensitivity" | "ContextEntityRecall" | "RubricsScore" | "BleuScore" | "RougeScore" | "ToolCallAccuracy" | "AgentGoalAccuracyWithReference" | "TopicAdherenceScore" | "LLMSQLEquivalence", Evaluator, _, "name";
    "deepeval", "ConversationalGEval" | "PromptAlignmentMetric" | "JsonCorrectnessMetric" | "RagasMetric" | "KnowledgeRetentionMetric" | "ConversationCompletenessMetric" | "RoleAdherenceMetric", Evaluator, _, "";
    // Messages that stand in the code.
    "langchain_core", "SystemMessage" | "SystemMessagePromptTemplate.from_template", SystemPrompt, 0, "content";
    "langchain", "SystemMessage" | "SystemMessagePromptTemplate.from_template", SystemPrompt, 0, "content";
    "autogen_core", "SystemMessage", SystemPrompt, 0, "content";
    // Pipelines that are put together in code.
    "haystack", "Pipeline().add_component" | "AsyncPipeline().add_component", Pipeline, _, "";
    "llama_index", "IngestionPipeline" | "QueryPipeline", Pipeline, _, "name";
    "zenml", "pipeline", PipelineDecorator, _, "name";
    "kfp", "dsl.pipeline" | "pipeline", PipelineDecorator, _, "name";
    "prefect", "flow", PipelineDecorator, _, "name";
    "airflow", "dag", PipelineDecorator, 0, "dag_id";
    "airflow", "DAG", Pipeline, 0, "dag_id";
    "dagster", "job" | "graph", PipelineDecorator, _, "name";
    "azure.ai.ml", "dsl.pipeline" | "pipeline", PipelineDecorator, _, "name";
    "sagemaker", "Pipeline", Pipeline, _, "name";
    "kedro", "Pipeline" | "pipeline", Pipeline, _, "namespace";
    // Tools that libraries bring.
    "crewai_tools", "SerperDevTool" | "ScrapeWebsiteTool" | "WebsiteSearchTool" | "FileReadTool" | "FileWriterTool" | "DirectoryReadTool" | "DirectorySearchTool" | "CodeInterpreterTool" | "PDFSearchTool" | "TXTSearchTool" | "CSVSearchTool" | "JSONSearchTool" | "MDXSearchTool" | "DOCXSearchTool" | "GithubSearchTool" | "YoutubeVideoSearchTool" | "YoutubeChannelSearchTool" | "RagTool" | "EXASearchTool" | "FirecrawlScrapeWebsiteTool" | "FirecrawlSearchTool" | "BrowserbaseLoadTool" | "DallETool" | "VisionTool" | "SeleniumScrapingTool" | "NL2SQLTool" | "ComposioTool" | "LlamaIndexTool" | "TavilySearchTool" | "BraveSearchTool", LibraryTool, _, "";
    "langchain_community", "TavilySearchResults" | "DuckDuckGoSearchRun" | "DuckDuckGoSearchResults" | "WikipediaQueryRun" | "ArxivQueryRun" | "YahooFinanceNewsTool" | "WolframAlphaQueryRun" | "GoogleSearchRun" | "GoogleSerperRun" | "BraveSearch" | "BraveSearch.from_api_key" | "ShellTool" | "PubmedQueryRun" | "HumanInputRun" | "QuerySQLDataBaseTool" | "SQLDatabaseToolkit" | "FileManagementToolkit" | "GmailToolkit" | "RequestsToolkit" | "JsonToolkit" | "GmailGetThread" | "GmailCreateDraft" | "GmailSearch" | "GmailSendMessage" | "OpenWeatherMapQueryRun" | "PythonREPLTool" | "PythonAstREPLTool" | "FileSearchTool" | "ReadFileTool" | "WriteFileTool" | "ListDirectoryTool" | "SerpAPIWrapper" | "StackExchangeTool" | "SemanticScholarQueryRun" | "RequestsGetTool" | "QuerySQLCheckerTool" | "InfoSQLDatabaseTool" | "ListSQLDatabaseTool" | "PlayWrightBrowserToolkit" | "PlayWrightBrowserToolkit.from_browser", LibraryTool, _, "";
    "langchain_tavily", "TavilySearch" | "TavilyExtract" | "TavilyCrawl" | "TavilyMap", LibraryTool, _, "";
    "langchain_experimental", "PythonREPLTool", LibraryTool, _, "";
    "semantic_kernel", "SessionsPythonTool" | "HttpPlugin" | "WebSearchEnginePlugin", LibraryTool, _, "";
    "agents", "WebSearchTool" | "FileSearchTool" | "CodeInterpreterTool" | "ComputerTool" | "ImageGenerationTool" | "LocalShellTool" | "HostedMCPTool" | "ShellTool" | "ApplyPatchTool", LibraryTool, _, "";
    "smolagents", "DuckDuckGoSearchTool" | "GoogleSearchTool" | "VisitWebpageTool" | "PythonInterpreterTool" | "WebSearchTool" | "WikipediaSearchTool" | "UserInputTool" | "SpeechToTextTool", LibraryTool, _, "";
    "agno", "DuckDuckGoTools" | "YFinanceTools" | "ExaTools" | "Newspaper4kTools" | "WikipediaTools" | "ArxivTools" | "PythonTools" | "ShellTools" | "FileTools" | "TavilyTools" | "ReasoningTools" | "SQLTools" | "EmailTools" | "GithubTools" | "MCPTools" | "HackerNewsTools" | "KnowledgeTools", LibraryTool, _, "";
    "llama_index", "QueryEngineTool" | "QueryEngineTool.from_defaults", Tool, _, "name";
    "llama_index", "ToolMetadata", Tool, _, "name";
    "agents", "Agent().as_tool", Tool, _, "tool_name";
    "agents", "FunctionTool", Tool, _, "name";
    "google.adk", "FunctionTool" | "LongRunningFunctionTool", Tool, _, "name";
    "autogen_core", "FunctionTool", Tool, _, "name";
    "autogen", "register_function", Tool, _, "name";
    "haystack", "Tool", Tool, _, "name";
    "pydantic_ai", "Tool", Tool, _, "name";
    "dspy", "Tool", Tool, _, "name";
    "google.genai", "types.FunctionDeclaration" | "FunctionDeclaration", Tool, _, "name";
    "vertexai", "FunctionDeclaration" | "FunctionDeclaration.from_func", Tool, _, "name";
    // Agents.
    "langgraph", "StateGraph().compile" | "MessageGraph().compile" | "Graph().compile", Agent, _, "name";
    "langgraph_supervisor", "create_supervisor().compile", Agent, _, "name";
    "langgraph_swarm", "create_swarm().compile", Agent, _, "name";
    "langgraph_supervisor", "create_supervisor", Agent, _, "supervisor_name";
    "langgraph_swarm", "create_swarm", Agent, _, "name";
    "langgraph", "func.entrypoint" | "entrypoint", AgentDecorator, _, "name";
    "langchain_aws", "AmazonKnowledgeBasesRetriever", VectorStore, _, "knowledge_base_id";
    "langchain_community", "AmazonKnowledgeBasesRetriever" | "AzureAISearchRetriever", VectorStore, _, "index_name";
    "crewai", "Crew", Agent, _, "name";
    "crewai", "agent", AgentDecorator, _, "name";
    "autogen", "GroupChatManager" | "GroupChat" | "Agent", Agent, _, "name";
    "autogen_agentchat", "RoundRobinGroupChat" | "SelectorGroupChat" | "Swarm" | "MagenticOneGroupChat" | "UserProxyAgent" | "SocietyOfMindAgent" | "OpenAIAgent", Agent, 0, "name";
    "autogen_ext", "OpenAIAssistantAgent" | "MultimodalWebSurfer" | "FileSurfer" | "MagenticOne", Agent, 0, "name";
    "agno", "Team", Agent, _, "name";
    "llama_index", "AgentWorkflow" | "AgentWorkflow.from_tools_or_functions" | "OpenAIAgent", Agent, _, "name";
    "semantic_kernel", "HandoffOrchestration" | "SequentialOrchestration" | "GroupChatOrchestration" | "AgentGroupChat", Agent, _, "name";
    "camel", "ChatAgent" | "RolePlaying" | "Workforce", Agent, _, "agent_id";
    "dspy", "ReAct" | "CodeAct", Agent, _, "name";
    "livekit", "agents.Agent", Agent, _, "name";
    "letta", "agents.create", Agent, _, "name";
    "langchain", "AgentExecutor" | "AgentExecutor.from_agent_and_tools", Agent, _, "name";
    "deepagents", "async_create_deep_agent", Agent, _, "name";
    "managed_deepagents", "define_deep_agent", Agent, _, "name";
    "langchain", "create_agent" | "create_react_agent" | "create_tool_calling_agent" | "create_openai_functions_agent" | "create_openai_tools_agent" | "create_structured_chat_agent" | "create_json_chat_agent" | "initialize_agent", Agent, _, "name";
    "langchain_classic", "create_react_agent" | "create_tool_calling_agent" | "initialize_agent", Agent, _, "name";
    "langchain_community", "create_sql_agent" | "create_json_agent" | "create_openapi_agent", Agent, _, "name";
    "langchain_experimental", "create_pandas_dataframe_agent" | "create_csv_agent" | "create_python_agent", Agent, _, "name";
    "langgraph", "create_react_agent" | "create_supervisor", Agent, _, "name";
    "deepagents", "create_deep_agent", Agent, _, "name";
    "agents", "Agent" | "SandboxAgent", Agent, 0, "name";
    "crewai", "Agent", Agent, _, "role";
    "pydantic_ai", "Agent", Agent, _, "name";
    "smolagents", "CodeAgent" | "ToolCallingAgent" | "MultiStepAgent", Agent, _, "name";
    "autogen", "AssistantAgent" | "UserProxyAgent" | "ConversableAgent" | "SwarmAgent" | "ReasoningAgent" | "CaptainAgent" | "WebSurferAgent" | "DeepResearchAgent" | "DocAgent" | "GPTAssistantAgent" | "MultimodalConversableAgent" | "RetrieveAssistantAgent" | "RetrieveUserProxyAgent", Agent, 0, "name";
    "ag2", "AssistantAgent" | "UserProxyAgent" | "ConversableAgent", Agent, 0, "name";
    "autogen", "AssistantAgent().register_for_llm" | "ConversableAgent().register_for_llm" | "UserProxyAgent().register_for_llm", ToolDecorator, _, "name";
    "autogen", "AssistantAgent().register_for_llm()" | "ConversableAgent().register_for_llm()" | "UserProxyAgent().register_for_llm()", Tool, _, "name";
    "autogen_agentchat", "AssistantAgent" | "CodeExecutorAgent", Agent, 0, "name";
    "llama_index", "ReActAgent" | "FunctionAgent" | "ReActAgent.from_tools" | "OpenAIAgent.from_tools" | "CodeActAgent", Agent, _, "name";
    "google.adk", "Agent" | "LlmAgent" | "SequentialAgent" | "ParallelAgent" | "LoopAgent", Agent, _, "name";
    "agno", "Agent", Agent, _, "name";
    "swarm", "Agent", Agent, _, "name";
    "phi", "Agent" | "Assistant", Agent, _, "name";
    "strands", "Agent" | "Swarm" | "GraphBuilder().build" | "Graph", Agent, _, "name";
    "haystack", "Agent", Agent, _, "name";
    "semantic_kernel", "ChatCompletionAgent" | "OpenAIAssistantAgent" | "AzureAIAgent", Agent, _, "name";
    "agent_framework", "ChatAgent" | "Agent", Agent, _, "name";
    "browser_use", "Agent", Agent, _, "name";
    "openai", "beta.assistants.create", Agent, _, "name";
    "azure.ai.projects", "agents.create_agent" | "agents.create_version", Agent, _, "name";
    // Tools.
    "langchain", "tool", ToolDecorator, 0, "name_or_callable";
    "langchain_core", "tool", ToolDecorator, 0, "name_or_callable";
    "langchain_classic", "tool", ToolDecorator, 0, "name_or_callable";
    "langchain_core", "StructuredTool.from_function" | "Tool" | "Tool.from_function" | "StructuredTool", Tool, _, "name";
    "langchain", "StructuredTool.from_function" | "Tool" | "Tool.from_function" | "StructuredTool", Tool, _, "name";
    "agents", "function_tool" | "decorators.tool", ToolDecorator, _, "name_override";
    "crewai", "tool", ToolDecorator, 0, "name";
    "smolagents", "tool", ToolDecorator, _, "name";
    "agno", "tool", ToolDecorator, _, "name";
    "strands", "tool", ToolDecorator, _, "name";
    "claude_agent_sdk", "tool", ToolDecorator, 0, "name";
    "semantic_kernel", "kernel_function", ToolDecorator, _, "name";
    "agent_framework", "ai_function" | "tool", ToolDecorator, _, "name";
    "pydantic_ai", "Agent().tool" | "Agent().tool_plain", ToolDecorator, _, "name";
    "pydantic_ai", "Agent().system_prompt" | "Agent().instructions", PromptDecorator, _, "name";
    "pydantic_ai", "duckduckgo_search_tool" | "tavily_search_tool" | "WebSearchTool" | "CodeExecutionTool", LibraryTool, _, "";
    "llama_index", "FunctionTool.from_defaults", Tool, _, "name";
    "haystack", "tool", ToolDecorator, _, "name";
    // The Model Context Protocol, from the side of the server and of the client.
    "mcp", "FastMCP" | "Server" | "MCPServer", McpServer, 0, "name";
    "fastmcp", "FastMCP", McpServer, 0, "name";
    "fastmcp", "FastMCP.from_openapi" | "FastMCP.from_fastapi", McpServer, _, "name";
    "claude_agent_sdk", "create_sdk_mcp_server", McpServer, 0, "name";
    "semantic_kernel", "Kernel().as_mcp_server" | "ChatCompletionAgent().as_mcp_server" | "AzureAIAgent().as_mcp_server" | "OpenAIAssistantAgent().as_mcp_server", McpServer, _, "server_name";
    "mcp", "FastMCP().tool" | "MCPServer().tool", ToolDecorator, 0, "name";
    "fastmcp", "FastMCP().tool", ToolDecorator, 0, "name";
    "mcp", "FastMCP().add_tool", Tool, _, "name";
    "fastmcp", "FastMCP().add_tool" | "Tool.from_function", Tool, _, "name";
    "mcp", "FastMCP().prompt" | "MCPServer().prompt", PromptDecorator, 0, "name";
    "fastmcp", "FastMCP().prompt", PromptDecorator, 0, "name";
    "mcp", "Tool", Tool, _, "name";
    "mcp", "Prompt", McpPrompt, _, "name";
    "semantic_kernel", "PromptTemplateConfig", McpPrompt, _, "name";
    "semantic_kernel", "KernelFunctionFromPrompt", McpPrompt, 0, "function_name";
    "mcp", "StdioServerParameters", McpConnection, _, "command";
    "mcp", "streamablehttp_client" | "streamable_http_client" | "sse_client", McpConnection, 0, "url";
    "fastmcp", "Client", McpConnection, 0, "transport";
    "agents", "MCPServerStdio" | "MCPServerSse" | "MCPServerStreamableHttp", McpConnection, _, "params";
    "pydantic_ai", "MCPServerStdio", McpConnection, 0, "command";
    "pydantic_ai", "MCPServerSSE" | "MCPServerStreamableHTTP" | "MCPServerHTTP", McpConnection, 0, "url";
    "crewai_tools", "MCPServerAdapter", McpConnection, 0, "serverparams";
    "smolagents", "MCPClient" | "ToolCollection.from_mcp", McpConnection, 0, "server_parameters";
    "google.adk", "SseConnectionParams" | "StreamableHTTPConnectionParams" | "StreamableHTTPServerParams" | "SseServerParams", McpConnection, _, "url";
    "llama_index", "BasicMCPClient", McpConnection, 0, "command_or_url";
    "autogen_ext", "StdioServerParams", McpConnection, _, "command";
    "autogen_ext", "SseServerParams" | "StreamableHttpServerParams", McpConnection, _, "url";
    "semantic_kernel", "MCPStdioPlugin", McpConnection, _, "command";
    "semantic_kernel", "MCPSsePlugin" | "MCPStreamableHttpPlugin", McpConnection, _, "url";
    "agent_framework", "MCPStdioTool", McpConnection, _, "command";
    "agent_framework", "MCPStreamableHTTPTool", McpConnection, _, "url";
    "agno", "MCPTools", McpConnection, 0, "command";
    "langchain_mcp_adapters", "MultiServerMCPClient", McpClient, 0, "connections";
    "managed_deepagents", "define_mcp_servers", McpClient, _, "mcp_servers";
    "claude_agent_sdk", "ClaudeAgentOptions", McpClient, _, "mcp_servers";
}
