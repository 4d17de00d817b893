"""Many records made of few, by copying their rows.

Used in Odoo's shell by ``bench_lists.py``.
"""

from odoo.tools import SQL

# what a copy has to have for itself, and what tells from what day it is
UNIQUE = ("name", "license_plate", "service_number", "payment_reference")
DAYS = 1000


class Copier:
    """Copies all records of models that were made after it.

    :param list names: models, those first that others name
    """

    def __init__(self, env, names):
        self.env = env
        self.models = [env[name] for name in names]
        self.last = {model._table: self.get_last_id(model) for model in self.models}

    def get_last_id(self, model):
        query = SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(model._table))
        [(last,)] = self.env.execute_query(query)
        return last

    def copy(self, copies):
        """Add as many copies of each record, each with the records that belong to the
        same copy, and of a day of its own."""
        self.env.flush_all()
        self.env.cr.commit()
        # every reference of a row would be looked up
        self.env.cr.execute("SET LOCAL session_replication_role = replica")
        step = 1 + max(map(self.get_last_id, self.models))
        for model in self.models:
            self.copy_rows(model, copies, step)
        for model, field in self.find_relations():
            self.copy_relation(model, field, copies, step)
        self.env.cr.commit()
        self.env.cr.execute("ANALYZE")
        self.env.invalidate_all()

    def copy_rows(self, model, copies, step):
        table = SQL.identifier(model._table)
        fields = [f for f in model._fields.values() if f.store and f.column_type]
        columns = SQL(", ").join(SQL.identifier(field.name) for field in fields)
        values = SQL(", ").join(self.get_value(model, f, step) for f in fields)
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s AS t, generate_series(1, %s) n "
                "WHERE t.id > %s ORDER BY n, t.id",
                *(table, columns, values, table, copies, self.last[model._table]),
            )
        )
        self.env.cr.execute(
            SQL(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM %s",
                *(model._table, table),
            )
        )

    def get_value(self, model, field, step):
        column = SQL.identifier("t", field.name)
        if field.name == "id":
            return SQL("t.id + n * %s", step)
        if field.type == "many2one":
            return self.get_id(field.comodel_name, column, step)
        if field.type == "date":
            return SQL("%s - n %% %s", column, DAYS)
        if field.type == "char" and field.name in UNIQUE:
            return SQL("%s || '-' || n", column)
        return column

    def get_id(self, name, column, step):
        """The id of the same copy, or what all have in common."""
        last = self.last.get(self.env[name]._table)
        if last is None:
            return column
        return SQL(
            "CASE WHEN %s > %s THEN %s + n * %s ELSE %s END",
            *(column, last, column, step, column),
        )

    def find_relations(self):
        """``(model, field)`` of each table of a many2many field, once."""
        found = {}
        for model in self.models:
            for field in model._fields.values():
                if field.type == "many2many" and field.store and not field.inherited:
                    found.setdefault(field.relation, (model, field))
        return found.values()

    def copy_relation(self, model, field, copies, step):
        table = SQL.identifier(field.relation)
        one = SQL.identifier("t", field.column1)
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s, %s) SELECT %s, %s FROM %s AS t, "
                "generate_series(1, %s) n WHERE %s > %s",
                table,
                SQL.identifier(field.column1),
                SQL.identifier(field.column2),
                self.get_id(model._name, one, step),
                self.get_id(
                    field.comodel_name, SQL.identifier("t", field.column2), step
                ),
                *(table, copies, one, self.last[model._table]),
            )
        )
