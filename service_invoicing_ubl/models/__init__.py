from . import (
    account_edi_ubl,
    account_edi_xml_cii,
    account_edi_xml_ubl_20,
    account_edi_xml_ubl_bis3,
    account_move,
    account_move_check,
    account_move_import,
    account_move_line,
    account_move_send,
    res_partner,
    service_insurance_claim,
    service_work_order,
)
