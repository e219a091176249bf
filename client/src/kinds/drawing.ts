// Draws a poster into a picture, in a browser.
// #ifdef H5
import type { Poster } from "../schema";
import { pictureAddress } from "../shell/api";
import { qrPicture } from "../shell/qr";

const WIDTH = 750;
const MARGIN = 60;

/** A colour as the screen has it. */
const colourOf = (token: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();

export async function drawPoster(poster: Poster): Promise<string> {
  const [picture, code] = await Promise.all([poster.picture ? loaded(pictureAddress(poster.picture.src)) : null, loaded(qrPicture(poster.qr))]);
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d")!;
  const lines = poster.lines ?? [];
  Object.assign(canvas, { width: WIDTH, height: 700 + (picture ? 460 : 0) + lines.length * 48 });
  pen.fillStyle = colourOf("card");
  pen.fillRect(0, 0, canvas.width, canvas.height);
  let top = MARGIN;
  if (picture) {
    pen.drawImage(picture, (WIDTH - 400) / 2, top, 400, 400);
    top += 440;
  }
  top = words(pen, poster.title, { top: top + 56, font: "bold 52px sans-serif", colour: colourOf("leaf"), height: 64 });
  for (const line of lines) top = words(pen, line, { top: top + 8, font: "32px sans-serif", colour: colourOf("ink"), height: 44 });
  if (code) pen.drawImage(code, (WIDTH - 340) / 2, top + 20, 340, 340);
  return canvas.toDataURL("image/png");
}

interface Type {
  top: number;
  font: string;
  colour: string;
  height: number;
}

/** Writes words in the middle, in as many lines as they need; where the next ones begin. */
function words(pen: CanvasRenderingContext2D, text: string, { top, font, colour, height }: Type): number {
  Object.assign(pen, { font, fillStyle: colour, textAlign: "center" });
  let line = "";
  let at = top;
  for (const letter of text) {
    if (pen.measureText(line + letter).width > WIDTH - 2 * MARGIN) {
      pen.fillText(line, WIDTH / 2, at);
      [line, at] = ["", at + height];
    }
    line += letter;
  }
  pen.fillText(line, WIDTH / 2, at);
  return at + height;
}

function loaded(src: string): Promise<HTMLImageElement | null> {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => resolve(null);
    image.src = src;
  });
}
// #endif
