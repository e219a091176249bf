// Photos as they are sent: a phone's are larger than anybody needs to see them.
import type { Sendable } from "./api";

export const LONGEST_SIDE = 1600;
const QUALITY = 0.8;

/** Mini-programs make chosen photos small themselves; in a browser they are drawn anew, without what the camera wrote into them. */
export async function sendable(path: string): Promise<Sendable> {
  // #ifdef H5
  const file = await drawnAnew(path).catch(() => null);
  if (file) return { path, file };
  // #endif
  return { path };
}

/** Never larger than it is. */
export function within(width: number, height: number, longest: number): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

// #ifdef H5
async function drawnAnew(path: string): Promise<Blob | null> {
  const photo = await loaded(path);
  const canvas = document.createElement("canvas");
  const size = within(photo.naturalWidth, photo.naturalHeight, LONGEST_SIDE);
  Object.assign(canvas, size);
  const pen = canvas.getContext("2d");
  if (!pen) return null;
  // JPEG knows no transparency.
  pen.fillStyle = "white";
  pen.fillRect(0, 0, size.width, size.height);
  pen.drawImage(photo, 0, 0, size.width, size.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}

function loaded(src: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const picture = new Image();
    picture.onload = () => resolve(picture);
    picture.onerror = () => reject(new Error(`no picture at ${src}`));
    picture.src = src;
  });
}
// #endif
