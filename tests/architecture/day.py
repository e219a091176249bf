"""One small day that goes through as much of the rooms as it can: the happy paths and the by-ways, night included.

The night is run by the duties themselves, as the worker runs them. Nothing is asserted here but that no duty failed.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.test import override_settings

from lintuan.catalog import queries as catalog_queries
from lintuan.fulfilment import commands as fulfilments
from lintuan.fulfilment import queries as fulfilment_queries
from lintuan.fulfilment.types import ClaimCause, ClaimDecision, Discrepancy
from lintuan.kernel import duties
from lintuan.kernel.callers import SYSTEM
from lintuan.kernel.delivery import Horizon, catch_up, lag
from lintuan.kernel.errors import Refusal
from lintuan.kernel.models import DutyRun
from lintuan.kernel.money import Money
from lintuan.leaders import commands as leader_commands
from lintuan.leaders.types import NewChoice, PointView
from lintuan.members import commands as member_commands
from lintuan.members.types import NewMember
from lintuan.ordering import commands as orders
from lintuan.ordering import queries as order_queries
from lintuan.ordering.types import BasketWish, LineRefund, OrderView, State
from lintuan.payments import commands as charges
from lintuan.payments import jobs as payment_jobs
from lintuan.payments import queries as charge_queries
from lintuan.payments.engine.methods import Place
from lintuan.payments.models import Charge, Refund
from lintuan.payments.types import Provider
from lintuan.pricing import commands as pricing_commands
from lintuan.pricing.types import OfferView
from lintuan.settlement import commands as books
from lintuan.settlement import queries as settled
from lintuan.settlement.engine.partners import Step, Terms
from lintuan.settlement.models import Transfer
from lintuan.settlement.types import Correction, Form, InvoiceState, NewContract, NewRate, Table, Wish
from lintuan.sourcing import queries as sources
from lintuan.sourcing.types import OrderKind
from tests.architecture.paying import pay_everybody
from tests.architecture.playing import play_along
from tests.make import (
    bills,
    fulfilment,
    invoices,
    leaders,
    members,
    ordering,
    payments,
    photos,
    pricing,
    provinces,
    relays,
    sourcing,
)
from tests.make.ordering import EVENING, SALE_ON, line
from tests.make.provinces import HUBEI

ClockAt = Callable[[str], datetime]

EXPIRING = "2026-11-20T20:20+08:00"
CUTOFF, PURCHASE, CONFIRM_BY = "2026-11-20T23:00+08:00", "2026-11-20T23:05+08:00", "2026-11-20T23:45+08:00"
STATEMENTS, RECONCILE = "2026-11-25T02:10+08:00", "2026-11-25T04:00+08:00"


@dataclass(frozen=True)
class Town:
    """Two points, each behind its own grid, and what is on the shelf."""

    near: PointView
    far: PointView
    greens: OfferView
    eggs: OfferView


def live_a_day(clock_at: ClockAt) -> None:
    """From the shelf to the reconciliation; the clock ends there."""
    clock_at(EVENING)
    town = _open_town()
    _agree_on_shares(clock_at, town)
    _prefer_providers(SALE_ON)
    _meet_people(town)
    order = _order(clock_at, town)
    _buy(clock_at, town)
    _sort_and_drive(clock_at)
    _hand_out(clock_at, town, order)
    _complain(order)
    _pay_back()
    _close_books(clock_at)
    _compare_bills()
    pay_everybody(clock_at, town.near)
    assert not DutyRun.objects.filter(state=DutyRun.State.FAILED).exists()


def _open_town() -> Town:
    near, far = leaders.points(2)
    fulfilment.network([near], [far])
    greens, eggs = pricing.offer(300, capacity=60), pricing.offer(1900, capacity=60)
    pricing_commands.withdraw_offer(SYSTEM, province_id=HUBEI, offer_id=pricing.offer().id)
    resting = leaders.leader_of(far)
    leader_commands.rest_point(resting, province_id=HUBEI, point_id=far.id)
    leader_commands.resume_point(resting, province_id=HUBEI, point_id=far.id)
    closing = leaders.point()
    leader_commands.close_point(leaders.leader_of(closing), province_id=HUBEI, point_id=closing.id)
    return Town(near, far, greens, eggs)


def _agree_on_shares(clock_at: ClockAt, town: Town) -> None:
    """What leaders and a partner have of the day, agreed on the day before."""
    clock_at("2026-11-19T12:00+08:00")
    drafter, signer = (provinces.staff("settlement.edit", phone=phone) for phone in ("13900000021", "13900000022"))
    books.set_levels(drafter, province_id=HUBEI, from_on=SALE_ON, thresholds=(Money(100_000),))
    for rate in (NewRate(700, SALE_ON, sku_id=town.eggs.sku_id), NewRate(900, SALE_ON, level=2)):
        rate_id = books.set_rate(drafter, province_id=HUBEI, rate=rate)
    books.end_rate(drafter, province_id=HUBEI, rate_id=rate_id, until_on=SALE_ON)
    contract = NewContract("Riverside Homes", (town.near.id,), Terms((Step(Money(0), 1000),)), SALE_ON)
    about = {"province_id": HUBEI, "contract_id": books.draft_contract(drafter, province_id=HUBEI, contract=contract)}
    settled.simulate(drafter, **about)
    books.sign_contract(signer, **about)
    clock_at(EVENING)


def _prefer_providers(today: date) -> None:
    providers = (Provider.ALIPAY, Provider.WECHATPAY)
    charges.prefer_providers(SYSTEM, province_id=HUBEI, city_code="420100", from_on=today, providers=providers)
    charge_queries.methods(Place.PHONE, HUBEI, city="420100", on=today)


def _meet_people(town: Town) -> None:
    joined, brought = members.member(), members.phone()
    about = {"province_id": HUBEI, "member_id": joined.id}
    member_commands.record_consent(joined, **about, item="privacy", version="2026-11")
    leader_commands.choose_point(joined, province_id=HUBEI, point_id=town.near.id)
    member_commands.import_members(SYSTEM, province_id=HUBEI, people=(NewMember(brought, "韩梅梅"),))
    choice = NewChoice(joined.id, town.far.id)
    leader_commands.choose_points(SYSTEM, province_id=HUBEI, choices=(choice,))
    member_commands.forget_member(joined, **about)
    catch_up(Horizon.OWN)


def _order(clock_at: ClockAt, town: Town) -> OrderView:
    """Orders until cut-off; answers the one that will be fetched."""
    edited = _edit(town)
    _share_a_basket(town)
    _confirm_a_relay(town)
    play_along(town.near, town.greens)
    fulfilment.buy(town.near, (town.greens, 9))
    fulfilment.buy(town.far, (town.greens, 3))
    paid, unpaid = fulfilment.buy(town.near, (town.eggs, 1)), ordering.order(point=town.near)
    for given_up in (paid, unpaid):
        orders.cancel_order(ordering.buyer_of(given_up), province_id=HUBEI, order_id=given_up.id)
    with contextlib.suppress(Refusal):
        ordering.order(line(pricing.offer(capacity=1), 2), point=town.near)
    late = ordering.order(line(town.eggs), point=town.near)
    clock_at(EXPIRING)
    _run_chores()
    payments.pay(late.charge_id)
    ordering.order(line(town.eggs), point=town.near)
    _run_duties(clock_at, CUTOFF)
    return edited


def _edit(town: Town) -> OrderView:
    """An order that is placed twice with one key, changed before it is paid, and reduced after it."""
    member = members.member()
    request = ordering.request(line(town.greens, 2), point=town.near)
    place = {"province_id": HUBEI}
    order_id = orders.place_order(member, **place, request=request, key="tonight")
    orders.place_order(member, **place, request=request, key="tonight")
    more = (line(town.greens, 6), line(town.eggs, 4))
    for _ in range(2):
        orders.edit_order(member, **place, order_id=order_id, lines=more, key="more")
    payments.pay(order_queries.order(member, HUBEI, order_id).charge_id)
    catch_up(Horizon.OWN)
    orders.edit_order(member, **place, order_id=order_id, lines=(line(town.greens, 5), line(town.eggs, 4)))
    return order_queries.order(member, HUBEI, order_id)


def _share_a_basket(town: Town) -> None:
    """Four fill a basket: one leaves, one is forgotten, one pays for the others; the opener closes it."""
    opener, other, leaving, gone = members.members(4)
    basket = ordering.basket(opener, other, leaving, gone, point=town.near)
    place = {"province_id": HUBEI, "basket_id": basket.id}
    newcomers = pricing.offer(300, capacity=60, per_life_limit=9)
    for member in (opener, other, leaving, gone):
        ordering.put_in(basket, member, (newcomers, 1), (town.eggs, 1))
    orders.leave_basket(leaving, **place)
    member_commands.forget_member(gone, province_id=HUBEI, member_id=gone.id)
    catch_up(Horizon.OWN)
    ordering.pay(ordering.basket_order(basket, opener, line(newcomers, 2), line(town.eggs, 2), together=True))
    orders.collect_alone(other, **place)
    orders.collect_jointly(other, **place)
    orders.close_basket(opener, **place)
    order_queries.baskets_of_member(other)


def _confirm_a_relay(town: Town) -> None:
    """A list is pasted twice; one line is settled, one confirmed, and a code is guessed."""
    leader, member = leaders.leader_of(town.near), members.member()
    pears = relays.offer("砀山梨", "个", 300, capacity=60)
    for text in ("1. 张姐 砀山梨2个\n2. 李哥 榴莲", "1. 张姐 砀山梨2个\n2. 李哥 榴莲1个\n3. 小陈 砀山梨1个"):
        found = relays.paste(town.near, text)
    settled = (BasketWish(pears.id, 1),)
    orders.settle_draft(leader, province_id=HUBEI, draft_id=found.drafts[1].id, lines=settled)
    with contextlib.suppress(Refusal):
        orders.find_draft(member, province_id=HUBEI, point_id=town.near.id, code="")
    ordering.pay(relays.confirm(member, found.drafts[0]))
    order_queries.drafts_of_member(member)


def _buy(clock_at: ClockAt, town: Town) -> None:
    """The main supplier promises less than asked of it, and the second one brings less than it promised."""
    codes = [view.code for view in catalog_queries.skus([town.greens.sku_id, town.eggs.sku_id]).values()]
    main = sourcing.supplier(*(sourcing.supply(code, pack_units=1) for code in codes))
    sourcing.supplier(*(sourcing.supply(code, pack_units=1, rank=2) for code in codes))
    _run_duties(clock_at, PURCHASE)
    (first,) = sources.purchase_orders(main, province_id=HUBEI, sale_on=SALE_ON)
    sourcing.confirmed(first, less=2)
    _run_duties(clock_at, CONFIRM_BY)
    for order in sources.purchase_orders(SYSTEM, province_id=HUBEI, sale_on=SALE_ON):
        sourcing.received(order, less=int(order.kind is OrderKind.SECOND))
    _run_duties(clock_at, fulfilment.RECEIVED)


def _sort_and_drive(clock_at: ClockAt) -> None:
    """One unit is missing at the centre and another at a grid."""
    for level, step in ((1, fulfilment.SORTED), (2, fulfilment.GRID_SORTED)):
        task = max(fulfilment.tasks(level), key=lambda one: one.planned)
        fulfilment.report(task, task.planned - 1)
        _run_duties(clock_at, step)
    _run_duties(clock_at, fulfilment.ROUTED)
    fulfilment.drive(clock_at)


def _hand_out(clock_at: ClockAt, town: Town, order: OrderView) -> None:
    """A member and a household come; what others ordered lies at the near point, and nobody signs at the far one."""
    clock_at(fulfilment.SIGNED)
    fulfilment.sign(town.near, Discrepancy(town.greens.sku_id, damaged=1))
    clock_at(fulfilment.COLLECTED)
    with contextlib.suppress(Refusal):
        fulfilments.collect(leaders.leader_of(town.near), province_id=HUBEI, code="------")
    _send_somebody(town, order)
    fulfilment.hand_out(
        next(one for one in order_queries.orders_at_point(HUBEI, town.near.id, SALE_ON) if one.basket_id)
    )


def _send_somebody(town: Town, order: OrderView) -> None:
    """The right to collect is given, taken back, given again and used."""
    member, pickup = ordering.buyer_of(order), fulfilment.pickup(order)
    about = {"province_id": HUBEI, "pickup_id": pickup.id}
    fulfilments.make_proxy(member, **about)
    fulfilments.withdraw_proxy(member, **about)
    fulfilments.make_proxy(member, **about)
    proxy = fulfilment.pickup(order).proxy
    assert proxy is not None
    fulfilment_queries.proxied_pickup(HUBEI, proxy.token)
    fulfilments.collect(leaders.leader_of(town.near), province_id=HUBEI, code=proxy.code)


def _complain(order: OrderView) -> None:
    """A claim that is granted at once, one that staff decline, and one that they grant."""
    greens, eggs = ordering.now(order).lines
    member = ordering.buyer_of(order)
    photo = fulfilments.keep_photo(member, province_id=HUBEI, content=photos.a_jpeg())
    fulfilment.claim(order, line_id=greens.id, photos=(photo,))
    fulfilment_queries.claims_of_member(member)
    fulfilment_queries.photo(HUBEI, photo)
    fulfilments.drop_photos(SYSTEM, province_id=HUBEI)
    for amount in (Money(0), Money(1900)):
        claim_id = fulfilment.claim(order, ClaimCause.QUALITY, 3, line_id=eggs.id)
        decision = ClaimDecision(amount, reason="照片看不清")
        fulfilments.decide_claim(SYSTEM, province_id=HUBEI, claim_id=claim_id, decision=decision)


def _pay_back() -> None:
    """The gateway does not answer at first; then it pays one refund, and refuses another one even when asked again."""
    with override_settings(GATEWAY_KEYS=str(payments.manifest())), contextlib.suppress(payment_jobs.AskAgain):
        payment_jobs.send_refunds(HUBEI, list(Refund.objects.values_list("id", flat=True)))
    with override_settings(GATEWAY_KEYS=str(payments.manifest())), contextlib.suppress(payment_jobs.AskAgain):
        payment_jobs.close_at_gateway(HUBEI, list(Charge.objects.values_list("id", flat=True)))
    done, failed, *_ = Refund.objects.order_by("id").values_list("id", flat=True)
    payments.settle_refund(done)
    payments.settle_refund(failed, status="CLOSED")
    charges.retry_refund(SYSTEM, province_id=HUBEI, refund_id=failed)
    payments.settle_refund(failed, status="CLOSED")


def _close_books(clock_at: ClockAt) -> None:
    _run_duties(clock_at, fulfilment.UNCLAIMED)
    _run_duties(clock_at, STATEMENTS)
    journal = Transfer.objects.filter(province_id=HUBEI).order_by("id").values_list("id", flat=True)[0]
    books.reverse_journal(SYSTEM, province_id=HUBEI, journal_id=journal, memo="测试")
    _run_duties(clock_at, RECONCILE)
    _invoice(clock_at)
    settled.prove_day(HUBEI, SALE_ON)
    settled.trial_balance(SYSTEM, province_id=HUBEI)
    lag()


def _compare_bills() -> None:
    """The channel's bill of the evening tells of a stranger too, whom somebody looks into."""
    bill = bills.bill_of([bills.paid(1_000, 300)])
    bill.trades.append(bills.payment("SHOP-77", "T!", 500, 3))
    bills.read(bill)
    books.compare_bill(SYSTEM, province_id=HUBEI, provider=Provider.WECHATPAY, on_day=bills.DAY)
    staff = provinces.staff(phone="13900000077")
    file_id = settled.case_files(staff, province_id=HUBEI)[0].id
    about = {"province_id": HUBEI, "file_id": file_id}
    books.take_case(staff, **about)
    correction = Correction(debit="1001", credit="2005", amount=Money(500))
    books.correct_case(staff, **about, correction=correction, why="测试")
    books.close_case(staff, **about)
    books.days_to_compare(HUBEI, Provider.WECHATPAY)
    books.compare_bill(SYSTEM, province_id=HUBEI, provider=Provider.WECHATPAY, on_day=bills.DAY)
    settled.case_file(staff, province_id=HUBEI, file_id=file_id)
    settled.bill_days(staff, province_id=HUBEI)


