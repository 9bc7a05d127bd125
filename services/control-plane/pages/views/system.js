// The machine below: what runs on it, and starting it anew.
import { post } from "../api.js";
import { useConfirmed } from "../parts/confirm.js";
import { may } from "../parts/frame.js";
import { JobDialog, JobState, titleOf } from "../parts/job.js";
import { Dialog, toast } from "../parts/popups.js";
import { Time, age } from "../parts/time.js";
import { Icon, Skeleton, Trouble, attempt, bytes, html, useAnswer, useEffect, useState } from "../parts/view.js";

const LOOK_SECONDS = 5, HOT_CELSIUS = 80, FULL = .9, LOG_LINES = 200;
const DOTS = { running: "good", starting: "warn", unhealthy: "bad", stopped: "", failed: "bad" };

export function System({ session }) {
  const every = { every: LOOK_SECONDS };
  const machine = useAnswer("/host", null, every);
  const services = useAnswer("/services", null, every);
  const units = useAnswer("/host/units", null, every);
  const containers = useAnswer("/host/containers", null, every);
  const jobs = useAnswer("/jobs", null, every);
  const [run, dialog] = useConfirmed();
  const [asking, setAsking] = useState(null);
  const [job, setJob] = useState(null);
  const [log, setLog] = useState(null);
  const all = [machine, services, units, containers, jobs];
  const reload = () => all.forEach((answer) => answer.reload());
  const agent = machine.data?.agent;
  const restart = async ({ target, name }) => {
    setAsking(null);
    const begun = await attempt(() => run(() => target.startsWith("service:") ? post(`/services/${target.slice("service:".length)}/restart`) : post("/host/restart", { target })), toast);
    if (begun) { setJob(begun); reload(); }
  };
  const actions = { session, restart: setAsking, log: setLog };
  const isService = (workload) => workload.target?.startsWith("service:");
  const others = (containers.data?.containers ?? []).filter((one) => !isService(one));
  return html`<div class="head"><h1>System</h1>${agent && html`<span class="muted state"><i class=${`dot ${agent.state === "present" ? "good" : agent.state === "failing" ? "bad" : ""}`} aria-hidden="true"></i>${agent.state === "present" ? `Agent ${agent.version}` : agent.state === "absent" ? "No agent" : "Agent in trouble"}</span>`}
      ${agent?.state === "present" && html`<div class="actions"><button class="danger" disabled=${!may(session, "admin")} title=${may(session, "admin") ? undefined : "Needs the role admin"} onClick=${() => setAsking({ target: "stack", name: "everything" })}><${Icon} name="rotate-cw" />Restart everything</button></div>`}</div>
    <${Trouble} problem=${all.find((answer) => answer.problem)?.problem} again=${reload} />
    ${agent?.state === "failing" && html`<div class="notice bad" role="alert"><strong>Nothing is known of this host just now.</strong> ${agent.detail}</div>`}
    ${machine.data?.host?.warnings.length > 0 && html`<div class="notice bad"><ul>${machine.data.host.warnings.map((warning) => html`<li>${warning}</li>`)}</ul></div>`}
    ${!machine.data ? !machine.problem && html`<${Skeleton} rows=${8} />` : agent.state === "absent" ? html`<${Alone} detail=${agent.detail} />` : html`<div class="grid">
      ${machine.data.host && html`<${Machine} host=${machine.data.host} />`}
      ${services.data && agent.state === "present" && html`<${Workloads} title="Services" list=${services.data.services} ...${actions} empty="The agent knows of no service of the suite." />`}
      ${units.data?.units.length > 0 && html`<${Workloads} title="Units of systemd" list=${units.data.units} ...${actions} />`}
      ${others.length > 0 && html`<${Workloads} title="Other containers" list=${others} ...${actions} />`}
      ${jobs.data?.jobs.length > 0 && html`<section class="card flush span-12"><header><h2>What was begun</h2></header><table class="table cards"><thead><tr><th>What</th><th class="tight">State</th><th class="tight">Who</th><th class="tight">Began</th><th class="tight">Took</th></tr></thead>
        <tbody>${jobs.data.jobs.map((one) => html`<tr key=${one.id} data-open onClick=${(event) => event.target.closest("button") || setJob(one)}><td class="wide"><button class="link" onClick=${() => setJob(one)}>${titleOf(one)}</button> ${one.reason && html`<span class="muted small">${one.reason}</span>`}</td>
          <td class="tight"><${JobState} job=${one} /></td><td class="tight">${one.user}</td><td class="tight"><${Time} at=${one.started} withAge /></td><td class="tight number">${one.ended ? `${Math.max(0, Math.round((Date.parse(one.ended) - Date.parse(one.started)) / 1000))} s` : html`<span class="muted">–</span>`}</td></tr>`)}</tbody></table></section>`}
    </div>`}
    ${asking && html`<${AskRestart} workload=${asking} close=${() => setAsking(null)} go=${() => restart(asking)} />`}
    ${job && html`<${JobDialog} key=${job.id} job=${job} close=${() => { setJob(null); reload(); }} />`}
    ${log && html`<${Log} workload=${log} close=${() => setLog(null)} />`}${dialog}`;
}

