/** Parts of the box of the matrix, 0 to 1. */
export type Point = { x: number; y: number };

/** A point with its border on the smallest box, 24 of 310 by 24 of 320 pixels. */
const size = { x: 0.079, y: 0.077 };
const edge = { left: 0.04, right: 0.96, top: 0.04, bottom: 0.96 };

/** Half steps aside, the nearest first. */
const asides = Array.from({ length: 49 }, (_, i) => i - 24)
  .flatMap((i) => Array.from({ length: 25 }, (_, j) => ({ i, j: j - 12 })))
  .sort((a, b) => a.i ** 2 + a.j ** 2 - (b.i ** 2 + b.j ** 2));

/**
 * Where points are drawn so that each can be read and hit: at its place, or, when an earlier one is there, at the nearest
 * that is free. Those of one `row` stay in it; the others stay above `floor`. Where there is no room left a point stands at
 * its own place.
 */
export function apart(points: readonly (Point & { row: boolean })[], floor: number): Point[] {
  const drawn: Point[] = [];
  for (const { x, y, row } of points) {
    const bottom = row ? edge.bottom : floor;
    const place = asides
      .filter(({ j }) => !row || j === 0)
      .map(({ i, j }) => ({ x: x + (i * size.x) / 2, y: y + (j * size.y) / 2 }))
      .find(
        (one) =>
          one.x >= edge.left &&
          one.x <= edge.right &&
          one.y >= Math.min(y, edge.top) &&
          one.y <= Math.max(y, bottom) &&
          drawn.every((other) => Math.abs(other.x - one.x) >= size.x || Math.abs(other.y - one.y) >= size.y),
      );
    drawn.push(place ?? { x, y });
  }
  return drawn;
}
