"""The tables of shops, their people and their tills."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from duka.platform.tables import PlatformTable, ShopRow, ShopTable, Versioned, belongs_to


class Account(PlatformTable):
    """A person who logs in; phone and e-mail are unique over the whole system."""

    __tablename__ = "accounts"
    __table_args__ = (
        Index("uq_accounts_phone", "phone", unique=True),
        Index("uq_accounts_email", text("lower(email)"), unique=True),
        CheckConstraint("phone IS NOT NULL OR email IS NOT NULL", name="reachable"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    password_hash: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="en")
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime]


class LoginGuard(PlatformTable):
    """How often logging in went wrong in a row. `subject` is the keyed hash of an account's id, or of a login that is
    nobody's, so that both are refused alike."""

    __tablename__ = "login_guards"

    subject: Mapped[bytes] = mapped_column(primary_key=True)
    failed: Mapped[int] = mapped_column(Integer)
    lockouts: Mapped[int] = mapped_column(Integer)
    locked_until: Mapped[datetime | None]
    failed_at: Mapped[datetime]


class DeviceSession(PlatformTable):
    """One login on one device. Refused from the moment `ended_at` is set."""

    __tablename__ = "device_sessions"
    __table_args__ = (
        Index("ix_device_sessions_live", "account_id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_device_sessions_account", "account_id", "device_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    device_id: Mapped[UUID]
    device_name: Mapped[str]
    platform: Mapped[str]
    ip: Mapped[str | None]
    user_agent: Mapped[str | None]
    remember: Mapped[bool]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]
    ended_by: Mapped[str | None]
    """What took its place, in words for the person: the new device's name."""


class RefreshToken(PlatformTable):
    """One link of a session's refresh chain; works once."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index("uq_refresh_tokens_hash", "token_hash", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("device_sessions.id"), index=True)
    token_hash: Mapped[bytes]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]
    spent_request: Mapped[str | None]


class OneTimeCode(PlatformTable):
    """A code sent to a phone or address to prove that it can be reached. Only its hash is kept."""

    __tablename__ = "one_time_codes"
    __table_args__ = (Index("ix_one_time_codes_recipient", "recipient", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    recipient: Mapped[str]
    purpose: Mapped[str]
    code_hash: Mapped[bytes]
    tries: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]


class Attempts(PlatformTable):
    """Exact counters against guessing and pumping: how often something was tried in a window."""

    __tablename__ = "attempts"

    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


class ShopEntry(PlatformTable):
    """The installation's list of shops: what finds a shop before it is chosen."""

    __tablename__ = "shop_directory"
    __table_args__ = (Index("uq_shop_directory_slug", "slug", unique=True),)

    shop_id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str]
    name: Mapped[str]
    created_at: Mapped[datetime]


class Membership(PlatformTable):
    """An account works in a shop. The shop's own row about the person is `staff`."""

    __tablename__ = "memberships"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    shop_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    staff_id: Mapped[UUID]


class Shop(ShopTable):
    """A business: the tenant. `settings` holds its typed settings (`shops.settings`)."""

    __tablename__ = "shops"

    name: Mapped[str]
    slug: Mapped[str]
    kind: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    phone: Mapped[str | None]
    country: Mapped[str]
    state_code: Mapped[str | None]
    tax_id: Mapped[str | None]
    currency: Mapped[str]
    time_zone: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Logo(ShopTable):
    """The picture that the shop's papers carry, as it was sent. It stands apart from the shop, which is read with
    every request."""

    __tablename__ = "shop_logos"
    __table_args__ = (
        belongs_to("shops", key=()),
        CheckConstraint("media_type IN ('image/png', 'image/jpeg')", name="media_type"),
        CheckConstraint("octet_length(content) BETWEEN 1 AND 524288", name="content"),
        CheckConstraint("hash ~ '^[0-9a-f]{16}$'", name="hash"),
    )

    media_type: Mapped[str]
    content: Mapped[bytes]
    hash: Mapped[str]
    """The first 16 hex digits of the content's SHA-256: by it a device notices that it has an older one."""
    set_at: Mapped[datetime]


class Branch(ShopRow, Versioned):
    """A place of the shop where people work."""

    __tablename__ = "branches"
    __table_args__ = (belongs_to("shops", key=()), UniqueConstraint("shop_id", "name", name="uq_branches_name"))

    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    phone: Mapped[str | None]
    manager_id: Mapped[UUID | None]
    active: Mapped[bool] = mapped_column(default=True)


class Location(ShopRow, Versioned):
    """Where stock stands inside a branch. The till sells from the branch's `showroom`."""

    __tablename__ = "locations"
    __table_args__ = (
        belongs_to("branches", "branch_id"),
        UniqueConstraint("shop_id", "branch_id", "name", name="uq_locations_name"),
        Index(
            "uq_locations_showroom", "shop_id", "branch_id", unique=True,
            postgresql_where=text("kind = 'showroom' AND active"),
        ),
        CheckConstraint("kind IN ('showroom', 'warehouse', 'van', 'bench', 'transit', 'damaged')", name="kind"),
    )  # fmt: skip

    branch_id: Mapped[UUID]
    name: Mapped[str]
    kind: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)


