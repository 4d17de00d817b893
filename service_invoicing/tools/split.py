"""How things are divided: amounts into exact parts, records into groups."""


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


def read_key(record, names):
    """What a record has in common with others of its group.

    :param list names: of its fields
    :return: tuple of pairs of name and value; a relation is a recordset
    """
    return tuple((name, record[name]) for name in names)


def group_by_fields(records, names):
    """Put together what is the same in some fields.

    Fields that are not stored are computed anew, for all records at once: what they
    come from may have changed since in ways that no field depends on.

    :param list names: of fields of the records
    :return: dict key of ``read_key`` → records, both in the order of the records; what
        is read of one group is read of all
    """
    fields = records._fields
    records = records.with_prefetch()
    records.invalidate_recordset([n for n in names if not fields[n].store], flush=False)
    return records.grouped(lambda record: read_key(record, names))
