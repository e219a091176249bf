// Written by tools/schema.mjs from lintuan/pages/schema/page-1.json; do not edit.

/** The greatest schema that this client knows. */
export const SCHEMA = 1;

export type Action = Navigate | Back | Refresh | Open | Call | Add | TakeOut | SetQuantity | EmptyBasket | PlaceOrder | Pay | ConfirmTransfer | Join | Draw | OpenRun | CheckIn | Vote | Answer | PlayGame | Share | Subscribe | Copy | Dial | Scan | SignIn | Enter | SignOut | ChoosePoint | ChooseLanguage | ChooseSize | Place | Print | SavePicture | SaveFile | Tell | Several;

/** Put units of an offer into the basket on this device. */
export interface Add {
  do: "add";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  offer: string;
  quantity?: number;
  /** whole fen */
  price_fen: number;
}

/** Answer a question or name a price: the value is merged into `body` under `name`. */
export interface Answer {
  do: "answer";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** an address on this server, beginning with / */
  path: string;
  body?: Record<string, unknown>;
  /** what follows once it is done; a string "$name" in it stands for the answer's member `name` */
  done?: Action[];
  name?: string;
}

/** To the page before. */
export interface Back {
  do: "back";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
}

export interface Banner {
  kind: "banner";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  lines?: string[];
  picture?: Picture | null;
}

/** Shows the basket on this device and what it comes to; not shown while it is empty. */
export interface BasketBar {
  kind: "basket_bar";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  to: Action;
}

export interface BasketLine {
  offer: Offer;
  quantity: number;
  /** why it is not to be had as it stands */
  why?: string;
}

/** The basket on this device, with its steppers. */
export interface BasketLines {
  kind: "basket_lines";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  lines: BasketLine[];
}

export interface Block {
  type: "h" | "li" | "p";
  text: string;
}

export interface Button {
  label: string;
  style?: "danger" | "main" | "plain";
  tap: Action;
  /** why it cannot be pressed now */
  disabled?: string;
}

export interface Buttons {
  kind: "buttons";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  items: Button[];
}

/** Ask the API to do something; a form's values are merged into `body` under their names, dots leading inwards. */
export interface Call {
  do: "call";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  method: "DELETE" | "GET" | "POST" | "PUT";
  /** an address on this server, beginning with / */
  path: string;
  body?: Record<string, unknown>;
  /** send an Idempotency-Key, the same for the same content */
  idempotent?: boolean;
  /** a question to be answered with yes first */
  ask?: string;
  /** what follows once it is done; a string "$name" in it stands for the answer's member `name` */
  done?: Action[];
}

export interface Category {
  id: string;
  title: string;
}

export interface Certificate {
  title: string;
  number: string;
  on?: string | null;
}

/** Say that one is here today. */
export interface CheckIn {
  do: "check_in";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** an address on this server, beginning with / */
  path: string;
  body?: Record<string, unknown>;
  /** what follows once it is done; a string "$name" in it stands for the answer's member `name` */
  done?: Action[];
}

export interface Choice {
  value: string;
  label: string;
  note?: string;
}

export interface ChooseLanguage {
  do: "choose_language";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  lang: "en" | "zh-hans";
}

/** Remember the pickup point on this device; the basket of another point is emptied. */
export interface ChoosePoint {
  do: "choose_point";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  point: string;
  name?: string;
}

/** Remember the size of type on this device. */
export interface ChooseSize {
  do: "choose_size";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  size: "large" | "normal";
}

/** GET `path` and hand its `fields` to WeChat, where the reader confirms that money comes to them; then the page is asked for again. Where there is no WeChat, `text` is shown. */
export interface ConfirmTransfer {
  do: "confirm_transfer";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** an address on this server, beginning with / */
  path: string;
}

export interface Copy {
  do: "copy";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  content: string;
}

/** Counts by the server's clock; at the end the page is asked for again. */
export interface Countdown {
  kind: "countdown";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  until: string;
  label: string;
  /** shown once the moment has passed */
  over: string;
}

export interface Coupon {
  kind: "coupon";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** whole fen */
  amount_fen: number;
  until: string;
  state: "open" | "over" | "used";
}

export interface Dial {
  do: "dial";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  number: string;
}

/** A line between what belongs apart. */
export interface Divider {
  kind: "divider";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
}

/** Draw a lot or open a packet. */
export interface Draw {
  do: "draw";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** an address on this server, beginning with / */
  path: string;
  body?: Record<string, unknown>;
  /** what follows once it is done; a string "$name" in it stands for the answer's member `name` */
  done?: Action[];
  /** the member of the body that gets what the client itself drew, its Idempotency-Key; '': none */
  nonce?: string;
}

