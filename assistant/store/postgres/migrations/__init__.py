"""The numbered migrations of the tables, as Alembic runs them (`schema.bring_up_to_date`)."""