/** Without an agent: what that means, and how it is done by hand. */
function Alone({ detail }) {
  return html`<section class="card alone"><h2>${detail}</h2>
    <p>control-plane runs apart from the system, and that is as it should be: it sees neither units nor containers, and cannot restart them. An agent on the host would tell of them and restart them from here. Everything else works without it.</p>
    <h3 class="label">By hand, on the host, where it runs in containers</h3>
    <dl class="facts"><dt>Restart one service</dt><dd><code>docker compose restart ecs-transformer</code></dd><dt>Restart Suricata</dt><dd><code>sudo systemctl restart suricata</code></dd>
      <dt>Restart everything</dt><dd><code>make down && make up</code></dd><dt>What is up</dt><dd><code>docker compose ps</code></dd><dt>What a service says</dt><dd><code>docker compose logs --tail 100 ecs-transformer</code></dd></dl>
    <p class="muted small"><code>scripts/run</code> starts a service that ended anew by itself; its folder has what each one said.</p></section>`;
}

function Machine({ host }) {
  const used = 1 - host.memory_available_bytes / Math.max(host.memory_bytes, 1);
  const figure = (title, value, below, isBad) => html`<div class="card span-3 figure"><h2 class="label">${title}</h2><strong class=${isBad ? "wrong" : ""}>${value}</strong><span class="muted">${below}</span></div>`;
  const fullest = host.disks.map((disk) => ({ ...disk, used: 1 - disk.free_bytes / Math.max(disk.bytes, 1) })).sort((a, b) => b.used - a.used);
  const hot = host.temperature_celsius >= HOT_CELSIUS;
  return html`${figure("Temperature", host.temperature_celsius == null ? "–" : `${Math.round(host.temperature_celsius)} °C`, host.temperature_celsius == null ? "nothing measures it" : hot ? "too hot: the processor slows down" : `slows down from ${HOT_CELSIUS}\u00a0°C`, hot)}
    ${figure("Memory in use", `${Math.round(used * 100)} %`, `${bytes(host.memory_bytes - host.memory_available_bytes)} of ${bytes(host.memory_bytes)}`, used > FULL)}
    ${figure("Fullest disk", fullest.length ? `${Math.round(fullest[0].used * 100)} %` : "–", fullest.length ? html`<span class="mono">${fullest[0].path}</span>, ${bytes(fullest[0].free_bytes)} free` : "", fullest[0]?.used > FULL)}
    ${figure("Up for", age(host.booted), html`since <${Time} at=${host.booted} />`)}
    <section class="card span-8"><header><h2>${host.name}</h2></header><dl class="facts"><dt>Machine</dt><dd>${host.model}</dd><dt>System</dt><dd>${host.system}</dd><dt>Kernel</dt><dd class="mono">${host.kernel}</dd><dt>Processors</dt><dd>${host.processors}</dd><dt>Page of memory</dt><dd>${bytes(host.page_bytes)}</dd></dl></section>
    <section class="card span-4"><header><h2>Disks</h2></header><div class="bars">${fullest.map((disk) => html`<div key=${disk.path} style=${{ "--part": `${disk.used * 100}%` }}><span class="mono ellipsis">${disk.path}</span><span class="muted">${bytes(disk.free_bytes)} free</span></div>`)}</div></section>`;
}

