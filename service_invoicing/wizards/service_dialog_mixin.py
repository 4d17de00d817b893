from odoo import api, models


class ServiceDialogMixin(models.AbstractModel):
    """A dialog shows only what its user may see, also when a remote client fills it.

    Its related fields are to be read with the user's rights (``related_sudo=False``)
    and its stored fields computed with them (``compute_sudo=False``)."""

    _name = "service.dialog.mixin"
    _description = "Dialog with the User's Rights"

    @api.model_create_multi
    def create(self, vals_list):
        dialogs = super().create(vals_list)
        # default values count, too
        dialogs._check_shown(self._get_shown_fields())
        return dialogs

    def write(self, vals):
        result = super().write(vals)
        self._check_shown(self._get_shown_fields() & vals.keys())
        return result

    def _get_dialog_action(self, title, **values):
        """Action that opens this dialog; defaults that are meant for the document
        behind it stay there.

        :param str title: translated
        :param values: what differs from core's action for records
        """
        values = {"name": title, "target": "new", "context": {}} | values
        return self._get_records_action(**values)

    @api.model
    def _get_shown_fields(self):
        """Names of the stored fields that hold records of other documents."""
        return {
            name
            for name, field in self._fields.items()
            if field.store
            and field.type in ("many2one", "many2many")
            and not self.env[field.comodel_name]._transient
            and name not in models.MAGIC_COLUMNS
        }

    def _check_shown(self, names):
        """:raise AccessError: when the user may not read what the dialogs hold"""
        if self.env.su:
            return
        for name in names:
            # nobody's rights are those of who filled the cache
            self[name].with_env(self.env).check_access("read")
