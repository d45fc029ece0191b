use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # Safety filter of Gemini switched off
    ///
    /// ## What it finds
    /// `safety_settings` of Google's SDKs and of LangChain's Gemini classes in which a category has the threshold
    /// `BLOCK_NONE` or `OFF`, and `SafetySetting(threshold=…)` with one of them.
    ///
    /// ## Why it matters
    /// The filter is what keeps an answer with threats, hate or instructions for harm from reaching users, also when
    /// somebody talked the model into it. Without it the application is the only guard, and few applications have one.
    ///
    /// ## Example
    /// ```python
    /// model = GenerativeModel("gemini-2.5-pro", safety_settings={"HARM_CATEGORY_HARASSMENT": "BLOCK_NONE"})
    /// ```
    ///
    /// ## Fix
    /// Choose the least strict threshold that the task needs, for the one category that needs it, and put a filter of
    /// your own behind the model.
    ///
    /// ## References
    /// - Google AI documentation, safety settings
    SafetySettingsOff {
        id: "code/safety-settings-off",
        severity: Low,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM05",
            "owasp-llm-2026:LLM10",
            "nist-ai-600-1:2.3",
            "nist-ai-rmf-1.0:MANAGE 1.4",
            "iso-42001-2023:A.6.2.4",
            "eu-ai-act:Art. 9",
        ],
        bad: [
            crate::text!("a.ts", "import { GoogleGenerativeAI, HarmCategory, HarmBlockThreshold } from '@google/generative-ai';\nconst ai = new GoogleGenerativeAI(process.env.KEY);\nconst model = ai.getGenerativeModel({\n  model: 'gemini-2.0-flash',\n  safetySettings: [{ category: HarmCategory.HARM_CATEGORY_HARASSMENT, threshold: HarmBlockThreshold.BLOCK_NONE }],\n});\n"),
            crate::text!("a.py", "import google.generativeai as genai\nm = genai.GenerativeModel('gemini-1.5-pro', safety_settings={'HARM_CATEGORY_HARASSMENT': 'BLOCK_NONE'})\n"),
            crate::text!("a.py", "from google.genai import types\ns = types.SafetySetting(category='HARM_CATEGORY_HARASSMENT', threshold='OFF')\n"),
            crate::text!("a.py", "from langchain_google_genai import ChatGoogleGenerativeAI, HarmBlockThreshold, HarmCategory\nm = ChatGoogleGenerativeAI(model='gemini-1.5-pro', safety_settings={HarmCategory.HARM_CATEGORY_HARASSMENT: HarmBlockThreshold.BLOCK_NONE})\n"),
        ],
        good: [
            crate::text!("a.ts", "import { GoogleGenerativeAI, HarmCategory, HarmBlockThreshold } from '@google/generative-ai';\nconst ai = new GoogleGenerativeAI(process.env.KEY);\nconst model = ai.getGenerativeModel({\n  model: 'gemini-2.0-flash',\n  safetySettings: [{ category: HarmCategory.HARM_CATEGORY_HARASSMENT, threshold: HarmBlockThreshold.BLOCK_ONLY_HIGH }],\n});\n"),
            crate::text!("a.py", "import google.generativeai as genai\nm = genai.GenerativeModel('gemini-1.5-pro', safety_settings={'HARM_CATEGORY_HARASSMENT': 'BLOCK_ONLY_HIGH'})\n"),
            crate::text!("a.py", "from ours import SafetySetting\ns = SafetySetting(threshold='OFF')\n"),
        ],
    }
}

impl Rule for SafetySettingsOff {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "google.generativeai.GenerativeModel",
            "google.generativeai.GenerativeModel().generate_content",
            "google.genai.types.SafetySetting",
            "*.ChatGoogleGenerativeAI",
            "*.ChatVertexAI",
            "vertexai.generative_models.GenerativeModel",
            "vertexai.generative_models.SafetySetting",
            "google.genai.types.GenerateContentConfig",
            "*.getGenerativeModel(safetySettings)",
            "*.models.generateContent(safetySettings)",
            "@ai-sdk/google.google(safetySettings)",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::Low);
        cx.report(&call.evidence, what).severity(severity);
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    let name = crate::calls::last(&call.callee);
    let google = ["google", "vertexai", "langchain_google", "@google", "@langchain/google", "@ai-sdk/google"].iter().any(|root| call.callee.starts_with(root));
    let configured = match call.keyword("config") {
        Some(Value::Map(map)) => map.get("safetySettings"),
        _ => None,
    };
    let value = call.keyword("safety_settings").or(configured).or_else(|| call.keyword("threshold"))?;
    (google && is_off(value, 4)).then(|| format!("`{name}` switches a safety filter off"))
}

fn is_off(value: &Value, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match value {
        Value::Text { text, .. } => matches!(text.as_str(), "BLOCK_NONE" | "OFF" | "block_none"),
        Value::Name(path) => path.ends_with(".BLOCK_NONE") || path.ends_with("HarmBlockThreshold.OFF"),
        Value::List(all) => all.iter().any(|one| is_off(one, depth)),
        Value::Map(map) => map.values().any(|one| is_off(one, depth)),
        _ => false,
    }
}
