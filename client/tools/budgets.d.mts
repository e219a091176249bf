export type Sizes = Record<"first_screen_gzip_kb" | "mp_weixin_main_kb" | "mp_alipay_kb", number>;
export const BUDGETS: Sizes;
export function measure(built?: string): Sizes;
export function exceeded(sizes: Partial<Sizes>): string[];
export function isBuilt(): boolean;
