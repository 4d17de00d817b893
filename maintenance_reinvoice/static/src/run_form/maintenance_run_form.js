import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {registry} from "@web/core/registry";

const EXECUTING = ["action_execute", "action_execute_print"];

/**
 * Asks before a run is executed, and says what it comes to.
 */
export class MaintenanceRunFormController extends FormController {
    async beforeExecuteActionButton(clickParams) {
        const isSaved = await super.beforeExecuteActionButton(...arguments);
        if (isSaved === false || !EXECUTING.includes(clickParams.name)) {
            return isSaved;
        }
        return new Promise((resolve) => {
            this.dialogService.add(
                ConfirmationDialog,
                {
                    body: this.model.root.data.execute_question,
                    confirm: () => resolve(true),
                    cancel: () => resolve(false),
                },
                {onClose: () => resolve(false)}
            );
        });
    }
}

registry.category("views").add("maintenance_run_form", {
    ...formView,
    Controller: MaintenanceRunFormController,
});