/** Goods for one pickup point. Where `sign` is, the reader counts: what is wrong goes into its body as `discrepancies`: [{sku_code, short, damaged, photos}]. */
export interface Drop {
  id: string;
  title: string;
  state: string;
  state_text: string;
  note?: string;
  lines: DropLine[];
  sign?: Call | null;
  /** where a photo of what is wrong is posted, as a field's `send` */
  photo?: string;
}

/** Units of a SKU in a drop: `quantity` were sent. */
export interface DropLine {
  name: string;
  spec?: string;
  unit?: string;
  quantity: number;
  picture?: Picture | null;
  code: string;
  short?: number;
  damaged?: number;
  photos?: Picture[];
}

export interface Empty {
  kind: "empty";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  lines?: string[];
  picture?: Picture | null;
  /** where there is no picture: a name of the client's icons */
  icon?: string;
  to?: Action | null;
}

/** Empty the basket on this device. */
export interface EmptyBasket {
  do: "empty_basket";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
}

/** POST a form to `path`, keep the session that it answers, and go on where signing in was asked for. */
export interface Enter {
  do: "enter";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** an address on this server, beginning with / */
  path: string;
  body?: Record<string, unknown>;
  /** where nothing asked for it */
  then?: Action[];
}

export interface Error {
  kind: "error";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  lines?: string[];
  retry?: Action | null;
}

export interface Fact {
  label: string;
  value: string;
}

export interface Facts {
  kind: "facts";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  rows: Fact[];
}

/** A value a form asks for. `name` says where in the body it goes: `lines.0.quantity` leads inwards. */
export interface Field {
  name: string;
  label: string;
  type: "choice" | "choices" | "code" | "consent" | "number" | "phone" | "photo" | "text" | "textarea";
  required?: boolean;
  /** what stands in it at first; of a consent, what is sent once it is ticked */
  value?: string | number | boolean | string[] | null;
  choices?: Choice[];
  min?: number | null;
  /** of a number the greatest, of words their length, of photos how many */
  max?: number | null;
  help?: string;
  picture?: Picture | null;
  /** of a code: where {phone} is posted to have one sent. Of a photo: where the file is posted (multipart, part `photo`); the answer's `key` is the field's value, a list where `max` is more than one */
  send?: string;
  /** to read more before consenting */
  more?: Action | null;
}

export interface Form {
  kind: "form";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  fields: Field[];
  /** a call or enter gets the values merged into its body */
  submit: Action;
}

/** Units of something, to collect or to hand out. */
export interface Goods {
  name: string;
  spec?: string;
  unit?: string;
  quantity: number;
  picture?: Picture | null;
}

export interface GroupBoard {
  kind: "group_board";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  have: number;
  need: number;
  until: string;
  /** masked */
  names?: string[];
  join?: Action | null;
}

/** The leader's screen at the door; works without a network. GET `source` answers {"pickups": [...]}; a code is posted to `collect`, at once or when the network is back, each with its own Idempotency-Key. */
export interface Handout {
  kind: "handout";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  /** an address on this server, beginning with / */
  source: string;
  /** an address on this server, beginning with / */
  collect: string;
  day: string;
  sale_on: string;
  digits?: number;
  /** seconds in which a hand-out can be undone: it is posted after them */
  grace?: number;
}

export interface Heading {
  kind: "heading";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  more?: Action | null;
}

export interface Hint {
  title: string;
  note?: string;
}

export interface Image {
  kind: "image";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  picture: Picture;
}

/** Take a place: in a group, a team, a draw. */
export interface Join {
  do: "join";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** an address on this server, beginning with / */
  path: string;
  body?: Record<string, unknown>;
  /** what follows once it is done; a string "$name" in it stands for the answer's member `name` */
  done?: Action[];
}

export interface LanguageSwitch {
  kind: "language_switch";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  current: string;
  choices: Choice[];
}

export interface LeaderCard {
  kind: "leader_card";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  name: string;
  note?: string;
  picture?: Picture | null;
  hours?: string;
  dial?: Dial | null;
}

export interface List {
  kind: "list";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  rows: Row[];
}

export interface Metric {
  label: string;
  value: string;
  note?: string;
  tap?: Action | null;
}

export interface MetricRow {
  kind: "metric_row";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  items: Metric[];
}

