// What this is made of.
import { html, useEffect, useState } from "../parts/view.js";

export function About() {
  const [libraries, setLibraries] = useState([]);
  useEffect(() => { fetch(new URL("../libraries.json", import.meta.url)).then((answer) => answer.json()).then(setLibraries, () => {}); }, []);
  return html`<div class="head"><h1>About</h1></div>
    <div class="grid"><section class="card span-12"><header><h2>IDS Suite</h2></header><p>Suricata's findings, kept on this box and shown by it. Nothing of these pages comes from elsewhere, and nothing that you do on them leaves the box.</p>
      <p style=${{ marginTop: "8px" }}><a href="/docs" target="_blank" rel="noopener">The API</a> · <a href="/ca.crt">Certificate of this box's authority</a></p></section>
    <section class="card flush span-12"><header><h2>Libraries, fonts and icons</h2></header><table class="table cards"><thead><tr><th>Name</th><th class="tight">Version</th><th class="tight">Licence</th><th class="tight">Home</th></tr></thead><tbody>${libraries.map((one) => html`<tr key=${one.name}><td class="wide">${one.name}</td><td class="tight">${one.version}</td><td class="tight">${one.licence}</td><td class="tight"><a href=${one.home} target="_blank" rel="noopener noreferrer">${one.home.replace("https://", "")}</a></td></tr>`)}</tbody></table></section></div>`;
}
