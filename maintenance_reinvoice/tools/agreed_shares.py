"""One line of a garage's bill for several agreed prices."""


def share_by_agreed(amount, prices, currency):
    """Shares of ``amount``, in the order of the agreed ``prices``; they add up to it.

    Prices of one sign share it proportionally, and the last takes what rounding leaves.
    With work and compensations in one line proportions mean nothing: each takes its
    agreed price, and the largest the difference.

    :param list prices: in ``currency``, at least one
    """
    if min(prices) >= 0 < max(prices) or max(prices) <= 0 > min(prices):
        total = sum(prices)
        shares = [currency.round(amount * price / total) for price in prices]
        rest = len(prices) - 1
    else:
        shares = [currency.round(price) for price in prices]
        rest = max(range(len(prices)), key=lambda index: abs(prices[index]))
    shares[rest] = 0.0
    shares[rest] = currency.round(amount - sum(shares))
    return shares