/** Open a page. */
export interface Navigate {
  do: "navigate";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  page: string;
  /** the parameters of a page */
  with?: Record<string, string>;
  /** in place of the page it is on */
  replace?: boolean;
}

/** Neighbours around who bought it, counted only where enough did. */
export interface Nearby {
  count: number;
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
}

export type Node = Plain | Banner | Notice | Countdown | Heading | OfferGrid | OfferList | OfferCard | Product | PriceHistory | BasketBar | Quote | BasketLines | Coupon | RichText | Image | Video | LeaderCard | PointPicker | GroupBoard | Progress | Form | SharePanel | Poster | OrderList | Order | PickupCode | StatusLine | Empty | Error | Buttons | Facts | List | MetricRow | Divider | Steps | LanguageSwitch | TextSize | Handout | Receive | PickList | Section | Tabs | PlayBoard | PlayMeter | PlayStreak | PlayRanking | PlayWheel | PlayGrid | PlayScratch | PlayEggs | PlayReels | PlayShake | PlayClaw | PlayDice | PlayLamp | PlayBoxes | PlayRain | PlayQuiz | PlayVote | PlayPlot | PlayCards | PlayTasks | PlayPrice | PlayCoupon;

/** A line that cannot be ordered as it stands, and why. */
export interface NotQuoted {
  offer: string;
  name?: string;
  reason: string;
}

export interface Notice {
  kind: "notice";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  tone?: "bad" | "good" | "info" | "warn";
  title: string;
  lines?: string[];
}

/** An offer as one sees it before choosing. */
export interface Offer {
  id: string;
  name: string;
  spec?: string;
  unit?: string;
  /** whole fen */
  price_fen: number;
  /** only where the law on prices allows a struck-through one */
  list_fen?: number | null;
  per_unit?: string;
  picture: Picture;
  category?: string;
  /** only where few are left */
  left?: number | null;
  /** units one order may hold */
  limit?: number | null;
  sold_out?: boolean;
  notes?: string[];
  nearby?: Nearby | null;
  score?: Score | null;
  tap?: Action | null;
}

export interface OfferCard {
  kind: "offer_card";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  offer: Offer;
}

/** Offers side by side. */
export interface OfferGrid {
  kind: "offer_grid";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  offers: Offer[];
  source?: Source | null;
  search?: boolean;
  categories?: Category[];
  /** why nothing can be put into the basket now; empty: it can */
  closed?: string;
}

/** Offers one below the other. */
export interface OfferList {
  kind: "offer_list";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  offers: Offer[];
  source?: Source | null;
  search?: boolean;
  categories?: Category[];
  /** why nothing can be put into the basket now; empty: it can */
  closed?: string;
}

/** Open an address outside of the client. */
export interface Open {
  do: "open";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  url: string;
}

/** Open a round of one's own, that others can join. */
export interface OpenRun {
  do: "open_run";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** an address on this server, beginning with / */
  path: string;
  body?: Record<string, unknown>;
  /** what follows once it is done; a string "$name" in it stands for the answer's member `name` */
  done?: Action[];
  /** a question to be answered with yes first */
  ask?: string;
}

export interface Order {
  kind: "order";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  id: string;
  number: string;
  state: string;
  state_text: string;
  tone?: "bad" | "good" | "info" | "warn";
  lines: OrderedLine[];
  /** whole fen */
  amount_fen: number;
  /** whole fen */
  refunded_fen?: number;
  promise?: string;
  change_until?: string | null;
}

export interface OrderCard {
  id: string;
  number: string;
  state: string;
  state_text: string;
  tone?: "bad" | "good" | "info" | "warn";
  title: string;
  summary: string;
  /** whole fen */
  amount_fen: number;
  tap?: Action | null;
}

export interface OrderLine {
  offer: string;
  quantity: number;
  /** whole fen */
  price_fen: number;
}

export interface OrderList {
  kind: "order_list";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  orders: OrderCard[];
}

export interface OrderedLine {
  name: string;
  spec?: string;
  unit?: string;
  picture?: Picture | null;
  quantity: number;
  /** whole fen */
  price_fen: number;
  /** whole fen */
  amount_fen: number;
  notes?: string[];
  tap?: Action | null;
}

/** What one screen shows. `body` scrolls, `foot` sticks to the bottom. */
export interface Page {
  /** a greater one than a client knows: it shows the text of all nodes */
  schema: number;
  name: string;
  title: string;
  lang: "en" | "zh-hans";
  as_of: string;
  /** seconds after which it is asked for again when it is seen again */
  fresh_for: number;
  tabs?: Tab[];
  /** the tab it belongs to; empty: none */
  tab?: string;
  body?: Node[];
  foot?: Node[];
  /** open signing in, then ask again */
  sign_in?: boolean;
  /** it depends on the basket of the device, and was asked for without: POST for it */
  basket?: boolean;
  /** seconds after which to ask again while it is seen; 0: never */
  poll?: number;
}