def _invoice(clock_at: ClockAt) -> None:
    """An invoice is issued, taken back after another refund, and asked for again; everything is exported."""
    order = next(
        one
        for paid in order_queries.paid_orders(HUBEI, SALE_ON)
        for one in order_queries.orders(HUBEI, [paid.order_id]).values()
        if one.state is State.COLLECTED and one.bill.paid.fen > 1
    )
    tax = f"product_code,tax_code,since,rate\nX,{'1' * 19},2026-01-01,13\n"
    books.load_goods_tax(SYSTEM, province_id=HUBEI, text=tax)
    member = ordering.buyer_of(order)
    invoices.issue(invoices.ask(order))
    line = next(one for one in order.lines if one.amount - one.refunded > Money(1))
    refund = LineRefund(order.id, line.id, Money(1), "quality", "platform")
    orders.refund_lines(SYSTEM, province_id=HUBEI, refunds=(refund,))
    catch_up(Horizon.OWN)
    settled.invoices_of_order(member, order)
    for view in invoices.seen(order)[1:]:
        invoices.issue(view.id)
    again = invoices.seen(order)[-1]
    books.refuse_invoice(SYSTEM, province_id=HUBEI, invoice_id=again.id, reason="测试")
    settled.invoices_of_member(member)
    settled.invoice_queue(SYSTEM, province_id=HUBEI, state=InvoiceState.ISSUED)
    settled.invoice_file(member, province_id=HUBEI, invoice_id=invoices.seen(order)[0].id)
    settled.overdue_invoices(HUBEI)
    for table in Table:
        settled.write_export(SYSTEM, io.BytesIO(), province_id=HUBEI, wish=Wish(table, Form.CSV, SALE_ON))
    settled.write_export(SYSTEM, io.BytesIO(), province_id=HUBEI, wish=Wish(Table.LEDGER, Form.BEANCOUNT, SALE_ON))


def _run_duties(clock_at: ClockAt, moment: str) -> None:
    clock_at(moment)
    catch_up(Horizon.OWN)
    duties.run_due()
    catch_up(Horizon.OWN)


def _run_chores() -> None:
    with override_settings(GATEWAY_KEYS=str(payments.manifest())):
        for chore in duties.CHORES.values():
            chore.work()
