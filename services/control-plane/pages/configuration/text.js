// The text itself, in CodeMirror, with what is wrong on the lines where it is.
import { post } from "../api.js";
import { Trouble, html, useEffect, useRef, useState } from "../parts/view.js";

const PAUSE_MILLISECONDS = 500;
let loading = null;

/** The editor is only needed here, and as large as all other pages together. */
function editor() {
  loading ??= (async () => {
    const style = document.createElement("link");
    Object.assign(style, { rel: "stylesheet", href: new URL("../lib/codemirror.css", import.meta.url).href });
    document.head.append(style);
    for (const name of ["codemirror.js", "codemirror-yaml.js"]) await new Promise((resolve, reject) => {
      const script = document.createElement("script");
      Object.assign(script, { src: new URL(`../lib/${name}`, import.meta.url).href, onload: resolve, onerror: () => reject(new Error("The editor cannot be loaded.")) });
      document.head.append(script);
    });
    return window.CodeMirror;
  })();
  return loading;
}

/** `turn` is another one whenever the text was changed by something else than this editor. */
export function Text({ yaml, turn, findings, editable, write, review }) {
  const box = useRef(null), mirror = useRef(null), lines = useRef([]), latest = useRef({});
  latest.current = { write, review, editable };
  const [problem, setProblem] = useState(null);
  const [said, setSaid] = useState(findings);
  useEffect(() => {
    let gone = false;
    editor().then((CodeMirror) => {
      if (gone) return;
      const one = mirror.current = CodeMirror(box.current, { value: yaml, mode: "yaml", theme: "own", lineNumbers: true, tabSize: 2, indentWithTabs: false, readOnly: !editable, viewportMargin: 50,
        extraKeys: { Tab: false, "Shift-Tab": false, "Ctrl-S": () => latest.current.review(), "Cmd-S": () => latest.current.review(), "Ctrl-Enter": () => latest.current.review() } });
      one.getInputField().setAttribute("aria-label", "The configuration as text");
      one.getScrollerElement().tabIndex = 0;
      one.on("change", (_, change) => change.origin !== "setValue" && latest.current.write(one.getValue()));
      mark(said);
    }, setProblem);
    return () => { gone = true; };
  }, []);
  useEffect(() => { mirror.current?.setOption("readOnly", !editable); }, [editable]);
  useEffect(() => { if (mirror.current && mirror.current.getValue() !== yaml) mirror.current.setValue(yaml); }, [turn]);
  // Checked while one writes, a moment after the last key.
  useEffect(() => {
    if (!editable) return;
    let gone = false;
    const timer = setTimeout(() => post("/config/validate", { yaml }).then((answer) => gone || setSaid(answer.findings), (refused) => gone || setSaid([{ line: null, level: "error", message: refused.detail ?? refused.message }])), PAUSE_MILLISECONDS);
    return () => { gone = true; clearTimeout(timer); };
  }, [yaml, editable]);
  const mark = (findings) => {
    const one = mirror.current;
    if (!one) return;
    one.operation(() => {
      for (const { widget, line, level } of lines.current) { widget.clear(); one.removeLineClass(line, "background", `finding-${level}`); }
      lines.current = findings.filter((finding) => finding.line && finding.line <= one.lineCount()).map((finding) => {
        const note = document.createElement("div");
        note.className = `finding ${finding.level}`;
        note.textContent = finding.message;
        return { widget: one.addLineWidget(finding.line - 1, note), line: one.addLineClass(finding.line - 1, "background", `finding-${finding.level}`), level: finding.level };
      });
    });
  };
  useEffect(() => mark(said), [said]);
  const errors = said.filter((one) => one.level === "error").length, elsewhere = said.filter((one) => !one.line);
  return html`<${Trouble} problem=${problem} /><p class="muted small editor-line" role="status">${errors ? html`<span class="wrong">${errors === 1 ? "1 mistake" : `${errors} mistakes`}</span>` : "No mistake"} · a mask stands for the secret that is in force; write another one over it to replace it${editable ? html` · <kbd>Ctrl S</kbd> review` : ""}</p>
    ${elsewhere.map((one) => html`<p key=${one.message} class=${`small ${one.level === "error" ? "wrong" : "muted"}`}>${one.message}</p>`)}
    <div class="editor" ref=${box}></div>`;
}