/** POST /api/v1/orders/{order}/pay (or /charges/{charge}/payment), open it, then the page `paying`. */
export interface Pay {
  do: "pay";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  order?: string;
  charge?: string;
  /** how to pay; '': as clients of any age know */
  method?: string;
  /** a demonstration's page to pay at where there is no WeChat: parameters and `back` are added */
  counter?: string;
}

export interface PickGroup {
  title: string;
  note?: string;
  rows: PickRow[];
}

export interface PickList {
  kind: "pick_list";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  by: "person" | "product";
  groups: PickGroup[];
}

export interface PickPoint {
  id: string;
  name: string;
  address: string;
  metres?: number | null;
  open: boolean;
  /** why it is not open */
  why?: string;
  note?: string;
  tap?: Action | null;
}

export interface PickRow {
  label: string;
  quantity: number;
  unit?: string;
  note?: string;
  done?: boolean;
}

export interface PickupCode {
  kind: "pickup_code";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  code: string;
  /** the code in groups that are easy to read out */
  digits: string;
  qr: Qr;
  /** whose goods, where and when */
  for: string;
  items?: Goods[];
  /** to let someone else collect */
  proxy?: Action | null;
}

/** Always with its size, so that nothing jumps when it comes. */
export interface Picture {
  src: string;
  /** empty: it only adorns */
  alt?: string;
  width: number;
  height: number;
  /** a colour to show before it has come */
  tint?: string;
}

/** Ask the device where it is and open the page with `lat` and `lng`. */
export interface Place {
  do: "place";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  page: string;
  /** the parameters of a page */
  with?: Record<string, string>;
}

/** POST /api/v1/orders with `lines`, or with the basket on this device, which an order empties. */
export interface PlaceOrder {
  do: "order";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  point: string;
  /** the household basket whose open lines these are */
  basket?: string;
  /** everybody's lines of that basket */
  together?: boolean;
  /** empty: those of the basket on this device */
  lines?: OrderLine[];
  /** what was shown that rewards save, in whole fen; agreed with it */
  saved_fen?: number;
  /** the round of a play that the order takes a seat in */
  run?: string;
  /** what follows once it is done; a string "$name" in it stands for the answer's member `name` */
  done?: Action[];
}

/** Words. */
export interface Plain {
  kind: "plain";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
}

export interface PlayBid {
  /** masked */
  name: string;
  /** whole fen */
  fen: number;
  own?: boolean;
  /** that it is automatic, say, or taken */
  note?: string;
}

/** A group that fills. */
export interface PlayBoard {
  kind: "play_board";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  have: number;
  need: number;
  names?: string[];
  /** masked */
  opener?: string;
}

/** Boxes or packets, one of which is opened. */
export interface PlayBoxes {
  kind: "play_boxes";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  /** tickets the reader may play now; null: not counted, 0: `act` is not offered */
  chances?: number | null;
  /** of them, opened ones included */
  count: number;
  opened?: PlayPacket[];
}

export interface PlayCard {
  name: string;
  have?: number;
  note?: string;
  picture?: Picture | null;
  tap?: Action | null;
}

/** A set of different ones to collect. */
export interface PlayCards {
  kind: "play_cards";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  cards: PlayCard[];
}

/** A claw that reaches down. */
export interface PlayClaw {
  kind: "play_claw";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  /** tickets the reader may play now; null: not counted, 0: `act` is not offered */
  chances?: number | null;
}

/** Something off, or something given, and how to get it. */
export interface PlayCoupon {
  kind: "play_coupon";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  /** what it is worth, in a few signs */
  amount: string;
  condition?: string;
  until?: string | null;
  /** to be told at the counter or in the group */
  code?: string;
}

export interface PlayDay {
  label: string;
  state: "done" | "missed" | "next" | "today";
  gift?: string;
}

/** Dice in a bowl. */
export interface PlayDice {
  kind: "play_dice";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  /** tickets the reader may play now; null: not counted, 0: `act` is not offered */
  chances?: number | null;
  dice?: number;
}

/** Eggs, one of which is broken. */
export interface PlayEggs {
  kind: "play_eggs";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  /** tickets the reader may play now; null: not counted, 0: `act` is not offered */
  chances?: number | null;
  count?: number;
}

