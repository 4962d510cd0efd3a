"""Runs the migrations on one owner's connection, one command per execute."""

from alembic import context

from duka.migrations import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
