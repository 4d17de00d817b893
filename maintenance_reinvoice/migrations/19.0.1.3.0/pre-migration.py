def migrate(cr, version):
    """Lines keep the day of their bill. In SQL, since the ORM would work it out line by
    line, and all that follows from it; a column that is there it leaves alone."""
    cr.execute(
        """
        ALTER TABLE maintenance_permission_line
          ADD COLUMN IF NOT EXISTS bill_date date
        """
    )
    cr.execute(
        """
        UPDATE maintenance_permission_line line
           SET bill_date = bills.bill_date
          FROM (
                SELECT item.maintenance_line_id AS id,
                       MAX(COALESCE(bill.invoice_date, item.date)) AS bill_date
                  FROM account_move_line item
                  JOIN account_move bill ON bill.id = item.move_id
                 WHERE item.maintenance_line_id IS NOT NULL
                   AND item.parent_state = 'posted'
                   AND bill.move_type = 'in_invoice'
                 GROUP BY item.maintenance_line_id
               ) bills
         WHERE bills.id = line.id
        """
    )
