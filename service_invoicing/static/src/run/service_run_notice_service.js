import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/**
 * Tells whoever began a run that it is through, wherever in Odoo he is by then.
 */
export const serviceRunNoticeService = {
    dependencies: ["action", "bus_service", "notification"],

    start(env, {action, bus_service: bus, notification}) {
        bus.subscribe(
            "service_invoicing.run_finished",
            ({model, id, message, type}) => {
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
                                    res_model: model,
                                    res_id: id,
                                    views: [[false, "form"]],
                                });
                            },
                        },
                    ],
                });
            }
        );
        bus.start();
    },
};

registry.category("services").add("service_run_notice", serviceRunNoticeService);
