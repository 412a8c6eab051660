"""Alembic's migrations; shipped with the package and run by `migrate`."""
