def migrate(cr, version):
    """Check reports keep the codes of their reasons in place of a text: those made
    before say the most telling one, in the language of whoever reads them. Indexes that
    others took the place of go."""
    cr.execute(
        "UPDATE maintenance_reinvoice_run_line SET reason_codes = reason "
        "WHERE reason IS NOT NULL AND reason_codes IS NULL"
    )
    cr.execute(
        """
        DROP INDEX IF EXISTS
            maintenance_reinvoice_log__run_id_index,
            maintenance_reinvoice_run_line__run_id_index
        """
    )
