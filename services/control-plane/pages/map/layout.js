// Where nodes stand. Runs as a worker: it takes all nodes, and answers once with places that are at rest.
//
// Each own network is a round region, in which its hosts repel one another and linked ones come closer. The rest of the world stands
// around, each as near as it can to whom it talks to. Whoever has a place keeps it: places are relative to the region
// or, outside, to its rim, so that they hold when others grow.
import { rimAt } from "./rim.js";

const SPACING = 78, OUTSIDE_SPACING = 104, TICKS = 200, RIM = 34, REGION_GAP = 110;
const TAU = 2 * Math.PI;

/** A number in 0..<1 from a text, the same on each day. */
function hash(text) {
  let value = 2166136261;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619);
  value ^= value >>> 15; value = Math.imul(value, 2246822507); value ^= value >>> 13;
  return (value >>> 0) / 4294967296;
}

/** Room for this many nodes, in steps, so that a region does not breathe with each host. */
function radius(count) {
  const steps = Math.ceil(Math.log(Math.max(count, 6) / 6) / Math.log(1.5));
  return SPACING * .62 * Math.sqrt(6 * 1.5 ** steps) + RIM;
}

/** Regions side by side: one in the middle, several around it. */
function regionsOf(names, nodes) {
  const regions = names.map((name) => {
    const count = nodes.filter((node) => node.region === name).length, r = radius(count);
    // The room is used up whole, by few as by many.
    return { name, x: 0, y: 0, r, spacing: Math.min((r - RIM) * Math.sqrt(Math.PI / Math.max(count, 3)) * 1.02, 1.6 * SPACING) };
  });
  if (regions.length === 2) {
    regions[0].x = -regions[0].r - REGION_GAP / 2;
    regions[1].x = regions[1].r + REGION_GAP / 2;
  } else if (regions.length > 2) {
    const around = regions.reduce((sum, region) => sum + 2 * region.r + REGION_GAP, 0) / TAU;
    const widest = Math.max(...regions.map((region) => region.r));
    const far = Math.max(around, (widest + REGION_GAP / 2) / Math.sin(Math.PI / regions.length) * .8);
    let angle = -Math.PI / 2;
    regions.forEach((region, i) => {
      if (i) angle += (regions[i - 1].r + region.r + REGION_GAP) / (regions.reduce((sum, one) => sum + 2 * one.r + REGION_GAP, 0)) * TAU;
      region.x = Math.cos(angle) * far; region.y = Math.sin(angle) * far;
    });
  }
  return regions;
}

/**
 * @param {{ nodes: { id: number, key: string, region: string | null, kept: [number, number] | null }[], links: [number, number][], names: string[] }} wanted
 *   `kept` is where a node stood before: in its region relative to the centre, outside as angle and distance from the rim
 * @returns {{ places: { id: number, x: number, y: number, kept: [number, number] }[], regions: { name: string, x: number, y: number, r: number }[] }}
 */
