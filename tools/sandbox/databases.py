"""Databases and their filestores: created, cloned and dropped together.

The server is the one that libpq's own variables name.
"""

import contextlib
import hashlib
import os
import shutil

import psycopg2
from psycopg2 import sql

from . import layout, processes
from .console import SandboxError

WRITE_PARAMETER = """
    INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s)
    ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value"""


@contextlib.contextmanager
def cursor(database="postgres"):
    """A cursor outside any transaction on ``database``."""
    try:
        connection = psycopg2.connect(dbname=database)
    except psycopg2.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise SandboxError(
            f"PostgreSQL cannot be reached ({reason}). Check PGHOST, PGPORT and "
            "PGUSER, or unset them to use the sandbox's own server."
        ) from error
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as found:
        yield found


def execute(statement, *names):
    """Run a statement about databases, whose names stand for its ``{}``."""
    with cursor() as cr:
        cr.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def data_dir():
    return layout.folder("data")


def filestore(name):
    return layout.folder("data", "filestore") / name


def test_name(purpose):
    """Checkouts may share a sandbox; their test databases must not meet."""
    key = hashlib.sha256(str(layout.CHECKOUT).encode()).hexdigest()[:6]
    return f"test_{key}_{purpose}"


def list_names(prefix):
    """Names of the databases which begin with ``prefix``."""
    with cursor() as cr:
        cr.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
        )
        return [name for (name,) in cr.fetchall()]


def exists(name):
    return name in list_names(name)


def drop(name):
    """Drop ``name`` with its filestore, whoever is connected to it."""
    execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    shutil.rmtree(filestore(name), ignore_errors=True)


def clone(source, name):
    """Make ``name`` a fresh copy of ``source``, filestore included."""
    drop(name)
    if filestore(source).exists():
        # files of a filestore are never changed, so links do
        shutil.copytree(filestore(source), filestore(name), copy_function=link)
    execute("CREATE DATABASE {} TEMPLATE {}", name, source)


def link(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def replace(building, name):
    """Put a finished database in the place of ``name``; the filestore goes first, so a
    cut leaves no half of it."""
    drop(name)
    if filestore(building).exists():
        filestore(building).rename(filestore(name))
    execute("ALTER DATABASE {} RENAME TO {}", building, name)


@contextlib.contextmanager
def build(name, source=None):
    """Give a clone of ``source``, or a name that is free, to make a database of; it
    becomes ``name`` only when it is complete."""
    building = f"{name}_building"
    if source:
        clone(source, building)
    else:
        drop(building)
    yield building
    replace(building, name)


def read_parameter(name, key):
    """A system parameter of the database ``name``, or None where there is neither."""
    if not exists(name):
        return None
    with cursor(name) as cr:
        cr.execute("SELECT value FROM ir_config_parameter WHERE key = %s", [key])
        return next(iter(cr.fetchone() or []), None)


def write_parameters(name, values):
    with cursor(name) as cr:
        cr.executemany(WRITE_PARAMETER, list(values.items()))


def set_address(name, port, report_port=None):
    """Tell the links in mails, and wkhtmltopdf, on which port the server listens.

    With a port of its own for prints nothing is served there, and no print needs the
    second which core lets scripts paint for after loading.
    """
    values = {
        "web.base.url": f"http://{processes.HOST}:{port}",
        "report.url": f"http://{processes.HOST}:{report_port or port}",
    }
    if report_port:
        values["report.print_delay"] = "1"
    write_parameters(name, values)


def settle(name):
    """Give the planner its statistics, and keep it from losing them.

    A test class keeps its rows in one open transaction.  Vacuum sees none of them and
    tells the planner that the table is empty: joins then take seconds.
    """
    with cursor(name) as cr:
        cr.execute("ANALYZE")
        cr.execute(
            """DO $$ DECLARE found regclass; BEGIN
                 FOR found IN SELECT oid FROM pg_class
                   WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
                 LOOP
                   EXECUTE format(
                     'ALTER TABLE %s SET (autovacuum_enabled = false)', found);
                 END LOOP;
               END $$"""
        )
