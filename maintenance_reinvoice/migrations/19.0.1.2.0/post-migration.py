def migrate(cr, version):
    """Reasons are asked for by the dialog of service billing: the tables of another
    one, which held nothing that lasts, go."""
    cr.execute(
        """
        DROP TABLE IF EXISTS
            maintenance_permission_maintenance_permission_reason_rel,
            maintenance_permission_reason
        """
    )
