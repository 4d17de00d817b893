"""Shares that were moved or credited were records of their own beside the releases;
now each release says of whose share it is, and what took its place."""

from collections import defaultdict

from odoo import SUPERUSER_ID, Command, api
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import column_exists, table_exists

from odoo.addons.service_invoicing.tools.shares import OpenShare, Payer, SharePart
from odoo.addons.service_invoicing.tools.states import BILLING_STATES


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    estimate_taxes(env)
    keep_odometers(env)
    if not column_exists(cr, "service_release", "transfer_id"):
        return
    cr.execute("DROP INDEX IF EXISTS service_release_one_unbilled_per_payer")
    transfers = read_transfers(env)
    describe_releases(env, transfers)
    describe_lines(env)
    for transfer in transfers.values():
        follow_transfer(env, transfer)
    link_copies(env)
    keep_shares(env, transfers)
    release_what_waits(env)


def estimate_taxes(env):
    """The estimate of an order was less what payers withhold."""
    path = "line_ids.tax_ids"
    withheld = Domain(f"{path}.service_withholding", "=", True)
    withheld |= Domain(f"{path}.children_tax_ids.service_withholding", "=", True)
    orders = env["service.work.order"].search(withheld)
    env.add_to_compute(orders._fields["amount_tax"], orders)


def keep_odometers(env):
    """Readings of work orders were not in the history of the vehicle."""
    kept = Domain("odometer", ">", 0) & Domain("odometer_id", "=", False)
    orders = env["service.work.order"].search(kept, order="order_date, id")
    orders._update_odometer_reading()


def read_transfers(env):
    """Rows of the former tables that were not undone, each with its lines and whose
    share it was by the document check.

    :return: dict id → dict
    """
    if not table_exists(env.cr, "service_share_transfer"):
        return {}
    rows = env.execute_query_dict(
        SQL("SELECT * FROM service_share_transfer WHERE state != 'undone' ORDER BY id")
    )
    transfers = {row["id"]: row | {"lines": []} for row in rows}
    lines = env.execute_query_dict(
        SQL(
            """
            SELECT line.*,
                   ARRAY(SELECT account_tax_id
                           FROM account_tax_service_share_transfer_line_rel
                          WHERE service_share_transfer_line_id = line.id) AS taxes
              FROM service_share_transfer_line line
             WHERE transfer_id IN %s
             ORDER BY id
            """,
            tuple(transfers) or (0,),
        )
    )
    for line in lines:
        transfers[line["transfer_id"]]["lines"].append(line)
    for transfer in transfers.values():
        source = transfers.get(transfer["source_transfer_id"], {})
        transfer["share_type"] = source.get(
            "share_type", transfer["source_invoice_type"]
        )
    return transfers


def describe_releases(env, transfers):
    """Whose share a release bills, and whether charges and discounts came with it."""
    env.cr.execute(
        """
        UPDATE service_release_line line
           SET share_type = release.invoice_type,
               share_amount = CASE WHEN line.tcd_id IS NULL
                                   THEN line.price_subtotal ELSE 0 END
          FROM service_release release
         WHERE release.id = line.release_id AND release.work_order_id IS NOT NULL
        """
    )
    env.cr.execute(
        """
        UPDATE service_release release
           SET has_tcd = TRUE
         WHERE release.transfer_id IS NULL
           AND release.invoice_type = 'service'
           AND release.work_order_id IN (SELECT work_order_id FROM service_invoice_tcd)
        """
    )
    for transfer in transfers.values():
        env.cr.execute(
            """
            UPDATE service_release_line line
               SET share_type = %s
              FROM service_release release
             WHERE release.id = line.release_id AND release.transfer_id = %s
            """,
            (transfer["share_type"], transfer["id"]),
        )
        env.cr.execute(
            """
            UPDATE service_release
               SET reason = %s, is_moved = %s, is_supplement = TRUE
             WHERE transfer_id = %s
            """,
            (transfer["reason"], transfer["effect"] == "moved", transfer["id"]),
        )
    env.invalidate_all()


def describe_lines(env):
    """What an invoice line and the line of its release have in common."""
    releases = env["service.release"].search([("work_order_id", "!=", False)])
    for release in releases:
        billed = release.move_id.invoice_line_ids.filtered(
            lambda line, r=release: line.service_release_id == r
            and line.display_type == "product"
        )
        for line in release.line_ids.filtered(lambda line: not line.tcd_id):
            item = find_item(billed, line)
            billed -= item
            describe_line(line, item)


def find_item(items, line):
    """The invoice line that bills a line of a release, by its text or its amount."""
    items = items.filtered(lambda i: i.service_order_line_id == line.order_line_id)
    for is_same in (
        lambda item: item.name == line.name,
        lambda item: item.price_subtotal == line.price_subtotal,
    ):
        if found := items.filtered(is_same):
            return found[0]
    return items[:1]


def describe_line(line, item):
    order_line = line.order_line_id
    names = ("quantity", "price_unit", "discount", "price_subtotal")
    is_whole = bool(order_line) and all(line[n] == order_line[n] for n in names)
    has_pieces = is_whole or (
        line.tax_ids._filter_per_piece() and not item.service_deductible
    )
    account = item.account_id
    if order_line:
        account = order_line._get_income_account()
    line.write(
        {
            "account_id": account.id,
            "tax_claim_id": item.service_tax_claim_id.id,
            "is_deductible": item.service_deductible,
            "is_whole": is_whole and not item.service_deductible,
            "pieces": line.quantity if has_pieces else 0.0,
        }
    )
    if item:
        env = line.env
        env.cr.execute(
            "UPDATE account_move_line SET service_release_line_id = %s WHERE id = %s",
            (line.id, item.id),
        )
        item.invalidate_recordset(["service_release_line_id"])


