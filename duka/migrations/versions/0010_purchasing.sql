CREATE TABLE suppliers (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    contact TEXT NOT NULL,
    phone TEXT,
    email TEXT,
    address TEXT NOT NULL,
    tax_id TEXT,
    credit_days INTEGER NOT NULL,
    lead_time_days INTEGER NOT NULL,
    stars INTEGER,
    notes TEXT NOT NULL,
    external_ref TEXT,
    search TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    owed_minor BIGINT NOT NULL,
    created_by UUID,
    body_hash BYTEA,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_suppliers PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_suppliers_shop_id FOREIGN KEY(shop_id) REFERENCES shops (shop_id),
    CONSTRAINT ck_suppliers_credit_days CHECK (credit_days BETWEEN 0 AND 365),
    CONSTRAINT ck_suppliers_lead_time CHECK (lead_time_days BETWEEN 0 AND 365),
    CONSTRAINT ck_suppliers_stars CHECK (stars BETWEEN 1 AND 5)
)
;;
CREATE INDEX ix_suppliers_name ON suppliers (shop_id, lower(name), id)
;;
CREATE UNIQUE INDEX uq_suppliers_external_ref ON suppliers (shop_id, external_ref)
;;
CREATE TABLE supplier_items (
    shop_id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    variant_id UUID NOT NULL,
    supplier_code TEXT NOT NULL,
    pack_size_milli BIGINT NOT NULL,
    price_minor BIGINT,
    priced_on DATE,
    preferred BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_supplier_items PRIMARY KEY (shop_id, supplier_id, variant_id),
    CONSTRAINT fk_supplier_items_supplier_id FOREIGN KEY(shop_id, supplier_id) REFERENCES suppliers (shop_id, id),
    CONSTRAINT fk_supplier_items_variant_id FOREIGN KEY(shop_id, variant_id) REFERENCES variants (shop_id, id),
    CONSTRAINT ck_supplier_items_pack_size CHECK (pack_size_milli > 0),
    CONSTRAINT ck_supplier_items_price CHECK (price_minor >= 0)
)
;;
CREATE INDEX ix_supplier_items_variant ON supplier_items (shop_id, variant_id)
;;
CREATE UNIQUE INDEX uq_supplier_items_preferred ON supplier_items (shop_id, variant_id) WHERE preferred
;;
CREATE TABLE purchase_counters (
    shop_id UUID NOT NULL,
    kind TEXT NOT NULL,
    financial_year TEXT NOT NULL,
    last BIGINT NOT NULL,
    CONSTRAINT pk_purchase_counters PRIMARY KEY (shop_id, kind, financial_year),
    CONSTRAINT fk_purchase_counters_shop_id FOREIGN KEY(shop_id) REFERENCES shops (shop_id)
)
;;
CREATE TABLE purchase_orders (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    number TEXT NOT NULL,
    supplier_id UUID NOT NULL,
    branch_id UUID NOT NULL,
    location_id UUID NOT NULL,
    state TEXT NOT NULL,
    expected_on DATE,
    note TEXT NOT NULL,
    total_minor BIGINT NOT NULL,
    created_by UUID,
    ordered_on DATE,
    body_hash BYTEA NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_purchase_orders PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_purchase_orders_supplier_id FOREIGN KEY(shop_id, supplier_id) REFERENCES suppliers (shop_id, id),
    CONSTRAINT fk_purchase_orders_branch_id FOREIGN KEY(shop_id, branch_id) REFERENCES branches (shop_id, id),
    CONSTRAINT fk_purchase_orders_location_id FOREIGN KEY(shop_id, location_id) REFERENCES locations (shop_id, id),
    CONSTRAINT uq_purchase_orders_number UNIQUE (shop_id, number),
    CONSTRAINT ck_purchase_orders_state CHECK (state IN ('requested', 'approved', 'rejected', 'ordered', 'part_received', 'received', 'closed', 'cancelled'))
)
;;
CREATE INDEX ix_purchase_orders_state ON purchase_orders (shop_id, state, id)
;;
CREATE INDEX ix_purchase_orders_supplier ON purchase_orders (shop_id, supplier_id, id)
;;
CREATE TABLE purchase_order_lines (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    position INTEGER NOT NULL,
    variant_id UUID NOT NULL,
    quantity_milli BIGINT NOT NULL,
    price_minor BIGINT NOT NULL,
    expected_on DATE,
    received_milli BIGINT NOT NULL,
    rejected_milli BIGINT NOT NULL,
    CONSTRAINT pk_purchase_order_lines PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_purchase_order_lines_order_id FOREIGN KEY(shop_id, order_id) REFERENCES purchase_orders (shop_id, id),
    CONSTRAINT fk_purchase_order_lines_variant_id FOREIGN KEY(shop_id, variant_id) REFERENCES variants (shop_id, id),
    CONSTRAINT ck_purchase_order_lines_quantity CHECK (quantity_milli > 0),
    CONSTRAINT ck_purchase_order_lines_price CHECK (price_minor >= 0),
    CONSTRAINT ck_purchase_order_lines_received CHECK (received_milli >= 0 AND rejected_milli >= 0)
)
;;
CREATE INDEX ix_purchase_order_lines_order ON purchase_order_lines (shop_id, order_id, position)
;;
CREATE INDEX ix_purchase_order_lines_variant ON purchase_order_lines (shop_id, variant_id)
;;
CREATE TABLE purchase_order_steps (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    step TEXT NOT NULL,
    state_from TEXT,
    state_to TEXT NOT NULL,
    staff_id UUID,
    reason TEXT,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_purchase_order_steps PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_purchase_order_steps_order_id FOREIGN KEY(shop_id, order_id) REFERENCES purchase_orders (shop_id, id)
)
;;
CREATE INDEX ix_purchase_order_steps_order ON purchase_order_steps (shop_id, order_id, id)
;;
CREATE TABLE goods_receipts (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    number TEXT NOT NULL,
    supplier_id UUID NOT NULL,
    order_id UUID,
    branch_id UUID NOT NULL,
    location_id UUID NOT NULL,
    delivery_note TEXT NOT NULL,
    note TEXT NOT NULL,
    freight_minor BIGINT NOT NULL,
    duty_minor BIGINT NOT NULL,
    other_minor BIGINT NOT NULL,
    goods_minor BIGINT NOT NULL,
    staff_id UUID,
    business_date DATE NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    body_hash BYTEA NOT NULL,
    CONSTRAINT pk_goods_receipts PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_goods_receipts_supplier_id FOREIGN KEY(shop_id, supplier_id) REFERENCES suppliers (shop_id, id),
    CONSTRAINT fk_goods_receipts_order_id FOREIGN KEY(shop_id, order_id) REFERENCES purchase_orders (shop_id, id),
    CONSTRAINT fk_goods_receipts_branch_id FOREIGN KEY(shop_id, branch_id) REFERENCES branches (shop_id, id),
    CONSTRAINT fk_goods_receipts_location_id FOREIGN KEY(shop_id, location_id) REFERENCES locations (shop_id, id),
    CONSTRAINT uq_goods_receipts_number UNIQUE (shop_id, number),
    CONSTRAINT ck_goods_receipts_landed CHECK (freight_minor >= 0 AND duty_minor >= 0 AND other_minor >= 0),
    CONSTRAINT ck_goods_receipts_goods CHECK (goods_minor >= 0)
)
;;
CREATE INDEX ix_goods_receipts_order ON goods_receipts (shop_id, order_id)
;;
CREATE INDEX ix_goods_receipts_supplier ON goods_receipts (shop_id, supplier_id, id)
;;
CREATE TABLE goods_receipt_lines (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    receipt_id UUID NOT NULL,
    position INTEGER NOT NULL,
    order_line_id UUID,
    variant_id UUID NOT NULL,
    accepted_milli BIGINT NOT NULL,
    rejected_milli BIGINT NOT NULL,
    reject_reason TEXT,
    price_minor BIGINT NOT NULL,
    value_minor BIGINT NOT NULL,
    landed_minor BIGINT NOT NULL,
    unit_cost_minor BIGINT NOT NULL,
    CONSTRAINT pk_goods_receipt_lines PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_goods_receipt_lines_receipt_id FOREIGN KEY(shop_id, receipt_id) REFERENCES goods_receipts (shop_id, id),
    CONSTRAINT fk_goods_receipt_lines_order_line_id FOREIGN KEY(shop_id, order_line_id) REFERENCES purchase_order_lines (shop_id, id),
    CONSTRAINT fk_goods_receipt_lines_variant_id FOREIGN KEY(shop_id, variant_id) REFERENCES variants (shop_id, id),
    CONSTRAINT ck_goods_receipt_lines_quantity CHECK (accepted_milli >= 0 AND rejected_milli >= 0),
    CONSTRAINT ck_goods_receipt_lines_something CHECK (accepted_milli + rejected_milli > 0),
    CONSTRAINT ck_goods_receipt_lines_amounts CHECK (price_minor >= 0 AND value_minor >= 0 AND landed_minor >= 0)
)
;;
CREATE INDEX ix_goods_receipt_lines_order_line ON goods_receipt_lines (shop_id, order_line_id)
;;
CREATE INDEX ix_goods_receipt_lines_receipt ON goods_receipt_lines (shop_id, receipt_id, position)
;;
CREATE INDEX ix_goods_receipt_lines_variant ON goods_receipt_lines (shop_id, variant_id, id)
;;
CREATE TABLE goods_receipt_progress (
    shop_id UUID NOT NULL,
    receipt_line_id UUID NOT NULL,
    billed_milli BIGINT NOT NULL,
    returned_milli BIGINT NOT NULL,
    credited_milli BIGINT NOT NULL,
    CONSTRAINT pk_goods_receipt_progress PRIMARY KEY (shop_id, receipt_line_id),
    CONSTRAINT fk_goods_receipt_progress_receipt_line_id FOREIGN KEY(shop_id, receipt_line_id) REFERENCES goods_receipt_lines (shop_id, id),
    CONSTRAINT ck_goods_receipt_progress_quantities CHECK (billed_milli >= 0 AND returned_milli >= 0 AND credited_milli >= 0),
    CONSTRAINT ck_goods_receipt_progress_credited CHECK (credited_milli <= billed_milli)
)
;;
CREATE TABLE supplier_bills (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    branch_id UUID NOT NULL,
    supplier_number TEXT NOT NULL,
    billed_on DATE NOT NULL,
    due_on DATE NOT NULL,
    net_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    charges_minor BIGINT NOT NULL,
    variance_minor BIGINT NOT NULL,
    note TEXT NOT NULL,
    staff_id UUID,
    business_date DATE NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    body_hash BYTEA NOT NULL,
    CONSTRAINT pk_supplier_bills PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_supplier_bills_supplier_id FOREIGN KEY(shop_id, supplier_id) REFERENCES suppliers (shop_id, id),
    CONSTRAINT fk_supplier_bills_branch_id FOREIGN KEY(shop_id, branch_id) REFERENCES branches (shop_id, id),
    CONSTRAINT uq_supplier_bills_supplier_number UNIQUE (shop_id, supplier_id, supplier_number),
    CONSTRAINT ck_supplier_bills_amounts CHECK (net_minor >= 0 AND tax_minor >= 0 AND charges_minor >= 0)
)
;;
CREATE INDEX ix_supplier_bills_supplier ON supplier_bills (shop_id, supplier_id, id)
;;
CREATE TABLE supplier_bill_lines (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    bill_id UUID NOT NULL,
    position INTEGER NOT NULL,
    receipt_line_id UUID NOT NULL,
    quantity_milli BIGINT NOT NULL,
    price_minor BIGINT NOT NULL,
    net_minor BIGINT NOT NULL,
    received_minor BIGINT NOT NULL,
    CONSTRAINT pk_supplier_bill_lines PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_supplier_bill_lines_bill_id FOREIGN KEY(shop_id, bill_id) REFERENCES supplier_bills (shop_id, id),
    CONSTRAINT fk_supplier_bill_lines_receipt_line_id FOREIGN KEY(shop_id, receipt_line_id) REFERENCES goods_receipt_lines (shop_id, id),
    CONSTRAINT ck_supplier_bill_lines_quantity CHECK (quantity_milli > 0),
    CONSTRAINT ck_supplier_bill_lines_amounts CHECK (price_minor >= 0 AND net_minor >= 0 AND received_minor >= 0)
)
;;
CREATE INDEX ix_supplier_bill_lines_bill ON supplier_bill_lines (shop_id, bill_id, position)
;;
CREATE INDEX ix_supplier_bill_lines_receipt_line ON supplier_bill_lines (shop_id, receipt_line_id)
;;
CREATE TABLE supplier_payments (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    branch_id UUID NOT NULL,
    method TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    reference TEXT NOT NULL,
    note TEXT NOT NULL,
    staff_id UUID,
    business_date DATE NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    body_hash BYTEA NOT NULL,
    CONSTRAINT pk_supplier_payments PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_supplier_payments_supplier_id FOREIGN KEY(shop_id, supplier_id) REFERENCES suppliers (shop_id, id),
    CONSTRAINT fk_supplier_payments_branch_id FOREIGN KEY(shop_id, branch_id) REFERENCES branches (shop_id, id),
    CONSTRAINT ck_supplier_payments_amount CHECK (amount_minor > 0),
    CONSTRAINT ck_supplier_payments_method CHECK (method IN ('cash', 'mtn_momo', 'airtel_money', 'card', 'bank_transfer', 'upi', 'other'))
)
;;
CREATE INDEX ix_supplier_payments_supplier ON supplier_payments (shop_id, supplier_id, id)
;;
CREATE TABLE supplier_returns (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    number TEXT NOT NULL,
    supplier_id UUID NOT NULL,
    branch_id UUID NOT NULL,
    location_id UUID NOT NULL,
    reason TEXT NOT NULL,
    debit_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    received_minor BIGINT NOT NULL,
    cost_minor BIGINT NOT NULL,
    staff_id UUID,
    business_date DATE NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    body_hash BYTEA NOT NULL,
    CONSTRAINT pk_supplier_returns PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_supplier_returns_supplier_id FOREIGN KEY(shop_id, supplier_id) REFERENCES suppliers (shop_id, id),
    CONSTRAINT fk_supplier_returns_branch_id FOREIGN KEY(shop_id, branch_id) REFERENCES branches (shop_id, id),
    CONSTRAINT fk_supplier_returns_location_id FOREIGN KEY(shop_id, location_id) REFERENCES locations (shop_id, id),
    CONSTRAINT uq_supplier_returns_number UNIQUE (shop_id, number),
    CONSTRAINT ck_supplier_returns_amounts CHECK (debit_minor >= 0 AND tax_minor >= 0 AND received_minor >= 0)
)
;;
CREATE INDEX ix_supplier_returns_supplier ON supplier_returns (shop_id, supplier_id, id)
;;
CREATE TABLE supplier_return_lines (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    return_id UUID NOT NULL,
    position INTEGER NOT NULL,
    receipt_line_id UUID NOT NULL,
    variant_id UUID NOT NULL,
    unbilled_milli BIGINT NOT NULL,
    billed_milli BIGINT NOT NULL,
    received_minor BIGINT NOT NULL,
    debit_minor BIGINT NOT NULL,
    unit_cost_minor BIGINT NOT NULL,
    CONSTRAINT pk_supplier_return_lines PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_supplier_return_lines_return_id FOREIGN KEY(shop_id, return_id) REFERENCES supplier_returns (shop_id, id),
    CONSTRAINT fk_supplier_return_lines_receipt_line_id FOREIGN KEY(shop_id, receipt_line_id) REFERENCES goods_receipt_lines (shop_id, id),
    CONSTRAINT fk_supplier_return_lines_variant_id FOREIGN KEY(shop_id, variant_id) REFERENCES variants (shop_id, id),
    CONSTRAINT ck_supplier_return_lines_quantities CHECK (unbilled_milli >= 0 AND billed_milli >= 0),
    CONSTRAINT ck_supplier_return_lines_something CHECK (unbilled_milli + billed_milli > 0)
)
;;
CREATE INDEX ix_supplier_return_lines_receipt_line ON supplier_return_lines (shop_id, receipt_line_id)
;;
CREATE INDEX ix_supplier_return_lines_return ON supplier_return_lines (shop_id, return_id, position)
