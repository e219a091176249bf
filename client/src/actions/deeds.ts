// What the device itself can do for an action; each platform in its own way.
import { addressOf, get, headersOf, pictureAddress } from "../shell/api";
import { tell } from "../shell/notices";
import { t } from "../shell/words";

export function copy(content: string): Promise<void> {
  return new Promise((resolve, reject) => {
    uni.setClipboardData({
      data: content,
      showToast: false,
      success: () => {
        tell(t("已复制", "Copied"));
        resolve();
      },
      fail: () => reject(new Error(t("无法复制，请长按文字复制。", "Copying is not possible here; select the text yourself."))),
    });
  });
}

export function dial(number: string): void {
  // #ifdef H5
  location.href = `tel:${number}`;
  // #endif
  // #ifndef H5
  uni.makePhoneCall({ phoneNumber: number, fail: () => undefined });
  // #endif
}

export function openOutside(url: string): Promise<void> | void {
  // #ifdef H5
  // What is typed here stays; where no second page may open, the way back is the browser's.
  const opened = window.open(url, "_blank");
  if (opened) opened.opener = null;
  else location.assign(url);
  // #endif
  // #ifndef H5
  return copy(url).then(() => tell(t("链接已复制，请在浏览器中打开。", "The link is copied; open it in a browser."), "info"));
  // #endif
}

export async function share(form: string, title: string, content: string, address: string): Promise<void> {
  const link = form === "text" || /https?:\/\/\S/.test(content) ? "" : address;
  // #ifdef H5
  if (form !== "text" && typeof navigator.share === "function" && (await isShared({ title, text: content, ...(link && { url: link }) }))) return;
  // #endif
  // #ifndef H5
  if (form === "card") {
    tell(t("请点右上角“···”转发给邻居。", "Tap ··· at the top right to send it to neighbours."), "info");
    return;
  }
  // #endif
  await copy([content, link].filter(Boolean).join("\n"));
}

/** The picture itself, where the platform passes pictures on; else it is kept. */
export async function sharePicture(title: string, content: string, src: string): Promise<void> {
  // #ifdef H5
  const file = typeof navigator.canShare === "function" && (await fileOf(src).catch(() => null));
  const wish = file && { title, text: content, files: [file] };
  if (wish && navigator.canShare(wish) && (await isShared(wish))) return;
  // #endif
  // #ifdef MP-WEIXIN
  const { tempFilePath } = await uni.downloadFile({ url: pictureAddress(src) });
  return new Promise((resolve) => wx.showShareImageMenu({ path: tempFilePath, complete: () => resolve() }));
  // #endif
  // #ifndef MP-WEIXIN
  await savePicture(src);
  // #endif
}

// #ifdef H5
/** Whether nothing more is to be done: sent, or the reader changed their mind. */
const isShared = (wish: ShareData): Promise<boolean> =>
  navigator.share(wish).then(() => true, (wrong: unknown) => wrong instanceof DOMException && wrong.name === "AbortError");

async function fileOf(src: string): Promise<File> {
  const answer = await fetch(pictureAddress(src));
  if (!answer.ok) throw new Error(`no picture at ${src}`);
  const picture = await answer.blob();
  return new File([picture], nameOf(src), { type: picture.type });
}

const nameOf = (src: string): string => src.split("/").pop()?.split("?")[0] || "picture";
// #endif

export function subscribe(topics: string[]): Promise<void> {
  // #ifdef MP-WEIXIN
  return new Promise((resolve) => uni.requestSubscribeMessage({ tmplIds: topics, complete: () => resolve() }));
  // #endif
  // #ifdef MP-ALIPAY
  return new Promise((resolve) => my.requestSubscribeMessage({ entityIds: topics, complete: () => resolve() }));
  // #endif
  // #ifdef H5
  tell(t("请在小程序里订阅提醒。", "Reminders can be subscribed to in the mini-program."), "info");
  return Promise.resolve();
  // #endif
}

/** What a code says; empty where nothing was read. */
export async function scan(): Promise<string> {
  // #ifdef H5
  return scanned();
  // #endif
  // #ifndef H5
  return new Promise((resolve) => uni.scanCode({ success: ({ result }) => resolve(result), fail: () => resolve("") }));
  // #endif
}

// #ifdef H5
/** Browsers read codes from a photo, where they can at all. */
async function scanned(): Promise<string> {
  if (!window.BarcodeDetector) {
    tell(t("这个浏览器不能扫码，请输入数字。", "This browser cannot scan; type the digits."), "info");
    return "";
  }
  const photo = await chosen();
  if (!photo) return "";
  const found = await new window.BarcodeDetector({ formats: ["qr_code"] }).detect(await createImageBitmap(photo));
  if (!found[0]) tell(t("没有看到二维码，请再拍一次。", "No code was seen; take another picture."), "info");
  return found[0]?.rawValue ?? "";
}

function chosen(): Promise<File | undefined> {
  const input = Object.assign(document.createElement("input"), { type: "file", accept: "image/*" });
  input.setAttribute("capture", "environment");
  return new Promise((resolve) => {
    input.addEventListener("change", () => resolve(input.files?.[0]));
    input.addEventListener("cancel", () => resolve(undefined));
    input.click();
  });
}
// #endif

export function print(): void {
  // #ifdef H5
  window.print();
  // #endif
  // #ifndef H5
  tell(t("请在电脑浏览器中打印。", "Print it from a browser on a computer."), "info");
  // #endif
}

export async function savePicture(src: string): Promise<void> {
  // #ifdef H5
  download(pictureAddress(src), nameOf(src));
  // #endif
  // #ifndef H5
  const { tempFilePath } = await uni.downloadFile({ url: pictureAddress(src) });
  await uni.saveImageToPhotosAlbum({ filePath: tempFilePath });
  tell(t("已保存到相册", "Saved to your photos"));
  // #endif
}

export async function saveFile(path: string, name: string): Promise<void> {
  // #ifdef H5
  const content = await get(path);
  const blob = new Blob([JSON.stringify(content, null, 2)], { type: "application/json" });
  const url = URL.createObjectURL(blob);
  download(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  // #endif
  // #ifndef H5
  await get("/me");
  const { tempFilePath } = await uni.downloadFile({ url: addressOf(path), header: headersOf() });
  await uni.openDocument({ filePath: tempFilePath, showMenu: true });
  // #endif
}

// #ifdef H5
function download(url: string, name: string): void {
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
}
// #endif