export interface PlayEntry {
  id: string;
  title: string;
  note?: string;
  picture?: Picture | null;
  /** null: not told while it is open */
  votes?: number | null;
  /** the reader voted for it */
  own?: boolean;
  /** votes for it, or takes that back */
  act?: Action | null;
}

/** Play a game of skill: its points are merged into `body` under `name`. */
export interface PlayGame {
  do: "play";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** an address on this server, beginning with / */
  path: string;
  body?: Record<string, unknown>;
  /** what follows once it is done; a string "$name" in it stands for the answer's member `name` */
  done?: Action[];
  name?: string;
}

/** Eight fields around a button, and a light that runs. */
export interface PlayGrid {
  kind: "play_grid";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  /** tickets the reader may play now; null: not counted, 0: `act` is not offered */
  chances?: number | null;
}

/** A light that runs along the prizes. */
export interface PlayLamp {
  kind: "play_lamp";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  /** tickets the reader may play now; null: not counted, 0: `act` is not offered */
  chances?: number | null;
}

/** What is given at a level. */
export interface PlayLevel {
  at: string;
  gift: string;
  state?: "done" | "next" | "now";
}

/** A sum that grows to its levels. */
export interface PlayMeter {
  kind: "play_meter";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  value: number;
  target: number;
  /** value and target in words */
  label?: string;
  /** where the levels are */
  marks?: number[];
}

/** A number that is asked for. */
export interface PlayNumber {
  min: number;
  max: number;
  step?: number;
  /** what stands there at first; null: the middle */
  value?: number | null;
  /** fen: shown in yuan; else words behind it */
  unit?: string;
}

/** One that was opened. */
export interface PlayPacket {
  /** masked */
  name: string;
  value: string;
  note?: string;
  own?: boolean;
  best?: boolean;
}

export interface PlayPlace {
  place: number;
  /** masked */
  name: string;
  value?: string;
  gift?: string;
  own?: boolean;
}

/** Something that grows by being watered. */
export interface PlayPlot {
  kind: "play_plot";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  value: number;
  target: number;
  /** the names of its stages, from seed to fruit */
  stages: string[];
  /** of `stages`, from 0 */
  stage: number;
  /** who watered it, masked, a line each */
  helpers?: string[];
}

/** A price of its own: one that falls, steps down, or is haggled over, never below `floor_fen`. */
export interface PlayPrice {
  kind: "play_price";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  /** whole fen */
  now_fen: number;
  /** the price of the day; only where the law on prices allows it */
  day_fen?: number | null;
  /** as low as it can get */
  floor_fen?: number | null;
  offer?: Offer | null;
  steps?: PlayPriceStep[];
  /** when it falls next; then the page is asked for again */
  falls_at?: string | null;
  bids?: PlayBid[];
  /** a price to name: `act` is an `answer` and gets it */
  bid?: PlayNumber | null;
}

export interface PlayPriceStep {
  label: string;
  /** whole fen */
  fen: number;
  state?: "done" | "next" | "now";
}

/** A line of the prize table; its place in the list is the `prize` of a result. */
export interface PlayPrize {
  name: string;
  /** where there is room for a few signs only; empty: the name */
  short?: string;
  /** in words, as the terms have them */
  odds: string;
  /** of its stock, in words */
  left?: string;
  picture?: Picture | null;
}

/** How far it is: `label` says it all, `value` of `target` draws it. */
export interface PlayProgress {
  label: string;
  value: number;
  target?: number | null;
  /** what is missing, in words */
  left?: string;
}

/** What lets anybody recompute a draw. */
export interface PlayProof {
  /** SHA-256 of the seed, shown before the first ticket */
  commitment: string;
  /** shown once the run is over */
  seed?: string;
  /** to the page that recomputes it */
  tap?: Action | null;
}

/** `act` is an `answer`; without it the question is closed. It is answered by one of `choices`, or a `number`. */
export interface PlayQuestion {
  id: string;
  title: string;
  note?: string;
  picture?: Picture | null;
  choices?: Choice[];
  number?: PlayNumber | null;
  /** the reader's answer: a value of `choices`, or words */
  given?: string;
  /** the right one, likewise, once it may be known */
  right?: string;
  /** where that is from */
  source?: string;
  act?: Action | null;
}

/** Questions, one after the other. */
export interface PlayQuiz {
  kind: "play_quiz";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  questions: PlayQuestion[];
}

