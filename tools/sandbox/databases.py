"""Databases and their filestores: created, cloned and dropped together."""

import contextlib
import hashlib
import os
import shutil

import psycopg2
from psycopg2 import sql

from . import layout, ports
from .console import SandboxError


@contextlib.contextmanager
def cursor(settings, database="postgres"):
    """A cursor outside any transaction on ``database``."""
    try:
        connection = psycopg2.connect(
            dbname=database,
            host=settings.get("PGHOST"),
            port=settings.get("PGPORT"),
            user=settings.get("PGUSER"),
            password=settings.get("PGPASSWORD"),
        )
    except psycopg2.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise SandboxError(
            f"PostgreSQL cannot be reached ({reason}). Check PGHOST, PGPORT and "
            "PGUSER, or unset them to use the sandbox's own server."
        ) from error
    connection.autocommit = True
    try:
        with connection.cursor() as found:
            yield found
    finally:
        connection.close()


def data_dir():
    return layout.folder("data")


def filestore(name):
    return layout.folder("data", "filestore") / name


def test_name(purpose):
    """Checkouts may share a sandbox; their test databases must not meet."""
    key = hashlib.sha256(str(layout.CHECKOUT).encode()).hexdigest()[:6]
    return f"test_{key}_{purpose}"


def list_names(settings, prefix):
    """Names of the databases which begin with ``prefix``."""
    with cursor(settings) as cr:
        cr.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
        )
        return [name for (name,) in cr.fetchall()]


def exists(settings, name):
    with cursor(settings) as cr:
        cr.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return bool(cr.fetchone())


def drop(settings, name):
    """Drop ``name`` with its filestore, whoever is connected to it."""
    with cursor(settings) as cr:
        cr.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(name)
            )
        )
    shutil.rmtree(filestore(name), ignore_errors=True)


def clone(settings, source, name):
    """Make ``name`` a fresh copy of ``source``, filestore included."""
    drop(settings, name)
    if filestore(source).exists():
        # files of a filestore are never changed, so links do
        shutil.copytree(filestore(source), filestore(name), copy_function=link)
    with cursor(settings) as cr:
        cr.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(source)
            )
        )


def link(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def rename(settings, name, new_name):
    """Rename a database; the filestore goes first, so a cut leaves no half of it."""
    shutil.rmtree(filestore(new_name), ignore_errors=True)
    if filestore(name).exists():
        filestore(name).rename(filestore(new_name))
    with cursor(settings) as cr:
        cr.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(name), sql.Identifier(new_name)
            )
        )


def set_comment(settings, name, text):
    with cursor(settings) as cr:
        cr.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(name), sql.Literal(text)
            )
        )


def read_comment(settings, name):
    """The comment on the database ``name``, or None."""
    with cursor(settings) as cr:
        cr.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
            "WHERE datname = %s",
            [name],
        )
        return next(iter(cr.fetchone() or []), None)


def set_address(settings, name, port, report_port=None):
    """Tell the links in mails, and wkhtmltopdf, on which port the server listens.

    With a port of its own for prints nothing is served there, and no print needs the
    second which core lets scripts paint for after loading.
    """
    values = {
        "web.base.url": f"http://{ports.HOST}:{port}",
        "report.url": f"http://{ports.HOST}:{report_port or port}",
    }
    if report_port:
        values["report.print_delay"] = "1"
    with cursor(settings, name) as cr:
        for key, value in values.items():
            cr.execute(
                """INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s)
                   ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value""",
                [key, value],
            )


def settle(settings, name):
    """Give the planner its statistics, and keep it from losing them.

    A test class keeps its rows in one open transaction.  Vacuum sees none of them and
    tells the planner that the table is empty: joins then take seconds.
    """
    with cursor(settings, name) as cr:
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
