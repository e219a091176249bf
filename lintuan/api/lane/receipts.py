"""The answer to a new order, put together from texts that are the same for many."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from lintuan.catalog.types import spoken
from lintuan.kernel.ids import public_id
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
        self._points: dict[int, bytes] = {}
        self._offers: dict[int, bytes] = {}
        assert book.sale_on is not None
        self._collect, self._change_until = _promise(book, book.sale_on)

    def order(self, order: OrderView) -> bytes:
        province_id = order.province_id
        return b"".join(
            (
                b'{"id":"',
                public_id("order", province_id, order.id).encode(),
                b'","number":"',
                order.number.encode(),
                b'","state":"unpaid","point":',
                self._points.get(order.point_id) or self._point(order.point_id),
                b',"sale_on":"%b","collect":' % order.sale_on.isoformat().encode(),
                self._collect,
                b',"amount_fen":%d,"refunded_fen":0,"charge":"' % order.amount.fen,
                public_id("charge", province_id, order.charge_id).encode(),
                b'","placed_at":',
                _moment(order.placed_at),
                b',"pay_by":',
                _moment(order.pay_by),
                b',"paid_at":null,"change_until":',
                self._change_until,
                b',"lines":[',
                b",".join([self._line(line) for line in order.lines]),
                b"]}",
            )
        )

    def _line(self, line: LineView) -> bytes:
        return b'{"id":"%b",%b,"quantity":%d,"cut":0,"due":%d,"price_fen":%d,"amount_fen":%d,"refunded_fen":0}' % (
            public_id("line", self.book.province.id, line.id).encode(),
            self._offers.get(line.offer_id) or self._offer(line),
            line.quantity,
            line.quantity,
            line.price.fen,
            line.amount.fen,
        )

    def _point(self, point_id: int) -> bytes:
        view = self.book.points[point_id]
        text = msgspec.json.encode(
            {
                "id": public_id("point", view.province_id, point_id),
                "name": spoken(self._language, view.name, view.name_en),
                "address": view.address,
            }
        )
        self._points[point_id] = text
        return text

    def _offer(self, line: LineView) -> bytes:
        sku = self.book.skus[line.sku_id]
        text = msgspec.json.encode(
            {
                "offer": public_id("offer", self.book.province.id, line.offer_id),
                "sku_code": sku.code,
                "name": sku.name_in(self._language),
                "spec": sku.spec_in(self._language),
                "unit": sku.unit_in(self._language),
            }
        )[1:-1]
        self._offers[line.offer_id] = text
        return text


def _moment(at: datetime) -> bytes:
    """As Django's encoder writes it: in milliseconds, if there are any."""
    text = at.isoformat(timespec="milliseconds" if at.microsecond else "seconds")
    return b'"%b"' % text.replace("+00:00", "Z").encode()


def _promise(book: Book, sale_on: date) -> tuple[bytes, bytes]:
    """When the goods can be collected, and until when the order may be changed."""
    market = book.province

    def at(step: str) -> datetime:
        return market.timetable.at(step, sale_on, market.zone)

    collect = {"on": sale_on + timedelta(days=1), "from": at("collect_from"), "until": at("collect_until")}
    return msgspec.json.encode(collect), msgspec.json.encode(at("cutoff"))