/** A game of some seconds: what falls is caught; `act` is a `play` and gets how many were. */
export interface PlayRain {
  kind: "play_rain";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  seconds?: number;
  /** how many fall in that time */
  drops?: number;
  /** a name of the client's icons: what falls */
  icon?: string;
  /** tickets the reader may play now; null: not counted, 0: `act` is not offered */
  chances?: number | null;
}

/** Who is ahead. */
export interface PlayRanking {
  kind: "play_ranking";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  places: PlayPlace[];
}

/** Three reels: three alike for a prize. */
export interface PlayReels {
  kind: "play_reels";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  /** tickets the reader may play now; null: not counted, 0: `act` is not offered */
  chances?: number | null;
}

/** What came of a deed. The API answers a deed with the same fields, `text` being the only one it should not lack; of a draw also `prize`, which is null where nothing was won. */
export interface PlayResult {
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  tone?: "bad" | "good" | "info" | "warn";
  /** its place among `prizes` */
  prize?: number | null;
  /** of dice, 1 to 6 each; empty: all alike for a prize */
  faces?: number[];
  /** of a question: the value that is right */
  right?: string;
  /** run:unit:n:nonce, to be recomputed */
  ticket?: string;
  /** what to do with it */
  tap?: Action | null;
}

/** A card to be scratched. */
export interface PlayScratch {
  kind: "play_scratch";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  /** tickets the reader may play now; null: not counted, 0: `act` is not offered */
  chances?: number | null;
}

/** The phone is shaken, or a button pressed. */
export interface PlayShake {
  kind: "play_shake";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  /** tickets the reader may play now; null: not counted, 0: `act` is not offered */
  chances?: number | null;
}

/** How the reader stands, or their household, building, team. */
export interface PlayStanding {
  label: string;
  value?: string;
  note?: string;
}

/** Days in a row. */
export interface PlayStreak {
  kind: "play_streak";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  days: PlayDay[];
}

export interface PlayTask {
  title: string;
  note?: string;
  gift?: string;
  value?: number | null;
  target?: number | null;
  state?: "done" | "open" | "over";
  act?: Action | null;
}

/** Things to do, each with what it gives. */
export interface PlayTasks {
  kind: "play_tasks";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  tasks: PlayTask[];
}

/** Entries to vote for. */
export interface PlayVote {
  kind: "play_vote";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  entries: PlayEntry[];
}

/** A wheel that turns. */
export interface PlayWheel {
  kind: "play_wheel";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  /** object, way, conditions, beginning and end, in words; may have lines */
  terms: string;
  lines?: string[];
  picture?: Picture | null;
  state?: "done" | "open" | "over";
  /** what the state means, or why nothing can be done now */
  state_text?: string;
  /** at the end the page is asked for again */
  ends_at?: string | null;
  /** shown once it has ended */
  over?: string;
  progress?: PlayProgress | null;
  own?: PlayStanding[];
  levels?: PlayLevel[];
  prizes?: PlayPrize[];
  proof?: PlayProof | null;
  /** who pays for what it gives, in words */
  funding?: string;
  /** what last came of it for the reader */
  result?: PlayResult | null;
  /** what there is to do in it now */
  act?: Action | null;
  /** beside that: share, open one's own, see more */
  buttons?: Button[];
  /** tickets the reader may play now; null: not counted, 0: `act` is not offered */
  chances?: number | null;
}

export interface PointPicker {
  kind: "point_picker";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  points: PickPoint[];
  asks_place?: boolean;
  /** to sort them by distance */
  place?: Action | null;
  /** found by words, of which the page `points` is asked for with them as `q`: not all are here */
  search?: boolean;
}

/** A picture to make of these and keep. */
export interface Poster {
  kind: "poster";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title: string;
  lines?: string[];
  picture?: Picture | null;
  qr: Qr;
}

export interface PriceHistory {
  kind: "price_history";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  points: PriceOn[];
  note?: string;
}

export interface PriceOn {
  on: string;
  /** whole fen */
  fen: number;
}

/** Print the page. */
export interface Print {
  do: "print";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
}

export interface Product {
  kind: "product";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  offer: Offer;
  gallery?: Picture[];
  origin?: string;
  storage?: string;
  facts?: Fact[];
  certificates?: Certificate[];
}

export interface Progress {
  kind: "progress";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  value: number;
  of: number;
  label?: string;
}

/** A QR code as one SVG path on a square of `size` units, quiet zone included. */
export interface Qr {
  path: string;
  size: number;
}

