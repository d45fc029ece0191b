// Texts that somebody could put into what is scanned, pushed or typed, made here so that none lies in a file as it works.

const lt = "<";
const run = "window.hit=1;alert(1)";
const away = "https://foreign.invalid";

/** Each with what has to be read on a page that shows it. */
export const PAYLOADS = [
  { kind: "script", text: `${lt}script>${run}${lt}/script>`, shown: "<script>window.hit" },
  { kind: "attribute", text: `"'>${lt}img src=${away}/a onerror="${run}">`, shown: `"'><img src=` },
  { kind: "handler", text: `x" onmouseover="${run}" autofocus onfocus="${run}" y="`, shown: `onmouseover="window.hit` },
  { kind: "closing", text: `${lt}/title>${lt}/textarea>${lt}/bdi>${lt}/a>${lt}/table>${lt}/svg>${lt}/main>${lt}iframe src=${away}/f>${lt}!-- ]]>`, shown: "</title></textarea>" },
  { kind: "template", text: "{{ 7*7 }}{% include '/etc/passwd' %}${7*7}<%= 7*7 %>#{7*7}", shown: "{{ 7*7 }}{%" },
  { kind: "style", text: `${lt}/style>${lt}style>*{display:none;background:url(${away}/c)}${lt}/style>;color:red`, shown: "</style><style>" },
  { kind: "address", text: `javascript:${run}//%0a${run}`, shown: "javascript:window.hit" },
  { kind: "data", text: `data:text/html;base64,${Buffer.from(`${lt}script>${run}${lt}/script>`).toString("base64")}`, shown: "data:text/html" },
  { kind: "markdown", text: `**b** [x](javascript:${run}) ![i](${away}/m.png) \`code\` ${lt}${away}> ${lt}details open ontoggle=${run}>`, shown: "[x](javascript:" },
  { kind: "drawing", text: `${lt}svg onload=${run}>${lt}animate onbegin=${run} attributeName=x dur=1s>${lt}foreignObject>${lt}use href=${away}/s#x>`, shown: "<svg onload=" },
  { kind: "direction", text: "invoice\u202egnp.exe\u2066\u2069\u200b\u200f\ufeff", shown: "invoice" },
  { kind: "control", text: "nul\u0000bell\u0007esc\u001b[31m\u007fcr\rlf\ntab\tend", shown: "nul" },
  { kind: "combining", text: `Z${"\u0335\u0327".repeat(60)} \u{1f469}\u200d\u{1f469}\u200d\u{1f467} \u{1f3f3}\ufe0f\u200d\u{1f308} \u0646\u0635 \u6f22\u5b57`, shown: "\u6f22\u5b57" },
  { kind: "formula", text: `=HYPERLINK("${away}","x")`, shown: "=HYPERLINK" },
  { kind: "path", text: `../../../etc/passwd?x=1&y=2#z;%2e%2e%2f`, shown: "../../../etc" },
  { kind: "long", text: "L".repeat(30_000), shown: "LLLLLLLL" },
].map((payload, index) => ({ ...payload, mark: `MK${String(index).padStart(2, "0")}` }));

/** The text behind its mark, so that it can be found. */
export const marked = ({ mark, text }) => `${mark} ${text}`;

const KINDS = ["application", "model", "dataset", "prompt", "agent", "tool", "mcp_server", "endpoint", "vendor", "identity", "package", "vector_store"];

/** What a scan would tell that saw these texts everywhere. */
export const document = () => {
  const evidence = (text) => ({ path: text, line: 3, column: 2, length: 4, excerpt: text, mark: [0, 4] });
  const asset = (payload, index) => {
    const text = marked(payload);
    const kind = KINDS[index % KINDS.length];
    return {
      id: `${kind}:${text}`,
      kind,
      name: text,
      aliases: [text, `other ${text}`],
      how: "literal",
      confidence: "high",
      scope: "production",
      evidence: [evidence(text)],
      occurrences: 2,
      verdict: "malicious",
      verdict_reason: text,
      attributes: { format: text, url: text, homepage: `javascript:${text}`, [text]: [text, { [text]: text }], tools: [text] },
    };
  };
  const assets = PAYLOADS.map(asset);
  const relations = assets.flatMap((one, index) => [
    { from: one.id, kind: "calls", to: assets[(index + 1) % assets.length].id, evidence: evidence(one.name) },
    { from: one.id, kind: "trained_on", to: assets[(index + 2) % assets.length].id, evidence: evidence(one.name) },
  ]);
  const findings = assets.map((one, index) => ({
    id: String(index).padStart(32, "f"),
    rule: index % 2 ? "model/pickle-exec" : "others/unknown-rule",
    severity: ["critical", "high", "medium", "low", "info"][index % 5],
    confidence: "high",
    status: "open",
    status_reason: one.name,
    asset: one.id,
    message: one.name,
    notes: [one.name, one.name],
    fix: `${one.name}\n\n\`\`\`\n${one.name}\n\`\`\`\n- ${one.name}`,
    controls: [one.name],
    evidence: [evidence(one.name)],
  }));
  const none = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  return {
    schema: "stance/json-v1",
    tool: { name: "stance", version: "0.1.0" },
    scan: { roots: PAYLOADS.map(marked), started: new Date().toISOString(), duration_ms: 1 },
    summary: { assets: {}, findings: none, statuses: { open: findings.length, accepted: 0, suppressed: 0, baseline: 0 } },
    assets,
    relations,
    findings,
    coverage: { files: 1, directories: 1, bytes_read: 1, bytes_total: 1, understood: 1, members: 0, skipped: {}, unjudged: { count: 1, paths: PAYLOADS.map(marked) } },
  };
};
