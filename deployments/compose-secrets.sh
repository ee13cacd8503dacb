#!/bin/sh
# Create the secrets of compose.yaml as files, in the folder `secrets` beside this script or in the folder of the
# first argument. Existing files are kept, so the script may run again. It takes passwords of an older
# compose.env from the environment:
#
#   set -a; . deployments/compose.env; set +a; sh deployments/compose-secrets.sh
set -eu
umask 077
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"

# Other users cannot enter the folder. Its files are readable for all, because each container reads them as its
# own user.
chmod 700 "$folder"

write() {
    printf '%s\n' "$2" > "$folder/.$1.part"
    chmod 444 "$folder/.$1.part"
    mv -f "$folder/.$1.part" "$folder/$1"
}

random() {
    od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'
}

# Print the content of the file, else the second argument, else a random value.
kept() {
    if [ -s "$folder/$1" ]; then
        cat "$folder/$1"
    else
        echo "${2:-$(random)}"
    fi
}

postgres=$(kept postgres_password "${POSTGRES_PASSWORD:-}")
redis=$(kept redis_password "${REDIS_PASSWORD:-}")
write postgres_password "$postgres"
write redis_password "$redis"
write jwt_secret_key "$(kept jwt_secret_key "${JWT_SECRET_KEY:-}")"
write meilisearch_master_key "$(kept meilisearch_master_key "${MEILISEARCH_MASTER_KEY:-}")"
write prefect_api_auth_string "$(kept prefect_api_auth_string "${PREFECT_API_AUTH_STRING:-wsoptv:$(random)}")"
write database_url "postgresql://wsoptv:$postgres@postgres/wsoptv"
write redis_url "redis://:$redis@redis:6379/0"
write prefect_database_url "postgresql+asyncpg://wsoptv:$postgres@postgres/prefect"

# For a bucket: set AWS_SECRET_ACCESS_KEY_FILE in compose.env to this file.
if [ -n "${AWS_SECRET_ACCESS_KEY:-}" ]; then
    write aws_secret_access_key "$AWS_SECRET_ACCESS_KEY"
fi
