CREATE EXTENSION IF NOT EXISTS pg_trgm
;;
CREATE EXTENSION IF NOT EXISTS unaccent
;;
CREATE EXTENSION IF NOT EXISTS btree_gin
;;
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are written once', TG_TABLE_NAME USING ERRCODE = '42501';
END $$
;;
CREATE TABLE accounts (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    phone TEXT,
    email TEXT,
    password_hash TEXT,
    language TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_accounts PRIMARY KEY (id),
    CONSTRAINT ck_accounts_reachable CHECK (phone IS NOT NULL OR email IS NOT NULL)
)
;;
CREATE UNIQUE INDEX uq_accounts_email ON accounts (lower(email))
;;
CREATE UNIQUE INDEX uq_accounts_phone ON accounts (phone)
;;
CREATE TABLE attempts (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    window_start TIMESTAMP WITH TIME ZONE NOT NULL,
    count INTEGER NOT NULL,
    CONSTRAINT pk_attempts PRIMARY KEY (kind, subject, window_start)
)
;;
CREATE TABLE audit_entries (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT NOT NULL,
    staff_id UUID,
    session_id UUID,
    register_id UUID,
    ip TEXT,
    user_agent TEXT,
    request_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    entity_id UUID NOT NULL,
    action TEXT NOT NULL,
    before JSONB,
    after JSONB,
    reason TEXT,
    CONSTRAINT pk_audit_entries PRIMARY KEY (shop_id, id)
)
;;
CREATE INDEX ix_audit_entries_at ON audit_entries (shop_id, at)
;;
CREATE INDEX ix_audit_entries_entity ON audit_entries (shop_id, entity_id, id)
;;
CREATE INDEX ix_audit_entries_staff ON audit_entries (shop_id, staff_id, id)
;;
CREATE TABLE document_exceptions (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    document TEXT NOT NULL,
    document_id UUID NOT NULL,
    code TEXT NOT NULL,
    facts JSONB NOT NULL,
    branch_id UUID,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE,
    settled_by UUID,
    settlement TEXT,
    CONSTRAINT pk_document_exceptions PRIMARY KEY (shop_id, id)
)
;;
CREATE INDEX ix_document_exceptions_document ON document_exceptions (shop_id, document_id)
;;
CREATE INDEX ix_document_exceptions_open ON document_exceptions (shop_id, id) WHERE settled_at IS NULL
;;
CREATE TABLE event_consumers (
    shop_id UUID NOT NULL,
    consumer TEXT NOT NULL,
    position BIGINT NOT NULL,
    CONSTRAINT pk_event_consumers PRIMARY KEY (shop_id, consumer)
)
;;
CREATE TABLE event_heads (
    shop_id UUID NOT NULL,
    position BIGINT NOT NULL,
    CONSTRAINT pk_event_heads PRIMARY KEY (shop_id)
)
;;
CREATE TABLE idempotency_keys (
    shop_id UUID NOT NULL,
    key TEXT NOT NULL,
    path TEXT NOT NULL,
    body_hash BYTEA NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    location TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (shop_id, key)
)
;;
CREATE INDEX ix_idempotency_keys_created ON idempotency_keys (shop_id, created_at)
;;
CREATE TABLE login_guards (
    subject BYTEA NOT NULL,
    failed INTEGER NOT NULL,
    lockouts INTEGER NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    failed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_login_guards PRIMARY KEY (subject)
)
;;
CREATE TABLE one_time_codes (
    id UUID NOT NULL,
    recipient TEXT NOT NULL,
    purpose TEXT NOT NULL,
    code_hash BYTEA NOT NULL,
    tries INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    spent_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_one_time_codes PRIMARY KEY (id)
)
;;
CREATE INDEX ix_one_time_codes_recipient ON one_time_codes (recipient, created_at)
;;
CREATE TABLE outbox (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    event TEXT NOT NULL,
    entity_id UUID NOT NULL,
    facts JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    position BIGINT,
    CONSTRAINT pk_outbox PRIMARY KEY (shop_id, id)
)
;;
CREATE INDEX ix_outbox_waiting ON outbox (shop_id, id) WHERE position IS NULL
;;
CREATE UNIQUE INDEX uq_outbox_position ON outbox (shop_id, position) WHERE position IS NOT NULL
;;
CREATE TABLE quarantined_documents (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    register_id UUID NOT NULL,
    document TEXT NOT NULL,
    claimed_id TEXT,
    claimed_series TEXT,
    claimed_counter BIGINT,
    reason TEXT NOT NULL,
    facts JSONB NOT NULL,
    body BYTEA NOT NULL,
    body_hash BYTEA NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE,
    settled_by UUID,
    settlement TEXT,
    CONSTRAINT pk_quarantined_documents PRIMARY KEY (shop_id, id)
)
;;
CREATE INDEX ix_quarantined_documents_number ON quarantined_documents (shop_id, claimed_series, claimed_counter)
;;
CREATE UNIQUE INDEX uq_quarantined_documents_body ON quarantined_documents (shop_id, body_hash)
;;
CREATE TABLE shop_directory (
    shop_id UUID NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_shop_directory PRIMARY KEY (shop_id)
)
;;
CREATE UNIQUE INDEX uq_shop_directory_slug ON shop_directory (slug)
;;
CREATE TABLE shops (
    shop_id UUID NOT NULL,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    phone TEXT,
    country TEXT NOT NULL,
    state_code TEXT,
    tax_id TEXT,
    currency TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    settings JSONB NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_shops PRIMARY KEY (shop_id)
)
;;
CREATE TABLE branches (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    phone TEXT,
    manager_id UUID,
    active BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_branches PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_branches_shop_id FOREIGN KEY(shop_id) REFERENCES shops (shop_id),
    CONSTRAINT uq_branches_name UNIQUE (shop_id, name)
)
;;
CREATE TABLE customers (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    phone TEXT,
    email TEXT,
    address TEXT NOT NULL,
    state_code TEXT,
    id_number BYTEA,
    born_on DATE,
    gender TEXT,
    notes TEXT NOT NULL,
    type TEXT NOT NULL,
    tax_id TEXT,
    tags JSONB NOT NULL,
    credit_limit_minor BIGINT NOT NULL,
    external_ref TEXT,
    search TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    created_by UUID,
    body_hash BYTEA,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_customers PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_customers_shop_id FOREIGN KEY(shop_id) REFERENCES shops (shop_id),
    CONSTRAINT ck_customers_type CHECK (type IN ('retail', 'wholesale')),
    CONSTRAINT ck_customers_credit CHECK (credit_limit_minor >= 0)
)
;;
CREATE INDEX ix_customers_created ON customers (shop_id, created_at, id)
;;
CREATE INDEX ix_customers_name ON customers (shop_id, lower(name), id)
;;
CREATE INDEX ix_customers_search ON customers USING gin (shop_id, search gin_trgm_ops)
;;
CREATE UNIQUE INDEX uq_customers_external_ref ON customers (shop_id, external_ref)
;;
CREATE UNIQUE INDEX uq_customers_phone ON customers (shop_id, phone)
;;
CREATE TABLE device_sessions (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    device_id UUID NOT NULL,
    device_name TEXT NOT NULL,
    platform TEXT NOT NULL,
    ip TEXT,
    user_agent TEXT,
    remember BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_reason TEXT,
    ended_by TEXT,
    CONSTRAINT pk_device_sessions PRIMARY KEY (id),
    CONSTRAINT fk_device_sessions_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
)
;;
CREATE INDEX ix_device_sessions_account ON device_sessions (account_id, device_id)
;;
CREATE INDEX ix_device_sessions_live ON device_sessions (account_id) WHERE ended_at IS NULL
;;
CREATE TABLE groups (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    parent_id UUID,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    colour TEXT,
    icon TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_groups PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_groups_shop_id FOREIGN KEY(shop_id) REFERENCES shops (shop_id),
    CONSTRAINT fk_groups_parent_id FOREIGN KEY(shop_id, parent_id) REFERENCES groups (shop_id, id)
)
;;
CREATE UNIQUE INDEX uq_groups_name ON groups (shop_id, coalesce(parent_id, shop_id), name)
;;
CREATE TABLE import_runs (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    filename TEXT NOT NULL,
    state TEXT NOT NULL,
    dry_run BOOLEAN NOT NULL,
    columns JSONB NOT NULL,
    preset TEXT,
    file BYTEA,
    rows_total INTEGER NOT NULL,
    rows_done INTEGER NOT NULL,
    report JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by UUID,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_import_runs PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_import_runs_shop_id FOREIGN KEY(shop_id) REFERENCES shops (shop_id),
    CONSTRAINT ck_import_runs_state CHECK (state IN ('running', 'done', 'failed', 'undoing', 'undone')),
    CONSTRAINT ck_import_runs_progress CHECK (rows_done BETWEEN 0 AND rows_total)
)
;;
CREATE TABLE ledger_accounts (
    shop_id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    CONSTRAINT pk_ledger_accounts PRIMARY KEY (shop_id, code),
    CONSTRAINT fk_ledger_accounts_shop_id FOREIGN KEY(shop_id) REFERENCES shops (shop_id),
    CONSTRAINT ck_ledger_accounts_kind CHECK (kind IN ('asset', 'liability', 'equity', 'income', 'expense'))
)
;;
CREATE TABLE memberships (
    account_id UUID NOT NULL,
    shop_id UUID NOT NULL,
    staff_id UUID NOT NULL,
    CONSTRAINT pk_memberships PRIMARY KEY (account_id, shop_id),
    CONSTRAINT fk_memberships_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
)
;;
CREATE INDEX ix_memberships_shop_id ON memberships (shop_id)
;;
CREATE TABLE roles (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    preset TEXT,
    permissions JSONB NOT NULL,
    discount_ceiling_bp INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_roles PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_roles_shop_id FOREIGN KEY(shop_id) REFERENCES shops (shop_id),
    CONSTRAINT uq_roles_name UNIQUE (shop_id, name),
    CONSTRAINT ck_roles_discount CHECK (discount_ceiling_bp BETWEEN 0 AND 10000)
)
;;
CREATE TABLE tax_classes (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    treatment TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_tax_classes PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_tax_classes_shop_id FOREIGN KEY(shop_id) REFERENCES shops (shop_id),
    CONSTRAINT uq_tax_classes_name UNIQUE (shop_id, name),
    CONSTRAINT ck_tax_classes_treatment CHECK (treatment IN ('taxed', 'zero', 'exempt', 'nil'))
)
;;
CREATE TABLE daily_totals (
    shop_id UUID NOT NULL,
    branch_id UUID NOT NULL,
    business_date DATE NOT NULL,
    sales BIGINT NOT NULL,
    discount_minor BIGINT NOT NULL,
    net_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    rounding_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL,
    cost_minor BIGINT NOT NULL,
    credit_notes BIGINT NOT NULL,
    credited_minor BIGINT NOT NULL,
    CONSTRAINT pk_daily_totals PRIMARY KEY (shop_id, branch_id, business_date),
    CONSTRAINT fk_daily_totals_branch_id FOREIGN KEY(shop_id, branch_id) REFERENCES branches (shop_id, id)
)
;;
CREATE TABLE import_items (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    run_id UUID NOT NULL,
    did TEXT NOT NULL,
    entity_id UUID NOT NULL,
    variant_id UUID,
    version INTEGER NOT NULL,
    before JSONB,
    CONSTRAINT pk_import_items PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_import_items_run_id FOREIGN KEY(shop_id, run_id) REFERENCES import_runs (shop_id, id),
    CONSTRAINT ck_import_items_did CHECK (did IN ('make_group', 'make_product', 'make_variant', 'change'))
)
;;
CREATE INDEX ix_import_items_run ON import_items (shop_id, run_id, entity_id)
;;
CREATE TABLE locations (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    branch_id UUID NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_locations PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_locations_branch_id FOREIGN KEY(shop_id, branch_id) REFERENCES branches (shop_id, id),
    CONSTRAINT uq_locations_name UNIQUE (shop_id, branch_id, name),
    CONSTRAINT ck_locations_kind CHECK (kind IN ('showroom', 'warehouse', 'van', 'bench', 'transit', 'damaged'))
)
;;
CREATE UNIQUE INDEX uq_locations_showroom ON locations (shop_id, branch_id) WHERE kind = 'showroom' AND active
;;
CREATE TABLE notifications (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    event_id UUID NOT NULL,
    kind TEXT NOT NULL,
    entity_id UUID NOT NULL,
    facts JSONB NOT NULL,
    permission TEXT NOT NULL,
    branch_id UUID,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_notifications PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_notifications_branch_id FOREIGN KEY(shop_id, branch_id) REFERENCES branches (shop_id, id)
)
;;
CREATE UNIQUE INDEX uq_notifications_event ON notifications (shop_id, event_id, kind)
;;
CREATE TABLE postings (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    debit TEXT NOT NULL,
    credit TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    source TEXT NOT NULL,
    source_id UUID NOT NULL,
    business_date DATE NOT NULL,
    posted_on DATE NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_postings PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_postings_debit FOREIGN KEY(shop_id, debit) REFERENCES ledger_accounts (shop_id, code),
    CONSTRAINT fk_postings_credit FOREIGN KEY(shop_id, credit) REFERENCES ledger_accounts (shop_id, code),
    CONSTRAINT ck_postings_amount CHECK (amount_minor > 0),
    CONSTRAINT ck_postings_accounts CHECK (debit <> credit)
)
;;
CREATE INDEX ix_postings_date ON postings (shop_id, posted_on)
;;
CREATE INDEX ix_postings_source ON postings (shop_id, source_id)
;;
CREATE TABLE products (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    group_id UUID,
    tax_class_id UUID NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    description TEXT NOT NULL,
    brand TEXT NOT NULL,
    unit TEXT NOT NULL,
    hsn TEXT,
    tracking TEXT NOT NULL,
    attributes JSONB NOT NULL,
    warranty_months INTEGER NOT NULL,
    min_stock_milli BIGINT NOT NULL,
    reorder_level_milli BIGINT,
    reorder_quantity_milli BIGINT,
    picture TEXT,
    external_ref TEXT,
    active BOOLEAN NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_products PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_products_group_id FOREIGN KEY(shop_id, group_id) REFERENCES groups (shop_id, id),
    CONSTRAINT fk_products_tax_class_id FOREIGN KEY(shop_id, tax_class_id) REFERENCES tax_classes (shop_id, id),
    CONSTRAINT ck_products_kind CHECK (kind IN ('goods', 'service')),
    CONSTRAINT ck_products_tracking CHECK (tracking IN ('none', 'quantity', 'batch', 'serial')),
    CONSTRAINT ck_products_service CHECK (kind = 'goods' OR tracking = 'none')
)
;;
CREATE INDEX ix_products_group ON products (shop_id, group_id)
;;
CREATE INDEX ix_products_name ON products (shop_id, name, id)
;;
CREATE UNIQUE INDEX uq_products_external_ref ON products (shop_id, external_ref)
;;
CREATE TABLE refresh_tokens (
    id UUID NOT NULL,
    session_id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    spent_at TIMESTAMP WITH TIME ZONE,
    spent_request TEXT,
    CONSTRAINT pk_refresh_tokens PRIMARY KEY (id),
    CONSTRAINT fk_refresh_tokens_session_id FOREIGN KEY(session_id) REFERENCES device_sessions (id)
)
;;
CREATE INDEX ix_refresh_tokens_session_id ON refresh_tokens (session_id)
;;
CREATE UNIQUE INDEX uq_refresh_tokens_hash ON refresh_tokens (token_hash)
;;
CREATE TABLE registers (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    branch_id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    installation_id UUID,
    credential_hash BYTEA,
    replaced_at TIMESTAMP WITH TIME ZONE,
    closed_at TIMESTAMP WITH TIME ZONE,
    sale_counter BIGINT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_registers PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_registers_branch_id FOREIGN KEY(shop_id, branch_id) REFERENCES branches (shop_id, id),
    CONSTRAINT uq_registers_code UNIQUE (shop_id, code),
    CONSTRAINT ck_registers_kind CHECK (kind IN ('installation', 'server')),
    CONSTRAINT ck_registers_code CHECK (code ~ '^[A-Z0-9]{1,4}$')
)
;;
CREATE TABLE staff (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    account_id UUID,
    name TEXT NOT NULL,
    role_id UUID NOT NULL,
    branch_id UUID,
    status TEXT NOT NULL,
    last_login_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_staff PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_staff_role_id FOREIGN KEY(shop_id, role_id) REFERENCES roles (shop_id, id),
    CONSTRAINT fk_staff_branch_id FOREIGN KEY(shop_id, branch_id) REFERENCES branches (shop_id, id),
    CONSTRAINT uq_staff_account UNIQUE (shop_id, account_id),
    CONSTRAINT ck_staff_status CHECK (status IN ('invited', 'active', 'suspended', 'deleted'))
)
;;
CREATE TABLE tax_rates (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    tax_class_id UUID NOT NULL,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    rate_bp INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    CONSTRAINT pk_tax_rates PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_tax_rates_tax_class_id FOREIGN KEY(shop_id, tax_class_id) REFERENCES tax_classes (shop_id, id),
    CONSTRAINT uq_tax_rates_from UNIQUE (shop_id, tax_class_id, code, valid_from),
    CONSTRAINT ck_tax_rates_kind CHECK (kind IN ('gst', 'vat', 'cess')),
    CONSTRAINT ck_tax_rates_rate CHECK (rate_bp BETWEEN 0 AND 100000)
)
;;
CREATE TABLE api_keys (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    key_hash BYTEA NOT NULL,
    hint TEXT NOT NULL,
    permissions JSONB NOT NULL,
    allowed_ips JSONB NOT NULL,
    created_by UUID NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    last_used_on DATE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_api_keys PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_api_keys_created_by FOREIGN KEY(shop_id, created_by) REFERENCES staff (shop_id, id)
)
;;
CREATE UNIQUE INDEX uq_api_keys_hash ON api_keys (shop_id, key_hash)
;;
CREATE TABLE carts (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    branch_id UUID NOT NULL,
    name TEXT NOT NULL,
    content JSONB NOT NULL,
    held_by UUID,
    held_at TIMESTAMP WITH TIME ZONE,
    taken_by UUID,
    taken_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_carts PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_carts_branch_id FOREIGN KEY(shop_id, branch_id) REFERENCES branches (shop_id, id),
    CONSTRAINT fk_carts_held_by FOREIGN KEY(shop_id, held_by) REFERENCES staff (shop_id, id)
)
;;
CREATE INDEX ix_carts_held ON carts (shop_id, branch_id, held_at) WHERE taken_at IS NULL
;;
CREATE TABLE invitations (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    staff_id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    sent_to TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_invitations PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_invitations_staff_id FOREIGN KEY(shop_id, staff_id) REFERENCES staff (shop_id, id)
)
;;
CREATE INDEX ix_invitations_staff ON invitations (shop_id, staff_id)
;;
CREATE UNIQUE INDEX uq_invitations_hash ON invitations (shop_id, token_hash)
;;
CREATE TABLE register_codes (
    shop_id UUID NOT NULL,
    code TEXT NOT NULL,
    register_id UUID NOT NULL,
    kind TEXT NOT NULL,
    CONSTRAINT pk_register_codes PRIMARY KEY (shop_id, code),
    CONSTRAINT fk_register_codes_register_id FOREIGN KEY(shop_id, register_id) REFERENCES registers (shop_id, id),
    CONSTRAINT uq_register_codes_kind UNIQUE (shop_id, register_id, kind),
    CONSTRAINT ck_register_codes_kind CHECK (kind IN ('invoice', 'credit_note', 'debit_note')),
    CONSTRAINT ck_register_codes_code CHECK (code ~ '^[A-Z0-9]{1,4}$')
)
;;
CREATE TABLE register_sessions (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    register_id UUID NOT NULL,
    opened_by UUID NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    business_date DATE NOT NULL,
    float_minor BIGINT NOT NULL,
    closed_by UUID,
    closed_at TIMESTAMP WITH TIME ZONE,
    counted_minor BIGINT,
    expected_minor BIGINT,
    note TEXT,
    recorded BOOLEAN NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    body_hash BYTEA NOT NULL,
    CONSTRAINT pk_register_sessions PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_register_sessions_register_id FOREIGN KEY(shop_id, register_id) REFERENCES registers (shop_id, id),
    CONSTRAINT fk_register_sessions_opened_by FOREIGN KEY(shop_id, opened_by) REFERENCES staff (shop_id, id),
    CONSTRAINT ck_register_sessions_float CHECK (float_minor >= 0)
)
;;
CREATE UNIQUE INDEX uq_register_sessions_open ON register_sessions (shop_id, register_id) WHERE closed_at IS NULL AND NOT recorded
;;
CREATE TABLE variants (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    product_id UUID NOT NULL,
    name TEXT NOT NULL,
    choices JSONB NOT NULL,
    sku TEXT NOT NULL,
    barcode TEXT,
    search TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_variants PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_variants_product_id FOREIGN KEY(shop_id, product_id) REFERENCES products (shop_id, id)
)
;;
CREATE INDEX ix_variants_product ON variants (shop_id, product_id)
;;
CREATE INDEX ix_variants_search ON variants USING gin (shop_id, search gin_trgm_ops)
;;
CREATE UNIQUE INDEX uq_variants_barcode ON variants (shop_id, barcode)
;;
CREATE UNIQUE INDEX uq_variants_sku ON variants (shop_id, sku)
;;
CREATE TABLE cash_moves (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    register_session_id UUID NOT NULL,
    direction TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    reason TEXT NOT NULL,
    staff_id UUID,
    business_date DATE NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    body_hash BYTEA NOT NULL,
    CONSTRAINT pk_cash_moves PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_cash_moves_register_session_id FOREIGN KEY(shop_id, register_session_id) REFERENCES register_sessions (shop_id, id),
    CONSTRAINT ck_cash_moves_direction CHECK (direction IN ('in', 'out')),
    CONSTRAINT ck_cash_moves_amount CHECK (amount_minor > 0)
)
;;
CREATE INDEX ix_cash_moves_register_session ON cash_moves (shop_id, register_session_id)
;;
CREATE TABLE costs (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    variant_id UUID NOT NULL,
    cost_minor BIGINT NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_costs PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_costs_variant_id FOREIGN KEY(shop_id, variant_id) REFERENCES variants (shop_id, id),
    CONSTRAINT ck_costs_cost CHECK (cost_minor >= 0)
)
;;
CREATE INDEX ix_costs_variant ON costs (shop_id, variant_id, valid_from DESC, id DESC)
;;
CREATE TABLE payments (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    source TEXT NOT NULL,
    source_id UUID NOT NULL,
    direction TEXT NOT NULL,
    method TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    tendered_minor BIGINT NOT NULL,
    reference TEXT,
    register_session_id UUID,
    branch_id UUID NOT NULL,
    staff_id UUID,
    business_date DATE NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_payments PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_payments_register_session_id FOREIGN KEY(shop_id, register_session_id) REFERENCES register_sessions (shop_id, id),
    CONSTRAINT ck_payments_direction CHECK (direction IN ('in', 'out')),
    CONSTRAINT ck_payments_amount CHECK (amount_minor > 0),
    CONSTRAINT ck_payments_tendered CHECK (tendered_minor >= amount_minor),
    CONSTRAINT ck_payments_method CHECK (method IN ('cash', 'mtn_momo', 'airtel_money', 'card', 'bank_transfer', 'upi', 'other'))
)
;;
CREATE INDEX ix_payments_date ON payments (shop_id, business_date, id)
;;
CREATE INDEX ix_payments_register_session ON payments (shop_id, register_session_id, method)
;;
CREATE INDEX ix_payments_source ON payments (shop_id, source_id)
;;
CREATE TABLE prices (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    variant_id UUID NOT NULL,
    price_minor BIGINT NOT NULL,
    tax_included BOOLEAN NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_prices PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_prices_variant_id FOREIGN KEY(shop_id, variant_id) REFERENCES variants (shop_id, id),
    CONSTRAINT ck_prices_price CHECK (price_minor >= 0)
)
;;
CREATE INDEX ix_prices_variant ON prices (shop_id, variant_id, valid_from DESC, id DESC)
;;
CREATE TABLE sales (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    body_hash BYTEA NOT NULL,
    body_schema INTEGER NOT NULL,
    register_id UUID NOT NULL,
    register_session_id UUID,
    branch_id UUID NOT NULL,
    location_id UUID NOT NULL,
    staff_id UUID,
    customer_id UUID,
    session_id UUID,
    number TEXT NOT NULL,
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,
    currency TEXT NOT NULL,
    subtotal_minor BIGINT NOT NULL,
    discount_minor BIGINT NOT NULL,
    net_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    rounding_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL,
    cost_minor BIGINT NOT NULL,
    paid_minor BIGINT NOT NULL,
    credited_minor BIGINT NOT NULL,
    debited_minor BIGINT DEFAULT 0 NOT NULL,
    discount JSONB,
    place_of_supply TEXT,
    note TEXT,
    external_ref TEXT,
    due_on DATE,
    review TEXT,
    locked_at TIMESTAMP WITH TIME ZONE,
    locked_by UUID,
    business_date DATE NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_sales PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_sales_register_id FOREIGN KEY(shop_id, register_id) REFERENCES registers (shop_id, id),
    CONSTRAINT fk_sales_branch_id FOREIGN KEY(shop_id, branch_id) REFERENCES branches (shop_id, id),
    CONSTRAINT fk_sales_location_id FOREIGN KEY(shop_id, location_id) REFERENCES locations (shop_id, id),
    CONSTRAINT fk_sales_register_session_id FOREIGN KEY(shop_id, register_session_id) REFERENCES register_sessions (shop_id, id),
    CONSTRAINT fk_sales_staff_id FOREIGN KEY(shop_id, staff_id) REFERENCES staff (shop_id, id),
    CONSTRAINT fk_sales_customer_id FOREIGN KEY(shop_id, customer_id) REFERENCES customers (shop_id, id),
    CONSTRAINT ck_sales_state CHECK (state IN ('incomplete', 'completed', 'cancelled', 'reversed')),
    CONSTRAINT ck_sales_review CHECK (review IN ('submitted', 'approved', 'rejected')),
    CONSTRAINT ck_sales_paid CHECK (paid_minor >= 0),
    CONSTRAINT ck_sales_debited CHECK (debited_minor >= 0),
    CONSTRAINT ck_sales_credited CHECK (credited_minor BETWEEN 0 AND total_minor + debited_minor)
)
;;
CREATE INDEX ix_sales_branch ON sales (shop_id, branch_id, id)
;;
CREATE INDEX ix_sales_customer ON sales (shop_id, customer_id, id) WHERE customer_id IS NOT NULL
;;
CREATE INDEX ix_sales_date ON sales (shop_id, business_date, id)
;;
CREATE INDEX ix_sales_incomplete ON sales (shop_id, id) WHERE state = 'incomplete'
;;
CREATE INDEX ix_sales_number ON sales (shop_id, number)
;;
CREATE INDEX ix_sales_review ON sales (shop_id, id) WHERE review = 'submitted'
;;
CREATE INDEX ix_sales_staff ON sales (shop_id, staff_id, id)
;;
CREATE UNIQUE INDEX uq_sales_external_ref ON sales (shop_id, external_ref)
;;
CREATE TABLE series (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    register_id UUID NOT NULL,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    financial_year TEXT NOT NULL,
    highest_seen BIGINT NOT NULL,
    complete_to BIGINT NOT NULL,
    head_hash BYTEA NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    declared_hole JSONB,
    CONSTRAINT pk_series PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_series_register_id FOREIGN KEY(shop_id, register_id) REFERENCES registers (shop_id, id),
    CONSTRAINT fk_series_code FOREIGN KEY(shop_id, code) REFERENCES register_codes (shop_id, code),
    CONSTRAINT uq_series_code UNIQUE (shop_id, code, financial_year),
    CONSTRAINT uq_series_register UNIQUE (shop_id, register_id, kind, financial_year),
    CONSTRAINT ck_series_kind CHECK (kind IN ('invoice', 'credit_note', 'debit_note')),
    CONSTRAINT ck_series_counters CHECK (complete_to <= highest_seen)
)
;;
CREATE TABLE stock_adjustment_requests (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    variant_id UUID NOT NULL,
    location_id UUID NOT NULL,
    quantity_milli BIGINT NOT NULL,
    unit_cost_minor BIGINT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    requested_by UUID,
    decided_by UUID,
    decided_at TIMESTAMP WITH TIME ZONE,
    decision_reason TEXT,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    body_hash BYTEA NOT NULL,
    CONSTRAINT pk_stock_adjustment_requests PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_stock_adjustment_requests_location_id FOREIGN KEY(shop_id, location_id) REFERENCES locations (shop_id, id),
    CONSTRAINT fk_stock_adjustment_requests_variant_id FOREIGN KEY(shop_id, variant_id) REFERENCES variants (shop_id, id),
    CONSTRAINT ck_stock_adjustment_requests_state CHECK (state IN ('requested', 'approved', 'rejected'))
)
;;
CREATE TABLE stock_adjustments (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    variant_id UUID NOT NULL,
    location_id UUID NOT NULL,
    quantity_milli BIGINT NOT NULL,
    unit_cost_minor BIGINT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    staff_id UUID,
    business_date DATE NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    body_hash BYTEA NOT NULL,
    CONSTRAINT pk_stock_adjustments PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_stock_adjustments_location_id FOREIGN KEY(shop_id, location_id) REFERENCES locations (shop_id, id),
    CONSTRAINT fk_stock_adjustments_variant_id FOREIGN KEY(shop_id, variant_id) REFERENCES variants (shop_id, id),
    CONSTRAINT ck_stock_adjustments_quantity CHECK (quantity_milli <> 0)
)
;;
CREATE TABLE stock_balances (
    shop_id UUID NOT NULL,
    variant_id UUID NOT NULL,
    location_id UUID NOT NULL,
    quantity_milli BIGINT NOT NULL,
    min_stock_milli BIGINT,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_stock_balances PRIMARY KEY (shop_id, variant_id, location_id),
    CONSTRAINT fk_stock_balances_location_id FOREIGN KEY(shop_id, location_id) REFERENCES locations (shop_id, id),
    CONSTRAINT fk_stock_balances_variant_id FOREIGN KEY(shop_id, variant_id) REFERENCES variants (shop_id, id)
)
;;
CREATE INDEX ix_stock_balances_location ON stock_balances (shop_id, location_id, variant_id)
;;
CREATE TABLE stock_movements (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    variant_id UUID NOT NULL,
    location_id UUID NOT NULL,
    kind TEXT NOT NULL,
    quantity_milli BIGINT NOT NULL,
    unit_cost_minor BIGINT NOT NULL,
    source TEXT NOT NULL,
    source_id UUID NOT NULL,
    source_line_id UUID NOT NULL,
    staff_id UUID,
    reason TEXT,
    note TEXT,
    business_date DATE NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_stock_movements PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_stock_movements_location_id FOREIGN KEY(shop_id, location_id) REFERENCES locations (shop_id, id),
    CONSTRAINT fk_stock_movements_variant_id FOREIGN KEY(shop_id, variant_id) REFERENCES variants (shop_id, id),
    CONSTRAINT ck_stock_movements_quantity CHECK (quantity_milli <> 0),
    CONSTRAINT ck_stock_movements_kind CHECK (kind IN ('sale', 'return', 'receipt', 'transfer_out', 'transfer_in', 'adjustment', 'count', 'repair_use', 'damage', 'opening', 'assembly'))
)
;;
CREATE INDEX ix_stock_movements_source ON stock_movements (shop_id, source_id)
;;
CREATE INDEX ix_stock_movements_variant ON stock_movements (shop_id, variant_id, id DESC)
;;
CREATE TABLE invoices (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    series_id UUID NOT NULL,
    counter BIGINT NOT NULL,
    number TEXT NOT NULL,
    sale_id UUID,
    original_id UUID,
    branch_id UUID NOT NULL,
    staff_id UUID,
    currency TEXT NOT NULL,
    net_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    rounding_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL,
    reason TEXT,
    canonical BYTEA NOT NULL,
    previous_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    business_date DATE NOT NULL,
    issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    body_hash BYTEA,
    CONSTRAINT pk_invoices PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_invoices_series_id FOREIGN KEY(shop_id, series_id) REFERENCES series (shop_id, id),
    CONSTRAINT fk_invoices_sale_id FOREIGN KEY(shop_id, sale_id) REFERENCES sales (shop_id, id),
    CONSTRAINT fk_invoices_original_id FOREIGN KEY(shop_id, original_id) REFERENCES invoices (shop_id, id),
    CONSTRAINT uq_invoices_counter UNIQUE (shop_id, series_id, counter),
    CONSTRAINT uq_invoices_number UNIQUE (shop_id, number),
    CONSTRAINT ck_invoices_kind CHECK (kind IN ('invoice', 'credit_note', 'debit_note')),
    CONSTRAINT ck_invoices_counter CHECK (counter > 0),
    CONSTRAINT ck_invoices_total CHECK (total_minor = net_minor + tax_minor + rounding_minor)
)
;;
CREATE INDEX ix_invoices_date ON invoices (shop_id, business_date, id)
;;
CREATE INDEX ix_invoices_original ON invoices (shop_id, original_id) WHERE original_id IS NOT NULL
;;
CREATE INDEX ix_invoices_sale ON invoices (shop_id, sale_id)
;;
CREATE TABLE sale_lines (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    sale_id UUID NOT NULL,
    revision INTEGER NOT NULL,
    position INTEGER NOT NULL,
    variant_id UUID,
    tax_class_id UUID,
    description TEXT NOT NULL,
    unit TEXT NOT NULL,
    hsn TEXT,
    quantity_milli BIGINT NOT NULL,
    unit_price_minor BIGINT NOT NULL,
    list_price_minor BIGINT,
    tax_included BOOLEAN NOT NULL,
    gross_minor BIGINT NOT NULL,
    discount JSONB,
    line_discount_minor BIGINT NOT NULL,
    cart_discount_minor BIGINT NOT NULL,
    net_minor BIGINT NOT NULL,
    taxes JSONB NOT NULL,
    tax_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL,
    unit_cost_minor BIGINT NOT NULL,
    stocked BOOLEAN NOT NULL,
    CONSTRAINT pk_sale_lines PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_sale_lines_sale_id FOREIGN KEY(shop_id, sale_id) REFERENCES sales (shop_id, id),
    CONSTRAINT fk_sale_lines_variant_id FOREIGN KEY(shop_id, variant_id) REFERENCES variants (shop_id, id),
    CONSTRAINT fk_sale_lines_tax_class_id FOREIGN KEY(shop_id, tax_class_id) REFERENCES tax_classes (shop_id, id),
    CONSTRAINT uq_sale_lines_position UNIQUE (shop_id, sale_id, revision, position),
    CONSTRAINT ck_sale_lines_quantity CHECK (quantity_milli > 0),
    CONSTRAINT ck_sale_lines_total CHECK (total_minor = net_minor + tax_minor)
)
;;
CREATE INDEX ix_sale_lines_variant ON sale_lines (shop_id, variant_id, id)
;;
CREATE TABLE sale_parties (
    shop_id UUID NOT NULL,
    sale_id UUID NOT NULL,
    name TEXT,
    phone TEXT,
    type TEXT,
    tax_id TEXT,
    address TEXT,
    state_code TEXT,
    CONSTRAINT pk_sale_parties PRIMARY KEY (shop_id, sale_id),
    CONSTRAINT fk_sale_parties_sale_id FOREIGN KEY(shop_id, sale_id) REFERENCES sales (shop_id, id)
)
;;
CREATE INDEX ix_sale_parties_phone ON sale_parties (shop_id, phone, sale_id) WHERE phone IS NOT NULL
;;
CREATE TABLE sale_steps (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    sale_id UUID NOT NULL,
    step TEXT NOT NULL,
    state_from TEXT,
    state_to TEXT NOT NULL,
    revision INTEGER NOT NULL,
    staff_id UUID,
    reason TEXT,
    standing JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_sale_steps PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_sale_steps_sale_id FOREIGN KEY(shop_id, sale_id) REFERENCES sales (shop_id, id)
)
;;
CREATE INDEX ix_sale_steps_sale ON sale_steps (shop_id, sale_id, id)
;;
CREATE TABLE invoice_lines (
    shop_id UUID NOT NULL,
    id UUID NOT NULL,
    invoice_id UUID NOT NULL,
    position INTEGER NOT NULL,
    sale_line_id UUID,
    variant_id UUID,
    description TEXT NOT NULL,
    unit TEXT NOT NULL,
    hsn TEXT,
    quantity_milli BIGINT NOT NULL,
    unit_price_minor BIGINT NOT NULL,
    net_minor BIGINT NOT NULL,
    taxes JSONB NOT NULL,
    tax_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL,
    unit_cost_minor BIGINT NOT NULL,
    restock TEXT,
    CONSTRAINT pk_invoice_lines PRIMARY KEY (shop_id, id),
    CONSTRAINT fk_invoice_lines_invoice_id FOREIGN KEY(shop_id, invoice_id) REFERENCES invoices (shop_id, id),
    CONSTRAINT fk_invoice_lines_sale_line_id FOREIGN KEY(shop_id, sale_line_id) REFERENCES sale_lines (shop_id, id),
    CONSTRAINT fk_invoice_lines_variant_id FOREIGN KEY(shop_id, variant_id) REFERENCES variants (shop_id, id),
    CONSTRAINT uq_invoice_lines_position UNIQUE (shop_id, invoice_id, position),
    CONSTRAINT ck_invoice_lines_quantity CHECK (quantity_milli > 0),
    CONSTRAINT ck_invoice_lines_total CHECK (total_minor = net_minor + tax_minor)
)
;;
CREATE INDEX ix_invoice_lines_sale_line ON invoice_lines (shop_id, sale_line_id)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON accounts TO duka_platform
;;
GRANT SELECT ON accounts TO duka_backup
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON attempts TO duka_platform
;;
GRANT SELECT ON attempts TO duka_backup
;;
GRANT SELECT ON audit_entries TO duka_backup
;;
ALTER TABLE audit_entries ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE audit_entries FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON audit_entries USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT ON audit_entries TO duka_app
;;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
GRANT SELECT ON document_exceptions TO duka_backup
;;
ALTER TABLE document_exceptions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE document_exceptions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON document_exceptions USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON document_exceptions TO duka_app
;;
GRANT SELECT ON event_consumers TO duka_backup
;;
ALTER TABLE event_consumers ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE event_consumers FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON event_consumers USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON event_consumers TO duka_app
;;
GRANT SELECT ON event_heads TO duka_backup
;;
ALTER TABLE event_heads ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE event_heads FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON event_heads USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON event_heads TO duka_app
;;
GRANT SELECT ON idempotency_keys TO duka_backup
;;
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON idempotency_keys USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO duka_app
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON login_guards TO duka_platform
;;
GRANT SELECT ON login_guards TO duka_backup
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON one_time_codes TO duka_platform
;;
GRANT SELECT ON one_time_codes TO duka_backup
;;
GRANT SELECT ON outbox TO duka_backup
;;
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON outbox USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO duka_app
;;
GRANT SELECT ON quarantined_documents TO duka_backup
;;
ALTER TABLE quarantined_documents ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE quarantined_documents FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON quarantined_documents USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON quarantined_documents TO duka_app
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON shop_directory TO duka_platform
;;
GRANT SELECT ON shop_directory TO duka_backup
;;
GRANT SELECT ON shops TO duka_backup
;;
ALTER TABLE shops ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE shops FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON shops USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON shops TO duka_app
;;
GRANT SELECT ON branches TO duka_backup
;;
ALTER TABLE branches ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE branches FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON branches USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON branches TO duka_app
;;
GRANT SELECT ON customers TO duka_backup
;;
ALTER TABLE customers ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE customers FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON customers USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON customers TO duka_app
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON device_sessions TO duka_platform
;;
GRANT SELECT ON device_sessions TO duka_backup
;;
GRANT SELECT ON groups TO duka_backup
;;
ALTER TABLE groups ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE groups FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON groups USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON groups TO duka_app
;;
GRANT SELECT ON import_runs TO duka_backup
;;
ALTER TABLE import_runs ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE import_runs FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON import_runs USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON import_runs TO duka_app
;;
GRANT SELECT ON ledger_accounts TO duka_backup
;;
ALTER TABLE ledger_accounts ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE ledger_accounts FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON ledger_accounts USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_accounts TO duka_app
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON memberships TO duka_platform
;;
GRANT SELECT ON memberships TO duka_backup
;;
GRANT SELECT ON roles TO duka_backup
;;
ALTER TABLE roles ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE roles FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON roles USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON roles TO duka_app
;;
GRANT SELECT ON tax_classes TO duka_backup
;;
ALTER TABLE tax_classes ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE tax_classes FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON tax_classes USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON tax_classes TO duka_app
;;
GRANT SELECT ON daily_totals TO duka_backup
;;
ALTER TABLE daily_totals ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE daily_totals FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON daily_totals USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON daily_totals TO duka_app
;;
GRANT SELECT ON import_items TO duka_backup
;;
ALTER TABLE import_items ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE import_items FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON import_items USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT ON import_items TO duka_app
;;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON import_items FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
GRANT SELECT ON locations TO duka_backup
;;
ALTER TABLE locations ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE locations FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON locations USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON locations TO duka_app
;;
GRANT SELECT ON notifications TO duka_backup
;;
ALTER TABLE notifications ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE notifications FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON notifications USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON notifications TO duka_app
;;
GRANT SELECT ON postings TO duka_backup
;;
ALTER TABLE postings ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE postings FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON postings USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT ON postings TO duka_app
;;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON postings FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
GRANT SELECT ON products TO duka_backup
;;
ALTER TABLE products ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE products FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON products USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON products TO duka_app
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON refresh_tokens TO duka_platform
;;
GRANT SELECT ON refresh_tokens TO duka_backup
;;
GRANT SELECT ON registers TO duka_backup
;;
ALTER TABLE registers ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE registers FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON registers USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON registers TO duka_app
;;
GRANT SELECT ON staff TO duka_backup
;;
ALTER TABLE staff ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE staff FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON staff USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON staff TO duka_app
;;
GRANT SELECT ON tax_rates TO duka_backup
;;
ALTER TABLE tax_rates ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE tax_rates FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON tax_rates USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT ON tax_rates TO duka_app
;;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON tax_rates FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
GRANT SELECT ON api_keys TO duka_backup
;;
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON api_keys USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON api_keys TO duka_app
;;
GRANT SELECT ON carts TO duka_backup
;;
ALTER TABLE carts ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE carts FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON carts USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON carts TO duka_app
;;
GRANT SELECT ON invitations TO duka_backup
;;
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE invitations FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON invitations USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON invitations TO duka_app
;;
GRANT SELECT ON register_codes TO duka_backup
;;
ALTER TABLE register_codes ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE register_codes FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON register_codes USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON register_codes TO duka_app
;;
GRANT SELECT ON register_sessions TO duka_backup
;;
ALTER TABLE register_sessions ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE register_sessions FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON register_sessions USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON register_sessions TO duka_app
;;
GRANT SELECT ON variants TO duka_backup
;;
ALTER TABLE variants ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE variants FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON variants USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON variants TO duka_app
;;
GRANT SELECT ON cash_moves TO duka_backup
;;
ALTER TABLE cash_moves ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE cash_moves FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON cash_moves USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT ON cash_moves TO duka_app
;;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON cash_moves FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
GRANT SELECT ON costs TO duka_backup
;;
ALTER TABLE costs ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE costs FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON costs USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT ON costs TO duka_app
;;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON costs FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
GRANT SELECT ON payments TO duka_backup
;;
ALTER TABLE payments ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE payments FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON payments USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT ON payments TO duka_app
;;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON payments FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
GRANT SELECT ON prices TO duka_backup
;;
ALTER TABLE prices ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE prices FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON prices USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT ON prices TO duka_app
;;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON prices FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
GRANT SELECT ON sales TO duka_backup
;;
ALTER TABLE sales ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE sales FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON sales USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON sales TO duka_app
;;
GRANT SELECT ON series TO duka_backup
;;
ALTER TABLE series ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE series FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON series USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON series TO duka_app
;;
GRANT SELECT ON stock_adjustment_requests TO duka_backup
;;
ALTER TABLE stock_adjustment_requests ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE stock_adjustment_requests FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON stock_adjustment_requests USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON stock_adjustment_requests TO duka_app
;;
GRANT SELECT ON stock_adjustments TO duka_backup
;;
ALTER TABLE stock_adjustments ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE stock_adjustments FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON stock_adjustments USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT ON stock_adjustments TO duka_app
;;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON stock_adjustments FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
GRANT SELECT ON stock_balances TO duka_backup
;;
ALTER TABLE stock_balances ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE stock_balances FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON stock_balances USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON stock_balances TO duka_app
;;
GRANT SELECT ON stock_movements TO duka_backup
;;
ALTER TABLE stock_movements ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE stock_movements FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON stock_movements USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT ON stock_movements TO duka_app
;;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON stock_movements FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
GRANT SELECT ON invoices TO duka_backup
;;
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE invoices FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON invoices USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT ON invoices TO duka_app
;;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON invoices FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
GRANT SELECT ON sale_lines TO duka_backup
;;
ALTER TABLE sale_lines ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE sale_lines FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON sale_lines USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT ON sale_lines TO duka_app
;;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON sale_lines FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
GRANT SELECT ON sale_parties TO duka_backup
;;
ALTER TABLE sale_parties ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE sale_parties FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON sale_parties USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON sale_parties TO duka_app
;;
GRANT SELECT ON sale_steps TO duka_backup
;;
ALTER TABLE sale_steps ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE sale_steps FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON sale_steps USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT ON sale_steps TO duka_app
;;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON sale_steps FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
GRANT SELECT ON invoice_lines TO duka_backup
;;
ALTER TABLE invoice_lines ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE invoice_lines FORCE ROW LEVEL SECURITY
;;
CREATE POLICY own_shop ON invoice_lines USING (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid) WITH CHECK (shop_id = nullif(current_setting('app.shop_id', true), '')::uuid)
;;
GRANT SELECT, INSERT ON invoice_lines TO duka_app
;;
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON invoice_lines FOR EACH ROW EXECUTE FUNCTION refuse_change()
;;
CREATE FUNCTION enter_shop(p_shop uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SET LOCAL app.shop_id = %L', p_shop);
END $$
;;
COMMENT ON FUNCTION enter_shop IS 'Sets the shop of this transaction. SET LOCAL, not set_config(): the former reaches every node.'
;;
CREATE FUNCTION use_shop(
    p_shop uuid, p_session uuid,
    OUT outcome text, OUT shop_id uuid, OUT account_id uuid, OUT staff_id uuid, OUT staff_name text,
    OUT branch_id uuid, OUT permissions text, OUT discount_ceiling_bp integer, OUT currency text, OUT time_zone text,
    OUT settings text, OUT ended_at timestamptz, OUT ended_by text
) LANGUAGE plpgsql AS $$
DECLARE
    found_session device_sessions%ROWTYPE;
    found_shops uuid[];
    found_status text;
BEGIN
    SELECT * INTO found_session FROM device_sessions d WHERE d.id = p_session;
    IF NOT FOUND OR found_session.expires_at < now() THEN
        outcome := 'expired';
        RETURN;
    END IF;
    account_id := found_session.account_id;
    IF found_session.ended_at IS NOT NULL THEN
        outcome := found_session.ended_reason;
        ended_at := found_session.ended_at;
        ended_by := found_session.ended_by;
        RETURN;
    END IF;
    SELECT array(
        SELECT m.shop_id FROM memberships m
        WHERE m.account_id = found_session.account_id AND (p_shop IS NULL OR m.shop_id = p_shop) LIMIT 2
    ) INTO found_shops;
    IF coalesce(array_length(found_shops, 1), 0) <> 1 THEN
        outcome := CASE WHEN p_shop IS NULL AND array_length(found_shops, 1) = 2 THEN 'several' ELSE 'stranger' END;
        RETURN;
    END IF;
    shop_id := found_shops[1];
    PERFORM enter_shop(shop_id);
    SELECT st.id, st.name, st.branch_id, st.status, r.permissions::text, r.discount_ceiling_bp,
           s.currency, s.time_zone, s.settings::text
    INTO staff_id, staff_name, branch_id, found_status, permissions, discount_ceiling_bp, currency, time_zone, settings
    FROM staff st
    JOIN roles r ON r.shop_id = st.shop_id AND r.id = st.role_id
    JOIN shops s ON s.shop_id = st.shop_id
    WHERE st.shop_id = found_shops[1] AND st.account_id = found_session.account_id;
    IF staff_id IS NULL OR found_status IN ('deleted', 'invited') THEN
        outcome := 'stranger';
    ELSIF found_status <> 'active' THEN
        outcome := 'suspended';
    ELSE
        outcome := 'open';
    END IF;
END $$
;;
COMMENT ON FUNCTION use_shop IS 'The first statement of a person''s transaction: checks that the device session is live, sets the shop, gives staff, role and settings.'
;;
CREATE FUNCTION use_shop_by_key(
    p_shop uuid, p_key_hash bytea,
    OUT outcome text, OUT staff_id uuid, OUT key_id uuid, OUT key_name text, OUT permissions text, OUT role_permissions text,
    OUT allowed_ips text, OUT last_used_on date, OUT branch_id uuid, OUT discount_ceiling_bp integer,
    OUT currency text, OUT time_zone text, OUT settings text
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM enter_shop(p_shop);
    SELECT k.id, k.name, k.created_by, k.permissions::text, k.allowed_ips::text, k.last_used_on, st.branch_id,
           r.permissions::text, r.discount_ceiling_bp, s.currency, s.time_zone, s.settings::text
    INTO key_id, key_name, staff_id, permissions, allowed_ips, last_used_on, branch_id,
         role_permissions, discount_ceiling_bp, currency, time_zone, settings
    FROM api_keys k
    JOIN shops s ON s.shop_id = k.shop_id
    JOIN staff st ON st.shop_id = k.shop_id AND st.id = k.created_by AND st.status = 'active'
    JOIN roles r ON r.shop_id = st.shop_id AND r.id = st.role_id
    WHERE k.shop_id = p_shop AND k.key_hash = p_key_hash AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now());
    outcome := CASE WHEN key_id IS NULL THEN 'expired' ELSE 'open' END;
END $$
;;
CREATE FUNCTION use_shop_by_register(
    p_shop uuid, p_credential_hash bytea,
    OUT outcome text, OUT register_id uuid, OUT branch_id uuid, OUT currency text, OUT time_zone text, OUT settings text
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM enter_shop(p_shop);
    SELECT g.id, g.branch_id, s.currency, s.time_zone, s.settings::text
    INTO register_id, branch_id, currency, time_zone, settings
    FROM registers g JOIN shops s ON s.shop_id = g.shop_id
    WHERE g.shop_id = p_shop AND g.credential_hash = p_credential_hash;
    outcome := CASE WHEN register_id IS NULL THEN 'expired' ELSE 'open' END;
END $$
;;
CREATE FUNCTION use_shop_for_system(
    p_shop uuid, OUT currency text, OUT time_zone text, OUT settings text
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM enter_shop(p_shop);
    SELECT s.currency, s.time_zone, s.settings::text INTO currency, time_zone, settings
    FROM shops s WHERE s.shop_id = p_shop;
END $$
;;
GRANT SELECT (id, account_id, expires_at, ended_at, ended_reason, ended_by, device_id, device_name, platform, ip, user_agent, remember, created_at, last_seen_at) ON device_sessions TO duka_app
;;
GRANT SELECT ON memberships TO duka_app
;;
GRANT SELECT ON shop_directory TO duka_app
