// What stays on the device. A full or forbidden storage loses comfort, never a screen.
const FRONT = "lt.";

export const kept = {
  read<T>(key: string, otherwise: T): T {
    try {
      let found: string | null = null;
      // #ifdef H5
      // uni-app throws where nothing is kept, and for the first error's stack a browser reads the whole script again.
      found = localStorage.getItem(FRONT + key);
      // #endif
      // #ifndef H5
      found = uni.getStorageSync(FRONT + key);
      // #endif
      return found ? (JSON.parse(found) as T) : otherwise;
    } catch {
      return otherwise;
    }
  },
  write(key: string, value: unknown): void {
    try {
      uni.setStorageSync(FRONT + key, JSON.stringify(value));
    } catch {
      // The value lives on in memory until the client is closed.
    }
  },
  drop(key: string): void {
    try {
      uni.removeStorageSync(FRONT + key);
    } catch {
      // Nothing was kept, then.
    }
  },
  /** The keys that begin so. */
  names(front: string): string[] {
    try {
      return uni.getStorageInfoSync().keys.flatMap((key) => (key.startsWith(FRONT + front) ? [key.slice(FRONT.length)] : []));
    } catch {
      return [];
    }
  },
};
