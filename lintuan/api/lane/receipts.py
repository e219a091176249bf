"""The answer to a new order, put together from texts that are the same for many."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from lintuan.catalog.types import spoken
from lintuan.kernel.ids import naming
from lintuan.ordering.intake.book import Book
from lintuan.ordering.types import LineView, OrderView


class Receipts:
    """Writes orders as `GET /api/orders/{order}` does; what it keeps is of the books it was last shown."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, str], Phrases] = {}

    def receipt(self, order: OrderView, book: Book, language: str) -> bytes:
        """The JSON of an order that was just placed by this book."""
        place = (book.province.id, language)
        phrases = self._kept.get(place)
        if phrases is None or phrases.book is not book:
            phrases = self._kept[place] = Phrases(book, language)
        return phrases.order(order)


class Phrases:
    """JSON of what a book names, in one language."""

    def __init__(self, book: Book, language: str) -> None:
        self.book = book
        self._language = language
        self._points: dict[int, str] = {}
        self._offers: dict[int, str] = {}
        province_id = book.province.id
        self._order_name, self._charge_name = naming("order", province_id), naming("charge", province_id)
        self._line_name, self._offer_name = naming("line", province_id), naming("offer", province_id)
        assert book.sale_on is not None
        self._promise = _promise(book, book.sale_on)
        self._moments: tuple[datetime | None, str] = (None, "")

    def order(self, order: OrderView) -> bytes:
        point = self._points.get(order.point_id) or self._point(order.point_id)
        lines = ",".join([self._line(line) for line in order.lines])
        return (
            f'{{"id":"{self._order_name(order.id)}","number":"{order.number}","state":"unpaid","point":{point},'
            f'"amount_fen":{order.amount.fen},"refunded_fen":0,"saved_fen":{order.saved.fen},'
            f'"to_pay_fen":{order.bill.charged.fen},"paid_back_fen":0,"charge":"{self._charge_name(order.charge_id)}",'
            f'{self._when(order)},"lines":[{lines}]}}'
        ).encode()

    def _line(self, line: LineView) -> str:
        offer = self._offers.get(line.offer_id) or self._offer(line)
        return (
            f'{{"id":"{self._line_name(line.id)}",{offer},"quantity":{line.quantity},"cut":0,"due":{line.quantity},'
            f'"price_fen":{line.price.fen},"amount_fen":{line.amount.fen},"refunded_fen":0}}'
        )

    def _when(self, order: OrderView) -> str:
        """All days and moments, which are those of the whole batch; a day has one time to pay within."""
        placed_at, text = self._moments
        if placed_at is not order.placed_at:
            placed, pay_by = _moment(order.placed_at), _moment(order.pay_by)
            text = f'{self._promise},"placed_at":{placed},"pay_by":{pay_by},"paid_at":null'
            self._moments = order.placed_at, text
        return text

    def _point(self, point_id: int) -> str:
        view = self.book.points[point_id]
        text = _json(
            {
                "id": naming("point", view.province_id)(point_id),
                "name": spoken(self._language, view.name, view.name_en),
                "address": view.address,
            }
        )
        self._points[point_id] = text
        return text

    def _offer(self, line: LineView) -> str:
        sku = self.book.skus[line.sku_id]
        text = _json(
            {
                "offer": self._offer_name(line.offer_id),
                "sku_code": sku.code,
                "name": sku.name_in(self._language),
                "spec": sku.spec_in(self._language),
                "unit": sku.unit_in(self._language),
            }
        )[1:-1]
        self._offers[line.offer_id] = text
        return text


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _moment(at: datetime) -> str:
    """As Django's encoder writes it: in milliseconds, if there are any."""
    text = at.isoformat(timespec="milliseconds" if at.microsecond else "seconds")
    return f'"{text.replace("+00:00", "Z")}"'


def _promise(book: Book, sale_on: date) -> str:
    """The sale day, when its goods can be collected, and until when an order may be changed."""
    market = book.province

    def at(step: str) -> datetime:
        return market.timetable.at(step, sale_on, market.zone)

    collect = {"on": sale_on + timedelta(days=1), "from": at("collect_from"), "until": at("collect_until")}
    return f'"sale_on":"{sale_on}","collect":{_json(collect)},"change_until":{_json(at("cutoff"))}'
