"""Tests of an hour: collected only by who names this folder."""


def pytest_ignore_collect(config):
    named = any("nightly" in argument for argument in config.args)
    return None if named else True
