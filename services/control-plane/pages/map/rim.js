// Where the rest of the world begins.

const GAP = 120;

/** How far from the middle the rest of the world begins, in a direction: around the hull of all regions. */
export function rimAt(angle, regions) {
  const x = Math.cos(angle), y = Math.sin(angle);
  return Math.max(0, ...regions.map((region) => region.x * x + region.y * y + region.r)) + GAP;
}
