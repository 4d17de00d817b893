"""Numbers of documents, taken from the series of their companies."""

from odoo.exceptions import UserError


def take_number(env, code, company, date=None):
    """The next number of a series; see ``take_numbers``."""
    [number] = take_numbers(env, code, company, [date])
    return number


def take_numbers(env, code, company, dates):
    """The next numbers of a series, which is asked for once.

    :param str code: of the series
    :param company: whose documents are numbered; the user's where it is empty
    :param dates: of the documents, for series by year; today where one is empty
    :return: list of str, one per date
    :raise UserError: where the company has no such series
    """
    company = company or env.company
    # as core's next_by_code finds it: the company's own comes before that of all
    series = (
        env["ir.sequence"]
        .with_company(company)
        .search(
            [("code", "=", code), ("company_id", "in", [company.id, False])],
            order="company_id",
            limit=1,
        )
    )
    if not series:
        raise UserError(
            env._(
                "%(company)s has no number series with the code “%(code)s”. Add one, "
                "or take the archived one up again, in Settings, Technical, Sequences.",
                company=company.display_name,
                code=code,
            )
        )
    return [series.next_by_id(date) for date in dates]
