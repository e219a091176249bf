import { beforeEach, describe, expect, it, vi } from "vitest";
import { platform } from "./platform";

let basket: typeof import("../src/shell/basket");
const started = async () => {
  vi.resetModules();
  basket = await import("../src/shell/basket");
};
beforeEach(started);

const offer = (id: string, price_fen: number, sold_out = false) => ({ id, price_fen, sold_out });

describe("the basket", () => {
  it("counts its pieces and what they come to", () => {
    basket.setQuantity("a", 2, 398);
    basket.setQuantity("b", 1, 1290);

    expect([basket.pieces.value, basket.total.value]).toEqual([3, 2086]);
  });

  it("is there again after the client was closed", async () => {
    basket.setQuantity("a", 2, 398);

    await started();

    expect(basket.lines.value).toEqual([{ offer: "a", quantity: 2, price_fen: 398 }]);
  });

  it("agrees with the shelf: what is gone leaves, prices become tonight's", () => {
    basket.setQuantity("a", 2, 398);
    basket.setQuantity("b", 1, 1290);
    basket.setQuantity("of yesterday", 1, 100);

    basket.agreeWithShelf("2026-11-23", [offer("a", 358), offer("b", 1290, true)]);

    expect(basket.lines.value).toEqual([{ offer: "a", quantity: 2, price_fen: 358 }]);
  });

  it("works where nothing can be kept", async () => {
    platform.storage.set("lt.basket", "{broken");
    await started();

    basket.setQuantity("a", 1, 398);

    expect(basket.quantityOf("a")).toBe(1);
  });
});
