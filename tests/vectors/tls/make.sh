#!/bin/sh
# Makes two authorities and a server's certificate of each, good for a hundred years on loopback alone, and
# from 2020 on: the clock of a machine that runs the tests may be behind. Needs faketime.
# Run it in this folder: sh make.sh
set -e
[ -n "$FAKED" ] || FAKED=1 exec faketime '2020-01-01 00:00:00' sh "$0"

for name in one two; do
  openssl ecparam -name prime256v1 -genkey -noout -out authority.key
  openssl req -x509 -new -key authority.key -subj "/CN=fstream tests: authority $name" -days 36500 -out "authority_$name.pem"
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "server_$name.key" \
    -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1" -out server.csr
  openssl x509 -req -in server.csr -CA "authority_$name.pem" -CAkey authority.key -set_serial 1 \
    -days 36500 -copy_extensions copy -out "server_$name.pem"
  rm authority.key server.csr
done
