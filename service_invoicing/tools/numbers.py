"""Numbers of documents, taken from the series of their companies."""

from odoo.exceptions import UserError


def take_number(env, code, company, date=None):
    """The next number of a series.

    :param str code: of the series
    :param company: whose document is numbered; the user's where it is empty
    :param date: of the document, for series by year; today where it is empty
    :raise UserError: where the company has no such series
    """
    company = company or env.company
    number = env["ir.sequence"].with_company(company).next_by_code(code, date)
    if not number:
        raise UserError(
            env._(
                "%(company)s has no number series with the code “%(code)s”. Add one, "
                "or take the archived one up again, in Settings, Technical, Sequences.",
                company=company.display_name,
                code=code,
            )
        )
    return number