export interface Quote {
  kind: "quote";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  steps: QuoteStep[];
  /** whole fen */
  to_pay_fen: number;
  refusals?: NotQuoted[];
}

export interface QuoteStep {
  label: string;
  /** whole fen */
  fen: number;
  why?: string;
}

export interface Receive {
  kind: "receive";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  drops: Drop[];
}

/** Ask for the same page again. */
export interface Refresh {
  do: "refresh";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
}

export interface RichText {
  kind: "rich_text";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  blocks: Block[];
}

export interface Row {
  title: string;
  note?: string;
  value?: string;
  badge?: string;
  tone?: "bad" | "good" | "info" | "warn";
  picture?: Picture | null;
  tap?: Action | null;
}

/** GET the path as who is signed in and keep the answer as a file. */
export interface SaveFile {
  do: "save_file";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** an address on this server, beginning with / */
  path: string;
  name: string;
}

/** Keep a picture among the device's own; without `src`, the poster beside it. */
export interface SavePicture {
  do: "save_picture";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  src?: string;
}

/** Read a code with the camera; what it says is a form's field `name`, or the parameter `name` of a page. */
export interface Scan {
  do: "scan";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  name?: string;
  page?: string;
}

export interface Score {
  value_permille: number;
  reviews: number;
  /** how many independent opinions they are worth */
  effective: number;
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
}

export interface Section {
  kind: "section";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  title?: string;
  children: Node[];
}

/** Make the units of an offer in the basket on this device these. */
export interface SetQuantity {
  do: "set_quantity";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  offer: string;
  quantity: number;
  /** whole fen */
  price_fen: number;
}

/** One after the other, until one fails. */
export interface Several {
  do: "several";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  actions: Action[];
}

/** Hand something over to be shared: with the platform's own sheet, else by copying. */
export interface Share {
  do: "share";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  form: "card" | "link" | "picture" | "text";
  title: string;
  content: string;
  picture?: string;
  /** the page a card opens */
  page?: string;
  /** the parameters of a page */
  with?: Record<string, string>;
}

export interface ShareForm {
  form: "card" | "link" | "picture" | "text";
  title: string;
  content: string;
  tap: Action;
}

export interface SharePanel {
  kind: "share_panel";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  forms: ShareForm[];
}

/** Open the page `sign_in`, and afterwards do `then`. */
export interface SignIn {
  do: "sign_in";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  then?: Action[];
}

/** End the session here and at the server (POST /api/v1/sign-out). */
export interface SignOut {
  do: "sign_out";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  ask?: string;
}

/** Where the rest of a list is: GET `path` answers {"offers": [...]} as the API's shelf does. */
export interface Source {
  /** an address on this server, beginning with / */
  path: string;
  /** how many of them stand here already */
  from: number;
  /** what a tap on one of them opens, with its id as `offer` */
  page?: string;
}

export interface StatusLine {
  kind: "status_line";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  steps: Step[];
}

export interface Step {
  label: string;
  at?: string | null;
  state: "done" | "next" | "now";
}

/** How something is done, in order. */
export interface Steps {
  kind: "steps";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  items: Hint[];
}

/** Ask for leave to send messages about these. */
export interface Subscribe {
  do: "subscribe";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  topics: string[];
}

export interface Tab {
  id: string;
  title: string;
  /** a name of the client's icons; an unknown one is left out */
  icon: string;
  page: string;
  /** the parameters of a page */
  with?: Record<string, string>;
  badge?: number | null;
}

export interface TabBody {
  id: string;
  title: string;
  body: Node[];
}

export interface Tabs {
  kind: "tabs";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  items: TabBody[];
}

/** Take an offer out of the basket on this device. */
export interface TakeOut {
  do: "take_out";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  offer: string;
}

/** Say `text` for a moment. */
export interface Tell {
  do: "tell";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  tone?: "bad" | "good" | "info";
}

export interface TextSize {
  kind: "text_size";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  choices: Choice[];
}

export interface Video {
  kind: "video";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** the same thing keeps its key from one answer to the next */
  key?: string;
  tap?: Action | null;
  src: string;
  poster: Picture;
  seconds: number;
}

/** Give a vote, or take it back. */
export interface Vote {
  do: "vote";
  /** the whole meaning in plain words; shown where the rest is unknown */
  text: string;
  /** an address on this server, beginning with / */
  path: string;
  body?: Record<string, unknown>;
  /** what follows once it is done; a string "$name" in it stands for the answer's member `name` */
  done?: Action[];
}

export type PlainType = "list" | "object" | "string" | "number" | "boolean";
type Shapes = Record<string, Record<string, PlainType>>;

