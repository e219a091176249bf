// Written by tools/icons.mjs.
export const ICONS = new Set(
  "alert-triangle arrow-left basket bell building-store calendar camera cash check checks chevron-right circle-check clock coin copy discount download gift heart home info-circle leaf list-check map-pin message minus moon-stars package percentage phone photo pig-money plus printer qrcode receipt refresh scan search settings share shopping-bag shopping-cart star tag ticket truck-delivery user user-circle users wifi-off world x backspace arrow-back-up language text-size file-text chart-bar shield-check trash".split(" "),
);
