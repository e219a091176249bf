// Confirming in WeChat that money comes to the reader; whether they did, only the server knows.
import type { ConfirmTransfer } from "../schema";
import { ask } from "../shell/api";
import { tell } from "../shell/notices";
import { t } from "../shell/words";

interface Confirmation {
  fields: Record<string, string>;
}

/** Whether WeChat was opened with it. */
export async function confirmTransfer(action: ConfirmTransfer): Promise<boolean> {
  // #ifdef MP-WEIXIN
  if (wx.requestMerchantTransfer) {
    const { fields } = await ask<Confirmation>({ method: "GET", path: action.path });
    await new Promise<void>((resolve) => wx.requestMerchantTransfer?.(Object.assign({ complete: () => resolve() }, fields)));
    return true;
  }
  // #endif
  // #ifdef H5
  if (window.WeixinJSBridge) {
    const { fields } = await ask<Confirmation>({ method: "GET", path: action.path });
    const bridge = window.WeixinJSBridge;
    await new Promise((resolve) => bridge.invoke("requestMerchantTransfer", fields, resolve));
    return true;
  }
  // #endif
  tell(`${action.text}\n${t("请在新版微信中打开本页面。", "Please open this page in a recent WeChat.")}`, "info");
  return false;
}
