// JSON laid out for people without touching its values: a number keeps all of its digits, which a parsed one would not.

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * The lines of a text of JSON, each with its depth and the dotted name of what it is about; null for what is no JSON.
 * @returns {{ depth: number, text: string, path: string }[] | null}
 */
export function layout(text) {
  try { JSON.parse(text); } catch { return null; }
  const tokens = text.match(TOKENS) ?? [];
  const lines = [], open = [];
  const path = () => open.map((level) => level.key).filter((key) => key !== null).join(".");
  let line = { depth: 0, text: "", path: "" };
  const end = () => { if (line.text) lines.push(line); line = { depth: open.length, text: "", path: path() }; };
  tokens.forEach((token, at) => {
    const isEmpty = /^[{[]$/.test(token) && /^[}\]]$/.test(tokens[at + 1]);
    if (/^[}\]]$/.test(token)) {
      if (/^[{[]$/.test(tokens[at - 1])) { line.text += token; return; }
      open.pop();
      end();
      line.text = token;
    } else if (/^[{[]$/.test(token)) {
      line.text += token;
      if (isEmpty) return;
      open.push({ isArray: token === "[", key: null });
      end();
    } else if (token === ",") {
      line.text += token;
      if (open.length && !open.at(-1).isArray) open.at(-1).key = null;
      end();
    } else if (token === ":") {
      line.text += ": ";
    } else {
      if (open.length && !open.at(-1).isArray && tokens[at + 1] === ":") { open.at(-1).key = JSON.parse(token); line.path = path(); }
      line.text += token;
    }
  });
  end();
  return lines;
}

/** The same as one text, to be edited. */
export const laidOut = (text) => layout(text)?.map((line) => "  ".repeat(line.depth) + line.text).join("\n") ?? text;

/** Whether a line is about a field, given by its dotted name, or about something in it. */
export const isAbout = (line, field) => field && (line.path === field || line.path.startsWith(`${field}.`));

/** What hinders a text from being an object of JSON, in words; null for nothing. */
export function fault(text) {
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" && !Array.isArray(value) ? null : "It must be an object: {…}.";
  } catch (error) { return error.message.replace(/^JSON\.parse: /, ""); }
}
