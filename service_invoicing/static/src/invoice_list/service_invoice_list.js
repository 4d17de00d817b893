import {AccountMoveListRenderer} from "@account/views/account_move_list/account_move_list_renderer";
import {ListRenderer} from "@web/views/list/list_renderer";
import {accountMoveUploadListView} from "@account/views/account_move_list/account_move_list_view";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";

/**
 * Takes no files: of them core makes documents without a type.
 */
export class ServiceInvoiceListRenderer extends AccountMoveListRenderer {
    static template = ListRenderer.template;
}

registry.category("views").add("service_invoice_list", {
    ...accountMoveUploadListView,
    Renderer: ServiceInvoiceListRenderer,
    buttonTemplate: listView.buttonTemplate,
});