def follow_transfer(env, transfer):
    """The releases of a moved or credited share take the place of the payer's."""
    if transfer["effect"] == "closed":
        return
    credit = env["account.move"].browse(transfer["credit_move_id"] or ())
    env.cr.execute(
        "SELECT id FROM service_release WHERE transfer_id = %s ORDER BY id",
        (transfer["id"],),
    )
    releases = env["service.release"].browse(id_ for (id_,) in env.cr.fetchall())
    first = releases[:1] or create_release(env, transfer)
    origin = credit.reversed_entry_id.service_release_ids.filtered(
        lambda release: release.work_order_id == first.work_order_id
    )[:1]
    first.write({"origin_id": origin.id, "credit_move_id": credit.id})
    by_order_line = {
        line["order_line_id"]: line["move_line_id"] for line in transfer["lines"]
    }
    for line in first.line_ids:
        move_line_id = by_order_line.get(line.order_line_id.id)
        item = env["account.move.line"].browse(move_line_id or ())
        line.origin_line_id = item.service_release_line_id
    for former, release in zip(releases, releases[1:], strict=False):
        release.origin_id = former


def create_release(env, transfer):
    """The release of a share that nobody has released; of one that was agreed anew
    since, it is cancelled."""
    order = env["service.work.order"].browse(transfer["work_order_id"])
    Partner = env["res.partner"]
    payer = Payer(transfer["invoice_type"], Partner.browse(transfer["partner_id"]))
    parts = [prepare_part(env, transfer, line) for line in transfer["lines"]]
    is_open = transfer["state"] == "moved" and order.state in BILLING_STATES
    return order._in_language_of(payer)._create_release(
        OpenShare(payer, parts, False, env["service.release"]),
        is_moved=transfer["effect"] == "moved",
        is_supplement=True,
        reason=transfer["reason"],
        state="confirmed" if is_open else "cancelled",
    )


def prepare_part(env, transfer, line):
    taxes = env["account.tax"].browse(line["taxes"])
    return SharePart(
        order_line=env["service.work.order.line"].browse(line["order_line_id"] or ()),
        name=line["name"],
        category=line["cost_category"],
        account=env["account.account"].browse(line["account_id"]),
        taxes=taxes if line["pieces"] else taxes._without_per_piece(),
        amount=float(line["amount"]),
        pieces=line["pieces"] or 0.0,
        is_deductible=line["deductible"],
        tcd=env["service.tcd"].browse(line["tcd_id"] or ()),
        share_type=transfer["share_type"],
    )


def link_copies(env):
    """Lines of what was credited as a whole and released again."""
    copies = env["service.release"].search(
        [("work_order_id", "!=", False), ("origin_id", "!=", False)]
    )
    for copy in copies.filtered("credit_move_id"):
        link_copy(copy)


def link_copy(copy):
    """Its lines take the place of the credited ones of the same work."""
    origins = copy.origin_id.line_ids.filtered(lambda line: line._is_share())
    by_line = origins.grouped("order_line_id")
    for line in copy.line_ids.filtered(lambda line: line._is_share()):
        same = by_line.get(line.order_line_id, origins.browse())
        alike = same.filtered(lambda o, own=line: o.is_deductible == own.is_deductible)
        line.origin_line_id = (alike or same)[:1]


def keep_shares(env, transfers):
    """What billed releases still use up: all that was neither moved nor freed, of
    wholly credited ones what was closed."""
    closed, gone = defaultdict(float), defaultdict(float)
    for transfer in transfers.values():
        sums = closed if transfer["effect"] == "closed" else gone
        for line in transfer["lines"]:
            sums[line["move_line_id"]] += float(line["amount"])
    items = env["account.move.line"].search(
        [("service_release_id.work_order_id", "!=", False)]
    )
    for item in items.filtered("service_release_line_id"):
        line = item.service_release_line_id
        if not line._is_share():
            continue
        kept = line.price_subtotal - gone[item.id]
        if line.release_id.state == "reprocessed":
            kept = closed[item.id]
        line.share_amount += kept - line._get_kept_share()


def release_what_waits(env):
    """Orders that wait for billing have their shares released."""
    orders = env["service.work.order"].search([("state", "in", BILLING_STATES)])
    for order in orders:
        for release in order._get_unbilled_releases().filtered(
            lambda release: not release.is_supplement
        ):
            release_anew(order, release)
        settle_rounding(order)
    orders.filtered(lambda order: order.state == "to_invoice")._release_rest()
    for name in ("next_invoice_type", "amount_customer"):
        env.add_to_compute(orders._fields[name], orders)
    orders._update_billing_state()


def release_anew(order, release):
    """An unbilled release keeps its number and gets its lines anew."""
    payer = release._get_payer()
    for share in order._get_unreleased_shares(void=release):
        if share.payer == payer:
            speaking = order._in_language_of(payer)
            vals_list = speaking._prepare_release_lines(share)
            release.line_ids.unlink()
            release.write(
                {
                    "has_tcd": share.has_tcd,
                    "line_ids": [Command.create(vals) for vals in vals_list],
                }
            )
            link_copy(release)
            return
    release._cancel(order.env._("The share of the payer has changed"))


def settle_rounding(order):
    """Older versions rounded some lines on the invoice: nothing is open for that."""
    agreed = order._get_agreed_amounts()
    lines = order._get_standing_releases().line_ids
    lines = lines.filtered(lambda line: line._is_share())
    for key, amount in order._get_released_amounts().items():
        own = lines.filtered(
            lambda line, key=key: (line.order_line_id, line.share_type) == key
        )
        rest = order.currency_id.round(agreed[key] - amount)
        if own and rest and abs(rest) <= len(own) * order.currency_id.rounding:
            own[-1].share_amount += rest
