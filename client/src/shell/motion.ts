// Whether and how things move: readers who asked for stillness see results at once.

/** Asked each time: it can be changed while the client runs. A mini-program is not told; there styles alone obey. */
export function isStill(): boolean {
  // #ifdef H5
  return typeof matchMedia === "function" && matchMedia("(prefers-reduced-motion: reduce)").matches;
  // #endif
  // #ifndef H5
  return false;
  // #endif
}

export const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

interface Force {
  x: number;
  y: number;
  z: number;
}

/** In units of gravity, resting at one. */
const STRONG = 2.2;

/** Calls back each time the phone is shaken, until what it answers is called. */
export function onShake(shaken: () => void): () => void {
  const felt = ({ x, y, z }: Force): void => {
    if (Math.sqrt(x * x + y * y + z * z) > STRONG) shaken();
  };
  // #ifdef H5
  const moved = ({ accelerationIncludingGravity: at }: DeviceMotionEvent): void => {
    if (at) felt({ x: (at.x ?? 0) / 9.81, y: (at.y ?? 0) / 9.81, z: (at.z ?? 0) / 9.81 });
  };
  window.addEventListener("devicemotion", moved);
  return () => window.removeEventListener("devicemotion", moved);
  // #endif
  // #ifndef H5
  uni.onAccelerometerChange(felt);
  return () => {
    uni.offAccelerometerChange(felt);
    uni.stopAccelerometer({});
  };
  // #endif
}
