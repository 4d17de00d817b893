def migrate(cr, version):
    """A killed run goes on within a minute: scheduled jobs are not updated by data
    files. Another interval than the one it came with was somebody's choice. In SQL,
    because the record cannot be written while the job is at work."""
    cr.execute(
        """
        UPDATE ir_cron
           SET interval_type = 'minutes',
               nextcall = DATE_TRUNC('second', NOW() AT TIME ZONE 'UTC')
          FROM ir_model_data
         WHERE ir_model_data.module = 'maintenance_reinvoice'
           AND ir_model_data.name = 'cron_continue_runs'
           AND ir_model_data.model = 'ir.cron'
           AND ir_model_data.res_id = ir_cron.id
           AND ir_cron.interval_type = 'hours'
           AND ir_cron.interval_number = 1
        """
    )
