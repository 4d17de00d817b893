import {Component, useRef} from "@odoo/owl";
import {FileUploader} from "@web/views/fields/file_handler";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useDropzone} from "@web/core/dropzone/dropzone_hook";
import {useService} from "@web/core/utils/hooks";

const MODEL = "service.work.order.document";
const EDITABLE = ["draft", "in_progress", "checking"];

/**
 * The place of one document: takes files by click or drag and drop.
 */
export class ServiceDocumentSlot extends FileUploader {
    static template = "service_invoicing.ServiceDocumentSlot";
    static props = {
        ...FileUploader.props,
        slot: Object,
        mayAdd: Boolean,
        mayRemove: Boolean,
        onRemoved: Function,
    };

    setup() {
        super.setup();
        this.root = useRef("root");
        useDropzone(
            this.root,
            // as if they were chosen
            (ev) => this.onFileChange({target: {files: ev.dataTransfer.files}}),
            "o_service_document_drop",
            () => this.props.mayAdd
        );
    }

    get isMissing() {
        return this.props.slot.wanted && !this.props.slot.files.length;
    }

    getUrl(file) {
        return `/web/content/${MODEL}/${file.id}/file/${encodeURIComponent(file.name)}`;
    }
}

/**
 * A place for each document that the check of a work order asks for. The order says
 * which these are, and its documents may refuse what is done here.
 */
export class ServiceDocuments extends Component {
    static template = "service_invoicing.ServiceDocuments";
    static components = {ServiceDocumentSlot};
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
    }

    get slots() {
        return this.props.record.data.document_slots || [];
    }

    get mayAdd() {
        return this.props.record.isInEdition;
    }

    get mayRemove() {
        return this.mayAdd && EDITABLE.includes(this.props.record.data.state);
    }

    /**
     * @param {Object} slot
     * @param {Object} file as the file uploader gives it
     */
    async attach(slot, {name, data}) {
        const {record} = this.props;
        // a new order is saved first
        if (await record.save()) {
            const vals = {order_id: record.resId, type_id: slot.id, name, file: data};
            await this.orm.create(MODEL, [vals]);
            await record.load();
        }
    }

    /**
     * @param {Object} file of a slot
     */
    async remove(file) {
        const {record} = this.props;
        if (await record.save()) {
            await this.orm.unlink(MODEL, [file.id]);
            await record.load();
        }
    }
}

registry.category("view_widgets").add("service_documents", {
    component: ServiceDocuments,
    fieldDependencies: [
        {name: "document_slots", type: "json"},
        {name: "state", type: "selection"},
    ],
});
