// What comes only once it is to be drawn: most first screens have no play. Mini-programs have everything in one package.
import { defineAsyncComponent, type Component } from "vue";
import PlainKind from "../kinds/Plain.vue";

/** Without a network, or after a release, its script may not be there: its words are. */
const played = (): Promise<Component> => import("../plays/Play.vue").then((found): Component => found.default).catch(() => PlainKind);

export const PlayLater = defineAsyncComponent(played);
