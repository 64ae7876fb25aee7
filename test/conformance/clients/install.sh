#!/usr/bin/env bash
# Installs clients and tools for memcached that the OS offers, and names those that are missing. npm packages go to a separate folder. Tests of
# missing clients are skipped by name.
set -uo pipefail

packages="memcached libmemcached-tools nutcracker
  python3-pymemcache python3-pylibmc python3-memcache python3-binary-memcached python3-django python3-flask-caching
  python3-flask-limiter python3-dogpile.cache
  php-cli php-memcached php-memcache php-symfony-cache
  libcache-memcached-perl libcache-memcached-fast-perl
  ruby ruby-dalli ruby-activesupport ruby-rack ruby-rack-attack ruby-connection-pool
  golang-go golang-github-bradfitz-gomemcache-dev
  nginx-light libnginx-mod-http-memc apache2-bin
  munin-plugins-core collectd-core nagios-plugins-contrib zabbix-agent2
  postgresql postgresql-15-pgmemcache libspymemcached-java openjdk-17-jdk-headless"
modules="memjs @keyv/memcache keyv connect-memjs express-session memcache-plus memcache-client"
folder="${CLIENT_MODULES:-${TMPDIR:-/tmp}/cacheismo-clients}"

missing=""
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >/dev/null 2>&1
  for package in $packages; do
    dpkg -s "$package" >/dev/null 2>&1 || apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1 ||
      missing="$missing $package"
  done
else
  missing=" (Debian's packages: they need apt-get and root)"
fi

mkdir -p "$folder"
for module in $modules; do
  [ -d "$folder/node_modules/$module" ] || npm install --silent --no-audit --no-fund --prefix "$folder" "$module" >/dev/null 2>&1 ||
    missing="$missing $module"
done

[ -z "$missing" ] || echo "could not be installed:$missing"
exit 0
