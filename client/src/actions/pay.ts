// Opening the payment. Whether it was paid only the server knows: afterwards the page `paying` asks it.
import type { Pay } from "../schema";
import { ask } from "../shell/api";
import { kept } from "../shell/kept";
import { tellWrong } from "../shell/notices";
import type { Address } from "../shell/pages";
import { current, go, linkOf } from "../shell/screens";
import { t } from "../shell/words";

interface Sheet {
  method?: string;
  /** For a sheet over the page; or the `url` of the provider's own page, or the `code` that a phone scans. */
  parameters: Record<string, string>;
}

const RECOVERED_FOR = 1800_000;

/** Whatever comes of it, the order stands: the screen that placed it gives way to the one that tells how it is. */
export async function pay(action: Pay): Promise<void> {
  const path = action.order ? `/orders/${action.order}/pay` : `/charges/${action.charge}/payment`;
  let paying: Address = { name: "paying", with: action.order ? { order: action.order } : { charge: action.charge ?? "" } };
  kept.write("paying", { ...paying, at: Date.now() });
  try {
    const sheet = await ask<Sheet>({ method: "POST", path, body: action.method ? { method: action.method } : action.order ? undefined : {} });
    if (sheet.parameters.code) paying = { ...paying, with: { ...paying.with, method: sheet.method ?? "" } };
    else if (sheet.parameters.url) return leaveFor(sheet.parameters.url, sheet.method === "wechat_h5", paying);
    if (sheet.parameters.code || (await opened(sheet.parameters, action.counter ?? "", paying))) await show(paying);
  } catch (wrong) {
    await show(paying);
    tellWrong(wrong);
  }
}

function show(paying: Address): Promise<void> {
  const here = current();
  return here && linkOf(here.address()) === linkOf(paying) ? here.refresh() : go(paying, true);
}

/** The payment that was open when the client was last left, once. */
export function unfinished(): Address | null {
  const left = kept.read<(Address & { at: number }) | null>("paying", null);
  kept.drop("paying");
  return left && Date.now() - left.at < RECOVERED_FOR ? { name: left.name, with: left.with } : null;
}

export const finished = (): void => kept.drop("paying");

/** Off to the provider's page; who comes back finds the page that tells how it went. */
function leaveFor(url: string, takesBack: boolean, paying: Address): void {
  // #ifdef H5
  history.replaceState(history.state, "", linkOf(paying));
  location.assign(takesBack ? `${url}&redirect_url=${encodeURIComponent(location.origin + linkOf(paying))}` : url);
  // #endif
}

/** Whether the reader is still here. */
async function opened(parameters: Record<string, string>, counter: string, paying: Address): Promise<boolean> {
  // #ifdef H5
  if (window.WeixinJSBridge) {
    const bridge = window.WeixinJSBridge;
    await new Promise((resolve) => bridge.invoke("getBrandWCPayRequest", parameters, resolve));
    return true;
  }
  if (!counter) throw new Error(t("请在微信中打开本页面支付。", "Please open this page in WeChat to pay."));
  const back = location.origin + linkOf(paying);
  history.replaceState(history.state, "", linkOf(paying));
  const [address, query = ""] = counter.split("?");
  location.assign(`${address}?${new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(query)), ...parameters, back })}`);
  return false;
  // #endif
  // #ifdef MP-WEIXIN
  return new Promise((resolve) => wx.requestPayment(Object.assign({ complete: () => resolve(true) }, parameters)));
  // #endif
  // #ifdef MP-ALIPAY
  return new Promise((resolve) => my.tradePay({ tradeNO: parameters.tradeNO ?? "", complete: () => resolve(true) }));
  // #endif
}
