from . import (
    account_edi_common,
    account_edi_xml_cii,
    account_edi_xml_ubl_20,
    account_move_send,
    maintenance_permission_line,
    maintenance_reinvoice_row,
    maintenance_reinvoice_run_line,
    service_einvoice,
)
