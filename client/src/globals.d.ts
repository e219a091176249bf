/// <reference types="@dcloudio/types" />

/** Where the server is, seen from a mini-program; empty on H5, which comes from the server itself. */
declare const __LINTUAN_HOST__: string;

/** WeChat's own browser puts it there. */
interface Window {
  WeixinJSBridge?: { invoke(name: string, parameters: Record<string, string>, done: (answer: unknown) => void): void };
  BarcodeDetector?: new (options: { formats: string[] }) => { detect(image: ImageBitmap): Promise<{ rawValue: string }[]> };
}

interface Done {
  complete(): void;
}

declare const wx: {
  requestPayment(sheet: object): void;
  /** From library 3.3.0 on. */
  requestMerchantTransfer?(transfer: object): void;
  showShareImageMenu(wish: { path: string } & Done): void;
};
declare const my: {
  tradePay(trade: { tradeNO: string } & Done): void;
  requestSubscribeMessage(wish: { entityIds: string[] } & Done): void;
};
