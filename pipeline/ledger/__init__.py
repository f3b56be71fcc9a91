"""The ledger: a season's memory, in SQLite beside its pictures or in PostgreSQL."""