/** The state of a unit or container, as dot and word. */
const State = ({ of: { state } }) => html`<span class="state"><i class=${`dot ${DOTS[state]}`} aria-hidden="true"></i>${state}</span>`;

function Workloads({ title, list, session, restart, log, empty }) {
  const admin = may(session, "admin");
  const needed = admin ? undefined : "Needs the role admin";
  return html`<section class="card flush span-12"><header><h2>${title}</h2></header>
    ${list.length === 0 ? html`<p class="muted" style=${{ padding: "0 16px 16px" }}>${empty}</p>` : html`<table class="table cards"><thead><tr><th>Name</th><th class="tight">State</th><th class="tight desk">Since</th><th class="tight number desk">Restarts</th><th class="tight number">CPU</th><th class="tight number">Memory</th><th class="tight"><span class="hidden-text">Actions</span></th></tr></thead>
      <tbody>${list.map((one) => html`<tr key=${one.name}><td class="wide ellipsis"><span class="name" title=${one.about}>${one.name}</span> <span class="muted small">${one.about}</span></td>
        <td class="tight" title=${one.detail}><${State} of=${one} /></td><td class="tight desk">${one.since ? html`<${Time} at=${one.since} withAge />` : html`<span class="muted">never</span>`}</td>
        <td class="tight number desk">${one.restarts || html`<span class="muted">0</span>`}</td><td class="tight number" data-unit="CPU">${one.cores == null ? html`<span class="muted">–</span>` : `${Math.round(one.cores * 100)} %`}</td>
        <td class="tight number">${bytes(one.memory_bytes)}${one.memory_bytes_max && html` <span class="muted">of ${bytes(one.memory_bytes_max)}</span>`}</td>
        <td class="tight">${one.target && html`<button class="quiet" disabled=${!admin} title=${needed} aria-label=${`Log of ${one.name}`} onClick=${() => log(one)}><${Icon} name="scroll-text" />Log</button>
          <button class="quiet" disabled=${!admin} title=${needed} aria-label=${`Restart ${one.name}`} onClick=${() => restart(one)}><${Icon} name="rotate-cw" />Restart</button>`}</td></tr>`)}</tbody></table>`}</section>`;
}

const CONSEQUENCES = {
  suricata: "While it starts, which takes from seconds to a minute, the traffic is not looked at. Events that were written are not lost.",
  agent: "Nothing can be seen of the host or restarted for a few seconds.",
  stack: "All services stop and start, this page among them. Suricata goes on; its events wait in the file and are then read.",
  "service:control-plane": "This page stops for a few seconds. Nothing else does.",
};

function AskRestart({ workload: { target, name }, close, go }) {
  const [typed, setTyped] = useState("");
  const send = (event) => { event.preventDefault(); go(); };
  const isWhole = target === "stack";
  return html`<${Dialog} title=${`Restart ${name}?`} close=${close}><form class="form" onSubmit=${send}>
    <p>${CONSEQUENCES[target] ?? "What it has not finished waits in Redis, and is taken up again. No event is lost."}</p>
    ${isWhole && html`<label class="field"><span>Type <code>everything</code> to go on</span><input data-focus autocomplete="off" spellcheck=${false} value=${typed} onInput=${(event) => setTyped(event.target.value)} /></label>`}
    <footer><button type="button" onClick=${close}>Cancel</button><button class=${isWhole ? "danger" : "primary"} data-focus=${isWhole ? undefined : true} disabled=${isWhole && typed !== name}><${Icon} name="rotate-cw" />Restart</button></footer></form><//>`;
}

function Log({ workload: { target, name }, close }) {
  const { data, problem, reload } = useAnswer("/host/logs", { target, lines: LOG_LINES }, { every: LOOK_SECONDS });
  useEffect(() => { const box = document.querySelector("dialog .log"); if (box) box.scrollTop = box.scrollHeight; }, [data]);
  return html`<${Dialog} title=${`Log of ${name}`} close=${close} wide><${Trouble} problem=${problem} again=${reload} />
    ${data && (data.lines.length ? html`<pre class="log" tabindex="0" aria-label="Lines">${data.lines.join("\n")}</pre>` : html`<p class="muted">It has said nothing yet.</p>`)}
    <footer><button class="primary" data-focus onClick=${close}>Done</button></footer><//>`;
}
