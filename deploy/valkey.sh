#!/bin/sh
# Starts Valkey with the password that stands in the secret redis_url (redis://:PASSWORD@valkey:6379/0), or asks it, with
# `ping`, whether it answers. Neither puts the password on a command line, where every process of the machine could read it.
set -eu

url=$(cat /run/secrets/redis_url)
password=${url#redis://:}
password=${password%%@*}
case $password in
    '' | *[!A-Za-z0-9]*)
        echo "valkey.sh: the secret redis_url must read redis://:PASSWORD@valkey:6379/0, the password in letters and digits" >&2
        exit 1
        ;;
esac

if [ "${1:-}" = ping ]; then
    answer=$(VALKEYCLI_AUTH=$password REDISCLI_AUTH=$password valkey-cli ping)
    [ "$answer" = PONG ]
    exit
fi

# "noeviction": a full queue is an error that is seen; an evicted half of a job is not.
exec valkey-server - <<CONFIGURATION
bind 0.0.0.0
requirepass $password
save ""
appendonly no
dir /tmp
maxmemory 256mb
maxmemory-policy noeviction
CONFIGURATION
