"""Exact division of money: parts are rounded, and together they are the whole."""


def split_amount(amount, weights, currency):
    """Split ``amount`` in proportion to ``weights``.

    Every part is rounded to ``currency``; what rounding leaves over goes to the
    part of the largest weight, so that the parts always add up to the amount.

    :param float amount: what is to be divided, in ``currency``
    :param list weights: one number per part, in any unit
    :param currency: ``res.currency`` record that rounds
    :return: list of parts in the order of the weights; all zero when the weights
        add up to zero, because nothing says who should bear the amount
    """
    total = sum(weights)
    if not weights or not total:
        return [0.0] * len(weights)
    parts = [currency.round(amount * weight / total) for weight in weights]
    largest = max(range(len(weights)), key=lambda index: abs(weights[index]))
    parts[largest] = currency.round(parts[largest] + amount - sum(parts))
    return parts
