import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/**
 * Tells whoever began a run that it is through, wherever in Odoo he is by then.
 */
export const maintenanceRunNoticeService = {
    dependencies: ["action", "bus_service", "notification"],

    start(env, {action, bus_service: bus, notification}) {
        bus.subscribe("maintenance_reinvoice.run_finished", ({id, message, type}) => {
            const close = notification.add(message, {
                type,
                sticky: true,
                buttons: [
                    {
                        name: _t("Open the run"),
                        primary: true,
                        onClick: () => {
                            close();
                            action.doAction({
                                type: "ir.actions.act_window",
                                res_model: "maintenance.reinvoice.run",
                                res_id: id,
                                views: [[false, "form"]],
                            });
                        },
                    },
                ],
            });
        });
        bus.start();
    },
};

registry
    .category("services")
    .add("maintenance_run_notice", maintenanceRunNoticeService);
