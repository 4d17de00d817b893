import {Component, onWillStart} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const CREDITABLE = ["authorized", "partially_adjusted", "adjusted"];

/**
 * Three dots at the end of an invoice's row: print it or credit it, without opening
 * it. What may be done is decided by the methods it calls.
 */
export class ServiceRowMenu extends Component {
    static template = "service_invoicing.ServiceRowMenu";
    static components = {Dropdown, DropdownItem};
    static props = {...standardWidgetProps};

    setup() {
        this.action = useService("action");
        this.mayCredit = false;
        onWillStart(async () => {
            this.mayCredit = await user.hasGroup(
                "service_invoicing.group_service_billing"
            );
        });
    }

    get label() {
        return _t("Actions of %s", this.props.record.data.service_number || "");
    }

    get showsCredit() {
        const {service_status: status, move_type: moveType} = this.props.record.data;
        return (
            this.mayCredit && moveType === "out_invoice" && CREDITABLE.includes(status)
        );
    }

    print() {
        return this.call("action_service_print");
    }

    credit() {
        return this.call("action_service_credit");
    }

    /**
     * Call a method of the row's invoice and run the action it returns.
     *
     * @param {String} name method of account.move
     */
    call(name) {
        const {record} = this.props;
        return this.action.doActionButton({
            type: "object",
            name,
            resModel: record.resModel,
            resId: record.resId,
            resIds: [record.resId],
            context: record.context,
            onClose: () => record.model.root.load(),
        });
    }
}

registry.category("view_widgets").add("service_row_menu", {
    component: ServiceRowMenu,
    fieldDependencies: [
        {name: "service_status", type: "selection"},
        {name: "move_type", type: "selection"},
        {name: "service_number", type: "char"},
    ],
    listViewWidth: 40,
});
