"""How this installation is set: every `DUKA_...` variable in one place (and `DATABASE_URL`)."""

from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The operator's settings. A shop's own settings are rows of the shop, not these."""

    model_config = SettingsConfigDict(env_prefix="DUKA_", extra="ignore")

    data: Path = Path(".data")
    """One folder for everything Duka keeps: database, secret, files, logs."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    """The owner's URL of an external PostgreSQL (17 or newer); empty for the embedded one."""
    secret: str | None = None
    """Signs tokens and derives the database roles' passwords; made once in the data folder when not given."""
    former_secrets: str = ""
    """Comma-separated secrets of before: what was encrypted with them can still be read."""
    mode: Literal["production", "demo", "development"] = "production"
    """`demo` answers sign-up codes in the response and has example logins; never on a server with real shops."""
    pool_size: int = Field(default=6, ge=2, le=200)
    """Connections of one web process. Few: on two cores, sixteen made a sale cost PostgreSQL a sixth more, since they
    mostly wait for one another's rows; below four they stand idle while a commit is written."""
    relay_shops: int = Field(default=100, ge=1, le=1000)
    """How many shops' events share one transaction of the relay: 1 where shops lie on several database servers."""
    prepared_statements: bool = True
    """Switch off behind an old PgBouncer in transaction mode."""
    listen_url: str | None = None
    """Where live updates LISTEN, as the role `duka_app`: a URL past PgBouncer, which cannot do that in its transaction
    mode. Left out, the database's own."""
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    trusted_proxies: str = ""
    """Comma-separated addresses whose `X-Forwarded-For` is believed; none by default."""
    cors_origins: str = ""
    """Comma-separated origins of other web apps that may call this API; none by default."""
    requests_per_minute: int = Field(default=100, ge=1)
    """What one person may ask in a minute, in each process."""
    deliveries_per_minute: int = Field(default=3000, ge=1)
    """What one register may deliver in a minute, in each process."""
    auth_requests_per_minute: int = Field(default=30, ge=1)
    """What one address may ask of the login and sign-up routes in a minute."""
    json_limit_bytes: int = 1_000_000
    upload_limit_bytes: int = 50_000_000
    smtp_url: str | None = None
    """`smtp://user:password@host:587` (STARTTLS), `smtps://...`, or `smtp+plain://host:25` on a trusted network."""
    mail_from: str = "Duka <duka@localhost>"
    public_url: str = ""
    """Where people reach this server; links in messages start with it. Left out, this machine and `port`."""
    metrics_token: str | None = Field(default=None, min_length=16)
    """Whoever sends it as bearer may read `/metrics` from elsewhere; without it only this machine may."""

    @model_validator(mode="after")
    def _reached_here(self) -> Self:
        self.public_url = self.public_url.rstrip("/") or f"http://127.0.0.1:{self.port}"
        return self


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Give this process's settings, read once."""
    return Settings()
