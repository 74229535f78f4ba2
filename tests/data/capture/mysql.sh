#!/bin/sh
# The packets of MariaDB's client and server as Wireshark shows them, of statements and rows around and above 16 MiB: for each packet the
# side, its length and its sequence number. Wireshark does not join them. Needs tshark, mariadb-server and its client, as root, in a
# network namespace of its own: unshare -n tests/data/capture/mysql.sh >tests/data/messages/wireshark/mysql.txt
set -eu
ip link set lo up
folder=$(mktemp -d)
chmod 777 "$folder"
mariadb-install-db --no-defaults --datadir="$folder/data" --user=mysql --auth-root-authentication-method=normal >/dev/null 2>&1
mariadbd --no-defaults --datadir="$folder/data" --user=mysql --port=3309 --bind-address=127.0.0.1 --socket="$folder/socket" \
  --max-allowed-packet=1G --skip-name-resolve 2>"$folder/log" &
server=$!
client() { mariadb --no-defaults -h127.0.0.1 -P3309 -uroot --skip-ssl --max-allowed-packet=1G -N "$@" >/dev/null; }
until client -e 'select 1' 2>/dev/null; do sleep .5; done
dumpcap -q -i lo -B 256 -f 'tcp port 3309' -w "$folder/capture" 2>/dev/null &
dump=$!
sleep 1.5
# A row of 40 MiB; rows that fill one packet, one less, and two packets; a statement of 17 MiB. A row has the length of its value first:
# 4 bytes, or 9 from 16 MiB on.
client -e "select repeat('a', 41943040); select repeat('b', 16777210); select repeat('c', 16777211); select repeat('d', 33554421)"
{ printf "select length('"; head -c 17825792 /dev/zero | tr '\0' e; printf "');\n"; } | client
sleep 2
kill "$dump"
wait "$dump" || true
kill "$server"
tshark -r "$folder/capture" -d tcp.port==3309,mysql -Y mysql -T fields -E occurrence=a -e tcp.srcport -e mysql.packet_length \
  -e mysql.packet_number 2>/dev/null | awk '{
    side = $1 == 3309 ? "server" : "client"
    count = split($2, lengths, ",")
    split($3, numbers, ",")
    for (at = 1; at <= count; at++) print side, lengths[at], numbers[at]
  }'
wait "$server" || true
rm -rf "$folder"
