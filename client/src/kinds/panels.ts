// What tells those who do not see the screen which tab shows which panel.
let made = 0;

/** A name for tabs that belong together, unlike all others of the screens that are open. */
export const newGroup = (): string => `tabs${++made}`;

export const tabName = (group: string, id: string): string => `${group}-${id}`;
export const panelName = (group: string): string => `${group}--panel`;
