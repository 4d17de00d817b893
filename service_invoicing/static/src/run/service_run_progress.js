import {Component, onWillStart, useEffect, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {deserializeDateTime, formatDateTime} from "@web/core/l10n/dates";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const REFRESH_MS = 2000;
const FIGURES = [
    "state",
    "progress",
    "done_count",
    "failed_count",
    "left_count",
    "speed_text",
    "expected_end",
    "idle_note",
];

/**
 * How far a run is while it is worked on, asked for again and again. The form itself,
 * with all its rows, is only read anew when the run has got on to another status.
 */
export class ServiceRunProgress extends Component {
    static template = "service_invoicing.ServiceRunProgress";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.figures = useState({});
        this.isBusy = false;
        onWillStart(() => this.read());
        useEffect(
            () => {
                const timer = browser.setInterval(() => this.refresh(), REFRESH_MS);
                return () => browser.clearInterval(timer);
            },
            () => []
        );
    }

    async read() {
        const {resId, resModel} = this.props.record;
        const [figures] = await this.orm.silent.read(resModel, [resId], FIGURES);
        Object.assign(this.figures, figures);
    }

    /**
     * A form that nobody looks at is left alone.
     */
    async refresh() {
        if (this.isBusy || document.hidden) {
            return;
        }
        this.isBusy = true;
        try {
            await this.read();
            const {record} = this.props;
            // What somebody has typed meanwhile is his to save first
            if (this.figures.state !== record.data.state && !record.dirty) {
                await record.load();
            }
        } finally {
            this.isBusy = false;
        }
    }

    get expectedEnd() {
        return formatDateTime(deserializeDateTime(this.figures.expected_end));
    }
}

registry.category("view_widgets").add("service_run_progress", {
    component: ServiceRunProgress,
});
