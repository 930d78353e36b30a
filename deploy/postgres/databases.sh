#!/usr/bin/env bash
# Makes one database and one login a service, on the server's first start. Neither login can connect to the other's
# database: criminal-justice data and public opinion share nothing but the server.
#
# HEED_SECRETS   the folder of the secrets (default: where Docker puts them)
# PSQL           how psql is called as POSTGRES_USER (default: psql)
set -euo pipefail
read -ra psql <<<"${PSQL:-psql}"

make() {
    local service=$1 url
    url=$(<"${HEED_SECRETS:-/run/secrets}/${service}_database_url")
    if ! [[ $url =~ ^postgresql://$service:([A-Za-z0-9]+)@[^/@]+/$service$ ]]; then
        echo "databases.sh: the secret ${service}_database_url must read postgresql://$service:PASSWORD@postgres:5432/$service" \
            "(the password in letters and digits)" >&2
        exit 1
    fi
    # The password goes by standard input: a command line can be read by every process of the machine. An error prints no
    # statement, since this one holds the password.
    "${psql[@]}" --username "$POSTGRES_USER" --dbname postgres --quiet --no-psqlrc --set ON_ERROR_STOP=1 --set service="$service" <<SQL
\set password '${BASH_REMATCH[1]}'
SET log_min_error_statement = panic;
CREATE ROLE :"service" LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
CREATE DATABASE :"service" OWNER :"service" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
}

make reminders
make consultation
"${psql[@]}" --username "$POSTGRES_USER" --dbname postgres --quiet --no-psqlrc --set ON_ERROR_STOP=1 <<'SQL'
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
SQL
