// QR codes come from the server as one path; here they become a picture that every platform can show.
import type { Qr } from "../schema";

/** A path that is closed is filled; else its strokes are the code. */
export const isFilled = (path: string): boolean => /[zZ]/.test(path);

export function qrPicture({ path, size }: Qr): string {
  const ink = isFilled(path) ? "fill='#000'" : "stroke='#000' fill='none'";
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ${size} ${size}' width='${size * 8}' height='${size * 8}' shape-rendering='crispEdges'><rect width='${size}' height='${size}' fill='#fff'/><path d='${path}' ${ink}/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
