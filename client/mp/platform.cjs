// What WeChat's runtime gives a mini-program, as far as this one uses it.
const storage = new Map();

global.asked = [];
global.answer = () => ({ statusCode: 200, data: {} });
global.went = [];

const handler = { get: (target, name) => (name in target ? target[name] : () => undefined) };

global.wx = new Proxy({
  request({ url, method = "GET", data, success }) {
    const wish = { url, method, body: typeof data === "string" ? JSON.parse(data) : data };
    global.asked.push(wish);
    Promise.resolve().then(() => success?.(global.answer(wish)));
    return { abort() {} };
  },
  getStorageSync: (key) => storage.get(key) ?? "",
  setStorageSync: (key, value) => void storage.set(key, value),
  removeStorageSync: (key) => void storage.delete(key),
  navigateTo: ({ url, success }) => (global.went.push(url), success?.({})),
  redirectTo: ({ url, success }) => (global.went.push(url), success?.({})),
  reLaunch: ({ url, success }) => (global.went.push(url), success?.({})),
  setNavigationBarTitle: () => undefined,
  getSystemInfoSync: () => ({ platform: "devtools", language: "zh_CN", SDKVersion: "3.0.0" }),
  getAppBaseInfo: () => ({ language: "zh_CN", SDKVersion: "3.0.0", theme: "light" }),
  getDeviceInfo: () => ({ platform: "devtools" }),
  getWindowInfo: () => ({ windowWidth: 390, pixelRatio: 3 }),
  getLaunchOptionsSync: () => ({ path: "pages/page/page", query: {}, scene: 1001 }),
  canIUse: () => true,
  onAppShow() {}, onAppHide() {}, onNetworkStatusChange() {}, onThemeChange() {},
}, handler);
global.uni = undefined;
global.App = (app) => { global.theApp = app; };
global.Page = () => undefined;
global.getApp = () => global.theApp;
global.getCurrentPages = () => [{}];
