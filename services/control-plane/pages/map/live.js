// The stream of the map: one WebSocket, which comes back by itself, each time with a snapshot first.

const LONGEST_WAIT_MS = 15_000;

/**
 * Follows the map until `close`.
 * @param {{ snapshot: (frame) => void, delta: (frame) => void, stats: (frame) => void, state: (name: "connecting" | "live" | "lost") => void }} told
 */
export function follow(told) {
  let socket = null, seq = null, tries = 0, closed = false, paused = false, timer = null;
  const send = (message) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));

  function receive(frame) {
    if (frame.type === "snapshot") {
      seq = frame.seq;
      tries = 0;
      told.state("live");
      told.snapshot(frame);
    } else if (frame.type === "delta" && seq !== null) {
      if (frame.seq <= seq) return;
      // One is missing: only a snapshot is true again.
      if (frame.seq !== seq + 1) { socket.close(); return; }
      seq = frame.seq;
      tries = 0;
      told.state("live");
      told.delta(frame);
    } else if (frame.type === "resync") {
      seq = null;
    } else if (frame.type === "stats") {
      told.stats(frame);
    }
  }

  function open() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(`${scheme}//${location.host}/api/v1/live`, "ids.map.v1");
    seq = null;
    socket.onopen = () => paused && send({ type: "pause" });
    socket.onmessage = ({ data }) => paused || receive(JSON.parse(data));
    socket.onclose = () => {
      if (closed) return;
      told.state("lost");
      timer = setTimeout(open, Math.min(500 * 2 ** tries++, LONGEST_WAIT_MS) * (.75 + Math.random() / 2));
    };
  }

  told.state("connecting");
  open();
  return {
    /** Nothing is kept meanwhile: what comes after is a snapshot. */
    pause() { if (paused) return; paused = true; seq = null; send({ type: "pause" }); },
    resume() { if (!paused) return; paused = false; send({ type: "resume" }); },
    close() {
      closed = true;
      clearTimeout(timer);
      // Browsers complain of one that is closed while it is being opened.
      if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
      else socket?.close();
    },
  };
}
