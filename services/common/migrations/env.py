"""Alembic's entry: runs the migrations on the connection that `migrate` holds."""

from alembic import context

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=config.attributes.get("metadata"),  # only a comparison with the models needs it
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
