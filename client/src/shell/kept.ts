// What stays on the device. A full or forbidden storage loses comfort, never a screen.
const FRONT = "lt.";

export const kept = {
  read<T>(key: string, otherwise: T): T {
    try {
      const found = uni.getStorageSync(FRONT + key);
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
};
