// The pickup point that this device looks at.
import { reactive } from "vue";
import { emptyBasket } from "./basket";
import { kept } from "./kept";
import { tellServer } from "./settings";

export interface Here {
  id: string;
  name: string;
}

export const place = reactive<{ here: Here | null }>({ here: kept.read<Here | null>("point", null) });

export function choosePoint(here: Here): void {
  if (place.here?.id !== here.id) emptyBasket();
  place.here = here;
  kept.write("point", here);
  tellServer("lintuan-point", here.id);
}

/** Where the device is. */
export function position(): Promise<{ lat: string; lng: string }> {
  return new Promise((found, lost) => {
    // #ifdef H5
    if (!navigator.geolocation) return lost(new Error("no geolocation"));
    navigator.geolocation.getCurrentPosition(({ coords }) => found(rounded(coords)), lost, { timeout: 8000 });
    // #endif
    // #ifndef H5
    uni.getLocation({ type: "wgs84", success: (coords) => found(rounded(coords)), fail: lost });
    // #endif
  });
}

/** A metre is near enough. */
const rounded = ({ latitude, longitude }: { latitude: number; longitude: number }): { lat: string; lng: string } => ({
  lat: latitude.toFixed(5),
  lng: longitude.toFixed(5),
});
