"""Whether core's own way of doing something still is the way it is done."""


def find_other_ways(model, names, known):
    """Names of add-ons that have a say in how core does something.

    :param model: empty recordset
    :param names: methods by which it is done
    :param known: add-ons whose methods are known not to matter
    """
    return {
        cls.__module__.split(".")[2]
        for cls in type(model).mro()
        if cls.__module__.startswith("odoo.addons.") and vars(cls).keys() & names
    } - known
