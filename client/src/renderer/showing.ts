// What a screen shows: a page asked for by its address, kept current while it is seen.
import { computed, nextTick, reactive, ref } from "vue";
import { finished, unfinished } from "../actions/pay";
import { Refused } from "../shell/api";
import { guess, sync } from "../shell/clock";
import { hush } from "../shell/notices";
import { firstPage, load, recall, remember, type Address } from "../shell/pages";
import { choosePoint, place } from "../shell/place";
import { enter, knownTabs, knowTabs, leave, type ScreenHandle, type Shared } from "../shell/screens";
import { keepSeat } from "../shell/seat";
import { role } from "../shell/session";
import { dayAndHour, t } from "../shell/words";
import { prepare, type Drawn } from "./prepare";

const HOME = "shelf";
const LEADERS_HOME = "tonight";

export class Screen implements ScreenHandle {
  readonly state = reactive({
    page: null as Drawn | null,
    busy: true,
    wrong: "",
    isOffline: false,
    /** What is shown is older than it should be: since when. `wrong` says why. */
    since: "",
  });
  readonly shared = ref<Shared | null>(null);
  readonly title = computed(() => this.state.page?.title ?? "");

  private wanted: Address = { name: "", with: {} };
  private instead: Address | null = null;
  private turn = 0;
  private polling: ReturnType<typeof setTimeout> | undefined;
  private seen = false;

  constructor(private readonly shown: (page: Drawn, isFirst: boolean) => void) {}

  address(): Address {
    return this.wanted;
  }

  isSigningIn(): boolean {
    return this.instead !== null;
  }

  showInstead(address: Address): void {
    this.instead = address;
    void this.read(true);
  }

  /** After a deed: what is asked for is what was wanted, be it instead of signing in. */
  async refresh(): Promise<void> {
    this.instead = null;
    await this.read(true);
  }

  share(content: Shared): void {
    this.shared.value = content;
  }

  async open(asked: Address): Promise<void> {
    if (asked.with.run) keepSeat(asked.with.run);
    const left = asked.name ? null : unfinished();
    this.wanted = left ?? { name: asked.name || (role() === "leader" ? LEADERS_HOME : HOME), with: asked.with };
    const written = left ? null : firstPage(asked.name);
    if (written && (asked.name || role() !== "leader")) return this.begin(written);
    const known = recall(this.wanted);
    if (known) {
      guess(known.page.as_of, Date.now() - known.read);
      this.show(known.page);
    }
    if (!known?.isFresh) await this.read(!known);
  }

  /** Seen, at first or again. */
  onShow(): void {
    enter(this);
    this.seen = true;
    const page = this.state.page;
    if (!page || this.state.busy) return;
    const known = recall(this.instead ?? this.wanted);
    if (!known?.isFresh) void this.read(false);
    else this.poll(page);
  }

  onHide(): void {
    this.seen = false;
    clearTimeout(this.polling);
  }

  onUnload(): void {
    this.onHide();
    this.turn += 1;
    leave(this);
  }

  private begin(page: Drawn | Parameters<typeof prepare>[0]): void {
    remember(this.wanted, page);
    guess(page.as_of);
    void this.signInOr(page);
  }

  private async read(isLoud: boolean): Promise<void> {
    const mine = ++this.turn;
    const address = this.instead ?? this.wanted;
    this.state.busy = true;
    try {
      const page = await load(address);
      if (mine !== this.turn) return;
      guess(page.as_of);
      await this.signInOr(page);
    } catch (wrong) {
      if (mine === this.turn) this.failed(wrong, address, isLoud);
    } finally {
      if (mine === this.turn) this.state.busy = false;
    }
  }

  /** The page, or signing in instead of it where it needs that. */
  private async signInOr(page: Parameters<typeof prepare>[0]): Promise<void> {
    if (page.sign_in && !this.instead && page.name !== "sign_in") {
      this.instead = { name: "sign_in", with: {} };
      return this.read(true);
    }
    this.show(page);
  }

  private show(page: Parameters<typeof prepare>[0]): void {
    const isFirst = this.state.page === null || this.state.page.name !== page.name;
    const drawn = prepare(page);
    Object.assign(this.state, { page: drawn, wrong: "", isOffline: false, since: "", busy: false });
    knowTabs(drawn.tabs);
    this.adoptPoint();
    if (page.name === "paying" && !page.poll) finished();
    this.poll(drawn);
    void sync();
    void nextTick(() => this.shown(drawn, isFirst));
  }

  /** Who comes by a leader's link shops at that point, unless they have chosen one. */
  private adoptPoint(): void {
    const { point } = this.wanted.with;
    if (point && !place.here) choosePoint({ id: point, name: "" });
  }

  private failed(wrong: unknown, address: Address, isLoud: boolean): void {
    if (!(wrong instanceof Refused)) console.error(wrong);
    if (wrong instanceof Refused && wrong.status === 401 && !this.instead) return this.showInstead({ name: "sign_in", with: {} });
    const known = recall(address);
    this.state.isOffline = wrong instanceof Refused && wrong.isOffline;
    this.state.wrong = wrong instanceof Refused ? wrong.message : t("出了点问题，请再试一次。", "Something went wrong; please try again.");
    if (this.state.page && known) this.state.since = dayAndHour(new Date(known.read).toISOString());
    else if (isLoud) this.state.page = null;
    // One answer that did not come is no reason to stop waiting for the next.
    if (this.state.page) this.poll(this.state.page);
  }

  private poll(page: Drawn): void {
    clearTimeout(this.polling);
    if (page.poll && this.seen) this.polling = setTimeout(() => void this.read(false), page.poll * 1000);
  }
}

export const tabsOf = (page: Drawn | null): Drawn["tabs"] => (page ? page.tabs : knownTabs());

export const leaving = (): void => hush();
