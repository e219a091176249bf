// One turn in a play: asked of the server, shown as it lands, then said. What comes out is decided before anything moves.
import { reactive } from "vue";
import { run } from "../actions/run";
import type { Action, Node, PlayPrize, PlayResult } from "../schema";
import { isStill, pause } from "../shell/motion";
import { t } from "../shell/words";

export type Play = Extract<Node, { kind: `play_${string}` }>;
export type Drawing = Extract<Play, { chances?: number | null }>;

/** What came of it; `prize` is null where nothing was won. */
export type Result = PlayResult & { prize: number | null };

export interface Wish {
  value?: string | number;
  /** Which of several things was tapped. */
  at?: string | number;
  /** How it comes to rest; in milliseconds, or until that is done. */
  land?: number | ((result: Result) => Promise<unknown>);
}

export class Turn {
  readonly state = reactive({
    phase: "rest" as "rest" | "asked" | "landing",
    at: null as string | number | null,
    /** Known, and not to be said before it has landed. */
    coming: null as Result | null,
    said: null as Result | null,
  });

  constructor(private readonly prizes: () => PlayPrize[]) {}

  get isBusy(): boolean {
    return this.state.phase !== "rest";
  }

  /** Whether it was done. */
  async take(act: Action, { value, at, land = 0 }: Wish = {}): Promise<boolean> {
    if (this.isBusy) return false;
    Object.assign(this.state, { phase: "asked", at: at ?? null, coming: null, said: null });
    const answered = async (answer: unknown): Promise<void> => {
      const coming = read(answer, act, this.prizes());
      Object.assign(this.state, { phase: "landing", coming });
      if (!isStill()) await (typeof land === "number" ? pause(land) : land(coming));
      Object.assign(this.state, { phase: "rest", said: coming.text ? coming : null });
    };
    try {
      return await run(act, { value, answered });
    } finally {
      this.state.phase = "rest";
    }
  }
}

/** Whatever the server answered, as something that can be shown. */
export function read(answer: unknown, act: Action, prizes: PlayPrize[]): Result {
  const told = (typeof answer === "object" && answer !== null ? answer : {}) as Partial<Result>;
  const prize = Number.isInteger(told.prize) && prizes[told.prize!] ? told.prize! : null;
  const text = typeof told.text === "string" && told.text ? told.text : act.do === "draw" ? inWords(prize, prizes) : "";
  const tone = told.tone ?? (prize === null ? "info" : "good");
  return { ...told, text, prize, tone };
}

const inWords = (prize: number | null, prizes: PlayPrize[]): string =>
  prize === null ? t("这次没有中。", "Nothing this time.") : t(`中了：${prizes[prize]!.name}`, `You won: ${prizes[prize]!.name}`);

/** Prizes as fields of a wheel or a lamp, and one for nothing: how wide they are says nothing about the odds. */
export const fieldsOf = (prizes: PlayPrize[] | undefined): string[] => {
  const names = (prizes ?? []).map((prize) => prize.short || prize.name);
  const nothing = t("没中", "Nothing");
  return names.length ? [...names, nothing] : [nothing, nothing];
};

/** Where among the fields a result lies. */
export const placeOf = (result: Result, fields: string[]): number => result.prize ?? fields.length - 1;