/** Of each kind, what it cannot be drawn without. */
export const KINDS: Shapes = {
  plain: {},
  banner: { title: "string" },
  notice: { title: "string" },
  countdown: { until: "string", label: "string", over: "string" },
  heading: { title: "string" },
  offer_grid: { offers: "list" },
  offer_list: { offers: "list" },
  offer_card: { offer: "object" },
  product: { offer: "object" },
  price_history: { points: "list" },
  basket_bar: { to: "object" },
  quote: { steps: "list", to_pay_fen: "number" },
  basket_lines: { lines: "list" },
  coupon: { title: "string", amount_fen: "number", until: "string", state: "string" },
  rich_text: { blocks: "list" },
  image: { picture: "object" },
  video: { src: "string", poster: "object", seconds: "number" },
  leader_card: { name: "string" },
  point_picker: { points: "list" },
  group_board: { have: "number", need: "number", until: "string" },
  progress: { value: "number", of: "number" },
  form: { fields: "list", submit: "object" },
  share_panel: { forms: "list" },
  poster: { title: "string", qr: "object" },
  order_list: { orders: "list" },
  order: { id: "string", number: "string", state: "string", state_text: "string", lines: "list", amount_fen: "number" },
  pickup_code: { code: "string", digits: "string", qr: "object", for: "string" },
  status_line: { steps: "list" },
  empty: { title: "string" },
  error: { title: "string" },
  buttons: { items: "list" },
  facts: { rows: "list" },
  list: { rows: "list" },
  metric_row: { items: "list" },
  divider: {},
  steps: { items: "list" },
  language_switch: { current: "string", choices: "list" },
  text_size: { choices: "list" },
  handout: { source: "string", collect: "string", day: "string", sale_on: "string" },
  receive: { drops: "list" },
  pick_list: { by: "string", groups: "list" },
  section: { children: "list" },
  tabs: { items: "list" },
  play_board: { title: "string", terms: "string", have: "number", need: "number" },
  play_meter: { title: "string", terms: "string", value: "number", target: "number" },
  play_streak: { title: "string", terms: "string", days: "list" },
  play_ranking: { title: "string", terms: "string", places: "list" },
  play_wheel: { title: "string", terms: "string" },
  play_grid: { title: "string", terms: "string" },
  play_scratch: { title: "string", terms: "string" },
  play_eggs: { title: "string", terms: "string" },
  play_reels: { title: "string", terms: "string" },
  play_shake: { title: "string", terms: "string" },
  play_claw: { title: "string", terms: "string" },
  play_dice: { title: "string", terms: "string" },
  play_lamp: { title: "string", terms: "string" },
  play_boxes: { title: "string", terms: "string", count: "number" },
  play_rain: { title: "string", terms: "string" },
  play_quiz: { title: "string", terms: "string", questions: "list" },
  play_vote: { title: "string", terms: "string", entries: "list" },
  play_plot: { title: "string", terms: "string", value: "number", target: "number", stages: "list", stage: "number" },
  play_cards: { title: "string", terms: "string", cards: "list" },
  play_tasks: { title: "string", terms: "string", tasks: "list" },
  play_price: { title: "string", terms: "string", now_fen: "number" },
  play_coupon: { title: "string", terms: "string", amount: "string" },
};

/** Of each action, what it cannot be done without. */
export const ACTIONS: Shapes = {
  navigate: { page: "string" },
  back: {},
  refresh: {},
  open: { url: "string" },
  call: { method: "string", path: "string" },
  add: { offer: "string", price_fen: "number" },
  take_out: { offer: "string" },
  set_quantity: { offer: "string", quantity: "number", price_fen: "number" },
  empty_basket: {},
  order: { point: "string" },
  pay: {},
  confirm_transfer: { path: "string" },
  join: { path: "string" },
  draw: { path: "string" },
  open_run: { path: "string" },
  check_in: { path: "string" },
  vote: { path: "string" },
  answer: { path: "string" },
  play: { path: "string" },
  share: { form: "string", title: "string", content: "string" },
  subscribe: { topics: "list" },
  copy: { content: "string" },
  dial: { number: "string" },
  scan: {},
  sign_in: {},
  enter: { path: "string" },
  sign_out: {},
  choose_point: { point: "string" },
  choose_language: { lang: "string" },
  choose_size: { size: "string" },
  place: { page: "string" },
  print: {},
  save_picture: {},
  save_file: { path: "string", name: "string" },
  tell: {},
  several: { actions: "list" },
};
