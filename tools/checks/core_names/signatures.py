"""Whether a call fits a function, and whether an override fits what it overrides."""

import ast

from .models import has_decorator


def show(function):
    return f"({ast.unparse(function.args)})"


def read_positional(function, skip_self=True):
    """Names of the positional parameters, and how many of them must be given."""
    arguments = function.args
    names = [a.arg for a in [*arguments.posonlyargs, *arguments.args]]
    required = len(names) - len(arguments.defaults)
    if skip_self and not has_decorator(function, "staticmethod"):
        names, required = names[1:], required - 1
    return names, max(required, 0)


def read_keyword_only(function):
    """``{name: has a default}``"""
    arguments = function.args
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return {argument.arg: default is not None for argument, default in pairs}


def accepts_call(function, call, is_method=True):
    """Whether ``call`` binds; what a star hides is taken to fit."""
    names, required = read_positional(function, is_method)
    only = read_keyword_only(function)
    keywords = [k.arg for k in call.keywords]
    count = len([a for a in call.args if not isinstance(a, ast.Starred)])
    if count > len(names) and not function.args.vararg:
        return False
    by_name = {k for k in keywords if k}
    if by_name - {*names[count:], *only} and not function.args.kwarg:
        return False
    if count < len(call.args) or None in keywords:
        return True
    needed = {
        *names[count:required],
        *(n for n, default in only.items() if not default),
    }
    return needed <= by_name


def accepts_override(ours, core):
    """Whether everything that calls ``core`` may call ``ours`` instead."""
    our_names, our_required = read_positional(ours)
    names, required = read_positional(core)
    our_only, only = read_keyword_only(ours), read_keyword_only(core)
    has_kwargs = bool(ours.args.kwarg)
    shared = our_names[: len(names)]
    if shared != names[: len(shared)] or our_required > max(required, 0):
        return False
    takes_rest = has_kwargs and (ours.args.vararg or len(our_names) >= required)
    if len(names) > len(our_names) and not takes_rest:
        return False
    if {*only} - {*our_only, *our_names} and not has_kwargs:
        return False
    return all(default or name in only for name, default in our_only.items())