function arrange({ nodes, links, names }) {
  const regions = regionsOf(names, nodes);
  const regionOf = new Map(regions.map((region) => [region.name, region]));
  const all = new Map();
  const inside = [], outside = [];
  for (const node of nodes) {
    const region = regionOf.get(node.region) ?? null;
    const place = { id: node.id, key: node.key, region, spacing: region?.spacing ?? OUTSIDE_SPACING, fixed: node.kept !== null, links: [], x: 0, y: 0 };
    (region ? inside : outside).push(place);
    all.set(node.id, place);
    if (region) {
      const angle = hash(node.key) * TAU, far = region.r * (.3 + .6 * hash(node.key + "r"));
      const [x, y] = node.kept ?? [Math.cos(angle) * far, Math.sin(angle) * far];
      Object.assign(place, { x: region.x + x, y: region.y + y });
    } else if (node.kept) {
      const [angle, off] = node.kept;
      const far = rimAt(angle, regions) + off;
      Object.assign(place, { x: Math.cos(angle) * far, y: Math.sin(angle) * far });
    }
  }
  for (const [a, b] of links) {
    const one = all.get(a), other = all.get(b);
    if (one && other && one !== other) { one.links.push(other); other.links.push(one); }
  }
  relax(inside, (place) => {
    const { region } = place;
    for (const other of place.links) if (other.region === region) pull(place, other.x, other.y, .01 / place.links.length);
    pull(place, region.x, region.y, .003);
  }, (place) => within(place, place.region.x, place.region.y, 0, place.region.r - RIM));

  for (const place of outside) {
    if (place.fixed) continue;
    const known = place.links.filter((other) => other.region);
    let x = known.reduce((sum, other) => sum + other.x, 0), y = known.reduce((sum, other) => sum + other.y, 0);
    const angle = Math.hypot(x, y) > 1 ? Math.atan2(y, x) + (hash(place.key) - .5) * 2.2 : hash(place.key) * TAU, far = rimAt(angle, regions);
    Object.assign(place, { x: Math.cos(angle) * far, y: Math.sin(angle) * far });
  }
  relax(outside, (place) => {
    const angle = Math.atan2(place.y, place.x), far = rimAt(angle, regions);
    pull(place, Math.cos(angle) * far, Math.sin(angle) * far, .06);
    for (const other of place.links) if (other.region) pull(place, other.x, other.y, .003 / place.links.length);
  }, (place) => within(place, 0, 0, rimAt(Math.atan2(place.y, place.x), regions), Infinity));

  const places = [...inside, ...outside].map((place) => ({
    id: place.id, x: place.x, y: place.y,
    kept: place.region ? [place.x - place.region.x, place.y - place.region.y] : [Math.atan2(place.y, place.x), Math.hypot(place.x, place.y) - rimAt(Math.atan2(place.y, place.x), regions)],
  }));
  return { places, regions };
}

function pull(place, x, y, strength) {
  place.dx += (x - place.x) * strength;
  place.dy += (y - place.y) * strength;
}

function within(place, x, y, least, most) {
  const dx = place.x - x, dy = place.y - y, far = Math.hypot(dx, dy) || 1;
  const wanted = Math.max(least, Math.min(most, far));
  if (wanted !== far) { place.x = x + dx / far * wanted; place.y = y + dy / far * wanted; }
}

/** Lets places push one another apart until they rest; the fixed ones push and stay. */
function relax(places, attract, confine) {
  if (places.every((place) => place.fixed)) return;
  for (let tick = 0; tick < TICKS; tick++) {
    const heat = 1 - tick / TICKS;
    for (const place of places) { place.dx = 0; place.dy = 0; if (!place.fixed) attract(place); }
    for (let i = 0; i < places.length; i++) {
      const a = places[i];
      for (let j = i + 1; j < places.length; j++) {
        const b = places[j];
        if (a.region !== b.region || (a.fixed && b.fixed)) continue;
        const { spacing } = a, reach = spacing * 1.5;
        let x = b.x - a.x, y = b.y - a.y;
        if (Math.abs(x) > reach || Math.abs(y) > reach) continue;
        let far = Math.hypot(x, y);
        if (far > reach) continue;
        // Two on one spot part in a direction of their own.
        if (far < .5) { const angle = hash(a.key) * TAU; x = Math.cos(angle); y = Math.sin(angle); far = 1; }
        const push = far < spacing ? (spacing - far) * .28 : (reach - far) * .04;
        a.dx -= x / far * push; a.dy -= y / far * push;
        b.dx += x / far * push; b.dy += y / far * push;
      }
    }
    for (const place of places) {
      if (place.fixed) continue;
      place.x += place.dx * heat; place.y += place.dy * heat;
      confine(place);
    }
  }
}

addEventListener("message", ({ data }) => postMessage(arrange(data)));