class Register(ShopRow, Versioned):
    """A till. An `installation` register belongs to one device and numbers its documents itself; a `server`
    register is numbered here, for API clients and the back office."""

    __tablename__ = "registers"
    __table_args__ = (
        belongs_to("branches", "branch_id"),
        UniqueConstraint("shop_id", "code", name="uq_registers_code"),
        CheckConstraint("kind IN ('installation', 'server')", name="kind"),
        CheckConstraint("code ~ '^[A-Z0-9]{1,4}$'", name="code"),
    )

    branch_id: Mapped[UUID]
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    installation_id: Mapped[UUID | None]
    credential_hash: Mapped[bytes | None]
    replaced_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    sale_counter: Mapped[int] = mapped_column(default=0)
    """Numbers the incomplete sales of a `server` register: `T1-17`."""


class RegisterCode(ShopTable):
    """A code that stands in document numbers: one list of names for a shop, so that no code is ever used twice.

    A register takes three when it is made, one for each kind of document, and keeps them when it is closed."""

    __tablename__ = "register_codes"
    __table_args__ = (
        belongs_to("registers", "register_id"),
        UniqueConstraint("shop_id", "register_id", "kind", name="uq_register_codes_kind"),
        CheckConstraint("kind IN ('invoice', 'credit_note', 'debit_note')", name="kind"),
        CheckConstraint("code ~ '^[A-Z0-9]{1,4}$'", name="code"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    register_id: Mapped[UUID]
    kind: Mapped[str]


class Series(ShopRow):
    """One run of document numbers with its chain: a register, a kind of document, a financial year."""

    __tablename__ = "series"
    __table_args__ = (
        belongs_to("registers", "register_id"),
        belongs_to("register_codes", "code", key=("code",)),
        UniqueConstraint("shop_id", "code", "financial_year", name="uq_series_code"),
        UniqueConstraint("shop_id", "register_id", "kind", "financial_year", name="uq_series_register"),
        CheckConstraint("kind IN ('invoice', 'credit_note', 'debit_note')", name="kind"),
        CheckConstraint("complete_to <= highest_seen", name="counters"),
    )

    register_id: Mapped[UUID]
    kind: Mapped[str]
    code: Mapped[str]
    financial_year: Mapped[str]
    highest_seen: Mapped[int] = mapped_column(default=0)
    complete_to: Mapped[int] = mapped_column(default=0)
    head_hash: Mapped[bytes]
    """The hash of document `highest_seen`; 32 zero bytes before the first."""
    closed_at: Mapped[datetime | None]
    declared_hole: Mapped[dict[str, Any] | None]


class Role(ShopRow, Versioned):
    """What a kind of staff may do: permissions with their scope, and how much discount."""

    __tablename__ = "roles"
    __table_args__ = (
        belongs_to("shops", key=()),
        UniqueConstraint("shop_id", "name", name="uq_roles_name"),
        CheckConstraint("discount_ceiling_bp BETWEEN 0 AND 10000", name="discount"),
    )

    name: Mapped[str]
    preset: Mapped[str | None]
    permissions: Mapped[dict[str, Any]]
    discount_ceiling_bp: Mapped[int] = mapped_column(Integer, default=0)


class Staff(ShopRow, Versioned):
    """An account's place in a shop."""

    __tablename__ = "staff"
    __table_args__ = (
        belongs_to("roles", "role_id"),
        belongs_to("branches", "branch_id"),
        UniqueConstraint("shop_id", "account_id", name="uq_staff_account"),
        CheckConstraint("status IN ('invited', 'active', 'suspended', 'deleted')", name="status"),
    )

    account_id: Mapped[UUID | None]
    name: Mapped[str]
    role_id: Mapped[UUID]
    branch_id: Mapped[UUID | None]
    """Set for staff who see and act in one branch only."""
    status: Mapped[str]
    last_login_at: Mapped[datetime | None]


class TillPin(ShopTable):
    """What checks the PIN by which somebody takes a turn at a till, also where there is no network. The PIN itself is
    kept nowhere."""

    __tablename__ = "till_pins"
    __table_args__ = (belongs_to("staff", "staff_id"),)

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    salt: Mapped[bytes]
    iterations: Mapped[int] = mapped_column(Integer)
    hash: Mapped[bytes]
    set_at: Mapped[datetime]


class Invitation(ShopRow):
    """A link by which a new member of staff takes their place; works once."""

    __tablename__ = "invitations"
    __table_args__ = (
        belongs_to("staff", "staff_id"),
        Index("uq_invitations_hash", "shop_id", "token_hash", unique=True),
        Index("ix_invitations_staff", "shop_id", "staff_id"),
    )

    staff_id: Mapped[UUID]
    token_hash: Mapped[bytes]
    sent_to: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiKey(ShopRow, Versioned):
    """A key for another program: named, limited to permissions, shown once, kept as a hash."""

    __tablename__ = "api_keys"
    __table_args__ = (
        belongs_to("staff", "created_by"),
        Index("uq_api_keys_hash", "shop_id", "key_hash", unique=True),
    )

    name: Mapped[str]
    key_hash: Mapped[bytes]
    hint: Mapped[str]
    permissions: Mapped[dict[str, Any]]
    allowed_ips: Mapped[list[Any]] = mapped_column(default=list)
    created_by: Mapped[UUID]
    expires_at: Mapped[datetime | None]
    last_used_on: Mapped[date | None]
    revoked_at: Mapped[datetime | None]
