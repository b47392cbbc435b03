#!/bin/sh
# Run once by the PostgreSQL image, as the superuser, when its volume is empty.
# Row-level security binds neither superusers nor roles with BYPASSRLS: the platform gets a role of
# its own, which owns its database and nothing else.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
	--set password="$ASSISTANT_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE assistant LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE assistant OWNER assistant;
REVOKE CONNECT ON DATABASE assistant FROM PUBLIC;
SQL
