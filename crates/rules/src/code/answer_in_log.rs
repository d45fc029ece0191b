use stance_core::fact::CodeCall;
use stance_core::{Confidence, Scope};
use crate::flow::{Origin, shown, trace};

use crate::{Cx, Rule};

rule! {
    /// # Answers of a model written to the log
    ///
    /// ## What it finds
    /// `logging` or a logger (loguru, structlog; pino, winston and that of NestJS) at level info or above that is given the text of a model's answer as a whole. Counts, ids
    /// and reasons to stop are left alone, and so are tests and examples.
    ///
    /// ## Why it matters
    /// Answers repeat what people asked and what the model read for them: names, health, contracts, at times
    /// credentials. Logs are kept longer, read by more people and copied to more places than the application's data.
    ///
    /// ## Example
    /// ```python
    /// logging.info("answer: %s", answer.choices[0].message.content)
    /// ```
    ///
    /// ## Fix
    /// Log lengths, ids and durations. Where content is needed to find faults, write it at debug level, masked, to a
    /// store with its own access and retention.
    ///
    /// ## References
    /// - CWE-532: Insertion of Sensitive Information into Log File
    /// - GDPR, Article 5
    AnswerInLog {
        id: "code/answer-in-log",
        severity: Low,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM02",
            "owasp-llm-2026:LLM02",
            "mitre-atlas:AML.T0057",
            "iso-42001-2023:A.6.2.8",
            "gdpr:Art. 5",
        ],
        bad: [
            crate::text!("a.ts", "import pino from 'pino';\nimport { generateText } from 'ai';\nconst log = pino();\nconst { text } = await generateText({ model, prompt: 'x' });\nlog.info({ text });\n"),
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ntext = answer.choices[0].message.content\nimport logging\nlogging.info('answer: %s', text)\n"),
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ntext = answer.choices[0].message.content\nimport logging\nlogger = logging.getLogger('x')\nlogger.info(f'answer: {text}')\n"),
        ],
        good: [
            crate::text!("a.ts", "import pino from 'pino';\nimport { generateText } from 'ai';\nconst log = pino();\nconst { text, usage } = await generateText({ model, prompt: 'x' });\nlog.info({ usage });\nlog.debug(text);\n"),
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ntext = answer.choices[0].message.content\nimport logging\nlogging.info('tokens: %s', answer.usage.total_tokens)\n"),
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ntext = answer.choices[0].message.content\nimport logging\nlogging.debug('answer: %s', text)\n"),
            crate::text!("tests/test_a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ntext = answer.choices[0].message.content\nimport logging\nlogging.info(text)\n"),
        ],
    }
}

impl Rule for AnswerInLog {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "logging.info",
            "logging.warning",
            "logging.error",
            "logging.getLogger().info",
            "logging.getLogger().warning",
            "logging.getLogger().error",
            "loguru.logger.info",
            "structlog.get_logger().info",
            "pino.pino().info",
            "pino.pino().warn",
            "pino.pino().error",
            "winston.createLogger().info",
            "winston.createLogger().warn",
            "winston.createLogger().error",
            "@nestjs/common.Logger().log",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        if Scope::of_path(&call.evidence.path) != Scope::Production {
            return;
        }
        for argument in &call.arguments {
            if let Some(found) = trace(&argument.value, &[Origin::Answer]) {
                cx.report(&call.evidence, "the log gets what the model answered")
                    .confidence(Confidence::Medium)
                    .note(format!("it is `{}`", shown(found.path)));
                return;
            }
        }
    }
}
