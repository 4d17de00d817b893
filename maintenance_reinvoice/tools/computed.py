"""What a model works out itself cannot be given to it by anybody."""


def get_computed_names(model):
    """Names of the fields that a model computes, keeps and lets nobody edit."""
    return {
        name
        for name, field in model._fields.items()
        if field.store and field.compute and field.readonly
    }


def without_empty_computed(model, vals):
    """Values of ``create`` less empty ones of computed fields: they would be kept in
    place of what is computed, and forms and imports give them without meaning it."""
    computed = get_computed_names(model)
    return {
        name: value for name, value in vals.items() if value or name not in computed
    }


def without_related_defaults(model):
    """The model with a context that gives no value to what its records take over from
    another one: a default meant for that other model may have the same name."""
    related = {
        f"default_{name}"
        for name in get_computed_names(model)
        if model._fields[name].related
    }
    context = model.env.context
    if not related & context.keys():
        return model
    kept = {key: value for key, value in context.items() if key not in related}
    return model.with_env(model.env(context=kept))


def get_forbidden_labels(model, protected, names):
    """Labels of those fields of ``names`` that only our own methods set, sorted and
    joined; nothing where there are none, and to our own methods."""
    if model.env.su:
        return ""
    fields, found = model._fields, protected & set(names)
    return ", ".join(sorted(fields[n]._description_string(model.env) for n in found))
